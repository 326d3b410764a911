/**
 * Standard output that is not read, closed or full: the server goes on and
 * stops in order, and a command that cannot write its result says so.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { freePort } from "../../support/port.ts";
import { type Program, run, startProgram } from "../../support/process.ts";
import {
  commandOf,
  testSecret,
  type Variables,
} from "../../support/server_process.ts";
import { slowTest } from "../../support/slow_test.ts";
import { withFolder } from "../../support/temp.ts";
import { pause } from "../../support/wait.ts";

/** A server whose standard output is a file, a pipe or a device. */
interface MuteServer {
  readonly program: Program;
  /** Resolves to the status of the answer. */
  ask(path: string): Promise<number>;
}

/** Starts a server that nobody hears, until it answers. */
async function startMute(folder: string, output: string): Promise<MuteServer> {
  const port = await freePort();
  const env = {
    HOST: "127.0.0.1",
    PORT: String(port),
    JWT_SECRET: testSecret,
    DATABASE_URL: `sqlite:${join(folder, "users.sqlite")}`,
  };
  const program = startProgram(
    ["sh", "-c", 'exec "$@" >"$0"', output, ...commandOf([], env)],
    { env },
  );
  const ask = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      signal: AbortSignal.timeout(5000),
    });
    await response.body?.cancel();
    return response.status;
  };
  for (;;) {
    const status = await ask("/healthz").catch(() => null);
    if (status === 200) return { program, ask };
    if (!program.isRunning()) throw new Error(program.output.stderr);
    await pause(20);
  }
}

slowTest(
  "a reader of the log that stands still stops neither the server nor its end",
  async () => {
    await withFolder(async (folder) => {
      const pipe = join(folder, "pipe");
      assert.equal((await run(["mkfifo", pipe])).code, 0);
      // Opens the pipe, and reads nothing of it.
      const reader = startProgram(["sh", "-c", 'sleep 100 <"$0"', pipe], {
        isGroup: true,
      });
      try {
        const { program, ask } = await startMute(folder, pipe);
        // A pipe takes 64 KiB, which is some 350 lines.
        for (let batch = 0; batch < 30; batch++) {
          const paths = Array.from({ length: 50 }, () => ask("/healthz"));
          assert.deepEqual(new Set(await Promise.all(paths)), new Set([200]));
        }
        const start = performance.now();
        assert.equal(await program.stop(), 0);
        assert.ok(performance.now() - start < 5000);
        assert.equal(program.output.stderr, "");
      } finally {
        await reader.stop("SIGKILL");
      }
    });
  },
);

slowTest(
  "when the reader of the log has ended or its disk is full, the server goes on and stops in order",
  async () => {
    await withFolder(async (folder) => {
      const pipe = join(folder, "pipe");
      assert.equal((await run(["mkfifo", pipe])).code, 0);
      const reader = startProgram(["sh", "-c", 'sleep 1 <"$0"', pipe]);
      for (const output of [pipe, "/dev/full"]) {
        const { program, ask } = await startMute(folder, output);
        if (output === pipe) await reader.ended;
        for (let count = 0; count < 20; count++) {
          assert.equal(await ask("/healthz"), 200);
          await pause(10);
        }
        assert.equal(await program.stop(), 0, output);
        assert.equal(program.output.stderr, "");
      }
    });
  },
);

slowTest(
  "a slow reader of the log gets every line of 3,000 requests, whole",
  async () => {
    await withFolder(async (folder) => {
      const pipe = join(folder, "pipe");
      assert.equal((await run(["mkfifo", pipe])).code, 0);
      const reader = startProgram([
        "sh",
        "-c",
        'sleep 2; exec cat "$0"',
        pipe,
      ]);
      const { program, ask } = await startMute(folder, pipe);
      for (let batch = 0; batch < 60; batch++) {
        await Promise.all(Array.from({ length: 50 }, () => ask("/healthz")));
      }
      assert.equal(await program.stop(), 0);
      assert.equal(await reader.ended, 0);
      const lines = reader.output.stdout.trimEnd().split("\n")
        .map((line) => JSON.parse(line));
      assert.ok(lines.filter(({ path }) => path === "/healthz").length >= 3000);
      assert.ok(
        lines.every(({ message = "" }) => !message.includes("dropped")),
      );
    });
  },
);

const unwritable = {
  "to a full disk": '"$@" >/dev/full; echo "exit code $?" >&2',
  "to a program that has ended":
    '{ sleep 0.2; "$@"; echo "exit code $?" >&2; } | true',
};

for (const [where, script] of Object.entries(unwritable)) {
  slowTest(
    `a command that cannot write its result ${where} says so and exits with 1`,
    async () => {
      await withFolder(async (folder) => {
        const env = {
          JWT_SECRET: testSecret,
          DATABASE_URL: `sqlite:${join(folder, "users.sqlite")}`,
          PASSWORD_HASH: "pbkdf2",
          PASSWORD_ITERATIONS: "10000",
        };
        const email = "ada@example.org";
        const token = await signed(env);
        const commands = [
          ["--help"],
          ["sign", "--help"],
          ["--version"],
          ["key"],
          ["permissions"],
          ["sign", "{}"],
          ["verify", token],
          ["decode", token],
          ["decode", token, "--json"],
          ["user", "add", email],
          ["user", "list"],
          ["user", "passwd", email],
          ["user", "disable", email],
          ["user", "enable", email],
        ];
        for (const words of commands) {
          const { stderr } = await run(
            ["sh", "-c", script, "sh", ...commandOf(words, env)],
            { env, input: "correct horse battery staple\n" },
          );
          assert.match(
            stderr,
            /^Cannot write to standard output: [^\n]+\.\nexit code 1\n$/,
            words.join(" "),
          );
        }
      });
    },
  );
}

/** A token that the command line has made. */
async function signed(env: Variables): Promise<string> {
  const { stdout } = await run(commandOf(["sign", "{}"], env), { env });
  return stdout.trim();
}
