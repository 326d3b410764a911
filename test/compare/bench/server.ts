/**
 * Requests per second of an authenticated GET, its 50th and 99th percentile and
 * the processor time that it costs the server: onejot against other servers
 * that do the same work (rivals.ts), from wrk at 64 and at 1,000 connections,
 * on Linux. A server is a new process in every round, and alone: so the median
 * is over processes, which differ by more than one process does from second to
 * second, and no idle rival takes memory or runs a timer. The order rotates
 * from round to round. 10,000 distinct tokens fit into the verifier's memory;
 * what a token costs that does not is the row "onejot without a memory".
 *
 *   bun test/compare/bench/server.ts [--quick] [--runtime bun|deno] [--json FILE]
 *
 * ONLY="as it ships" takes the questions alone that hold this text. --quick
 * shows that all runs.
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { type Accounts, firstUserId, withManyAccounts } from "./accounts.ts";
import { load, type Loaded, processorSeconds } from "./load.ts";
import { requirePackages } from "../../support/packages.ts";
import {
  makeRows,
  median,
  readArguments,
  readVersions,
  writeResults,
} from "./result.ts";
import type { Result, Row, Runtime } from "./result.ts";
import { type RivalProcess, startRival } from "./rival_process.ts";
import { asItShips, type Group, type Rival, stateless } from "./rivals.ts";

/** What one rival is asked in each round. */
interface Question {
  readonly text: string;
  readonly group: Group;
  readonly tokens: "same" | "distinct";
  readonly connections: number;
}

/** One round of one rival. */
interface Round extends Loaded {
  readonly cpuMicrosecondsPerRequest: number;
}

interface ServerRow extends Row {
  readonly p50Milliseconds: number;
  readonly p99Milliseconds: number;
  readonly cpuMicrosecondsPerRequest: number;
}

interface ServerResult extends Result {
  readonly rows: readonly ServerRow[];
}

const tokenCount = 10_000;
const path = "/get-user";
const { isQuick, runtimes, json } = readArguments(["bun", "deno"]);
const roundCount = isQuick ? 1 : 5;
const warmingSeconds = isQuick ? 0.1 : 1;
const measuredSeconds = isQuick ? 0.4 : 2;

const questions = [stateless, asItShips].flatMap((group) => {
  const of = (
    tokens: Question["tokens"],
    connections: number,
    text: string,
  ): Question => {
    return { text: `${group.name}, ${text}`, group, tokens, connections };
  };
  return [
    of("same", 64, "same token"),
    of("distinct", 64, "10,000 distinct tokens"),
    of("same", 1000, "same token, 1,000 connections"),
  ];
}).filter(({ text }) => text.includes(process.env["ONLY"] ?? ""));

requirePackages(new URL("./", import.meta.url));
const results: ServerResult[] = [];
await withManyAccounts(tokenCount, async (accounts) => {
  for (const runtime of runtimes) {
    for (const group of new Set(questions.map(({ group }) => group))) {
      for (const rival of rivalsOn(runtime, group)) {
        await check(rival, { group, runtime, accounts });
      }
    }
    for (const question of questions) {
      const result = await answer(question, runtime, accounts);
      results.push(result);
      console.log(serverTableOf(result));
    }
  }
});
if (json !== null) {
  const packages = ["hono", "elysia", "@elysiajs/jwt", "jose"];
  const versions = {
    ...readVersions(runtimes, packages),
    wrk: readWrkVersion(),
  };
  writeResults(json, { benchmark: "server", versions, results });
}

function rivalsOn(runtime: Runtime, { rivals }: Group): readonly Rival[] {
  return rivals.filter(({ runtimes }) =>
    runtimes === undefined || runtimes.includes(runtime)
  );
}

/**
 * Makes sure that a rival does what is measured: all but the limit tell good
 * tokens from bad ones.
 */
async function check(
  rival: Rival,
  { group, runtime, accounts }: {
    group: Group;
    runtime: Runtime;
    accounts: Accounts;
  },
): Promise<void> {
  console.error(`${runtime}, ${group.name}: checking ${rival.name}`);
  const isLimit = rival === group.rivals[0];
  const tokens = isLimit
    ? accounts.tokens.slice(0, 1)
    : accounts.tokens.slice(0, 2);
  await withRival(
    rival,
    { runtime, accounts, sessions: 1 },
    async ({ port }) => {
      const ask = (headers: Readonly<Record<string, string>>) => {
        return fetch(`http://127.0.0.1:${port}${path}`, { headers });
      };
      for (const [index, token] of tokens.entries()) {
        const response = await ask({ authorization: `Bearer ${token}` });
        assert.equal(
          await response.text(),
          group.answerOf(firstUserId + index),
          rival.name,
        );
        assert.equal(response.status, 200, rival.name);
        assert.match(
          response.headers.get("content-type") ?? "",
          /^application\/json/,
          rival.name,
        );
      }
      if (isLimit) return;
      const [token = ""] = tokens;
      const forged = token.slice(0, -10) + (token.at(-10) === "A" ? "B" : "A") +
        token.slice(-9);
      for (const headers of [{}, { authorization: `Bearer ${forged}` }]) {
        const { status } = await ask(headers);
        assert.ok(
          status === 400 || status === 401,
          `${rival.name} answered ${status}`,
        );
      }
    },
  );
}

/** Runs all rounds of a question, interleaved. */
async function answer(
  question: Question,
  runtime: Runtime,
  accounts: Accounts,
): Promise<ServerResult> {
  const contenders = rivalsOn(runtime, question.group).map((rival) => {
    const rounds: Round[] = [];
    return { rival, rounds };
  });
  for (let index = 0; index < roundCount; index++) {
    const turn = index % contenders.length;
    for (
      const { rival, rounds } of [
        ...contenders.slice(turn),
        ...contenders.slice(0, turn),
      ]
    ) {
      const round = await measure(rival, { question, runtime, accounts });
      rounds.push(round);
      const place = `${runtime}, ${question.text}, round ${
        index + 1
      } of ${roundCount}`;
      console.error(
        `${place}: ${rival.name}: ${whole(round.requestsPerSecond)} per second`,
      );
      if (round.loaderShare > 0.95) {
        console.error("  wrk was busy all the time: it is the limit");
      }
    }
  }
  const rows = makeRows(contenders.map(({ rival, rounds }) => {
    return [
      rival.name,
      rounds.map(({ requestsPerSecond }) => requestsPerSecond),
    ];
  })).map((row, index): ServerRow => {
    const medianOf = (pick: (round: Round) => number) => {
      return median((contenders[index]?.rounds ?? []).map(pick));
    };
    return {
      ...row,
      p50Milliseconds: medianOf(({ p50Milliseconds }) => p50Milliseconds),
      p99Milliseconds: medianOf(({ p99Milliseconds }) => p99Milliseconds),
      cpuMicrosecondsPerRequest: medianOf((round) =>
        round.cpuMicrosecondsPerRequest
      ),
    };
  });
  return {
    question: question.text,
    runtime,
    unit: "requests per second",
    rows,
  };
}

async function measure(
  rival: Rival,
  { question, runtime, accounts }: {
    question: Question;
    runtime: Runtime;
    accounts: Accounts;
  },
): Promise<Round> {
  const { tokens, connections } = question;
  const sessions = tokens === "same" ? 1 : tokenCount;
  return await withRival(
    rival,
    { runtime, accounts, sessions },
    async ({ port, processId }) => {
      const what = {
        port,
        path,
        connections,
        tokenFile: accounts.files[tokens],
      };
      await load({ ...what, seconds: warmingSeconds });
      const before = processorSeconds(processId);
      const loaded = await load({ ...what, seconds: measuredSeconds });
      const seconds = processorSeconds(processId) - before;
      return {
        ...loaded,
        cpuMicrosecondsPerRequest: seconds / loaded.requests * 1e6,
      };
    },
  );
}

/**
 * Starts a rival that is to know so many sessions, hands it to a function, and
 * stops it.
 */
async function withRival<T>(
  rival: Rival,
  options: { runtime: Runtime; accounts: Accounts; sessions: number },
  use: (server: RivalProcess) => Promise<T>,
): Promise<T> {
  const { runtime, accounts, sessions } = options;
  const server = await startRival(rival, {
    runtime,
    variables: { ...accounts.variables, SESSIONS: String(sessions) },
    // The access log goes to a file, as a service has it.
    outputFile: join(accounts.folder, "output"),
  });
  try {
    return await use(server);
  } finally {
    await server.stop();
  }
}

function serverTableOf(
  { question, runtime, unit, rows }: ServerResult,
): string {
  const width = Math.max(...rows.map(({ name }) => name.length));
  const titles = ["median", "ratio", "p50 ms", "p99 ms", "CPU µs"];
  const line = (name: string, cells: readonly string[]) => {
    return `  ${name.padEnd(width)}  ${
      cells.map((cell) => cell.padStart(8)).join("  ")
    }`;
  };
  const lines = rows.map((row) => {
    const figures = [row.ratio, row.p50Milliseconds, row.p99Milliseconds];
    const cells = figures.map((figure) => figure.toFixed(2));
    return line(row.name, [
      whole(row.median),
      ...cells,
      row.cpuMicrosecondsPerRequest.toFixed(1),
    ]);
  });
  return [`${question} (${runtime}, ${unit})`, line("", titles), ...lines, ""]
    .join("\n");
}

function whole(figure: number): string {
  return Math.round(figure).toLocaleString("en");
}

function readWrkVersion(): string {
  // And exits with 1.
  const { stdout } = spawnSync("wrk", ["--version"], { encoding: "utf8" });
  return /\d+\.\d+\.\d+\S*/.exec(stdout ?? "")?.[0] ?? "unknown";
}
