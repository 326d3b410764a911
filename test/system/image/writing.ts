/**
 * Where a container can write: in its volume, whatever it tries.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { RunOptions } from "./namespaces.ts";
import type { Trial } from "./running.ts";

const probe = readFileSync(new URL("probe.ts", import.meta.url), "utf8");

/**
 * Checks it with a root directory that is read-only, and with one that only its
 * owners protect.
 */
export async function checkWriting(
  trial: Trial,
  options: RunOptions,
): Promise<void> {
  const { checks } = trial;

  await checks.check(
    "On a read-only root it writes in /data and nowhere else",
    async (note) => {
      const { refused, written } = await tryEverywhere(trial, options);
      note(`${refused.length} places tried`);
      assert.deepEqual(written, ["/data"]);
    },
  );

  await checks.check(
    "On a writable root it writes in /data, /tmp and nowhere else",
    async () => {
      const { written } = await tryEverywhere(trial, {
        ...options,
        rootDirectory: "writable",
      });
      assert.deepEqual(written, ["/data", "/tmp"]);
    },
  );
}

async function tryEverywhere({ image, host }: Trial, options: RunOptions) {
  const [runtime = ""] = image.config.Entrypoint;
  const command = runtime === "deno" ? ["eval", probe] : ["--eval", probe];
  const probed = { ...options, entrypoint: [runtime], args: command };
  const { code, stdout, stderr } = await host.run(image, probed);
  assert.deepEqual([code, stderr], [0, ""]);
  const { refused, written }: Record<"refused" | "written", string[]> = JSON
    .parse(stdout);
  const all = [...refused, ...written];
  for (
    const path of [
      "/",
      "/etc",
      "/onejot",
      "/onejot/src/main.ts",
      "/tmp",
      "/usr/local/bin",
    ]
  ) {
    assert.ok(all.includes(path), `${path} was not tried`);
  }
  return { refused, written: written.sort() };
}
