/**
 * A database that writes down what it is asked: which statements, in which
 * order, and where a change begins and ends.
 */

import type { Database, Sql, Value } from "../../src/storage/sql.ts";

/** A database that is written down, and what there is of it so far. */
export interface Recorder {
  readonly database: Database;
  /** Each statement on one line, with "?" for its values. */
  readonly statements: string[];
}

/** Writes down what another database is asked. */
export function record(original: Database): Recorder {
  const statements: string[] = [];

  function recorded(sql: Sql): Sql {
    return (text: TemplateStringsArray, ...values: readonly Value[]) => {
      statements.push(text.join("?").replace(/\s+/g, " "));
      return sql(text, ...values);
    };
  }

  async function begin<T>(act: (change: Sql) => Promise<T>): Promise<T> {
    statements.push("BEGIN");
    const result = await original.begin((change) => act(recorded(change)));
    statements.push("COMMIT");
    return result;
  }

  const sql = recorded(original);
  return { database: Object.assign(sql, { begin }), statements };
}
