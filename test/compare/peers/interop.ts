/**
 * Do other JWT libraries verify onejot's tokens, and onejot theirs? jose,
 * jsonwebtoken, fast-jwt, hono, cloudflare-worker-jwt and PyJWT, with HS256
 * pinned as their documentation recommends and the same secret text on both
 * sides; then the same with the real server. From anywhere in the repository,
 * with INTEROP_SEED=<number> for other claims:
 *
 *   bun test/compare/peers/interop.ts
 *   deno run -A test/compare/peers/interop.ts
 *
 * The packages are installed beside this file when they are missing; PyJWT is
 * Debian's python3-jwt.
 */

import process from "node:process";
import { runAgain } from "../../support/packages.ts";
import { withFolder } from "../../support/temp.ts";
import { Comparison, Tally } from "./comparison.ts";
import { packagePeers, requirePeers, versionOf } from "./packages.ts";
import { type Peer, peerOf } from "./peer.ts";
import { findPyjwt, pyjwtPeer } from "./pyjwt_peer.ts";
import { compareServer } from "./server_comparison.ts";

const seed = Number(process.env["INTEROP_SEED"] ?? 1);

process.exitCode = await main();

async function main(): Promise<number> {
  const pyjwtVersion = findPyjwt();
  if (pyjwtVersion === null) return 1;
  if (requirePeers()) return runAgain();
  const peers: Peer[] = [];
  for (const { name, load } of packagePeers) {
    peers.push(peerOf(`${name} ${versionOf(name)}`, await load()));
  }
  peers.push(pyjwtPeer(pyjwtVersion));
  console.log(`claims of INTEROP_SEED=${seed}`);
  try {
    return report(await compareAll(peers));
  } finally {
    for (const peer of peers) peer.close();
  }
}

async function compareAll(peers: readonly Peer[]): Promise<Tally[]> {
  const comparisons: Comparison[] = [];
  for (const peer of peers) {
    const comparison = new Comparison(peer, seed);
    await comparison.run();
    comparisons.push(comparison);
  }
  const server = new Tally("the real server");
  await withFolder(async (folder) => {
    await server.check(
      "the server starts and logs in",
      () => compareServer(folder, comparisons),
    );
  });
  return [...comparisons.flatMap(({ tallies }) => tallies), server];
}

/**
 * Prints a line per peer and direction, five failures of each, and the sum;
 * returns the exit code.
 */
function report(tallies: readonly Tally[]): number {
  let passed = 0;
  let failed = 0;
  for (const { title, passed: right, failures } of tallies) {
    console.log(`${title}: ${right} passed, ${failures.length} failed`);
    for (const failure of failures.slice(0, 5)) console.log(`  ${failure}`);
    passed += right;
    failed += failures.length;
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
}
