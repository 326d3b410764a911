/**
 * The page at `/` as it is handed out: which files, as what, and what the
 * browser is told to refuse. What it does in a browser is tested in
 * test/system/browser.
 */

import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { importKey, sign, verify } from "../../../src/jwt/jwt.ts";
import {
  sendRaw,
  type ServerProcess,
  testSecret,
  type Variables,
  withServer,
} from "../../support/server_process.ts";
import { withFolder } from "../../support/temp.ts";

const source = fileURLToPath(new URL("../../../src/", import.meta.url));
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; " +
  "frame-ancestors 'none'; " +
  "require-trusted-types-for 'script'; trusted-types 'none'";

test("a trial shows the page, and what it needs of src, each file with its type and the policy", async () => {
  await withServer({}, async (server) => {
    const types = {
      html: "text/html",
      css: "text/css",
      svg: "image/svg+xml",
      ts: "text/javascript",
    };
    const files = readdirSync(`${source}page`).map((name) =>
      `/src/page/${name}`
    );
    const paths = ["/", ...files.filter((path) => !path.endsWith(".html"))];
    paths.push(...await importedBy(server, "/src/page/page.ts"));
    for (const path of paths) {
      const { status, headers } = await get(server, path);
      const file = path === "/" ? "index.html" : path;
      const ending = file.slice(file.lastIndexOf(".") + 1);
      const type = new Map(Object.entries(types)).get(ending);
      assert.equal(status, 200, path);
      assert.equal(headers.get("content-type"), `${type}; charset=utf-8`, path);
      assert.equal(headers.get("content-security-policy"), policy, path);
      assert.equal(headers.get("x-content-type-options"), "nosniff", path);
    }
  });
});

test("HEAD of the page and of a module answers as GET does, without the file", async () => {
  await withServer({}, async (server) => {
    for (const path of ["/", "/src/page/page.css", "/src/jwt/jwt.ts"]) {
      const response = await fetch(server.origin + path, { method: "HEAD" });
      const { headers } = await get(server, path);
      assert.equal(response.status, 200);
      assert.equal(await response.text(), "");
      for (
        const name of [
          "content-type",
          "content-security-policy",
          "x-content-type-options",
        ]
      ) {
        assert.equal(
          response.headers.get(name),
          headers.get(name),
          `${path} ${name}`,
        );
      }
    }
  });
});

test("the page's modules are those of src without their types, all of src/jwt among them", async () => {
  await withServer({}, async (server) => {
    const imported = await importedBy(server, "/src/page/page.ts");
    const jwt = readdirSync(`${source}jwt`)
      .filter((name) => name.endsWith(".ts"))
      .map((name) => `/src/jwt/${name}`);
    for (const path of [...jwt, "/src/inspect/inspect.ts"]) {
      assert.ok(imported.includes(path), path);
    }
    for (const path of imported) {
      const served = await (await get(server, path)).text();
      const written = readSource(path);
      assert.deepEqual(stringsIn(served), stringsIn(written), path);
      assert.doesNotMatch(served, /^(?:export )?(?:interface|type) /m, path);
    }
  });
});

test("the page's modules run as JavaScript, export what src does, and sign and verify alike", async () => {
  await withServer({}, async (server) => {
    await withFolder(async (folder) => {
      const imported = await importedBy(server, "/src/page/page.ts");
      for (const path of imported) {
        const file = join(folder, asScript(path));
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, asScript(await (await get(server, path)).text()));
      }
      const load = (path: string) =>
        import(pathToFileURL(join(folder, asScript(path))).href);
      for (const path of imported) {
        if (path === "/src/page/page.ts") continue; // it would start
        const exported = Object.keys(await load(path));
        assert.deepEqual(exported, await exportsOf(path), path);
      }
      const served: typeof import("../../../src/jwt/jwt.ts") = await load(
        "/src/jwt/jwt.ts",
      );
      const bytes = new TextEncoder().encode(testSecret);
      const key = await importKey(bytes);
      const servedKey = await served.importKey(bytes);
      const options = { lifetimeSeconds: 60 };
      const token = await served.sign({ sub: "ada" }, servedKey, options);
      assert.equal((await verify(token, key)).sub, "ada");
      const other = await sign({ sub: "bob" }, key, options);
      assert.equal((await served.verify(other, servedKey)).sub, "bob");
      const wrongKey = await served.importKey(new Uint8Array(32));
      await assert.rejects(async () => await served.verify(token, wrongKey), {
        code: "signature",
      });
    });
  });
});

test("the page comes with scripts and styles in files alone", async () => {
  await withServer({}, async (server) => {
    const html = await (await get(server, "/")).text();
    assert.doesNotMatch(
      html,
      /<style|<script(?![^>]* src=")[^>]*>|\son\w+=|\sstyle=|https?:/,
    );
  });
});

test("no other file can be had, whatever is asked for", async () => {
  await withServer({}, async (server) => {
    const paths = [
      "/src/main.ts",
      "/src/server/config.ts",
      "/src/page/page.html",
      "/src/page/index.html",
      "/src/page/",
      "/src",
      "/src/page/%2e%2e/main.ts",
      "/src/page/page.ts/",
      "/src/page//page.ts",
      "/package.json",
      "/SRC/page/page.ts",
    ];
    const imported = await importedBy(server, "/src/page/page.ts");
    const others = readdirSync(source, { recursive: true })
      .map((name) => `/src/${String(name)}`)
      .filter((path) =>
        !imported.includes(path) && !/\/page\/page\.css$|\.svg$/.test(path)
      );
    assert.ok(others.length > 40);
    for (const path of [...paths, ...others]) {
      assert.equal((await get(server, path)).status, 404, path);
    }
    for (
      const path of [
        "/src/page/../main.ts",
        "/../package.json",
        "/src/jwt/..%2fmain.ts",
      ]
    ) {
      const request =
        `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
      assert.match(
        await sendRaw(server.port, request),
        /^HTTP\/1\.1 404 /,
        path,
      );
    }
  });
});

test("with PAGE=off there is no page, nor in production unless PAGE=on", async () => {
  await withFolder(async (folder) => {
    const DATABASE_URL = `sqlite:${join(folder, "accounts.sqlite")}`;
    const production = { JWT_SECRET: testSecret, DATABASE_URL };
    const settings: readonly (readonly [Variables, number])[] = [
      [{ PAGE: "off" }, 404],
      [production, 404],
      [{ ...production, PAGE: "on" }, 200],
    ];
    for (const [variables, status] of settings) {
      await withServer(variables, async (server) => {
        for (const path of ["/", "/src/page/page.ts", "/src/jwt/jwt.ts"]) {
          assert.equal((await get(server, path)).status, status, path);
        }
      });
    }
  });
});

/**
 * All modules that a module leads to, itself included, as the server hands them
 * out.
 */
async function importedBy(
  server: ServerProcess,
  entry: string,
): Promise<string[]> {
  const modules = new Set([entry]);
  for (const path of modules) {
    const text = await (await get(server, path)).text();
    // The examples in comments have imports of their own; Deno leaves comments.
    const code = text.replace(/\/\*[^]*?\*\//g, "");
    for (const [, specifier = ""] of code.matchAll(/ from\s*"([^"]+)"/g)) {
      modules.add(new URL(specifier, `http://localhost${path}`).pathname);
    }
  }
  return [...modules];
}

/**
 * The sentences in a module, which are no types: errors, meanings, what the
 * page says.
 */
function stringsIn(text: string): string[] {
  const code = text.replace(/\/\*[^]*?\*\/|\/\/ .*$/gm, "");
  const strings = code.match(/"(?:[^"\\\n]|\\.)*"/g) ?? [];
  const sentences = strings.filter((text) => /^"\w[^"]* [^"]*\."$/.test(text));
  return [...new Set(sentences)].sort();
}

/** The names that a module of src exports, without its types, in order. */
async function exportsOf(path: string): Promise<string[]> {
  // Deno 2.9 leaves the types in a module that was imported as text alone
  // before: those are read.
  const declared = readSource(path).matchAll(
    /^export (?:async )?(?:function|const|class) (\w+)/gm,
  );
  if (!path.startsWith("/src/jwt/")) {
    return [...declared].map(([, name = ""]) => name).sort();
  }
  return Object.keys(
    await import(new URL(`../../..${path}`, import.meta.url).href),
  );
}

/** As a name that every runtime takes for JavaScript. */
function asScript(text: string): string {
  return text.replace(/\.ts(?="|$)/g, ".mjs");
}

function readSource(path: string): string {
  return readFileSync(source + path.slice("/src/".length), "utf8");
}

function get({ origin }: ServerProcess, path: string): Promise<Response> {
  return fetch(origin + path);
}
