/**
 * The page of the command line is true: it names every command, in the words
 * that help uses, and its commands on accounts and on tokens do what it says.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { slowTest } from "../support/slow_test.ts";
import { withHostileFolder } from "../support/hostile_folder.ts";
import { withFolder } from "../support/temp.ts";
import { refusals } from "../support/refusals.ts";
import {
  blockOf,
  codeSpansOf,
  documentAt,
  root,
  rowsOf,
  sectionOf,
} from "./documents.ts";
import { isBun, shell } from "./shell.ts";

const page = documentAt("src/cli/README.md");

test("the page of the command line has each command that help shows", async () => {
  const onejot = isBun ? "bun src/main.ts" : "deno run --allow-env src/main.ts";
  const help = await shell(`${onejot} --help`);
  const commands = /^Commands:\n([^]*?)\n\n/m.exec(help)?.[1] ?? "";
  const usages = commands.split("\n").map((line) => line.trim())
    .filter((line) => !line.startsWith("--"))
    .map((line) => line.split("  ", 1)[0] ?? "");
  const rows = ["Accounts", "Tokens", "The server"].flatMap((heading) => {
    const section = { ...page, text: sectionOf(page, heading) };
    return rowsOf(section, "command").map(([usage = ""]) =>
      usage.replaceAll("`", "")
    );
  });
  assert.deepEqual([...rows].sort(), usages.sort());
});

slowTest("the command for a folder of others makes a key there", async () => {
  if (!isBun) return;
  const command = blockOf(page, "sh").replace("src/main.ts", `${root}$&`);
  await withHostileFolder(async ({ inner }) => {
    const printed = await shell(`cd '${inner}' && ${command}`);
    assert.match(printed, /^[\w-]{43}\n$/);
  });
});

slowTest(
  "the account commands show accounts and make a backup that works",
  async () => {
    await withFolder(async (folder) => {
      const onejot = isBun
        ? "bun src/main.ts"
        : "deno run --allow-env --allow-read --allow-write src/main.ts";
      const database = join(folder, "onejot.sqlite");
      const backup = join(folder, "backup.sqlite");
      const commands = blockOf(page, "sh", 1)
        .replaceAll("bun src/main.ts", onejot)
        .replaceAll("onejot-backup.sqlite", backup);
      const printed = await shell(`
export DATABASE_URL=sqlite:${database} PASSWORD_HASH=pbkdf2 PASSWORD_ITERATIONS=10000
echo "correct horse battery staple" | ${onejot} user add ada@example.org --admin
${commands}
DATABASE_URL=sqlite:${backup} ${onejot} user list`);
      const [added, listed, backedUp, restored, ...others] = printed.trimEnd()
        .split("\n");
      assert.match(
        added ?? "",
        /^Added user 1: ada@example\.org, an administrator\.$/,
      );
      assert.match(
        listed ?? "",
        /^1 {2}ada@example\.org {2}since \d{4}-\S+Z {2}administrator$/,
      );
      assert.match(backedUp ?? "", /^Backed up to .*backup\.sqlite\.$/);
      assert.deepEqual([restored, others], [listed, []]);
    });
  },
);

slowTest("the token commands print what the page shows", async () => {
  const onejot = isBun ? "bun src/main.ts" : "deno run --allow-env src/main.ts";
  const commands = blockOf(page, "sh", 2)
    .replaceAll("bun src/main.ts", onejot);
  assert.equal(
    withoutTimes(await shell(commands)),
    withoutTimes(blockOf(page, "text")),
  );
});

slowTest(
  "a number that the page has written as a text is signed, and refused as a number",
  async () => {
    const onejot = isBun
      ? "bun src/main.ts"
      : "deno run --allow-env src/main.ts";
    const claim = codeSpansOf(sectionOf(page, "Numbers"))
      .find((span) => span.startsWith("--claim ")) ?? "";
    const printed = await shell(`
export JWT_SECRET=$(${onejot} key)
${onejot} sign ${claim} --lifetime 1m | ${onejot} verify
${onejot} sign ${claim.replaceAll('"', "")} 2>&1 || echo "exit code $?"`);
    assert.match(printed, /^\{\n {2}"id": "738529527931269425",\n/);
    assert.match(printed, /^The claim "id" has a number .*\nexit code 2\n$/m);
  },
);

test("the page has an example of each refusal that a command can meet, in its words", () => {
  const section = { ...page, text: sectionOf(page, "Why a token is refused") };
  const shown = rowsOf(section, "code").map((cells) => cells.map(spanOf));
  const examples = Object.entries(refusals)
    .filter(([, [first]]) => first?.options !== undefined)
    .map(([code, [first]]) => [code, first?.words]);
  assert.deepEqual(shown, examples);
});

function spanOf(cell: string): string {
  return cell.replace(/^`|`$/g, "");
}

/** What is printed of a token, without what is another at each run. */
function withoutTimes(text: string): string {
  return text.replace(/\d{10}/g, "N").replace(/\d{4}-\S+ \S+ UTC/g, "T")
    .replace("1 second ago", "now"); // it takes a moment
}
