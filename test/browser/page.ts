/**
 * What people do at the page, one check for each: look at a token, change it, log in, wait until it
 * has expired, refresh, log out; by mouse, by keyboard, on a phone, in the dark.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import type { Checks } from "../image/checks.ts";
import { addUser, type Runtime, type Server, startServer } from "./server.ts";
import { Visitor } from "./visitor.ts";

/** Where the page is looked at. */
export interface Place {
  readonly runtime: Runtime;
  readonly chromium: string; // the program
  readonly folder: string; // for a database
  readonly pictures: string | null; // the directory for them
}

const secret = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG";
const ada = { email: "ada@example.org", password: "correct horse battery staple" };

/** Runs all checks on one runtime. */
export async function checkPage(checks: Checks, place: Place): Promise<void> {
  const browser = await chromium.launch({
    executablePath: place.chromium,
    args: ["--no-sandbox", "--host-resolver-rules=MAP onejot.example 127.0.0.1"],
  });
  const trial = await startServer(place.runtime, { PASSWORD_ITERATIONS: "10000" });
  const servers: Server[] = [trial];
  const check = (sentence: string, act: () => Promise<void>) =>
    checks.check(`${place.runtime}: ${sentence}`, act);
  try {
    await check("a login brings its token into the inspector, and /get-user takes it", () => {
      return logInAndUse(browser, trial);
    });
    await check(
      "an example is well-formed, signed and accepted, and two characters less are not",
      () => {
        return makeAndChange(browser, trial);
      },
    );
    await check("a wrong password is told beside the form, and then how long to wait", () => {
      return failToLogIn(browser, trial);
    });
    await check("hostile claims are shown as texts, also on a phone", () => {
      return showHostileClaims(browser, trial);
    });
    await check("what is typed stays in the page", () => typeAndSendNothing(browser, trial));
    await check("everything can be reached and done by the keyboard", () => {
      return useKeyboard(browser, trial);
    });
    await check("each field and button has a name, and what changes is announced", () => {
      return nameEverything(browser, trial);
    });
    await check("texts stand out from what is behind them, in the light and in the dark", () => {
      return measureContrast(browser, trial);
    });
    const quick = await startServer(place.runtime, {
      ...{ JWT_EXP_DELTA_SECONDS: "4", PASSWORD_ITERATIONS: "10000" },
    });
    servers.push(quick);
    await check("a token expires before one's eyes, is refreshed, and ends with the logout", () => {
      return expireRefreshLogOut(browser, quick);
    });
    const production = await startProduction(place);
    servers.push(production);
    await check("with the secret, a change of any part shows in the verdict that it must", () => {
      return tamper(browser, production);
    });
    await check("where the browser has no WebCrypto, it says why it cannot check", () => {
      return visitInsecurely(browser, production);
    });
    await check("a server that is gone is told, and the page goes on", async () => {
      await loseServer(browser, quick);
    });
    if (place.pictures !== null && place.runtime === "Bun") {
      await takePictures(browser, trial, place);
    }
  } finally {
    await browser.close();
    for (const server of servers) await server.stop();
  }
}

async function startProduction({ runtime, folder }: Place): Promise<Server> {
  const variables = {
    ...{ JWT_SECRET: secret, PAGE: "on", PASSWORD_ITERATIONS: "10000", PATH_PREFIX: "/onejot" },
    DATABASE_URL: `sqlite:${join(folder, `${runtime}.sqlite`)}`,
  };
  addUser(ada.email, ada.password, variables);
  return await startServer(runtime, variables);
}

async function logInAndUse(browser: Browser, { origin }: Server): Promise<void> {
  const visitor = await Visitor.open(browser, `${origin}/`);
  await visitor.expectVerdicts("–", "–", "–");
  await visitor.logIn("user@email.com", "password");
  await visitor.expectVerdicts("yes", "unknown", "unknown");
  assert.match(await visitor.token(), /^[\w-]+\.[\w-]+\.[\w-]+$/);
  assert.match(await visitor.text("#header"), /alg\s+"HS256"/);
  assert.match(await visitor.text("#claims"), /user_id\s+1/);
  assert.match(await visitor.text("#claims"), /expires in 15 minutes/);
  assert.match(await visitor.text("#claims-title"), /nothing proves/);
  assert.equal(await visitor.page.inputValue("#password"), "");
  await visitor.page.click("#get-user");
  await visitor.expectText("#exchanges li:first-child", /GET \/get-user 200[^]*id=1: <user@email/);
  await visitor.leave();
}

async function makeAndChange(browser: Browser, { origin }: Server): Promise<void> {
  const visitor = await Visitor.open(browser, `${origin}/`);
  await visitor.page.click("#example");
  await visitor.expectVerdicts("yes", "yes", "yes");
  assert.equal(await visitor.text("#claims-title"), "Claims");
  const colours = await visitor.page.locator("#coloured span").evaluateAll((parts) => {
    return parts.map((part) => getComputedStyle(part).color);
  });
  assert.equal(new Set(colours).size, 3);
  const token = await visitor.token();
  const parts = await visitor.page.locator("#coloured span").allTextContents();
  assert.deepEqual(parts.join(".").trimEnd(), token);
  assert.equal(parts.length, 3);
  await visitor.page.locator("#token").press("Control+End");
  for (const key of ["Backspace", "Backspace"]) await visitor.page.keyboard.press(key);
  assert.equal(await visitor.token(), token.slice(0, -2)); // 41 characters are no base64url
  await visitor.expectVerdicts("no", "unknown", "no");
  await visitor.page.fill("#token", token);
  await visitor.page.fill("#secret", "too short");
  await visitor.expectText("#secret-fault", /32 bytes/);
  await visitor.expectVerdicts("yes", "unknown", "unknown");
  await visitor.page.fill("#secret", "another secret, which is as long as it must be");
  await visitor.expectVerdicts("yes", "no", "no");
  await visitor.page.click("#clear");
  await visitor.expectVerdicts("–", "–", "–");
  await visitor.leave();
}

async function failToLogIn(browser: Browser, { origin }: Server): Promise<void> {
  const visitor = await Visitor.open(browser, `${origin}/`);
  for (let count = 0; count < 5; count++) {
    await visitor.logIn("eve@example.org", "wrong password");
    await visitor.expectExchanges(count + 1);
    await visitor.expectText("#login-fault", /^400: Wrong credentials\.$/);
  }
  for (let count = 5; !(await visitor.text("#login-fault")).startsWith("429"); count++) {
    assert.ok(count < 15); // the first waits are of one second, and a few of two
    await visitor.logIn("eve@example.org", "wrong password");
    await visitor.expectExchanges(count + 1);
  }
  await visitor.expectText("#login-fault", /^429: .* Try again in \d+ seconds?\.$/);
  await visitor.leave();
}

async function showHostileClaims(browser: Browser, { origin }: Server): Promise<void> {
  const claims = {
    "<img src=x onerror=alert(1)>": "<script>alert(1)</script>",
    sub: "\u202egro.elpmaxe@ada",
    nested: { list: Array.from({ length: 15 }, (_, index) => `value ${index}`.repeat(20)) },
    exp: 1e300,
  };
  const json = JSON.stringify(claims).replace("{", '{"__proto__":{"polluted":true},');
  const encoded = [JSON.stringify({ alg: "HS256", typ: "<b>" }), json].map((text) => {
    return Buffer.from(text).toString("base64url");
  });
  const token = `${encoded.join(".")}.${"A".repeat(43)}`;
  for (const viewport of [{ width: 1100, height: 800 }, { width: 320, height: 600 }]) {
    const visitor = await Visitor.open(browser, `${origin}/`, { viewport });
    await visitor.page.fill("#token", `Bearer ${token.replace(/(.{70})/g, "$1\n")}`);
    await visitor.expectVerdicts("yes", "unknown", "unknown");
    const shown = await visitor.text("#claims");
    assert.ok(shown.includes("<img src=x onerror=alert(1)>"), shown.slice(0, 300));
    assert.ok(shown.includes("__proto__") && shown.includes("\\u202e"), shown.slice(0, 300));
    assert.equal(await visitor.page.locator("#claims img, #claims script, #header b").count(), 0);
    const width = await visitor.page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= viewport.width, `${width}`);
    await visitor.page.fill("#token", `${token.replace(/\.A+$/, "")}.${"A".repeat(9000)}`);
    await visitor.expectVerdicts("no", "unknown", "no");
    await visitor.expectText("#well-formed", /longer than the limit/);
    await visitor.leave();
  }
}

async function typeAndSendNothing(browser: Browser, { origin }: Server): Promise<void> {
  const visitor = await Visitor.open(browser, `${origin}/`);
  const before = visitor.requests.length;
  await visitor.page.click("#example");
  await visitor.expectVerdicts("yes", "yes", "yes");
  const typed = await visitor.page.inputValue("#secret");
  await visitor.page.click("#secret");
  await visitor.page.keyboard.press("Enter");
  await visitor.page.click("summary");
  await visitor.page.fill("#issuer", "https://other.example");
  await visitor.expectText("#accepted", /another issuer/);
  await visitor.page.fill("#leeway", "301");
  await visitor.expectText("#policy-fault", /leewaySeconds/);
  await visitor.page.locator("#leeway").press("Enter");
  await visitor.page.waitForTimeout(1200);
  const sent = () => visitor.requests.slice(before).filter((line) => !line.includes("/icon.svg"));
  assert.deepEqual(sent(), []);
  await visitor.page.click("#get-user");
  await visitor.expectText("#session-fault", /^400: Token is invalid\.$/);
  assert.deepEqual(sent(), [`GET ${origin}/get-user `]);
  assert.ok(!visitor.requests.some((request) => request.includes(typed)));
  await visitor.leave();
}

async function useKeyboard(browser: Browser, { origin }: Server): Promise<void> {
  const visitor = await Visitor.open(browser, `${origin}/`);
  const { page } = visitor;
  const focused = () =>
    page.evaluate(() => document.activeElement?.id || document.activeElement?.tagName);
  const reached: (string | undefined)[] = [];
  for (let count = 0; count < 11; count++) {
    await page.keyboard.press("Tab");
    reached.push(await focused());
    const outline = await page.evaluate(() => {
      return getComputedStyle(document.activeElement ?? document.body).outlineStyle;
    });
    assert.notEqual(outline, "none", String(reached));
  }
  assert.deepEqual(reached, [
    ...["token", "example", "clear", "secret", "reveal", "A", "SUMMARY"],
    ...["email", "password", "BUTTON", "get-user"],
  ]);
  await page.focus("#email");
  await page.keyboard.type("user@email.com");
  await page.keyboard.press("Tab");
  await page.keyboard.type("password");
  await page.keyboard.press("Enter");
  await visitor.expectVerdicts("yes", "unknown", "unknown");
  await page.focus("summary");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  assert.equal(await focused(), "issuer");
  await page.waitForTimeout(1300); // what is shown anew at each second takes nobody's place away
  assert.equal(await focused(), "issuer");
  await visitor.leave();
}

async function nameEverything(browser: Browser, { origin }: Server): Promise<void> {
  const visitor = await Visitor.open(browser, `${origin}/`);
  const { page } = visitor;
  await page.click("summary");
  const controls = await page.locator("input, textarea, button").all();
  assert.ok(controls.length > 12);
  for (const control of controls) {
    const { name, html } = await control.evaluate((element) => {
      const { labels } = element as HTMLInputElement;
      const label = [...labels ?? []].map(({ textContent }) => textContent).join(" ");
      const own = element.getAttribute("aria-label") ?? element.textContent ?? "";
      return { name: `${label}${own}`.trim(), html: element.outerHTML };
    });
    assert.notEqual(name, "", html);
  }
  for (const id of ["secret-fault", "policy-fault", "login-fault", "session-fault"]) {
    assert.equal(await page.locator(`#${id}`).getAttribute("role"), "alert");
  }
  for (const id of ["verdicts", "session"]) {
    assert.equal(await page.locator(`#${id}`).getAttribute("role"), "status");
  }
  const headings = await page.locator("h1, h2, h3").evaluateAll((all) => {
    return all.map(({ tagName }) => Number(tagName.slice(1)));
  });
  assert.equal(headings[0], 1);
  assert.ok(headings.every((level, index) => level - (headings[index - 1] ?? 0) <= 1));
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  await visitor.leave();
}

async function measureContrast(browser: Browser, { origin }: Server): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    const visitor = await Visitor.open(browser, `${origin}/`, { colorScheme });
    const { page } = visitor;
    await page.click("#example");
    await page.click("#get-user");
    await visitor.expectText("#session-fault", /400/);
    const low = await page.evaluate(() => {
      const canvas = document.createElement("canvas").getContext("2d", {
        willReadFrequently: true,
      });
      const pixel = (colour: string): readonly number[] => {
        if (canvas === null) return [];
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
      };
      const luminance = (colour: readonly number[]) => { // WCAG 2.2
        const [r = 0, g = 0, b = 0] = colour.map((part) => {
          const share = part / 255;
          return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const backgroundOf = (element: Element | null): readonly number[] => {
        if (element === null) return [255, 255, 255, 255];
        const own = pixel(getComputedStyle(element).backgroundColor);
        return own[3] === 255 ? own : backgroundOf(element.parentElement);
      };
      const found: string[] = [];
      for (const element of document.querySelectorAll<HTMLElement>("body *")) {
        const isText = [...element.childNodes].some((node) => {
          return node.nodeType === Node.TEXT_NODE && node.textContent?.trim() !== "";
        });
        if (!isText || element.id === "token" || element.closest(":disabled")) continue;
        const lights = [pixel(getComputedStyle(element).color), backgroundOf(element)].map(
          luminance,
        );
        const contrast = (Math.max(...lights) + 0.05) / (Math.min(...lights) + 0.05);
        if (contrast < 4.5) {
          found.push(`${contrast.toFixed(2)} ${element.textContent?.slice(0, 30)}`);
        }
      }
      return found;
    });
    assert.deepEqual(low, [], colorScheme);
    await visitor.leave();
  }
}

async function expireRefreshLogOut(browser: Browser, { origin }: Server): Promise<void> {
  const visitor = await Visitor.open(browser, `${origin}/`);
  const { page } = visitor;
  await visitor.logIn("user@email.com", "password");
  await visitor.expectText("#claims", /exp[^]*expires in \d seconds? \(0:0\d\)/);
  const left = await visitor.text(".countdown");
  await page.waitForFunction((left) => {
    const now = document.querySelector(".countdown")?.textContent ?? left;
    return now < left; // as texts: 0:03, 0:02
  }, left);
  await visitor.expectText("#claims", /exp[^]*expired/);
  const expired = await visitor.token();
  await page.click("#get-user");
  await visitor.expectText("#session-fault", /^400: Token is invalid\.$/);
  await page.click("#refresh");
  await visitor.expectText("#claims", /exp[^]*expires in/);
  assert.notEqual(await visitor.token(), expired);
  assert.equal(await visitor.text("#session-fault"), "");
  await page.click("#get-user");
  await visitor.expectText("#exchanges li:first-child", /GET \/get-user 200/);
  await page.click("#logout");
  await visitor.expectText("#session", /^Logged out\. /);
  await page.click("#get-user");
  await visitor.expectText("#session-fault", /^400: Token is invalid\.$/);
  assert.ok(await page.isDisabled("#refresh") && await page.isDisabled("#logout"));
  await visitor.leave();
}

async function tamper(browser: Browser, { origin }: Server): Promise<void> {
  const visitor = await Visitor.open(browser, `${origin}/onejot/`);
  const { page } = visitor;
  await visitor.logIn(ada.email, ada.password);
  await visitor.expectVerdicts("yes", "unknown", "unknown");
  await page.fill("#secret", secret);
  await visitor.expectVerdicts("yes", "yes", "yes");
  const token = await visitor.token();
  const [header = "", payload = ""] = token.split(".");
  const changes = [
    { place: 0, character: "A", verdicts: ["no", "unknown", "no"] }, // no more JSON
    { ...readableChange(payload, header.length + 1), verdicts: ["yes", "no", "no"] },
    // The last character would have stray bits, which is another fault.
    { place: token.length - 5, character: "A", verdicts: ["yes", "no", "no"] },
  ] as const;
  for (const { place, character, verdicts } of changes) {
    await page.fill("#token", token);
    await page.locator("#token").evaluate((area, place) => {
      if (area instanceof HTMLTextAreaElement) area.setSelectionRange(place, place + 1);
    }, place);
    await page.locator("#token").focus();
    await page.keyboard.type(token[place] === character ? "B" : character);
    assert.equal((await visitor.token()).length, token.length);
    await visitor.expectVerdicts(...verdicts);
    const listed = await page.locator("#exchanges li").count();
    await page.click("#get-user");
    await visitor.expectExchanges(listed + 1);
    await visitor.expectText("#session-fault", /^400: Token is invalid\.$/);
  }
  await page.fill("#token", token);
  await page.click("#get-user");
  await visitor.expectText("#exchanges li:first-child", /GET \/get-user 200/);
  await visitor.expectText("#session-fault", /^$/);
  const outside = visitor.requests.filter((request) => !request.includes(`${origin}/onejot/`));
  assert.deepEqual(outside, []); // a proxy has nothing of onejot anywhere else
  await visitor.leave();
}

/** A character of the claims, and another in its place with which they are still JSON. */
function readableChange(payload: string, start: number): { place: number; character: string } {
  const claims = Buffer.from(payload, "base64url").toString();
  for (let index = 0; index < payload.length; index++) {
    for (const character of "ABCDEFGHIJKLMNOP") {
      const changed = payload.slice(0, index) + character + payload.slice(index + 1);
      const text = Buffer.from(changed, "base64url").toString();
      const isReadable = text !== claims && /^\{"[ -~]*\}$/.test(text);
      if (isReadable && canParse(text)) return { place: start + index, character };
    }
  }
  throw new Error("No change of one character leaves the claims readable.");
}

function canParse(json: string): boolean {
  try {
    return JSON.parse(json) !== null;
  } catch {
    return false;
  }
}

async function visitInsecurely(browser: Browser, { origin }: Server): Promise<void> {
  const url = `${origin.replace("127.0.0.1", "onejot.example")}/onejot/`;
  const visitor = await Visitor.open(browser, url);
  await visitor.logIn(ada.email, ada.password);
  await visitor.expectVerdicts("yes", "unknown", "unknown");
  await visitor.page.fill("#secret", secret);
  await visitor.expectText("#secret-fault", /HTTPS/);
  await visitor.expectVerdicts("yes", "unknown", "unknown");
  await visitor.page.click("#example");
  await visitor.expectText("#secret-fault", /HTTPS/);
  await visitor.leave();
}

async function loseServer(browser: Browser, server: Server): Promise<void> {
  const visitor = await Visitor.open(browser, `${server.origin}/`);
  await visitor.logIn("user@email.com", "password");
  await visitor.expectText("#session", /^Logged in/);
  await server.stop();
  await visitor.page.click("#get-user");
  await visitor.expectText("#session-fault", /does not answer/);
  await visitor.page.click("#example");
  await visitor.expectVerdicts("yes", "yes", "yes");
  await assert.rejects(visitor.leave(), /ERR_CONNECTION_REFUSED/); // which Chromium itself says
}

async function takePictures(
  browser: Browser,
  { origin }: Server,
  { pictures }: Place,
): Promise<void> {
  const kinds = [
    ["light", { colorScheme: "light", viewport: { width: 1000, height: 900 } }],
    ["dark", { colorScheme: "dark", viewport: { width: 1000, height: 900 } }],
    ["narrow", { colorScheme: "light", viewport: { width: 390, height: 844 } }],
  ] as const;
  for (const [name, options] of kinds) {
    const visitor = await Visitor.open(browser, `${origin}/`, options);
    await visitor.logIn("user@email.com", "password");
    await visitor.expectExchanges(1);
    await visitor.page.click("#get-user");
    await visitor.expectText("#exchanges li:first-child", /get-user 200/);
    await visitor.page.click("#example");
    await visitor.expectVerdicts("yes", "yes", "yes");
    await visitor.page.screenshot({ path: join(pictures ?? ".", `${name}.png`), fullPage: true });
    await visitor.leave();
  }
}
