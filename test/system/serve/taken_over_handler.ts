/**
 * Hangs a handler into the server that Deno.serve makes, and has it try what it
 * can do. TRIED names, as JSON, the things that it tries it on: it comes as the
 * last argument, because the settings are all of the environment that is
 * allowed.
 */

import { Buffer } from "node:buffer";
import { spawnSync } from "node:child_process";
import dns from "node:dns/promises";
import { once } from "node:events";
import fs from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import net from "node:net";
import os from "node:os";
import process from "node:process";
import { backup, DatabaseSync } from "node:sqlite";
import v8 from "node:v8";
import { Worker as NodeWorker } from "node:worker_threads";

/** What the handler is told of the machine. */
export interface Targets {
  /** The port of the server itself. */
  readonly port: number;
  /** A port of this machine where another server listens. */
  readonly otherPort: number;
  /** The path of a socket where another server listens. */
  readonly socket: string;
  /** A module that the server does not need. */
  readonly source: string;
  /** The file of the secret. */
  readonly secretFile: string;
  /** The database of the server. */
  readonly database: string;
  /** A folder that is not the server's, and empty. */
  readonly elsewhere: string;
  /** Whether to try everything at the start, too. */
  readonly isTriedAtStart: boolean;
}

interface Handler {
  (request: Request, connection: unknown): Response | Promise<Response>;
}

type Options = Readonly<Record<string, unknown>>;

// The types of Deno's global are not known to tsc.
const { Deno: deno } = globalThis as unknown as {
  readonly Deno: {
    serve(options: Options & { readonly handler: Handler }): unknown;
    connect(options: Options): Promise<unknown>;
    connectTls(options: Options): Promise<unknown>;
    createHttpClient(options: Options): unknown;
    listen(options: Options): unknown;
    resolveDns(name: string, kind: string): Promise<unknown>;
    readonly env: { set(name: string, value: string): void };
    readonly Command: new (
      program: string,
    ) => { outputSync(): unknown };
    kill(id: number, signal: string): void;
    dlopen(path: string, symbols: object): unknown;
    readonly permissions: {
      request(permission: Options): Promise<{ readonly state: string }>;
    };
    hostname(): string;
    networkInterfaces(): unknown;
    makeTempDirSync(): string;
  };
};

/** How Deno and SQLite word that something is not allowed. */
const refusals: readonly RegExp[] = [
  /^NotCapable: /,
  /Requires \S+ access/,
  // getaddrinfo and the like
  /\bEPERM\b/,
  // What SQLite is told to allow: no database in addition to the first.
  /too many attached databases - max 0/,
  /not authorized/,
  /--no-remote is specified/,
  /--no-npm is specified/,
  /^TypeError: JSR package manifest .* failed to load/,
];

const targets: Targets = JSON.parse(process.argv.pop() ?? "");
const before = targets.isTriedAtStart ? await tryAll() : {};
const { serve } = deno;
Object.assign(deno, {
  serve(options: Options & { readonly handler: Handler }) {
    const handler: Handler = async (request, connection) => {
      const isTakenOver = request.url.endsWith("/taken-over");
      return isTakenOver
        ? Response.json({ before, after: await tryAll() })
        : await options.handler(request, connection);
    };
    return serve({ ...options, handler });
  },
});

/** Tries everything, one after the other. */
async function tryAll(): Promise<Readonly<Record<string, string>>> {
  const verdicts: Record<string, string> = {};
  for (const [name, attempt] of Object.entries(attemptsOn(targets))) {
    verdicts[name] = await verdictOn(attempt);
  }
  return verdicts;
}

async function verdictOn(attempt: () => unknown): Promise<string> {
  try {
    await attempt();
    return "allowed";
  } catch (error) {
    const said = error instanceof Error
      ? `${error.name}: ${error.message}`
      : String(error);
    if (refusals.some((words) => words.test(said))) return "refused";
    // Deno lets it through, and nobody listens yet.
    return said.startsWith("ConnectionRefused: ") ? "allowed" : said;
  }
}

/** What a stranger would try, by what it would give them. */
function attemptsOn(
  { port, otherPort, socket, source, secretFile, database, elsewhere }: Targets,
): Readonly<Record<string, () => unknown>> {
  const other = `http://127.0.0.1:${otherPort}/`;
  const path = (name: string) => `${elsewhere}/${name}`;
  return {
    // Reaching others.
    "connects to another port of this machine": () =>
      deno.connect({ hostname: "127.0.0.1", port: otherPort }),
    "connects to it by the name localhost": () =>
      deno.connect({ hostname: "localhost", port: otherPort }),
    "connects to it by the address of all addresses": () =>
      deno.connect({ hostname: "0.0.0.0", port: otherPort }),
    "connects to it by an IPv6 address": () =>
      deno.connect({ hostname: "::ffff:127.0.0.1", port: otherPort }),
    "connects to it with TLS": () =>
      deno.connectTls({ hostname: "127.0.0.1", port: otherPort }),
    "connects to it by node:net": () =>
      once(net.connect(otherPort, "127.0.0.1"), "connect"),
    "asks it by node:http": () => once(http.get(other), "response"),
    "asks it by fetch": () => fetch(other),
    "asks it through a proxy": () => {
      const client = deno.createHttpClient({ proxy: { url: other } });
      const init: RequestInit & { client: unknown } = { client };
      return fetch(`http://127.0.0.1:${port}/healthz`, init);
    },
    "connects to a socket of the file system": () =>
      deno.connect({ transport: "unix", path: socket }),
    "connects to it by node:net's path": () =>
      once(net.connect(socket), "connect"),
    "connects to PostgreSQL": () =>
      deno.connect({ hostname: "127.0.0.1", port: 5432 }),
    "asks a cloud for the machine's credentials": () =>
      fetch("http://169.254.169.254/latest/meta-data/", { signal: soon() }),
    "asks the Internet": () =>
      fetch("https://example.org/", { signal: soon() }),
    "asks for a name": () => deno.resolveDns("secret.example.org", "A"),
    "asks for a name by node:dns": () => dns.lookup("secret.example.org"),
    "listens on another port": () => deno.listen({ port: 0 }),
    "serves on another port": () =>
      deno.serve({ port: 0, handler: () => new Response() }),
    "listens on a socket of the file system": () =>
      deno.listen({ transport: "unix", path: path("socket") }),
    "asks the server itself": () =>
      deno.connect({ hostname: "127.0.0.1", port }),

    // The environment.
    "reads a setting": () => process.env["DATABASE_URL"],
    "reads the secret among the settings": () => process.env["JWT_SECRET"],
    "reads another variable": () => process.env["PATH"],
    "reads all variables": () => Object.entries(process.env),
    "reads them from /proc": () => fs.readFileSync("/proc/self/environ"),
    "sets a variable": () => deno.env.set("PATH", elsewhere),

    // Files.
    "reads /etc/passwd": () => fs.readFileSync("/etc/passwd"),
    "reads it by fetch": () => fetch("file:///etc/passwd"),
    "reads it by an import": () =>
      import(hidden("file:///etc/passwd"), { with: { type: "text" } }),
    "reads the source": () => fs.readFileSync(source),
    "reads the file of the secret": () => fs.readFileSync(secretFile),
    "reads the database's file": () => fs.readFileSync(database),
    "reads the memory of the process": () => fs.openSync("/proc/self/mem", "r"),
    "lists a folder": () => fs.readdirSync("/"),
    "requires a file": () => createRequire(import.meta.url)("/etc/passwd"),
    "writes a file": () => fs.writeFileSync(path("file"), "x"),
    "writes to the source": () => fs.appendFileSync(source, ""),
    "writes to the database's file": () => fs.appendFileSync(database, ""),
    "makes a folder": () => deno.makeTempDirSync(),
    "makes a link": () => fs.symlinkSync("/etc", path("link")),
    "writes its memory to a file": () => v8.writeHeapSnapshot(path("heap")),

    // Other programs.
    "runs a program": () => new deno.Command("true").outputSync(),
    "runs a program by node:child_process": () => {
      const { error } = spawnSync("true");
      if (error !== undefined) throw error;
    },
    "signals its parent": () => process.kill(process.ppid, 0),
    "signals it by Deno": () => deno.kill(process.ppid, "SIGCONT"),
    "loads a library": () => deno.dlopen("libc.so.6", {}),
    "loads an addon": () =>
      Reflect.apply(process.dlopen, process, [{ exports: {} }, path("addon")]),

    // Code.
    "imports from the Internet": () =>
      import(hidden("https://deno.land/std/version.ts")),
    "imports from npm": () => import(hidden("npm:is-number@7.0.0")),
    "imports from JSR": () => import(hidden("jsr:@std/assert@1")),
    "imports a file": () => import(hidden(`file://${source}`)),
    "runs a text as a module": () =>
      import(hidden("data:text/javascript,export default 1")),
    "reads /etc/passwd in a worker": () => {
      const code =
        `import { readFileSync } from "node:fs"; let said = ""; try { readFileSync("/etc/passwd") } catch (error) { said = error.name } postMessage(said)`;
      return sayingOf(code);
    },
    "reads it in a thread of Node.js": async () => {
      const code = `let said = ""; try { require("fs").readFileSync(` +
        `"/etc/passwd") } catch (error) { said = error.message } ` +
        `require("worker_threads").parentPort.postMessage(said)`;
      const thread = new NodeWorker(code, { eval: true });
      const [said] = await once(thread, "message");
      await thread.terminate();
      if (said !== "") throw new Error(String(said));
    },

    // Asking for more.
    "asks for permission to read": () => request({ name: "read" }),
    "asks for permission to run": () => request({ name: "run" }),
    "asks for permission to connect": () =>
      request({ name: "net", host: "example.org" }),
    "asks for the variables again": () => request({ name: "env" }),

    // The machine.
    "learns the machine's name": () => deno.hostname(),
    "learns its addresses": () => deno.networkInterfaces(),
    "learns its user": () => os.userInfo(),

    // The database.
    "opens another database": () => new DatabaseSync(path("other.sqlite")),
    "opens the server's database": () => new DatabaseSync(database),
    "attaches another database": () =>
      inMemory(`ATTACH '${path("other.sqlite")}' AS other`),
    "attaches the server's": () => inMemory(`ATTACH '${database}' AS other`),
    "copies by VACUUM INTO": () =>
      inMemory(`VACUUM INTO '${path("copy.sqlite")}'`),
    "copies by backup": () =>
      backup(new DatabaseSync(":memory:"), path("copy.sqlite")),
    "loads an extension": () =>
      new DatabaseSync(":memory:", { allowExtension: true })
        .loadExtension(path("extension")),
    "loads an extension by a statement": () =>
      new DatabaseSync(":memory:")
        .prepare(`SELECT load_extension('${path("extension")}')`).get(),
    "makes a database in memory": () => inMemory("CREATE TABLE any_table (a)"),
    "keeps a text in Deno's own folder": async () => {
      const cache = await caches.open("taken-over");
      await cache.put("http://localhost/", new Response("x"));
      await caches.delete("taken-over");
    },
  };
}

/** For what would otherwise hang where it is not refused. */
function soon(): AbortSignal {
  return AbortSignal.timeout(2000);
}

/** What Deno cannot foresee: what it can, it allows without asking. */
function hidden(specifier: string): string {
  return Buffer.from(specifier).toString();
}

function inMemory(statement: string): void {
  new DatabaseSync(":memory:").exec(statement);
}

/** @throws Error with what a worker says; returns where that is nothing. */
function sayingOf(code: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const url = `data:text/javascript,${encodeURIComponent(code)}`;
  const worker = new Worker(url, { type: "module" });
  worker.onmessage = ({ data }) => {
    worker.terminate();
    if (data === "") return resolve();
    const error = new Error("in a worker");
    error.name = String(data);
    reject(error);
  };
  return promise;
}

async function request(permission: Options): Promise<void> {
  const { state } = await deno.permissions.request(permission);
  if (state !== "granted") throw new Error("Requires more access");
}
