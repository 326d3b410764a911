/**
 * The settings, and the Config that they make. Refused, with all faults at once: what a setting does
 * not take, a weak secret (secrets.ts), and whatever would put the demo account within reach of
 * others. A new setting is a row of the table, a member of Config and a line of readConfig.
 */

import { isIP } from "node:net";
import type { RefusalStatus } from "../auth/auth.ts";
import { parseAddresses } from "./client_address.ts";
import { readSecrets, type TokenSecret } from "./secrets.ts";
import { type Environment, SettingReader } from "./setting_reader.ts";

/** The path of a SQLite database or ":memory:", or the URL of a PostgreSQL one, with its password. */
export type DatabaseAddress = { readonly sqlite: string } | {
  readonly postgres: string;
};

/** How to serve. */
export interface Config {
  readonly host: string; // the name or address to listen on
  readonly port: number; // TCP; 0 for any
  readonly secrets: readonly TokenSecret[]; // the first signs; none: a trial, a fresh key
  readonly lifetimeSeconds: number; // of an access token
  readonly database: DatabaseAddress; // where the accounts are
  readonly refusalStatus: RefusalStatus; // for wrong credentials and bad tokens
  readonly passwordIterations: number; // the cost of a password hash
  readonly trustedProxies: string | null; // whose X-Forwarded-For is believed
  readonly pathPrefix: string; // where a proxy mounts the routes, such as /onejot
  readonly metricsFrom: string | null; // who may read the metrics in addition to this machine
  readonly pageIsShown: boolean; // the token inspector, at /
}

/** A setting's name, what it means and what holds without it; `--help` shows them. */
export const settings:
  readonly (readonly [name: string, meaning: string, fallback: string])[] = [
    [
      "HOST",
      "address to listen on",
      "127.0.0.1 without a secret, else 0.0.0.0",
    ],
    ["PORT", "TCP port to listen on, 0 for any", "8080"],
    [
      "JWT_SECRET",
      "secret that signs tokens, 32 bytes or more",
      "none: a trial",
    ],
    ["JWT_SECRET_FILE", "file that holds the secret instead", "none"],
    [
      "JWT_SECRETS",
      "name:secret,name:secret: the first signs, all of them verify",
      "none",
    ],
    ["JWT_SECRETS_FILE", "file that holds them instead, one per line", "none"],
    ["JWT_EXP_DELTA_SECONDS", "lifetime of a token in seconds", "900"],
    [
      "DATABASE_URL",
      "sqlite:<path>, postgres://<user>:<password>@<host>/<name>",
      "in memory",
    ],
    [
      "AUTH_STATUS",
      "400 (tutorial) or 401 (rfc6750) for a bad login or token",
      "tutorial",
    ],
    ["PASSWORD_ITERATIONS", "cost of a password hash (PBKDF2)", "600000"],
    [
      "TRUSTED_PROXIES",
      "addresses or CIDRs of proxies whose X-Forwarded-For counts",
      "none",
    ],
    ["PATH_PREFIX", "where a proxy mounts the routes, such as /onejot", "none"],
    [
      "NODE_ENV",
      "production: not to start without a secret, as in the image",
      "none",
    ],
    [
      "METRICS_FROM",
      "addresses or CIDRs that may read /metrics; no proxy's",
      "this machine alone",
    ],
    [
      "PAGE",
      "on or off: a page at / to look at tokens and try the server",
      "on in a trial",
    ],
  ];

/** Reads all settings of a server. Throws a CommandError. */
export function readConfig(environment: Environment): Config {
  const reader = new SettingReader(environment);
  const secrets = readSecrets(reader);
  const isTrial = !settings.some(([name]) =>
    name.startsWith("JWT_SECRET") && reader.has(name)
  );
  const { host, port } = readAddress(reader, isTrial ? "127.0.0.1" : "0.0.0.0");
  if (isTrial && reader.text("NODE_ENV") === "production") {
    reader.fault(
      "Production needs JWT_SECRET: onejot key prints one (docker run --rm IMAGE key).",
    );
  } else if (isTrial && reader.has("DATABASE_URL")) {
    reader.fault(
      "DATABASE_URL needs JWT_SECRET beside it: onejot key prints one.",
    );
  } else if (isTrial && !isLoopback(host)) {
    reader.fault(
      "HOST is not this machine alone, and needs JWT_SECRET: onejot key prints one.",
    );
  }
  return reader.finish<Config>({
    host,
    port,
    secrets,
    lifetimeSeconds: reader.integer("JWT_EXP_DELTA_SECONDS", 900, [
      1,
      366 * 24 * 3600,
    ]),
    database: isTrial ? { sqlite: ":memory:" } : readDatabase(reader),
    refusalStatus: reader.oneOf("AUTH_STATUS", 400, {
      tutorial: 400,
      rfc6750: 401,
    }),
    passwordIterations: readPasswordIterations(reader),
    trustedProxies: reader.parsed(
      "TRUSTED_PROXIES",
      checkAddresses,
      addressesFault,
    ),
    pathPrefix: reader.parsed("PATH_PREFIX", parsePrefix, prefixFault) ?? "",
    metricsFrom: reader.parsed("METRICS_FROM", checkAddresses, addressesFault),
    pageIsShown: reader.oneOf("PAGE", isTrial, { on: true, off: false }),
  });
}

/** Reads what work on accounts needs. Throws a CommandError. */
export function readAccountConfig(
  environment: Environment,
): Pick<Config, "database" | "passwordIterations"> {
  const reader = new SettingReader(environment);
  const database = readDatabase(reader);
  return reader.finish({
    database,
    passwordIterations: readPasswordIterations(reader),
  });
}

/** Reads where the server on this machine answers. Throws a CommandError. */
export function readHealthConfig(
  environment: Environment,
): Pick<Config, "host" | "port"> {
  const reader = new SettingReader(environment);
  const { host, port } = reader.finish(readAddress(reader, "127.0.0.1"));
  const loopbacks = new Map([["0.0.0.0", "127.0.0.1"], ["::", "::1"]]);
  return { host: loopbacks.get(host) ?? host, port };
}

function readAddress(
  reader: SettingReader,
  fallback: string,
): Pick<Config, "host" | "port"> {
  const parse = (text: string) => /^[A-Za-z\d.:_-]+$/.test(text) ? text : null;
  const host =
    reader.parsed("HOST", parse, "must be a host name or an IP address.") ??
      fallback;
  return { host, port: reader.integer("PORT", 8080, [0, 65535]) };
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" ||
    isIP(host) === 4 && host.startsWith("127.");
}

const addressesFault =
  "must be IP addresses or CIDRs with commas: 10.0.0.0/8, ::1.";

/** The text, as createApp takes it; null where it cannot be read. */
function checkAddresses(text: string): string | null {
  return parseAddresses(text) === null ? null : text;
}

function parsePrefix(text: string): string | null {
  return /^(?:\/[\w-][\w.-]*)+$/.test(text) ? text : null;
}

const prefixFault =
  "must be a path such as /onejot, without a slash at its end.";

function readPasswordIterations(reader: SettingReader): number {
  return reader.integer("PASSWORD_ITERATIONS", 600_000, [10_000, 100_000_000]);
}

function readDatabase(reader: SettingReader): DatabaseAddress {
  const url = reader.text("DATABASE_URL");
  const path = url?.match(/^sqlite:(?:\/\/(?=\/))?(?!:|\/\/|\s*$)(.+)$/s)?.[1];
  if (path !== undefined) return { sqlite: path };
  if (url !== null && /^postgres(?:ql)?:\/\//.test(url) && URL.canParse(url)) {
    return { postgres: url };
  }
  reader.fault(
    "DATABASE_URL must say where the accounts are: sqlite:<path of a file>, or " +
      "postgres://<user>:<password>@<host>/<name>.",
  );
  return { sqlite: ":memory:" };
}
