/**
 * What a login asks of the database: the same statements, in the same number
 * and order, whoever is named and whatever is found of them, in a login, a
 * throttled one and a sign-in. A statement more is a turn of the event loop
 * more, or a way to the database and back, by which an account could be told
 * from none.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  currentSecond,
  parseEmail,
  type Store,
} from "../../../src/auth/auth.ts";
import { createLog } from "../../../src/http/http.ts";
import { generateKey } from "../../../src/jwt/jwt.ts";
import { createApp } from "../../../src/server/app.ts";
import { networksOf } from "../../../src/server/client_address.ts";
import { sessionStore } from "../../../src/storage/sessions.ts";
import type { Database } from "../../../src/storage/sql.ts";
import { databaseOn } from "../../../src/storage/sqlite_database.ts";
import { throttleStore } from "../../../src/storage/throttle.ts";
import { userStore } from "../../../src/storage/users.ts";
import { sharedContract } from "../../support/places.ts";
import { password } from "../../support/password.ts";
import { record } from "../../support/recorder.ts";
import { cheapHasher } from "../../support/hashers.ts";
import { makeRequest } from "../../support/send.ts";
import { id, requireAdded, withFile } from "../../support/stores.ts";

/** The accounts that there are, and the cost of their hashes. */
const accounts = {
  "ada@example.org": 1000,
  "cheap@example.org": 10,
  "dear@example.org": 3000,
  "disabled@example.org": 1000,
  "disabled.cheap@example.org": 10,
} as const;

/** What is sent, none of which is right. */
const tries: readonly (readonly [email: string, tried: string])[] = [
  ...Object.keys(accounts).map((email) => [email, "wrong"] as const),
  ["ada@example.org", ""],
  ["ADA@example.org", "wrong"],
  ["disabled@example.org", password],
  ["disabled.cheap@example.org", password],
  ["nobody@example.org", "wrong"],
  ["nobody@example.org", password],
];

/** What can be nobody's, which waits for its address alone. */
const nobodys: typeof tries = [["no address", "wrong"], ["", password]];

/** How the statements of a wrong login begin. */
const wrong = [
  "SELECT users.*",
  "SELECT column1 AS place",
  "BEGIN",
  "SELECT column1 AS place",
  "WITH wanted",
  "COMMIT",
];

/** How those begin of one that has to wait. */
const throttled = ["SELECT users.*", "SELECT column1 AS place"];

/** From the second address all accounts have logged in. */
const places = {
  "IPv4": ["192.0.2.1", "192.0.2.9"],
  "IPv6": ["2001:db8:1:1::1", "2001:db8:1:9::1"],
} as const;

for (const line of ["POST /login", "POST /signin"]) {
  for (const [family, addresses] of Object.entries(places)) {
    sharedContract(
      `a wrong ${line} by ${family} asks the same, whoever is named`,
      async ({ sql }) => {
        const site = await makeSite(sql);
        for (const address of addresses) {
          for (const [email, tried] of [...tries, ...nobodys]) {
            await sql`DELETE FROM throttle`;
            const asked = await site.ask(line, { email, tried, address });
            assertBegins(asked, wrong, `${email} ${address}`);
          }
        }
      },
    );

    sharedContract(
      `a ${line} by ${family} that has to wait asks the same, by whatever count and whoever is named`,
      async ({ sql }) => {
        const site = await makeSite(sql);
        const [unknown, known] = addresses;
        const rows = [
          ["both %", unknown, tries],
          ["both %", known, tries],
          ["account %", unknown, tries],
          ["account %", known, tries],
          ["address %", unknown, [...tries, ...nobodys]],
          ["address %", known, [...tries, ...nobodys]],
        ] as const;
        const ipv6Rows = [
          ["site %", unknown, [...tries, ...nobodys]],
          ["network %", unknown, [...tries, ...nobodys]],
        ] as const;
        const isIpv6 = family === "IPv6";
        for (
          const [kind, address, named] of [...rows, ...isIpv6 ? ipv6Rows : []]
        ) {
          for (const [email, tried] of named) {
            await sql`DELETE FROM throttle`;
            await site.ask(line, { email, tried, address });
            await sql`UPDATE throttle SET failures = 1000
              WHERE key LIKE ${kind}`;
            const asked = await site.ask(line, { email, tried, address });
            assertBegins(asked, throttled, `${kind} ${email} ${address}`);
          }
        }
      },
    );
  }
}

sharedContract(
  "a right login asks the same, whatever was counted and known before",
  async ({ sql }) => {
    const site = await makeSite(sql);
    await sql`DELETE FROM known_addresses`;
    const email = "ada@example.org";
    const ask = (tried: string) =>
      site.ask("POST /login", { email, tried, address: "192.0.2.1" });
    const first = await ask(password);
    // It begins as a wrong one.
    assertBegins(first.slice(0, wrong.length), wrong, email);
    assert.deepEqual(await ask(password), first);
    await ask("wrong");
    assert.deepEqual(await ask(password), first);
  },
);

test("no statement of a login, nor of a step that sweeps, reads a whole table", async () => {
  await withFile(async (_store, _other, connection) => {
    const recorder = record(databaseOn(connection));
    const site = await makeSite(recorder.database);
    const store = throttleStore(recorder.database);
    const email = "ada@example.org";
    for (const tried of ["wrong", password]) {
      const address = "2001:db8::1";
      await site.ask("POST /login", { email, tried, address });
    }
    await store.forgetAttempts({ forgotten: [], addressesOf: id(1) });
    connection.exec(`WITH RECURSIVE numbers (number) AS
        (SELECT 1 UNION ALL SELECT number + 1 FROM numbers
         WHERE number < 100010)
      INSERT INTO throttle (key, failures, failed_at, failed_before)
      SELECT 'k' || number, 1, 1000, 1000 FROM numbers`);
    await store.sweepThrottle({ before: 5, limit: 5 });
    const statements = new Set(recorder.statements);
    for (const change of ["BEGIN", "COMMIT"]) statements.delete(change);
    assert.ok(statements.size > 10);
    for (const statement of statements) {
      const plan = connection.prepare(`EXPLAIN QUERY PLAN ${statement}`).all();
      for (const { detail } of plan) {
        // The lowest are the first in this index, of which few are read.
        if (
          /^SCAN throttle USING .*throttle_by_failures$/.test(String(detail))
        ) {
          continue;
        }
        assert.doesNotMatch(
          String(detail),
          /^SCAN (?:users|sessions|throttle|known)/,
          statement,
        );
      }
    }
  });
});

/** The statements are those, to the last, each beginning so. */
function assertBegins(
  asked: readonly string[],
  starts: readonly string[],
  what: string,
): void {
  const told = `${what}:\n${asked.join("\n")}`;
  assert.equal(asked.length, starts.length, told);
  for (const [index, start] of starts.entries()) {
    assert.ok(asked[index]?.startsWith(start), told);
  }
}

/** An attempt to log in. */
interface Tried {
  readonly email: string;
  readonly tried: string;
  readonly address: string;
}

/** The whole app on a database that is written down. */
async function makeSite(sql: Database) {
  const { database, statements } = record(sql);
  const store: Store = {
    ...userStore(database),
    ...sessionStore(database),
    ...throttleStore(database),
  };
  const site = createApp({
    store,
    key: await generateKey(),
    log: createLog(() => {}, "json"),
    passwordScheme: "pbkdf2",
    passwordIterations: 1000,
  });
  for (const [text, iterations] of Object.entries(accounts)) {
    await addAccount(store, { text, iterations });
  }
  const asking = {
    /** Sends an attempt, and gives the statements that it took. */
    async ask(line: string, { email, tried, address }: Tried) {
      statements.length = 0;
      const body = new URLSearchParams({ email, password: tried });
      const headers = { "sec-fetch-site": "same-origin" };
      const request = makeRequest(line, { body, headers });
      const response = await site.fetch(request, address);
      await response.body?.cancel();
      return [...statements];
    },
  };
  // The first of all logins also asks what the hashes there cost.
  const email = "nobody@example.org";
  await asking.ask("POST /login", { email, tried: "wrong", address: "::1" });
  return asking;
}

async function addAccount(
  store: Store,
  { text, iterations }: { readonly text: string; readonly iterations: number },
): Promise<void> {
  const email = parseEmail(text);
  assert.ok(email !== null);
  const added = await store.addUser({
    email,
    isAdmin: false,
    passwordHash: await cheapHasher(iterations).hash(password),
    createdAt: currentSecond(),
  }, null);
  const user = requireAdded(added);
  for (const [, address] of Object.values(places)) {
    await store.settleLogin({
      keys: [],
      forgotten: [],
      userId: user.id,
      address: networksOf(address)?.client ?? "",
      now: currentSecond(),
    });
  }
  if (!text.startsWith("disabled")) return;
  const change = { isDisabled: true };
  await store.changeUser({ id: user.id, change, tokensFrom: 2, author: null });
}
