/**
 * Several statements as one change, when something in the midst of it fails.
 */

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { inTransaction } from "../../src/storage/transaction.ts";

test("a transaction that fails leaves nothing, and what it failed by is told", () => {
  const database = tableOfOne();
  const act = () => {
    database.exec("INSERT INTO a VALUES (2)");
    throw new Error("on purpose");
  };
  assert.throws(() => inTransaction(database, act), /^Error: on purpose$/);
  assert.deepEqual(numbersIn(database), [1]);
  assert.equal(inTransaction(database, () => database.exec("INSERT INTO a VALUES (3)")), undefined);
  assert.deepEqual(numbersIn(database), [1, 3]);
});

test("a transaction that SQLite has rolled back by itself is told by its own error", () => {
  const database = tableOfOne();
  const act = () => database.exec("INSERT OR ROLLBACK INTO a VALUES (1)");
  assert.throws(() => inTransaction(database, act), /UNIQUE/);
  assert.equal(inTransaction(database, () => 7), 7);
});

test("a transaction takes the right to write before it reads", () => {
  const database = tableOfOne();
  const seen: string[] = [];
  const exec = database.exec.bind(database);
  database.exec = (sql) => {
    seen.push(sql);
    return exec(sql);
  };
  inTransaction(database, () => seen.push("act"));
  assert.deepEqual(seen, ["BEGIN IMMEDIATE", "act", "COMMIT"]);
});

function tableOfOne(): DatabaseSync {
  const database = new DatabaseSync(":memory:");
  database.exec("CREATE TABLE a (number INTEGER PRIMARY KEY); INSERT INTO a VALUES (1)");
  return database;
}

function numbersIn(database: DatabaseSync): unknown[] {
  return database.prepare("SELECT number FROM a").all().map(({ number }) => number);
}
