/**
 * Each header field that is read by hand, with each of the 256 bytes in front
 * of, behind and within its value: what must come out. Around a value, spaces
 * and tabs are nothing, and no other byte is: a byte that one reader takes away
 * and another does not makes two values of one.
 * In this process with Requests, as far as their Headers let bytes through; and
 * over sockets, for what the runtimes themselves refuse or take away.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { sameOrigin, secretOf, signIn } from "../../support/browser.ts";
import { send, startSession, withAccounts } from "../../support/client.ts";
import { makeRequest } from "../../support/send.ts";
import {
  sendRaw,
  type ServerProcess,
  withServer,
} from "../../support/server_process.ts";
import { makeServer, password, type Server } from "../../support/site.ts";
import { slowTest } from "../../support/slow_test.ts";

const ada = "ada@example.org";
const root = fileURLToPath(new URL("../../../src/", import.meta.url));

/** Where each field is read: the files, below src. */
const readers: Readonly<Record<string, readonly string[]>> = {
  "accept": ["auth/forward_auth.ts"],
  "authorization": [
    "auth/authenticate.ts",
    "auth/forward_auth.ts",
    "http/bearer.ts", // its bytes: test/unit/http/bearer.test.ts
  ],
  "content-encoding": ["http/body.ts"],
  "content-length": ["http/body.ts"],
  "content-type": ["auth/own_account.ts", "http/body.ts", "http/fields.ts"],
  "cookie": ["auth/cookie.ts"],
  "forwarded": ["auth/proxied.ts"],
  "host": [
    "auth/cookie.ts",
    "auth/same_origin.ts",
    "http/target.ts",
    "server/monitoring.ts",
  ],
  "origin": ["auth/same_origin.ts"],
  "sec-fetch-site": ["auth/same_origin.ts"],
  "user-agent": ["auth/session.ts"],
  "via": ["auth/proxied.ts"],
  "x-forwarded-for": ["auth/proxied.ts", "server/app.ts"],
  "x-forwarded-host": ["auth/forward_auth.ts", "auth/proxied.ts"],
  "x-forwarded-proto": ["auth/proxied.ts"],
  "x-forwarded-uri": ["auth/forward_auth.ts"],
  "x-real-ip": ["auth/proxied.ts"],
};

/** A field, and what answers a request by its value. */
interface Reading {
  readonly field: string;
  /** The request, such as "GET /x". */
  readonly line: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly places: readonly Place[];
}

/** Where a byte is put, and what must come out: a status, and Location. */
interface Place {
  readonly before: string;
  readonly after: string;
  readonly expected: (byte: string) => string;
}

/** What a client holds. */
interface Held {
  /** The secret of a cookie. */
  readonly secret: string;
  /** An access token. */
  readonly token: string;
}

/** Some bytes change nothing, and all others make another value of it. */
function only(
  bytes: string,
  { kept, other }: { readonly kept: string; readonly other: string },
): Place["expected"] {
  return (byte) => bytes.includes(byte) ? kept : other;
}

/** A byte in front of a value and behind it. */
function around(value: string, expected: Place["expected"]): readonly Place[] {
  return [
    { before: "", after: value, expected },
    { before: value, after: "", expected },
  ];
}

/** The fields that decide something by what stands in them. */
function readingsOf({ secret, token }: Held): readonly Reading[] {
  const cookie = `__Host-onejot=${secret}`;
  const signedIn = { kept: "200", other: "401" };
  const accepted = { kept: "200", other: "400" };
  const form = "application/x-www-form-urlencoded";
  // 400: what stands in the body is looked at, and is no refresh token.
  const read = { kept: "400", other: "415" };
  const body = "refresh_token=x";
  const passed = { kept: "400", other: "403" };
  const shown = { kept: "200", other: "404" };
  const goesBack = (byte: string) => {
    const isPath = /[!-[\]-~]/.test(byte);
    return `302 /signin?return=${isPath ? `/a${byte}b` : "/"}`;
  };
  return [
    {
      field: "cookie",
      line: "GET /forward-auth/nginx",
      places: [
        ...around(cookie, only(" \t;", signedIn)),
        place("__Host-", `onejot=${secret}`, only("", signedIn)),
        place("__Host-onejot", `=${secret}`, only("", signedIn)),
        place("__Host-onejot=", secret, only("", signedIn)),
        place(cookie.slice(0, -9), cookie.slice(-9), only("", signedIn)),
        place("x=1;", cookie, only(" \t;", signedIn)),
        place("x=1", cookie, only(";", signedIn)),
        place("x=1; ", `${cookie}; y=2`, only(" \t;", signedIn)),
        place(`x=1; ${cookie}`, "; y=2", only(" \t;", signedIn)),
      ],
    },
    {
      field: "authorization",
      line: "GET /get-user",
      places: [
        // At the ends, the runtimes take spaces and tabs away.
        ...around(token, only(" \t", accepted)),
        ...around(`Bearer ${token}`, only(" \t", accepted)),
        place("Bearer", token, only(" ", accepted)),
        place("Bearer ", token, only(" ", accepted)),
        place("Bear", `er ${token}`, only("", accepted)),
        place(token.slice(0, -9), token.slice(-9), only("", accepted)),
      ],
    },
    {
      field: "content-type",
      line: "POST /refresh",
      body,
      places: [
        place("", form, only(" \t", read)),
        place(form, "", only(" \t;", read)),
        place(form, "; charset=utf-8", only(" \t;", read)),
        place(`${form};`, "charset=utf-8", () => "400"),
        place("application", `/x-www-form-urlencoded`, only("", read)),
      ],
    },
    {
      field: "content-encoding",
      line: "POST /refresh",
      headers: { "content-type": form },
      body,
      places: around("gzip", () => "415"),
    },
    {
      field: "host",
      line: "GET /metrics",
      places: [
        // Another name, which is not this machine's; or none at all.
        place("", "localhost", (byte) => {
          if (" \t".includes(byte)) return "200";
          return /[\w.-]/.test(byte) ? "404" : "400";
        }),
        place("localhost", "", (byte) => {
          if (" \t".includes(byte)) return "200";
          return /[\w.:-]/.test(byte) ? "404" : "400";
        }),
        place("local", "host", (byte) => /[\w.-]/.test(byte) ? "404" : "400"),
        place("localhost", ":80", (byte) => {
          return /[\w.-]/.test(byte) ? "404" : "400";
        }),
      ],
    },
    {
      field: "origin",
      line: "POST /logout",
      headers: { "content-type": form },
      body,
      places: [
        ...around("https://onejot.test", only(" \t", passed)),
        place("https://", "onejot.test", only("", passed)),
        place("http", "://onejot.test", only("s", passed)),
      ],
    },
    {
      field: "sec-fetch-site",
      line: "POST /logout",
      headers: { "content-type": form },
      body,
      places: [
        ...around("same-origin", only(" \t", passed)),
        ...around("none", only(" \t", passed)),
        place("same", "-origin", only("", passed)),
      ],
    },
    {
      field: "sec-fetch-site",
      line: "POST /signout",
      places: around(
        "same-origin",
        only(" \t", { kept: "303 signin", other: "403" }),
      ),
    },
    {
      field: "x-forwarded-for",
      line: "GET /metrics",
      places: [
        // An empty hop behind the last comma is no address.
        place("", "192.0.2.1", only(" \t,", shown)),
        place("192.0.2.1", "", only(" \t", shown)),
        place("192.0.", "2.1", only("", shown)),
        place("192.0.2.1", ":80", only("", shown)),
        place("192.0.2.1:80", "", (byte) => {
          return /[\d \t]/.test(byte) ? "200" : "404";
        }),
        place("203.0.113.5,", "192.0.2.1", only(" \t,", shown)),
        place("203.0.113.5", ",192.0.2.1", () => "200"),
        place("192.0.2.1", ",127.0.0.1", only(" \t", shown)),
        place("", "[2001:db8::1]", only(" \t,", shown)),
        place("[2001:db8::1", "]", only("", shown)),
      ],
    },
    {
      field: "x-forwarded-uri",
      line: "GET /forward-auth",
      headers: { accept: "text/html" },
      places: [
        place(
          "",
          "/a",
          only(" \t", {
            kept: "302 /signin?return=/a",
            other: "302 /signin?return=/",
          }),
        ),
        place("/a", "b", goesBack),
      ],
    },
    {
      field: "x-forwarded-host",
      line: "GET /forward-auth",
      headers: { host: "proxy.test", cookie },
      places: [
        ...around("onejot.test", only(" \t", signedIn)),
        place("onejot", ".test", only("", signedIn)),
      ],
    },
    {
      field: "accept",
      line: "GET /forward-auth",
      places: [
        // It is looked for anywhere: what it decides is how a refusal looks.
        ...around("text/html", () => "302 /signin?return=/"),
        place("text", "/html", () => "401"),
      ],
    },
    ...["forwarded", "via", "x-real-ip", "x-forwarded-host"].map(thatIsThere),
    thatIsThere("x-forwarded-proto"),
  ];
}

function place(
  before: string,
  after: string,
  expected: Place["expected"],
): Place {
  return { before, after, expected };
}

/** A field of proxies: what counts is that it is there. */
function thatIsThere(field: string): Reading {
  return {
    field,
    line: "GET /metrics",
    headers: { host: "localhost" },
    places: around("127.0.0.1", () => "404"),
  };
}

const settings = {
  trusted: "127.0.0.1",
  monitors: "192.0.2.1, 2001:db8::1",
};

test("each header field that is read by hand is in this file, with each file that reads it", () => {
  const found = new Map<string, Set<string>>();
  const note = (field: string, path: string) => {
    const paths = found.get(field) ?? new Set();
    found.set(field, paths.add(path));
  };
  for (const path of sourceFiles()) {
    const text = readFileSync(root + path, "utf8").replace(/^ \*.*$/gm, "");
    const reads = /\bheaders\??\.(?:get|has)\((?:"(?<field>[\w-]+)"|\w+)\)/g;
    for (const { groups } of text.matchAll(reads)) {
      const field = groups?.["field"];
      if (field !== undefined) note(field, path);
      // But for these two, the name stands where it is read.
      else assert.match(path, /^(?:auth\/proxied|http\/response)\.ts$/);
    }
  }
  const proxied = readFileSync(`${root}auth/proxied.ts`, "utf8");
  for (const [, field = ""] of proxied.matchAll(/^ {2}"([\w-]+)",$/gm)) {
    note(field, "auth/proxied.ts");
  }
  // A response's, which a handler has made, and a program's own request.
  found.get("content-length")?.delete("http/log.ts");
  found.get("content-encoding")?.delete("http/response.ts");
  found.get("host")?.delete("http/router.ts");
  assert.ok(found.delete("www-authenticate"));
  const sorted = [...found].map(([field, paths]) => [field, [...paths].sort()]);
  assert.deepEqual(Object.fromEntries(sorted), readers);
  const tested = readingsOf({ secret: "", token: "" }).map((reading) =>
    reading.field
  );
  // These two have tests of their own, below.
  const fields = new Set([...tested, "content-length", "user-agent"]);
  assert.deepEqual([...fields].sort(), Object.keys(readers));
});

test("around the value of a header field only spaces and tabs are nothing, whatever the other 254 bytes are", async () => {
  const { server, held } = await serverWithHeld();
  for (const reading of readingsOf(held)) {
    for (const place of reading.places) {
      const wrong: string[] = [];
      for (const byte of allBytes) {
        // Headers refuse these three, or take them away at the ends.
        if ("\0\r\n".includes(byte)) continue;
        const outcome = await askHere(server, reading, byteAt(place, byte));
        const expected = place.expected(byte);
        if (outcome === expected) continue;
        wrong.push(`${hex(byte)} is ${outcome}, not ${expected}`);
      }
      assert.deepEqual(wrong, [], describe(reading, place));
    }
  }
});

test("a Content-Length is digits, and decides no more than how early a body is too large", async () => {
  const { server } = await serverWithHeld();
  const reading = {
    field: "content-length",
    line: "POST /refresh",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: "refresh_token=x",
  };
  const isKept = (byte: string) => /[\d \t]/.test(byte);
  for (const byte of allBytes) {
    if ("\0\r\n".includes(byte)) continue;
    for (const value of [`${byte}16385`, `16385${byte}`]) {
      const outcome = await askHere(server, reading, value);
      assert.equal(outcome, isKept(byte) ? "413" : "400", hex(byte));
    }
    const within = await askHere(server, reading, `16${byte}385`);
    assert.equal(within, /\d/.test(byte) ? "413" : "400", hex(byte));
  }
});

test("a User-Agent is kept as it was sent, but for spaces and tabs at its ends", async () => {
  const { server } = await serverWithHeld();
  const { id } = await server.account(ada);
  for (const byte of allBytes) {
    if ("\0\r\n".includes(byte)) continue;
    const agent = `${byte}a${byte}b${byte}`;
    const { sid } = await server.logIn(ada, {
      headers: { "user-agent": agent },
    });
    const sessions = await server.store.listSessions({
      userId: id,
      since: 0,
      after: null,
      limit: 2000,
    });
    const session = sessions.find((session) => session.id === sid);
    const kept = " \t".includes(byte) ? agent.slice(1, -1) : agent;
    assert.equal(session?.agent, kept, hex(byte));
    await server.store.endSession({ id: sid, userId: id });
  }
});

test("no character beyond 255 stands in a header field, so that none becomes ASCII in lower case", () => {
  // U+212A, the sign of Kelvin, is a "k" in lower case.
  assert.equal("\u212a".toLowerCase(), "k");
  assert.throws(() => new Headers({ "content-type": "\u212a" }), TypeError);
  for (let code = 128; code < 256; code++) {
    const lower = String.fromCharCode(code).toLowerCase();
    assert.ok(lower.charCodeAt(0) >= 128, hex(String.fromCharCode(code)));
  }
});

slowTest(
  "over a socket, the same bytes come to the same, but for control characters, which no runtime lets through",
  async () => {
    await withAccounts([ada], async ({ variables }) => {
      const asked = {
        ...variables,
        TRUSTED_PROXIES: settings.trusted,
        METRICS_FROM: settings.monitors,
      };
      await withServer(asked, async (server) => {
        const held = await heldOf(server);
        for (const reading of readingsOf(held)) {
          const bytes = reading.field === "cookie" ? allBytes : unusualBytes;
          for (const place of reading.places) {
            await checkOverSockets(server, { reading, place, bytes });
          }
        }
        // Everything that was asked for was one request.
        assert.equal((await send(server, "GET /healthz")).status, 200);
      });
    });
  },
);

const allBytes = Array.from({ length: 256 }, (_, code) => {
  return String.fromCharCode(code);
});

/** Control characters, and what some language takes for white space. */
const unusualBytes = allBytes.filter((byte) => {
  return /[\0-\x20\x7f\x80\x85\xa0\xad\xff]/.test(byte);
});

function byteAt({ before, after }: Place, byte: string): string {
  return before + byte + after;
}

function describe({ field, line }: Reading, { before, after }: Place): string {
  return `${line} ${field}: ${before}·${after}`;
}

function hex(byte: string): string {
  return `0x${byte.charCodeAt(0).toString(16)}`;
}

/** The files of src that may read a request. */
function sourceFiles(): readonly string[] {
  const paths = readdirSync(root, { recursive: true }).map(String);
  return paths.filter((path) => /^(?:auth|http|server)\/.*\.ts$/.test(path));
}

async function serverWithHeld(): Promise<
  { readonly server: Server; readonly held: Held }
> {
  const server = await makeServer({
    trustedProxies: settings.trusted,
    metricsFrom: settings.monitors,
  });
  await server.addUser(ada);
  const { token } = await server.logIn(ada);
  const secret = secretOf(await signIn(server, ada));
  return { server, held: { secret, token } };
}

/** What a value comes to, in this process. */
async function askHere(
  server: Server,
  { field, line, headers, body }: Omit<Reading, "places">,
  value: string,
): Promise<string> {
  const init: RequestInit = { headers: { ...headers, [field]: value } };
  if (body !== undefined) init.body = body;
  const response = await server.fetch(makeRequest(line, init), "127.0.0.1");
  await response.body?.cancel();
  return outcomeOf(response.status, response.headers.get("location"));
}

function outcomeOf(status: number, location: string | null): string {
  return location === null ? String(status) : `${status} ${location}`;
}

async function heldOf(server: ServerProcess): Promise<Held> {
  const { token } = await startSession(server, ada);
  const reading = {
    field: "content-type",
    line: "POST /signin",
    headers: sameOrigin,
    body: new URLSearchParams({ email: ada, password }).toString(),
  };
  const form = "application/x-www-form-urlencoded";
  const answer = await sendRaw(server.port, rawRequest(reading, form));
  const cookie = /^set-cookie: ([^;]*)/im.exec(answer)?.[1] ?? "";
  return { secret: secretOf({ cookie }), token };
}

async function checkOverSockets(
  server: ServerProcess,
  { reading, place, bytes }: {
    readonly reading: Reading;
    readonly place: Place;
    readonly bytes: readonly string[];
  },
): Promise<void> {
  const wrong: string[] = [];
  await Promise.all(bytes.map(async (byte) => {
    const value = byteAt(place, byte);
    const answer = await sendRaw(server.port, rawRequest(reading, value));
    const outcome = readOutcome(answer);
    const expected = expectedOverSocket(place, byte);
    if (expected.includes(outcome)) return;
    wrong.push(`${hex(byte)} is ${outcome}, not ${expected}`);
  }));
  assert.deepEqual(wrong, [], describe(reading, place));
}

/**
 * What may come out; "refused" is what a runtime does by itself, without a word
 * of ours.
 */
function expectedOverSocket(place: Place, byte: string): readonly string[] {
  const isDeno = !("Bun" in globalThis);
  if (isDeno && byte === "\n") {
    // RFC 9112 §2.2 lets a line feed alone end a line. Behind a value it then
    // ends it as a tab would; what stands behind it is another line.
    if (place.after === "") return [place.expected("\t")];
    return ["refused", place.expected("\x01")];
  }
  if (isDeno && byte === "\x7f") return ["refused"];
  const isControl = byte < " " && byte !== "\t";
  return [isControl ? "refused" : place.expected(byte)];
}

function rawRequest(
  { field, line, headers, body = "" }: Omit<Reading, "places">,
  value: string,
): Buffer {
  const fields: Record<string, string> = {
    host: "onejot.test",
    connection: "close",
    ...headers,
    [field]: value,
  };
  if (body !== "") fields["content-length"] = String(body.length);
  const lines = Object.entries(fields).map(([name, text]) =>
    `${name}: ${text}`
  );
  const head = [`${line} HTTP/1.1`, ...lines, "", ""].join("\r\n");
  return Buffer.from(head + body, "latin1");
}

/** A status and Location; or that the runtime has refused it by itself. */
function readOutcome(answer: string): string {
  const [head = ""] = answer.split("\r\n\r\n");
  if (!/^x-request-id: /im.test(head)) return "refused";
  const status = Number(head.split(" ")[1]);
  const location = /^location: (?<path>.*)$/im.exec(head)?.groups?.["path"];
  return outcomeOf(status, location?.trimEnd() ?? null);
}
