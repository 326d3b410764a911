/**
 * What becomes of a server, and of what it has acknowledged, when PostgreSQL goes away and comes back,
 * when a connection dies, and when another server dies in the midst of its work.
 */

import assert from "node:assert/strict";
import process from "node:process";
import { setTimeout } from "node:timers/promises";
import type { Checks, Note } from "../image/checks.ts";
import { password, send, startSession } from "../serve/client.ts";
import { runOnejot, type ServerProcess, startServer } from "../serve/server_process.ts";
import type { Cluster } from "./cluster.ts";
import { Load } from "./load.ts";
import { settingsOf } from "./servers.ts";

const lock = 1869505898; // as src/storage/postgres.ts has it
const emails = Array.from(
  { length: 6 },
  (_, index) => `user${index}@example.org`,
);

/** Servers, and the database that they share. */
interface Site {
  readonly servers: readonly [ServerProcess, ServerProcess];
  readonly url: string;
}

/** Runs all checks; each stops and starts the cluster, or what it needs to. */
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
      (note) => withSite(cluster, (site) => act(site, note)),
    );
  for (const mode of ["fast", "immediate"] as const) {
    await check(
      `PostgreSQL stopped (${mode}) and started under load: 503 meanwhile, nothing lost`,
      (site, note) => restart(cluster, site, { mode, note }),
    );
  }
  await check(
    "connections that died unused are not noticed by who asks next",
    async (site) => {
      await loseIdle(cluster, site);
    },
  );
  await check(
    "a connection that dies in a change: 503, nothing half there, and the next works",
    (site) => {
      return loseInChange(cluster, site);
    },
  );
  await check(
    "changes that wait for another leave room for reads, and wait no longer than is told",
    (site, note) => {
      return fillPool(cluster, site, note);
    },
  );
  await check(
    "SIGTERM under load: it exits with 0, and the other has all that was acknowledged",
    (site) => {
      return stopOne(cluster, site);
    },
  );
  await check("a frozen database turns /readyz, and holds up no exit", (site) => {
    return freezeDatabase(cluster, site);
  });
  await check(
    "kill -9 of one server under load: the other has all that was acknowledged",
    (site) => {
      return killOne(cluster, site);
    },
  );
  await check(
    "a server that stops in a change does not keep the other from its own for long",
    (site, note) => {
      return freezeOne(cluster, site, note);
    },
  );
}

async function withSite(
  cluster: Cluster,
  act: (site: Site) => Promise<void>,
): Promise<void> {
  const url = cluster.createDatabase();
  const variables = settingsOf(url);
  for (const email of emails) {
    const { code, stderr } = await runOnejot(
      ["user", "add", email],
      variables,
      `${password}\n`,
    );
    assert.equal(code, 0, stderr);
  }
  const servers = [
    await startServer(variables),
    await startServer(variables),
  ] as const;
  try {
    await act({ servers, url });
    for (const { output } of servers) {
      assert.doesNotMatch(output.stdout + output.stderr, /"status":500/);
      assert.ok(
        !(output.stdout + output.stderr).includes(new URL(url).password),
      );
    }
  } finally {
    for (const server of servers) await server.stop("SIGKILL");
  }
}

async function restart(
  cluster: Cluster,
  { servers: [server] }: Site,
  { mode, note }: { readonly mode: "fast" | "immediate"; readonly note: Note },
): Promise<void> {
  const load = new Load(emails, [server]);
  await setTimeout(1000);
  cluster.stop(mode);
  try {
    const { status, headers } = await send(server, "GET /readyz");
    assert.equal(status, 503);
    assert.ok(headers !== null);
    await setTimeout(500);
  } finally {
    cluster.start();
  }
  const start = performance.now();
  await until(async () => (await send(server, "GET /readyz")).status === 200);
  note(`ready after ${Math.round(performance.now() - start)} ms`);
  await setTimeout(1000);
  await load.stop();
  assert.ok(load.ledger.unavailable > 0);
  await load.verify(server);
}

async function loseIdle(
  cluster: Cluster,
  { servers: [server], url }: Site,
): Promise<void> {
  const { token } = await startSession(server, emails[0] ?? "");
  for (let round = 0; round < 5; round++) {
    const warm = Array.from(
      { length: 40 },
      () => send(server, "GET /get-user", { token }),
    );
    for (const { status } of await Promise.all(warm)) assert.equal(status, 200);
    endConnections(cluster, url);
    assert.equal((await send(server, "GET /get-user", { token })).status, 200);
  }
}

async function loseInChange(
  cluster: Cluster,
  { servers: [server], url }: Site,
): Promise<void> {
  const held = holdLock(cluster, url, 20);
  const form = { email: emails[0] ?? "", password };
  const login = send(server, "POST /login", { form });
  await until(() => Promise.resolve(waiters(cluster, url) > 0));
  cluster.query(
    url,
    `SELECT pg_terminate_backend(pid) FROM pg_locks
    WHERE locktype = 'advisory' AND NOT granted`,
  );
  const { status, headers, text } = await login;
  assert.equal(status, 503, text);
  assert.match(headers.get("retry-after") ?? "", /^\d+$/);
  held.release();
  assert.deepEqual(cluster.query(url, "SELECT count(*) FROM sessions"), ["0"]);
  await startSession(server, emails[0] ?? "");
}

async function fillPool(
  cluster: Cluster,
  { servers: [server], url }: Site,
  note: Note,
): Promise<void> {
  const { token } = await startSession(server, emails[0] ?? "");
  const held = holdLock(cluster, url, 30);
  const start = performance.now();
  const logins = Array.from({ length: 20 }, (_, index) => {
    const form = { email: emails[index % emails.length] ?? "", password };
    return send(server, "POST /login", { form });
  });
  await until(() => Promise.resolve(waiters(cluster, url) > 0));
  await setTimeout(300);
  const asked = performance.now();
  assert.equal((await send(server, "GET /get-user", { token })).status, 200);
  const readMilliseconds = performance.now() - asked;
  note(`a read took ${Math.round(readMilliseconds)} ms`);
  assert.ok(readMilliseconds < 3000);
  for (const { status, headers } of await Promise.all(logins)) {
    assert.ok(status === 503 || status === 429, String(status));
    assert.ok(headers.has("retry-after"));
  }
  note(`logins were told after ${Math.round(performance.now() - start)} ms`);
  held.release();
  assert.equal((await send(server, "GET /readyz")).status, 200);
}

async function stopOne(_cluster: Cluster, { servers: [one, other] }: Site): Promise<void> {
  const load = new Load(emails, [one, other]);
  await setTimeout(800);
  const start = performance.now();
  assert.equal(await one.stop("SIGTERM"), 0);
  assert.ok(performance.now() - start < 9000); // 5 s for what is in flight, and the rest
  await load.stop();
  await load.verify(other);
}

/** A database that is frozen answers nothing, and refuses nothing. */
async function freezeDatabase(
  cluster: Cluster,
  { servers: [one, other], url }: Site,
): Promise<void> {
  const { token } = await startSession(one, emails[0] ?? "");
  const pids = cluster.query(
    url,
    `SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()`,
  ).map(Number);
  const signal = (name: NodeJS.Signals) => pids.forEach((pid) => process.kill(pid, name));
  signal("SIGSTOP");
  try {
    assert.equal((await send(one, "GET /readyz")).status, 503);
    assert.equal((await send(one, "GET /healthz")).status, 200);
    assert.equal(await other.stop("SIGTERM"), 0);
  } finally {
    signal("SIGCONT");
  }
  await until(async () => (await send(one, "GET /readyz")).status === 200);
  assert.equal((await send(one, "GET /get-user", { token })).status, 200);
}

async function killOne(
  cluster: Cluster,
  { servers: [one, other], url }: Site,
): Promise<void> {
  const load = new Load(emails, [one, other]);
  await setTimeout(1200);
  await one.stop("SIGKILL");
  await setTimeout(800);
  await load.stop();
  await load.verify(other);
  const orphans = `SELECT count(*) FROM sessions LEFT JOIN users ON users.id = user_id
    WHERE users.id IS NULL`;
  assert.deepEqual(cluster.query(url, orphans), ["0"]);
}

async function freezeOne(
  cluster: Cluster,
  { servers: [one, other], url }: Site,
  note: Note,
): Promise<void> {
  const load = new Load(emails.slice(1), [one]);
  await setTimeout(500);
  for (let attempt = 0; attempt < 200; attempt++) { // until it is frozen in a change
    process.kill(one.child.pid ?? 0, "SIGSTOP");
    await setTimeout(20);
    const held = cluster.query(
      url,
      `SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)
      WHERE locktype = 'advisory' AND granted AND state = 'idle in transaction'`,
    );
    if (held[0] !== "0") break;
    process.kill(one.child.pid ?? 0, "SIGCONT");
    await setTimeout(5);
  }
  const start = performance.now();
  const form = { email: emails[0] ?? "", password };
  await until(async () => (await send(other, "POST /login", { form })).status === 200);
  note(
    `a login at the other after ${Math.round(performance.now() - start)} ms`,
  );
  process.kill(one.child.pid ?? 0, "SIGCONT");
  await load.stop();
  await load.verify(other);
}

/** Takes the lock that changes take, and keeps it in a connection of its own. */
function holdLock(
  cluster: Cluster,
  url: string,
  seconds: number,
): { release(): void } {
  const name = `holder_${Math.random().toString(36).slice(2)}`;
  cluster.spawn(
    url,
    `SET application_name = '${name}'; SELECT pg_advisory_lock(${lock}), pg_sleep(${seconds})`,
  );
  const isHeld = () =>
    cluster.query(
      url,
      "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted",
    ).length > 0;
  while (!isHeld());
  return {
    release: () => {
      cluster.query(
        url,
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name = '${name}'`,
      );
    },
  };
}

function waiters(cluster: Cluster, url: string): number {
  return cluster.query(
    url,
    `SELECT 1 FROM pg_locks
    WHERE locktype = 'advisory' AND NOT granted`,
  ).length;
}

function endConnections(cluster: Cluster, url: string): void {
  cluster.query(
    url,
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()`,
  );
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt++) {
    if (await isSo()) return;
    await setTimeout(50);
  }
  throw new Error("It did not come about within 30 seconds.");
}
