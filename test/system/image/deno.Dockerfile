# The image on Deno. It takes its files from the image on Bun, which must be there
# under the name onejot:
#
#   docker build -t onejot .
#   docker build -t onejot-on-deno - < test/system/image/deno.Dockerfile

FROM docker.io/denoland/deno:distroless-2.9.6
COPY --from=onejot /onejot /onejot
COPY --from=onejot --chown=10001:10001 /data /data
USER 10001:10001
VOLUME /data
ENV NODE_ENV=production DATABASE_URL=sqlite:/data/onejot.sqlite
# Or glibc does not give back what passwords are hashed in, 19 MiB each.
ENV MALLOC_MMAP_THRESHOLD_=16777216
HEALTHCHECK CMD ["deno", "run", "--allow-env", "--allow-net=127.0.0.1", \
  "/onejot/src/main.ts", "health"]
ENTRYPOINT ["deno", "run", "--allow-env", "--allow-net=0.0.0.0", \
  "--allow-read=/data,/run/secrets", "--allow-write=/data", "/onejot/src/main.ts"]
