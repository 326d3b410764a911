/**
 * Settings: what each may be, what holds without it, and which secrets are
 * refused.
 */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  type Config,
  readAccountConfig,
  readConfig,
  readHealthConfig,
  settings,
} from "../../../src/server/config.ts";
import { CommandError } from "../../../src/server/fault.ts";
import { testSecret } from "../../support/server_process.ts";
import { withFolder } from "../../support/temp.ts";

type Variables = Readonly<Record<string, string>>;

const production = {
  JWT_SECRET: testSecret,
  DATABASE_URL: "sqlite:/data/onejot.sqlite",
};

test("with nothing set it is a trial on loopback, in memory, without a secret", () => {
  assert.deepEqual(read({}), {
    host: "127.0.0.1",
    port: 8080,
    secrets: [],
    lifetimeSeconds: 900,
    database: { sqlite: ":memory:" },
    refusalStatus: 400,
    accessTokens: "any",
    passwordScheme: "argon2id",
    passwordIterations: 600_000,
    passwordMinLength: 8,
    trustedProxies: null,
    pathPrefix: "",
    metricsFrom: null,
    pageIsShown: true,
    healthIsLogged: true,
    drainSeconds: 0,
  });
});

test("the page is shown in a trial and off with a secret, unless PAGE says otherwise", () => {
  assert.equal(read(production).pageIsShown, false);
  assert.equal(read({ ...production, PAGE: "on" }).pageIsShown, true);
  assert.equal(read({ PAGE: "off" }).pageIsShown, false);
  for (const PAGE of ["On", "1", "true", " on"]) {
    assert.deepEqual(faultsOf({ PAGE }), ["PAGE must be on or off."]);
  }
});

test("TRUSTED_PROXIES takes addresses and CIDRs, and tells what it does not understand", () => {
  const good = ["127.0.0.1", "10.0.0.0/8, fd00::/8", "::1", "unix, ::1"];
  for (const TRUSTED_PROXIES of good) {
    assert.ok(read({ TRUSTED_PROXIES }).trustedProxies !== null);
  }
  // deno-fmt-ignore
  const bad = [
    "proxy.example", "10.0.0.0/33", "0.0.0.0/0", "10.0.0.1;10.0.0.2",
  ];
  for (const TRUSTED_PROXIES of bad) {
    const [fault = "", ...others] = faultsOf({ TRUSTED_PROXIES });
    assert.match(fault, /^TRUSTED_PROXIES must be IP addresses, CIDRs or unix/);
    assert.deepEqual(others, []);
  }
});

test("PATH_PREFIX is a path of plain segments, without a slash at its end", () => {
  const good = ["/onejot", "/a/b-c/d_e", "/a.b", "/0", "/A", "/-", "/_x"];
  for (const PATH_PREFIX of good) {
    assert.equal(read({ PATH_PREFIX }).pathPrefix, PATH_PREFIX);
  }
  // deno-fmt-ignore
  const bad = [
    "/", "onejot", "/onejot/", "onejot/", "//onejot", "/a//b",
    "/.", "/..", "/a/..", "/a/.b",
    " ", "/a b", "/a%20b", "/a?b", "/a#b", "/a\\b", "/:a", "/*", "/é", "/a\n",
    "/a;b", "/a, /b", "a:", "https://example.org/onejot", "//evil.example",
  ];
  for (const PATH_PREFIX of bad) {
    assert.deepEqual(faultsOf({ PATH_PREFIX }), [
      "PATH_PREFIX must be a path such as /onejot, without a slash at its end.",
    ]);
  }
  assert.match(
    faultsOf({ PATH_PREFIX: "" })[0] ?? "",
    /^PATH_PREFIX is empty: /,
  );
});

test("in production it does not start without a secret, and one line says how to make one", () => {
  const NODE_ENV = "production";
  const image = { NODE_ENV, DATABASE_URL: production.DATABASE_URL };
  const mounted = { ...image, PATH_PREFIX: "/onejot" };
  for (const variables of [{ NODE_ENV }, image, mounted]) {
    const [fault = "", ...others] = faultsOf(variables);
    assert.match(fault, /JWT_SECRET\b/);
    assert.match(fault, /\bdocker run\b.*\bkey\b/);
    assert.doesNotMatch(fault, /\n/);
    assert.deepEqual(others, []);
  }
  const config = read({ ...production, NODE_ENV });
  assert.equal(config.host, "0.0.0.0");
  for (const value of ["development", "test", "Production", "production "]) {
    assert.deepEqual(
      read({ NODE_ENV: value }).database,
      { sqlite: ":memory:" },
      value,
    );
  }
});

test("in production a HOST that others reach is no reason to start without a secret", () => {
  for (const HOST of ["0.0.0.0", "::", "127.0.0.1"]) {
    const faults = faultsOf({ NODE_ENV: "production", HOST });
    assert.ok(
      faults.some((fault) => /JWT_SECRET.*docker run/.test(fault)),
      HOST,
    );
  }
});

test("with a secret and a database it listens everywhere and signs with the text's UTF-8 bytes", () => {
  const secret = "Schlüssel für die Prüfung 0123456789";
  const config = read({ ...production, JWT_SECRET: secret });
  assert.equal(config.host, "0.0.0.0");
  assert.deepEqual(config.database, { sqlite: "/data/onejot.sqlite" });
  assert.deepEqual(config.secrets, [{
    kid: null,
    bytes: new TextEncoder().encode(secret),
  }]);
});

test("each setting takes its values and no others", () => {
  // deno-fmt-ignore
  const rows: [string, string, keyof Config, unknown][] = [
    ["HOST", "127.0.0.2", "host", "127.0.0.2"],
    ["HOST", "localhost", "host", "localhost"],
    ["HOST", "::1", "host", "::1"],
    ["HOST", "unix:/run/a b.sock", "host", "unix:/run/a b.sock"],
    ["PORT", "0", "port", 0],
    ["PORT", "65535", "port", 65535],
    ["JWT_EXP_DELTA_SECONDS", "20", "lifetimeSeconds", 20],
    ["JWT_EXP_DELTA_SECONDS", "1", "lifetimeSeconds", 1],
    ["AUTH_STATUS", "tutorial", "refusalStatus", 400],
    ["AUTH_STATUS", "rfc6750", "refusalStatus", 401],
    ["ACCESS_TOKENS", "any", "accessTokens", "any"],
    ["ACCESS_TOKENS", "sessions", "accessTokens", "sessions"],
    ["PASSWORD_HASH", "argon2id", "passwordScheme", "argon2id"],
    ["PASSWORD_HASH", "pbkdf2", "passwordScheme", "pbkdf2"],
    ["PASSWORD_ITERATIONS", "10000", "passwordIterations", 10_000],
    ["PASSWORD_MIN_LENGTH", "15", "passwordMinLength", 15],
    ["LOG_HEALTH", "on", "healthIsLogged", true],
    ["LOG_HEALTH", "off", "healthIsLogged", false],
    ["DRAIN_SECONDS", "0", "drainSeconds", 0],
    ["DRAIN_SECONDS", "300", "drainSeconds", 300],
  ];
  for (const [name, value, member, expected] of rows) {
    assert.equal(read({ [name]: value })[member], expected, `${name}=${value}`);
  }
  // deno-fmt-ignore
  const wrong: [string, string[]][] = [
    ["HOST", ["", "a b", "http://localhost", "127.0.0.1/8", "[::1]",
      "/run/a.sock", "unix:", "unix:a.sock", "unix:/", "unix://\0",
      `unix:/${"a".repeat(101)}`]],
    ["PORT", ["", "65536", "-1", "80.5", "0x50", "8e3", " 80", "NaN"]],
    ["JWT_EXP_DELTA_SECONDS",
      ["", "0", "-1", "1.5", "1e9", "Infinity", "31622401"]],
    ["AUTH_STATUS", ["", "401", "RFC6750", "none"]],
    ["PASSWORD_HASH", ["", "Argon2id", "bcrypt", "none"]],
    ["PASSWORD_ITERATIONS", ["", "9999", "100000001", "many"]],
    ["PASSWORD_MIN_LENGTH", ["", "7", "65", "many"]],
    ["LOG_HEALTH", ["", "no", "false", "0"]],
    ["DRAIN_SECONDS", ["", "-1", "301", "15s", "1.5"]],
  ];
  for (const [name, values] of wrong) {
    for (const value of values) {
      const faults = faultsOf({ [name]: value });
      assert.ok(faults[0]?.startsWith(`${name} `), `${name}=${value}`);
    }
  }
});

test("DATABASE_URL can name a PostgreSQL database, which is taken as it stands", () => {
  const urls = [
    "postgres://ada:secret@db.example:5432/onejot?sslmode=require",
    "postgresql://x",
  ];
  for (const url of urls) {
    const { database } = read({ ...production, DATABASE_URL: url });
    assert.deepEqual(database, { postgres: url });
  }
});

test("DATABASE_URL is else sqlite and the path of a file", () => {
  const rows = [
    ["sqlite:users.sqlite", "users.sqlite"],
    ["sqlite:./a b/users.sqlite", "./a b/users.sqlite"],
    ["sqlite:/data/users.sqlite", "/data/users.sqlite"],
    ["sqlite:///data/users.sqlite", "/data/users.sqlite"],
  ];
  for (const [url = "", path] of rows) {
    const expected = { sqlite: path };
    assert.deepEqual(
      read({ ...production, DATABASE_URL: url }).database,
      expected,
    );
    assert.deepEqual(
      readAccountConfig((name) => ({ DATABASE_URL: url })[name]).database,
      expected,
    );
  }
  const refused = [
    "",
    "sqlite:",
    "sqlite: ",
    "sqlite::memory:",
    "sqlite://users.sqlite",
    "sqlite:////users.sqlite",
    "mysql://x/y",
    "users.sqlite",
    "postgres:x",
    "postgres://a b/c",
    "postgres://x:port/y",
  ];
  for (const url of refused) {
    const faults = faultsOf({ ...production, DATABASE_URL: url });
    assert.ok(faults.some((fault) => fault.startsWith("DATABASE_URL ")), url);
  }
  assert.match(
    faultsOf({ JWT_SECRET: testSecret })[0] ?? "",
    /^DATABASE_URL must say where/,
  );
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
  read({ ...production, JWT_SECRET: testSecret.slice(0, 32) });
  read({ ...production, JWT_SECRET: "žàůčñøéłőşýâęțæź" });
  for (const JWT_SECRET of [testSecret.slice(0, 31), "žàůčñøéłőşýâęțæ1"]) {
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
    assert.ok(error instanceof CommandError);
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
    read({
      ...production,
      JWT_SECRET: Buffer.from(bytes).toString("base64url"),
    });
    read({ ...production, JWT_SECRET: Buffer.from(bytes).toString("hex") });
  }
});

test("a secret file is read without one newline at its end, as UTF-8, and instead of JWT_SECRET", async () => {
  await withFolder((folder) => {
    const file = join(folder, "secret");
    const { DATABASE_URL } = production;
    const variables = { DATABASE_URL, JWT_SECRET_FILE: file };
    // deno-fmt-ignore
    const endings = [
      ["", ""], ["\n", ""], ["\r\n", ""], ["\n\n", "\n"], [" ", " "],
    ];
    for (const [ending, kept] of endings) {
      writeFileSync(file, testSecret + ending);
      assert.deepEqual(keysOf(variables), [[null, testSecret + kept]]);
    }
    writeFileSync(file, new Uint8Array(40).fill(0xff));
    assert.match(
      faultsOf(variables)[0] ?? "",
      /^JWT_SECRET_FILE names a file that cannot be read/,
    );
    writeFileSync(file, "short\n");
    assert.match(
      faultsOf(variables)[0] ?? "",
      /^JWT_SECRET_FILE has fewer than 32 bytes/,
    );
    assert.match(
      faultsOf({ DATABASE_URL, JWT_SECRET_FILE: folder })[0] ?? "",
      /cannot be read/,
    );
    const both = faultsOf({ ...variables, JWT_SECRET: testSecret });
    assert.deepEqual(both, [
      "JWT_SECRET and JWT_SECRET_FILE are both set: unset one of them.",
    ]);
  });
});

test("the named secrets come in their order, the unnamed one behind them", () => {
  const { DATABASE_URL } = production;
  const named = `new:${fresh(1)},old.key_2-B:${fresh(2)}:with:colons=`;
  const expected = [
    ["new", fresh(1)],
    ["old.key_2-B", `${fresh(2)}:with:colons=`],
  ];
  assert.deepEqual(keysOf({ DATABASE_URL, JWT_SECRETS: named }), expected);
  const both = keysOf({ ...production, JWT_SECRETS: named });
  assert.deepEqual(both, [...expected, [null, testSecret]]);
  const longest = "n".repeat(64);
  const one = keysOf({ DATABASE_URL, JWT_SECRETS: `${longest}:${fresh(1)}` });
  assert.deepEqual(one, [[longest, fresh(1)]]);
  assert.equal(read({ DATABASE_URL, JWT_SECRETS: named }).host, "0.0.0.0");
});

test("JWT_SECRET may get a name, so that servers learn a new key before one of them signs", () => {
  const JWT_SECRETS = `old:${testSecret},new:${fresh(1)}`;
  const expected = [["old", testSecret], ["new", fresh(1)], [null, testSecret]];
  assert.deepEqual(keysOf({ ...production, JWT_SECRETS }), expected);
});

test("named secrets that are not understood, weak or repeated are all told, and never shown", () => {
  const marked = "marked-Kq8iVtP4Ocyy8RcIof4l8vL1SwxM_sp1j3";
  const isForm =
    /^JWT_SECRETS entry (\d) must be name:secret, and a comma ends it\.$/;
  const isName =
    /^The name in JWT_SECRETS entry (\d) must be 1 to 64 letters, digits, dots, /;
  const isWeak =
    /^The secret in JWT_SECRETS entry (\d) .*: onejot key prints a fresh one\.$/;
  const isBroken =
    /^JWT_SECRETS entry (\d) holds more than one name:secret: a comma separates/;
  const hasName =
    /^JWT_SECRETS entry 3 has the name of JWT_SECRETS entry (\d): give it another\.$/;
  const hasSecret =
    /^JWT_SECRETS entry 3 has the secret of JWT_SECRETS entry (\d): onejot key /;
  // deno-fmt-ignore
  const rows: [string, [RegExp, string][]][] = [
    ["", [[/^JWT_SECRETS is (e)mpty: /, "e"]]],
    [marked, [[isForm, "1"]]],
    [`new:${marked},`, [[isForm, "2"]]],
    [`,new:${marked}`, [[isForm, "1"]]],
    [`new:${marked},${marked}`, [[isForm, "2"]]],
    [`new:${marked}, old:${fresh(1)}`, [[isName, "2"]]],
    [`:${marked}`, [[isName, "1"]]],
    [`new key:${marked}`, [[isName, "1"]]],
    [`schlüssel:${marked}`, [[isName, "1"]]],
    [`a/b:${marked}`, [[isName, "1"]]],
    [`${marked}${marked}:${marked}`, [[isName, "1"]]],
    [`${"n".repeat(65)}:${marked}`, [[isName, "1"]]],
    [`${marked}:new`, [[isWeak, "1"]]],
    ["new:", [[isWeak, "1"]]],
    [`old:${marked},new:${marked.slice(0, 31)}`, [[isWeak, "2"]]],
    ["new:-----BEGIN PUBLIC KEY-----MFkwEwYHKoZIzj0CAQYI", [[isWeak, "1"]]],
    ['new:{"k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ" "kty":"oct"}',
      [[isWeak, "1"]]],
    ["new:please-change-me-please-change-me-0123", [[isWeak, "1"]]],
    [`new:${marked}\nold:${fresh(1)}`, [[isBroken, "1"]]],
    [`new:${marked}\r\n`, [[isBroken, "1"]]],
    [`a:${marked},b:${fresh(1)},a:${fresh(2)}`, [[hasName, "1"]]],
    [`a:${marked},b:${fresh(1)},c:${fresh(1)}`, [[hasSecret, "2"]]],
    [`a:${marked},b:short,a:${marked},?:`, [
      [hasName, "1"],
      [hasSecret, "1"],
      [isName, "4"],
      [isWeak, "2"],
      [isWeak, "4"],
    ]],
  ];
  for (const [JWT_SECRETS, expected] of rows) {
    const faults = faultsOf({ ...production, JWT_SECRETS });
    assert.equal(
      faults.length,
      expected.length,
      `${JWT_SECRETS}: ${faults.join(" ")}`,
    );
    for (const [pattern, place] of expected) {
      const places = faults.map((fault) => pattern.exec(fault)?.[1]);
      assert.ok(places.includes(place), `${JWT_SECRETS}: ${faults.join(" ")}`);
    }
    assert.ok(!faults.some((fault) => fault.includes("marked")), JWT_SECRETS);
  }
});

test("a fault of JWT_SECRET is told together with those of JWT_SECRETS and of other settings", () => {
  const variables = {
    JWT_SECRET: "short",
    JWT_SECRETS: "new:short",
    PORT: "x",
  };
  // DATABASE_URL is missing as well.
  assert.equal(faultsOf(variables).length, 4);
});

test("a file of named secrets has one in each line, and commas belong to them", async () => {
  await withFolder((folder) => {
    const file = join(folder, "secrets");
    const { DATABASE_URL } = production;
    const variables = { DATABASE_URL, JWT_SECRETS_FILE: file };
    const expected = [["new", `${fresh(1)},a:b, `], ["old", fresh(2)]];
    // deno-fmt-ignore
    const breaks = [["\n", ""], ["\n", "\n"], ["\r\n", "\r\n"]];
    for (const [between, ending] of breaks) {
      writeFileSync(
        file,
        `new:${fresh(1)},a:b, ${between}old:${fresh(2)}${ending}`,
      );
      assert.deepEqual(keysOf(variables), expected);
    }
    assert.deepEqual(keysOf({ ...production, JWT_SECRETS_FILE: file }).at(-1), [
      null,
      testSecret,
    ]);
    const wrong: [string, RegExp][] = [
      [
        "",
        /^JWT_SECRETS_FILE line 1 must be name:secret, and a line break ends it\.$/,
      ],
      [`new:${fresh(1)}\n\n`, /^JWT_SECRETS_FILE line 2 must be name:secret/],
      [
        `new:${fresh(1)}\nold:short`,
        /^The secret in JWT_SECRETS_FILE line 2 has fewer than 32/,
      ],
      [
        `new:${fresh(1)},old:${fresh(2)}`,
        /^JWT_SECRETS_FILE line 1 holds more than one name:/,
      ],
    ];
    for (const [text, expected] of wrong) {
      writeFileSync(file, text);
      const faults = faultsOf(variables);
      assert.match(faults[0] ?? "", expected);
      assert.equal(faults.length, 1);
    }
    writeFileSync(file, new Uint8Array(40).fill(0xff));
    assert.match(
      faultsOf(variables)[0] ?? "",
      /^JWT_SECRETS_FILE names a file that cannot be/,
    );
    const both = faultsOf({ ...variables, JWT_SECRETS: `new:${fresh(1)}` });
    assert.deepEqual(both, [
      "JWT_SECRETS and JWT_SECRETS_FILE are both set: unset one of them.",
    ]);
  });
});

test("it is no trial when any setting of a secret is set, even one that is empty", () => {
  const names = [
    "JWT_SECRET",
    "JWT_SECRET_FILE",
    "JWT_SECRETS",
    "JWT_SECRETS_FILE",
  ];
  for (const name of names) {
    const faults = faultsOf({ [name]: "" });
    assert.deepEqual(faults, [
      `${name} is empty: give it a value, or do not set it.`,
      "DATABASE_URL must say where the accounts are: sqlite:<path of a file>, or " +
      "postgres://<user>:<password>@<host>/<name>.",
    ]);
  }
});

test("without a secret neither a database nor an address that others reach is accepted", () => {
  assert.match(
    faultsOf({ DATABASE_URL: production.DATABASE_URL })[0] ?? "",
    /needs JWT_SECRET/,
  );
  // deno-fmt-ignore
  const reached = [
    "0.0.0.0", "::", "192.0.2.1", "127.0.0.1.example.org", "1270.0.0.1",
  ];
  for (const HOST of reached) {
    assert.match(faultsOf({ HOST })[0] ?? "", /needs JWT_SECRET/, HOST);
  }
  for (const HOST of ["127.0.0.1", "127.1.2.3", "::1", "localhost"]) {
    read({ HOST });
  }
});

test("health asks this machine where the server listens on all addresses", () => {
  const rows = [
    ["0.0.0.0", "127.0.0.1"],
    ["::", "::1"],
    ["192.0.2.1", "192.0.2.1"],
  ];
  for (const [HOST = "", host] of rows) {
    assert.deepEqual(readHealthConfig((name) => ({ HOST, PORT: "81" })[name]), {
      host,
      port: 81,
    });
  }
});

test("the settings that help shows are the ones that are read", () => {
  const asked = new Set<string>();
  const note = (name: string) => {
    asked.add(name);
    return undefined;
  };
  readConfig(note);
  assert.deepEqual([...asked].sort(), settings.map(({ name }) => name).sort());
});

function read(variables: Variables): Config {
  return readConfig((name) => variables[name]);
}

/** The name and the text of each secret. */
function keysOf(variables: Variables): (readonly [string | null, string])[] {
  return read(variables).secrets.map((
    { kid, bytes },
  ) => [kid, new TextDecoder().decode(bytes)]);
}

/** A secret of its own for each number. */
function fresh(number: number): string {
  return `${testSecret}${number}`;
}

function faultsOf(variables: Variables): readonly string[] {
  try {
    read(variables);
  } catch (error) {
    if (error instanceof CommandError) return error.message.split("\n");
    throw error;
  }
  return [];
}
