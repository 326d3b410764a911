/**
 * Bun.SQL by its own types is a client as storage/postgres.ts asks for one,
 * without a cast; what lacks `begin` is none. Checked by tsc, never run.
 */

import type { SQL } from "bun";
import type { Sql } from "../../../src/storage/sql.ts";
import type { PostgresClient } from "../../../src/storage/postgres.ts";

declare const sql: SQL;
export const client: PostgresClient = sql;
declare const tag: Sql;
// @ts-expect-error a tag alone, which cannot make several statements one change
export const noClient: PostgresClient = tag;
