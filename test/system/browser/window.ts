/**
 * Chromium for the checks of test/system/proxy, at hosts that are on this
 * machine. It takes every certificate: who has which is looked at there by curl.
 */

import { type BrowserContext, chromium, type Page } from "playwright-core";
import type { Chromium, Hosts, Window } from "../proxy/chromium.ts";

/** Starts it, where each host is at a port of this machine. */
export async function startChromium(
  program: string,
  hosts: Hosts,
): Promise<Chromium> {
  const rules = Object.entries(hosts).map(([name, port]) => {
    return `MAP ${name} 127.0.0.1:${port}`;
  });
  const browser = await chromium.launch({
    executablePath: program,
    args: [
      "--no-sandbox",
      // For the scripts of workers, too, unlike the driver's own option.
      "--ignore-certificate-errors",
      `--host-resolver-rules=${rules.join(", ")}`,
    ],
  });
  return {
    open: async () => {
      const context = await browser.newContext({ ignoreHTTPSErrors: true });
      return windowOf(context, await context.newPage());
    },
    close: () => browser.close(),
  };
}

function windowOf(context: BrowserContext, page: Page): Window {
  page.setDefaultTimeout(10_000);
  return {
    visit: async (url) => {
      await page.goto(url);
      return await page.locator("body").innerText();
    },
    submit: async (fields) => {
      for (const [name, value] of Object.entries(fields)) {
        await page.fill(`[name=${name}]`, value);
      }
      const shown = page.waitForEvent("load");
      await page.click("button");
      await shown;
      return await page.locator("body").innerText();
    },
    run: async (expression) => String(await page.evaluate(expression)),
    address: () => page.url(),
    countCookies: async () => (await context.cookies()).length,
    forgetCookies: () => context.clearCookies(),
    close: () => context.close(),
  };
}
