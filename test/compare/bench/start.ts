/**
 * From the start of a process to its first 200, and the memory that is resident
 * then and after 100,000 requests: onejot against the runtime's bare server, on
 * Linux. Every figure is of a process of its own; the starts are interleaved
 * and their order rotates. The first 200 is what a client sees that asks for
 * /healthz every millisecond; the requests come from wrk with 10,000 distinct
 * tokens, which fill the verifier's memory.
 *
 *   bun test/compare/bench/start.ts [--quick] [--runtime bun|deno] [--json FILE]
 */

import { join } from "node:path";
import { type Accounts, withManyAccounts } from "./accounts.ts";
import { load } from "./load.ts";
import {
  makeRows,
  readArguments,
  readVersions,
  type Result,
  type Runtime,
} from "./result.ts";
import { tableOf, writeResults } from "./result.ts";
import { type RivalProcess, startRival } from "./rival_process.ts";
import { bare, bareStatement, onejot, type Rival } from "./rivals.ts";

/** What is started, and with what. */
interface Contender {
  readonly name: string;
  readonly rival: Rival;
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * One round of one contender, in milliseconds and in megabytes (1,000,000
 * bytes).
 */
interface Round {
  readonly startMilliseconds: number;
  readonly startMegabytes: number;
  /** Where it was loaded. */
  readonly loadedMegabytes: number | null;
}

const tokenCount = 10_000;
const { isQuick, runtimes, json } = readArguments(["bun", "deno"]);
const roundCount = isQuick ? 1 : 20;
const loadedRoundCount = isQuick ? 1 : 5; // they take longest, and differ least
const requestCount = isQuick ? 1000 : 100_000;
// The trial hashes its account's password.
const settlingMilliseconds = isQuick ? 50 : 500;

const results: Result[] = [];
await withManyAccounts(tokenCount, async (accounts) => {
  for (const runtime of runtimes) {
    for (const result of await measureAll(runtime, accounts)) {
      results.push(result);
      console.log(tableOf(result));
    }
  }
});
if (json !== null) {
  writeResults(json, {
    benchmark: "start",
    versions: readVersions(runtimes, []),
    results,
  });
}

async function measureAll(
  runtime: Runtime,
  accounts: Accounts,
): Promise<Result[]> {
  const variables = { ...accounts.variables, SESSIONS: String(tokenCount) };
  const contenders: readonly Contender[] = [
    { name: bare.name, rival: bare, variables },
    { name: bareStatement.name, rival: bareStatement, variables },
    { name: "onejot", rival: onejot, variables },
    { name: "onejot, trial", rival: onejot, variables: {} },
  ];
  // Once uncounted: Deno keeps what it made of the sources.
  for (const contender of contenders) {
    await withContender(
      contender,
      { runtime, accounts },
      () => Promise.resolve(),
    );
  }
  const rounds = contenders.map((): Round[] => []);
  for (let index = 0; index < roundCount; index++) {
    console.error(`${runtime}, start, round ${index + 1} of ${roundCount}`);
    for (const shift of contenders.keys()) {
      const turn = (index + shift) % contenders.length;
      const contender = contenders[turn];
      if (contender === undefined) continue;
      const isLoaded = index < loadedRoundCount &&
        contender.variables === variables;
      rounds[turn]?.push(
        await measure(contender, { runtime, accounts, isLoaded }),
      );
    }
  }
  const result = (
    question: string,
    unit: string,
    pick: (round: Round) => number | null,
  ) => {
    const rows = makeRows(contenders.map(({ name }, index) => {
      const figures = (rounds[index] ?? []).map(pick).filter((figure) =>
        figure !== null
      );
      return [name, figures] as const;
    }));
    return {
      question,
      runtime,
      unit,
      rows: rows.filter(({ rounds }) => rounds.length > 0),
    };
  };
  const requests = requestCount.toLocaleString("en");
  return [
    result(
      "time to first 200",
      "milliseconds",
      (round) => round.startMilliseconds,
    ),
    result(
      "memory after start",
      "megabytes",
      (round) => round.startMegabytes,
    ),
    result(
      `memory after ${requests} requests`,
      "megabytes",
      (round) => round.loadedMegabytes,
    ),
  ];
}

async function measure(
  contender: Contender,
  { runtime, accounts, isLoaded }: {
    runtime: Runtime;
    accounts: Accounts;
    isLoaded: boolean;
  },
): Promise<Round> {
  return await withContender(
    contender,
    { runtime, accounts },
    async (server) => {
      const { port, startMilliseconds } = server;
      await new Promise((resolve) => setTimeout(resolve, settlingMilliseconds));
      const startMegabytes = server.residentBytes() / 1e6;
      if (!isLoaded) {
        return {
          startMilliseconds,
          startMegabytes,
          loadedMegabytes: null,
        };
      }
      const tokenFile = accounts.files.distinct;
      const what = {
        port,
        path: "/get-user",
        tokenFile,
        connections: 64,
        seconds: 0.5,
      };
      for (let requests = 0; requests < requestCount;) {
        requests += (await load(what)).requests;
      }
      const loadedMegabytes = server.residentBytes() / 1e6;
      return { startMilliseconds, startMegabytes, loadedMegabytes };
    },
  );
}

/** Starts a contender, hands it to a function, and stops it. */
async function withContender<T>(
  { name, rival, variables }: Contender,
  { runtime, accounts }: { runtime: Runtime; accounts: Accounts },
  use: (server: RivalProcess) => Promise<T>,
): Promise<T> {
  const outputFile = join(accounts.folder, "output");
  const server = await startRival(rival, { runtime, variables, outputFile });
  try {
    if (server.firstStatus !== 200) {
      throw new Error(`${name} answered ${server.firstStatus}.`);
    }
    return await use(server);
  } finally {
    await server.stop();
  }
}
