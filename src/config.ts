/**
 * Settings: from the environment to a Config, one name at a time, so that Deno needs to allow no
 * more than these names. Refused, with all faults at once: a value that is empty or not understood,
 * a weak secret, and whatever would put the demo account within reach of others.
 */

import { readFileSync } from "node:fs";
import type { RefusalStatus } from "./auth/auth.ts";

/** Reads an environment variable; undefined where it is not set. */
export type Environment = (name: string) => string | undefined;

/** How to serve. */
export interface Config {
  /** The host name or address to listen on. */
  readonly host: string;
  /** The TCP port to listen on; 0 for any. */
  readonly port: number;
  /** The secret that signs tokens; null for a trial with a fresh key and the demo account. */
  readonly secret: Uint8Array | null;
  /** How long an access token lives, in seconds. */
  readonly lifetimeSeconds: number;
  /** The path of the SQLite database, or ":memory:". */
  readonly databasePath: string;
  /** The status for wrong credentials and bad tokens. */
  readonly refusalStatus: RefusalStatus;
  /** The cost of a password hash. */
  readonly passwordIterations: number;
}

/** A setting's name, what it means and what holds without it; `--help` shows them. */
export const settings: readonly (readonly [name: string, meaning: string, fallback: string])[] = [
  ["HOST", "address to listen on", "127.0.0.1 without a secret, else 0.0.0.0"],
  ["PORT", "TCP port to listen on, 0 for any", "8080"],
  ["JWT_SECRET", "secret that signs tokens, 32 bytes or more", "none: a trial"],
  ["JWT_SECRET_FILE", "file that holds the secret instead", "none"],
  ["JWT_EXP_DELTA_SECONDS", "lifetime of a token in seconds", "900"],
  ["DATABASE_URL", "sqlite:<path>", "none: in memory, for a trial"],
  ["AUTH_STATUS", "400 (tutorial) or 401 (rfc6750) for a bad login or token", "tutorial"],
  ["PASSWORD_ITERATIONS", "cost of a password hash (PBKDF2)", "600000"],
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
  const secret = readSecret(reader);
  const isTrial = !reader.has("JWT_SECRET") && !reader.has("JWT_SECRET_FILE");
  const config: Config = {
    ...readAddress(reader, isTrial),
    secret,
    lifetimeSeconds: reader.integer("JWT_EXP_DELTA_SECONDS", 900, 1, 366 * 24 * 3600),
    databasePath: isTrial ? ":memory:" : readDatabasePath(reader),
    refusalStatus: reader.oneOf("AUTH_STATUS", ["tutorial", "rfc6750"]) === "rfc6750" ? 401 : 400,
    passwordIterations: readPasswordIterations(reader),
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

class SettingReader {
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

function readSecret(reader: SettingReader): Uint8Array | null {
  const file = reader.text("JWT_SECRET_FILE");
  if (file !== null && reader.has("JWT_SECRET")) {
    reader.fault("JWT_SECRET and JWT_SECRET_FILE are both set: unset one of them.");
    return null;
  }
  const name = file === null ? "JWT_SECRET" : "JWT_SECRET_FILE";
  const secret = file === null ? reader.text(name) : readSecretFile(reader, file);
  if (secret === null) return null;
  const bytes = new TextEncoder().encode(secret); // as PyJWT, jose and jsonwebtoken take it
  const fault = faultOfSecret(secret, bytes.length);
  if (fault !== null) reader.fault(`${name} ${fault}: onejot key prints a fresh one.`);
  return bytes;
}

function readSecretFile(reader: SettingReader, path: string): string | null {
  try {
    const bytes = readFileSync(path);
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).replace(/\r?\n$/, "");
  } catch {
    reader.fault(
      "JWT_SECRET_FILE names a file that cannot be read as UTF-8 text (Deno: --allow-read).",
    );
    return null;
  }
}

function faultOfSecret(secret: string, length: number): string | null {
  if (secret.includes("\ufffd")) return "is not UTF-8 text"; // what Bun makes of other bytes
  if (length < 32) return "has fewer than 32 bytes"; // RFC 7518 §3.2
  if (secret.includes("-----BEGIN ")) return "is a PEM, not a secret"; // RFC 8725 §2.1
  if (/^\s*\{.*"kty"/s.test(secret)) return "is a JWK, not a secret";
  if (placeholder.test(secret) || new Set(secret).size < 8) {
    return "is a placeholder, or as good as";
  }
  return null;
}

const placeholder =
  /change.?(?:me|this|it)|replace.?(?:me|this|it|with)|place.?holder|your.{0,20}(?:secret|key)|super.?secret|a-string-secret|example|password|insert.?(?:your|here)/i;
