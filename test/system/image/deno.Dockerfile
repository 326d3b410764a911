# The image on Deno. It takes its files from the image on Bun, which must be there
# under the name onejot:
#
#   docker build -t onejot .
#   docker build -t onejot-on-deno - < test/system/image/deno.Dockerfile
#
# Deno is allowed to listen on port 8080, to read the settings and the secrets, and
# to use /data: publish another port by -p, not by PORT.

ARG BASE=docker.io/denoland/deno:distroless-2.9.6
FROM ${BASE}
COPY --from=onejot /onejot /onejot
COPY --from=onejot --chown=10001:10001 /data /data
USER 10001:10001
VOLUME /data
ENV NODE_ENV=production DATABASE_URL=sqlite:/data/onejot.sqlite
# Or glibc does not give back what passwords are hashed in, 19 MiB each.
ENV MALLOC_MMAP_THRESHOLD_=16777216
HEALTHCHECK CMD ["deno", "run", \
  "--no-prompt", "--no-config", "--no-lock", "--no-remote", "--no-npm", \
  "--allow-env=HOST,PORT", "--allow-net=127.0.0.1:8080", \
  "/onejot/src/main.ts", "health"]
ENTRYPOINT ["deno", "run", \
  "--no-prompt", "--no-config", "--no-lock", "--no-remote", "--no-npm", \
  "--allow-env=HOST,PORT,JWT_SECRET,JWT_SECRET_FILE,JWT_SECRETS,JWT_SECRETS_FILE,JWT_EXP_DELTA_SECONDS,DATABASE_URL,AUTH_STATUS,ACCESS_TOKENS,PASSWORD_HASH,PASSWORD_ITERATIONS,PASSWORD_MIN_LENGTH,TRUSTED_PROXIES,PATH_PREFIX,NODE_ENV,METRICS_FROM,PAGE,LOG_HEALTH,DRAIN_SECONDS", \
  "--allow-net=0.0.0.0:8080,127.0.0.1:8080", \
  "--allow-read=/data,/run/secrets", "--allow-write=/data", "/onejot/src/main.ts"]
