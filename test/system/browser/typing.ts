/**
 * What happens while somebody types or only looks: letters have their colours
 * at once, nothing moves away, no selection is lost when a second passes, and
 * nothing that was typed leaves the page.
 */

import assert from "node:assert/strict";
import type { Scenario, Site } from "./site.ts";
import { secret } from "./site.ts";
import { Visitor } from "./visitor.ts";

/** What somebody types. */
export const typing: readonly Scenario[] = [
  ["what is typed stays in the page", typeAndSendNothing],
  [
    "each letter has its colour at once, and nothing moves while one types",
    typeWithoutMovement,
  ],
  [
    "an answer that comes late does not take the place of a later one",
    overtake,
  ],
  [
    "a second that passes takes away no selection and no focus, and is not read out",
    waitAndSelect,
  ],
];

async function typeAndSendNothing({ browser, trial }: Site): Promise<void> {
  const visitor = await Visitor.open(browser, `${trial.origin}/`);
  const { page, requests } = visitor;
  const before = requests.length;
  await page.click("#example");
  await visitor.expectVerdicts("yes", "yes", "yes");
  await page.fill("#secret", "");
  await page.locator("#secret").pressSequentially(secret);
  await visitor.expectVerdicts("yes", "no", "no");
  await page.keyboard.press("Enter");
  await page.click("summary");
  await page.fill("#issuer", "https://issuer.example");
  await page.fill("#leeway", "60");
  await page.locator("#leeway").press("Enter");
  await page.fill("#email", "typed@example.org");
  await page.fill("#password", "typed password");
  await page.waitForTimeout(1200);
  const sent = () =>
    requests.slice(before).filter((line) => !line.includes("/icon.svg"));
  assert.deepEqual(sent(), []);
  await visitor.expectRefusal();
  assert.deepEqual(sent(), [`GET ${trial.origin}/get-user `]);
  await page.click("#login button");
  await visitor.expectText("#login-fault", /^400/);
  const login = "email=typed%40example.org&password=typed+password";
  assert.deepEqual(sent().slice(1), [`POST ${trial.origin}/login ${login}`]);
  assert.ok(!requests.some((request) => request.includes(secret)));
  assert.ok(page.url() === `${trial.origin}/`);
  await visitor.leave();
}

async function typeWithoutMovement({ browser, trial }: Site): Promise<void> {
  for (
    const viewport of [{ width: 1100, height: 800 }, {
      width: 390,
      height: 844,
    }]
  ) {
    const visitor = await Visitor.open(browser, `${trial.origin}/`, {
      viewport,
    });
    const { page } = visitor;
    await page.evaluate(() => {
      const token = document.querySelector<HTMLTextAreaElement>("#token");
      token?.addEventListener("input", () => { // behind the page's own
        const isColoured = document.querySelector("#coloured")?.textContent ===
          `${token.value}\n`;
        if (!isColoured) console.error("a letter waits for its colour");
      });
    });
    await page.locator("#token").pressSequentially("eyJh.eyJ1.x");
    await page.click("#example");
    await visitor.expectVerdicts("yes", "yes", "yes");
    const tops = () => {
      return page.evaluate(() => {
        const ids = ["token", "example", "secret", "verdicts"];
        // On a phone they are further down.
        if (innerWidth > 1000) ids.push("signature", "accepted");
        return ids.map((id) =>
          document.getElementById(id)?.getBoundingClientRect().top
        );
      });
    };
    const before = await tops();
    await page.locator("#token").press("Control+End");
    for (let count = 0; count < 5; count++) {
      await page.keyboard.press("ArrowLeft");
    }
    await page.keyboard.press("Delete");
    await page.keyboard.type("-");
    await page.waitForTimeout(200);
    await page.keyboard.type("--");
    await visitor.expectVerdicts("no", "unknown", "no");
    assert.deepEqual(await tops(), before);
    const overlap = await page.evaluate(() => {
      const [token, coloured] = ["token", "coloured"].map((id) =>
        document.getElementById(id)
      );
      const box = (element?: HTMLElement | null) =>
        element?.getBoundingClientRect().toJSON();
      return [
        JSON.stringify(box(token)) === JSON.stringify(box(coloured)),
        token?.scrollTop,
      ];
    });
    assert.deepEqual(overlap, [true, 0]); // one lies exactly on the other
    await visitor.leave();
  }
}

async function overtake({ browser, trial }: Site): Promise<void> {
  const visitor = await Visitor.open(browser, `${trial.origin}/`);
  const { page } = visitor;
  await page.click("#example");
  await visitor.expectVerdicts("yes", "yes", "yes");
  await page.evaluate(() => {
    const { subtle } = crypto;
    const importKey = subtle.importKey;
    // The next one takes its time.
    subtle.importKey = async (...args: unknown[]) => {
      subtle.importKey = importKey;
      await new Promise((resolve) => setTimeout(resolve, 500));
      return await Reflect.apply(importKey, subtle, args);
    };
    const field = document.querySelector<HTMLInputElement>("#secret");
    const type = (text: string) => {
      if (field !== null) field.value = text;
      field?.dispatchEvent(new InputEvent("input"));
    };
    type(field?.value ?? "");
    type("another secret, which is as long as it must be");
  });
  await visitor.expectVerdicts("yes", "no", "no");
  await page.evaluate(() => {
    const watch = new MutationObserver(() =>
      console.error("a verdict has changed")
    );
    watch.observe(document.querySelector("#signature") ?? document, {
      childList: true,
      subtree: true,
    });
  });
  await page.waitForTimeout(800);
  await visitor.expectVerdicts("yes", "no", "no");
  await visitor.leave();
}

async function waitAndSelect({ browser, trial }: Site): Promise<void> {
  const visitor = await Visitor.open(browser, `${trial.origin}/`);
  const { page } = visitor;
  await page.click("#example");
  await visitor.expectVerdicts("yes", "yes", "yes");
  await page.evaluate(() => {
    const status = document.querySelector("[role=status]:has(#verdicts)");
    const watch = new MutationObserver(() =>
      console.error("the verdicts are said again")
    );
    watch.observe(status ?? document, {
      childList: true,
      characterData: true,
      subtree: true,
    });
  });
  const select = (what: "date" | "words") =>
    page.evaluate((what) => {
      const words = [...document.querySelectorAll(".countdown")].at(-1)
        ?.previousSibling;
      const text = what === "words"
        ? words?.firstChild
        : words?.previousSibling;
      if (text != null) getSelection()?.setBaseAndExtent(text, 0, text, 10);
    }, what);
  const selected = () => page.evaluate(() => String(getSelection()));
  for (
    const [what, pattern] of [["date", /^\d{4}-\d\d-\d\d$/], [
      "words",
      /^expires in$/,
    ]] as const
  ) {
    await select(what);
    assert.match(await selected(), pattern);
    await waitForCountdown(visitor);
    assert.match(await selected(), pattern);
  }
  const range = () => {
    return page.locator("#token").evaluate((area) => {
      const { selectionStart, selectionEnd } = area as HTMLTextAreaElement;
      return [selectionStart, selectionEnd, document.activeElement === area];
    });
  };
  await page.locator("#token").evaluate((area) => {
    (area as HTMLTextAreaElement).focus();
    (area as HTMLTextAreaElement).setSelectionRange(3, 9);
  });
  await waitForCountdown(visitor);
  assert.deepEqual(await range(), [3, 9, true]);
  const live =
    "[role=status], [role=alert], [role=log], [role=timer], [aria-live]";
  assert.equal(await page.locator(live).locator(".countdown").count(), 0);
  await visitor.leave();
}

async function waitForCountdown({ page }: Visitor): Promise<void> {
  const left = await page.locator(".countdown").last().textContent();
  await page.waitForFunction((left) => {
    return [...document.querySelectorAll(".countdown")].at(-1)?.textContent !==
      left;
  }, left);
}
