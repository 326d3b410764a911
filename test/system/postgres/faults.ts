/**
 * What becomes of servers, and of what they have acknowledged, when PostgreSQL
 * ends and starts again, when connections end, when it is slow, locked or
 * still, and when a server ends or stands still.
 */

import { SQL } from "bun";
import assert from "node:assert/strict";
import process from "node:process";
import type { Checks, Note } from "../../support/checks.ts";
import {
  password,
  type Received,
  startSession,
  type Tokens,
} from "../../support/client.ts";
import type { ServerProcess } from "../../support/server_process.ts";
import { pause, until } from "../../support/wait.ts";
import type { Cluster } from "./cluster.ts";
import { type Change, Load } from "./load.ts";
import { ask, type Site, withSite } from "./site.ts";

/** The lock of all changes, as src/storage/postgres.ts has it. */
const lock = 1869505898;
const emails = ["a", "b", "c", "d", "e", "f"].map((name) =>
  `${name}@example.org`
);
const [ada = "", bob = ""] = emails;

/** Runs all checks, each on a database and servers of its own. */
export async function checkFaults(
  checks: Checks,
  cluster: Cluster,
): Promise<void> {
  const check = (
    sentence: string,
    act: (site: Site, note: Note) => Promise<void>,
  ) =>
    checks.check(
      sentence,
      (note) => withSite(cluster, emails, (site) => act(site, note)),
    );

  await check(
    "PostgreSQL stops and starts under load: 503 meanwhile, nothing lost",
    (site, note) => restart(cluster, site, { mode: "fast", note }),
  );
  await check(
    "PostgreSQL crashes and starts under load: 503 meanwhile, nothing lost",
    (site, note) => restart(cluster, site, { mode: "immediate", note }),
  );
  const loseConnections = async () => {
    await check(
      "connections are lost with reads in them: nobody notices",
      loseReads,
    );
    await check(
      "who comes right after idle connections were lost does not notice",
      loseIdle,
    );
    await check(
      "a connection is lost that waits to change: 503, and the next is well",
      loseWaiting,
    );
    await check(
      "a connection is lost in a change: 503, and nothing of it was made",
      loseChanging,
    );
    await check(
      "a connection is lost in a commit: 503, nothing was acknowledged",
      loseCommitting,
    );
    await check(
      "a connection is lost in a single change: 503, and not another try",
      loseSingle,
    );
    await check(
      "kill -9 in a change: nothing of it was made, and the other goes on",
      killChanging,
    );
  };
  await Promise.all([ // they wait for the most part
    check(
      "changes that are held up are 503 in the end, and hold up no reads",
      holdUp,
    ),
    check(
      "a change and a read that take PostgreSQL seconds are not cut off",
      takeLong,
    ),
    check(
      "a server that stands still in a change holds up the other for seconds",
      standStill,
    ),
    check(
      "while PostgreSQL stands still a server is not ready, and it can be stopped",
      freeze,
    ),
    loseConnections(),
  ]);
  for (const change of ["login", "refresh", "logout"] as const) {
    await check(
      `kill -9 of one under load, at a ${change}: nothing lost, nothing half`,
      (site, note) => killUnderLoad(site, change, note),
    );
  }
  await check(
    "SIGTERM under load: it exits with 0, and nothing is lost",
    stopUnderLoad,
  );
}

async function restart(
  cluster: Cluster,
  { a, query }: Site,
  { mode, note }: { readonly mode: "fast" | "immediate"; readonly note: Note },
): Promise<void> {
  const load = new Load({ emails, servers: [a] });
  await until("the load runs", () => load.changes >= 100);
  await cluster.stop(mode);
  try {
    const before = load.unavailable;
    assert.equal((await ask(a, "GET /readyz")).status, 503);
    assert.equal((await ask(a, "GET /healthz")).status, 200);
    await pause(500);
    assert.ok(load.unavailable > before);
    assert.equal((await ask(a, "GET /readyz")).status, 503);
  } finally {
    await cluster.start();
  }
  const begun = performance.now();
  await until(
    "it is ready again",
    async () => (await ask(a, "GET /readyz")).status === 200,
  );
  note(`ready ${Math.round(performance.now() - begun)} ms after`);
  const { changes } = load;
  await until("the load runs again", () => load.changes >= changes + 100);
  await load.stop();
  note(`${load.unavailable} times 503`);
  await load.verify(a);
  assertWhole(query);
}

/**
 * All connections, each with a read that waits; the server learns of all losses
 * at once.
 */
async function loseReads({ a, url, query }: Site): Promise<void> {
  const { token } = await startSession(a, ada);
  for (let round = 0; round < 4; round++) {
    const { reads } = await inTransaction(url, async (sql) => {
      await sql`LOCK TABLE sessions`;
      const reads = Array.from(
        { length: 15 },
        () => ask(a, "GET /get-user", { token }),
      );
      await until("they wait", () => query(waiting).length >= 10);
      await whileStopped([idOf(a)], async () => {
        end(query, waiting);
        await until("all are lost", () => query(waiting).length === 0);
      });
      return { reads };
    });
    for (const { status, text } of await Promise.all(reads)) {
      assert.equal(status, 200, text);
    }
  }
}

/**
 * Who asks in the milliseconds until the client has seen of all connections
 * that they are lost. On a machine that is too busy that can take longer than
 * the server waits before its second try.
 */
async function loseIdle({ a, query }: Site, note: Note): Promise<void> {
  const { token } = await startSession(a, ada);
  const get = () => ask(a, "GET /get-user", { token });
  let noticed = 0;
  for (let round = 0; round < 10; round++) {
    await until("all connections are there", async () => {
      const many = await Promise.all(Array.from({ length: 40 }, get));
      assert.deepEqual(many.filter(({ status }) => status !== 200), []);
      return query(backends).length >= 10;
    });
    end(query, backends);
    if ((await get()).status !== 200) noticed++;
    await pause(200);
  }
  note(`${10 - noticed} of 10 times`);
  assert.ok(noticed <= 2);
}

async function loseWaiting({ a, url, query }: Site): Promise<void> {
  const { login } = await whileLocked(url, async () => {
    const login = logIn(a);
    await until("the login waits", () => query(waiting).length === 1);
    end(query, waiting);
    return { login: await login };
  });
  assertUnavailable(login);
  for (const table of ["sessions", "throttle", "known_addresses"]) {
    assert.deepEqual(query(`SELECT * FROM ${table}`), []);
  }
  assert.equal((await logIn(a)).status, 200);
}

async function loseChanging({ a, b, query }: Site): Promise<void> {
  await inChange({ a, query }, async ({ sessions, logout }) => {
    end(query, sleeping);
    assertUnavailable(await logout);
    await assertUntouched(a, { sessions, query });
  });
  const [session] = await assertLoggedOut(a, query);
  assert.equal(
    (await ask(b, "GET /get-user", { token: session.token })).status,
    400,
  );
}

async function loseCommitting({ a, query }: Site): Promise<void> {
  query(slowDown("INSERT ON sessions", 5, "commits"));
  const login = logIn(a);
  await Promise.race([
    login,
    until("it commits", () => query(sleeping).length === 1),
  ]);
  end(query, sleeping);
  assertUnavailable(await login);
  assert.deepEqual(query("SELECT 1 FROM sessions"), []);
}

async function loseSingle({ a, query }: Site): Promise<void> {
  const { token } = await startSession(a, ada);
  query(slowDown("DELETE ON sessions", 5));
  const logout = ask(a, "POST /logout", { token });
  await until("it changes", () => query(sleeping).length === 1);
  end(query, sleeping);
  assertUnavailable(await logout);
  assert.equal((await ask(a, "GET /get-user", { token })).status, 200);
}

async function killChanging({ a, b, query }: Site, note: Note): Promise<void> {
  await inChange({ a, query }, async ({ sessions, logout }) => {
    await a.stop("SIGKILL");
    assert.equal(await logout.catch(() => null), null);
    const begun = performance.now();
    await until(
      "others can change",
      async () => (await logIn(b, bob)).status === 200,
    );
    note(`the next change ${Math.round(performance.now() - begun)} ms after`);
    await assertUntouched(b, { sessions, query });
  });
  await assertLoggedOut(b, query);
}

/**
 * Logs out everywhere, and hands on the answer while PostgreSQL is in the
 * change's last statement, which takes it two seconds.
 */
async function inChange(
  { a, query }: Pick<Site, "a" | "query">,
  act: (change: {
    readonly sessions: readonly [Tokens, Tokens];
    readonly logout: Promise<Received>;
  }) => Promise<void>,
): Promise<void> {
  const sessions = [
    await startSession(a, ada),
    await startSession(a, ada),
  ] as const;
  query(slowDown("UPDATE OF tokens_from ON users", 2));
  const logout = ask(a, "POST /logout?everywhere=1", {
    token: sessions[0].token,
  });
  await Promise.race([
    logout,
    until("it changes", () => query(sleeping).length === 1),
  ]);
  await act({ sessions, logout });
  query("DROP FUNCTION take_long CASCADE");
}

async function assertUntouched(
  server: ServerProcess,
  { sessions, query }: Pick<Site, "query"> & {
    readonly sessions: readonly Tokens[];
  },
): Promise<void> {
  for (const { token } of sessions) {
    assert.equal((await ask(server, "GET /get-user", { token })).status, 200);
  }
  assert.deepEqual(
    query("SELECT tokens_from FROM users WHERE tokens_from > 0"),
    [],
  );
}

async function assertLoggedOut(server: ServerProcess, query: Site["query"]) {
  const session = await startSession(server, ada);
  const { token } = session;
  assert.equal(
    (await ask(server, "POST /logout?everywhere=1", { token })).status,
    204,
  );
  assert.deepEqual(
    query(`SELECT 1 FROM sessions WHERE user_id = ${session.userId}`),
    [],
  );
  assert.equal(
    query("SELECT tokens_from FROM users WHERE tokens_from > 0").length,
    1,
  );
  return [session] as const;
}

/**
 * More logins than there are connections, and for longer than anybody waits.
 */
async function holdUp({ a, url }: Site, note: Note): Promise<void> {
  const session = await startSession(a, ada);
  const begun = performance.now();
  const logins = await whileLocked(url, async () => {
    const logins = Array.from({ length: 15 }, async (_, index) => {
      const answer = await logIn(a, bob, `192.0.2.${index}`);
      return { ...answer, seconds: (performance.now() - begun) / 1000 };
    });
    await pause(500);
    let longest = 0;
    for (let count = 0; count < 20; count++) {
      const asked = performance.now();
      assert.equal(
        (await ask(a, "GET /get-user", { token: session.token })).status,
        200,
      );
      assert.equal((await ask(a, "GET /readyz")).status, 200);
      longest = Math.max(longest, performance.now() - asked);
      await pause(50);
    }
    note(`reads took ${Math.round(longest)} ms at most`);
    assert.ok(longest < 2500, `a read took ${longest} ms`);
    return await Promise.all(logins);
  });
  for (const login of logins) assertUnavailable(login);
  const seconds = logins.map(({ seconds }) => seconds);
  note(
    `503 after ${Math.min(...seconds).toFixed(1)} to ${
      Math.max(...seconds).toFixed(1)
    } s`,
  );
  assert.ok(Math.min(...seconds) > 3 && Math.max(...seconds) < 15);
  assert.equal((await logIn(a, bob)).status, 200);
}

/** Longer than anybody waits for a connection, or to connect. */
async function takeLong({ a, url, query }: Site, note: Note): Promise<void> {
  const { token } = await startSession(a, ada);
  query(slowDown("INSERT ON sessions", 6));
  const begun = performance.now();
  assert.equal((await logIn(a, bob)).status, 200);
  const { read } = await inTransaction(url, async (sql) => {
    await sql`LOCK TABLE sessions`;
    const read = ask(a, "GET /get-user", { token });
    await pause(6000);
    return { read };
  });
  assert.equal((await read).status, 200);
  note(`${((performance.now() - begun) / 2000).toFixed(1)} s each`);
}

async function standStill({ a, b, query }: Site, note: Note): Promise<void> {
  query(slowDown("INSERT ON sessions", 0.5));
  const login = logIn(a);
  await until("it changes", () => query(sleeping).length === 1);
  await whileStopped([idOf(a)], async () => {
    await until(
      "it holds the lock, and does nothing",
      () => query(idleInChange).length === 1,
    );
    const begun = performance.now();
    await until("the other logs in", async () => {
      const answer = await logIn(b, bob);
      if (answer.status !== 200) assertUnavailable(answer);
      return answer.status === 200;
    });
    note(
      `the other's login took ${
        ((performance.now() - begun) / 1000).toFixed(1)
      } s`,
    );
  });
  assertUnavailable(await login);
  assert.deepEqual(query("SELECT user_id FROM sessions"), ["2"]);
  assert.equal((await logIn(a)).status, 200);
}

async function freeze({ a, b, query }: Site, note: Note): Promise<void> {
  const { token } = await startSession(a, ada);
  for (const server of [a, b]) {
    const many = Array.from(
      { length: 40 },
      () => ask(server, "GET /get-user", { token }),
    );
    await Promise.all(many); // so that there are several connections
  }
  const processes = query(backends).map(Number);
  await whileStopped(processes, async () => {
    const begun = performance.now();
    const probes = Array.from({ length: 15 }, () => ask(a, "GET /readyz"));
    for (const { status } of await Promise.all(probes)) {
      assert.equal(status, 503);
    }
    note(
      `it is not ready after ${
        ((performance.now() - begun) / 1000).toFixed(1)
      } s`,
    );
    assert.equal(
      await Promise.race([a.stop(), pause(9000)]),
      0,
    );
  });
  await until(
    "the other is ready",
    async () => (await ask(b, "GET /readyz")).status === 200,
  );
}

async function killUnderLoad(
  { a, b, query }: Site,
  at: Change,
  note: Note,
): Promise<void> {
  let isKilled = false;
  const load = new Load({
    emails,
    servers: [a, b],
    ending: a,
    onAcknowledged: (change, count) => {
      if (isKilled || change !== at || count < 150) return;
      isKilled = true;
      a.stop("SIGKILL"); // sent before this returns
    },
  });
  await until("it is killed", () => isKilled);
  load.longestWait = 0;
  const { changes } = load;
  await until("the load runs on", () => load.changes >= changes + 100);
  await load.stop();
  note(`nobody waited longer than ${Math.round(load.longestWait)} ms`);
  await load.verify(b);
  assertWhole(query);
}

async function stopUnderLoad({ a, b, query }: Site, note: Note): Promise<void> {
  const load = new Load({ emails, servers: [a, b], ending: a });
  await until("the load runs", () => load.changes >= 150);
  const begun = performance.now();
  assert.equal(await a.stop("SIGTERM"), 0);
  note(`after ${Math.round(performance.now() - begun)} ms`);
  assert.ok(performance.now() - begun < 8000);
  const { changes } = load;
  await until("the load runs on", () => load.changes >= changes + 100);
  await load.stop();
  assert.equal(load.unavailable, 0);
  await load.verify(b);
  assertWhole(query);
}

/** What no change may leave, at whatever point it ended. */
function assertWhole(query: Site["query"]): void {
  const halves = {
    "a session without its user":
      "SELECT 1 FROM sessions LEFT JOIN users ON users.id = user_id WHERE users.id IS NULL",
    "a session from before all were ended":
      "SELECT 1 FROM sessions JOIN users ON users.id = user_id WHERE sessions.created_at < tokens_from - 1",
    "an attempt that was taken back by half":
      "SELECT 1 FROM throttle WHERE failures < 1",
    "a connection that holds the lock": idleInChange,
  };
  for (const [half, statement] of Object.entries(halves)) {
    assert.deepEqual(query(statement), [], half);
  }
}

// The connections of servers: all, and those in some state.
const backends =
  `SELECT pid FROM pg_stat_activity WHERE datname = current_database()
  AND backend_type = 'client backend' AND pid <> pg_backend_pid()`;
const waiting = `${backends} AND wait_event_type = 'Lock'`;
const sleeping = `${backends} AND wait_event = 'PgSleep'`;
const idleInChange = `${backends} AND state = 'idle in transaction'`;

/**
 * Lets PostgreSQL take so many seconds for a row, at once or when it commits.
 */
function slowDown(
  event: string,
  seconds: number,
  when: "changes" | "commits" = "changes",
): string {
  const trigger = when === "changes"
    ? `TRIGGER take_long BEFORE ${event}`
    : `CONSTRAINT TRIGGER take_long AFTER ${event} DEFERRABLE INITIALLY DEFERRED`;
  return `CREATE FUNCTION take_long() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_sleep(${seconds}); RETURN coalesce(NEW, OLD); END $$;
    CREATE ${trigger} FOR EACH ROW EXECUTE FUNCTION take_long()`;
}

/** Ends connections, and gives their number. */
function end(query: Site["query"], which: string): number {
  return query(`SELECT pg_terminate_backend(pid) FROM (${which}) AS ending`)
    .length;
}

/** Keeps all changes from beginning, as another server would that is in one. */
function whileLocked<T>(url: string, act: () => Promise<T>): Promise<T> {
  return inTransaction(url, async (sql) => {
    await sql`SELECT pg_advisory_xact_lock(${lock})`;
    return await act();
  });
}

async function inTransaction<T>(
  url: string,
  act: (sql: SQL) => Promise<T>,
): Promise<T> {
  const sql = new SQL(url, { max: 1 });
  try {
    return await sql.begin(act);
  } finally {
    await sql.close();
  }
}

function idOf({ child }: ServerProcess): number {
  assert.ok(child.pid !== undefined);
  return child.pid;
}

/** Lets processes stand still meanwhile. */
async function whileStopped<T>(
  ids: readonly number[],
  act: () => Promise<T>,
): Promise<T> {
  try {
    for (const id of ids) process.kill(id, "SIGSTOP");
    return await act();
  } finally {
    for (const id of ids) process.kill(id, "SIGCONT");
  }
}

function logIn(
  server: ServerProcess,
  email = ada,
  address = "192.0.2.1",
): Promise<Received> {
  const headers = { "x-forwarded-for": address };
  return ask(server, "POST /login", { form: { email, password }, headers });
}

function assertUnavailable(
  { status, headers, text }: Omit<Received, "body">,
): void {
  assert.equal(status, 503, text);
  assert.match(headers.get("retry-after") ?? "", /^[1-9]\d*$/);
}
