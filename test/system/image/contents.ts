/**
 * What the image says of itself and what is in it: the source that an auditor
 * read, and nothing else.
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { settings } from "../../../src/server/config.ts";
import type { Places } from "./build.ts";
import type { Image } from "./buildah.ts";
import type { Checks } from "../../support/checks.ts";
import type { Trial } from "./running.ts";

/** Checks an image against the project that it was built of. */
export async function checkContents(
  checks: Checks,
  { image, project, folder }: Places & { readonly image: Image },
): Promise<void> {
  const { config, addedLayers } = image;

  await checks.check("It adds less than 1 MiB to its base", (note) => {
    const bytes = addedLayers.reduce(
      (sum, layer) => sum + statSync(layer).size,
      0,
    );
    note(`${bytes} bytes`);
    assert.ok(bytes < 1024 * 1024, "that is 1 MiB or more");
  });

  await checks.check(
    "It adds src, package.json, LICENSE, byte for byte, and /data",
    (note) => {
      const added = join(folder, "added");
      mkdirSync(added);
      for (const layer of addedLayers) extract(layer, added);
      const paths = [
        "LICENSE",
        "package.json",
        "src/",
        ...listPaths(project, "src"),
      ];
      const expected = [
        "data/",
        "onejot/",
        ...paths.map((path) => `onejot/${path}`),
      ];
      assert.deepEqual(listPaths(added, ""), expected.sort());
      const files = paths.filter((path) => !path.endsWith("/"));
      for (const path of files) {
        const copy = join(added, "onejot", path);
        assert.ok(
          readFileSync(copy).equals(readFileSync(join(project, path))),
          `${path} is another`,
        );
        const { uid, gid, mode } = statSync(copy);
        // What all others may, as the umask of whoever cloned left it.
        const access = mode & 0o007;
        assert.ok(
          uid === 0 && gid === 0 && (access & 0o002) === 0,
          `not root alone writes ${path}`,
        );
        assert.ok(
          (access & 0o004) !== 0,
          `not everybody may read ${path}: clone with umask 022`,
        );
      }
      note(`${files.length} files`);
    },
  );

  await checks.check("Its /data is its user's alone", () => {
    const { uid, gid, mode } = statSync(join(image.root, "data"));
    assert.equal(
      `${uid}:${gid} ${(mode & 0o7777).toString(8)}`,
      `${config.User} 700`,
    );
  });

  await checks.check("The README's docker commands are right for it", () => {
    const readme = readFileSync(`${project}src/server/README.md`, "utf8");
    const block = /^## The image$[^]*?```sh\n([^]*?)^```$/m.exec(readme)?.[1] ??
      "";
    const commands = [...block.matchAll(/docker (run|build) ([^)\n]*)/g)].map((
      [, , rest = ""],
    ) => rest.trim());
    assert.equal(commands[0], "-t onejot .");
    const runs = commands.slice(1).map((command) => readRun(command));
    const words = runs.map(({ args }) => args.join(" "));
    // Run below, one by one.
    assert.deepEqual(words, ["key", "user add ada@example.org --admin", ""]);
    for (const { volumes, ports, names } of runs) {
      for (const path of volumes) {
        assert.ok(Object.hasOwn(config.Volumes, path), path);
      }
      for (const port of ports) {
        assert.ok(Object.hasOwn(config.ExposedPorts, `${port}/tcp`), port);
      }
      for (const name of names) {
        assert.ok(settings.some((setting) => setting.name === name), name);
      }
    }
    assert.deepEqual(runs.at(-1)?.volumes, runs[1]?.volumes);
    assert.ok(runs.at(-1)?.names.includes("JWT_SECRET"));
  });

  await checks.check(
    "It exposes port 8080, and its labels say what package.json says",
    () => {
      assert.deepEqual(Object.keys(config.ExposedPorts), ["8080/tcp"]);
      const { name, version, license } = JSON.parse(
        readFileSync(`${project}package.json`, "utf8"),
      );
      const labelOf = (member: string) =>
        config.Labels[`org.opencontainers.image.${member}`];
      assert.deepEqual([labelOf("title"), labelOf("version")], [name, version]);
      assert.equal(labelOf("licenses"), license);
      assert.ok(labelOf("description"));
    },
  );
}

/** Checks how an image wants to be run. */
export async function checkSettings({ checks, image }: Trial): Promise<void> {
  const { User, Healthcheck, Entrypoint, Volumes, Env } = image.config;

  await checks.check("Its user is a number, and not root's", (note) => {
    note(User);
    assert.match(User, /^[1-9]\d*:[1-9]\d*$/);
  });

  await checks.check(
    "Its entry point and its health check need no shell",
    () => {
      const [form, ...health] = Healthcheck.Test;
      assert.equal(form, "CMD");
      for (const [program = "", ...args] of [health, Entrypoint]) {
        assert.match(program, /^(?:bun|deno)$/);
        assert.ok(
          args.some((word) => word.endsWith("src/main.ts")),
          args.join(" "),
        );
      }
    },
  );

  await checks.check(
    "It is for production, with its database in its volume /data",
    () => {
      assert.deepEqual(Object.keys(Volumes), ["/data"]);
      assert.ok(Env.includes("NODE_ENV=production"), Env.join(" "));
      assert.ok(
        Env.includes("DATABASE_URL=sqlite:/data/onejot.sqlite"),
        Env.join(" "),
      );
    },
  );
}

function extract(layer: string, directory: string): void {
  const args = [
    "--extract",
    "--numeric-owner",
    "--preserve-permissions",
    "--file",
    layer,
  ];
  const { status, stderr } = spawnSync("tar", [
    ...args,
    "--directory",
    directory,
  ]);
  if (status !== 0) throw new Error(`tar failed: ${stderr}`);
}

/**
 * The paths of all that is below a folder, in order; those of folders end with
 * "/".
 */
function listPaths(root: string, folder: string): string[] {
  const names = readdirSync(join(root, folder), { recursive: true }).map(
    String,
  );
  const paths = names.map((name) => join(folder, name));
  return paths.map((path) =>
    lstatSync(join(root, path)).isDirectory() ? `${path}/` : path
  ).sort();
}

/** Takes a `docker run` apart, as far as the README uses it. */
function readRun(command: string) {
  const [options = "", rest = ""] = command.split(/(?:^| )onejot(?: |$)/, 2);
  const valuesOf = (option: string) => {
    return [...options.matchAll(new RegExp(`(?:^| )${option} (\\S+)`, "g"))]
      .map(([, value = ""]) => value);
  };
  return {
    args: rest.split(" ").filter((word) => word !== ""),
    volumes: valuesOf("-v").map((volume) => volume.split(":")[1] ?? ""),
    ports: valuesOf("-p").map((port) => port.split(":").at(-1) ?? ""),
    names: valuesOf("-e"),
  };
}
