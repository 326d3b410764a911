/**
 * The operator's guide says what the server does: what a login answers, what the
 * log and the metrics have, and the settings. Its routes are held in
 * test/unit/server/routes.test.ts, its docker commands in test/system/image, its
 * key rotation in test/system/serve/rotation.test.ts.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { settings } from "../../src/server/config.ts";
import { slowTest } from "../support/slow_test.ts";
import { blockOf, documentAt, rowsOf } from "./documents.ts";
import { printedBy, withTrial } from "./shell.ts";

const page = documentAt("src/server/README.md");

test("the operator's guide shows the settings as help does, with their defaults", () => {
  const rows = rowsOf(page, "name");
  const shown = settings.map(({ name, meaning, fallback }) => [
    `\`${name}\``,
    meaning.replaceAll("<", "&lt;").replaceAll(">", "&gt;"),
    fallback,
  ]);
  assert.deepEqual(rows, shown);
});

slowTest(
  "the operator's guide shows what a login answers, a line of the log, and the metrics",
  async () => {
    await withTrial(async ({ origin, program }) => {
      const login = await fetch(`${origin}/login`, {
        method: "POST",
        body: new URLSearchParams({
          email: "user@email.com",
          password: "password",
        }),
      });
      const shown = JSON.parse(blockOf(page, "json"));
      const answer = Object(await login.json());
      assert.deepEqual(Object.keys(shown), Object.keys(answer));
      assert.equal(shown.token_type, answer.token_type);
      assert.equal(shown.expires_in, answer.expires_in);

      const metrics = await (await fetch(`${origin}/metrics`)).text();
      const names = [...metrics.matchAll(/^# HELP (\w+) /gm)]
        .map(([, name]) => `\`${name}\``);
      const rows = rowsOf(page, "metric").map(([name]) => name);
      assert.deepEqual([...rows].sort(), names.sort());

      const line = JSON.parse(
        await printedBy(program, /^(\{.*"path":"\/login".*\})$/m),
      );
      const shownLine = JSON.parse(blockOf(page, "json", 1));
      assert.deepEqual(Object.keys(shownLine), Object.keys(line));
      for (const name of ["method", "path", "status", "address"]) {
        assert.equal(shownLine[name], line[name]);
      }
    });
  },
);
