/**
 * What people do at the page, one check for each, on one runtime.
 */

import type { Checks } from "../../support/checks.ts";
import { hostile } from "./hostile.ts";
import { inspecting } from "./inspecting.ts";
import { otherOrigins } from "./other_origins.ts";
import { takePictures } from "./pictures.ts";
import { reaching } from "./reaching.ts";
import type { Runtime } from "./server.ts";
import { withSite } from "./site.ts";
import { typing } from "./typing.ts";
import { using } from "./using.ts";

/** Where the page is looked at. */
export interface Place {
  readonly runtime: Runtime;
  readonly program: string; // Chromium
  readonly folder: string; // for a database
  readonly pictures: string | null; // the directory for them
}

/** Runs all checks on one runtime. */
export async function checkPage(checks: Checks, place: Place): Promise<void> {
  const { runtime, pictures } = place;
  await withSite(place, async (site) => {
    for (
      const [sentence, act] of [
        ...inspecting,
        ...hostile,
        ...typing,
        ...using,
        ...reaching,
        ...otherOrigins,
      ]
    ) {
      await checks.check(`${runtime}: ${sentence}`, () => act(site));
    }
    if (pictures !== null) await takePictures(site, pictures);
  });
}
