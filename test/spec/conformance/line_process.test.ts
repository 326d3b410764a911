/**
 * The process that answers lines: which of its ways to fail is told apart, and
 * when.
 */

import assert from "node:assert/strict";
import { slowTest } from "../../support/slow_test.ts";
import { pause } from "../../support/wait.ts";
import { LineProcess, type LineReply } from "./line_process.ts";

const cut =
  "read a; printf 'one '; sleep 0.1; printf 'line\\n'; read b; echo two; read c";
const deadline = 20_000; // milliseconds

slowTest(
  "a line that comes in pieces is one answer, and each question has its own",
  async () => {
    const replies = await askShell(cut, 2);
    assert.deepEqual(replies, [{ kind: "line", text: "one line" }, {
      kind: "line",
      text: "two",
    }]);
  },
);

slowTest(
  "what follows a line without an end of its own belongs to the next",
  async () => {
    const replies = await askShell(
      "read a; printf 'one\\ntwo'; read b; echo ' words'; read c",
      2,
    );
    assert.deepEqual(replies[1], { kind: "line", text: "two words" });
  },
);

slowTest("two lines at once are no answer", async () => {
  const [reply] = await askShell("read a; printf 'one\\ntwo\\n'; read b", 1);
  assert.deepEqual(reply, {
    kind: "broken",
    what: "it wrote more than one line",
  });
});

slowTest(
  "a line that answers nothing breaks the next question, and so does an early end",
  async () => {
    const early = await askShell(
      "read a; echo one; sleep 0.1; echo two; read b; echo three; read c",
      2,
    );
    assert.deepEqual(early[1], {
      kind: "broken",
      what: "before it was asked, it wrote a line",
    });
    const ended = await askShell("read a; echo one; exit 5", 2);
    assert.deepEqual(ended[1], {
      kind: "broken",
      what: "before it was asked, the process ended with exit code 5",
    });
  },
);

slowTest("what comes after a break is not taken for an answer", async () => {
  const child = new LineProcess([
    "sh",
    "-c",
    "printf 'one\\ntwo\\n'; read a; echo three; read b",
  ]);
  await pause(400);
  assert.equal((await child.ask("a", deadline)).kind, "broken");
  assert.equal((await child.ask("b", deadline)).kind, "broken");
  child.kill();
});

slowTest(
  "a process that never ends its line is not read for ever",
  async () => {
    const [reply] = await askShell("read a; exec tr '\\0' x < /dev/zero", 1);
    assert.deepEqual(reply, {
      kind: "broken",
      what: "it wrote a line without an end",
    });
  },
);

slowTest(
  "a process that ends by a signal, or that is none, is told by that",
  async () => {
    const [killed] = await askShell("read a; kill -9 $$", 1);
    assert.deepEqual(killed, {
      kind: "broken",
      what: "the process ended with SIGKILL",
    });
    const missing = new LineProcess(["/onejot/has/no/such/program"]);
    const reply = await missing.ask("a", deadline);
    missing.kill();
    assert.match("what" in reply ? reply.what : "", /could not be started: /);
  },
);

/** Asks a shell so many questions, with time between them. */
async function askShell(
  script: string,
  questions: number,
): Promise<LineReply[]> {
  const child = new LineProcess(["sh", "-c", script]);
  const replies: LineReply[] = [];
  for (let question = 0; question < questions; question++) {
    replies.push(await child.ask(`question ${question}`, deadline));
    await pause(400);
  }
  child.kill();
  return replies;
}
