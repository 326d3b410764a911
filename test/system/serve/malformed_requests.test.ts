/**
 * A thousand malformed requests, a hundred of each kind, to the real server
 * over raw sockets: each is refused with the answer that belongs to it, none is
 * a fault of the server's, and nothing of what a client keeps secret comes back
 * or is logged. MALFORMED_SEED=<number> makes others.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { currentSecond, parseEmail } from "../../../src/auth/auth.ts";
import { openSqlite } from "../../../src/storage/sqlite.ts";
import { cheapHasher } from "../../support/hashers.ts";
import {
  type Answer,
  goodToken,
  makeMalformedRequests,
  type MalformedRequest,
  type RuntimeName,
} from "./malformed_requests.ts";
import {
  logIn,
  sendRaw,
  type ServerProcess,
  testSecret,
  type Variables,
  withServer,
} from "../../support/server_process.ts";
import { slowTestUnless } from "../../support/slow_test.ts";
import { withFolder } from "../../support/temp.ts";
import { pause } from "../../support/wait.ts";

const seed = Number(process.env["MALFORMED_SEED"] ?? 1);
const runtime: RuntimeName = "Bun" in globalThis ? "Bun" : "Deno";
const needsLinux = process.platform === "linux"
  ? false
  : "only on Linux is all of 127.0.0.0/8 this machine";
const user = { user: "User id=1: <user@email.com, is_admin=False>" };

test("a seed makes the same hundred requests of each of ten kinds again", () => {
  const options = { seed, runtime, token: goodToken(), requestsPerKind: 100 };
  const requests = makeMalformedRequests(options);
  const counts = new Map<string, number>();
  for (const { kind } of requests) {
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  assert.deepEqual([...counts.values()], Array(10).fill(100));
  const again = makeMalformedRequests(options);
  const withoutClock = ({ kind }: MalformedRequest) => kind !== "tokens";
  assert.deepEqual(again.filter(withoutClock), requests.filter(withoutClock));
  assert.notDeepEqual(
    makeMalformedRequests({ ...options, seed: seed + 1 }),
    requests,
  );
});

slowTestUnless(
  needsLinux,
  "a thousand malformed requests are refused, each as it must be, and leave no trace",
  async () => {
    await withTwoServers(async (trial, configured) => {
      const token = await logIn(trial);
      // What the forged tokens are wrong against.
      await assertShowsUser(configured, goodToken());
      const requests = makeMalformedRequests({
        seed,
        runtime,
        token,
        requestsPerKind: 100,
      });
      const servers = { trial, configured };
      const faults = await inParallel(requests, 20, async (request, index) => {
        const start = performance.now();
        const { port } = servers[request.server];
        const { bytes, patienceMilliseconds } = request;
        const localAddress = addressOf(index);
        const answer = await sendRaw(port, bytes, {
          patienceMilliseconds,
          localAddress,
        });
        return faultOf(request, answer, performance.now() - start);
      });
      await assertShowsUser(trial, await logIn(trial));
      await assertShowsUser(configured, await logIn(configured));
      await pause(300); // the log is written in batches
      const logFaults = [trial, configured].flatMap(({ output }) =>
        faultsOfOutput(output, requests)
      );
      const found = [...faults.filter((fault) => fault !== null), ...logFaults];
      assert.equal(
        found.length,
        0,
        `${runtime}, MALFORMED_SEED=${seed}: ${found.length} faults\n${
          found.slice(0, 12).join("\n")
        }`,
      );
    });
  },
);

/**
 * A client of its own for each request, or the throttle would answer for what
 * is wrong with it.
 */
function addressOf(index: number): string {
  return `127.1.${index >> 8}.${index & 255}`;
}

/** A trial, and a server whose secret the test knows, with the same account. */
async function withTwoServers(
  use: (trial: ServerProcess, configured: ServerProcess) => Promise<void>,
): Promise<void> {
  // Without the page, / leads nowhere.
  const common = {
    PASSWORD_HASH: "pbkdf2",
    PASSWORD_ITERATIONS: "10000",
    PAGE: "off",
  };
  await withFolder(async (folder) => {
    const path = join(folder, "accounts.sqlite");
    const variables: Variables = {
      ...common,
      JWT_SECRET: testSecret,
      DATABASE_URL: `sqlite:${path}`,
    };
    await addDemoAccount(path);
    await withServer(
      common,
      (trial) => withServer(variables, (server) => use(trial, server)),
    );
  });
}

/** The account of a trial, whose password is too common for any other. */
async function addDemoAccount(path: string): Promise<void> {
  const email = parseEmail("user@email.com");
  assert.ok(email !== null);
  const passwordHash = await cheapHasher(10_000).hash("password");
  const store = openSqlite(path);
  await store.addUser({
    email,
    isAdmin: false,
    passwordHash,
    createdAt: currentSecond(),
  }, null);
  store.close();
}

async function assertShowsUser(
  server: ServerProcess,
  token: string,
): Promise<void> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${server.origin}/get-user`, { headers });
  assert.deepEqual(await response.json(), user);
}

/**
 * Runs a job for each value, so many at once, and returns the results in order.
 */
async function inParallel<T, Result>(
  values: readonly T[],
  atOnce: number,
  job: (value: T, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const rest = values.entries(); // shared: each worker takes the next
  const work = async () => {
    for (const [index, value] of rest) results[index] = await job(value, index);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return results;
}

/** What is wrong with an answer, or null. */
function faultOf(
  request: MalformedRequest,
  answer: string,
  milliseconds: number,
): string | null {
  const wrong = mistakeIn(request, answer, milliseconds);
  if (wrong === null) return null;
  const { kind, shape, reason, bytes } = request;
  const start = JSON.stringify(
    new TextDecoder("latin1").decode(bytes.slice(0, 160)),
  );
  const why = reason === null ? "" : ` (${reason})`;
  return `${kind}, ${shape}: ${wrong}${why}\n  ${start}\n  ${
    JSON.stringify(answer.slice(0, 400))
  }`;
}

function mistakeIn(
  { outcome, secrets, patienceMilliseconds }: MalformedRequest,
  answer: string,
  milliseconds: number,
): string | null {
  if (outcome === "closed") {
    if (answer !== "") return "answered, where the connection should just end";
    return milliseconds >= patienceMilliseconds
      ? "neither answered nor ended"
      : null;
  }
  const headEnd = answer.indexOf("\r\n\r\n");
  const head = answer.slice(0, headEnd);
  const body = answer.slice(headEnd + 4);
  const status = Number(/^HTTP\/1\.[01] (\d{3}) /.exec(head)?.[1]);
  const expected = typeof outcome === "number" ? outcome : outcome.status;
  if (status !== expected) return `status ${status}, expected ${expected}`;
  if (secrets.some((secret) => answer.includes(secret))) {
    return "a secret came back";
  }
  if (/\bat |\.ts:|Error:/.test(body)) return "a stack trace came back";
  if (typeof outcome === "number") {
    return body === "" ? null : "the runtime sent a body";
  }
  return status >= 500
    ? "a fault of the server's"
    : mistakeInAnswer(outcome, head, body);
}

function mistakeInAnswer(
  expected: Answer,
  head: string,
  body: string,
): string | null {
  const message = messageIn(body);
  if (message === null) return 'the body is not {"message": text}';
  if (!expected.message.test(message)) {
    return `another message than ${expected.message}`;
  }
  if (!/^content-type: application\/json$/im.test(head)) {
    return "another Content-Type than JSON";
  }
  const challenge = /^www-authenticate: (.*)$/im.exec(head)?.[1];
  if (challenge !== expected.challenge) {
    return `WWW-Authenticate is ${challenge}`;
  }
  if (expected.field !== undefined && !expected.field.test(head)) {
    return `no ${expected.field}`;
  }
  return null;
}

function messageIn(body: string): string | null {
  try {
    const value: unknown = JSON.parse(body);
    const { message, ...others } = Object(value);
    return typeof message === "string" && Object.keys(others).length === 0
      ? message
      : null;
  } catch {
    return null;
  }
}

/**
 * What is wrong with what a server has printed: secrets, errors, lines that are
 * no JSON.
 */
function faultsOfOutput(
  { stdout, stderr }: ServerProcess["output"],
  requests: readonly MalformedRequest[],
): string[] {
  const faults = stderr === "" ? [] : [`stderr: ${stderr.slice(0, 1000)}`];
  for (const { kind, shape, secrets } of requests) {
    if (secrets.some((secret) => stdout.includes(secret))) {
      faults.push(`${kind}, ${shape}: logged`);
    }
  }
  // A trial first says what it is.
  const log = stdout.slice(stdout.search(/^\{/m));
  for (const line of log.trimEnd().split("\n")) {
    if (isFaultInLog(line)) faults.push(`log: ${line.slice(0, 1000)}`);
  }
  return faults;
}

function isFaultInLog(line: string): boolean {
  try {
    const { level, status }: { level?: unknown; status?: unknown } = Object(
      JSON.parse(line),
    );
    return level === "error" || (typeof status === "number" && status >= 500);
  } catch {
    return true;
  }
}
