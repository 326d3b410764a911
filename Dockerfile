# The auth server: the source as it stands, on Bun. Nothing is installed and nothing is built.
ARG BASE=docker.io/oven/bun:1.4.5-distroless
FROM ${BASE}

LABEL org.opencontainers.image.title="onejot" \
  org.opencontainers.image.description="An auth server with nothing to install" \
  org.opencontainers.image.version="0.1.0" \
  org.opencontainers.image.licenses="MIT"

# There is no shell; the runtime makes the one directory that may be written, for the user below.
RUN ["bun", "--eval", "const fs = require('node:fs'); fs.mkdirSync('/data', { mode: 0o700 }); fs.chownSync('/data', 10001, 10001);"]

WORKDIR /onejot
COPY LICENSE package.json ./
COPY src ./src

USER 10001:10001
VOLUME /data
ENV NODE_ENV=production DATABASE_URL=sqlite:/data/onejot.sqlite
EXPOSE 8080
# Bun takes no settings and runs no code from the directory that it is started in.
HEALTHCHECK --interval=10s --timeout=4s --start-period=10s CMD ["bun", "--no-env-file", \
  "--config=/dev/null", "--tsconfig-override=/dev/null", "src/main.ts", "health"]
ENTRYPOINT ["bun", "--no-env-file", "--config=/dev/null", "--tsconfig-override=/dev/null", \
  "src/main.ts"]
