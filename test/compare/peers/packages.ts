/**
 * The peers that npm has: their modules, and their packages, which are
 * installed beside this file as package-lock.json says. No package is imported
 * before it is there.
 */

import { pinnedVersions, requirePackages } from "../../support/packages.ts";
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

const folder = new URL("./", import.meta.url);

/** The version of a package, as package.json pins it. */
export function versionOf(name: string): string {
  return String(pinnedVersions(folder).get(name));
}

/**
 * Installs them if one is missing; says whether it did. Throws if it cannot.
 */
export function requirePeers(): boolean {
  return requirePackages(folder);
}
