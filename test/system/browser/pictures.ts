/**
 * What the page looks like: in the light, in the dark, and on a phone.
 */

import { join } from "node:path";
import { ada, secret, type Site } from "./site.ts";
import { Visitor } from "./visitor.ts";

const kinds = [
  ["light", { colorScheme: "light", viewport: { width: 1100, height: 1010 } }],
  ["dark", { colorScheme: "dark", viewport: { width: 1100, height: 1010 } }],
  ["narrow", { colorScheme: "light", viewport: { width: 390, height: 844 } }],
] as const;

/** Writes light.png, dark.png and narrow.png into a directory. */
export async function takePictures(
  { browser, production }: Site,
  directory: string,
): Promise<void> {
  for (const [name, options] of kinds) {
    const visitor = await Visitor.open(
      browser,
      `${production.origin}/onejot/`,
      options,
    );
    const { page } = visitor;
    await page.fill("#secret", secret);
    await visitor.logIn(ada.email, ada.password);
    await visitor.expectVerdicts("yes", "yes", "yes");
    await page.click("#get-user");
    await visitor.expectText("#user", /^Accepted/);
    await page.evaluate(() => scrollTo(0, 0));
    const fullPage = name === "narrow";
    await page.screenshot({ path: join(directory, `${name}.png`), fullPage });
    await visitor.leave();
  }
}
