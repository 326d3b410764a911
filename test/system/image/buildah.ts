/**
 * Builds images with Debian's buildah, which needs no daemon: steps run in a
 * chroot, files lie in plain directories (vfs), and all of it is in one folder,
 * so that nothing is left once that is gone.
 */

import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

/** How an image wants to be run, in Docker's words. */
export interface ImageConfig {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly Cmd: readonly string[];
  readonly WorkingDir: string;
  readonly Volumes: Readonly<Record<string, unknown>>;
  readonly ExposedPorts: Readonly<Record<string, unknown>>;
  readonly Labels: Readonly<Record<string, string>>;
  readonly Healthcheck: { readonly Test: readonly string[] };
}

/** An image that can be looked at and run. */
export interface Image {
  readonly config: ImageConfig;
  /** What it adds to its base: layers as files in tar form. */
  readonly addedLayers: readonly string[];
  /** The directory that holds its files. */
  readonly root: string;
}

/** What an image is built of. */
export interface BuildOptions {
  readonly name: string;
  readonly base: string;
  readonly context: string;
  readonly dockerfile: string;
}

const unset: ImageConfig = {
  User: "",
  Env: [],
  Entrypoint: [],
  Cmd: [],
  WorkingDir: "/",
  Volumes: {},
  ExposedPorts: {},
  Labels: {},
  Healthcheck: { Test: [] },
};

export class Buildah {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(join(folder, "tmp"));
  }

  /**
   * Makes a base image of what is laid out in a directory; returned are
   * `buildah config` options.
   */
  makeBase(
    name: string,
    layOut: (directory: string) => readonly string[],
  ): void {
    const container = this.#run("from", "scratch");
    const options = layOut(this.#run("mount", container));
    this.#run("config", ...options, container);
    this.#run("commit", "--quiet", "--rm", "--format=docker", container, name);
  }

  /**
   * Builds an image. Nothing is fetched. Throws an Error that says which step
   * failed.
   */
  build({ name, base, context, dockerfile }: BuildOptions): Image {
    const layerFolder = join(this.#folder, `${name}-layers`);
    const source = ["--pull=never", "--file", dockerfile, context];
    this.#run(
      "build",
      "--isolation=chroot",
      "--format=docker",
      `--tag=${name}`,
      ...source,
    );
    this.#run(
      "push",
      "--quiet",
      "--disable-compression",
      name,
      `dir:${layerFolder}`,
    );
    const { config, rootfs } = this.#inspect(name);
    const { diff_ids: baseLayers } = this.#inspect(base).rootfs;
    const added = rootfs.diff_ids.filter((id) => !baseLayers.includes(id));
    return {
      config,
      addedLayers: added.map((id) =>
        join(layerFolder, id.replace("sha256:", ""))
      ),
      root: this.#run("mount", this.#run("from", "--pull=never", name)),
    };
  }

  #inspect(
    name: string,
  ): { config: ImageConfig; rootfs: { diff_ids: string[] } } {
    const { config, rootfs } =
      JSON.parse(this.#run("inspect", "--type=image", name)).Docker;
    const given = Object.entries(config).filter(([, value]) => value !== null);
    return { config: { ...unset, ...Object.fromEntries(given) }, rootfs };
  }

  #run(command: string, ...args: readonly string[]): string {
    const [root, runroot] = ["root", "runroot"].map((name) =>
      join(this.#folder, name)
    );
    const storage = [
      `--root=${root}`,
      `--runroot=${runroot}`,
      "--storage-driver=vfs",
    ];
    const { status, stdout, stderr, error } = spawnSync("buildah", [
      ...storage,
      command,
      ...args,
    ], {
      encoding: "utf8",
      env: { ...process.env, TMPDIR: join(this.#folder, "tmp") },
    });
    if (error) {
      throw new Error(
        `buildah does not start: ${error.message}. Debian: buildah.`,
      );
    }
    if (status !== 0) throw new Error(`buildah ${command} failed:\n${stderr}`);
    return stdout.trim();
  }
}
