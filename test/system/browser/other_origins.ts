/**
 * A page of another origin, which somebody looks at: what it sends from their
 * browser spends none of their attempts to log in.
 */

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { isDeepStrictEqual } from "node:util";
import type { Browser } from "playwright-core";
import type { ServerProcess } from "./server.ts";
import { until } from "../../support/wait.ts";
import { type Scenario, type Site, user } from "./site.ts";
import { Visitor } from "./visitor.ts";

/** What such a page may try. */
export const otherOrigins: readonly Scenario[] = [
  ["a page of another origin spends nobody's attempts", spendAttempts],
];

/** More than the throttle lets anybody send. */
const attempts = 33;

async function spendAttempts({ browser, trial }: Site): Promise<void> {
  const { host, port } = new URL(trial.origin);
  const named = `onejot.example:${port}`;
  await withEmptyPages(async (elsewhere) => {
    const rows = [
      // Another host, and another port of the same one: Sec-Fetch-Site tells.
      { page: `http://onejot.example:${elsewhere}/`, target: host },
      { page: `http://127.0.0.1:${elsewhere}/`, target: host },
      // Without TLS under another name than this machine's, Origin alone does.
      { page: `http://127.0.0.1:${elsewhere}/`, target: named },
    ];
    for (const { page: url, target } of rows) {
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(url);
      const before = await countLogins(trial);
      const login = `http://${target}/login`;
      await page.evaluate(sendGuesses, { login, attempts, email: user.email });
      await page.evaluate(submitForm, { login, email: user.email });
      const refused = (before["403"] ?? 0) + attempts + 1;
      const expected = { ...before, 403: refused };
      // The frame shows nothing of the form's answer, so the server is asked.
      await until("the last guess is refused", async () => {
        return isDeepStrictEqual(await countLogins(trial), expected);
      });
      await context.close();
    }
  });
  const visitor = await Visitor.open(browser, `${trial.origin}/`);
  await visitor.logIn(user.email, user.password);
  await visitor.expectText("#session", /^Logged in/);
  await visitor.leave();
  await signInByPage(browser, trial.origin);
}

async function signInByPage(browser: Browser, origin: string): Promise<void> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${origin}/signin`);
  await page.fill("[name=email]", user.email);
  await page.fill("[name=password]", user.password);
  await page.click("button");
  await page.waitForURL(`${origin}/`);
  await page.goto(`${origin}/signin`);
  assert.match(await page.locator("body").innerText(), /user@email\.com/);
  await context.close();
}

/**
 * In the page: guesses of a password. It cannot read the answers, and
 * Cross-Origin-Resource-Policy makes a failure of each; but they are sent.
 */
async function sendGuesses({ login, attempts, email }: {
  readonly login: string;
  readonly attempts: number;
  readonly email: string;
}): Promise<void> {
  for (let count = 0; count < attempts; count++) {
    const body = new URLSearchParams({ email, password: `guess ${count}` });
    const sending = fetch(login, { method: "POST", mode: "no-cors", body });
    await sending.catch(() => {});
  }
}

/** In the page: a form, whose answer would be shown in a frame. */
function submitForm({ login, email }: {
  readonly login: string;
  readonly email: string;
}): void {
  const form = document.createElement("form");
  form.method = "post";
  form.action = login;
  form.target = "frame";
  const fields = { email, password: "a guess" };
  for (const [name, value] of Object.entries(fields)) {
    const input = document.createElement("input");
    input.name = name;
    input.value = value;
    form.append(input);
  }
  const frame = document.createElement("iframe");
  frame.name = "frame";
  document.body.append(frame, form);
  form.submit();
}

/** How often each status was the answer to a login, as the server counts. */
async function countLogins(
  { origin }: ServerProcess,
): Promise<Readonly<Record<string, number>>> {
  const text = await (await fetch(`${origin}/metrics`)).text();
  const series =
    /^onejot_http_requests_total\{method="POST",route="\/login",status="(\d+)"\} (\d+)$/gm;
  const counts = [...text.matchAll(series)].map(([, status = "", count]) => {
    return [status, Number(count)];
  });
  return Object.fromEntries(counts);
}

/** A server on this machine whose pages are empty; hands on its port. */
async function withEmptyPages(
  use: (port: number) => Promise<void>,
): Promise<void> {
  const server = createServer((_request, response) => {
    response.setHeader("content-type", "text/html");
    response.end("<!doctype html><title>elsewhere</title><body></body>");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const { port } = server.address() as AddressInfo;
    await use(port);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}
