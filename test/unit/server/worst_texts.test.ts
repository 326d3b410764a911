/**
 * Every text that is read from a request, as 16 KB of the worst that Unicode
 * has: none may hold up the thread that answers everybody else. What is allowed
 * is a part of what the runtime takes to normalise such a text, measured in the
 * same process a moment before: so a slow machine allows more.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers";
import { createApp } from "../../../src/server/app.ts";
import { createLog } from "../../../src/http/http.ts";
import { recordRoutes } from "../../support/routes.ts";
import { makeRequest } from "../../support/send.ts";
import { makeServer } from "../../support/site.ts";
import { slowTest } from "../../support/slow_test.ts";

// Marks of 33 combining classes, the highest first. Each has to be put before
// all that stand before it, one step after the other.
const marks = "\u0345\u0360\u0315\u0300\u0316\u031b\u0321\u0711\u0670\u0652" +
  "\u0651\u0650\u064f\u064e\u064d\u064c\u064b\u05c2\u05c1\u05bf\u05bc\u05bb" +
  "\u05b9\u05b8\u05b7\u05b6\u05b5\u05b4\u05b3\u05b2\u05b1\u05b0\u0334";

const worst = marksInDescent(16_000);

const texts: readonly (readonly [name: string, text: string])[] = [
  ["marks in descending order", worst],
  ["as many of them as a password may have", marksInDescent(1024)],
  ["letters with an accent apart", fill("a\u0301")],
  ["Hangul in parts", fill("\u1112\u1161\u11ab")],
  ["ligatures of 18 letters", fill("\ufdfa")],
  ["notes that fall apart", fill("\u{1d160}")],
  ["capitals that become two", fill("\u0130")],
  ["half pairs", fill("\ud800")],
  ["NULs", fill("\0")],
  ["directions", fill("\u202e\u2066")],
  ["quotes", fill("\"'<&\\")],
  ["spaces", fill(" \t\u00a0")],
  ["separators", fill(",;=&:/?#@.%+-")],
  ["an address without an end", fill("a.b-c@")],
];

/** What a route reads; with `id` in its path, that too. */
interface Places {
  /** The members of its body, and what they are while another one is tried. */
  readonly members?: Readonly<Record<string, string>>;
  /** The names in its query. */
  readonly query?: readonly string[];
}

const credentials = { email: "eve@example.org", password: "wrong" };

const placesOf: Readonly<Record<string, Places>> = {
  "POST /login": { members: credentials },
  "GET /get-user": {},
  "POST /refresh": { members: { refresh_token: "" } },
  "POST /logout": { members: { refresh_token: "" }, query: ["everywhere"] },
  "GET /sessions": {},
  "DELETE /sessions/:id": {},
  "POST /password": {
    members: { password: "wrong", new_password: "long enough" },
  },
  "POST /users": { members: credentials },
  "GET /users": { query: ["after", "limit"] },
  "GET /users/:id": {},
  "PATCH /users/:id": { members: { password: "" } },
  "GET /signin": { query: ["return"] },
  "POST /signin": { members: credentials, query: ["return"] },
  "POST /signout": {},
  "GET /forward-auth": {},
  "GET /forward-auth/nginx": {},
  "GET /metrics": {},
  "GET /healthz": {},
  "GET /readyz": {},
};

/** The header fields that are read anywhere, and one that is not. */
const headerNames = [
  "authorization",
  "cookie",
  "user-agent",
  "x-forwarded-for",
  "x-forwarded-uri",
  "origin",
  "sec-fetch-site",
  "accept",
  "content-type",
  "x-other",
];

/** A request with one of the texts in one of the places. */
interface Attempt {
  /** The place and the text. */
  readonly name: string;
  /** Such as `GET /users?after=…`. */
  readonly line: string;
  readonly body?: BodyInit;
  readonly headers?: Readonly<Record<string, string>>;
}

test("the places where texts are tried are those of every route", () => {
  const routes = recordRoutes({ page: false });
  assert.deepEqual(Object.keys(placesOf).sort(), routes.toSorted());
});

slowTest(
  "no text of a request holds up the others, whatever of Unicode is in it",
  async () => {
    const send = await startApp();
    // A tenth of what it would be if the text were normalised.
    const allowed = millisecondsToNormalize(worst) / 10;
    const slow: string[] = [];
    const normalized = await lengthsOfNormalized(async () => {
      for (const attempt of attempts()) {
        if (!await isWithin(allowed, () => send(attempt))) {
          slow.push(attempt.name);
        }
      }
    });
    assert.deepEqual(slow, []);
    // A text that is longer than a password is never normalised, and a password
    // is.
    assert.ok(Math.max(...normalized) > 400);
    assert.ok(Math.max(...normalized) <= 1024);
  },
);

function* attempts(): Generator<Attempt> {
  for (const [route, places] of Object.entries(placesOf)) {
    for (const [kind, text] of texts) {
      const line = route.replace(":id", "2");
      const inTarget = encodeURIComponent(cut(text).toWellFormed());
      if (line !== route) {
        const name = `${route}, its id: ${kind}`;
        yield { name, line: route.replace(":id", inTarget) };
      }
      for (const query of places.query ?? []) {
        const name = `${route}, its ${query}: ${kind}`;
        yield { name, line: `${line}?${query}=${inTarget}` };
      }
      for (const member of Object.keys(places.members ?? {})) {
        const name = `${route}, its ${member}: ${kind}`;
        const members = { ...places.members, [member]: text };
        if (member === "password" && "email" in members) {
          members["email"] = newcomer();
        }
        yield { name, line, ...asJson(members) };
        yield { name: `${name}, in a form`, line, body: asForm(members) };
        yield { name: `${name}, in parts`, line, body: asParts(members) };
      }
      for (const header of headerNames) {
        const name = `${route}, its ${header}: ${kind}`;
        const headers = { [header]: asHeader(text) };
        yield { name, line, headers };
      }
    }
  }
}

let newcomers = 0;

/** An e-mail address that nobody has tried before: none is throttled. */
function newcomer(): string {
  newcomers++;
  return `eve${newcomers}@example.org`;
}

/**
 * The app, with an administrator. Gives what sends a request to it: by that
 * administrator, and each time from another address, so that none is throttled.
 */
async function startApp(): Promise<(attempt: Attempt) => Promise<void>> {
  const server = await makeServer();
  const { id } = await server.addUser("ada@example.org", { isAdmin: true });
  await server.addUser("bob@example.org");
  // It names no session, so that a logout does not end it.
  const exp = Math.floor(Date.now() / 1000) + 3600;
  const token = await server.sign({ user_id: id, exp });
  const app = createApp({
    store: server.store,
    key: server.key,
    log: createLog(() => {}, "json"),
    passwordScheme: "pbkdf2",
    passwordIterations: 1,
    trustedProxies: "10.0.0.0/8",
    metricsFrom: "10.0.0.0/8",
  });
  let count = 0;
  return async ({ line, body = null, headers }) => {
    count++;
    const address = `10.${count >> 16}.${count >> 8 & 255}.${count & 255}`;
    const request = makeRequest(line, {
      body,
      headers: {
        authorization: `Bearer ${token}`,
        "sec-fetch-site": "same-origin",
        accept: "text/html",
        ...headers,
      },
    });
    const response = await app.fetch(request, address);
    const answer = `${line.slice(0, 80)}: ${response.status}`;
    assert.ok(![429, 500, 503].includes(response.status), answer);
    const text = await response.text();
    const isRefused = text.includes("Token is invalid") &&
      !line.startsWith("POST /refresh") &&
      headers?.["authorization"] === undefined;
    assert.ok(!isRefused, `${answer} ${text}`);
  };
}

/**
 * Says whether a function holds up the event loop for no longer than so many
 * milliseconds: once in five, as anything else may do so meanwhile.
 */
async function isWithin(
  milliseconds: number,
  run: () => Promise<void>,
): Promise<boolean> {
  for (let round = 0; round < 5; round++) {
    if (await longestHold(run) <= milliseconds) return true;
  }
  return false;
}

/** The longest time between two turns of the event loop. */
async function longestHold(run: () => Promise<void>): Promise<number> {
  let longest = 0;
  let last = performance.now();
  let isOver = false;
  const turn = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  await run();
  isOver = true;
  turn();
  return longest;
}

function millisecondsToNormalize(text: string): number {
  const times = [1, 2, 3].map((round) => {
    const start = performance.now();
    `${text}${round}`.normalize("NFC");
    return performance.now() - start;
  });
  return Math.min(...times);
}

/** The lengths of all texts that are normalised while a function runs. */
async function lengthsOfNormalized(
  run: () => Promise<void>,
): Promise<readonly number[]> {
  const lengths: number[] = [];
  const { normalize } = String.prototype;
  String.prototype.normalize = function (form?: string) {
    lengths.push(this.length);
    return normalize.call(this, form);
  };
  try {
    await run();
  } finally {
    String.prototype.normalize = normalize;
  }
  return lengths;
}

function marksInDescent(bytes: number): string {
  const count = Math.floor((bytes - 2) / 2 / marks.length);
  return `a${[...marks].map((mark) => mark.repeat(count)).join("")}`;
}

/** A part again and again, to 16,000 bytes of JSON. */
function fill(part: string): string {
  const inJson = JSON.stringify(part).slice(1, -1);
  const bytes = new TextEncoder().encode(inJson).length;
  return part.repeat(16_000 / bytes);
}

/** The beginning of a text, which is 16 KB when it is escaped for a URL. */
function cut(text: string): string {
  return text.slice(0, 16_000 / 9);
}

function asJson(
  members: Readonly<Record<string, string>>,
): Pick<Attempt, "body" | "headers"> {
  const headers = { "content-type": "application/json" };
  return { body: JSON.stringify(members), headers };
}

function asForm(members: Readonly<Record<string, string>>): URLSearchParams {
  const fields = Object.entries(members).map(([name, value]) => [
    name,
    cut(value),
  ]);
  return new URLSearchParams(fields);
}

function asParts(members: Readonly<Record<string, string>>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(members)) form.set(name, value);
  return form;
}

/** As a runtime hands a header field over: its bytes, each a character. */
function asHeader(text: string): string {
  const bytes = new TextEncoder().encode(text.replaceAll("\0", "\x01"));
  return `x${Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")}x`;
}
