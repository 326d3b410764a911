/**
 * A person with a browser at the page. Whatever a page must never do is noted,
 * from its beginning: complaints on the console, violations of the policy,
 * dialogs, requests to another host, files that are not there.
 */

import assert from "node:assert/strict";
import type {
  Browser,
  BrowserContextOptions,
  ConsoleMessage,
  Page,
} from "playwright-core";

export type VerdictId = "wellFormed" | "signature" | "accepted";

export class Visitor {
  readonly page: Page;
  /** All requests so far, with their bodies. */
  readonly requests: string[] = [];
  readonly #faults: string[] = [];

  private constructor(page: Page, origin: string) {
    this.page = page;
    page.setDefaultTimeout(10_000);
    page.on("console", (message) => {
      if (message.type() !== "log" && !isAskedFor(message)) {
        this.#faults.push(message.text());
      }
    });
    page.on("pageerror", (error) => this.#faults.push(String(error)));
    page.on("dialog", async (dialog) => {
      this.#faults.push(`a dialog: ${dialog.message()}`);
      await dialog.dismiss();
    });
    page.on("request", (request) => {
      this.requests.push(
        `${request.method()} ${request.url()} ${request.postData() ?? ""}`,
      );
      if (!request.url().startsWith(`${origin}/`)) {
        this.#faults.push(`asked ${request.url()}`);
      }
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
      document.addEventListener("securitypolicyviolation", (event) => {
        console.error(
          `refused by the policy: ${event.violatedDirective} ${event.blockedURI}`,
        );
      });
    });
    const visitor = new Visitor(page, new URL(url).origin);
    const response = await page.goto(url, { waitUntil: "load" });
    assert.equal(response?.status(), 200);
    return visitor;
  }

  /** The answer of a verdict: yes, no, unknown, or none without a token. */
  async verdict(id: VerdictId): Promise<string> {
    return await this.page.locator(`#${id}`).evaluate((place) => {
      const answer = place.querySelector("strong")?.textContent;
      return place.checkVisibility() ? answer ?? "" : "none";
    });
  }

  /** Waits until the three verdicts are these. */
  async expectVerdicts(
    ...expected: readonly [string, string, string]
  ): Promise<void> {
    const read = async () => [
      await this.verdict("wellFormed"),
      await this.verdict("signature"),
      await this.verdict("accepted"),
    ];
    for (let attempt = 0; attempt < 100; attempt++) {
      if (String(await read()) === String(expected)) return;
      await this.page.waitForTimeout(50);
    }
    assert.deepEqual(await read(), expected);
  }

  /** Waits until an element says something. */
  async expectText(selector: string, pattern: RegExp): Promise<void> {
    for (let attempt = 0; attempt < 100; attempt++) {
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

  /**
   * Waits until a server has refused the token, and that is said where it was
   * sent.
   */
  async expectRefusal(): Promise<void> {
    const listed = await this.page.locator("#exchanges li").count();
    await this.page.click("#get-user");
    await this.expectExchanges(listed + 1);
    await this.expectText("#session-fault", /^400: Token is invalid\.$/);
    assert.equal(await this.text("#user"), "");
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

  /**
   * Whether all fits into the width, so that nothing has to be pushed aside to
   * be read.
   */
  async expectNoOverflow(): Promise<void> {
    const [needed, there] = await this.page.evaluate(() => {
      return [document.documentElement.scrollWidth, innerWidth] as const;
    });
    assert.ok(needed <= there, `${needed} pixels wide, of ${there}`);
  }

  /**
   * Ends the visit. Throws where the page did what it must never do, but for
   * what is excused.
   */
  async leave(excused: RegExp = /^$/): Promise<void> {
    const kept = await this.page.evaluate(async () => {
      const databases = await indexedDB.databases();
      return [
        localStorage.length,
        sessionStorage.length,
        databases.length,
        document.cookie,
      ];
    });
    const cookies = await this.page.context().cookies();
    await this.page.context().close();
    assert.deepEqual(kept, [0, 0, 0, ""]);
    assert.deepEqual(cookies, []);
    assert.deepEqual(this.#faults.filter((fault) => !excused.test(fault)), []);
  }
}

/**
 * Chromium complains of a refusal that a button was pressed for; a file has
 * none.
 */
function isAskedFor(message: ConsoleMessage): boolean {
  const isRefusal = /status of (?:400|429|502) /.test(message.text());
  return isRefusal &&
    /\/(?:login|refresh|logout|get-user)$/.test(message.location().url);
}
