/**
 * Runs the examples for nginx and Caddy as they stand, with the real proxies in
 * front of a small service and of onejot as a process, and holds them to each
 * rule that protects somebody. Needs nginx, caddy, openssl, curl, Chromium, both
 * runtimes, and the network once, for Chromium's driver. What is missing is a
 * failure.
 *
 *   bun test/system/proxy/proxy.ts
 */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { Checks } from "../../support/checks.ts";
import { temporaryFolder } from "../../support/temp.ts";
import { chromiumStarter } from "./chromium.ts";
import { checkFiles } from "./files.ts";
import { checkGate } from "./gate.ts";
import { checkInChromium } from "./in_chromium.ts";
import { checkMounted } from "./mounted.ts";
import { Processes } from "./processes.ts";
import { checkSigningIn } from "./signing_in.ts";
import { startSite } from "./site.ts";
import { checkSpoofing } from "./spoofing.ts";
import { Upstream } from "./upstream.ts";

const sites = [["nginx", "Bun"], ["nginx", "Deno"], ["Caddy", "Bun"]] as const;

const folder = temporaryFolder();
const processes = new Processes();
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => process.exit(1));
}

const checks = new Checks();
await checkFiles(checks);
const startChromium = await checks.check(
  "Chromium is there, and what drives it",
  chromiumStarter,
);
const upstream = await Upstream.start();
for (const [proxy, runtime] of sites) {
  const place = {
    name: `${proxy}, ${runtime}`,
    folder: join(folder, `${proxy}-${runtime}`),
  };
  mkdirSync(place.folder);
  const site = await checks.check(
    `${place.name}: the example starts`,
    () => {
      return startSite(checks, { proxy, runtime, processes, upstream }, place);
    },
  );
  if (site !== null) {
    await checkGate(site);
    await checkSpoofing(site);
    await checkSigningIn(site);
    await checkMounted(site);
    if (startChromium !== null) await checkInChromium(site, startChromium);
  }
  await processes.close();
}
console.log(`${checks.passed} passed, ${checks.failed} failed`);
process.exit(checks.failed === 0 ? 0 : 1);
