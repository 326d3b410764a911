/**
 * What is PostgreSQL's own: the schema's steps, the lock, turns, second tries,
 * and what is told of a lost connection. Where no server is needed, a client of
 * the port's shape answers as it is told.
 */

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { inspect } from "node:util";
import { isUnavailable } from "../../../src/auth/auth.ts";
import type { Database, Row, Sql } from "../../../src/storage/sql.ts";
import {
  openPostgres,
  type PostgresClient,
} from "../../../src/storage/postgres.ts";
import { migrations } from "../../../src/storage/postgres_schema.ts";
import { migrations as migrationsOfSqlite } from "../../../src/storage/sqlite_schema.ts";
import { postgresContract } from "../../support/places.ts";
import {
  ada,
  addBoth,
  authorWith,
  fifty,
  id,
  sessionOf,
} from "../../support/stores.ts";

const tables = [
  "known_addresses",
  "onejot_schema",
  "sessions",
  "throttle",
  "users",
];

postgresContract(
  "eight who start at once on an empty database all come up",
  async (clients) => {
    const starting = Array.from({ length: 8 }, async () => {
      return await openPostgres(await clients.connect(2));
    });
    const stores = await Promise.all(starting);
    const sql = await clients.connect(1);
    assert.deepEqual(await tablesIn(sql), tables);
    assert.deepEqual(await versionsIn(sql), [migrations.length]);
    const added = await Promise.all(
      stores.map((store) => store.addUser(ada, null)),
    );
    assert.equal(added.filter((account) => account !== null).length, 1);
  },
);

postgresContract(
  "who starts later finds all that is there",
  async (clients) => {
    const first = await openPostgres(await clients.connect(2));
    const [account] = await addBoth(first);
    await first.addSession({
      session: sessionOf("a"),
      account,
      replacedCookieHash: null,
    });
    const second = await openPostgres(await clients.connect(2));
    assert.deepEqual(await second.findAccountByEmail(ada.email), account);
    assert.deepEqual(
      await second.findSession({ id: "a", since: 0 }),
      sessionOf("a"),
    );
    assert.deepEqual(await versionsIn(await clients.connect(1)), [
      migrations.length,
    ]);
  },
);

postgresContract(
  "a database that is newer than the program is left as it is",
  async (clients) => {
    const sql = await clients.connect(1);
    await sql`CREATE TABLE onejot_schema (version INTEGER NOT NULL)`;
    await sql`INSERT INTO onejot_schema (version) VALUES (${
      migrations.length + 1
    })`;
    const opening = openPostgres(await clients.connect(2));
    await assert.rejects(
      opening,
      /^Error: the database is newer than this program$/,
    );
    assert.deepEqual(await tablesIn(sql), ["onejot_schema"]);
    assert.deepEqual(await versionsIn(sql), [migrations.length + 1]);
  },
);

postgresContract(
  "a step that fails leaves nothing, not even its version",
  async (clients) => {
    const sql = await clients.connect(1);
    await sql`CREATE TABLE throttle (key TEXT)`;
    await assert.rejects(openPostgres(await clients.connect(2)), /throttle/);
    assert.deepEqual(await tablesIn(sql), ["throttle"]);
    await sql`DROP TABLE throttle`;
    await openPostgres(await clients.connect(2));
    assert.deepEqual(await tablesIn(sql), tables);
  },
);

postgresContract(
  "the tables have SQLite's columns, and take null as they do",
  async (clients) => {
    const sql = await clients.connect(1);
    await openPostgres(await clients.connect(1));
    const database = new DatabaseSync(":memory:");
    for (const text of migrationsOfSqlite.flat()) database.exec(text.join(""));
    for (const table of tables.filter((name) => name !== "onejot_schema")) {
      const columns = await sql`
      SELECT column_name AS name, is_nullable FROM information_schema.columns
      WHERE table_name = ${table} AND table_schema = 'public' ORDER BY ordinal_position`;
      const ours = columns.map((row) =>
        `${row["name"]} ${row["is_nullable"] === "NO"}`
      );
      const theirs = database.prepare(`PRAGMA table_xinfo(${table})`).all()
        .map((row) =>
          `${row["name"]} ${row["notnull"] === 1 || row["pk"] !== 0}`
        );
      assert.deepEqual(ours, theirs, table);
    }
    database.close();
  },
);

postgresContract(
  "an attempt that has to wait is told while another changes",
  async (clients) => {
    const store = await openPostgres(await clients.connect(2));
    const strict = {
      key: "strict",
      freeFailures: 0,
      isLasting: false,
    };
    await store.countAttempt([strict], { now: 1000, since: 0 });
    await whileLocked(await clients.connect(1), async () => {
      assert.equal(
        await store.countAttempt([strict, patient], { now: 1001, since: 0 }),
        1,
      );
    });
  },
);

postgresContract(
  "an attempt that becomes too many while it waits is refused",
  async (clients) => {
    const store = await openPostgres(await clients.connect(2));
    const racing = {
      key: "racing",
      freeFailures: 2,
      isLasting: false,
    };
    await store.countAttempt([racing], { now: 1000, since: 0 });
    const sql = await clients.connect(2);
    const { attempt } = await whileLocked(sql, async () => {
      const attempt = store.countAttempt([racing, patient], {
        now: 1000,
        since: 0,
      });
      await isWaiting(sql);
      await sql`UPDATE throttle SET failures = 2 WHERE key = 'racing'`;
      return { attempt }; // which ends once the lock is free
    });
    assert.equal(await attempt, 1);
    const rows = await sql`SELECT key, failures FROM throttle`;
    assert.deepEqual(rows.map((row) => [row["key"], row["failures"]]), [[
      "racing",
      2,
    ]]);
  },
);

postgresContract(
  "changes that wait too long are told, and reads go on meanwhile",
  async (clients) => {
    const options = { connections: 2, waitSeconds: 0.5 };
    const store = await openPostgres(await clients.connect(2), options);
    await addBoth(store);
    const sql = await clients.connect(2);
    // One waits for the lock, the other for a place.
    for (let round = 1; round < 4; round++) {
      await whileLocked(sql, async () => {
        const changing = [1, 2].map(async (user) =>
          await store.endAllSessions({
            author: authorWith(id(user)),
            tokensFrom: round + 1,
          })
        );
        const outcomes = Promise.allSettled(changing);
        await isWaiting(sql);
        for (let count = 0; count < 5; count++) {
          assert.notEqual(
            await store.findUserOfToken({ userId: id(1), issuedAt: round }),
            null,
          );
        }
        for (const outcome of await outcomes) {
          assert.ok(
            outcome.status === "rejected" && isUnavailable(outcome.reason),
          );
        }
      });
      await Promise.all(
        [1, 2].map((user) =>
          store.endAllSessions({
            author: authorWith(id(user)),
            tokensFrom: round + 1,
          })
        ),
      );
      assert.equal(
        await store.findUserOfToken({ userId: id(1), issuedAt: round }),
        null,
      );
    }
  },
);

postgresContract(
  "a change that stands still lets others go on after a while",
  async (clients) => {
    const slow = await clients.connect(2);
    const other = await clients.connect(2);
    const store = await openPostgres(other, { waitSeconds: 5 });
    await addBoth(store);
    let isStanding = false;
    const standing: PostgresClient = Object.assign(slow.bind(null), {
      begin: <T>(act: (change: Sql) => Promise<T>): Promise<T> =>
        slow.begin(async (change) => {
          const result = await act(change);
          if (isStanding) await setTimeout(1500); // milliseconds, with the lock
          return result;
        }),
    });
    const late = await openPostgres(standing, { waitSeconds: 0.3 });
    isStanding = true;
    const [outcome, changed] = await Promise.all([
      Promise.resolve(
        late.endAllSessions({ author: authorWith(id(1)), tokensFrom: 8 }),
      ).then(
        () => "made",
        isUnavailable,
      ),
      setTimeout(100).then(() =>
        store.changeUser({
          id: id(2),
          change: { isAdmin: true },
          tokensFrom: 6,
          author: null,
        })
      ),
    ]);
    assert.equal(outcome, true);
    assert.notEqual(changed, null);
    assert.notEqual(
      await store.findUserOfToken({ userId: id(1), issuedAt: 7 }),
      null,
    ); // nothing of it was made
  },
);

postgresContract("the time limits of a change end with it", async (clients) => {
  const client = await clients.connect(1);
  const settings = async () => {
    const [row] =
      await client`SELECT current_setting('lock_timeout') AS waiting,
      current_setting('idle_in_transaction_session_timeout') AS pausing`;
    return { ...row };
  };
  const before = await settings();
  const store = await openPostgres(client, { connections: 1, waitSeconds: 7 });
  await addBoth(store);
  await store.endAllSessions({ author: authorWith(id(1)), tokensFrom: 6 });
  assert.deepEqual(await settings(), before);
  let during = {};
  const watching: PostgresClient = Object.assign(client.bind(null), {
    begin: <T>(act: (change: Sql) => Promise<T>): Promise<T> =>
      client.begin(async (change) => {
        const result = await act(change);
        const [row] =
          await change`SELECT current_setting('lock_timeout') AS waiting,
          current_setting('idle_in_transaction_session_timeout') AS pausing`;
        during = { ...row };
        return result;
      }),
  });
  await openPostgres(watching, { waitSeconds: 7 });
  assert.deepEqual(during, { waiting: "7s", pausing: "7s" });
});

postgresContract(
  "connections that the server has ended are made anew",
  async (clients) => {
    const store = await openPostgres(await clients.connect(4), {
      connections: 4,
    });
    await addBoth(store);
    const sql = await clients.connect(1);
    for (let round = 0; round < 5; round++) {
      const many = Array.from({ length: 8 }, () => store.findAccount(id(1)));
      assert.ok(
        (await Promise.all(many)).every((account) => account?.id === 1),
      );
      assert.notEqual(
        await store.changeUser({
          id: id(2),
          change: { isAdmin: round % 2 === 0 },
          tokensFrom: 6,
          author: null,
        }),
        null,
      );
      await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE pid <> pg_backend_pid() AND datname = current_database()`;
      // Milliseconds; what postgres.js 3.4.9 is asked before may hang.
      await setTimeout(100);
    }
  },
);

/**
 * Errors that say that the connection is at fault, as clients throw them:
 * `code` and `errno`.
 */
const lost = [
  ["EPIPE"],
  ["ECONNREFUSED", -111],
  ["ECONNRESET", -104],
  ["ENOTFOUND"],
  ["CONNECTION_CLOSED"],
  ["CONNECT_TIMEOUT"],
  ["ERR_POSTGRES_CONNECTION_CLOSED"],
  ["ERR_POSTGRES_CONNECTION_TIMEOUT"],
  ["57P01"],
  ["57P03"],
  ["08006"],
  ["53300"],
  ["40P01"],
  ["40001"],
  ["25P03"],
  ["55P03"],
  ["ERR_POSTGRES_SERVER_ERROR", "57P01"],
  ["ERR_POSTGRES_SERVER_ERROR", "53300"],
  ["ERR_POSTGRES_SERVER_ERROR", "40P01"],
] as const;

/** SQLSTATEs that say that the statement is at fault. */
const faultStates = [
  "23505",
  "23503",
  "22021",
  "22003",
  "42P01",
  "42501",
  "57014",
  "XX000",
];

/** The same by both kinds of clients, and errors without a SQLSTATE. */
const faults: readonly unknown[] = [
  ...faultStates.map((state) => failure(state)),
  ...faultStates.map((state) => failure("ERR_POSTGRES_SERVER_ERROR", state)),
  new Error("without a code"),
  failure(7),
  new TypeError("of ours"),
  Object.assign(new TypeError("of ours"), { code: "ERR_INVALID_ARG_TYPE" }),
  Object.assign(new RangeError("of ours"), { code: "ERR_OUT_OF_RANGE" }),
  "a text",
  null,
];

for (const [code, errno] of lost) {
  const name = errno === undefined ? code : `${code} ${errno}`;
  test(`after ${name} a read is tried a second time, and what writes is not`, async () => {
    let failures = 0;
    const { client, seen } = clientThat((statement) => {
      if (failures-- > 0) throw failure(code, errno);
      return statement.startsWith("SELECT") ? [account] : [{}];
    });
    const store = await openPostgres(client);
    seen.length = 0;
    failures = 1;
    assert.equal((await store.findAccount(id(1)))?.email, ada.email);
    assert.equal(seen.length, 2);
    seen.length = 0;
    failures = 1;
    await assert.rejects(
      async () => await store.endSession({ id: "a", userId: id(1) }),
      isUnavailable,
    );
    assert.equal(seen.length, 1);
    assert.equal(await store.endSession({ id: "a", userId: id(1) }), true);
  });
}

test("a change that loses its connection is not made again, nor a read within it", async () => {
  for (
    const at of [
      /^BEGIN/,
      /pg_advisory/,
      /^SELECT \* FROM users/,
      /^DELETE/,
      /^COMMIT/,
    ]
  ) {
    let isDown = false;
    const { client, seen } = clientThat((statement) => {
      if (isDown && at.test(statement)) throw failure("EPIPE");
      return statement.startsWith("SELECT") ? [account] : [];
    });
    const store = await openPostgres(client);
    seen.length = 0;
    isDown = true;
    const changing = async () =>
      await store.changeUser({
        id: id(1),
        change: { passwordHash: ada.passwordHash },
        tokensFrom: 6,
        author: null,
      });
    await assert.rejects(changing, isUnavailable);
    assert.equal(
      seen.filter((statement) => at.test(statement)).length,
      1,
      String(at),
    );
    assert.equal(seen.filter((statement) => statement === "BEGIN").length, 1);
  }
});

test("what a statement or this program is at fault for is thrown as it was, and once", async () => {
  for (const fault of faults) {
    let isFaulty = false;
    const { client, seen } = clientThat((statement) => {
      if (isFaulty && !/^(?:BEGIN|ROLLBACK)/.test(statement)) throw fault;
      return [];
    });
    const store = await openPostgres(client);
    isFaulty = true;
    for (
      const act of [
        () => store.findAccount(id(1)),
        () => store.endSession({ id: "a", userId: id(1) }),
        () =>
          store.endAllSessions({ author: authorWith(id(1)), tokensFrom: 6 }),
      ]
    ) {
      seen.length = 0;
      const thrown = await Promise.resolve(act()).then(
        () => "nothing",
        (error) => error,
      );
      assert.equal(thrown, fault);
      assert.equal(
        seen.filter((statement) => !/^(?:BEGIN|ROLLBACK)/.test(statement))
          .length,
        1,
      );
    }
  }
});

test("what is told of a lost connection holds codes alone: no value, no text, no URL", async () => {
  let isDown = false;
  const { client } = clientThat((statement) => {
    if (isDown && !statement.startsWith("ROLLBACK")) {
      throw failure("CONNECTION_CLOSED");
    }
    return [];
  });
  const store = await openPostgres(client);
  isDown = true;
  for (
    const act of [
      () => store.findAccountByEmail(ada.email),
      () => store.endSession({ id: "secret", userId: id(1) }),
      () => store.endAllSessions({ author: authorWith(id(1)), tokensFrom: 6 }),
    ]
  ) {
    const error = await Promise.resolve(act()).then(
      () => null,
      (error) => error,
    );
    assert.ok(isUnavailable(error));
    assert.equal(
      error.message,
      "the database cannot be reached: CONNECTION_CLOSED",
    );
    const told = inspect(error, { depth: 9, showHidden: true }) +
      JSON.stringify(error);
    assert.doesNotMatch(
      told,
      /secret|postgres:\/\/|example\.org|SELECT|DELETE/,
    );
  }
});

test("a database that cannot be reached at the start is told as unavailable", async () => {
  for (
    const at of [
      /^BEGIN/,
      /pg_advisory/,
      /^CREATE/,
      /^SELECT version/,
      /^COMMIT/,
    ]
  ) {
    const { client } = clientThat((statement) => {
      if (at.test(statement)) throw failure("ECONNREFUSED");
      return [];
    });
    await assert.rejects(openPostgres(client), isUnavailable, String(at));
  }
});

test("no text that a client is handed has a NUL, in a change or out of it", async () => {
  const texts: unknown[] = [];
  const { client } = clientThat((_statement, values) => {
    texts.push(...values);
    return [];
  });
  const store = await openPostgres(client);
  texts.length = 0;
  await store.findSession({ id: "a\0b\0", since: 5 });
  await store.countAttempt([{ key: "\0", freeFailures: 0, isLasting: false }], {
    now: 1000,
    since: 0,
  });
  assert.ok(
    texts.includes("a\ufffdb\ufffd") && texts.includes("\ufffd") &&
      texts.includes(5),
  );
  assert.ok(!texts.some((text) => String(text).includes("\0")));
});

test("a change takes the lock before all else, and what takes none is one statement", async () => {
  const { client, seen } = clientThat(() => []);
  const store = await openPostgres(client);
  for (
    const act of [
      () =>
        store.changeUser({
          id: id(1),
          change: {},
          tokensFrom: 6,
          author: null,
        }),
      () => store.endAllSessions({ author: authorWith(id(1)), tokensFrom: 6 }),
      () =>
        store.addSession({
          session: sessionOf("a"),
          account: {
            ...ada,
            id: id(1),
            isDisabled: false,
            createdAt: 1,
          },
          replacedCookieHash: null,
        }),
      () =>
        store.settleLogin({
          keys: [patient],
          forgotten: [],
          userId: id(1),
          address: "192.0.2.1",
          now: 5,
        }),
      () => store.takeBackAttempt([patient]),
      () => store.forgetAttempts({ forgotten: [], addressesOf: id(1) }),
      () => store.sweepSessions({ before: 5, limit: 5 }),
      // With a greater limit it also counts, which takes no lock.
      () => store.sweepThrottle({ before: 5, limit: 0 }),
    ]
  ) {
    seen.length = 0;
    await act();
    assert.equal(seen[0], "BEGIN");
    assert.match(
      seen[1] ?? "",
      /^SELECT .*\bpg_advisory_xact_lock\(1869505898\)/,
    );
    assert.equal(seen.at(-1), "COMMIT");
  }
});

test("so many run at once as there are places, and the others in their order", async () => {
  const { client, running, finish } = clientThatWaits();
  const store = await openPostgres(client, { connections: 3 });
  const users = [1, 2, 3, 4, 5, 6];
  // After which there are as many places as before.
  for (let round = 0; round < 3; round++) {
    const found: number[] = [];
    const asked = users.map(async (user) => {
      await store.findAccount(id(user));
      found.push(user);
    });
    for (const user of users) {
      await setTimeout(1);
      assert.deepEqual(running(), users.slice(user - 1, user + 2));
      finish(user);
    }
    await Promise.all(asked);
    assert.deepEqual(found, users);
  }
});

test("changes take half of the places at most, and with the reads no more than there are", async () => {
  const { client } = clientThat(() => []);
  const running = { reads: 0, changes: 0 };
  const most = { changes: 0, all: 0 };
  const during = async <T>(
    kind: "reads" | "changes",
    act: () => PromiseLike<T>,
  ): Promise<T> => {
    running[kind]++;
    most.changes = Math.max(most.changes, running.changes);
    most.all = Math.max(most.all, running.changes + running.reads);
    await setTimeout(2);
    return await Promise.resolve(act()).finally(() => running[kind]--);
  };
  const counting: PostgresClient = Object.assign(
    (...statement: Parameters<Sql>) =>
      during("reads", () => client(...statement)),
    {
      begin: <T>(act: (change: Sql) => Promise<T>) =>
        during("changes", () => client.begin(act)),
    },
  );
  const store = await openPostgres(counting, { connections: 4 });
  await Promise.all(fifty((index) => {
    return index % 2 === 0
      ? store.endAllSessions({ author: authorWith(id(1)), tokensFrom: 6 })
      : store.findAccount(id(1));
  }));
  assert.deepEqual(most, { changes: 2, all: 4 });
});

test("the wait for a place is bounded, and who waits behind is served", async () => {
  const { client, running, finish } = clientThatWaits();
  const store = await openPostgres(client, {
    connections: 1,
    waitSeconds: 0.5,
  });
  const first = Promise.resolve(store.findAccount(id(1)));
  const late = Promise.resolve(store.findAccount(id(2))).then(
    () => null,
    (error) => error,
  );
  await setTimeout(300); // milliseconds
  const third = Promise.resolve(store.findAccount(id(3)));
  const error = await late;
  assert.ok(isUnavailable(error));
  assert.equal(error.message, "the database's connections are all in use");
  assert.deepEqual(running(), [1]);
  finish(1);
  await first;
  await setTimeout(1);
  assert.deepEqual(running(), [3]);
  finish(3);
  await third;
});

test("no place is lost by errors, lost connections and waits that were too long", async () => {
  const { client, running, finish } = clientThatWaits();
  const store = await openPostgres(client, {
    connections: 2,
    waitSeconds: 0.02,
  });
  for (
    const fault of [
      failure("23505"),
      failure("EPIPE"),
      new TypeError("of ours"),
    ]
  ) {
    for (let round = 0; round < 3; round++) {
      const asked = [1, 2, 3, 4].map((user) =>
        Promise.resolve(store.endSession({ id: "a", userId: id(user) }))
      );
      const outcomes = Promise.allSettled(asked);
      await setTimeout(40); // the last two have given up
      assert.deepEqual(running(), [1, 2]);
      for (const user of [1, 2]) finish(user, fault);
      assert.ok((await outcomes).every(({ status }) => status === "rejected"));
    }
  }
  const asked = [1, 2].map((user) =>
    Promise.resolve(store.endSession({ id: "a", userId: id(user) }))
  );
  await setTimeout(1);
  assert.deepEqual(running(), [1, 2]);
  for (const user of [1, 2]) finish(user);
  await Promise.all(asked);
});

const patient = { key: "patient", freeFailures: 1000, isLasting: false };

async function tablesIn(sql: Sql): Promise<unknown[]> {
  const rows = await sql`SELECT table_name FROM information_schema.tables
    WHERE table_schema = 'public' ORDER BY table_name`;
  return rows.map((row) => row["table_name"]);
}

async function versionsIn(sql: Sql): Promise<unknown[]> {
  return (await sql`SELECT version FROM onejot_schema`).map((row) =>
    row["version"]
  );
}

/** Keeps all changes waiting while a function runs. */
function whileLocked<T>(sql: Database, act: () => Promise<T>): Promise<T> {
  return sql.begin(async (change) => {
    await change`SELECT pg_advisory_xact_lock(1869505898)`;
    return await act();
  });
}

/** Resolves when a change waits for the lock. */
async function isWaiting(sql: Sql): Promise<void> {
  const waiting =
    await sql`SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`;
  if (waiting.length === 0) await isWaiting(sql);
}

const account = {
  id: "1",
  email: ada.email,
  is_admin: 1,
  is_disabled: 0,
  created_at: "5",
};

/** What a client throws: it holds what must not be told. */
function failure(code: unknown, errno?: unknown): Error {
  const error = new Error("secret, by postgres://onejot:secret@host/name");
  return Object.assign(error, {
    code,
    errno,
    detail: `Key (email)=(${ada.email})`,
    query: "SELECT",
  });
}

type Answer = (statement: string, values: readonly unknown[]) => readonly Row[];

/**
 * A client that answers as it is told, on the last version of the schema; and
 * what it was asked.
 */
function clientThat(
  answer: Answer,
): { readonly client: PostgresClient; readonly seen: string[] } {
  const seen: string[] = [];
  const ask = (
    statement: string,
    values: readonly unknown[] = [],
  ): readonly Row[] => {
    seen.push(statement);
    const rows = answer(statement, values);
    return statement.startsWith("SELECT version")
      ? [{ version: migrations.length }]
      : rows;
  };
  const sql: Sql = async (text, ...values) => {
    return await ask(text.join("?").replaceAll(/\s+/g, " "), values);
  };
  const begin = async <T>(act: (change: Sql) => Promise<T>): Promise<T> => {
    ask("BEGIN");
    try {
      const result = await act(sql);
      ask("COMMIT");
      return result;
    } catch (error) {
      ask("ROLLBACK");
      throw error;
    }
  };
  return { client: Object.assign(sql, { begin }), seen };
}

interface WaitingClient {
  readonly client: PostgresClient;
  /** Whom the statements are about that run now. */
  running(): number[];
  /** Ends the one about a user, with an error if there is one. */
  finish(user: number, error?: Error): void;
}

/**
 * A client whose statements, but those of changes, run until they are told to
 * end.
 */
function clientThatWaits(): WaitingClient {
  const waiting = new Map<number, (error: Error | undefined) => void>();
  const { client } = clientThat(() => []);
  const sql: Sql = (_text, ...values) => {
    const user = Number(values.at(-1));
    return new Promise((resolve, reject) => {
      waiting.set(user, (error) => {
        waiting.delete(user);
        if (error === undefined) resolve([]);
        else reject(error);
      });
    });
  };
  return {
    client: Object.assign(sql, { begin: client.begin }),
    running: () => [...waiting.keys()],
    finish: (user, error) => waiting.get(user)?.(error),
  };
}
