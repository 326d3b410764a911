/**
 * A PostgreSQL server of its own, from Debian's package: a new data directory, a free port of this
 * machine, a password, no durability that a test does not need. Started as the user postgres where the
 * tests run as root, which PostgreSQL refuses to be.
 */

import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

/** A server, and its databases. */
export interface Cluster {
  readonly port: number;
  /** Makes an empty database and gives its URL. */
  createDatabase(): string;
  /** Runs statements as the superuser and gives the rows, a line each, their columns by `|`. */
  query(url: string, statements: string): string[];
  /** Begins to run statements, in a connection of their own. */
  spawn(url: string, statements: string): void;
  /** Stops it: "fast" ends transactions, "immediate" is a crash. */
  stop(mode: "fast" | "immediate"): void;
  /** Starts it again, on the same data and port. */
  start(): void;
  /** Stops it and removes its data. */
  remove(): void;
}

const isRoot = process.getuid?.() === 0;

/** Makes and starts a server; with `tls` it has a certificate of its own making, which needs openssl. */
export async function startCluster(
  { tls = false }: { tls?: boolean } = {},
): Promise<Cluster> {
  const bin = findPrograms();
  const folder = mkdtempSync(join(tmpdir(), "onejot-postgres-"));
  if (isRoot) run("chown", ["postgres", folder]);
  const data = join(folder, "data");
  const password = randomBytes(16).toString("hex");
  const port = await freePort();
  const passwordFile = join(folder, "password");
  writeFileSync(passwordFile, password);
  chmodSync(passwordFile, 0o644); // the folder is closed
  asPostgres(`${bin}/initdb`, [
    ...[
      "--pgdata",
      data,
      "--username",
      "onejot",
      "--pwfile",
      passwordFile,
      "--encoding",
      "UTF8",
    ],
    ...["--auth", "scram-sha-256", "--no-sync"],
  ]);
  if (tls) makeCertificate(data);
  const settings = [
    ...[
      `port = ${port}`,
      "listen_addresses = '127.0.0.1'",
      `unix_socket_directories = '${folder}'`,
    ],
    ...[
      "max_connections = 60",
      `ssl = ${tls ? "on" : "off"}`,
      "shared_buffers = 32MB",
    ],
  ];
  asPostgres(
    "tee",
    ["--append", join(data, "postgresql.conf")],
    settings.join("\n"),
  );
  let databases = 0;
  const superuser = `postgres://onejot:${password}@127.0.0.1:${port}`;

  const cluster: Cluster = {
    port,
    createDatabase() {
      const name = `onejot_${++databases}`;
      cluster.query(`${superuser}/postgres`, `CREATE DATABASE ${name}`);
      return `${superuser}/${name}`;
    },
    query(url, statements) {
      const args = [
        "--no-psqlrc",
        "--quiet",
        "--tuples-only",
        "--no-align",
        "--dbname",
        url,
      ];
      return run(`${bin}/psql`, [
        ...args,
        "--set",
        "ON_ERROR_STOP=1",
        "--command",
        statements,
      ])
        .split("\n").filter((line) => line !== "");
    },
    spawn(url, statements) {
      const child = spawn(`${bin}/psql`, [
        "--no-psqlrc",
        "--dbname",
        url,
        "--command",
        statements,
      ], {
        stdio: "ignore",
      });
      child.unref();
    },
    stop(mode) {
      asPostgres(`${bin}/pg_ctl`, [
        "--pgdata",
        data,
        "--mode",
        mode,
        "--wait",
        "stop",
      ]);
    },
    start() {
      const log = join(folder, "log");
      asPostgres(`${bin}/pg_ctl`, [
        "--pgdata",
        data,
        "--log",
        log,
        "--wait",
        "start",
      ]);
    },
    remove() {
      if (existsSync(join(data, "postmaster.pid"))) cluster.stop("immediate");
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    cluster.start();
  } catch (error) {
    cluster.remove();
    throw error;
  }
  return cluster;
}

/** Where Debian has the programs that are not in the PATH. */
function findPrograms(): string {
  const root = "/usr/lib/postgresql";
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  const [newest] = versions.filter((version) => existsSync(`${root}/${version}/bin/initdb`));
  if (newest !== undefined) return `${root}/${newest}/bin`;
  throw new Error("PostgreSQL is not installed: apt-get install postgresql");
}

function makeCertificate(data: string): void {
  asPostgres("openssl", [
    ...[
      "req",
      "-new",
      "-x509",
      "-nodes",
      "-days",
      "2",
      "-subj",
      "/CN=localhost",
      "-newkey",
    ],
    ...["ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
    ...["-keyout", `${data}/server.key`, "-out", `${data}/server.crt`],
  ]);
}

function asPostgres(
  program: string,
  args: readonly string[],
  input = "",
): string {
  if (!isRoot) return run(program, args, input);
  return run("runuser", ["--user", "postgres", "--", program, ...args], input);
}

function run(program: string, args: readonly string[], input = ""): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd: "/",
    encoding: "utf8",
    input,
    // A server that is started keeps what it inherits: not these pipes, or this would wait for it.
    stdio: args.includes("start") ? ["ignore", "ignore", "ignore"] : "pipe",
  });
  if (status === 0) return stdout ?? "";
  throw new Error(`${program} failed: ${error?.message ?? stderr}`);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject).listen(
      0,
      "127.0.0.1",
      () => {
        const address = server.address();
        server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
      },
    );
  });
}
