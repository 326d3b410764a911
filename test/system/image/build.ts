/**
 * Builds the two images: the Dockerfile of the project on Bun, and
 * deno.Dockerfile, which takes its files from the first. Both on stand-ins,
 * tagged as what they name as their base.
 */

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { layOutBase, type RuntimeName, versionOf } from "./base_image.ts";
import type { Buildah, Image } from "./buildah.ts";
import type { Note } from "../../support/checks.ts";

export interface Places {
  /** The directory of the project, with "/" at its end. */
  readonly project: string;
  /** A directory for what is made. */
  readonly folder: string;
}

/** Builds the project's Dockerfile. */
export function buildOnBun(
  buildah: Buildah,
  { project, note }: Omit<Places, "folder"> & { note: Note },
): Image {
  const dockerfile = `${project}Dockerfile`;
  const base =
    /^ARG BASE=(\S+)$/m.exec(readFileSync(dockerfile, "utf8"))?.[1] ?? "";
  note(`on ${base}`);
  makeBase(buildah, "bun", base);
  return buildah.build({ name: "onejot", base, context: project, dockerfile });
}

/** Builds deno.Dockerfile, which needs no file of a context. */
export function buildOnDeno(
  buildah: Buildah,
  { project, folder, note }: Places & { note: Note },
): Image {
  const dockerfile = `${project}test/system/image/deno.Dockerfile`;
  const base =
    /^ARG BASE=(\S+)$/m.exec(readFileSync(dockerfile, "utf8"))?.[1] ?? "";
  note(`on ${base}`);
  makeBase(buildah, "deno", base);
  const context = join(folder, "context");
  mkdirSync(context);
  return buildah.build({ name: "onejot-on-deno", base, context, dockerfile });
}

/**
 * Makes a stand-in under the name of a base, which must be of the version that
 * is installed here.
 */
function makeBase(buildah: Buildah, runtime: RuntimeName, base: string): void {
  const version = versionOf(runtime);
  const isPinned = /^docker\.io\/[\w/]+:[\w.-]+$/.test(base) &&
    base.includes(version);
  assert.ok(isPinned, `the base is ${base}, and this is ${runtime} ${version}`);
  buildah.makeBase(base, (directory) => layOutBase(runtime, directory));
}
