/**
 * Builds the image and runs it, without Docker and without fetching anything:
 * buildah builds the real Dockerfile on a stand-in for its base, and Linux's
 * own namespaces run it. Then the same with the deno.Dockerfile beside this
 * file. Needs root (it asks sudo), buildah, Bun and Deno.
 *
 *   bun test/system/image/image.ts
 */

import { spawnSync } from "node:child_process";
import { chownSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { buildOnBun, buildOnDeno } from "./build.ts";
import { Buildah, type Image } from "./buildah.ts";
import { Checks } from "../../support/checks.ts";
import { temporaryFolder } from "../../support/temp.ts";
import { ContainerHost } from "./container.ts";
import { checkContents, checkSettings } from "./contents.ts";
import {
  checkKey,
  checkRefusal,
  checkRestart,
  checkService,
  checkSharing,
} from "./running.ts";
import type { Trial } from "./running.ts";
import { checkStop } from "./stopping.ts";
import { checkWriting } from "./writing.ts";

const project = fileURLToPath(new URL("../../../", import.meta.url));
process.exit(process.getuid?.() === 0 ? await main() : runAsRoot());

/**
 * As root, but with this PATH, and without root's files in this user's home
 * directory.
 */
function runAsRoot(): number {
  const { PATH = "" } = process.env;
  const again = [
    "env",
    `PATH=${PATH}`,
    process.execPath,
    ...process.argv.slice(1),
  ];
  const options = ["--preserve-env", "--set-home", "--"];
  const { status } = spawnSync("sudo", [...options, ...again], {
    stdio: "inherit",
  });
  if (status === null) {
    console.error("This needs root, and there is no sudo in the PATH.");
  }
  return status ?? 1;
}

async function main(): Promise<number> {
  const folder = temporaryFolder();
  const host = new ContainerHost(folder);
  // Before the programs outside are killed, by which the inner ones are found.
  process.prependOnceListener("exit", () => host.close());
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.once(signal, () => process.exit(1));
  }
  const checks = new Checks();
  const buildah = new Buildah(folder);

  const image = await checks.check("The Dockerfile builds", (note) => {
    return buildOnBun(buildah, { project, note });
  });
  if (image !== null) {
    await checkContents(checks, { image, project, folder });
    await checkImage({ checks, image, host }, folder);
    const onDeno = await checks.check(
      "The Dockerfile for Deno builds",
      (note) => {
        return buildOnDeno(buildah, { project, folder, note });
      },
    );
    if (onDeno !== null) {
      await checkImage({ checks, image: onDeno, host }, folder);
    }
  }
  console.log(`${checks.passed} passed, ${checks.failed} failed`);
  return checks.failed === 0 ? 0 : 1;
}

async function checkImage(trial: Trial, folder: string): Promise<void> {
  const { checks, image, host } = trial;
  await checkSettings(trial);
  await checkRefusal(trial);
  const secret = await checkKey(trial);
  if (secret === null) return;
  const options = {
    volume: host.makeVolume(image),
    variables: { JWT_SECRET: secret },
  };
  const service = await checkService(trial, options);
  if (service === null) return;
  await checkWriting(trial, options);
  const second = await checkSharing(trial, service);
  await Promise.all([
    checkStop(checks, { server: service.server, signal: "SIGTERM" }),
    second && checkStop(checks, { server: second, signal: "SIGINT" }),
  ]);
  await checkRestart(trial, {
    ...service,
    secretFile: makeSecretFile(secret, { image, folder }),
  });
}

/** Writes a secret into a file that only the image's user can read. */
function makeSecretFile(
  secret: string,
  { image, folder }: { image: Image; folder: string },
): string {
  const file = join(mkdtempSync(join(folder, "secret-")), "jwt_secret");
  const [uid = 0, gid = 0] = image.config.User.split(":").map(Number);
  writeFileSync(file, `${secret}\n`, { mode: 0o400 });
  chownSync(file, uid, gid);
  return file;
}
