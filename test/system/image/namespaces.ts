/**
 * The command lines that run an image as a container runtime does: as PID 1 of
 * its own process namespace, with the image's files as root directory,
 * read-only unless asked otherwise, as the image's user in its working
 * directory, with its environment and no other, and with directories mounted
 * into it. What a runtime also gives and this does not: a network of its own,
 * limits, and fewer capabilities for root.
 */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Variables } from "../../support/server_process.ts";
import type { Image } from "./buildah.ts";

/** As the options of `docker run`. */
export interface RunOptions {
  readonly args?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly variables?: Variables;
  /** The directory for the image's volume; a fresh one by default. */
  readonly volume?: string;
  /** Files to mount, by the paths that they have inside. */
  readonly files?: Readonly<Record<string, string>>;
  readonly rootDirectory?: "read-only" | "writable";
  readonly input?: string;
}

/** Starts a container. The options name its volume. */
export function commandToRun(
  image: Image,
  options: RunOptions & { readonly volume: string },
): string[] {
  const { root, config } = image;
  const {
    volume,
    entrypoint,
    args = [],
    files = {},
    rootDirectory = "read-only",
  } = options;
  const mounts = Object.entries(files).flatMap(([inside, file]) => {
    mkdirSync(dirname(join(root, inside)), { recursive: true });
    writeFileSync(join(root, inside), ""); // a runtime makes the places, too
    return [file, inside];
  });
  const volumePath = volumePathOf(image);
  if (volumePath !== null) mounts.push(volume, volumePath);
  const parameters = args.length > 0 || entrypoint !== undefined
    ? args
    : config.Cmd;
  // deno-fmt-ignore: each of the programs that start the next one
  return [
    "/usr/bin/unshare", "--pid", "--fork", "--kill-child", "--mount", "--",
    "/bin/sh", "-euc", enter, "enter", root, rootDirectory, ...mounts, "--",
    ...environmentOf(image, options),
    "/usr/bin/unshare", `--root=${root}`, `--wd=${config.WorkingDir || "/"}`,
    ...identityOf(image), "--",
    ...onPort(entrypoint ?? config.Entrypoint, options), ...parameters,
  ];
}

// $1: root directory; $2: how it is mounted; pairs of what to mount and where;
// "--"; a command
const enter = `
  root=$1 access=$2
  shift 2
  mount --bind "$root" "$root"
  while [ "$1" != -- ]; do
    mount --bind "$1" "$root$2"
    shift 2
  done
  shift
  mount -t proc proc "$root/proc"
  mount --bind /dev "$root/dev"
  [ "$access" = writable ] || mount -o remount,bind,ro "$root"
  exec "$@"
`;

/** Runs a command in a container that runs, known by its PID 1. */
export function commandToEnter(
  image: Image,
  options: RunOptions & {
    readonly pid: number;
    readonly command: readonly string[];
  },
): string[] {
  const { pid, command } = options;
  const nsenter = [
    "/usr/bin/nsenter",
    `--target=${pid}`,
    "--mount",
    "--pid",
    "--root",
    "--wd",
  ];
  return [
    ...environmentOf(image, options),
    ...nsenter,
    ...identityOf(image),
    "--",
    ...onPort(command, options),
  ];
}

/**
 * A command line that allows port 8080, allowing the one that the server gets:
 * without networks of their own, containers cannot all have the same.
 */
function onPort(
  command: readonly string[],
  { variables = {} }: RunOptions,
): string[] {
  const { PORT = "8080" } = variables;
  return command.map((word) => word.replaceAll(":8080", `:${PORT}`));
}

/** Where the image has its volume. */
export function volumePathOf({ config }: Image): string | null {
  return Object.keys(config.Volumes)[0] ?? null;
}

/**
 * The start of a command line that gives the rest of it these variables and no
 * others.
 */
function environmentOf(image: Image, { variables = {} }: RunOptions): string[] {
  const set = Object.entries(variables).map(([name, value]) =>
    `${name}=${value}`
  );
  return [
    "/usr/bin/env",
    "-i",
    `HOME=${homeOf(image)}`,
    ...image.config.Env,
    ...set,
  ];
}

/** The home directory of the image's user, "/" where it has no name. */
function homeOf({ root, config }: Image): string {
  const uid = Number.parseInt(config.User || "0");
  const users = readFileSync(join(root, "etc/passwd"), "utf8").split("\n");
  return users.map((line) => line.split(":")).find(([, , id]) =>
    Number(id) === uid
  )?.[5] ?? "/";
}

/** The options that unshare and nsenter have for a user and a group. */
function identityOf({ config }: Image): string[] {
  const [uid = "", gid = "0"] = (config.User || "0:0").split(":");
  return [`--setuid=${uid}`, `--setgid=${gid}`];
}
