/**
 * Statements with values in them, and several as one change, when something in
 * the midst of it fails.
 */

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import type { Database, Sql } from "../../../src/storage/sql.ts";
import { databaseOn } from "../../../src/storage/sqlite_database.ts";

test("a value in a statement is bound, whatever it looks like, and read back as it was", async () => {
  const { sql } = tableOfOne();
  for (const value of ["'", "?", "); DROP TABLE a --", "", "7", 7, 0.5, null]) {
    const [row] = await sql`SELECT ${value} AS value, ${"b"} AS other`;
    assert.deepEqual({ ...row }, { value, other: "b" });
  }
  for (const value of [true, undefined]) {
    await assert.rejects(
      async () => await sql`SELECT ${value as unknown as string}`,
      TypeError,
    );
  }
});

test("a statement is prepared once, however often it runs and with whatever values", async () => {
  const { sql, database } = tableOfOne();
  const prepared: string[] = [];
  const prepare = database.prepare.bind(database);
  database.prepare = (text) => {
    prepared.push(text);
    return prepare(text);
  };
  for (const number of [2, 3, 4]) await sql`INSERT INTO a VALUES (${number})`;
  assert.deepEqual(prepared, ["INSERT INTO a VALUES (?)"]);
  assert.deepEqual(await numbersIn(sql), [1, 2, 3, 4]);
});

test("a statement runs to its end, whether it tells what it changed or not", async () => {
  const { sql } = tableOfOne();
  assert.deepEqual(await sql`INSERT INTO a VALUES (2), (3), (4)`, []);
  const changed =
    await sql`UPDATE a SET number = number + 10 WHERE number > 1 RETURNING 1`;
  assert.equal(changed.length, 3);
  assert.deepEqual(await numbersIn(sql), [1, 12, 13, 14]);
  for (const count of [2, 0]) {
    assert.equal(
      (await sql`DELETE FROM a WHERE number > 12 RETURNING 1`).length,
      count,
    );
  }
  assert.deepEqual(await numbersIn(sql), [1, 12]);
  await assert.rejects(
    async () => await sql`INSERT INTO a VALUES (5), (1) RETURNING 1`,
    /UNIQUE/,
  );
  assert.deepEqual(await numbersIn(sql), [1, 12]);
});

test("statements that several ask for run right behind one another, in a later turn", async () => {
  const { sql, database } = tableOfOne();
  const events: string[] = [];
  database.function("note", (event) => events.push(String(event)));
  const ask = async (name: string) => {
    await sql`SELECT note(${name})`;
    events.push(`${name} goes on`);
  };
  const asked = [ask("first"), ask("second")];
  await null;
  asked.push(ask("third"));
  events.push("this turn");
  await Promise.all(asked);
  const goOn = ["first goes on", "second goes on", "third goes on"];
  assert.deepEqual(events.slice(0, 2), ["this turn", "first"]);
  assert.deepEqual(
    events.toSorted(),
    [...goOn, "first", "second", "third", "this turn"].toSorted(),
  );
  assert.ok(
    events.indexOf("third") < events.indexOf("first goes on"),
    events.join(),
  );
});

test("a statement sees what was written until its turn, and fails alone", async () => {
  const { sql, database } = tableOfOne();
  const numbers = sql`SELECT number FROM a`.then((rows) => rows);
  const failing = sql`SELECT json('{')`.then((rows) => rows);
  const after = sql`SELECT 5 AS number`.then((rows) => rows);
  database.exec("UPDATE a SET number = 2");
  await assert.rejects(async () => await failing, /JSON/);
  assert.equal((await numbers)[0]?.["number"], 2);
  assert.equal((await after)[0]?.["number"], 5);
  // A turn of its own.
  assert.equal((await sql`SELECT 6 AS number`)[0]?.["number"], 6);
});

test("a change that fails leaves nothing, and what it failed by is told", async () => {
  const { sql } = tableOfOne();
  const failing = sql.begin(async (change) => {
    await change`INSERT INTO a VALUES (2)`;
    throw new Error("on purpose");
  });
  await assert.rejects(failing, /^Error: on purpose$/);
  assert.deepEqual(await numbersIn(sql), [1]);
  const rows = await sql.begin(async (change) =>
    await change`INSERT INTO a VALUES (3) RETURNING 1`
  );
  assert.equal(rows.length, 1);
  assert.deepEqual(await numbersIn(sql), [1, 3]);
});

test("a change that SQLite has rolled back by itself is told by its own error", async () => {
  const { sql } = tableOfOne();
  const failing = sql.begin(async (change) =>
    await change`INSERT OR ROLLBACK INTO a VALUES (1)`
  );
  await assert.rejects(failing, /UNIQUE/);
  assert.equal(await sql.begin(async () => await 7), 7);
});

test("a change that cannot be committed is rolled back", async () => {
  const { sql, database } = tableOfOne();
  database.exec("PRAGMA foreign_keys = ON");
  database.exec(
    "CREATE TABLE b (number INTEGER REFERENCES a (number) DEFERRABLE INITIALLY DEFERRED)",
  );
  const failing = sql.begin(async (change) =>
    await change`INSERT INTO b VALUES (2)`
  );
  await assert.rejects(failing, /FOREIGN KEY/);
  assert.deepEqual(await sql`SELECT * FROM b`, []);
  assert.equal(await sql.begin(async () => await 7), 7);
});

test("a change that cannot begin is told, and does not keep the next one waiting", async () => {
  const { sql, database } = tableOfOne();
  database.exec("BEGIN");
  await assert.rejects(sql.begin(async () => await 7), /within a transaction/);
  assert.equal(await sql.begin(async () => await 7), 7);
});

test("a change takes the right to write before it reads", async () => {
  const { sql, database } = tableOfOne();
  const seen: string[] = [];
  const exec = database.exec.bind(database);
  database.exec = (text) => {
    seen.push(text);
    return exec(text);
  };
  await sql.begin(async () => await seen.push("act"));
  assert.deepEqual(seen, ["BEGIN IMMEDIATE", "act", "COMMIT"]);
});

test("nothing comes between the statements of a change, whoever asks meanwhile", async () => {
  const { sql, database } = tableOfOne();
  const events: string[] = [];
  database.function("note", (event) => events.push(String(event)));
  const changeBy = (name: string) =>
    sql.begin(async (change) => {
      for (const step of [1, 2, 3]) {
        await change`SELECT note(${`${name}${step}`})`;
        // Much longer than a store takes.
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    });
  const ask = async (name: string) => await sql`SELECT note(${name})`;
  await Promise.all([changeBy("a"), ask("x"), changeBy("b"), ask("y")]);
  const text = events.join(" ");
  assert.match(text, /a1 a2 a3/);
  assert.match(text, /b1 b2 b3/);
  assert.equal(events.length, 8);
});

function tableOfOne(): { sql: Database; database: DatabaseSync } {
  const database = new DatabaseSync(":memory:");
  database.exec(
    "CREATE TABLE a (number INTEGER PRIMARY KEY); INSERT INTO a VALUES (1)",
  );
  return { sql: databaseOn(database), database };
}

async function numbersIn(sql: Sql): Promise<unknown[]> {
  return (await sql`SELECT number FROM a ORDER BY number`).map(({ number }) =>
    number
  );
}
