/**
 * What JSR would get, as near as it can be tried without JSR: the files that
 * would be published, and none beside them, come from a server on this machine,
 * and Deno runs them from there.
 */

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { examplePrints, sampleFiles } from "./samples.ts";
import type { Trial } from "./tarball.ts";
import { requireTrial } from "./trial_server.ts";

/** Checks the package for JSR. */
export async function checkJsr(
  { checks, scratch, tarball: { repository } }: Trial,
): Promise<void> {
  const published = await checks.check(
    "JSR: deno publish --dry-run has nothing to say",
    async () => {
      const command = ["deno", "publish", "--dry-run", "--allow-dirty"];
      const { stdout, stderr } = await repository.run(command);
      assert.doesNotMatch(stdout + stderr, /^\W*(?:warning|error)\b/im);
      const paths = [...stderr.matchAll(/^ +(file:\S+) \(/gm)]
        .map(([, url = ""]) => relative(repository.folder, fileURLToPath(url)));
      const others = paths.filter((path) => !path.startsWith("src/"));
      assert.deepEqual(others.sort(), ["LICENSE", "README.md", "deno.json"]);
      return paths;
    },
  );
  if (published === null) return;

  const server = await serveFiles(repository.folder, published);
  const { port } = server.address() as AddressInfo; // it listens on TCP
  const urlOf = (path: string) =>
    new URL(path, `http://127.0.0.1:${port}`).href;
  const { exports } = JSON.parse(
    readFileSync(join(repository.folder, "deno.json"), "utf8"),
  );
  const imports = {
    "onejot/http": urlOf(exports["./http"]),
    "onejot/jwt": urlOf(exports["./jwt"]),
  };
  const project = scratch.project("jsr", {
    "deno.json": JSON.stringify({ imports }),
    "example.ts": sampleFiles["example.ts"],
  });
  const deno = [
    "deno",
    "run",
    "--no-prompt",
    `--allow-import=127.0.0.1:${port}`,
  ];

  await checks.check(
    "JSR: the README's example compiles and runs",
    async () => {
      const { stdout } = await project.run([...deno, "--check", "example.ts"]);
      assert.equal(stdout, examplePrints);
    },
  );

  await checks.check("JSR: deno run prints a secret, and serves", async () => {
    const permissions = ["--allow-net=127.0.0.1", "--allow-env"];
    const command = [...deno, ...permissions, urlOf(exports["."])];
    const { stdout } = await project.run([...command, "key"]);
    assert.match(stdout, /^[\w-]{43}\n$/);
    await project.serve(command, requireTrial);
  });
  server.close();
}

const mediaTypes: Readonly<Record<string, string>> = {
  ".ts": "application/typescript",
  ".html": "text/html",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

/** Serves these files of a folder, and no others. */
async function serveFiles(
  folder: string,
  paths: readonly string[],
): Promise<Server> {
  const server = createServer(({ url = "" }, response) => {
    const path = url.slice(1);
    const isPublished = paths.includes(path);
    const type = mediaTypes[extname(path)] ?? "text/plain";
    response.writeHead(isPublished ? 200 : 404, { "content-type": type });
    response.end(isPublished ? readFileSync(join(folder, path)) : "");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}
