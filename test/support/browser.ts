/**
 * What a browser sends of itself, and what it gets: pages, redirects and one
 * cookie.
 */

import assert from "node:assert/strict";
import { type AppOptions, createApp } from "../../src/server/app.ts";
import { createLog } from "../../src/http/http.ts";
import { password, type Sent, type Server } from "./site.ts";

/** What a browser says of a form on a page of this host. */
export const sameOrigin: Readonly<Record<string, string>> = {
  "sec-fetch-site": "same-origin",
};

/**
 * What browsers say of requests that a page of another origin sends to a host,
 * and what none of them says, but nobody should take for this host's.
 */
export function saidByOtherOrigins(
  host: string,
): readonly Readonly<Record<string, string>>[] {
  return [
    // Forms and fetches, over HTTPS and to this machine.
    { "sec-fetch-site": "cross-site", origin: "https://evil.example" },
    { "sec-fetch-site": "cross-site", origin: "http://evil.example" },
    { "sec-fetch-site": "same-site", origin: `https://other.${host}` },
    { "sec-fetch-site": "same-site", origin: `https://${host}:8443` },
    // From a frame in a sandbox, or without a referrer.
    { "sec-fetch-site": "cross-site", origin: "null" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    // Of today's browsers none sends it, and what is not understood is no own.
    { "sec-fetch-site": "cross-site", origin: `https://${host}` },
    { "sec-fetch-site": "" },
    { "sec-fetch-site": "Same-Origin" },
    { "sec-fetch-site": "same-origin, cross-site" },
    { "sec-fetch-site": "none, cross-site" },
    // Without TLS in a network, and older browsers.
    { origin: "http://evil.example" },
    { origin: "https://evil.example" },
    { origin: `http://${host}:8080` },
    { origin: `http://other.${host}` },
    { origin: `http://${host}.` },
    { origin: `http://${host}, http://evil.example` },
    { origin: `HTTP://${host}` },
    { origin: `ftp://${host}` },
    { origin: host },
    { origin: "null" },
    { origin: "" },
  ];
}

/** What a browser gets. */
export interface Shown {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly location: string | null;
  readonly setCookie: string | null;
}

/** Reads what comes back, in which there is one cookie at most. */
export async function show(
  answer: Response | Promise<Response>,
): Promise<Shown> {
  const response = await answer;
  const { status, headers } = response;
  const [setCookie = null, ...others] = headers.getSetCookie();
  assert.deepEqual(others, []);
  const location = headers.get("location");
  return { status, headers, text: await response.text(), location, setCookie };
}

/** Sends the form of the page. */
export async function trySignIn(
  server: Pick<Server, "send">,
  email: string,
  { form, headers, ...sent }: Sent = {},
): Promise<Shown> {
  const fields = form ?? { email, password };
  const all = { ...sameOrigin, ...headers };
  return await show(
    server.send("POST /signin", { ...sent, form: fields, headers: all }),
  );
}

/** Signs in, which must succeed, for what the browser sends from then on. */
export async function signIn(
  server: Pick<Server, "send">,
  email: string,
  sent: Sent = {},
): Promise<{ readonly cookie: string }> {
  const { status, setCookie } = await trySignIn(server, email, sent);
  assert.equal(status, 303);
  return { cookie: pairOf(setCookie) };
}

/** The name and the value of a cookie that was set. */
export function pairOf(setCookie: string | null): string {
  const [pair = ""] = (setCookie ?? "").split(";", 1);
  assert.match(pair, /^(?:__Host-)?onejot=[\w-]{43}$/);
  return pair;
}

/** The secret in it. */
export function secretOf({ cookie }: { readonly cookie: string }): string {
  return cookie.slice(cookie.indexOf("=") + 1);
}

/**
 * Says whether a browser is signed in; if not, it must be refused without a
 * fault.
 */
export async function isSignedIn(
  server: Pick<Server, "send">,
  headers: Readonly<Record<string, string>>,
): Promise<boolean> {
  const { status } = await server.send("GET /forward-auth/nginx", { headers });
  const page = await show(server.send("GET /signin", { headers }));
  assert.equal(page.status, 200);
  assert.equal(page.text.includes('type="password"'), status === 401);
  assert.ok(status === 200 || status === 401, String(status));
  return status === 200;
}

/** The same server, asked under another Host. */
export function under(
  host: string,
  { store, key }: Server,
  parts: Partial<AppOptions> = {},
): Pick<Server, "send"> {
  const log = createLog(() => {}, "json");
  const app = createApp({
    store,
    key,
    log,
    passwordScheme: "pbkdf2",
    passwordIterations: 1000,
    ...parts,
  });
  return {
    send: (line, { form, headers, address } = {}) => {
      const [method = "", target = ""] = line.split(" ");
      const body = form === undefined ? null : new URLSearchParams(form);
      const init = { method, body, headers: { ...headers, host } };
      return app.fetch(
        new Request(`http://onejot.test${target}`, init),
        address,
      );
    },
  };
}
