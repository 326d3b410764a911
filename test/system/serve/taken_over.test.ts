/**
 * What a handler can do that a stranger has taken over, where the server runs
 * on Deno with exactly the options that the README, the tasks and the image
 * give it. What is allowed is named here, and all else is refused. (Bun has no
 * permissions: there the user that it runs as and the image must hold it.)
 */

import assert from "node:assert/strict";
import { once } from "node:events";
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { root } from "../../project/documents.ts";
import { isMissing } from "../../project/shell.ts";
import { freePort } from "../../support/port.ts";
import { startProgram } from "../../support/process.ts";
import {
  shippedPermissions,
  testSecret,
  untilListening,
  type Variables,
} from "../../support/server_process.ts";
import { slowTestUnless } from "../../support/slow_test.ts";
import { withFolder } from "../../support/temp.ts";
import type { Targets } from "./taken_over_handler.ts";

const needsDeno = await isMissing("deno");

/** What every handler can do. */
const always = [
  "asks the server itself",
  "keeps a text in Deno's own folder",
  "makes a database in memory",
  "runs a text as a module",
];

/** What the start may do, and gives up before it serves. */
const withSettings = ["reads a setting", "reads the secret among the settings"];
const withDatabase = [
  "opens the server's database",
  "reads the database's file",
  "writes to the database's file",
];
const withSecretFile = ["reads the file of the secret"];

slowTestUnless(
  needsDeno,
  "a handler that is taken over reaches, reads, writes and runs nothing, with the options of production",
  async () => {
    await withTargets(async (targets) => {
      const settings = {
        ...settingsOf(targets),
        JWT_SECRET: testSecret,
        DATABASE_URL: `sqlite:${targets.database}`,
      };
      const options = shippedPermissions(settings);
      const tried = await takeOver({ options, settings, targets });
      const allowedAtStart = [...always, ...withSettings, ...withDatabase];
      assert.deepEqual(allowedOf(tried.before), allowedAtStart.sort());
      assert.deepEqual(allowedOf(tried.after), always);
    });
  },
);

slowTestUnless(
  needsDeno,
  "the file of the secret can be read at the start, and by no handler that is taken over",
  async () => {
    await withTargets(async (targets) => {
      const settings = {
        ...settingsOf(targets),
        JWT_SECRET_FILE: targets.secretFile,
        DATABASE_URL: `sqlite:${targets.database}`,
      };
      const options = shippedPermissions(settings);
      const tried = await takeOver({ options, settings, targets });
      assert.deepEqual(
        allowedOf(tried.before),
        [...always, ...withSettings, ...withDatabase, ...withSecretFile].sort(),
      );
      assert.deepEqual(allowedOf(tried.after), always);
    });
  },
);

slowTestUnless(
  needsDeno,
  "a handler of the trial that is taken over reaches, reads, writes and runs nothing",
  async () => {
    await withTargets(async (targets) => {
      const settings = settingsOf(targets);
      const options = shippedPermissions(settings);
      const tried = await takeOver({ options, settings, targets });
      assert.deepEqual(
        allowedOf(tried.before),
        [...always, ...withSettings].sort(),
      );
      assert.deepEqual(allowedOf(tried.after), always);
    });
  },
);

slowTestUnless(
  needsDeno,
  "a handler in the image on Deno that is taken over reaches, reads, writes and runs nothing",
  async () => {
    await withTargets(async (targets) => {
      const settings = {
        PORT: String(targets.port),
        JWT_SECRET_FILE: targets.secretFile,
        DATABASE_URL: `sqlite:${targets.database}`,
        NODE_ENV: "production",
      };
      const options = optionsOfImage(targets);
      const tried = await takeOver({ options, settings, targets });
      assert.deepEqual(
        allowedOf(tried.before),
        [...always, ...withSettings, ...withDatabase, ...withSecretFile].sort(),
      );
      assert.deepEqual(allowedOf(tried.after), always);
    });
  },
);

slowTestUnless(
  needsDeno,
  "where Deno was allowed everything, a handler that is taken over has the network and no more",
  async () => {
    await withTargets(async (targets) => {
      const settings = settingsOf(targets);
      const options = ["--allow-all", "--no-prompt", "--no-remote", "--no-npm"];
      const { after } = await takeOver({
        options,
        settings,
        targets: { ...targets, isTriedAtStart: false },
      });
      const isOfNetwork =
        /^(?:asks|connects|listens|serves) (?!for (?:the|.* (?:read|run)$))/;
      const others = Object.entries(after).filter(([name]) => {
        return !always.includes(name) && !isOfNetwork.test(name);
      });
      assert.ok(others.length > 35);
      const notRefused = others.filter(([, verdict]) => verdict !== "refused");
      assert.deepEqual(notRefused, []);
    });
  },
);

type Verdicts = Readonly<Record<string, string>>;

/** The names of what was allowed, in order; the rest must be refused. */
function allowedOf(verdicts: Verdicts): readonly string[] {
  const named = Object.entries(verdicts);
  assert.ok(named.length > 60, "too little was tried");
  const others = named.filter(([, verdict]) => {
    return verdict !== "allowed" && verdict !== "refused";
  });
  assert.deepEqual(others, []);
  const allowed = named.filter(([, verdict]) => verdict === "allowed");
  return allowed.map(([name]) => name).sort();
}

/** What other settings there are, the server listens here. */
function settingsOf({ port }: Targets): Variables {
  return { HOST: "127.0.0.1", PORT: String(port) };
}

/** The options of the entry point, for a folder and a port of this machine. */
function optionsOfImage(
  { port, database, secretFile }: Targets,
): readonly string[] {
  const file = `${root}test/system/image/deno.Dockerfile`;
  const text = readFileSync(file, "utf8").replaceAll("\\\n", "");
  const [, words = ""] = /^ENTRYPOINT (\[.*\])$/m.exec(text) ?? [];
  const [deno, run, ...options]: readonly string[] = JSON.parse(words);
  assert.deepEqual([deno, run, options.pop()], [
    "deno",
    "run",
    "/onejot/src/main.ts",
  ]);
  return options.map((option) => {
    return option.replaceAll(":8080", `:${port}`)
      .replaceAll("/data", join(database, ".."))
      .replaceAll("/run/secrets", join(secretFile, ".."));
  });
}

/** Starts the server with a handler taken over, and has that try everything. */
async function takeOver(
  { options, settings, targets }: {
    readonly options: readonly string[];
    readonly settings: Variables;
    readonly targets: Targets;
  },
): Promise<{ readonly before: Verdicts; readonly after: Verdicts }> {
  const program = `${root}test/system/serve/taken_over.ts`;
  const command = ["deno", "run", ...options, program, JSON.stringify(targets)];
  const started = startProgram(command, { env: settings });
  const server = await untilListening(started);
  try {
    const response = await fetch(`${server.origin}/taken-over`);
    assert.equal(response.status, 200, server.output.stderr);
    const tried = await response.json();
    assert.deepEqual(readdirSync(targets.elsewhere), []);
    return tried;
  } finally {
    await server.stop();
  }
}

/**
 * Makes all that a handler tries its hands on, so that what is not refused
 * succeeds.
 */
async function withTargets(
  use: (targets: Targets) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    for (const name of ["data", "secrets", "elsewhere"]) {
      mkdirSync(join(folder, name));
    }
    const secretFile = join(folder, "secrets/jwt_secret");
    writeFileSync(secretFile, testSecret);
    // A copy, and of none that the server loads: those are there to be had.
    const source = join(folder, "clock.ts");
    copyFileSync(`${root}test/support/clock.ts`, source);
    const database = join(folder, "data/onejot.sqlite");
    writeFileSync(database, "");
    await using closing = new AsyncDisposableStack();
    const listen = async (place: number | string) => {
      const server = createServer((_request, response) => response.end());
      server.listen(place);
      closing.defer(() => {
        server.closeAllConnections();
        server.close();
      });
      await once(server, "listening");
      return server.address();
    };
    const socket = join(folder, "socket");
    await listen(socket);
    const other = await listen(0);
    await use({
      port: await freePort(),
      otherPort: (other as AddressInfo).port, // it listens on TCP
      socket,
      source,
      secretFile,
      database,
      elsewhere: join(folder, "elsewhere"),
      isTriedAtStart: true,
    });
  });
}
