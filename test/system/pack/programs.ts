/**
 * What is needed on this machine. What is missing is an Error that says how to
 * get it, never a reason to leave something out.
 */

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { findNode } from "../../compare/engines/programs.ts";

export const root: string = fileURLToPath(
  new URL("../../../", import.meta.url),
);

/** TypeScript's compiler, a program for Node.js and Bun. */
export const compiler: string = `${root}node_modules/typescript/bin/tsc`;

/** The types of Bun, for who writes programs for it. */
export const bunTypes: string = `${root}node_modules/@types/bun`;

/** The folder of a package that package.json beside this file names. */
export function packageFolder(name: string): string {
  return fileURLToPath(new URL(`node_modules/${name}`, import.meta.url));
}

/**
 * The Node.js in the PATH, and the versions of it that package.json names for
 * this machine.
 */
export function nodeVersions(): readonly NodeVersion[] {
  const { path, version } = findNode();
  const others = [22, 24].map((number) => {
    return { name: `Node.js ${number}`, path: nodeOf(number) };
  });
  return [{ name: `Node.js ${version}`, path }, ...others];
}

/** A version of Node.js that package.json names for this machine. */
export function nodeOf(number: number): string {
  const { platform, arch } = process;
  return `${packageFolder(`node-${number}-${platform}-${arch}`)}/bin/node`;
}

/** One version of Node.js, and where it is. */
interface NodeVersion {
  readonly name: string;
  readonly path: string;
}

const programs: readonly (readonly [name: string, howToGetIt: string])[] = [
  ["bun", "https://bun.com/"],
  ["deno", "https://deno.com/"],
  ["npm", "it comes with Node.js"],
  ["git", "Debian: git"],
  ["tar", "Debian: tar"],
];

/** Throws an Error for the first program that is missing. */
export function requirePrograms(): void {
  findNode();
  for (const [name, howToGetIt] of programs) {
    const { status } = spawnSync(name, ["--version"], { stdio: "ignore" });
    if (status !== 0) {
      throw new Error(
        `There is no ${name} in the PATH that works: ${howToGetIt}.`,
      );
    }
  }
}

/**
 * Throws an Error where the development packages of this repository are
 * missing.
 */
export function requireDevelopmentPackages(): void {
  if (existsSync(compiler) && existsSync(bunTypes)) return;
  throw new Error(
    "The development packages are missing: bun install --frozen-lockfile",
  );
}
