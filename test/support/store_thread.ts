/**
 * A store on a SQLite file in a thread of its own: a second connection that
 * runs at the same moment, as another process has it. The store in this thread
 * is asked by messages.
 */

import { fileURLToPath } from "node:url";
import {
  isMainThread,
  parentPort,
  Worker,
  workerData,
} from "node:worker_threads";
import type { Store } from "../../src/auth/auth.ts";
import { openSqlite } from "../../src/storage/sqlite.ts";

/** A store in another thread. */
export interface StoreThread {
  readonly store: Store;
  close(): Promise<void>;
}

interface Call {
  readonly number: number;
  readonly method: string;
  readonly args: readonly unknown[];
}

interface Outcome {
  readonly number: number;
  readonly result?: unknown;
  readonly error?: string;
}

if (!isMainThread && Object(workerData).isForStore === true) {
  answer(Object(workerData).path);
}

/** Starts it; the methods are those of a store that is there. */
export function startStoreThread(path: string, model: Store): StoreThread {
  const worker = new Worker(fileURLToPath(import.meta.url), {
    workerData: { isForStore: true, path },
  });
  const waiting = new Map<number, (outcome: Outcome) => void>();
  let calls = 0;
  worker.on("message", (outcome: Outcome) => {
    waiting.get(outcome.number)?.(outcome);
    waiting.delete(outcome.number);
  });

  function ask(method: string, args: readonly unknown[]): Promise<unknown> {
    const number = ++calls;
    return new Promise((resolve, reject) => {
      waiting.set(number, ({ result, error }) => {
        if (error === undefined) resolve(result);
        else reject(new Error(error));
      });
      worker.postMessage(
        { number, method, args } satisfies Call,
      );
    });
  }

  const methods = Object.keys(model).map((method) => {
    return [method, (...args: unknown[]) => ask(method, args)];
  });
  return {
    store: Object.fromEntries(methods),
    close: async () => {
      await ask("close", []);
      await worker.terminate();
    },
  };
}

function answer(path: string): void {
  const store = openSqlite(path);
  const methods = new Map<string, (...args: unknown[]) => unknown>(
    Object.entries(store),
  );
  parentPort?.on("message", async ({ number, method, args }: Call) => {
    try {
      const result = await methods.get(method)?.(...args);
      parentPort?.postMessage({ number, result } satisfies Outcome);
    } catch (error) {
      parentPort?.postMessage(
        { number, error: String(error) } satisfies Outcome,
      );
    }
  });
}
