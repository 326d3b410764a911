/**
 * Where one stands when one gives the command decides nothing: in a folder that
 * a stranger has filled, nothing of the folder runs and no setting of it is
 * taken. In the forms in which onejot is started: by its own name, by the
 * command of package.json, and by Deno with the options that it prints.
 */

import assert from "node:assert/strict";
import {
  cpSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import {
  fillFolder,
  mark,
  tokenOfFolder,
  withHostileFolder,
} from "../../support/hostile_folder.ts";
import { type Command, run, startProgram } from "../../support/process.ts";
import {
  runOnejot,
  shippedPermissions,
  untilListening,
} from "../../support/server_process.ts";
import { slowTest } from "../../support/slow_test.ts";
import { withFolder } from "../../support/temp.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const main = `${root}src/main.ts`;
const isBun = "Bun" in globalThis;
/** For the line at the top of main.ts, which looks for Bun. */
const PATH = `${dirname(process.execPath)}:${process.env["PATH"]}`;

slowTest(
  "in a folder of a stranger's files, each form of the command makes a key and runs no other code",
  async () => {
    await inEachPlace(async (form, cwd) => {
      const { code, stdout, stderr } = await run([...form, "key"], {
        cwd,
        env: { PATH },
      });
      const shown = `${form.join(" ")} in ${cwd}: ${stdout}${stderr}`;
      assert.equal(code, 0, shown);
      assert.match(stdout, /^[\w-]{43}\n$/, shown);
      assert.ok(!stderr.includes(mark), shown);
    });
  },
);

slowTest(
  "in a folder with a secret in its .env files, a token of that secret is not called true",
  async () => {
    const token = await tokenOfFolder();
    await inEachPlace(async (form, cwd) => {
      for (const NODE_ENV of [undefined, "production", "test"]) {
        const { stdout, stderr } = await run([...form, "decode", token], {
          cwd,
          env: { PATH, NODE_ENV },
        });
        const shown = `${form.join(" ")} in ${cwd}: ${stdout}${stderr}`;
        assert.match(stdout, /^Signature +unknown +There is no secret/m, shown);
        assert.ok(!(stdout + stderr).includes(mark), shown);
      }
    });
  },
);

slowTest(
  "in a folder of a stranger's files, each form of the command serves a trial and nothing of theirs",
  async () => {
    await inEachPlace(async (form, cwd) => {
      const env = { PATH, PORT: "0" };
      const server = await untilListening(
        startProgram([...form, "serve"], { cwd, env }),
      );
      await server.untilPrinted(/Nothing is configured, so this is a trial/);
      await server.stop();
      const { stdout, stderr } = server.output;
      assert.ok(!(stdout + stderr).includes(mark), form.join(" "));
    });
  },
);

slowTest(
  "without the options, the runtime does obey the files of such a folder",
  async () => {
    // Or the tests above would prove nothing.
    const kinds = isBun
      ? ["Bun's configuration", "TypeScript's configuration"]
      : ["Deno's configuration"];
    const runner = isBun ? [] : ["run", "--no-prompt"];
    for (const kind of kinds) {
      await withFolder(async (cwd) => {
        fillFolder(cwd, [kind]);
        const command = [process.execPath, ...runner, copyInto(cwd), "key"];
        const { stderr } = await run(command, { cwd });
        assert.ok(stderr.includes(mark), `${kind}: ${stderr}`);
      });
    }
  },
);

slowTest(
  "where Bun has read a .env file unasked it is refused, and Deno reads none unasked",
  async () => {
    const files = [
      [".env", undefined],
      [".env.local", undefined],
      [".env.development", undefined],
      [".env.development.local", "anything"],
      [".env.production", "production"],
      [".env.test.local", "test"],
    ] as const;
    for (const [file, NODE_ENV] of files) {
      await withFolder(async (cwd) => {
        const { execPath } = process;
        writeFileSync(join(cwd, file), "JWT_SECRET=x\n");
        const options = { cwd, env: { NODE_ENV } };
        if (!isBun) {
          const deno = [execPath, "run", "--no-prompt", main, "key"];
          return assert.equal((await run(deno, options)).code, 0);
        }
        const refused = await run([execPath, main, "key"], options);
        assert.deepEqual([refused.code, refused.stdout], [1, ""], file);
        assert.match(
          refused.stderr,
          /^Bun has read settings from the file (?<file>\.env\S*) of this folder: [^\n]+ --env-file=\k<file> [^\n]+\n$/,
        );
        for (const option of ["--no-env-file", `--env-file=${file}`]) {
          const command = [execPath, option, main, "key"];
          const taken = await run(command, options);
          assert.equal(taken.code, 0, taken.stderr);
        }
      });
    }
  },
);

slowTest("a folder without .env files gets no word about them", async () => {
  const { code, stderr } = await runOnejot(["key"]);
  assert.deepEqual([code, stderr], [0, ""]);
});

/**
 * Hands each form of the command to a function, and each place to stand in: the
 * folder itself, and one in it. The forms are of this checkout, and of a copy
 * of src that lies in the folder.
 */
async function inEachPlace(
  use: (form: Command, cwd: string) => Promise<void>,
): Promise<void> {
  await withHostileFolder(async ({ folder, inner }) => {
    await withFolder(async (elsewhere) => {
      const forms = formsOf([main, copyInto(folder)], elsewhere);
      for (const form of forms) {
        for (const cwd of [folder, inner]) await use(form, cwd);
      }
    });
  });
}

function formsOf(mains: readonly string[], folder: string): Command[] {
  if (!isBun) {
    const options = shippedPermissions({ PORT: "0" });
    return mains.map((main) => [process.execPath, "run", ...options, main]);
  }
  const { scripts } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
  const [, ...start] = String(scripts.start).split(" ");
  return mains.flatMap((main, index) => {
    const link = join(folder, `onejot${index}`);
    symlinkSync(main, link);
    const words = start.map((word) => word === "src/main.ts" ? main : word);
    return [[main], [link], [process.execPath, ...words]];
  });
}

/** Copies src to where it is not the only package; gives its main.ts. */
function copyInto(folder: string): string {
  const copy = join(folder, "vendor");
  mkdirSync(copy);
  cpSync(`${root}src`, join(copy, "src"), { recursive: true });
  return join(copy, "src/main.ts");
}
