/**
 * Who cannot use a mouse, see little, or listen: everything is reached by the
 * keyboard, has a name, and stands out; what changes is announced. Partly as
 * axe-core finds it, which finds a third or so.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { lowContrasts } from "./contrast.ts";
import { type Scenario, type Site, user } from "./site.ts";
import { Visitor } from "./visitor.ts";

/** What everybody must be able to do. */
export const reaching: readonly Scenario[] = [
  ["everything can be reached and done by the keyboard", useKeyboard],
  [
    "each field and button has a name, and what changes is announced",
    nameEverything,
  ],
  ["axe-core finds no fault, without a token, with one, and logged in", askAxe],
  [
    "texts stand out from what is behind them, in the light and in the dark",
    measureContrast,
  ],
  [
    "all fits into 320 pixels, with what is refused and what came back",
    fitIntoPhone,
  ],
];

async function useKeyboard({ browser, trial }: Site): Promise<void> {
  const visitor = await Visitor.open(browser, `${trial.origin}/`);
  const { page } = visitor;
  const focused = () =>
    page.evaluate(() =>
      document.activeElement?.id || document.activeElement?.tagName
    );
  const reached: (string | undefined)[] = [];
  for (let count = 0; count < 11; count++) {
    await page.keyboard.press("Tab");
    reached.push(await focused());
    const outline = await page.evaluate(() => {
      const element = document.activeElement ?? document.body;
      return getComputedStyle(element.closest("#paper") ?? element)
        .outlineStyle;
    });
    assert.equal(outline, "solid", String(reached));
  }
  assert.deepEqual(reached, [
    "token",
    "example",
    "clear",
    "secret",
    "reveal",
    "A",
    "SUMMARY",
    "email",
    "password",
    "BUTTON",
    "get-user",
  ]);
  await page.focus("#email");
  await page.keyboard.type(user.email);
  await page.keyboard.press("Tab");
  await page.keyboard.type(user.password);
  await page.keyboard.press("Enter");
  await visitor.expectVerdicts("yes", "unknown", "unknown");
  assert.equal(await focused(), "password"); // nothing has taken the place away
  const further: (string | undefined)[] = [];
  for (let count = 0; count < 4; count++) {
    await page.keyboard.press("Tab");
    further.push(await focused());
  }
  assert.deepEqual(further, ["BUTTON", "get-user", "refresh", "logout"]);
  await page.keyboard.press("Space");
  await visitor.expectText("#session", /^Logged out/);
  assert.equal(await focused(), "get-user"); // the other button is off
  await page.focus("summary");
  await page.keyboard.press("Enter");
  for (const id of ["issuer", "audience", "leeway"]) {
    await page.keyboard.press("Tab");
    assert.equal(await focused(), id);
  }
  // What is shown anew at each second takes nobody's place away.
  await page.waitForTimeout(1300);
  assert.equal(await focused(), "leeway");
  await visitor.leave();
}

async function nameEverything({ browser, trial }: Site): Promise<void> {
  const visitor = await Visitor.open(browser, `${trial.origin}/`);
  const { page } = visitor;
  await page.click("summary");
  const controls = await page.locator("input, textarea, button").all();
  assert.ok(controls.length > 12);
  for (const control of controls) {
    const { name, html } = await control.evaluate((element) => {
      const { labels } = element as HTMLInputElement;
      const label = [...labels ?? []].map(({ textContent }) => textContent)
        .join(" ");
      const own = element.getAttribute("aria-label") ?? element.textContent ??
        "";
      return { name: `${label}${own}`.trim(), html: element.outerHTML };
    });
    assert.notEqual(name, "", html);
  }
  const reveal = page.locator("#reveal");
  // Pressed or not, as ARIA has it.
  assert.equal(await reveal.innerText(), "Show");
  for (
    const [type, isPressed] of [["password", "false"], [
      "text",
      "true",
    ]] as const
  ) {
    assert.equal(await page.getAttribute("#secret", "type"), type);
    assert.equal(await reveal.getAttribute("aria-pressed"), isPressed);
    await reveal.click();
  }
  const alerts = [
    "secret-fault",
    "policy-fault",
    "login-fault",
    "session-fault",
  ];
  for (const id of alerts) {
    const place = page.locator(`#${id}`);
    assert.equal(await place.getAttribute("role"), "alert");
    const isThere = await place.evaluate((place) =>
      getComputedStyle(place).display !== "none"
    );
    // Before it speaks, or a screen reader may not listen to it.
    assert.ok(isThere, id);
  }
  for (const id of ["verdicts", "session", "user"]) {
    assert.equal(
      await page.locator(`[role=status]:is(#${id}, :has(#${id}))`).count(),
      1,
      id,
    );
  }
  const headings = await page.locator("h1, h2, h3").evaluateAll((all) => {
    return all.map(({ tagName }) => Number(tagName.slice(1)));
  });
  assert.equal(headings[0], 1);
  assert.ok(
    headings.every((level, index) => level - (headings[index - 1] ?? 0) <= 1),
  );
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  await visitor.leave();
}

const axe = new URL("node_modules/axe-core/axe.min.js", import.meta.url);

async function askAxe({ browser, trial }: Site): Promise<void> {
  const source = readFileSync(axe, "utf8");
  for (const colorScheme of ["light", "dark"] as const) {
    // For what axe-core itself does.
    const options = { colorScheme, bypassCSP: true };
    const visitor = await Visitor.open(browser, `${trial.origin}/`, options);
    const { page } = visitor;
    await page.evaluate(source);
    assert.deepEqual(await violations(visitor), []);
    await page.click("summary");
    await page.click("#example");
    await visitor.expectVerdicts("yes", "yes", "yes");
    await visitor.expectRefusal();
    await page.fill("#secret", "too short");
    await page.click("#reveal");
    await visitor.expectText("#secret-fault", /32/);
    assert.deepEqual(await violations(visitor), []);
    await visitor.logIn(user.email, user.password);
    await visitor.expectText("#session", /^Logged in/);
    assert.deepEqual(await violations(visitor), []);
    await visitor.leave();
  }
}

/** What axe-core complains of, with the elements. */
async function violations({ page }: Visitor): Promise<string[]> {
  const found = await page.evaluate(
    "axe.run(document, { resultTypes: ['violations'] })",
  );
  const { violations } = found as {
    violations: { id: string; nodes: { html: string }[] }[];
  };
  return violations.map(({ id, nodes }) =>
    `${id}: ${nodes.map(({ html }) => html).join(" ")}`
  );
}

async function measureContrast({ browser, trial }: Site): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    const visitor = await Visitor.open(browser, `${trial.origin}/`, {
      colorScheme,
    });
    const { page } = visitor;
    const measure = async () => {
      const { texts, low } = await page.evaluate(lowContrasts);
      assert.ok(texts > 25);
      assert.deepEqual(low, [], colorScheme);
    };
    await measure();
    await page.click("#example");
    await visitor.expectVerdicts("yes", "yes", "yes");
    await visitor.expectRefusal();
    await measure();
    await page.locator("#token").press("Control+End");
    await page.keyboard.type(".");
    await page.fill("#secret", "too short");
    await visitor.expectVerdicts("no", "unknown", "no");
    await measure();
    await visitor.leave();
  }
}

async function fitIntoPhone({ browser, trial }: Site): Promise<void> {
  const viewport = { width: 320, height: 640 };
  const visitor = await Visitor.open(browser, `${trial.origin}/`, { viewport });
  const { page } = visitor;
  await visitor.expectNoOverflow();
  await page.click("summary");
  await visitor.logIn(user.email, user.password);
  await visitor.expectText("#session", /^Logged in/);
  await page.click("#get-user");
  await visitor.expectText("#user", /^Accepted/);
  await page.click("#example");
  await visitor.expectVerdicts("yes", "yes", "yes");
  await visitor.expectRefusal();
  await visitor.logIn("x@example.org", "wrong password");
  await visitor.expectText("#login-fault", /^400/);
  await page.fill("#secret", "too short");
  await visitor.expectText("#secret-fault", /32/);
  await visitor.expectNoOverflow();
  const small = await page.locator("button, summary, input").evaluateAll(
    (controls) => {
      const boxes = controls.map((control) => control.getBoundingClientRect());
      return boxes.filter(({ height, right }) =>
        height < 24 || right > innerWidth
      ).length;
    },
  );
  assert.equal(small, 0); // WCAG 2.2, 2.5.8
  await visitor.leave();
}
