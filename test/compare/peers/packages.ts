/**
 * The peers that npm has: their modules, and their packages, which are installed beside this file as
 * package-lock.json says. No package is imported before it is there.
 */

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { PeerModule } from "./peer.ts";

/** A library from npm, and the module beside this file that shows it. */
export interface PackagePeer {
  readonly name: string;
  readonly file: string;
  readonly load: () => Promise<PeerModule>;
}

/** All of them, in the order of the reports. */
export const packagePeers: readonly PackagePeer[] = [
  { name: "jose", file: "jose_peer.ts", load: () => import("./jose_peer.ts") },
  {
    name: "jsonwebtoken",
    file: "jsonwebtoken_peer.ts",
    load: () => import("./jsonwebtoken_peer.ts"),
  },
  {
    name: "fast-jwt",
    file: "fast_jwt_peer.ts",
    load: () => import("./fast_jwt_peer.ts"),
  },
  { name: "hono", file: "hono_peer.ts", load: () => import("./hono_peer.ts") },
  {
    name: "@tsndr/cloudflare-worker-jwt",
    file: "cloudflare_worker_jwt_peer.ts",
    load: () => import("./cloudflare_worker_jwt_peer.ts"),
  },
];

const folder = fileURLToPath(new URL("./", import.meta.url));

/** The version of a package, as package.json pins it. */
export function versionOf(name: string): string {
  const { dependencies } = readJson(`${folder}package.json`);
  return String(Object(dependencies)[name]);
}

/** Whether every package is there in the version that is pinned. */
export function arePackagesInstalled(): boolean {
  return packagePeers.every(({ name }) => {
    const file = `${folder}node_modules/${name}/package.json`;
    return existsSync(file) && readJson(file)["version"] === versionOf(name);
  });
}

/** Installs what package-lock.json says; says whether that went well. */
export function installPackages(): boolean {
  console.error(
    `installing ${packagePeers.map(({ name }) => name).join(", ")}: npm ci`,
  );
  const { status } = spawnSync("npm", [
    "ci",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
  ], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status === 0 && arePackagesInstalled()) return true;
  console.error(
    "The packages cannot be installed: npm ci failed in test/compare/peers.",
  );
  return false;
}

function readJson(file: string): Readonly<Record<string, unknown>> {
  return Object(JSON.parse(readFileSync(file, "utf8")));
}
