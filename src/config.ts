/**
 * Settings: from the environment to a Config, one name at a time, so that Deno needs to allow no
 * more than these names. Refused, with all faults at once: a value that is empty or not understood,
 * a weak secret (secrets.ts), and whatever would put the demo account within reach of others.
 */

import type { RefusalStatus } from "./auth/auth.ts";
import { parseProxies, type TrustedProxies } from "./client_address.ts";
import { readSecrets, secretSettings, type SettingSource, type TokenSecret } from "./secrets.ts";

/** Reads an environment variable; undefined where it is not set. */
export type Environment = (name: string) => string | undefined;

/** How to serve. */
export interface Config {
  readonly host: string; // the name or address to listen on
  readonly port: number; // TCP; 0 for any
  readonly secrets: readonly TokenSecret[]; // the first signs; none: a trial, a fresh key
  readonly lifetimeSeconds: number; // of an access token
  readonly databasePath: string; // of the SQLite database, or ":memory:"
  readonly refusalStatus: RefusalStatus; // for wrong credentials and bad tokens
  readonly passwordIterations: number; // the cost of a password hash
  readonly trustedProxies: TrustedProxies | null; // whose X-Forwarded-For is believed
}

/** A setting's name, what it means and what holds without it; `--help` shows them. */
export const settings: readonly (readonly [name: string, meaning: string, fallback: string])[] = [
  ["HOST", "address to listen on", "127.0.0.1 without a secret, else 0.0.0.0"],
  ["PORT", "TCP port to listen on, 0 for any", "8080"],
  ["JWT_SECRET", "secret that signs tokens, 32 bytes or more", "none: a trial"],
  ["JWT_SECRET_FILE", "file that holds the secret instead", "none"],
  ["JWT_SECRETS", "name:secret,name:secret: the first signs, all of them verify", "none"],
  ["JWT_SECRETS_FILE", "file that holds them instead, one per line", "none"],
  ["JWT_EXP_DELTA_SECONDS", "lifetime of a token in seconds", "900"],
  ["DATABASE_URL", "sqlite:<path>", "none: in memory, for a trial"],
  ["AUTH_STATUS", "400 (tutorial) or 401 (rfc6750) for a bad login or token", "tutorial"],
  ["PASSWORD_ITERATIONS", "cost of a password hash (PBKDF2)", "600000"],
  ["TRUSTED_PROXIES", "addresses or CIDRs of proxies whose X-Forwarded-For counts", "none"],
];

/** The settings cannot be used; `faults` has a sentence for each reason. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  /** What is wrong, a sentence each. */
  readonly faults: readonly string[];

  /** Gathers the faults. */
  constructor(faults: readonly string[]) {
    super(faults.join("\n"));
    this.faults = faults;
  }
}

/** Reads all settings of a server. Throws a ConfigError. */
export function readConfig(environment: Environment): Config {
  const reader = new SettingReader(environment);
  const secrets = readSecrets(reader);
  const isTrial = !secretSettings.some((name) => reader.has(name));
  const config: Config = {
    ...readAddress(reader, isTrial),
    secrets,
    lifetimeSeconds: reader.integer("JWT_EXP_DELTA_SECONDS", 900, 1, 366 * 24 * 3600),
    databasePath: isTrial ? ":memory:" : readDatabasePath(reader),
    refusalStatus: reader.oneOf("AUTH_STATUS", ["tutorial", "rfc6750"]) === "rfc6750" ? 401 : 400,
    passwordIterations: readPasswordIterations(reader),
    trustedProxies: readTrustedProxies(reader),
  };
  if (isTrial && reader.has("DATABASE_URL")) {
    reader.fault("DATABASE_URL needs JWT_SECRET beside it: onejot key prints one.");
  }
  if (isTrial && !isLoopback(config.host)) {
    reader.fault("HOST is not this machine alone, and needs JWT_SECRET: onejot key prints one.");
  }
  reader.throwFaults();
  return config;
}

/** Reads what work on accounts needs. Throws a ConfigError. */
export function readAccountConfig(
  environment: Environment,
): Pick<Config, "databasePath" | "passwordIterations"> {
  const reader = new SettingReader(environment);
  const databasePath = readDatabasePath(reader);
  const passwordIterations = readPasswordIterations(reader);
  reader.throwFaults();
  return { databasePath, passwordIterations };
}

/** Reads where the server on this machine answers. Throws a ConfigError. */
export function readHealthConfig(environment: Environment): Pick<Config, "host" | "port"> {
  const reader = new SettingReader(environment);
  const { host, port } = readAddress(reader, true);
  reader.throwFaults();
  const loopbacks = new Map([["0.0.0.0", "127.0.0.1"], ["::", "::1"]]);
  return { host: loopbacks.get(host) ?? host, port };
}

class SettingReader implements SettingSource {
  readonly #environment: Environment;
  readonly #faults = new Set<string>();

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  has(name: string): boolean {
    return this.#read(name) !== undefined;
  }

  /** The value, or null where it is not set or, which is a fault, empty. */
  text(name: string): string | null {
    const value = this.#read(name);
    if (value === "") this.fault(`${name} is empty: give it a value, or do not set it.`);
    return value === undefined || value === "" ? null : value;
  }

  integer(name: string, fallback: number, least: number, greatest: number): number {
    const text = this.text(name);
    if (text === null) return fallback;
    const value = /^\d{1,12}$/.test(text) ? Number(text) : NaN;
    if (value >= least && value <= greatest) return value;
    this.fault(`${name} must be a whole number from ${least} to ${greatest}.`);
    return fallback;
  }

  oneOf(name: string, values: readonly [string, ...string[]]): string {
    const text = this.text(name) ?? values[0];
    if (!values.includes(text)) this.fault(`${name} must be ${values.join(" or ")}.`);
    return text;
  }

  fault(sentence: string): void {
    this.#faults.add(sentence);
  }

  throwFaults(): void {
    if (this.#faults.size > 0) throw new ConfigError([...this.#faults]);
  }

  #read(name: string): string | undefined {
    try {
      return this.#environment(name);
    } catch { // Deno's error would show a value that is no UTF-8
      this.fault(`${name} cannot be read: allow it by --allow-env, and let it be UTF-8 text.`);
      return undefined;
    }
  }
}

function readAddress(reader: SettingReader, isTrial: boolean): Pick<Config, "host" | "port"> {
  const host = reader.text("HOST") ?? (isTrial ? "127.0.0.1" : "0.0.0.0");
  if (!/^[A-Za-z\d.:_-]+$/.test(host)) reader.fault("HOST must be a host name or an IP address.");
  return { host, port: reader.integer("PORT", 8080, 0, 65535) };
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || loopbackIpv4.test(host);
}

const loopbackIpv4 = /^127(?:\.(?:\d{1,2}|1\d\d|2[0-4]\d|25[0-5])){3}$/;

function readTrustedProxies(reader: SettingReader): TrustedProxies | null {
  const text = reader.text("TRUSTED_PROXIES");
  const proxies = text === null ? null : parseProxies(text);
  if (text === null || proxies !== null) return proxies;
  reader.fault("TRUSTED_PROXIES must be IP addresses or CIDRs with commas: 10.0.0.0/8, ::1.");
  return null;
}

function readPasswordIterations(reader: SettingReader): number {
  return reader.integer("PASSWORD_ITERATIONS", 600_000, 10_000, 100_000_000);
}

function readDatabasePath(reader: SettingReader): string {
  const url = reader.text("DATABASE_URL");
  const path = url?.match(/^sqlite:(?:\/\/(?=\/))?(?!:|\/\/|\s*$)(.+)$/s)?.[1];
  if (path !== undefined) return path;
  reader.fault("DATABASE_URL must say where the accounts are: sqlite:<path of a file>.");
  return ":memory:";
}
