/**
 * A stand-in for a runtime's official distroless image, which cannot be fetched
 * everywhere: this machine's own Bun or Deno with the libraries that it loads,
 * at the same places, with the same settings and the same user "nonroot", who
 * has a home directory; no shell and nothing else.
 */

import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  realpathSync,
} from "node:fs";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

export type RuntimeName = "bun" | "deno";

interface Runtime {
  /** Where the official image has the program. */
  readonly path: string;
  /**
   * The arguments that make the program say where it is itself, behind npm's
   * links and scripts.
   */
  readonly printPath: readonly string[];
  /** What the official image sets, as options of `buildah config`. */
  readonly options: readonly string[];
}

const searched = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

const runtimes: Readonly<Record<RuntimeName, Runtime>> = {
  bun: { // oven-sh/bun: dockerhub/distroless/Dockerfile
    path: "/usr/local/bin/bun",
    printPath: ["--print", "process.execPath"],
    options: [
      `--env=PATH=${searched}:/usr/local/bun-node-fallback-bin`,
      "--env=BUN_RUNTIME_TRANSPILER_CACHE_PATH=0",
      "--env=BUN_INSTALL_BIN=/usr/local/bin",
      '--entrypoint=["/usr/local/bin/bun"]',
    ],
  },
  deno: { // denoland/deno_docker: distroless.dockerfile
    path: "/bin/deno",
    printPath: ["eval", "console.log(Deno.execPath())"],
    options: [
      `--env=PATH=${searched}`,
      "--env=DENO_DIR=/deno-dir/",
      "--env=DENO_INSTALL_ROOT=/usr/local",
      '--entrypoint=["/tini", "--", "/bin/deno"]',
      "--cmd=eval \"console.log('Welcome to Deno!')\"",
    ],
  },
};

const passwd = `root:x:0:0:root:/root:/sbin/nologin
nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin
`;

/**
 * Lays out the files of a base image in a directory and returns its `buildah
 * config` options.
 */
export function layOutBase(
  name: RuntimeName,
  directory: string,
): readonly string[] {
  const { path, printPath, options } = runtimes[name];
  const program = realpathSync(firstLine(name, printPath));
  const folders = [
    "dev",
    "etc",
    "home/nonroot",
    "proc",
    "root",
    "run",
    "sys",
    "tmp",
  ];
  for (const folder of [...folders, "usr/local/bin"]) {
    mkdirSync(join(directory, folder), { recursive: true });
  }
  chmodSync(join(directory, "tmp"), 0o1777);
  chmodSync(join(directory, "root"), 0o700);
  chmodSync(join(directory, "home/nonroot"), 0o700);
  chownSync(join(directory, "home/nonroot"), 65532, 65532);
  writeFileSync(join(directory, "etc/passwd"), passwd);
  // Or a RUN of buildah leaves them.
  for (const mounted of ["hostname", "hosts", "resolv.conf"]) {
    writeFileSync(join(directory, "etc", mounted), "");
  }
  copy(program, join(directory, path));
  for (const library of librariesOf(program)) {
    copy(library, join(directory, library));
  }
  return options;
}

/** The version of this machine's runtime, such as `1.4.5`. */
export function versionOf(name: RuntimeName): string {
  return /\d+\.\d+\.\d+/.exec(firstLine(name, ["--version"]))?.[0] ?? "";
}

/** The libraries that a program loads, and the loader itself. */
function librariesOf(program: string): string[] {
  const { stdout } = spawnSync("ldd", [program], { encoding: "utf8" });
  return [...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, path = ""]) => path);
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
  chmodSync(to, 0o755);
}

function firstLine(program: string, args: readonly string[]): string {
  const { status, stdout } = spawnSync(program, args, { encoding: "utf8" });
  if (status !== 0) {
    throw new Error(`There is no ${program} in the PATH that works.`);
  }
  return stdout.split("\n", 1)[0] ?? "";
}
