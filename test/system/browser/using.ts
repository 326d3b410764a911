/**
 * Using the server: log in, send the token, see it expire, refresh it, log out;
 * and what is said where that goes wrong, by a wrong password, a server that is
 * gone, or a browser without WebCrypto.
 */

import assert from "node:assert/strict";
import { startServer } from "./server.ts";
import { ada, cheap, type Scenario, secret, type Site, user } from "./site.ts";
import { Visitor } from "./visitor.ts";

/** What somebody does with the server. */
export const using: readonly Scenario[] = [
  [
    "a login brings its token into the inspector, and /get-user takes it",
    logInAndUse,
  ],
  [
    "a login leaves a secret that was typed, and takes away that of an example",
    keepTheSecret,
  ],
  [
    "a token expires before one's eyes, is refreshed, and ends with the logout",
    expireRefreshLogOut,
  ],
  [
    "a wrong password is told beside the form, and then how long to wait",
    failToLogIn,
  ],
  [
    "where the browser has no WebCrypto, it says why it cannot check",
    visitInsecurely,
  ],
  [
    "a token that no header field can hold is not sent, and that is said",
    sendTheImpossible,
  ],
  ["no cookie goes along, and no redirect is followed", sendNoMore],
  [
    "what a proxy answers in place of the server is told as what it is",
    meetProxy,
  ],
  ["a server that is gone is told, and the page goes on", loseServer],
];

async function logInAndUse({ browser, trial }: Site): Promise<void> {
  const visitor = await Visitor.open(browser, `${trial.origin}/`);
  await visitor.logIn(user.email, user.password);
  await visitor.expectVerdicts("yes", "unknown", "unknown");
  assert.match(await visitor.token(), /^[\w-]+\.[\w-]+\.[\w-]+$/);
  assert.match(await visitor.text("#header"), /alg\s+"HS256"/);
  assert.match(await visitor.text("#claims"), /user_id\s+1/);
  assert.match(await visitor.text("#claims"), /expires in 15 minutes/);
  assert.match(await visitor.text("#claims-title"), /nothing proves/);
  assert.equal(await visitor.page.inputValue("#password"), "");
  await visitor.expectText("#session", /^Logged in/);
  await visitor.page.click("#get-user");
  await visitor.expectText("#user", /^Accepted: User id=1: <user@email\.com/);
  await visitor.expectText(
    "#exchanges li:first-child",
    /GET \/get-user 200[^]*id=1: <user@email/,
  );
  await visitor.leave();
}

async function keepTheSecret({ browser, production }: Site): Promise<void> {
  const visitor = await Visitor.open(browser, `${production.origin}/onejot/`);
  const { page } = visitor;
  await page.click("#example");
  await visitor.expectVerdicts("yes", "yes", "yes");
  await visitor.logIn(ada.email, ada.password);
  await visitor.expectVerdicts("yes", "unknown", "unknown");
  assert.equal(await page.inputValue("#secret"), "");
  await page.fill("#secret", secret);
  await visitor.expectVerdicts("yes", "yes", "yes");
  await visitor.logIn(ada.email, ada.password);
  await visitor.expectExchanges(2);
  assert.equal(await page.inputValue("#secret"), secret);
  await visitor.expectVerdicts("yes", "yes", "yes");
  await visitor.leave();
}

async function expireRefreshLogOut({ browser, quick }: Site): Promise<void> {
  const visitor = await Visitor.open(browser, `${quick.origin}/`);
  const { page } = visitor;
  await page.fill("#secret", secret);
  await visitor.logIn(ada.email, ada.password);
  await visitor.expectVerdicts("yes", "yes", "yes");
  const seen = new Set<string>();
  for (let attempt = 0; await visitor.verdict("accepted") !== "no"; attempt++) {
    assert.ok(attempt < 100); // ten seconds, of which the token lives five
    // Whatever the time is.
    assert.equal(await visitor.verdict("signature"), "yes");
    seen.add((await page.locator(".countdown").last().textContent()) ?? "");
    await page.waitForTimeout(100);
  }
  const left = [...seen].filter((text) => text !== "");
  assert.ok(left.length >= 3, String(left));
  assert.ok(left.every((text) => /^ \(0:0[1-5]\)$/.test(text)), String(left));
  assert.deepEqual(left, left.toSorted().reverse());
  await visitor.expectText("#accepted", /no[^]*expired/);
  await visitor.expectText("#claims", /exp[^]*expired/);
  const expired = await visitor.token();
  await visitor.expectRefusal();
  await page.click("#refresh");
  await visitor.expectVerdicts("yes", "yes", "yes");
  assert.notEqual(await visitor.token(), expired);
  await page.click("#get-user");
  await visitor.expectText("#user", /^Accepted: /);
  assert.equal(await visitor.text("#session-fault"), "");
  await page.click("#logout");
  await visitor.expectText("#session", /^Logged out\. /);
  await visitor.expectRefusal();
  assert.ok(
    await page.isDisabled("#refresh") && await page.isDisabled("#logout"),
  );
  await visitor.leave();
}

async function failToLogIn({ browser, trial }: Site): Promise<void> {
  const visitor = await Visitor.open(browser, `${trial.origin}/`);
  for (let count = 0; count < 5; count++) {
    await visitor.logIn("eve@example.org", "wrong password");
    await visitor.expectExchanges(count + 1);
    await visitor.expectText("#login-fault", /^400: Wrong credentials\.$/);
  }
  for (
    let count = 5;
    !(await visitor.text("#login-fault")).startsWith("429");
    count++
  ) {
    // The first waits are of one second, and a few of two.
    assert.ok(count < 15);
    await visitor.logIn("eve@example.org", "wrong password");
    await visitor.expectExchanges(count + 1);
  }
  const wait = /^429: .* Seconds to wait: \d+\.$/;
  await visitor.expectText("#login-fault", wait);
  const [fault, button] = await visitor.page.evaluate(() => {
    const boxes = ["#login-fault", "#login button"].map((selector) => {
      return document.querySelector(selector)?.getBoundingClientRect();
    });
    return boxes.map((box) => ({
      top: box?.top ?? 0,
      bottom: box?.bottom ?? 0,
    }));
  });
  assert.ok(
    fault !== undefined && button !== undefined && fault.top < button.bottom,
  );
  await visitor.leave();
}

async function visitInsecurely({ browser, production }: Site): Promise<void> {
  const url = `${
    production.origin.replace("127.0.0.1", "onejot.example")
  }/onejot/`;
  const visitor = await Visitor.open(browser, url);
  const { page } = visitor;
  assert.equal(await page.evaluate(() => isSecureContext), false);
  await visitor.logIn(ada.email, ada.password);
  await visitor.expectVerdicts("yes", "unknown", "unknown");
  const token = await visitor.token();
  await page.fill("#secret", secret);
  await visitor.expectText("#secret-fault", /HTTPS/);
  await visitor.expectVerdicts("yes", "unknown", "unknown");
  await page.fill("#secret", "");
  await visitor.expectText("#secret-fault", /^$/);
  await page.click("#example");
  await visitor.expectText("#secret-fault", /HTTPS/);
  assert.equal(await visitor.token(), token);
  assert.match(await visitor.text("#claims"), /user_id\s+1/);
  await page.click("#get-user");
  await visitor.expectText("#user", /^Accepted: /);
  await visitor.leave();
}

async function sendTheImpossible({ browser, trial }: Site): Promise<void> {
  const visitor = await Visitor.open(browser, `${trial.origin}/`);
  const before = visitor.requests.length;
  await visitor.page.fill("#token", "ключ.€.\u0001");
  await visitor.expectVerdicts("no", "unknown", "no");
  await visitor.page.click("#get-user");
  await visitor.expectText("#session-fault", /^It was not sent: /);
  const sent = visitor.requests.slice(before).filter((line) =>
    line.includes("get-user")
  );
  assert.deepEqual(sent, []);
  await visitor.leave();
}

async function sendNoMore({ browser, trial }: Site): Promise<void> {
  const { origin } = trial;
  const visitor = await Visitor.open(browser, `${origin}/`);
  const { page } = visitor;
  await page.context().addCookies([{
    name: "onejot",
    value: "planted",
    url: origin,
  }]);
  await visitor.logIn(user.email, user.password);
  await visitor.expectVerdicts("yes", "unknown", "unknown");
  const asked = page.waitForRequest(`${origin}/get-user`);
  await page.click("#get-user");
  assert.equal((await (await asked).allHeaders())["cookie"], undefined);
  await visitor.expectText("#user", /^Accepted: /);
  await page.context().clearCookies();
  await page.route("**/get-user", (route) => {
    return route.fulfill({
      status: 302,
      headers: { location: `${origin}/healthz` },
    });
  });
  await page.click("#get-user");
  await visitor.expectText("#session-fault", /^The server does not answer\./);
  assert.ok(!visitor.requests.some((request) => request.includes("/healthz")));
  await visitor.leave(/ERR_FAILED/); // which Chromium itself says
}

async function meetProxy({ browser, trial }: Site): Promise<void> {
  const visitor = await Visitor.open(browser, `${trial.origin}/`);
  await visitor.page.route("**/login", (route) => {
    return route.fulfill({
      status: 502,
      contentType: "text/html",
      body: "<h1>Bad Gateway</h1>",
    });
  });
  await visitor.logIn(user.email, user.password);
  await visitor.expectText("#login-fault", /^502: no answer of onejot\.$/);
  await visitor.page.unroute("**/login");
  await visitor.page.click("#login button"); // the password is still there
  await visitor.expectVerdicts("yes", "unknown", "unknown");
  await visitor.expectText("#login-fault", /^$/);
  await visitor.leave();
}

async function loseServer({ runtime, browser }: Site): Promise<void> {
  const server = await startServer(runtime, cheap);
  const visitor = await Visitor.open(browser, `${server.origin}/`);
  await visitor.logIn(user.email, user.password);
  await visitor.expectText("#session", /^Logged in/);
  await server.stop("SIGKILL");
  await visitor.page.click("#get-user");
  await visitor.expectText("#session-fault", /^The server does not answer\./);
  await visitor.page.click("#refresh");
  await visitor.expectExchanges(3);
  await visitor.page.click("#example");
  await visitor.expectVerdicts("yes", "yes", "yes");
  await visitor.leave(/ERR_CONNECTION_REFUSED/); // which Chromium itself says
}
