/**
 * A PostgreSQL server of its own, from Debian's package: a new data directory,
 * a free port of this machine, a password, no durability that a test does not
 * need. Started as the user postgres where the tests run as root, which
 * PostgreSQL refuses to be.
 */

import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { freePort } from "../../support/port.ts";
import { run as runToEnd } from "../../support/process.ts";

/** A server, and its databases. */
export interface Cluster {
  readonly port: number;
  /** Makes an empty database and gives its URL. */
  createDatabase(): string;
  /**
   * Runs statements as the superuser and gives the rows, a line each, their
   * columns by `|`.
   */
  query(url: string, statements: string): string[];
  /** Stops it: "fast" ends transactions, "immediate" is a crash. */
  stop(mode: "fast" | "immediate"): Promise<void>;
  /** Starts it again, on the same data and port. */
  start(): Promise<void>;
  /** Stops it and removes its data. */
  remove(): void;
}

type Command = readonly [program: string, ...args: string[]];

const isRoot = process.getuid?.() === 0;

/** What a server is for. */
export interface ClusterOptions {
  // It has a certificate of its own making, which needs openssl.
  readonly tls?: boolean;
  // A power cut loses nothing either, as in production.
  readonly isDurable?: boolean;
}

/** Makes and starts a server. */
export async function startCluster(
  { tls = false, isDurable = false }: ClusterOptions = {},
): Promise<Cluster> {
  const bin = findPrograms();
  const folder = mkdtempSync(join(tmpdir(), "onejot-postgres-"));
  if (isRoot) run(["chown", "postgres", folder]);
  const data = join(folder, "data");
  const password = randomBytes(16).toString("hex");
  const port = await freePort();
  const passwordFile = join(folder, "password");
  writeFileSync(passwordFile, password);
  chmodSync(passwordFile, 0o644); // the folder is closed
  run(asPostgres(
    `${bin}/initdb`,
    "--no-sync",
    `--pgdata=${data}`,
    "--username=onejot",
    `--pwfile=${passwordFile}`,
    "--encoding=UTF8",
    "--auth=scram-sha-256",
  ));
  if (tls) makeCertificate(data);
  const settings = [
    `port = ${port}`,
    "listen_addresses = '127.0.0.1'",
    `unix_socket_directories = '${folder}'`,
    "max_connections = 120",
    `ssl = ${tls ? "on" : "off"}`,
    "shared_buffers = 32MB",
    // Without fsync, too, all survives the end of PostgreSQL.
    `fsync = ${isDurable ? "on" : "off"}`,
  ];
  run(
    asPostgres("tee", "--append", join(data, "postgresql.conf")),
    settings.join("\n"),
  );
  const control = [`${bin}/pg_ctl`, "--pgdata", data, "--wait"] as const;
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
      return run([
        `${bin}/psql`,
        ...args,
        "--set",
        "ON_ERROR_STOP=1",
        "--command",
        statements,
      ])
        .split("\n").filter((line) => line !== "");
    },
    async stop(mode) {
      await finish(asPostgres(...control, "--mode", mode, "stop"));
    },
    async start() {
      await finish(
        asPostgres(...control, "--log", join(folder, "log"), "start"),
      );
    },
    remove() {
      const isRunning = existsSync(join(data, "postmaster.pid"));
      if (isRunning) run(asPostgres(...control, "--mode", "immediate", "stop"));
      rmSync(folder, { recursive: true, force: true });
    },
  };
  process.once("exit", () => cluster.remove()); // also where a signal ends this
  try {
    await cluster.start();
  } catch (error) {
    cluster.remove();
    throw error;
  }
  return cluster;
}

/** Where Debian has the programs that are not in the PATH. */
function findPrograms(): string {
  const root = "/usr/lib/postgresql";
  const versions = existsSync(root)
    ? readdirSync(root).sort((a, b) => Number(b) - Number(a))
    : [];
  const [newest] = versions.filter((version) =>
    existsSync(`${root}/${version}/bin/initdb`)
  );
  if (newest !== undefined) return `${root}/${newest}/bin`;
  throw new Error("PostgreSQL is not installed: apt-get install postgresql");
}

function makeCertificate(data: string): void {
  // deno-fmt-ignore: an option a line
  const options = [
    "-new", "-x509", "-nodes",
    "-days", "2",
    "-subj", "/CN=localhost",
    "-newkey", "ec",
    "-pkeyopt", "ec_paramgen_curve:prime256v1",
    "-keyout", `${data}/server.key`,
    "-out", `${data}/server.crt`,
  ];
  run(asPostgres("openssl", "req", ...options));
}

/** A command as the user postgres, where PostgreSQL asks for it. */
function asPostgres(...command: Command): Command {
  return isRoot ? ["runuser", "--user", "postgres", "--", ...command] : command;
}

function run([program, ...args]: Command, input = ""): string {
  const options = { cwd: "/", encoding: "utf8", input } as const;
  const { status, stdout, stderr, error } = spawnSync(program, args, options);
  if (status === 0) return stdout;
  throw new Error(`${program} failed: ${error?.message ?? stderr}`);
}

/** While all else goes on. What it starts keeps its streams: no pipes. */
async function finish(command: Command): Promise<void> {
  const { code } = await runToEnd(command, { cwd: "/", stdio: "ignore" });
  if (code !== 0) {
    throw new Error(`${command.join(" ")} ended with code ${code}`);
  }
}
