/**
 * Statements with values in them, and several as one change, when something in the midst of it fails.
 */

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { type Sql, sqlOn } from "../../src/storage/database.ts";

test("a value in a statement is bound, whatever it looks like, and read back as it was", () => {
  const { sql } = tableOfOne();
  for (const value of ["'", "?", "); DROP TABLE a --", "", "7", 7, 0.5, null]) {
    assert.deepEqual({ ...sql`SELECT ${value} AS value, ${"b"} AS other`[0] }, {
      value,
      other: "b",
    });
  }
  for (const value of [true, undefined]) {
    assert.throws(() => sql`SELECT ${value as unknown as string}`, TypeError);
  }
});

test("a statement is prepared once, however often it runs and with whatever values", () => {
  const { sql, database } = tableOfOne();
  const prepared: string[] = [];
  const prepare = database.prepare.bind(database);
  database.prepare = (text) => {
    prepared.push(text);
    return prepare(text);
  };
  for (const number of [2, 3, 4]) sql`INSERT INTO a VALUES (${number})`;
  assert.deepEqual(prepared, ["INSERT INTO a VALUES (?)"]);
  assert.deepEqual(numbersIn(sql), [1, 2, 3, 4]);
});

test("a statement runs to its end, whether it tells what it changed or not", () => {
  const { sql } = tableOfOne();
  assert.deepEqual(sql`INSERT INTO a VALUES (2), (3), (4)`, []);
  assert.equal(sql`UPDATE a SET number = number + 10 WHERE number > 1 RETURNING 1`.length, 3);
  assert.deepEqual(numbersIn(sql), [1, 12, 13, 14]);
  assert.equal(sql`DELETE FROM a WHERE number > 12 RETURNING 1`.length, 2);
  assert.equal(sql`DELETE FROM a WHERE number > 12 RETURNING 1`.length, 0);
  assert.deepEqual(numbersIn(sql), [1, 12]);
  assert.throws(() => sql`INSERT INTO a VALUES (5), (1) RETURNING 1`, /UNIQUE/);
  assert.deepEqual(numbersIn(sql), [1, 12]);
});

test("statements that several ask for soon run right behind one another, later than what is asked now", async () => {
  const { sql, database } = tableOfOne();
  const events: string[] = [];
  database.function("note", (event) => events.push(String(event)));
  const ask = async (name: string) => {
    await sql.soon`SELECT note(${name})`;
    events.push(`${name} goes on`);
  };
  const asked = [ask("first"), ask("second")];
  await null;
  asked.push(ask("third"));
  sql`SELECT note(${"now"})`;
  await Promise.all(asked);
  const goOn = ["first goes on", "second goes on", "third goes on"];
  assert.deepEqual(events, ["now", "first", "second", "third", ...goOn]);
});

test("a statement asked for soon sees what was written until its turn, and fails alone", async () => {
  const { sql } = tableOfOne();
  const numbers = sql.soon`SELECT number FROM a`;
  const failing = sql.soon`SELECT json('{')`;
  const after = sql.soon`SELECT 5 AS number`;
  sql`UPDATE a SET number = ${2}`;
  await assert.rejects(failing, /JSON/);
  assert.equal((await numbers)[0]?.["number"], 2);
  assert.equal((await after)[0]?.["number"], 5);
  assert.equal((await sql.soon`SELECT 6 AS number`)[0]?.["number"], 6); // a turn of its own
});

test("a transaction that fails leaves nothing, and what it failed by is told", () => {
  const { sql } = tableOfOne();
  const act = () => {
    sql`INSERT INTO a VALUES (2)`;
    throw new Error("on purpose");
  };
  assert.throws(() => sql.transaction(act), /^Error: on purpose$/);
  assert.deepEqual(numbersIn(sql), [1]);
  assert.deepEqual(sql.transaction(() => sql`INSERT INTO a VALUES (3) RETURNING 1`.length), 1);
  assert.deepEqual(numbersIn(sql), [1, 3]);
});

test("a transaction that SQLite has rolled back by itself is told by its own error", () => {
  const { sql } = tableOfOne();
  assert.throws(() => sql.transaction(() => sql`INSERT OR ROLLBACK INTO a VALUES (1)`), /UNIQUE/);
  assert.equal(sql.transaction(() => 7), 7);
});

test("a transaction that cannot be committed is rolled back", () => {
  const { sql, database } = tableOfOne();
  database.exec("PRAGMA foreign_keys = ON");
  database.exec(
    "CREATE TABLE b (number INTEGER REFERENCES a (number) DEFERRABLE INITIALLY DEFERRED)",
  );
  assert.throws(() => sql.transaction(() => sql`INSERT INTO b VALUES (2)`), /FOREIGN KEY/);
  assert.deepEqual(sql`SELECT * FROM b`, []);
  assert.equal(sql.transaction(() => 7), 7);
});

test("a transaction takes the right to write before it reads", () => {
  const { sql, database } = tableOfOne();
  const seen: string[] = [];
  const exec = database.exec.bind(database);
  database.exec = (text) => {
    seen.push(text);
    return exec(text);
  };
  sql.transaction(() => seen.push("act"));
  assert.deepEqual(seen, ["BEGIN IMMEDIATE", "act", "COMMIT"]);
});

function tableOfOne(): { sql: Sql; database: DatabaseSync } {
  const database = new DatabaseSync(":memory:");
  database.exec("CREATE TABLE a (number INTEGER PRIMARY KEY); INSERT INTO a VALUES (1)");
  return { sql: sqlOn(database), database };
}

function numbersIn(sql: Sql): unknown[] {
  return sql`SELECT number FROM a ORDER BY number`.map(({ number }) => number);
}
