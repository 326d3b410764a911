/**
 * A person with a browser at the page. Whatever a page must never do is noted, from its beginning:
 * complaints on the console, violations of the policy, requests to another host.
 */

import assert from "node:assert/strict";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";

export class Visitor {
  readonly page: Page;
  /** All requests so far, with their bodies. */
  readonly requests: string[] = [];
  readonly #faults: string[] = [];

  private constructor(page: Page, origin: string) {
    this.page = page;
    page.setDefaultTimeout(10_000);
    page.on("console", (message) => {
      const isHarmless = message.type() === "error" && /status of 4\d\d/.test(message.text());
      if (message.type() !== "log" && !isHarmless) this.#faults.push(message.text());
    });
    page.on("pageerror", (error) => this.#faults.push(String(error)));
    page.on("request", (request) => {
      this.requests.push(`${request.method()} ${request.url()} ${request.postData() ?? ""}`);
      if (!request.url().startsWith(`${origin}/`)) this.#faults.push(`asked ${request.url()}`);
    });
  }

  /** Opens the page; `origin` is all that it may ask. */
  static async open(
    browser: Browser,
    url: string,
    options: BrowserContextOptions = {},
  ): Promise<Visitor> {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    await page.addInitScript(() => {
      addEventListener("securitypolicyviolation", (event) => {
        console.error(`refused by the policy: ${event.violatedDirective} ${event.blockedURI}`);
      });
    });
    const visitor = new Visitor(page, new URL(url).origin);
    const response = await page.goto(url, { waitUntil: "load" });
    assert.equal(response?.status(), 200);
    return visitor;
  }

  /** The answer of a verdict: yes, no, unknown, or "–" without a token. */
  async verdict(id: "well-formed" | "signature" | "accepted"): Promise<string> {
    return await this.page.locator(`#${id} dd`).evaluate((place) => {
      return (place.querySelector("strong") ?? place).textContent ?? "";
    });
  }

  /** Waits until the three verdicts are these. */
  async expectVerdicts(...expected: readonly [string, string, string]): Promise<void> {
    const read = async () => [
      await this.verdict("well-formed"),
      await this.verdict("signature"),
      await this.verdict("accepted"),
    ];
    for (let attempt = 0; attempt < 80; attempt++) {
      if (String(await read()) === String(expected)) return;
      await this.page.waitForTimeout(50);
    }
    assert.deepEqual(await read(), expected);
  }

  /** Waits until an element says something. */
  async expectText(selector: string, pattern: RegExp): Promise<void> {
    for (let attempt = 0; attempt < 80; attempt++) {
      if (pattern.test(await this.text(selector))) return;
      await this.page.waitForTimeout(50);
    }
    assert.match(await this.text(selector), pattern);
  }

  /** Waits until so many answers are listed. */
  async expectExchanges(count: number): Promise<void> {
    await this.page.waitForFunction((count) => {
      return document.querySelectorAll("#exchanges li").length === count;
    }, count);
  }

  async text(selector: string): Promise<string> {
    return await this.page.locator(selector).innerText();
  }

  async logIn(email: string, password: string): Promise<void> {
    await this.page.fill("#email", email);
    await this.page.fill("#password", password);
    await this.page.click("#login button");
  }

  async token(): Promise<string> {
    return await this.page.inputValue("#token");
  }

  /** Ends the visit. Throws where the page did what it must never do. */
  async leave(): Promise<void> {
    const kept = await this.page.evaluate(() => {
      return [localStorage.length, sessionStorage.length, document.cookie];
    });
    await this.page.context().close();
    assert.deepEqual(kept, [0, 0, ""]);
    assert.deepEqual(this.#faults, []);
  }
}
