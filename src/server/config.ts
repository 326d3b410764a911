/**
 * The settings, and the Config that they make.
 * Refused, with all faults at once: what a setting does not take, a weak secret
 * (secrets.ts), and whatever would put the demo account within reach of others.
 * A new setting is a row of the table and a member of Config, which the
 * compiler holds together; tests hold the README and deno.json to the table.
 */

import { isIP } from "node:net";
import type {
  AccessTokens,
  PasswordScheme,
  RefusalStatus,
} from "../auth/auth.ts";
import { placeOf } from "./authority.ts";
import { parseAddresses } from "./client_address.ts";
import { type DatabaseAddress, parseDatabaseAddress } from "./database.ts";
import type { Place } from "./listening.ts";
import { readSecrets, secretSettings, type TokenSecret } from "./secrets.ts";
import {
  type Environment,
  SettingReader,
  type SettingText,
  type Syntax,
} from "./setting_reader.ts";

/** How to serve. */
export interface Config {
  /** The name or the address to listen on. */
  readonly host: string;
  /** The TCP port to listen on; 0 for any that is free. */
  readonly port: number;
  /**
   * The first signs, all verify; where there is none it is a trial, with a
   * fresh key.
   */
  readonly secrets: readonly TokenSecret[];
  /** How long an access token lives. */
  readonly lifetimeSeconds: number;
  /** Where the accounts are. */
  readonly database: DatabaseAddress;
  /** The status for wrong credentials and bad tokens. */
  readonly refusalStatus: RefusalStatus;
  /** What passwords are hashed by. */
  readonly passwordScheme: PasswordScheme;
  /** The cost of a password hash by PBKDF2. */
  readonly passwordIterations: number;
  /** The least length of a new password in characters. */
  readonly passwordMinLength: number;
  /** The proxies whose X-Forwarded-For is believed; null for none. */
  readonly trustedProxies: string | null;
  /** Where a proxy mounts the routes, such as `/onejot`; empty for nowhere. */
  readonly pathPrefix: string;
  /** Which access tokens are accepted. */
  readonly accessTokens: AccessTokens;
  /** Who may read the metrics in addition to this machine; null for nobody. */
  readonly metricsFrom: string | null;
  /** Whether `/` shows the token inspector. */
  readonly pageIsShown: boolean;
  /** Whether health checks and scrapes that go well are logged. */
  readonly healthIsLogged: boolean;
  /** How long the server goes on answering once it was told to stop. */
  readonly drainSeconds: number;
}

/** What work on accounts needs. */
export type AccountConfig = Pick<
  Config,
  | "database"
  | "passwordScheme"
  | "passwordIterations"
  | "passwordMinLength"
>;

/** The members of Config that are made of one setting each. */
type SingleMembers = Omit<Config, "secrets">;

/** A setting that makes one member of Config. */
interface Setting<T> extends SettingText {
  /** Reads the member, or gives what holds without the setting. */
  read(reading: Reading): T;
}

interface Reading {
  readonly reader: SettingReader;
  /** Whether no secret is set: then there is the demo account. */
  readonly isTrial: boolean;
}

/**
 * A setting for each member of Config, by the name of the member; and two
 * exceptions.
 */
type Table =
  & { readonly [M in keyof SingleMembers]: Setting<SingleMembers[M]> }
  & {
    /** Four settings make this member together (secrets.ts). */
    readonly secrets: readonly SettingText[];
    /** It makes no member, and is read in a trial alone. */
    readonly nodeEnv: SettingText;
  };

/** All settings, in the order in which people are told of them. */
const table: Table = {
  host: {
    name: "HOST",
    meaning: "address to listen on, or unix: and the path of a socket",
    fallback: "127.0.0.1 without a secret, else 0.0.0.0",
    read({ reader, isTrial }) {
      const fallback = isTrial ? "127.0.0.1" : "0.0.0.0";
      return reader.parsed(this.name, hostSyntax) ?? fallback;
    },
  },
  port: {
    name: "PORT",
    meaning: "TCP port to listen on, 0 for any",
    fallback: "8080",
    read({ reader }) {
      const range = { least: 0, greatest: 65_535 };
      return reader.integer(this.name, range) ?? 8080;
    },
  },
  secrets: secretSettings,
  lifetimeSeconds: {
    name: "JWT_EXP_DELTA_SECONDS",
    meaning: "lifetime of a token in seconds",
    fallback: "900",
    read({ reader }) {
      const range = { least: 1, greatest: 366 * 24 * 3600 };
      return reader.integer(this.name, range) ?? 900;
    },
  },
  database: {
    name: "DATABASE_URL",
    meaning: "sqlite:<path>, postgres://<user>:<password>@<host>/<name>",
    fallback: "in memory",
    read({ reader, isTrial }) {
      const inMemory = { sqlite: ":memory:" };
      if (isTrial) return inMemory;
      const address = reader.parsed(this.name, databaseSyntax);
      if (address !== null) return address;
      // Not set at all is the same fault, and counts once.
      reader.fault(`${this.name} ${databaseSyntax.fault}`);
      return inMemory;
    },
  },
  refusalStatus: {
    name: "AUTH_STATUS",
    meaning: "400 (tutorial) or 401 (rfc6750) for a bad login or token",
    fallback: "tutorial",
    read({ reader }) {
      const words = { tutorial: 400, rfc6750: 401 } as const;
      return reader.oneOf<RefusalStatus>(this.name, words) ?? 400;
    },
  },
  accessTokens: {
    name: "ACCESS_TOKENS",
    meaning: "any, or sessions: to refuse tokens that no login has made",
    fallback: "any",
    read({ reader }) {
      const words = { any: "any", sessions: "sessions" } as const;
      return reader.oneOf<AccessTokens>(this.name, words) ?? "any";
    },
  },
  passwordScheme: {
    name: "PASSWORD_HASH",
    meaning: "argon2id, or pbkdf2 for who must: how passwords are hashed",
    fallback: "argon2id",
    read({ reader }) {
      const words = { argon2id: "argon2id", pbkdf2: "pbkdf2" } as const;
      return reader.oneOf<PasswordScheme>(this.name, words) ?? "argon2id";
    },
  },
  passwordIterations: {
    name: "PASSWORD_ITERATIONS",
    meaning: "cost of a password hash by PBKDF2",
    fallback: "600000",
    read({ reader }) {
      const range = { least: 10_000, greatest: 100_000_000 };
      return reader.integer(this.name, range) ?? 600_000;
    },
  },
  passwordMinLength: {
    name: "PASSWORD_MIN_LENGTH",
    meaning: "fewest characters of a new password; NIST says 15",
    fallback: "8",
    read({ reader }) {
      const range = { least: 8, greatest: 64 };
      return reader.integer(this.name, range) ?? 8;
    },
  },
  trustedProxies: {
    name: "TRUSTED_PROXIES",
    meaning: "addresses, CIDRs, unix: proxies whose X-Forwarded-For counts",
    fallback: "none",
    read({ reader }) {
      return reader.parsed(this.name, addressesSyntax);
    },
  },
  pathPrefix: {
    name: "PATH_PREFIX",
    meaning: "where a proxy mounts the routes, such as /onejot",
    fallback: "none",
    read({ reader }) {
      return reader.parsed(this.name, prefixSyntax) ?? "";
    },
  },
  nodeEnv: {
    name: "NODE_ENV",
    meaning: "production: not to start without a secret, as in the image",
    fallback: "none",
  },
  metricsFrom: {
    name: "METRICS_FROM",
    meaning: "addresses, CIDRs, unix: who may read /metrics; no proxy's",
    fallback: "this machine alone",
    read({ reader }) {
      return reader.parsed(this.name, addressesSyntax);
    },
  },
  pageIsShown: {
    name: "PAGE",
    meaning: "on or off: a page at / to look at tokens and try the server",
    fallback: "on in a trial",
    read({ reader, isTrial }) {
      return reader.oneOf(this.name, { on: true, off: false }) ?? isTrial;
    },
  },
  healthIsLogged: {
    name: "LOG_HEALTH",
    meaning: "on or off: whether probes and scrapes that go well are logged",
    fallback: "on",
    read({ reader }) {
      return reader.oneOf(this.name, { on: true, off: false }) ?? true;
    },
  },
  drainSeconds: {
    name: "DRAIN_SECONDS",
    meaning: "how long to go on answering after SIGTERM; /readyz says 503",
    fallback: "0",
    read({ reader }) {
      return reader.integer(this.name, { least: 0, greatest: 300 }) ?? 0;
    },
  },
};

const hostSyntax: Syntax<string> = {
  parse: (text) => hostForm.test(text) ? text : null,
  fault: "must be a host name, an IP address, or a Unix socket: " +
    "unix:/run/onejot.sock.",
};

// A system takes no longer path of a socket.
const hostForm = /^(?:unix:\/[^\0]{1,100}|(?!unix:)[A-Za-z\d.:_-]+)$/;

const databaseSyntax: Syntax<DatabaseAddress> = {
  parse: parseDatabaseAddress,
  fault: "must say where the accounts are: sqlite:<path of a file>, or " +
    "postgres://<user>:<password>@<host>/<name>.",
};

/** The text is handed on as it is: createApp reads it once more. */
const addressesSyntax: Syntax<string> = {
  parse: (text) => parseAddresses(text) === null ? null : text,
  fault: "must be IP addresses, CIDRs or unix with commas: 10.0.0.0/8, ::1.",
};

const prefixSyntax: Syntax<string> = {
  parse: (text) => /^(?:\/[\w-][\w.-]*)+$/.test(text) ? text : null,
  fault: "must be a path such as /onejot, without a slash at its end.",
};

/** What people are told of each setting, in the order of the help. */
export const settings: readonly SettingText[] = Object.values(table).flat();

/**
 * Reads all settings of a server.
 *
 * @throws {CommandError} there are faults, which are told all at once
 */
export function readConfig(environment: Environment): Config {
  const reader = new SettingReader(environment);
  const secrets = readSecrets(reader);
  // A secret that is empty is a fault, and no wish for a trial.
  const isTrial = !secretSettings.some(({ name }) => reader.has(name));
  // Read first, so that their faults are told before those of a trial.
  const { host } = readAddress({ reader, isTrial });
  if (isTrial) noteFaultsOfTrial(reader, host);
  const single = readSingleSettings({ reader, isTrial });
  return reader.finish({ ...single, secrets });
}

/**
 * Reads what work on accounts needs.
 *
 * @throws {CommandError} there are faults, which are told all at once
 */
export function readAccountConfig(
  environment: Environment,
): AccountConfig {
  const reader = new SettingReader(environment);
  // There may be no secret, and the database is needed all the same.
  const reading = { reader, isTrial: false };
  return reader.finish({
    database: table.database.read(reading),
    passwordScheme: table.passwordScheme.read(reading),
    passwordIterations: table.passwordIterations.read(reading),
    passwordMinLength: table.passwordMinLength.read(reading),
  });
}

/**
 * Reads where the server on this machine answers.
 *
 * @throws {CommandError} there are faults, which are told all at once
 */
export function readHealthConfig(
  environment: Environment,
): Pick<Config, "host" | "port"> {
  const reader = new SettingReader(environment);
  const { host, port } = reader.finish(readAddress({ reader, isTrial: true }));
  return { host: hostToAsk(host), port };
}

/** A server that listens on all addresses is asked at this machine's own. */
function hostToAsk(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "::1";
  return host;
}

/** What a server has to do with outside its own process. */
export interface Reach {
  /** Where it listens, and where it is asked for its health. */
  readonly places: readonly Place[];
  /** The path of the database; null where it is no file. */
  readonly database: string | null;
  /** The paths of the files that hold secrets. */
  readonly secretFiles: readonly string[];
}

/**
 * Reads what is outside a server's own process. What is wrong with the settings
 * is not told: that is for `readConfig`.
 */
export function readReach(environment: Environment): Reach {
  const reader = new SettingReader(environment);
  const isTrial = !secretSettings.some(({ name }) => reader.has(name));
  const { host, port } = readAddress({ reader, isTrial });
  // The commands on accounts need a database, and no secret.
  const isInMemory = !reader.has(table.database.name);
  const database = table.database.read({ reader, isTrial: isInMemory });
  const isFile = "sqlite" in database && database.sqlite !== ":memory:";
  const files = secretSettings.filter(({ name }) => name.endsWith("_FILE"))
    .map(({ name }) => reader.text(name));
  return {
    places: [placeOf(host, port), placeOf(hostToAsk(host), port)],
    database: isFile ? database.sqlite : null,
    secretFiles: files.filter((file) => file !== null),
  };
}

/** Reads where to listen. */
function readAddress(reading: Reading): Pick<Config, "host" | "port"> {
  return { host: table.host.read(reading), port: table.port.read(reading) };
}

/** Reads all members but the secrets, each of its setting. */
function readSingleSettings(reading: Reading): SingleMembers {
  const members: Record<string, unknown> = {};
  for (const [member, setting] of Object.entries(table)) {
    if ("read" in setting) members[member] = setting.read(reading);
  }
  // Proved by the type of the table: it has a setting for each of them, which
  // reads a value of the member's type.
  return members as SingleMembers;
}

/**
 * Whatever would put the demo account within reach of others, the first alone.
 */
function noteFaultsOfTrial(reader: SettingReader, host: string): void {
  if (reader.text(table.nodeEnv.name) === "production") {
    reader.fault(
      "Production needs JWT_SECRET: onejot key prints one (docker run --rm IMAGE key).",
    );
  } else if (reader.has(table.database.name)) {
    reader.fault(
      "DATABASE_URL needs JWT_SECRET beside it: onejot key prints one.",
    );
  } else if (!isLoopback(host)) {
    reader.fault(
      "HOST is not this machine alone, and needs JWT_SECRET: onejot key prints one.",
    );
  }
}

function isLoopback(host: string): boolean {
  if (host === "localhost" || host === "::1") return true;
  if ("path" in placeOf(host, 0)) return true;
  return isIP(host) === 4 && host.startsWith("127.");
}
