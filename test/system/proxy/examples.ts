/**
 * The examples that stand beside this file, made to run on this machine:
 * replaced are hosts, ports and paths, each of which must be there, and nothing
 * else.
 */

import { readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";

export const root: string = fileURLToPath(
  new URL("../../../", import.meta.url),
);

/** The host that the examples protect. */
export const host = "app.example.org";

/** Another one that the tests have them protect, too. */
export const otherHost = "other.example.org";

/** Where the parts of a site are on this machine. */
export interface Places {
  readonly folder: string; // for what the proxy writes
  readonly port: number; // of the proxy
  readonly onejotPort: number;
  readonly appPort: number;
  readonly without?: readonly string[]; // texts that the example is to lack
}

/** The compose file, as far as it is looked at. */
export interface ComposeFile {
  readonly services: {
    readonly onejot: {
      readonly environment: {
        readonly JWT_SECRET_FILE: string;
        readonly PATH_PREFIX: string;
        readonly TRUSTED_PROXIES: string;
      };
      readonly volumes: readonly string[];
      readonly secrets: readonly string[];
    };
    readonly nginx: {
      readonly ports: readonly string[];
      readonly volumes: readonly string[];
      readonly depends_on: readonly string[];
      readonly networks: {
        readonly default: { readonly ipv4_address: string };
      };
    };
  };
  readonly networks: {
    readonly default: {
      readonly ipam: {
        readonly config: readonly [{ subnet: string; ip_range?: string }];
      };
    };
  };
  readonly volumes: object;
  readonly secrets: object;
}

/** An example as it stands, such as `proxy/nginx.conf` below test/system. */
export function readExample(path: string): string {
  return readFileSync(`${root}test/system/${path}`, "utf8");
}

/**
 * nginx with the example for services that have no login, in surroundings that
 * are as careless as can be: settings for all servers, and a server that comes
 * first and is asked where the handshake names none that is there.
 */
export function nginxConfiguration(places: Places): string {
  const { folder, ...ports } = places;
  const included = replace(exampleOf("proxy/nginx.conf", places), {
    [`server_name ${host}`]: `server_name ${host} ${otherHost}`,
    "listen 443 ssl": `listen 127.0.0.1:${ports.port} ssl`,
    "/etc/nginx/tls/app.pem": `${folder}/app.pem`,
    "/etc/nginx/tls/app.key": `${folder}/app.key`,
    "http://onejot:8080": `http://127.0.0.1:${ports.onejotPort}`,
    "http://app:3000": `http://127.0.0.1:${ports.appPort}`,
  });
  const surroundings = `underscores_in_headers on;
ignore_invalid_headers off;
server {
  listen 127.0.0.1:${ports.port} ssl;
  server_name first.example.org;
  ssl_certificate ${folder}/app.pem;
  ssl_certificate_key ${folder}/app.key;
  return 404;
}
`;
  return nginxMainFile(folder, surroundings + included);
}

/**
 * A main file of nginx around what it includes, which leaves nothing behind.
 */
export function nginxMainFile(folder: string, included: string): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `  ${name}_temp_path ${folder}/${name};\n`);
  return `daemon off;
master_process off; # one process, of which nothing is left when it ends
${process.getuid?.() === 0 ? "user root;\n" : ""}pid ${folder}/nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
  port_in_redirect off; # clients find it at 443
${temporary.join("")}${included}}
`;
}

/**
 * The Caddyfile, with the global options that keep it on this machine and in
 * this folder.
 */
export function caddyConfiguration(places: Places): string {
  const { port, onejotPort, appPort } = places;
  const site = replace(exampleOf("proxy/Caddyfile", places), {
    [`${host} {`]: `${host}, ${otherHost} {`,
    "onejot:8080": `127.0.0.1:${onejotPort}`,
    "app:3000": `127.0.0.1:${appPort}`,
  });
  return `{
  admin off
  auto_https disable_redirects
  default_bind 127.0.0.1
  https_port ${port}
  local_certs
  skip_install_trust
}
${site}`;
}

/** The compose file, as it parses. */
export function readComposeFile(): ComposeFile {
  return Object(Bun.YAML.parse(readExample("proxy/compose.yaml")));
}

/**
 * What the container of the compose file has in its environment: the image's
 * and its own.
 */
export function containerEnvironment(): Readonly<Record<string, string>> {
  const dockerfile = readFileSync(`${root}Dockerfile`, "utf8");
  const ofImage = [...dockerfile.matchAll(/^ENV (.*)$/gm)]
    .flatMap(([, pairs = ""]) => pairs.split(" "))
    .map((pair) => pair.split("=", 2));
  return {
    ...Object.fromEntries(ofImage),
    ...readComposeFile().services.onejot.environment,
  };
}

/** An example without what it is to lack. */
function exampleOf(path: string, { without = [] }: Places): string {
  const nothing = without.map((text) => [text, ""]);
  return replace(readExample(path), Object.fromEntries(nothing));
}

/** Puts others in the place of texts, all of which must be there. */
export function replace(
  text: string,
  replacements: Readonly<Record<string, string>>,
): string {
  let replaced = text;
  for (const [from, to] of Object.entries(replacements)) {
    if (!replaced.includes(from)) {
      throw new Error(`The example has no ${from}`);
    }
    replaced = replaced.replaceAll(from, to);
  }
  return replaced;
}
