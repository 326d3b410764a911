/**
 * Settings: what each may be, what holds without it, and which secrets are refused.
 */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  type Config,
  ConfigError,
  readAccountConfig,
  readConfig,
  readHealthConfig,
  settings,
} from "../../src/config.ts";
import { testSecret } from "./server_process.ts";

type Variables = Readonly<Record<string, string>>;

const production = { JWT_SECRET: testSecret, DATABASE_URL: "sqlite:/data/onejot.sqlite" };

test("with nothing set it is a trial on loopback, in memory, without a secret", () => {
  assert.deepEqual(read({}), {
    host: "127.0.0.1",
    port: 8080,
    secret: null,
    lifetimeSeconds: 900,
    databasePath: ":memory:",
    refusalStatus: 400,
    passwordIterations: 600_000,
  });
});

test("with a secret and a database it listens everywhere and signs with the text's UTF-8 bytes", () => {
  const secret = "Schlüssel für die Prüfung 0123456789";
  const config = read({ ...production, JWT_SECRET: secret });
  assert.equal(config.host, "0.0.0.0");
  assert.equal(config.databasePath, "/data/onejot.sqlite");
  assert.deepEqual(config.secret, new TextEncoder().encode(secret));
});

test("each setting takes its values and no others", () => {
  const rows: [string, string, keyof Config, unknown][] = [
    ["HOST", "127.0.0.2", "host", "127.0.0.2"],
    ["HOST", "localhost", "host", "localhost"],
    ["HOST", "::1", "host", "::1"],
    ["PORT", "0", "port", 0],
    ["PORT", "65535", "port", 65535],
    ["JWT_EXP_DELTA_SECONDS", "20", "lifetimeSeconds", 20],
    ["JWT_EXP_DELTA_SECONDS", "1", "lifetimeSeconds", 1],
    ["AUTH_STATUS", "tutorial", "refusalStatus", 400],
    ["AUTH_STATUS", "rfc6750", "refusalStatus", 401],
    ["PASSWORD_ITERATIONS", "10000", "passwordIterations", 10_000],
  ];
  for (const [name, value, member, expected] of rows) {
    assert.equal(read({ [name]: value })[member], expected, `${name}=${value}`);
  }
  const wrong: [string, string[]][] = [
    ["HOST", ["", "a b", "http://localhost", "127.0.0.1/8", "[::1]"]],
    ["PORT", ["", "65536", "-1", "80.5", "0x50", "8e3", " 80", "NaN"]],
    ["JWT_EXP_DELTA_SECONDS", ["", "0", "-1", "1.5", "1e9", "Infinity", "31622401"]],
    ["AUTH_STATUS", ["", "401", "RFC6750", "none"]],
    ["PASSWORD_ITERATIONS", ["", "9999", "100000001", "many"]],
  ];
  for (const [name, values] of wrong) {
    for (const value of values) {
      const faults = faultsOf({ [name]: value });
      assert.ok(faults[0]?.startsWith(`${name} `), `${name}=${value}`);
    }
  }
});

test("DATABASE_URL is sqlite and the path of a file", () => {
  const rows = [
    ["sqlite:users.sqlite", "users.sqlite"],
    ["sqlite:./a b/users.sqlite", "./a b/users.sqlite"],
    ["sqlite:/data/users.sqlite", "/data/users.sqlite"],
    ["sqlite:///data/users.sqlite", "/data/users.sqlite"],
  ];
  for (const [url = "", path] of rows) {
    assert.equal(read({ ...production, DATABASE_URL: url }).databasePath, path);
    assert.equal(readAccountConfig((name) => ({ DATABASE_URL: url })[name]).databasePath, path);
  }
  const refused = ["", "sqlite:", "sqlite: ", "sqlite::memory:", "postgres://x/y", "users.sqlite"];
  for (const url of [...refused, "sqlite://users.sqlite", "sqlite:////users.sqlite"]) {
    const faults = faultsOf({ ...production, DATABASE_URL: url });
    assert.ok(faults.some((fault) => fault.startsWith("DATABASE_URL ")), url);
  }
  assert.match(faultsOf({ JWT_SECRET: testSecret })[0] ?? "", /^DATABASE_URL must say where/);
});

test("a secret that is short, a placeholder, a PEM or a JWK is refused, and never shown", () => {
  const weak = [
    "",
    "short",
    "x".repeat(31),
    "é".repeat(15),
    "x".repeat(64),
    "abcabcabcabcabcabcabcabcabcabcabcabc",
    "a-string-secret-at-least-256-bits-long",
    "your-256-bit-secret-your-256-bit-secret",
    "please-change-me-please-change-me-0123",
    "CHANGEME-CHANGEME-CHANGEME-CHANGEME-01",
    "this is an example secret 0123456789abc",
    "my super secret signing key 0123456789",
    "replace this with a real value 01234567",
    "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYI\n-----END PUBLIC KEY-----",
    '{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T"}',
    ' { "use": "sig", "kty": "oct", "k": "AyM1SysPpbyDfgZld3umj1qz" }',
  ];
  for (const secret of weak) {
    const faults = faultsOf({ ...production, JWT_SECRET: secret });
    assert.equal(faults.length, 1, secret);
    assert.match(faults[0] ?? "", /^JWT_SECRET /);
    assert.ok(secret === "" || !faults[0]?.includes(secret.slice(0, 12)));
  }
});

test("a secret has at least 32 bytes, counted in UTF-8", () => {
  const characters = "0123456789abcdefghijklmnopqrstuvwxyz";
  read({ ...production, JWT_SECRET: characters.slice(0, 32) });
  read({ ...production, JWT_SECRET: "àáâãäåæçèéêëìíîï" });
  for (const JWT_SECRET of [characters.slice(0, 31), "àáâãäåæçèéêëìíî1"]) {
    const faults = faultsOf({ ...production, JWT_SECRET });
    assert.match(faults[0] ?? "", /^JWT_SECRET has fewer than 32 bytes/);
  }
});

test("a value that the runtime cannot hand over is a fault that does not show it", () => {
  const unreadable = (name: string) => {
    if (name !== "JWT_SECRET") return undefined;
    throw new TypeError("marked");
  };
  assert.throws(() => readConfig(unreadable), (error) => {
    assert.ok(error instanceof ConfigError);
    assert.match(error.message, /^JWT_SECRET cannot be read/);
    return !error.message.includes("marked");
  });
  const replaced = `0123456789abcdefghijklmnop${"\ufffd".repeat(3)}`;
  const faults = faultsOf({ ...production, JWT_SECRET: replaced });
  assert.match(faults[0] ?? "", /^JWT_SECRET is not UTF-8 text/);
});

test("1,000 fresh secrets of onejot key's kind are all accepted", () => {
  for (let count = 0; count < 1000; count++) {
    const bytes = crypto.getRandomValues(new Uint8Array(32));
    read({ ...production, JWT_SECRET: Buffer.from(bytes).toString("base64url") });
    read({ ...production, JWT_SECRET: Buffer.from(bytes).toString("hex") });
  }
});

test("a secret file is read without one newline at its end, as UTF-8, and instead of JWT_SECRET", () => {
  const folder = mkdtempSync(join(tmpdir(), "onejot-"));
  try {
    const file = join(folder, "secret");
    const { DATABASE_URL } = production;
    const variables = { DATABASE_URL, JWT_SECRET_FILE: file };
    for (const [ending, kept] of [["", ""], ["\n", ""], ["\r\n", ""], ["\n\n", "\n"], [" ", " "]]) {
      writeFileSync(file, testSecret + ending);
      assert.deepEqual(read(variables).secret, new TextEncoder().encode(testSecret + kept));
    }
    writeFileSync(file, new Uint8Array(40).fill(0xff));
    assert.match(faultsOf(variables)[0] ?? "", /^JWT_SECRET_FILE names a file that cannot be read/);
    writeFileSync(file, "short\n");
    assert.match(faultsOf(variables)[0] ?? "", /^JWT_SECRET_FILE has fewer than 32 bytes/);
    assert.match(faultsOf({ DATABASE_URL, JWT_SECRET_FILE: folder })[0] ?? "", /cannot be read/);
    const both = faultsOf({ ...variables, JWT_SECRET: testSecret });
    assert.deepEqual(both, ["JWT_SECRET and JWT_SECRET_FILE are both set: unset one of them."]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("without a secret neither a database nor an address that others reach is accepted", () => {
  assert.match(faultsOf({ DATABASE_URL: production.DATABASE_URL })[0] ?? "", /needs JWT_SECRET/);
  for (const HOST of ["0.0.0.0", "::", "192.0.2.1", "127.0.0.1.example.org", "1270.0.0.1"]) {
    assert.match(faultsOf({ HOST })[0] ?? "", /needs JWT_SECRET/, HOST);
  }
  for (const HOST of ["127.0.0.1", "127.1.2.3", "::1", "localhost"]) read({ HOST });
});

test("health asks this machine where the server listens on all addresses", () => {
  const rows = [["0.0.0.0", "127.0.0.1"], ["::", "::1"], ["192.0.2.1", "192.0.2.1"]];
  for (const [HOST = "", host] of rows) {
    assert.deepEqual(readHealthConfig((name) => ({ HOST, PORT: "81" })[name]), { host, port: 81 });
  }
});

test("the settings that help shows are the ones that are read", () => {
  const asked = new Set<string>();
  const note = (name: string) => {
    asked.add(name);
    return undefined;
  };
  readConfig(note);
  assert.deepEqual([...asked].sort(), settings.map(([name]) => name).sort());
});

function read(variables: Variables): Config {
  return readConfig((name) => variables[name]);
}

function faultsOf(variables: Variables): readonly string[] {
  try {
    read(variables);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}
