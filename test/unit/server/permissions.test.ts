/**
 * The options that Deno is given: for each setting what it needs, and no more.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { settings } from "../../../src/server/config.ts";
import { CommandError } from "../../../src/server/fault.ts";
import { permissionsOf } from "../../../src/server/permissions.ts";
import { runOnejot, testSecret } from "../../support/server_process.ts";

type Variables = Readonly<Record<string, string>>;

const constant = [
  "--no-prompt",
  "--no-config",
  "--no-lock",
  "--no-remote",
  "--no-npm",
  `--allow-env=${settings.map(({ name }) => name).join(",")}`,
];
const JWT_SECRET = testSecret;

test("Deno allows the settings, the own port, the files that are named, and nothing else", () => {
  // deno-fmt-ignore
  const rows: [Variables, string[]][] = [
    [{}, ["--allow-net=127.0.0.1:8080"]],
    [{ PORT: "0", HOST: "localhost" }, ["--allow-net=localhost:0"]],
    [{ HOST: "::1" }, ["--allow-net=[::1]:8080"]],
    [{ HOST: "::", PORT: "80", JWT_SECRET }, ["--allow-net=[::]:80,[::1]:80"]],
    [{ JWT_SECRET }, ["--allow-net=0.0.0.0:8080,127.0.0.1:8080"]],
    [{ JWT_SECRET, DATABASE_URL: "postgres://a:b@c/d" },
      ["--allow-net=0.0.0.0:8080,127.0.0.1:8080"]],
    [{ JWT_SECRET, HOST: "10.0.0.7", DATABASE_URL: "sqlite:///data/a" }, [
      "--allow-net=10.0.0.7:8080",
      "--allow-read=/data/a", "--allow-write=/data/a",
    ]],
    // As for the commands on accounts, which need no secret.
    [{ DATABASE_URL: "sqlite:a" }, [
      "--allow-net=127.0.0.1:8080", "--allow-read=a", "--allow-write=a",
    ]],
    [{
      JWT_SECRET_FILE: "/run/secrets/a", JWT_SECRETS_FILE: "b",
      DATABASE_URL: "sqlite:a",
    }, [
      "--allow-net=0.0.0.0:8080,127.0.0.1:8080",
      "--allow-read=a,/run/secrets/a,b", "--allow-write=a",
    ]],
  ];
  for (const [variables, expected] of rows) {
    const options = permissionsOf((name) => variables[name]);
    assert.deepEqual(options, [...constant, ...expected]);
  }
});

test("a setting with a fault allows nothing, and is told by the server alone", () => {
  // deno-fmt-ignore
  const rows: Variables[] = [
    { PORT: "80,example.org" }, { PORT: "" }, { HOST: "a,b" },
    { HOST: "a --allow-all" }, { DATABASE_URL: "/etc/passwd" },
    { DATABASE_URL: "sqlite::memory:" }, { JWT_SECRET_FILE: "", HOST: "::1" },
  ];
  for (const variables of rows) {
    const options = permissionsOf((name) => variables[name]);
    const [net = "", ...others] = options.slice(constant.length);
    assert.match(net, /^--allow-net=(?:127\.0\.0\.1|\[::1\]):8080$/);
    assert.deepEqual(others, []);
  }
});

test("a path that would be several, or an option of its own, is refused", () => {
  for (
    const path of ["a,b", "a b", "a --allow-all", "a\n--allow-all", "a\tb"]
  ) {
    for (const name of ["DATABASE_URL", "JWT_SECRET_FILE"]) {
      const value = name === "DATABASE_URL" ? `sqlite:${path}` : path;
      const variables: Variables = { [name]: value };
      assert.throws(
        () => permissionsOf((name) => variables[name]),
        (error) =>
          error instanceof CommandError &&
          /a comma or white space\.$/.test(error.message),
      );
    }
  }
});

test("the command permissions prints them on one line", async () => {
  const { code, stdout } = await runOnejot(["permissions"], { PORT: "9000" });
  const expected = [...constant, "--allow-net=127.0.0.1:9000"].join(" ");
  assert.deepEqual([code, stdout], [0, `${expected}\n`]);
});
