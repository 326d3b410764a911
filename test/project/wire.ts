/**
 * Records all that a client and an operator see of a checkout, to compare it
 * with another one: each answer's status, fields and body, each server's log,
 * each command's exit code and texts. What no two runs share has a placeholder.
 * Record: `bun test/project/wire.ts ROOT bun|deno OUT.json`
 * Compare: `bun test/project/wire.ts --compare BEFORE.json AFTER.json`, exit
 * code 1 if they differ.
 * Refused: a server that does not start, a login that gives no tokens.
 */

import { Buffer } from "node:buffer";
import { type ChildProcess, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { DatabaseSync } from "node:sqlite";
import { gunzipSync } from "node:zlib";

type Variables = Readonly<Record<string, string>>;
type Fields = Readonly<Record<string, string>>;

/** The checkout, and where its servers and commands may write. */
interface Checkout {
  readonly root: string;
  readonly runtime: "bun" | "deno";
  readonly folder: string;
}

/** What goes with a request; of `form`, `json` and `body` one at most. */
interface Sent {
  readonly token?: string;
  readonly form?: Fields;
  readonly json?: unknown;
  /** A text has one character for each byte. */
  readonly body?: string;
  readonly type?: string;
  readonly headers?: Fields;
  /** This machine's address and the server's port by default. */
  readonly host?: string;
  /** The bytes of the whole request, instead of all others. */
  readonly raw?: string;
}

/** A request that is recorded: its line, and what is special about it. */
type Row = readonly [line: string, label: string, sent?: Sent];

interface Answer {
  readonly status: number;
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly text: string;
}

interface Tokens {
  readonly token: string;
  readonly refreshToken: string;
  readonly sid: string;
}

const secret = "zmoohq8iVtP4Ocyy8RcIof4l8vL1SwxM_sp1j3EZ3io";
const password = "correct horse battery staple";
const newPassword = "another password";
const [admin, ada, bob] = [
  "admin@example.org",
  "ada@example.org",
  "bob@example.org",
] as const;
const formType = "application/x-www-form-urlencoded";
const jsonType = "application/json";
const multipartType = "multipart/form-data";
const sameOrigin = { "sec-fetch-site": "same-origin" };
const pageFiles = "page: paths of all files";
const html = { accept: "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8" };
const routes: readonly string[] = [
  "GET /healthz",
  "GET /readyz",
  "GET /metrics",
  "POST /login",
  "POST /refresh",
  "GET /forward-auth",
  "GET /forward-auth/nginx",
  "GET /signin",
  "POST /signin",
  "POST /signout",
  "POST /logout",
  "GET /get-user",
  "GET /sessions",
  "DELETE /sessions/x",
  "POST /password",
  "POST /users",
  "GET /users",
  "GET /users/1",
  "PATCH /users/1",
];

async function main(words: readonly string[]): Promise<void> {
  const [first = "", second = "", third = ""] = words;
  if (first === "--compare") return compare(second, third);
  if (third === "" || !isRuntime(second)) {
    throw new TypeError("Usage: bun wire.ts ROOT bun|deno OUT.json");
  }
  const folder = mkdtempSync(join(tmpdir(), "onejot-wire-"));
  const recording = new Recording();
  try {
    const checkout = { root: resolve(first), runtime: second, folder };
    await recordAll(checkout, recording);
    recording.write(third);
    console.log(`${recording.summary()} in ${third}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function isRuntime(word: string): word is Checkout["runtime"] {
  return word === "bun" || word === "deno";
}

/** What was recorded: lines by a name, in the order of the names. */
class Recording {
  readonly #entries = new Map<string, readonly string[]>();

  /** A name that is there already gets a number behind it. */
  add(name: string, lines: readonly string[]): void {
    let own = name;
    for (let number = 2; this.#entries.has(own); number++) {
      own = `${name} (${number})`;
    }
    this.#entries.set(own, lines);
  }

  summary(): string {
    const names = [...this.#entries.keys()];
    const kinds = ["exchange", "command", "server", "page"];
    const counts = kinds.map((kind) => {
      const count = names.filter((name) => name.startsWith(`${kind}: `)).length;
      return `${count} of kind ${kind}`;
    });
    return counts.join(", ");
  }

  write(path: string): void {
    const entries = [...this.#entries].sort(([one], [other]) => {
      return one < other ? -1 : 1;
    });
    const object = Object.fromEntries(entries);
    writeFileSync(path, `${JSON.stringify(object, null, 1)}\n`);
  }
}

function compare(before: string, after: string): void {
  const [old, now] = [readRecording(before), readRecording(after)];
  const names = [...new Set([...old.keys(), ...now.keys()])].sort();
  let equal = 0;
  let different = 0;
  for (const name of names) {
    const [one, other] = [old.get(name), now.get(name)];
    if (JSON.stringify(one) === JSON.stringify(other)) {
      equal++;
      continue;
    }
    const isCounted = name !== pageFiles; // which move with the source
    if (isCounted) different++;
    console.log(`\n${name}${isCounted ? "" : " (not counted)"}`);
    if (one === undefined) console.log("  is new");
    else if (other === undefined) console.log("  is gone");
    else for (const line of difference(one, other)) console.log(`  ${line}`);
  }
  console.log(`${equal} equal, ${different} different`);
  if (different > 0) process.exitCode = 1;
}

function readRecording(path: string): Map<string, readonly string[]> {
  return new Map(Object.entries(JSON.parse(readFileSync(path, "utf8"))));
}

/** The lines between what both begin with and what both end with. */
function difference(
  before: readonly string[],
  after: readonly string[],
): readonly string[] {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start++;
  let end = 0;
  while (
    end < shorter - start && before.at(-1 - end) === after.at(-1 - end)
  ) end++;
  return [
    ...before.slice(start, before.length - end).map((line) => `- ${line}`),
    ...after.slice(start, after.length - end).map((line) => `+ ${line}`),
  ];
}

async function recordAll(
  checkout: Checkout,
  recording: Recording,
): Promise<void> {
  const site = new Site(checkout, recording);
  await site.addAccounts();
  await recordLogins(site);
  await recordTokens(site);
  await recordFields(site);
  await recordMembers(site);
  await recordBodies(site);
  await recordTexts(site);
  await recordGuards(site);
  await recordIds(site);
  await recordSessions(site);
  await recordUsers(site);
  await recordPages(site);
  await recordOrigins(site);
  await recordForwardAuth(site);
  await recordMethods(site);
  await recordTargets(site);
  await recordHosts(site);
  await recordMounted(site);
  await recordStrictStatus(site);
  await recordProxied(site);
  await recordMonitors(site);
  await recordRotation(site);
  await recordThrottled(site);
  await recordBusy(site);
  await recordBroken(site);
  await recordTrial(site);
  await recordHelp(site);
  await recordSettings(site);
  await recordAccountCommands(site);
  await recordTokenCommands(site);
}

/** Logins that are right, wrong, and sent in each way. */
async function recordLogins(site: Site): Promise<void> {
  await site.serve("logins", {}, async (server) => {
    const fields = { email: ada, password };
    const form = String(new URLSearchParams(fields));
    const json = JSON.stringify(fields);
    const line = "POST /login";
    await server.record([
      [line, "as a form", { form: fields }],
      [line, "as a form with charset", {
        body: form,
        type: `${formType}; charset=UTF-8`,
      }],
      [line, "as a form in capitals", {
        body: form,
        type: formType.toUpperCase(),
      }],
      [line, "as multipart", multipart(fields)],
      [line, "as JSON", { json: fields }],
      [line, "as JSON with charset", {
        body: json,
        type: `${jsonType};charset=utf-8`,
      }],
      [line, "as JSON, and other members", {
        json: { ...fields, remember: true, is_admin: true, user_id: 1 },
      }],
      [line, "with an address in capitals", {
        form: { ...fields, email: "ADA@Example.Org" },
      }],
      [`${line}?email=x&x=%zz`, "with a query", { form: fields }],
      [line, "with a bad token", { form: fields, token: "nonsense" }],
      [line, "of an administrator", { form: { email: admin, password } }],
      [line, "that asks for HTML", { form: fields, headers: html }],
      [line, "that takes gzip", {
        form: fields,
        headers: { "accept-encoding": "gzip" },
      }],
      [line, "that expects 100-continue", {
        form: fields,
        headers: { expect: "100-continue" },
      }],
      [line, "in chunks", {
        raw: head("POST /login HTTP/1.1", [
          `Content-Type: ${formType}`,
          "Transfer-Encoding: chunked",
        ]) + `${form.length.toString(16)}\r\n${form}\r\n0\r\n\r\n`,
      }],
      [line, "with the largest body that is read", {
        body: `${form}&x=`.padEnd(16_384, "x"),
        type: formType,
      }],
    ]);
    await server.record(wrongLogins(line, {}));
  });
}

function wrongLogins(line: string, headers: Fields): readonly Row[] {
  // deno-fmt-ignore
  const emails = [
    "", "@", "ada", "ada@", "@example.org", "ada@@example.org",
    "ada@example.org@", "ada@example.org\0", " ada@example.org", "a b@c.d",
    "ada@example.org\n", "\u00e4da@example.org", "ada\uff20example.org",
    "ada@example.org' OR '1'='1", "nobody@example.org", "a".repeat(255),
    `${"a".repeat(243)}@example.org`, "bob@example.org",
  ];
  // deno-fmt-ignore
  const passwords = [
    "", "wrong", `${password} `, ` ${password}`, password.toUpperCase(),
    `${password}\0`, `\0${password}`, password.slice(1), "\ud800",
    "' OR '1'='1", "x".repeat(1025), "x".repeat(12_000),
  ];
  return [
    ...emails.map((email): Row => {
      const json = { email, password: `${password}?` };
      return [line, `e-mail ${short(email)}`, { json, headers }];
    }),
    ...passwords.map((tried): Row => {
      const json = { email: ada, password: tried };
      return [line, `password ${short(tried)}`, { json, headers }];
    }),
  ];
}

/** Tokens of every kind of fault, and every form of Authorization. */
async function recordTokens(site: Site): Promise<void> {
  await site.serve("tokens", {}, async (server) => {
    const own = await server.logIn(ada);
    const other = await server.logIn(bob);
    const ended = await server.logIn(ada);
    await server.ask("POST /logout", { token: ended.token });
    const tokens = forgedTokens(own, { other, ended });
    for (const [name, token] of Object.entries(tokens)) {
      const short = token.length < 9000;
      const headers = { authorization: `Bearer ${token}` };
      await server.record([
        ["GET /get-user", name, { headers }],
        ["GET /forward-auth/nginx", name, { headers: { ...headers, ...html } }],
        ...(short
          ? [
            ["GET /get-user", `${name}, alone`, {
              headers: { authorization: token },
            }] as const,
          ]
          : []),
      ]);
    }
    for (const [name, value] of authorizations(own.token)) {
      await server.record([
        ["GET /get-user", `Authorization ${name}`, {
          headers: { authorization: value },
        }],
        ["GET /forward-auth", `Authorization ${name}`, {
          headers: { authorization: value },
        }],
      ]);
    }
    const twice: readonly (readonly [string, string, string])[] = [
      ["two Bearers", `Bearer ${own.token}`, `Bearer ${own.token}`],
      ["Basic before Bearer", "Basic eDp5", `Bearer ${own.token}`],
      ["Bearer before Basic", `Bearer ${own.token}`, "Basic eDp5"],
      ["two tokens alone", own.token, own.token],
      ["an empty one behind", `Bearer ${own.token}`, ""],
    ];
    for (const [name, one, two] of twice) {
      const fields = [`Authorization: ${one}`, `Authorization: ${two}`];
      await server.record(["/get-user", "/forward-auth/nginx"].map((path) => {
        const raw = head(`GET ${path} HTTP/1.1`, fields);
        return [`GET ${path}`, `two fields, ${name}`, { raw }];
      }));
    }
    await server.record([
      ["GET /get-user", "without a token"],
      ["HEAD /get-user", "without a token"],
      ["HEAD /get-user", "with a token", { token: own.token }],
      ["GET /get-user?token=x&x=%zz", "with a query", { token: own.token }],
      [`GET /get-user?access_token=${own.token}`, "the token in the query"],
      ["GET /get-user", "a token in a cookie", {
        headers: { cookie: `token=${own.token}` },
      }],
      ["GET /get-user", "a token in X-Access-Token", {
        headers: { "x-access-token": own.token },
      }],
      ["GET /get-user", "a token in Proxy-Authorization", {
        headers: { "proxy-authorization": `Bearer ${own.token}` },
      }],
      ["GET /healthz", "with a bad token", { token: "nonsense" }],
      ["GET /metrics", "after all of these"],
    ]);
  });
}

interface OtherTokens {
  readonly other: Tokens;
  readonly ended: Tokens;
}

function forgedTokens(own: Tokens, { other, ended }: OtherTokens): Fields {
  const now = Math.floor(Date.now() / 1000);
  const exp = now + 3600;
  const { sid, token } = own;
  const [header = "", payload = "", mac = ""] = token.split(".");
  const sub = "2";
  const claims: Readonly<Record<string, object>> = {
    "of the tutorial": { user_id: 2, exp },
    "with a sub": { user_id: 2, exp, sub },
    "with other claims": { user_id: 2, exp, sub, other: [], jti: "x" },
    "with half a second": { user_id: 2, exp: exp + 0.5 },
    "with an iat": { user_id: 2, exp, iat: now - 60 },
    "with an iat of 1970": { user_id: 2, exp, iat: 0 },
    "with an iat to come": { user_id: 2, exp, iat: exp },
    "with a session": { user_id: 2, exp, sid },
    "with an issuer": { user_id: 2, exp, iss: "somebody" },
    "without exp": { user_id: 2, iat: now },
    "expired": { user_id: 2, exp: now - 60 },
    "expired now": { user_id: 2, exp: now },
    "expired long ago": { user_id: 2, exp: 1 },
    "not valid yet": { user_id: 2, exp, nbf: exp - 60 },
    "with an exp as text": { user_id: 2, exp: String(exp) },
    "with exp null": { user_id: 2, exp: null },
    "with exp true": { user_id: 2, exp: true },
    "with a list as exp": { user_id: 2, exp: [exp] },
    "with an exp below 0": { user_id: 2, exp: -1 },
    "with an audience": { user_id: 2, exp, aud: "another service" },
    "with no audience in a list": { user_id: 2, exp, aud: [] },
    "with a number as audience": { user_id: 2, exp, aud: [1] },
    "with an issuer that is no URI": { user_id: 2, exp, iss: "a:b c" },
    "with a number as sub": { user_id: 2, exp, sub: 2 },
    "with an iat as text": { user_id: 2, exp, iat: "now" },
    "with nbf null": { user_id: 2, exp, nbf: null },
    "with a number as jti": { user_id: 2, exp, jti: 1 },
    "of another user": { user_id: 1, exp },
    "of nobody": { user_id: 99, exp },
    "without user_id": { exp, sub },
    "of another user's session": { user_id: 2, exp, sid: other.sid },
    "of a session and another user": { user_id: 3, exp, sid },
    "of a session that is gone": { user_id: 2, exp, sid: ended.sid },
  };
  const ids = ["2", 0, -1, 1.5, null, true, [2], {}, 2 ** 53, 1e300, "two"];
  const subs = ["1", "", "02", "2.0", " 2", ada, "null"];
  const sids = [null, 0, true, [sid], {}, "", ` ${sid}`, `${sid}A`, "'", "%"];
  const signed = {
    ...claims,
    ...named(ids, (user_id) => ({ user_id, exp }), "with user_id"),
    ...named(subs, (other) => ({ user_id: 2, exp, sub: other }), "with sub"),
    ...named(sids, (other) => ({ user_id: 2, exp, sid: other }), "with sid"),
    "with a part of the sid": { user_id: 2, exp, sid: sid.slice(0, 21) },
    "with a sid of NUL": { user_id: 2, exp, sid: "\0" },
    "with a long sid": { user_id: 2, exp, sid: "x".repeat(4000) },
  };
  const good = JSON.stringify({ user_id: 2, exp });
  const algs = ["none", "None", "nOnE", "", "HS512", "HS384", "RS256", "ES256"];
  const headers: Readonly<Record<string, unknown>> = {
    ...named(
      [...algs, "hs256", "HS256 ", 1, null, ["HS256"]],
      (alg) => ({ typ: "JWT", alg }),
      "true MAC, alg",
    ),
    ...named(
      [["b64"], ["exp"], [], null, "b64"],
      (crit) => ({ alg: "HS256", crit, b64: true }),
      "true MAC, crit",
    ),
    ...named(
      ["a", "", 0, null, true, [], {}, "../../dev/null", "' OR 1"],
      (kid) => ({ alg: "HS256", kid }),
      "true MAC, kid",
    ),
    ...named(
      ["JWT", "jwt", "at+jwt", "application/jwt", "", 1, null],
      (typ) => ({ alg: "HS256", typ }),
      "true MAC, typ",
    ),
    "true MAC, alg alone": { alg: "HS256" },
    "true MAC, no alg": { typ: "JWT" },
    "true MAC, ALG": { typ: "JWT", ALG: "HS256" },
    "true MAC, empty header": {},
    "true MAC, cty": { alg: "HS256", cty: "JWT" },
    "true MAC, a jwk": { alg: "HS256", jwk: { kty: "oct", k: "AA" } },
    "true MAC, zip": { alg: "HS256", zip: "DEF" },
  };
  // deno-fmt-ignore
  const headerTexts = [
    "", "null", '"HS256"', '[{"alg":"HS256"}]', '{"alg":"HS256"',
    '{"alg":"HS256"}x', '\ufeff{"alg":"HS256"}', '{"alg":"HS256","a":"',
    '{"alg":"HS256","typ":"JWT","alg":"none"}', ' {"alg":"HS256"} ',
    '{"alg":"none","alg":"HS256"}', '{"alg":"HS256","\\u0061lg":"none"}',
  ];
  // deno-fmt-ignore
  const payloads = [
    "", "null", "1", '"x"', `[${good}]`, good.slice(0, -1), `${good}x`,
    `\ufeff${good}`, '{"user_id":2,"exp":1e999}', `{"exp":1,${good.slice(1)}`,
  ];
  const none = encoded('{"alg":"none"}');
  const parts: Readonly<Record<string, string>> = {
    "one part": header,
    "two parts": `${header}.${payload}`,
    "an empty MAC": `${header}.${payload}.`,
    "an empty payload": `${header}..${mac}`,
    "an empty header": `.${payload}.${mac}`,
    "dots alone": "..",
    "four parts": `${token}.`,
    "five parts": `${header}..${header}.${payload}.${mac}`,
    "another order": `${payload}.${header}.${mac}`,
    "alg none without MAC": `${none}.${payload}.`,
    "alg none with MAC": `${none}.${payload}.${mac}`,
    "a changed header": `${other64(header)}.${payload}.${mac}`,
    "a changed payload": `${header}.${other64(payload)}.${mac}`,
    "a changed MAC": `${header}.${payload}.${other64(mac)}`,
    "a MAC that is cut": token.slice(0, -1),
    "a MAC that is longer": `${token}A`,
    "padding": `${token}=`,
    "another alphabet": `${header}.${payload}.+${mac.slice(1)}`,
    "an exclamation mark": `${token}!`,
    "a letter": "x",
    "the scheme": "Bearer",
    "a refresh token": ended.refreshToken,
    "a session's name": sid,
    "the login's own": token,
    "of a session that was logged out": ended.token,
    "another key": forge(good, undefined, "another secret, of 32 bytes too."),
    "a key of zeros": forge(good, undefined, "\0".repeat(32)),
    "no key": forge(good, undefined, ""),
    "a nested token": forge(forge(good)),
    "of 8,193 characters": forgedOf(8193),
    "of 8,192 characters": forgedOf(8192),
    "of 12,000 characters": forgedOf(12_000),
  };
  return {
    ...mapped(signed, (claims) => forge(JSON.stringify(claims))),
    ...mapped(headers, (header) => forge(good, JSON.stringify(header))),
    ...Object.fromEntries(headerTexts.map((text) => {
      return [`true MAC, header ${short(text)}`, forge(good, text)];
    })),
    ...Object.fromEntries(payloads.map((text, index) => {
      return [`true MAC, payload ${index + 1}`, forge(text)];
    })),
    ...parts,
  };
}

function authorizations(token: string): readonly (readonly [string, string])[] {
  return [
    ["bearer", `bearer ${token}`],
    ["BEARER and spaces", `BEARER   ${token}`],
    ["Bearer and nothing", "Bearer"],
    ["Bearer and a space", "Bearer "],
    ["Bearer twice", `Bearer Bearer ${token}`],
    ["Bearer and a tab", `Bearer\t${token}`],
    ["Bearer and a colon", `Bearer:${token}`],
    ["Bearer and a comma", `Bearer, ${token}`],
    ["Bearer and more behind", `Bearer ${token} x`],
    ["Bearer and a comma behind", `Bearer ${token},`],
    ["Bearer and two tokens", `Bearer ${token}, Bearer ${token}`],
    ["Bearer and quotes", `Bearer "${token}"`],
    ["Bearer and a parameter", `Bearer token=${token}`],
    ["Bearerx", `Bearerx ${token}`],
    ["Basic and a token", `Basic ${token}`],
    ["Basic", "Basic YWRhOnNlY3JldA=="],
    ["Basic without more", "Basic"],
    ["Digest", 'Digest username="a", response="x"'],
    ["Token", `Token ${token}`],
    ["JWT", `JWT ${token}`],
    ["a token in quotes", `"${token}"`],
    ["a token twice", `${token} ${token}`],
    ["a comma first", `, ${token}`],
    ["empty", ""],
    ["a space", " "],
    ["letters beyond ASCII", `Bearer \xe9${token}`],
    ["a NUL", `Bearer \0${token}`],
    ["a DEL", `Bearer \x7f${token}`],
  ];
}

/** What every route refuses that takes fields, as a form or as JSON. */
async function recordFields(site: Site): Promise<void> {
  await site.serve("fields", {}, async (server) => {
    const { token, refreshToken } = await server.logIn(ada);
    const login = { email: ada, password };
    const refresh = { refresh_token: refreshToken };
    const change = { password, new_password: newPassword };
    await server.record(fieldRows("POST /login", login, {}));
    await server.record(fieldRows("POST /refresh", refresh, {}));
    await server.record(fieldRows("POST /logout", refresh, {}));
    await server.record(fieldRows("POST /password", change, { token }));
    await server.record(
      fieldRows("POST /signin", login, { headers: sameOrigin }),
    );
    await server.record([["GET /metrics", "after all of these"]]);
  });
}

function fieldRows(line: string, good: Fields, given: Sent): readonly Row[] {
  const names = Object.keys(good);
  const form = String(new URLSearchParams(good));
  const json = JSON.stringify(good);
  const as = (type: string, body: string, headers: Fields = {}): Sent => {
    return { ...given, type, body, headers: { ...given.headers, ...headers } };
  };
  // deno-fmt-ignore
  const types = [
    "text/plain", "text/json", "application/xml", `${formType}x`, "*/*",
    "multipart/mixed", "application/octet-stream", `"${jsonType}"`, ";",
    `${formType}, ${jsonType}`, `${formType} charset=utf-8`, "/",
  ];
  const noJson = ["", "{", "x", "'x'", '{"a":1,}', "NaN", "[".repeat(3000)];
  const noObject = ["[]", "null", "1", '"x"', "true", `[${json}]`];
  const file = (name: string) => multipart(good, name);
  return [
    ...types.map((type): Row => [line, `type ${type}`, as(type, form)]),
    [line, "without a type", { ...given, body: form }],
    [line, "without a body", given],
    [line, "with an empty form", as(formType, "")],
    [line, "gzip", as(formType, form, { "content-encoding": "gzip" })],
    [line, "identity", as(jsonType, json, { "content-encoding": "identity" })],
    ...noJson.map((text): Row => {
      return [line, `no JSON ${short(text)}`, as(jsonType, text)];
    }),
    [line, "JSON and more", as(jsonType, `${json}x`)],
    [line, "a form as JSON", as(jsonType, form)],
    ...noObject.map((text, index): Row => {
      return [line, `no JSON object ${index + 1}`, as(jsonType, text)];
    }),
    [line, "a form that is no UTF-8", as(formType, `${form}\xff`)],
    [line, "JSON that is no UTF-8", as(jsonType, `${json}\xff`)],
    [line, "JSON in UTF-16", as(jsonType, utf16(json))],
    [line, "multipart without a boundary", as(multipartType, form)],
    [line, "no multipart", as(`${multipartType}; boundary=x`, form)],
    [line, "an empty boundary", as(`${multipartType}; boundary=`, form)],
    [
      line,
      "another boundary",
      as(`${multipartType}; boundary=y`, multipart(good).body),
    ],
    [line, "multipart", { ...given, ...multipart({ x: "y" }) }],
    [line, "none in the form", { ...given, form: { x: "y" } }],
    [line, "none in JSON", { ...given, json: {} }],
    [line, "__proto__", as(jsonType, `{"__proto__":${json}}`)],
    [line, "too large a form", as(formType, `${form}&x=`.padEnd(16_385, "x"))],
    [line, "too large JSON", {
      ...given,
      json: { ...good, x: "x".repeat(16_384) },
    }],
    [line, "too large, of another type", as("text/plain", "x".repeat(17_000))],
    ...names.flatMap((name): Row[] => {
      const { [name]: value = "", ...others } = good;
      const once = String(new URLSearchParams({ [name]: value }));
      return [
        [line, `form without ${name}`, {
          ...given,
          form: { ...others, x: "y" },
        }],
        [line, `JSON without ${name}`, { ...given, json: others }],
        [line, `${name} in capitals`, {
          ...given,
          json: { ...others, [name.toUpperCase()]: "x" },
        }],
        [line, `${name} twice`, as(formType, `${form}&${once}`)],
        [line, `${name} twice, empty`, as(formType, `${form}&${name}=`)],
        [line, `${name} as a file`, {
          ...given,
          ...file(name),
        }],
        ...[1, true, null, [value], {}, 0].map((other, index): Row => {
          const json = { ...good, [name]: other };
          return [line, `${name} no text ${index + 1}`, { ...given, json }];
        }),
      ];
    }),
  ];
}

/** What every route refuses that takes the members of a JSON object. */
async function recordMembers(site: Site): Promise<void> {
  await site.serve("members", {}, async (server) => {
    const { token } = await server.logIn(admin);
    const user = { email: "new@example.org", password, is_admin: false };
    const change = { is_admin: true, is_disabled: true, password };
    await server.record(memberRows("POST /users", user, token));
    await server.record(memberRows("PATCH /users/2", change, token));
    await server.record([["GET /users", "after all of these", { token }]]);
  });
}

function memberRows(
  line: string,
  good: Readonly<Record<string, string | boolean>>,
  token: string,
): readonly Row[] {
  const text = JSON.stringify(good);
  const as = (type: string, body: string): Sent => ({ token, type, body });
  const types = ["text/plain", formType, "application/json-patch+json", ""];
  const strange = ["id", "Email", "created", "__proto__", "user_id", ""];
  return [
    ...types.map((type): Row => [line, `type ${type}`, as(type, text)]),
    [line, "as multipart", { token, ...multipart({ email: ada, password }) }],
    [line, "without a type", { token, body: text }],
    [line, "without a body", { token }],
    [line, "gzip", {
      ...as(jsonType, text),
      headers: { "content-encoding": "gzip" },
    }],
    ...["", "{", "{}x", `${text},`, "x=y", `${text}\xff`].map(
      (body, index): Row => [line, `no JSON ${index + 1}`, as(jsonType, body)],
    ),
    ...["[]", "null", "1", '"x"', `[${text}]`].map((body, index): Row => {
      return [line, `no JSON object ${index + 1}`, as(jsonType, body)];
    }),
    [line, "no member", { token, json: {} }],
    ...strange.map((name): Row => {
      const body = `${text.slice(0, -1)},${JSON.stringify(name)}:"x"}`;
      return [line, `and a member ${name}`, as(jsonType, body)];
    }),
    [line, "too large", {
      token,
      json: { ...good, password: "x".repeat(16_384) },
    }],
    ...Object.entries(good).flatMap(([name, value]): Row[] => {
      const { [name]: _missing, ...others } = good;
      const other = typeof value === "string" ? true : "true";
      return [
        ...[1, 0, null, [], {}, [value], other].map((wrong, index): Row => {
          const json = { ...good, [name]: wrong };
          return [line, `${name} of a wrong type ${index + 1}`, {
            token,
            json,
          }];
        }),
        ...(line.startsWith("POST") && name !== "is_admin"
          ? [[line, `without ${name}`, { token, json: others }] as const]
          : []),
      ];
    }),
  ];
}

/** Bodies whose length or chunks are broken, and one that is late. */
async function recordBodies(site: Site): Promise<void> {
  await site.serve("bodies", {}, async (server) => {
    const body = `email=${ada}&password=wrong`;
    const post = (fields: readonly string[], text: string): Sent => ({
      raw: head("POST /login HTTP/1.1", [
        `Content-Type: ${formType}`,
        ...fields,
      ]) + text,
    });
    const lengths = ["x", "-1", "+5", "0x10", "", "1e1", "3 4", "5, 6", "9e9"];
    const codings = ["gzip", "identity", "xchunked", "chunked, gzip"];
    const sizes = ["zz", "-5", "f".repeat(18), " ", "0x5", "5"];
    const chunked = "Transfer-Encoding: chunked";
    const chunk = `1000\r\n${"x".repeat(4096)}\r\n`;
    await server.record([
      ...lengths.map((length): Row => {
        const sent = post([`Content-Length: ${length}`], body);
        return ["POST /login", `Content-Length ${short(length)}`, sent];
      }),
      ...codings.map((coding): Row => {
        const sent = post([`Transfer-Encoding: ${coding}`], body);
        return ["POST /login", `Transfer-Encoding ${coding}`, sent];
      }),
      ...sizes.map((size): Row => {
        const text = `${size}\r\n${body}\r\n0\r\n\r\n`;
        return ["POST /login", `chunk ${short(size)}`, post([chunked], text)];
      }),
      ["POST /login", "two lengths", {
        ...post(
          [`Content-Length: ${body.length}`, "Content-Length: 3"],
          body,
        ),
      }],
      ["POST /login", "a length and chunks", {
        ...post([`Content-Length: ${body.length}`, chunked], body),
      }],
      ["POST /login", "too much in chunks", {
        ...post([chunked], `${chunk.repeat(5)}0\r\n\r\n`),
      }],
      ["POST /login", "a length beyond the limit", {
        ...post(["Content-Length: 20000"], body),
      }],
      ["POST /login", "a length beyond Bun's limit", {
        ...post(["Content-Length: 1048577"], body),
      }],
      ["POST /login", "two types", {
        ...post(
          [`Content-Type: ${jsonType}`, `Content-Length: ${body.length}`],
          body,
        ),
      }],
      ["POST /login", "too late", {
        ...post([`Content-Length: ${body.length + 1}`], body),
      }],
      ["POST /nowhere", "a long body", { body: "x".repeat(17_000) }],
      ["GET /get-user", "a head beyond Bun's limit", {
        headers: { "x-long": "x".repeat(17_000) },
      }],
      ["GET /get-user", "a head beyond both limits", {
        headers: { "x-long": "x".repeat(80_000) },
      }],
      ["GET /get-user", "many fields", {
        raw: head(
          "GET /get-user HTTP/1.1",
          Array<string>(300).fill("X-Many: x"),
        ),
      }],
      ["GET /get-user", "a field without a colon", {
        raw: head("GET /get-user HTTP/1.1", ["Authorization"]),
      }],
      ["GET /get-user", "a folded field", {
        raw: head("GET /get-user HTTP/1.1", ["X-A: b", " c"]),
      }],
      ["GET /get-user", "a space before the colon", {
        raw: head("GET /get-user HTTP/1.1", ["Authorization : x"]),
      }],
    ]);
  });
}

/** Passwords and addresses that can be none, and refresh tokens. */
async function recordTexts(site: Site): Promise<void> {
  await site.serve("texts", {}, async (server) => {
    const { token } = await server.logIn(admin);
    const own = await server.logIn(ada);
    const other = await server.logIn(bob);
    const passwords: Fields = {
      "empty": "",
      "of 7 bytes": "x".repeat(7),
      "of 7 bytes beyond ASCII": "\u00e9\u00e9\u00e9x",
      "of 1,025 bytes": "x".repeat(1025),
      "of 1,026 bytes beyond ASCII": "\u00e9".repeat(513),
      "with NUL": "long\0enough",
      "with half a character": "long enough\ud800",
    };
    for (const [name, value] of Object.entries(passwords)) {
      const email = "new@example.org";
      await server.record([
        ["POST /password", `a new one ${name}`, {
          token: own.token,
          json: { password, new_password: value },
        }],
        ["POST /users", `a password ${name}`, {
          token,
          json: { email, password: value },
        }],
        ["PATCH /users/2", `a password ${name}`, {
          token,
          json: { is_disabled: true, password: value },
        }],
      ]);
    }
    const emails = ["", "x", "@", "a@", "@b", "a@b@c", "a b@c", "a@b\0"];
    const long = `${"a".repeat(243)}@example.org`;
    for (const email of [...emails, "a@b\n", "\u00e4@b", long]) {
      const json = { email, password };
      await server.record([
        ["POST /users", `e-mail ${short(email)}`, { token, json }],
      ]);
    }
    const good = own.refreshToken;
    const bad: Fields = {
      "empty": "",
      "a letter": "x",
      "87 letters": "x".repeat(87),
      "10,000 letters": "x".repeat(10_000),
      "longer": `${good}x`,
      "shorter": good.slice(1),
      "with another sign": `${good.slice(0, -1)}!`,
      "with a space": ` ${good}`,
      "with another end": good.slice(0, -1) + other64(good.slice(-1)),
      "of two sessions": good.slice(0, 22) + other.refreshToken.slice(22),
      "with padding": `${good}=`,
      "of no session": "A".repeat(22) + good.slice(22),
      "an access token": own.token,
      "a session's name": own.sid,
    };
    for (const [name, value] of Object.entries(bad)) {
      const sent = { form: { refresh_token: value } };
      await server.record([
        ["POST /refresh", `a token ${name}`, sent],
        ["POST /logout", `a refresh token ${name}`, sent],
      ]);
    }
    await server.record([
      ["POST /logout?everywhere=1", "a bad refresh token", {
        form: { refresh_token: "x" },
      }],
      ["GET /get-user", "after all of these", { token: own.token }],
      ["GET /users", "after all of these", { token }],
    ]);
  });
}

/** Routes that want a token or an administrator, from who is none. */
async function recordGuards(site: Site): Promise<void> {
  await site.serve("guards", {}, async (server) => {
    const own = await server.logIn(bob);
    const json = { email: "new@example.org", password };
    const guarded: readonly Row[] = [
      ["GET /get-user", ""],
      ["GET /sessions", ""],
      ["DELETE /sessions/x", ""],
      ["POST /password", "", { form: { password, new_password: password } }],
      ["POST /password", "of another type", { body: "x", type: "text/plain" }],
      ["POST /logout", ""],
      ["POST /logout?everywhere=1", ""],
      ["GET /users", ""],
      ["GET /users?limit=0", ""],
      ["POST /users", "", { json }],
      ["POST /users", "no JSON", { body: "{", type: jsonType }],
      ["POST /users", "of another type", { body: "x", type: "text/plain" }],
      ["GET /users/1", ""],
      ["GET /users/999", ""],
      ["GET /users/x", ""],
      ["GET /users/%zz", ""],
      ["PATCH /users/1", "", { json: { is_disabled: true } }],
      ["PATCH /users/3", "", { json: { is_admin: true } }],
      ["PATCH /users/999", "", { json: { is_admin: true } }],
    ];
    for (const [line, label, sent = {}] of guarded) {
      await server.record([
        [line, `${label} without a token`, sent],
        [line, `${label} with a bad token`, { ...sent, token: "x" }],
        [line, `${label} with a refresh token`, {
          ...sent,
          token: own.refreshToken,
        }],
      ]);
      if (/\/users/.test(line)) {
        await server.record([
          [line, `${label} as no administrator`, { ...sent, token: own.token }],
        ]);
      }
    }
    await server.record([
      ["POST /logout", "a bad token and a good refresh token", {
        token: "x",
        form: { refresh_token: own.refreshToken },
      }],
      ["GET /get-user", "after all of these", { token: own.token }],
    ]);
  });
}

/** Ids in paths, and numbers in queries. */
async function recordIds(site: Site): Promise<void> {
  await site.serve("ids", {}, async (server) => {
    const { token } = await server.logIn(admin);
    const own = await server.logIn(ada);
    const other = await server.logIn(bob);
    // deno-fmt-ignore
    const ids = [
      "0", "-1", "+1", "1.5", "1.0", "1e0", "0x1", "01", "1n", "%201",
      "1%20", "99999999999999999999", "9007199254740993", "999", "NaN",
      "9007199254740991", "%32%00", "%d9%a1", "2,3", "2%2f3", "2;", "me",
      "..%2f2", "__proto__", "constructor", "%zz", "%", "2%", "%ff",
      "%c0%b2", "%ed%a0%80", "2/", "/2", "2/x", "", "%32", "%33",
    ];
    const json = { is_admin: true, is_disabled: true, password: "short" };
    for (const id of ids) {
      await server.record([
        [`GET /users/${id}`, "", { token }],
        [`PATCH /users/${id}`, "", { token, json }],
        [`DELETE /sessions/${id}`, "", { token }],
      ]);
    }
    const bare = own.token;
    await server.record([
      ["GET /Users/2", "", { token }],
      ["GET /%75sers/2", "", { token }],
      ["GET /users//2", "", { token }],
      [`DELETE /sessions/${own.sid}`, "of a user, by an administrator", {
        token,
      }],
      [`DELETE /sessions/${other.sid}`, "of another user", { token: bare }],
      [`DELETE /sessions/${own.sid}x`, "and a letter", { token: bare }],
      [`DELETE /sessions/${own.sid.slice(1)}`, "cut", { token: bare }],
      [`DELETE /sessions/${own.sid}%20`, "and a space", { token: bare }],
      [`DELETE /sessions/${"x".repeat(5000)}`, "", { token: bare }],
      ["DELETE /sessions/%27%20OR%201=1--", "", { token: bare }],
    ]);
    // deno-fmt-ignore
    const numbers = [
      "", "-1", "1.5", "1e3", "0x1", "%201", "+1", "x", "%00", "0", "1",
      "99999999999999999", "9007199254740992", "9007199254740991",
      "200", "201", "2", "3",
    ];
    for (const text of numbers) {
      await server.record([
        [`GET /users?after=${text}`, "", { token }],
        [`GET /users?limit=${text}`, "", { token }],
      ]);
    }
    await server.record([
      ["GET /users?after=1&after=1", "", { token }],
      ["GET /users?limit=1&limit=1", "", { token }],
      ["GET /users?limit=1&after=1", "", { token }],
      ["GET /users?after=2&limit=1", "", { token }],
      ["GET /users?other=1&%zz", "", { token }],
    ]);
    const everywhere = [
      "",
      "0",
      "true",
      "2",
      "11",
      "01",
      "%201",
      "1&everywhere=1",
    ];
    await server.record(everywhere.map((text) => {
      return [`POST /logout?everywhere=${text}`, "", { token }];
    }));
    await server.record([["GET /get-user", "after all of these", { token }]]);
  });
}

/** Refresh tokens, sessions, logouts and a change of the password. */
async function recordSessions(site: Site): Promise<void> {
  await site.serve("sessions", {}, async (server) => {
    const refresh = (token: string): Sent => {
      return { form: { refresh_token: token } };
    };
    const first = await server.logIn(ada);
    const line = "POST /refresh";
    const answer = await server.one(line, "right", refresh(first.refreshToken));
    const second = tokensOf(answer);
    await server.record([
      [line, "repeated", refresh(first.refreshToken)],
      [line, "repeated, as JSON", {
        json: { refresh_token: first.refreshToken },
      }],
      [line, "repeated, as multipart", {
        ...multipart({ refresh_token: first.refreshToken }),
      }],
      [line, "repeated, with a bad token", {
        ...refresh(first.refreshToken),
        token: "nonsense",
      }],
      ["GET /get-user", "with the first token", { token: first.token }],
      ["GET /get-user", "with the second token", { token: second.token }],
      [line, "the successor", refresh(second.refreshToken)],
      [line, "reused", refresh(first.refreshToken)],
      [line, "the successor, when the session is gone", {
        ...refresh(second.refreshToken),
      }],
      ["GET /get-user", "when the session is gone", { token: second.token }],
    ]);
    const one = await server.logIn(ada, { "user-agent": "one/1" });
    await nextSecond(); // or their order is nobody's
    const two = await server.logIn(ada, { "user-agent": "\u009b2J <b>" });
    await nextSecond();
    await server.logIn(ada, { "user-agent": "x".repeat(300) });
    await nextSecond();
    const { token } = one;
    await server.record([
      ["GET /sessions", "in order", { token }],
      [line, "of the first one", refresh(one.refreshToken)],
      ["GET /sessions", "after a refresh, in order", { token }],
    ]);
    const three = await server.logIn(ada);
    const four = await server.logIn(ada);
    await server.record([
      ["GET /sessions", "all of them", { token }],
      ["GET /sessions?x", "with a query", { token: two.token }],
      ["GET /sessions", "by a token without a session", {
        token: forge(JSON.stringify({ user_id: 2, exp: inAnHour() })),
      }],
      [`DELETE /sessions/${two.sid}`, "one of them", { token }],
      [`DELETE /sessions/${two.sid}`, "once more", { token }],
      ["GET /get-user", "with a session that was ended", { token: two.token }],
      ["POST /logout", "by a token without a session", {
        token: forge(JSON.stringify({ user_id: 2, exp: inAnHour() })),
      }],
      ["POST /logout", "by a refresh token", refresh(three.refreshToken)],
      ["POST /logout", "by it once more", refresh(three.refreshToken)],
      ["POST /logout", "by a refresh token in JSON", {
        json: { refresh_token: four.refreshToken },
      }],
      ["POST /logout", "by a token", { token }],
      ["POST /logout", "by it once more", { token }],
    ]);
    const five = await server.logIn(ada);
    const six = await server.logIn(ada);
    await server.record([
      ["POST /logout?everywhere=1", "by a token", { token: five.token }],
      ["GET /get-user", "after a logout everywhere", { token: six.token }],
      ["GET /get-user", "a token of before a logout everywhere", {
        token: forge(
          JSON.stringify({ user_id: 2, exp: inAnHour(), iat: 1 }),
        ),
      }],
    ]);
    const seven = await server.logIn(ada);
    await server.record([
      ["POST /logout?everywhere=1", "by a refresh token", {
        ...refresh(seven.refreshToken),
      }],
      ["GET /get-user", "after that", { token: seven.token }],
    ]);
    await recordPasswords(server);
  });
}

async function recordPasswords(server: Server): Promise<void> {
  const line = "POST /password";
  const [one, two] = [await server.logIn(bob), await server.logIn(bob)];
  const { token } = one;
  const changed = { password, new_password: newPassword };
  await server.record([
    [line, "wrong", { token, form: { ...changed, password: "wrong" } }],
    [line, "wrong and short", {
      token,
      form: { password: "wrong", new_password: "short" },
    }],
    [line, "right", { token, form: changed }],
    ["GET /get-user", "the session that stays", { token }],
    ["GET /get-user", "another session", { token: two.token }],
    [line, "with the old one", { token, form: changed }],
    ["POST /login", "with the old password", {
      form: { email: bob, password },
    }],
    ["POST /login", "with the new password", {
      form: { email: bob, password: newPassword },
    }],
    [line, "as JSON", {
      token,
      json: { password: newPassword, new_password: password },
    }],
    [line, "as multipart, to the same", {
      token,
      ...multipart({ password, new_password: password }),
    }],
  ]);
}

/** What administrators do with accounts. */
async function recordUsers(site: Site): Promise<void> {
  await site.serve("users", {}, async (server) => {
    const { token } = await server.logIn(admin);
    const own = await server.logIn(ada);
    const add = "POST /users";
    const longest = `${"a".repeat(242)}@example.org`;
    await server.record([
      [add, "one", { token, json: { email: "Eve@Example.Org", password } }],
      [add, "an administrator", {
        token,
        json: { email: "root@example.org", password, is_admin: true },
      }],
      [add, "with the longest address and password", {
        token,
        json: { email: longest, password: "x".repeat(1024) },
      }],
      [add, "one with markup", {
        token,
        json: { email: "a&<b>'@x", password },
      }],
      [`${add}?x=%zz`, "with a query", {
        token,
        json: { email: "query@example.org", password },
      }],
      [add, "that is taken", { token, json: { email: ada, password } }],
      [add, "that is taken, in capitals", {
        token,
        json: { email: ada.toUpperCase(), password },
      }],
      ["GET /users", "all", { token }],
      ["HEAD /users", "all", { token }],
      ["GET /users?limit=3", "the first page", { token }],
      ["GET /users?limit=3&after=3", "the second page", { token }],
      ["GET /users?limit=3&after=6", "the third page", { token }],
      ["GET /users/1", "an administrator", { token }],
      ["GET /users/2", "a user", { token }],
      ["HEAD /users/2", "a user", { token }],
      ["GET /users/4", "a new one", { token }],
      ["POST /login", "a new one", {
        form: { email: "eve@example.org", password },
      }],
    ]);
    const change = "PATCH /users/2";
    await server.record([
      [change, "to an administrator", { token, json: { is_admin: true } }],
      ["GET /users/2", "by itself, now", { token: own.token }],
      [change, "to none", { token, json: { is_admin: false } }],
      ["GET /users/2", "by itself, no more", { token: own.token }],
      [change, "nothing new", { token, json: { is_admin: false } }],
      [change, "to disabled", { token, json: { is_disabled: true } }],
      ["GET /get-user", "of one who is disabled", { token: own.token }],
      ["POST /login", "of one who is disabled", {
        form: { email: ada, password },
      }],
      ["POST /refresh", "of one who is disabled", {
        form: { refresh_token: own.refreshToken },
      }],
      [change, "to enabled", { token, json: { is_disabled: false } }],
      ["GET /get-user", "of one who was disabled", { token: own.token }],
      [change, "the password", { token, json: { password: newPassword } }],
      ["POST /login", "with it", {
        form: { email: ada, password: newPassword },
      }],
      [change, "all at once", {
        token,
        json: { is_admin: false, is_disabled: false, password },
      }],
      ["PATCH /users/5", "to disabled", {
        token,
        json: { is_disabled: true },
      }],
      ["PATCH /users/1", "the last one to none", {
        token,
        json: { is_admin: false },
      }],
      ["PATCH /users/1", "the last one to disabled", {
        token,
        json: { is_disabled: true },
      }],
      ["PATCH /users/1", "the last one to none, and a password", {
        token,
        json: { is_admin: false, password },
      }],
      ["PATCH /users/1", "the last one to an administrator", {
        token,
        json: { is_admin: true },
      }],
      ["PATCH /users/999", "nobody, to a short password", {
        token,
        json: { password: "x" },
      }],
      ["GET /users", "after all of these", { token }],
    ]);
  });
}

/** The pages for browsers: what they show, and the way back. */
async function recordPages(site: Site): Promise<void> {
  await site.serve("pages", {}, async (server) => {
    const form = { email: ada, password };
    const [get, post] = ["GET /signin", "POST /signin"];
    const right: Sent = { form, headers: sameOrigin };
    const cookie = await server.signIn(ada);
    const marked = await server.logIn(admin);
    await server.ask("POST /users", {
      token: marked.token,
      json: { email: "a&<b>'\"@x", password },
    });
    await server.record([
      [get, "signed out"],
      [get, "signed in", { headers: { cookie } }],
      ["HEAD /signin", "signed out"],
      ["HEAD /signin", "signed in", { headers: { cookie } }],
      [`${get}?return=/x<script>`, "with a way back"],
      [get, "that takes gzip", { headers: { "accept-encoding": "gzip" } }],
      [get, "signed in with markup", {
        headers: { cookie: await server.signIn("a&<b>'\"@x") },
      }],
      [post, "right", right],
      [post, "right, as multipart", {
        ...multipart(form),
        headers: sameOrigin,
      }],
      [post, "right, as JSON", { json: form, headers: sameOrigin }],
      [post, "right, with another cookie", {
        form,
        headers: { ...sameOrigin, cookie: `onejot=${"A".repeat(43)}` },
      }],
    ]);
    await server.record(wrongLogins(post, sameOrigin));
    // deno-fmt-ignore
    const ways = [
      "/", "/x", "/x?a=1&b=2", "/x?a==?&b=%26+%2B", "/x?return=//evil.x",
      "/a//b", "/@evil.x", "/x/../y", "/.//evil.x", "/%2F%2Fevil.x",
      "/x;y=1,2!$()*~", "/[x]^`{|}", "/%zz", "/&a=b", "/?",
      "", "x", "?x", "&", "//", "//evil.x", "///evil.x", "/\\evil.x",
      "\\/evil.x", "/x\\y", "https://evil.x/", "https:evil.x", ":80",
      "javascript:alert(1)", "%2F%2Fevil.x", "@evil.x", "../x", "%20/x",
    ];
    for (const way of ways) {
      await server.record([
        [`${post}?return=${way}`, "right", right],
        ["GET /forward-auth", `asked for ${way}`, {
          headers: { ...html, "x-forwarded-uri": way },
        }],
      ]);
    }
    // deno-fmt-ignore
    const queries = [
      "?", "?return", "?x=1&return=/x", "?Return=/x", "?return[]=/x",
      "?&return=/x", "?xreturn=/x", "?return%3D/x", "??return=/x",
    ];
    await server.record(queries.map((query) => [post + query, "right", right]));
    await server.record([
      [`${post}?return=/x?a=1`, "wrong", {
        form: { ...form, password: "wrong" },
        headers: sameOrigin,
      }],
      ["POST /signout", "right", { headers: { ...sameOrigin, cookie } }],
      ["POST /signout", "once more", { headers: { ...sameOrigin, cookie } }],
      ["POST /signout", "without a cookie", { headers: sameOrigin }],
      ["POST /signout?x=%zz", "with a query", { headers: sameOrigin }],
      [get, "after all of these", { headers: { cookie } }],
    ]);
  });
}

/** Where the cookie is set and taken, and from which origin. */
async function recordOrigins(site: Site): Promise<void> {
  await site.serve("origins", {}, async (server) => {
    const form = { email: ada, password };
    // deno-fmt-ignore
    const hosts = [
      "localhost", "localhost:8080", "127.0.0.1", "127.255.3.44:65535",
      "[::1]", "[::1]:8080", "app.example.org", "localhost.evil.x",
      "evil.localhost", "localhost.", "a127.0.0.1", "127.0.0.1.1",
      "127.0.0", "128.0.0.1", "0.0.0.0", "[::2]", "LOCALHOST", "10.0.0.1",
    ];
    await server.record(hosts.flatMap((host): Row[] => [
      ["POST /signin", `under ${host}`, { form, host, headers: sameOrigin }],
      ["POST /signout", `under ${host}`, { host, headers: sameOrigin }],
      ["POST /signin", `under ${host}, by its http origin`, {
        form,
        host,
        headers: { origin: `http://${host}` },
      }],
    ]));
    const proxies: readonly Fields[] = [
      { "x-forwarded-for": "192.0.2.1" },
      { "x-forwarded-proto": "https" },
      { "x-forwarded-host": "localhost" },
      { "x-real-ip": "192.0.2.1" },
      { forwarded: "for=192.0.2.1;proto=https" },
      { via: "1.1 x" },
      { "x-forwarded-for": "" },
    ];
    await server.record(proxies.map((fields) => {
      const headers = { ...sameOrigin, ...fields };
      return ["POST /signin", `behind ${text(fields)}`, { form, headers }];
    }));
    const here = `127.0.0.1:${server.port}`;
    const origins: readonly Fields[] = [
      {},
      ...["same-origin", "same-site", "cross-site", "none", "", "Same-Origin"]
        .map((value) => ({ "sec-fetch-site": value })),
      { "sec-fetch-site": "cross-site", origin: `http://${here}` },
      { "sec-fetch-site": "same-origin", origin: "https://evil.x" },
      ...[
        "",
        "null",
        here,
        `//${here}`,
        `http://${here}`,
        `https://${here}`,
        `http://${here}/`,
        `http://${here}0`,
        `HTTP://${here}`,
        `http://user@${here}`,
        "https://evil.x",
        "http://localhost",
        `http://${here}, http://${here}`,
        `https://${here}.evil.x`,
      ].map((origin) => ({ origin })),
      { referer: `http://${here}/` },
    ];
    const { token, refreshToken } = await server.logIn(admin);
    const unsafe: readonly (readonly [string, Sent])[] = [
      ["POST /login", { form }],
      ["POST /refresh", { form: { refresh_token: refreshToken } }],
      ["PATCH /users/2", { token, json: { is_disabled: false } }],
      ["POST /users", { token, json: { email: ada, password } }],
      ["DELETE /sessions/x", { token }],
      ["PUT /users/1", { token, json: {} }],
      ["POST /nowhere", {}],
      ["POST /logout", {}],
      ["GET /get-user", { token }],
      ["OPTIONS /login", {}],
      ["HEAD /signin", {}],
    ];
    for (const origin of origins) {
      const label = text(origin).replaceAll(here, "HOST");
      const headers = { ...origin, cookie: "onejot=x" };
      await server.record([
        ["POST /signin", label, { form, headers: origin }],
        ["POST /signout", label, { headers: origin }],
        ...unsafe.map(([line, sent]): Row => {
          return [line, `with the cookie, ${label}`, { ...sent, headers }];
        }),
      ]);
    }
    // deno-fmt-ignore
    const cookies = [
      "", "x=1", "x-onejot=1", "onejot2=1", "onejot", "__Host-onejot=",
      "a=b; onejot=x", "a=b;onejot=x;c=d", "a=b, onejot=x", "Onejot=x",
    ];
    await server.record(cookies.map((cookie) => {
      const sent = { form, headers: { cookie } };
      return ["POST /login", `with Cookie ${short(cookie)}`, sent];
    }));
  });
}

/** Who somebody is, for a proxy. */
async function recordForwardAuth(site: Site): Promise<void> {
  await site.serve("forward-auth", {}, async (server) => {
    const [own, root] = [await server.logIn(ada), await server.logIn(admin)];
    const cookie = await server.signIn(ada);
    const value = cookie.slice("onejot=".length);
    const forged = {
      "x-auth-user-id": "1",
      "x-auth-email": admin,
      "x-auth-admin": "true",
    };
    const evil = "evil.example";
    const ways: readonly (readonly [string, Fields])[] = [
      ["nothing", {}],
      ["HTML", html],
      ["HTML and a path", { ...html, "x-forwarded-uri": "/x?y" }],
      ["HTML and other hosts", {
        ...html,
        "x-forwarded-host": evil,
        "x-forwarded-proto": "http",
        "forwarded": `host=${evil}`,
        "x-original-url": `https://${evil}/`,
        "referer": `//${evil}`,
      }],
      ["*/*", { accept: "*/*", "x-forwarded-uri": "/x" }],
      ["JSON and HTML", { accept: "application/json, text/html" }],
      ["text/*", { accept: "text/*" }],
      ["an empty Accept", { accept: "" }],
      ["a token", { authorization: `Bearer ${own.token}` }],
      ["a token alone", { authorization: own.token }],
      ["an administrator's token", { authorization: root.token }],
      ["a token and forged fields", {
        ...forged,
        authorization: own.token,
      }],
      ["forged fields", forged],
      ["a cookie", { cookie }],
      ["a cookie and HTML", { ...html, cookie }],
      ["a cookie and forged fields", { ...forged, cookie }],
      ["a cookie among others", { cookie: `a=b; ${cookie}; c=d` }],
      ["a cookie without spaces", { cookie: `a=b;${cookie};c=d` }],
      ["a cookie and a bad token", { cookie, authorization: "x" }],
      ["a cookie and another's token", { cookie, authorization: root.token }],
      ["a bad cookie and a token", {
        cookie: "onejot=x",
        authorization: own.token,
      }],
      ["a cookie and Basic", { cookie, authorization: "Basic eDp5" }],
      ["Basic and HTML", { ...html, authorization: "Basic eDp5" }],
      ["a cookie and an empty Authorization", { cookie, authorization: "" }],
      ["a cookie behind a proxy", { cookie, "x-forwarded-proto": "https" }],
      ["__Host- behind a proxy", {
        cookie: `__Host-${cookie}`,
        "x-forwarded-proto": "https",
      }],
      ["__Host- here", { cookie: `__Host-${cookie}` }],
      ["a cookie twice", { cookie: `${cookie}; ${cookie}` }],
      ["a cookie and an empty one", { cookie: `${cookie}; onejot=` }],
      ["an empty cookie", { cookie: "onejot=" }],
      ["a cookie in quotes", { cookie: `onejot="${value}"` }],
      ["a cookie and a letter", { cookie: `${cookie}A` }],
      ["a cookie in small letters", { cookie: cookie.toLowerCase() }],
      ["a cookie of another name", { cookie: `x${cookie}` }],
      ["a token as cookie", { cookie: `onejot=${own.token}` }],
      ["a session's name as cookie", { cookie: `onejot=${own.sid}` }],
      ["a refresh token as cookie", { cookie: `onejot=${own.refreshToken}` }],
      ["the cookie's secret as token", { authorization: `Bearer ${value}` }],
      ["a long cookie", { cookie: `onejot=${"x".repeat(9000)}` }],
      ["no cookie at all", { cookie: ";;=;" }],
      ["a range", { range: "bytes=0-", "if-none-match": "*" }],
      ["another site", { ...html, "sec-fetch-site": "cross-site" }],
    ];
    for (const [label, headers] of ways) {
      await server.record([
        ["GET /forward-auth", label, { headers }],
        ["GET /forward-auth/nginx", label, { headers }],
      ]);
    }
    for (const path of ["/forward-auth", "/forward-auth/nginx"]) {
      await server.record([
        [`HEAD ${path}`, "a token", { token: own.token }],
        [`HEAD ${path}`, "HTML", { headers: html }],
        [`GET ${path}?return=//evil.example&x=%`, "HTML", { headers: html }],
        [`GET ${path}`, "under another host", {
          host: "app.example.org",
          headers: { cookie: `__Host-${cookie}` },
        }],
        [`GET ${path}`, "two cookie fields", {
          raw: head(`GET ${path} HTTP/1.1`, [
            `Cookie: ${cookie}`,
            "Cookie: onejot=x",
          ], `127.0.0.1:${server.port}`),
        }],
        [`GET ${path}`, "a cookie in the second field", {
          raw: head(`GET ${path} HTTP/1.1`, [
            "Cookie: x=1",
            `Cookie: ${cookie}`,
          ], `127.0.0.1:${server.port}`),
        }],
      ]);
    }
  });
}

/** Every method of every path, and paths that there are not. */
async function recordMethods(site: Site): Promise<void> {
  await site.serve("methods", {}, async (server) => {
    const { token } = await server.logIn(admin);
    const paths = new Set(routes.map((route) => route.split(" ")[1] ?? ""));
    // deno-fmt-ignore
    const methods = [
      "GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE",
      "PROPFIND", "CONNECT", "get", "XYZ",
    ];
    for (const path of paths) {
      for (const method of methods) {
        const line = `${method} ${path}`;
        await server.record([[line, "without a token"]]);
        const isSafe = ["PUT", "OPTIONS", "HEAD", "PROPFIND"].includes(method);
        if (isSafe) await server.record([[line, "with a token", { token }]]);
      }
    }
    // deno-fmt-ignore
    const unknown = [
      "/", "/HEALTHZ", "/Login", "/healthz/", "/healthz.", "/healthz;a=b",
      "/login/x", "/login.json", "/x/healthz", "/favicon.ico", "/users/1/x",
      "/sessions/", "/signin/", "/forward-auth/", "/forward-auth/caddy",
      "/src/main.ts", "/src/page/page.ts", "/package.json", "/.env", "/*",
    ];
    await server.record(unknown.flatMap((path): Row[] => [
      [`GET ${path}`, ""],
      [`POST ${path}`, "", { form: { email: ada, password } }],
      [`OPTIONS ${path}`, ""],
    ]));
    await server.record([["GET /metrics", "after all of these"]]);
  });
}

/** Request lines that are strange or broken. */
async function recordTargets(site: Site): Promise<void> {
  await site.serve("targets", {}, async (server) => {
    // deno-fmt-ignore
    const targets = [
      "/healthz?x", "/healthz?//x/../y#z", "//healthz", "//h/healthz",
      "/%68ealthz", "/healthz#f", "/healthz%00", "/healthz%2F", "/healthz%",
      "/a/../healthz", "/./healthz", "/a/%2e%2E/healthz", "/healthz/..",
      "/a\\..\\healthz", "/healthz\\", "/http://h/healthz", "/%zz", "/%ff",
      "/../../etc/passwd", "/..;/healthz", "/healthz%0d%0a", "/\xc3\xa9",
      "/\xe9", "/healthz\x7f", "/healthz\x01", "/healthz\t", "/a b",
      '/"', "/<x>", "/{a}", "/^`|", "/[b]", "healthz", "*", "?x", "#", "",
      "a:80", ".", "../healthz", "\\healthz", "http://other/healthz",
      "https://other:99999/healthz?x", "http://other/no", "http://other",
      "http://other//healthz", "http://u:p@other/healthz",
      "http://u@other/healthz", "http://other?/healthz", "ftp://a/healthz",
      "http:///healthz", "HTTP://other/healthz", "/get-user?%zz=x",
      "/get-user?token=%", `/${"a".repeat(12_000)}`, "/a".repeat(3000),
      `/${"a".repeat(17_000)}`, `/get-user?${"a".repeat(17_000)}`,
    ];
    const get = (target: string, fields: readonly string[] = []) => {
      return { raw: head(`GET ${target} HTTP/1.1`, fields, "h") };
    };
    await server.record(targets.map((target) => {
      return ["GET", `target ${short(target)}`, get(target)];
    }));
    // deno-fmt-ignore
    const lines = [
      "GET /healthz HTTP/1.0", "GET /healthz HTTP/1.2", "GET /healthz X",
      "GET /healthz HTTP/2.0", "GET /healthz HTTP/0.9", "GET /healthz ",
      "GET /healthz http/1.1", "GET /healthz", "GET", " GET / HTTP/1.1",
      "GE(T /healthz HTTP/1.1", "G ET /healthz HTTP/1.1", "G\xc9T / HTTP/1.1",
      "GET\t/healthz HTTP/1.1", "GET  /healthz HTTP/1.1",
      "Post /login HTTP/1.1",
      "post /login HTTP/1.1", "M-SEARCH /login HTTP/1.1",
      "CONNECT healthz:80 HTTP/1.1", "OPTIONS * HTTP/1.1",
      `X${"A".repeat(500)} /healthz HTTP/1.1`,
    ];
    await server.record(lines.map((line) => {
      return ["line", short(line), { raw: head(line, [], "h") }];
    }));
    await server.record([
      ["line", "nothing but line ends", { raw: "\r\n\r\n" }],
      ["line", "line feeds alone", {
        raw: "GET /healthz HTTP/1.1\nHost: h\nConnection: close\n\n",
      }],
      ["line", "no HTTP at all", { raw: "\x16\x03\x01\x02\0\x01\0\r\n\r\n" }],
    ]);
  });
}

/** Hosts that are well-formed, and those that are not. */
async function recordHosts(site: Site): Promise<void> {
  await site.serve("hosts", {}, async (server) => {
    // deno-fmt-ignore
    const hosts = [
      "localhost", "localhost:8080", "a_b.C-d", "[::1]:80", "h:", "..",
      "h:99999", "  h", "h  ", "", " ", "x/y?z", "a b", "x@y", "[::1",
      "h:123456", "h:80:80", ":80", "a,b", "h\\x", "\xe9", "\xc3\xa9",
      "localhost/healthz?x", "localhost/healthz#", "u:p@h/healthz?",
      "/healthz?", "%41", "h?", "h#", "//h/healthz", "http://h", "::1",
      "[zz]", "[]", "[::1]x", "[a%25b]", "h:b", "h:-1", "h:0x50", "h:80.0",
      "a!b", "a'b", 'a"b', "a<b", "a{b", "a|b", "a^b", "a`b", "a~b", "a$b",
      "a*b", "a(b", "a;b", "a&b", "a=b", "a\0b", "a\x01b", "a\x7fb",
    ];
    await server.record(hosts.flatMap((host): Row[] => [
      ["GET /healthz", `Host ${short(host)}`, {
        raw: head("GET /healthz HTTP/1.1", [], host),
      }],
      ["GET /no", `Host ${short(host)}`, {
        raw: head("GET /no HTTP/1.1", [], host),
      }],
      ["GET http://other/healthz", `Host ${short(host)}`, {
        raw: head("GET http://other/healthz HTTP/1.1", [], host),
      }],
    ]));
    const bare = (line: string, ...fields: readonly string[]): Sent => ({
      raw: [line, ...fields, "Connection: close", "", ""].join("\r\n"),
    });
    const line = "GET /healthz HTTP/1.1";
    await server.record([
      ["GET /healthz", "no Host", bare(line)],
      ["GET /healthz", "no Host in 1.0", bare("GET /healthz HTTP/1.0")],
      ["GET /healthz", "X-Forwarded-Host", bare(line, "X-Forwarded-Host: a")],
      ["GET /healthz", "two Hosts", bare(line, "Host: a", "Host: b")],
      ["GET /healthz", "the same Host twice", bare(line, "Host: a", "Host: a")],
      ["GET /healthz", "a Host in capitals", bare(line, "HOST: a")],
      ["GET /healthz", "a space before the colon", bare(line, "Host : a")],
      ["GET /get-user", "two requests in one", {
        raw: `${line}\r\nHost: h\r\n\r\n${head("GET /get-user HTTP/1.1", [])}`,
      }],
    ]);
  });
}

/** The same below PATH_PREFIX. */
async function recordMounted(site: Site): Promise<void> {
  const variables = { PATH_PREFIX: "/onejot" };
  await site.serve("mounted", variables, async (server) => {
    const { token } = await server.logIn(admin);
    const cookie = await server.signIn(ada);
    await server.record(routes.flatMap((route): Row[] => {
      const [method = "", path = ""] = route.split(" ");
      return [
        [`${method} /onejot${path}`, "without a token"],
        [`OPTIONS /onejot${path}`, "without a token"],
        [`PUT /onejot${path}`, "without a token"],
        [route, "without the prefix"],
      ];
    }));
    const form = { email: ada, password };
    await server.record([
      ["POST /onejot/login", "right", { form }],
      ["POST /onejot/users", "right", {
        token,
        json: { email: "mounted@example.org", password },
      }],
      ["GET /onejot/users/4", "right", { token }],
      ["GET /onejot/users/%zz", "right", { token }],
      ["GET /onejot/get-user", "right", { token }],
      ["GET /onejot/signin", "signed in", { headers: { cookie } }],
      ["POST /onejot/signin?return=/x?a=/onejot", "right", {
        form,
        headers: sameOrigin,
      }],
      ["GET /onejot/forward-auth", "HTML", {
        headers: { ...html, "x-forwarded-uri": "/x?y=z" },
      }],
      ["GET /onejot/forward-auth", "HTML and another host", {
        headers: { ...html, "x-forwarded-uri": "//evil.example" },
      }],
      ["GET /onejot/forward-auth/nginx", "a cookie", { headers: { cookie } }],
      ["POST /onejot/signout", "right", {
        headers: { ...sameOrigin, cookie },
      }],
      ["GET /onejot", ""],
      ["GET /onejot/", ""],
      ["GET /onejot/onejot/healthz", ""],
      ["GET /onejothealthz", ""],
      ["GET /Onejot/healthz", ""],
      ["GET /onejot//healthz", ""],
      ["GET /%6fnejot/healthz", ""],
      ["GET /onejot/metrics", "after all of these"],
    ]);
  });
}

/** The same with the statuses of RFC 6750. */
async function recordStrictStatus(site: Site): Promise<void> {
  const variables = { AUTH_STATUS: "rfc6750", JWT_EXP_DELTA_SECONDS: "20" };
  await site.serve("rfc6750", variables, async (server) => {
    const { token, refreshToken } = await server.logIn(ada);
    const wrong = { email: ada, password: "wrong" };
    await server.record([
      ["POST /login", "right", { form: { email: ada, password } }],
      ["POST /login", "wrong", { form: wrong }],
      ["POST /login", "no address", { json: { ...wrong, email: "" } }],
      ["POST /login", "malformed", { form: { email: ada } }],
      ["POST /signin", "wrong", { form: wrong, headers: sameOrigin }],
      ["POST /signin", "malformed", { form: {}, headers: sameOrigin }],
      ["GET /get-user", "right", { token }],
      ["GET /get-user", "a bad token", { token: "x" }],
      ["GET /get-user", "without a token"],
      ["GET /users", "as no administrator", { token }],
      ["POST /refresh", "a bad one", { form: { refresh_token: "x" } }],
      ["POST /refresh", "right", { form: { refresh_token: refreshToken } }],
      ["POST /logout", "a bad token", { token: "x" }],
      ["POST /logout", "a bad one", { form: { refresh_token: "x" } }],
      ["POST /password", "wrong", {
        token,
        form: { password: "wrong", new_password: newPassword },
      }],
      ["GET /forward-auth", "a bad token", { token: "x", headers: html }],
      ["GET /forward-auth/nginx", "a bad token", { token: "x" }],
      ["GET /forward-auth/nginx", "without a token"],
      ["GET /metrics", "after all of these"],
    ]);
  });
}

/** The same behind a proxy that is trusted. */
async function recordProxied(site: Site): Promise<void> {
  const variables = {
    TRUSTED_PROXIES: "127.0.0.0/8, 10.0.0.0/8",
    METRICS_FROM: "192.0.2.0/24,2001:db8::/32",
  };
  // deno-fmt-ignore
  const values = [
    "198.51.100.7", "198.51.100.7, 203.0.113.9", "203.0.113.9, 10.0.0.1",
    "10.0.0.1", "junk", "203.0.113.9, junk", "junk, 203.0.113.9", "", ",",
    "192.0.2.9", "192.0.2.9:80", "[2001:db8::1]:80", "2001:DB8::0001",
    "::ffff:192.0.2.9", "127.0.0.1", "fe80::1%eth0", "192.0.2.9,10.0.0.2",
  ];
  const record = async (server: Server) => {
    const form = { email: ada, password };
    for (const value of values) {
      const headers = { "x-forwarded-for": value };
      await server.record([
        ["GET /metrics", `X-Forwarded-For ${value}`, { headers }],
        ["POST /login", `X-Forwarded-For ${value}`, { form, headers }],
      ]);
    }
    const { token } = await server.logIn(ada);
    await server.record([["GET /sessions", "of these addresses", { token }]]);
  };
  await site.serve("behind a trusted proxy", variables, record);
  await site.serve("behind a proxy that is not trusted", {}, record);
}

/** What those who run the server watch. */
async function recordMonitors(site: Site): Promise<void> {
  await site.serve("monitors", {}, async (server) => {
    await server.record([["GET /metrics", "before anything else"]]);
    await server.record(["/healthz", "/readyz", "/metrics"].flatMap((path) =>
      [
        [`GET ${path}`, ""],
        [`HEAD ${path}`, ""],
        [`GET ${path}?x=%zz`, "with a query"],
        [`GET ${path}`, "that takes gzip", {
          headers: { "accept-encoding": "gzip, br" },
        }],
        [`GET ${path}`, "with a body", { body: "x" }],
        [`GET ${path}`, "under another Host", { host: "x" }],
      ] satisfies Row[]
    ));
    const names = ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"];
    const proxied = [...names, "X-Forwarded-Proto", "X-Forwarded-Host"];
    await server.record(proxied.map((name) => {
      const sent = { headers: { [name]: "127.0.0.1" } };
      return ["GET /metrics", `from ${name}`, sent];
    }));
    await server.record([["GET /metrics", "after all of these"]]);
  });
}

/** Servers with named keys, and the tokens of each by the others. */
async function recordRotation(site: Site): Promise<void> {
  const [one, two] = [`2027:new:${secret}`, `2028:newer-${secret}`];
  const stages: readonly (readonly [string, Variables])[] = [
    ["two named keys and the old", { JWT_SECRETS: `${two},${one}` }],
    ["one named key and the old", { JWT_SECRETS: one }],
  ];
  const payload = JSON.stringify({ user_id: 2, exp: inAnHour() });
  const header = (kid: string) => JSON.stringify({ alg: "HS256", kid });
  const tokens: Fields = {
    "of the old key": forge(payload),
    "of the new key": forge(payload, header("2027"), `new:${secret}`),
    "of the newer key": forge(payload, header("2028"), `newer-${secret}`),
    "of the new key, without kid": forge(payload, undefined, `new:${secret}`),
    "of the old key, with a kid": forge(payload, header("2027")),
    "of another kid": forge(payload, header("2029")),
  };
  for (const [name, variables] of stages) {
    await site.serve(name, variables, async (server) => {
      await server.record([
        ["POST /login", "right", { form: { email: ada, password } }],
        ...Object.entries(tokens).map(([label, token]): Row => {
          return ["GET /get-user", label, { token }];
        }),
      ]);
    });
  }
}

/** Who tries too often. The waits are the rest of some second. */
async function recordThrottled(site: Site): Promise<void> {
  await site.serve("throttled", {}, async (server) => {
    const { token } = await server.logIn(bob);
    const attempts: readonly Row[] = [
      ["POST /login", "too often", { form: { email: ada, password } }],
      ["POST /signin", "too often", {
        form: { email: ada, password },
        headers: sameOrigin,
      }],
      ["POST /password", "too often", {
        token,
        form: { password, new_password: newPassword },
      }],
      ["POST /login", "too often from one address", {
        form: { email: "nobody@example.org", password },
      }],
    ];
    for (const [index, [line, label, sent = {}]] of attempts.entries()) {
      const from = `127.2.0.${index + 1}`;
      const isByAddress = label.endsWith("address");
      const wrong = async (count: number) => {
        for (let number = 0; number < count; number++) {
          const email = `user${number}@example.org`;
          const form: Fields = isByAddress
            ? { email, password: "wrong" }
            : { ...sent.form, password: "wrong" };
          await server.ask(line, { ...sent, form }, from);
        }
      };
      let answer: Answer | null = null;
      for (let round = 0; round < 5 && answer?.status !== 429; round++) {
        await wrong(round === 0 ? (isByAddress ? 21 : 6) : 1);
        answer = await server.ask(line, sent, from);
      }
      if (answer !== null) server.note(line, label, answer);
    }
    await server.record([["GET /metrics", "after all of these"]]);
  }, { isLogged: false });
}

/** More logins at once than can wait for a core. */
async function recordBusy(site: Site): Promise<void> {
  const variables = { PASSWORD_HASH: "pbkdf2", PASSWORD_ITERATIONS: "200000" };
  await site.serve("busy", variables, async (server) => {
    const most = 65 * availableParallelism() + 5;
    const answers = await Promise.all(
      Array.from({ length: most }, (_, index) => {
        const from = `127.3.${index >> 8}.${index & 255}`;
        const form = { email: `user${index}@example.org`, password };
        return server.ask("POST /login", { form }, from);
      }),
    );
    const refused = answers.find(({ status }) => status === 503);
    if (refused === undefined) throw new Error("No login was one too many");
    server.note("POST /login", "one too many", refused);
    await server.record([["GET /metrics", "after all of these"]]);
  }, { isLogged: false });
}

/** A database that others keep busy, and one that lacks what is wanted. */
async function recordBroken(site: Site): Promise<void> {
  await site.serve("broken", {}, async (server) => {
    const { token, refreshToken } = await server.logIn(admin);
    const form = { email: ada, password };
    const database = new DatabaseSync(server.database);
    database.exec("PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE");
    await server.record([
      ["GET /readyz", "while the database is locked"],
      ["GET /get-user", "while the database is locked", { token }],
      ["POST /login", "while the database is locked", { form }],
      ["POST /signin", "while the database is locked", {
        form,
        headers: sameOrigin,
      }],
      ["POST /logout", "while the database is locked", { token }],
    ]);
    database.exec("ROLLBACK");
    database.exec("ALTER TABLE users RENAME COLUMN email TO gone");
    database.close();
    await server.record([
      ["GET /healthz", ""],
      ["GET /readyz", ""],
      ["POST /login", "", { form }],
      ["POST /signin", "", { form, headers: sameOrigin }],
      ["GET /get-user", "", { token }],
      ["POST /refresh", "", { form: { refresh_token: refreshToken } }],
      ["GET /forward-auth", "", { headers: { cookie: "onejot=x" } }],
      ["GET /signin", "", { headers: { cookie: "onejot=x" } }],
      ["GET /metrics", ""],
    ]);
  });
}

/** A trial, and the files of its page. */
async function recordTrial(site: Site): Promise<void> {
  const variables = { PASSWORD_HASH: "pbkdf2", PASSWORD_ITERATIONS: "10000" };
  await site.serveTrial("trial", variables, async (server) => {
    const form = { email: "user@email.com", password: "password" };
    await server.record([
      ["POST /login", "the demo account", { form }],
      ["GET /users", "the demo account", {
        token: await server.logInAs(form),
      }],
      ["GET /get-user", "the demo account", {
        token: await server.logInAs(form),
      }],
      ["GET /get-user", "of another secret", {
        token: forge(JSON.stringify({ user_id: 1, exp: inAnHour() })),
      }],
      ["HEAD /", ""],
      ["POST /", ""],
      ["OPTIONS /", ""],
      ["GET /?x", "with a query"],
      ["GET /index.html", ""],
      ["GET /src/main.ts", ""],
      ["GET /src/page/page.html", ""],
      ["GET /src/page/", ""],
      ["GET /src", ""],
      ["GET /package.json", ""],
      ["GET /src/page/../main.ts", ""],
    ]);
    await recordPageFiles(site, server);
  });
  await site.serveTrial("trial without a page", {
    ...variables,
    PAGE: "off",
  }, async (server) => {
    await server.record([["GET /", ""], ["GET /src/page/page.css", ""]]);
  });
  await site.serveTrial("trial below a prefix", {
    ...variables,
    PATH_PREFIX: "/onejot",
  }, async (server) => {
    await server.record([["GET /onejot/", ""], ["GET /onejot", ""]]);
  });
  await site.serve("page", { PAGE: "on" }, async (server) => {
    await server.record([["GET /", ""]]);
  });
}

/**
 * The page's files, found from the page on. Paths and modules may change with
 * the source, so what all files of a kind have in common is apart from them.
 */
async function recordPageFiles(site: Site, server: Server): Promise<void> {
  const paths = new Set(["/"]);
  const kinds = new Map<string, Set<string>>();
  for (const path of paths) {
    const { status, fields, text } = await server.ask(`GET ${path}`);
    const isModule = fields.some(([, value]) => /javascript/.test(value));
    const own = ["content-length", "date", "x-request-id"];
    const lines = fields
      .filter(([name]) => name !== "" && !own.includes(name.toLowerCase()))
      .map(([name, value]) => `${name}: ${value}`);
    const type = path.replace(/^.*\./, "");
    const kind = isModule ? "module" : type;
    const seen = kinds.get(kind) ?? new Set();
    kinds.set(kind, seen.add(JSON.stringify([String(status), ...lines])));
    if (!isModule) {
      site.recording.add(
        `page: body of ${kind}`,
        withoutFiles(text).split("\n"),
      );
    }
    const pattern = isModule
      ? /(?:from|import)\s*"(\.[^"]+)"/g
      : /(?:src|href)="(src\/[^"]+)"/g;
    for (const [, found = ""] of text.matchAll(pattern)) {
      paths.add(new URL(found, `http://localhost${path}`).pathname);
    }
  }
  for (const [kind, seen] of kinds) {
    const lines = [...seen].sort().flatMap((text) => JSON.parse(text));
    site.recording.add(`page: fields of ${kind}`, lines);
  }
  site.recording.add(pageFiles, [...paths].sort());
}

/** The page's text, without the paths of its files. */
function withoutFiles(text: string): string {
  return text.replace(/(src|href)="src\/[^"]*"/g, '$1="<file>"');
}

/** What the command line says of itself, and of what it does not know. */
async function recordHelp(site: Site): Promise<void> {
  // deno-fmt-ignore
  const commands = [
    "", "serve", "user add", "user list", "user disable", "user enable",
    "user passwd", "user sessions", "backup", "sign", "verify", "decode",
    "key", "health",
  ];
  for (const command of commands) {
    await site.run(`${command} --help`);
  }
  // deno-fmt-ignore
  const lines = [
    "-h", "sign -h", "--version", "--version sign", "--help --version",
    "help", "user", "user --help", "user ad a@b.c", "user add", "user xyz",
    "user add a@b.c d", "user list x", "user sessions", "user disable",
    "user disable a@b.c --admin", "backup", "backup a b", "sreve", "sgin",
    "decdoe x", "elephant", "--prot", "-x", "--lifetme 1m", "sign --sub",
    "sign {} marked", "sign {} --issuer x", "sign {} --secret x", "key x",
    "serve x", "serve --admin", "health x", "--help=x", "sign --json",
    "eyJhbGciOiJub25lIn0.e30.", "pa$$word-marked", "verify a b", "--",
    "decode --json=yes x", "sign --sub a --sub b", "--admin", "user",
    "user add --admin", "-- sign --sub a", "sign -sub a", "USER list",
  ];
  for (const line of lines) {
    await site.run(line, { JWT_SECRET: secret });
  }
  await site.run("key");
  await site.run("health", { PORT: "1" });
  await site.run("health", { PORT: "x", HOST: "a b" });
}

/** Settings that are refused: all faults of each round at once. */
async function recordSettings(site: Site): Promise<void> {
  const wrong: Readonly<Record<string, readonly string[]>> = {
    HOST: ["", "a b", "http://localhost", "127.0.0.1/8", "[::1]"],
    PORT: ["", "65536", "-1", "80.5", "0x50", "8e3", " 80", "NaN", "80a"],
    JWT_EXP_DELTA_SECONDS: ["", "0", "-1", "1.5", "1e9", "31622401"],
    AUTH_STATUS: ["", "401", "RFC6750", "none"],
    PASSWORD_HASH: ["", "Argon2id", "bcrypt", "none"],
    PASSWORD_ITERATIONS: ["", "9999", "100000001", "many"],
    PASSWORD_MIN_LENGTH: ["", "7", "65", "many"],
    TRUSTED_PROXIES: [
      "",
      "proxy.example",
      "10.0.0.0/33",
      "0.0.0.0/0",
      ",",
      "*",
    ],
    METRICS_FROM: ["", "proxy.example", "10.0.0.1;10.0.0.2", "::1%lo", "/8"],
    PATH_PREFIX: ["", "/", "onejot", "/onejot/", "//x", "/a//b", "/..", "/a b"],
    PAGE: ["", "On", "1", "true", " on"],
    // deno-fmt-ignore
    DATABASE_URL: [
      "", "sqlite:", "sqlite: ", "sqlite::memory:", "mysql://x/y",
      "users.sqlite", "postgres:x", "sqlite://users.sqlite",
      "sqlite:////users.sqlite", "postgres://x:port/y",
    ],
    // deno-fmt-ignore
    JWT_SECRET: [
      "", "short", "x".repeat(31), "\u00e9".repeat(15), "x".repeat(64),
      "a-string-secret-at-least-256-bits-long", "abc".repeat(12),
      "please-change-me-please-change-me-0123", '{"kty":"oct","k":"AyM1Sy',
      "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYI",
      '{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ"}',
    ],
    // deno-fmt-ignore
    JWT_SECRETS: [
      "", secret, `new:${secret},`, `,new:${secret}`, `:${secret}`,
      `new key:${secret}`, `a/b:${secret}`, `${"n".repeat(65)}:${secret}`,
      `${secret}:new`, "new:", `new:${secret}\nold:${secret}1`,
      `a:${secret},b:${secret}1,a:${secret}2`, `new:${secret}\r\n`,
      `a:${secret},b:${secret}1,c:${secret}1`,
      `a:${secret},b:short,a:${secret},?:`,
    ],
  };
  const rounds = Math.max(...Object.values(wrong).map((list) => list.length));
  for (let round = 0; round < rounds; round++) {
    const entries = Object.entries(wrong).map(([name, list]) => {
      return [name, list[round] ?? list.at(-1) ?? ""] as const;
    });
    const label = `serve, settings wrong in way ${round + 1}`;
    await site.runAs(label, ["serve"], Object.fromEntries(entries));
  }
  const here = site.checkout.folder;
  const files: Fields = {
    short: "short\n",
    newline: `${secret}\n\n`,
    empty: "",
    named: `new:${secret}\n\n`,
    weak: `new:${secret}\nold:short`,
    joined: `new:${secret}1,old:${secret}2`,
  };
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(here, name), text);
  }
  const file = (name: string) => join(here, name);
  const DATABASE_URL = `sqlite:${file("settings.sqlite")}`;
  const port = { PORT: "x" }; // so that it never serves
  const rows: readonly (readonly [string, Variables])[] = [
    ["production without a secret", { NODE_ENV: "production" }],
    ["production with a database alone", {
      NODE_ENV: "production",
      DATABASE_URL,
    }],
    ["an empty NODE_ENV", { NODE_ENV: "", ...port }],
    ["a database without a secret", { DATABASE_URL }],
    ["another host without a secret", { HOST: "0.0.0.0" }],
    ["a name as host without a secret", { HOST: "127.0.0.1.example.org" }],
    ["a secret without a database", { JWT_SECRET: secret }],
    ["a short secret in a file", { JWT_SECRET_FILE: file("short") }],
    ["an empty secret file", { JWT_SECRET_FILE: file("empty") }],
    ["no such secret file", { JWT_SECRET_FILE: file("none") }],
    ["a folder as secret file", { JWT_SECRET_FILE: here }],
    ["a secret and a file", {
      JWT_SECRET: secret,
      JWT_SECRET_FILE: file("newline"),
    }],
    ["an empty file of secrets", { JWT_SECRETS_FILE: file("empty") }],
    ["a file of secrets with an empty line", {
      JWT_SECRETS_FILE: file("named"),
    }],
    ["a weak secret in a file", { JWT_SECRETS_FILE: file("weak") }],
    ["two secrets in a line", { JWT_SECRETS_FILE: file("joined") }],
    ["secrets and a file", {
      JWT_SECRETS: `new:${secret}`,
      JWT_SECRETS_FILE: file("weak"),
    }],
    ["an empty JWT_SECRET_FILE", { JWT_SECRET_FILE: "" }],
    ["an empty JWT_SECRETS_FILE", { JWT_SECRETS_FILE: "" }],
  ];
  for (const [label, variables] of rows) {
    await site.runAs(`serve, ${label}`, ["serve"], variables);
  }
  writeFileSync(file("text.sqlite"), "this is a text".repeat(200));
  for (const name of ["text.sqlite", ".", "missing/a.sqlite"]) {
    const variables = {
      JWT_SECRET: secret,
      DATABASE_URL: `sqlite:${file(name)}`,
    };
    await site.runAs(`serve, database ${name}`, [], variables);
    await site.runAs(
      `user list, database ${name}`,
      ["user", "list"],
      variables,
    );
  }
}

/** The commands that work on accounts, beside a server that runs. */
async function recordAccountCommands(site: Site): Promise<void> {
  await site.serve("commands", {}, async (server) => {
    const { variables } = server;
    const run = (line: string, input: string | Uint8Array = "") => {
      return site.run(line, variables, input);
    };
    const { token } = await server.logIn(bob, { "user-agent": "\u009b2J" });
    await run("user list");
    await run("user sessions bob@example.org");
    await run("user sessions ADA@example.org");
    await run("user disable BOB@example.org");
    await server.record([["GET /get-user", "who was disabled", { token }]]);
    await run("user list");
    await run("user enable bob@example.org");
    await run("user passwd bob@example.org", "other words\n");
    await server.record([
      ["POST /login", "with a password of the command line", {
        form: { email: bob, password: "other words" },
      }],
    ]);
    await run("user sessions eve@example.org");
    await run("user enable eve@example.org");
    await run("user passwd eve@example.org", "long enough");
    await run("user passwd nothing", "long enough");
    await run("user passwd bob@example.org", "short\n");
    await run("user disable admin@example.org");
    await run("user add ada@example.org", "long enough\n");
    await run("user add nothing", "long enough\n");
    await run("user add a@b@c", "long enough\n");
    await run("user add eve@example.org", "");
    await run("user add eve@example.org", "x".repeat(1025));
    await run("user add eve@example.org", "x".repeat(100_000));
    await run(
      "user add eve@example.org",
      Buffer.from("long eno\xffugh", "latin1"),
    );
    await run("user add eve@example.org", "\ufeff1234567\n");
    await run("user add eve@example.org", "long\0enough");
    await run("user add Eve@Example.Org --admin", "long enough\r\nand more");
    await run("user list");
    const file = join(site.checkout.folder, "backup.sqlite");
    const backup = ["backup", file];
    await site.runAs("backup FILE", backup, variables);
    await site.runAs("backup FILE, once more", backup, variables);
    const nowhere = join(site.checkout.folder, "nowhere", "x");
    await site.runAs("backup to nowhere", ["backup", nowhere], variables);
    await site.runAs("user list of the backup", ["user", "list"], {
      ...variables,
      DATABASE_URL: `sqlite:${file}`,
    });
    await site.run("user list", { PASSWORD_ITERATIONS: "1" });
    await site.run("user list", { DATABASE_URL: "mysql:x" });
    await site.run("health", { PORT: String(server.port) });
    const port = String(server.port);
    await site.run("serve", { ...variables, HOST: "127.0.0.1", PORT: port });
  });
}

/** The commands that make, check and show tokens. */
async function recordTokenCommands(site: Site): Promise<void> {
  const known = { JWT_SECRET: secret };
  const named = { JWT_SECRETS: `new:${secret}1`, ...known };
  const now = Math.floor(Date.now() / 1000);
  const sign: readonly (readonly [string, readonly string[], string])[] = [
    ["JSON", ['{"sub":"ada"}'], ""],
    ["options", ["--sub", "ada", "--claim", "n=5", "--claim", "a=b=c"], ""],
    ["more claims", [
      "--claim",
      'l=["x"]',
      "--claim",
      "e=",
      "--claim",
      "n=null",
    ], ""],
    ["__proto__", ["--claim", "__proto__=1"], ""],
    ["a pipe", [], '{"sub":"piped",\n "x":null}\n'],
    ["a pipe that is no JSON", [], "x"],
    ["a pipe that makes too long a token", [], `{"x":"${"x".repeat(9000)}"}`],
    ["an empty pipe", [], ""],
    ["JSON and an option", ['{"sub":"ada"}', "--claim", "x=1"], ""],
    ["15m", ["--sub", "a", "--lifetime", "15m"], ""],
    ["2d", ["--sub", "a", "--lifetime", "2d"], ""],
    ["90", ["--sub", "a", "--lifetime", "90"], ""],
    ["no JSON", ["marked"], ""],
    ["a list", ['["marked"]'], ""],
    ["an exp of a wrong type", ['{"exp":"marked"}'], ""],
    ["an exp and a lifetime", ['{"exp":5}', "--lifetime", "1m"], ""],
    ["a claim twice", ['{"sub":"marked"}', "--sub", "marked"], ""],
    ["a claim without value", ["--claim", "marked"], ""],
    ["a claim without name", ["--claim", "=x"], ""],
    ["a bad lifetime", ["--lifetime", "marked"], ""],
    ["no lifetime", ["--lifetime", "0"], ""],
    ["an empty option", ["--sub", ""], ""],
    ["a sub that is no URI", ["--sub", "a:b c"], ""],
  ];
  for (const [label, args, input] of sign) {
    await site.runAs(`sign, ${label}`, ["sign", ...args], known, input);
  }
  await site.runAs("sign, named secrets", ["sign", "{}"], named);
  await site.runAs("sign, no secret", ["sign", "{}"], {});
  const claims = { sub: "ada", iss: "me", aud: ["x", "y"], n: 1 };
  // Far from where another number or unit of time is told.
  const times = { iat: now - 8000, nbf: now - 270_000, exp: now + 8000 };
  const hostile = "\u001b[2J\u009b31m\u202e\u2028\u200b\ufeff";
  const tokens: Fields = {
    "good": forge(JSON.stringify(claims)),
    "with times": forge(JSON.stringify({ ...claims, ...times })),
    "expired": forge(JSON.stringify({ sub: "ada", exp: now - 8000 })),
    "expired in 1970": forge(JSON.stringify({ sub: "ada", exp: 0 })),
    "not valid yet": forge(JSON.stringify({ nbf: now + 8000 })),
    "of another secret": forge("{}", undefined, "x".repeat(32)),
    "hostile": forge(JSON.stringify({ sub: hostile, [`n${hostile}`]: 1 })),
    "alg none": `${encoded('{"alg":"none"}')}.${encoded("{}")}.`,
    "alg HS512": forge("{}", '{"alg":"HS512"}'),
    "with a kid": forge("{}", '{"alg":"HS256","kid":"new"}', `${secret}1`),
    "with crit": forge("{}", '{"alg":"HS256","crit":["x"]}'),
    "with typ": forge("{}", '{"alg":"HS256","typ":"at+jwt"}'),
    "wrong claims": forge('{"exp":"x","aud":1,"iss":2}'),
    "no object": forge("[]"),
    "no JSON": forge("x"),
    "a letter more": `${forge("{}")}A`,
    "padding": `${forge("{}")}=`,
    "nothing": "marked",
    "two parts": "a.b",
    "in a header": `Bearer ${forge("{}")}`,
    "long": forgedOf(8193),
  };
  for (const [label, token] of Object.entries(tokens)) {
    await site.runAs(`verify, ${label}`, ["verify", token], known);
    await site.runAs(`decode, ${label}`, ["decode", token], known);
    await site.runAs(
      `decode --json, ${label}`,
      ["decode", "--json"],
      known,
      token,
    );
  }
  const { good = "" } = tokens;
  const expired = forge(JSON.stringify({ sub: "ada", exp: now - 60 }));
  const more: readonly (readonly [string, readonly string[], Variables])[] = [
    ["verify, issuer", ["verify", good, "--issuer", "me"], known],
    ["verify, another issuer", ["verify", good, "--issuer", "x"], known],
    ["verify, no audience", ["verify", good], known],
    ["verify, audience", ["verify", good, "--audience", "y"], known],
    ["verify, another audience", ["verify", good, "--audience", "z"], known],
    ["verify, leeway", ["verify", expired, "--leeway", "300"], known],
    ["verify, a long leeway", ["verify", expired, "--leeway", "301"], known],
    ["verify, leeway twice", [
      "verify",
      expired,
      "--leeway",
      "1",
      "--leeway",
      "1",
    ], known],
    ["verify, no secret", ["verify", good], {}],
    ["verify, a short secret", ["verify", good], { JWT_SECRET: "marked" }],
    ["verify, named secrets", ["verify", tokens["with a kid"] ?? ""], named],
    ["decode, named secrets", ["decode", tokens["with a kid"] ?? ""], named],
    ["decode, no secret", ["decode", good], {}],
    ["decode, audience", ["decode", good, "--audience", "y"], known],
    ["verify, no secret file", [
      "verify",
      good,
      "--secret-file",
      join(site.checkout.folder, "none"),
    ], known],
    ["verify, a secret file", [
      "verify",
      tokens["with typ"] ?? "",
      "--secret-file",
      join(site.checkout.folder, "newline"),
    ], known],
  ];
  for (const [label, args, variables] of more) {
    await site.runAs(label, args, variables);
  }
  await site.runAs("verify, a pipe", ["verify"], known, `${good}\n`);
  await site.runAs("verify, an empty pipe", ["verify"], known);
}

interface ServeOptions {
  /** Whether what the server prints is recorded; true by default. */
  readonly isLogged?: boolean;
}

/** The checkout under record: its servers and its commands. */
class Site {
  readonly checkout: Checkout;
  readonly recording: Recording;

  constructor(checkout: Checkout, recording: Recording) {
    this.checkout = checkout;
    this.recording = recording;
  }

  /** Makes the three accounts that each server gets a copy of. */
  async addAccounts(): Promise<void> {
    const { folder } = this.checkout;
    mkdirSync(join(folder, "accounts"));
    const variables = this.#variables("accounts");
    for (const line of [`${admin} --admin`, ada, bob]) {
      await this.run(`user add ${line}`, variables, `${password}\n`);
    }
  }

  /** Serves with a secret and a copy of the accounts. */
  async serve(
    name: string,
    settings: Variables,
    use: (server: Server) => Promise<void>,
    options: ServeOptions = {},
  ): Promise<void> {
    const { folder } = this.checkout;
    cpSync(join(folder, "accounts"), join(folder, name), { recursive: true });
    const variables = { ...this.#variables(name), ...settings };
    await this.#serve(name, variables, use, options);
  }

  /** Serves without a secret. */
  async serveTrial(
    name: string,
    settings: Variables,
    use: (server: Server) => Promise<void>,
  ): Promise<void> {
    await this.#serve(name, settings, use, {});
  }

  async #serve(
    name: string,
    variables: Variables,
    use: (server: Server) => Promise<void>,
    { isLogged = true }: ServeOptions,
  ): Promise<void> {
    const server = new Server(this, name, variables);
    try {
      await server.start();
      await use(server);
    } finally {
      const lines = await server.stop();
      if (isLogged) this.recording.add(`server: ${name}`, lines);
    }
  }

  /** Runs a command of words between spaces, and records it by them. */
  async run(
    line: string,
    variables: Variables = {},
    input: string | Uint8Array = "",
  ): Promise<void> {
    const words = line.split(" ").filter((word) => word !== "");
    await this.runAs(line.trim(), words, variables, input);
  }

  /** Runs a command, and records it by a label. */
  async runAs(
    label: string,
    words: readonly string[],
    variables: Variables,
    input: string | Uint8Array = "",
  ): Promise<void> {
    const child = this.spawn(words, variables);
    const output = collect(child);
    const closed = once(child, "close");
    const timer = setTimeout(() => child.kill("SIGKILL"), 30_000);
    child.stdin?.on("error", () => {}).end(input);
    const [code] = await closed;
    clearTimeout(timer);
    const told = (text: string) => this.#settle(text).split("\n");
    this.recording.add(`command: ${label}`, [
      `exit code ${code}`,
      "standard output:",
      ...told(output.stdout),
      "standard error:",
      ...told(output.stderr),
    ]);
  }

  /** Starts the entry point. */
  spawn(words: readonly string[], variables: Variables): ChildProcess {
    const { root, runtime, folder } = this.checkout;
    const entry = join(root, "src/main.ts");
    const permissions = [
      "--allow-net",
      "--allow-env",
      `--allow-read=${folder}`,
      `--allow-write=${folder}`,
    ];
    const { PATH = "", HOME = "" } = process.env;
    const args = runtime === "bun"
      ? [entry, ...words]
      : ["run", "--no-prompt", ...permissions, entry, ...words];
    const env = { PATH, HOME, DENO_NO_UPDATE_CHECK: "1", ...variables };
    return spawn(runtime, args, { env, cwd: folder });
  }

  #variables(name: string): Variables {
    const path = join(this.checkout.folder, name, "onejot.sqlite");
    return {
      PASSWORD_HASH: "pbkdf2",
      PASSWORD_ITERATIONS: "10000",
      JWT_SECRET: secret,
      DATABASE_URL: `sqlite:${path}`,
    };
  }

  #settle(text: string): string {
    const { folder, root } = this.checkout;
    return settle(text).replaceAll(folder, "<folder>").replaceAll(
      root,
      "<root>",
    )
      .replace(/(127\.0\.0\.1|localhost):\d{4,5}\b/g, "$1:<port>");
  }
}

/** A server process, and a client of it. */
class Server {
  readonly variables: Variables;
  port = 0;
  readonly #site: Site;
  readonly #name: string;
  #child: ChildProcess | null = null;
  #output = { stdout: "", stderr: "" };
  #asked = 0;

  constructor(site: Site, name: string, variables: Variables) {
    this.#site = site;
    this.#name = name;
    this.variables = variables;
  }

  get database(): string {
    return (this.variables["DATABASE_URL"] ?? "").slice("sqlite:".length);
  }

  async start(): Promise<void> {
    const variables = { HOST: "127.0.0.1", PORT: "0", ...this.variables };
    const child = this.#site.spawn([], variables);
    this.#child = child;
    this.#output = collect(child);
    this.port = await new Promise<number>((resolve, reject) => {
      child.stdout?.on("data", () => {
        const found = /listens on http:\/\/\S+:(\d+)/.exec(this.#output.stdout);
        if (found !== null) resolve(Number(found[1]));
      });
      child.once("close", () => {
        const { stderr } = this.#output;
        reject(new Error(`${this.#name} did not start: ${stderr}`));
      });
    });
  }

  /** Stops the server; gives what it has printed, and its exit code. */
  async stop(): Promise<readonly string[]> {
    const child = this.#child;
    if (child === null || child.exitCode !== null) return [];
    const closed = once(child, "close");
    child.kill("SIGTERM");
    const [code] = await closed;
    const { stdout, stderr } = this.#output;
    return [
      `exit code ${code}`,
      ...this.#settle(stdout).split("\n").map(settleLog),
      "standard error:",
      ...this.#settle(stderr).split("\n"),
    ];
  }

  /** Asks for each, and records what comes back. */
  async record(rows: readonly Row[]): Promise<void> {
    for (const [line, label, sent] of rows) await this.one(line, label, sent);
  }

  /** Asks for one, and records what comes back. */
  async one(line: string, label: string, sent: Sent = {}): Promise<Answer> {
    const answer = await this.ask(line, sent);
    this.note(line, label, answer);
    return answer;
  }

  note(line: string, label: string, answer: Answer): void {
    const ids = settlePath(line)
      .replace(/access_token=.*/, "access_token=<token>")
      .replace(/x{100,}/, "<many x>");
    const name = `exchange: ${this.#name}: ${ids} ${label}`.trim();
    const isMetrics = line.includes("/metrics");
    const isPage = /^(?:GET|HEAD) (?:\/onejot)?\/(?:\?.*)?$/.test(line);
    const fields = answer.fields.map(([name, value]) => {
      if (name === "") return value; // a line that is no field
      const isWait = answer.status === 429 && /^retry-after$/i.test(name);
      if (isWait && /^\d$/.test(value)) return `${name}: <seconds>`;
      return `${name}: ${this.#settleField(name, value, isMetrics || isPage)}`;
    });
    const isInOrder = label.endsWith("in order");
    const settled = this.#settle(
      isPage ? withoutFiles(answer.text) : answer.text,
    );
    const body = isInOrder ? settled : sortSessions(settled);
    const all = body.split(/\r?\n/);
    const lines = isMetrics ? all.map(settleSample) : all;
    this.#site.recording.add(name, [...fields, "", ...lines]);
  }

  /** Asks, from an address of its own unless it is said otherwise. */
  async ask(line: string, sent: Sent = {}, from?: string): Promise<Answer> {
    const number = ++this.#asked;
    const own = `127.1.${number >> 8}.${number & 255}`;
    const bytes = requestOf(line, sent, this.port);
    const isHead = line.startsWith("HEAD ");
    const received = await exchange({
      port: this.port,
      from: from ?? own,
      bytes,
      isHead,
    });
    return readAnswer(received, isHead);
  }

  /** Logs in, which must succeed. */
  async logIn(email: string, headers: Fields = {}): Promise<Tokens> {
    const form = { email, password };
    return tokensOf(await this.ask("POST /login", { form, headers }));
  }

  /** Logs in with these fields, for the access token. */
  async logInAs(form: Fields): Promise<string> {
    return tokensOf(await this.ask("POST /login", { form })).token;
  }

  /** Signs in with a browser, for the cookie. */
  async signIn(email: string): Promise<string> {
    const form = { email, password };
    const sent = { form, headers: sameOrigin };
    const { fields } = await this.ask("POST /signin", sent);
    const cookie = fields.find(([name]) => /^set-cookie$/i.test(name))?.[1];
    if (cookie === undefined) throw new Error(`${email} got no cookie`);
    return cookie.split(";", 1)[0] ?? "";
  }

  #settle(text: string): string {
    const { folder, root } = this.#site.checkout;
    return settle(text).replaceAll(folder, "<folder>").replaceAll(
      root,
      "<root>",
    )
      .replaceAll(`:${this.port}`, ":<port>");
  }

  #settleField(name: string, value: string, isVarying: boolean): string {
    const lower = name.toLowerCase();
    if (lower === "date" && !Number.isNaN(Date.parse(value))) return "<date>";
    if (lower === "x-request-id") {
      return value.replace(/^[\da-f]{8}-[\da-z]+$/, "<request id>");
    }
    if (lower === "content-length" && isVarying) return "<length>";
    return this.#settle(value);
  }
}

/** Placeholders for what changes from run to run in any text. */
function settle(text: string): string {
  return text
    .replace(/\beyJ[\w-]*\.[\w-]*\.[\w-]*/g, describeToken)
    .replace(/"[\w-]{87}"/g, '"<refresh token>"')
    .replace(/"[\w-]{22}"/g, '"<session>"')
    .replace(/^[\w-]{22}(?= {2}since)/gm, "<session>")
    .replace(/^[\w-]{43}$/gm, "<secret>")
    .replace(/\bonejot=[\w-]{43}(?=;)/g, "onejot=<secret>")
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.(\d+))?Z/g, (_, fraction) => {
      if (fraction === undefined) return "<time>";
      return fraction === "000" ? "<time.000>" : "<time.ms>";
    })
    .replace(/\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/g, (time) => {
      return time.startsWith("1970") ? time : "<time> UTC";
    })
    .replace(/\b1[789]\d{8}\b/g, "<seconds>")
    .replace(/\d[\d,]+ days ago/g, "<many> days ago")
    .replace(/try again in \d seconds/g, "try again in <seconds> seconds")
    .replace(/^date: .*GMT(?=\r?$)/gim, "date: <date>") // of a second answer
    .replace(/^x-request-id: \S+/gim, "x-request-id: <request id>");
}

/** A path without the name of a session, also of one that is too short. */
function settlePath(path: string): string {
  return path.replace(
    /(\/sessions\/)[\w-]{21,23}(?![\w-])/g,
    (_, start) => `${start}<session>`,
  );
}

/** A list of sessions by addresses: those of one second have no order. */
function sortSessions(text: string): string {
  if (!text.startsWith('{"sessions":[')) return text;
  const { sessions } = JSON.parse(text);
  const sorted = sessions.map((session: unknown) => JSON.stringify(session))
    .sort();
  return `{"sessions":[${sorted.join(",")}]}`;
}

async function nextSecond(): Promise<void> {
  const milliseconds = 1050 - Date.now() % 1000;
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** What stands in a token, but for its times and its session. */
function describeToken(token: string): string {
  const [header = "", payload = "", mac = ""] = token.split(".");
  try {
    const claims = JSON.parse(decoded(payload));
    const { iat, exp } = claims;
    if (iat > 1e9 && exp > iat) claims.exp = `iat + ${exp - iat}`;
    if (iat > 1e9) claims.iat = "<time>";
    if (claims.exp > 1e9) claims.exp = "<time>";
    if (/^[\w-]{22}$/.test(claims.sid)) claims.sid = "<session>";
    const shown = JSON.stringify(claims);
    return `<token ${decoded(header)} ${shown} ${mac.length} letters>`;
  } catch {
    return token;
  }
}

/** A line of the log, if it is one, without what changes. */
function settleLog(line: string): string {
  return settlePath(line)
    .replace(/^\{"time":"<time\.\w+>"/, '{"time":"<time>"')
    .replace(/"milliseconds":[\d.]+/, '"milliseconds":<number>')
    .replace(/"id":"[\da-f]{8}-[\da-z]+"/, '"id":"<request id>"')
    .replace(/"at":"(?:[^"\\]|\\.)+"/, '"at":"<frames>"')
    .replace(/(\/metrics","status":200,.*)"bytes":\d+/, '$1"bytes":<number>');
}

/** A line of the metrics, without its value. */
function settleSample(line: string): string {
  return line.startsWith("#") ? line : line.replace(/ \S+$/, " <value>");
}

function requestOf(line: string, sent: Sent, port: number): Buffer {
  if (sent.raw !== undefined) return Buffer.from(sent.raw, "latin1");
  const body = bodyOf(sent);
  const implied = sent.form !== undefined
    ? formType
    : sent.json !== undefined
    ? jsonType
    : undefined;
  const type = sent.type ?? implied;
  const fields = [
    ...(sent.token === undefined
      ? []
      : [`Authorization: Bearer ${sent.token}`]),
    ...(type === undefined ? [] : [`Content-Type: ${type}`]),
    ...Object.entries(sent.headers ?? {}).map(([name, value]) => {
      return `${name}: ${value}`;
    }),
    ...(body === null ? [] : [`Content-Length: ${body.length}`]),
  ];
  const start = head(
    `${line} HTTP/1.1`,
    fields,
    sent.host ?? `127.0.0.1:${port}`,
  );
  return Buffer.concat([
    Buffer.from(start, "latin1"),
    body ?? Buffer.alloc(0),
  ]);
}

function bodyOf({ form, json, body }: Sent): Buffer | null {
  if (form !== undefined) return Buffer.from(String(new URLSearchParams(form)));
  if (json !== undefined) return Buffer.from(JSON.stringify(json));
  return body === undefined ? null : Buffer.from(body, "latin1");
}

/** The start of a request, with a Host and without keep-alive. */
function head(
  line: string,
  fields: readonly string[],
  host = "localhost",
): string {
  const lines = [line, `Host: ${host}`, "Connection: close", ...fields];
  return `${lines.join("\r\n")}\r\n\r\n`;
}

function multipart(
  fields: Fields,
  file?: string,
): { readonly type: string; readonly body: string } {
  const parts = Object.entries(fields).map(([name, value]) => {
    const fileName = name === file ? '; filename="x"' : "";
    const field = `Content-Disposition: form-data; name="${name}"${fileName}`;
    return `--x\r\n${field}\r\n\r\n${value}\r\n`;
  });
  const type = `${multipartType}; boundary=x`;
  return { type, body: `${parts.join("")}--x--\r\n` };
}

interface Exchange {
  readonly port: number;
  readonly from: string;
  readonly bytes: Buffer;
  readonly isHead: boolean;
}

interface Received {
  readonly bytes: Buffer;
  readonly isLate: boolean;
}

/** Sends bytes, and waits for the answer's end or for the connection's. */
function exchange(
  { port, from, bytes, isHead }: Exchange,
): Promise<Received> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1", localAddress: from });
    let received: Buffer = Buffer.alloc(0);
    let isEnded = false;
    const finish = (isLate: boolean) => {
      if (isEnded) return;
      isEnded = true;
      clearTimeout(timer);
      socket.destroy();
      resolve({ bytes: received, isLate });
    };
    let timer = setTimeout(() => finish(true), 20_000);
    socket.on("connect", () => socket.write(bytes));
    socket.on("error", () => {}); // a reset is an end as well
    socket.on("close", () => finish(false));
    socket.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (!isWhole(received, isHead)) return;
      clearTimeout(timer);
      timer = setTimeout(() => finish(false), 1000); // more may follow
    });
  });
}

function isWhole(bytes: Buffer, isHead: boolean): boolean {
  const text = bytes.toString("latin1");
  const start = text.indexOf("\r\n\r\n") + 4;
  if (start < 4) return false;
  const head = text.slice(0, start);
  if (isHead || / (?:204|304) /.test(head.slice(0, 14))) return true;
  if (/^transfer-encoding: *chunked/im.test(head)) {
    return text.endsWith("0\r\n\r\n");
  }
  const length = /^content-length: *(\d+)/im.exec(head)?.[1];
  return length !== undefined && bytes.length >= start + Number(length);
}

/** Takes an answer apart; lines that are no field have no name. */
function readAnswer({ bytes, isLate }: Received, isHead: boolean): Answer {
  if (bytes.length === 0) {
    const text = isLate ? "<no answer>" : "<the connection ended>";
    return { status: 0, fields: [["", text]], text: "" };
  }
  const all = bytes.toString("latin1");
  const interim = /^(?:HTTP\/1\.1 1\d\d [^]*?\r\n\r\n)*/.exec(all)?.[0] ?? "";
  const rest = all.slice(interim.length);
  const end = rest.indexOf("\r\n\r\n");
  const lines = rest.slice(0, end < 0 ? rest.length : end).split("\r\n");
  const fields = lines.map((line): readonly [string, string] => {
    const [, name, value] = /^([^:\s]+): ?(.*)$/.exec(line) ?? [];
    return name === undefined ? ["", line] : [name, value ?? ""];
  });
  const begun = interim.split("\r\n").filter((line) => line !== "");
  const late = isLate ? ["<neither whole nor ended>"] : [];
  return {
    status: Number(lines[0]?.split(" ")[1]),
    fields: [
      ...[...begun, ...late].map((line) => ["", line] as const),
      ...fields,
    ],
    text: end < 0 || isHead && rest.length === end + 4
      ? ""
      : bodyOfAnswer(rest.slice(end + 4), fields),
  };
}

function bodyOfAnswer(
  body: string,
  fields: readonly (readonly [string, string])[],
): string {
  const value = (wanted: string) => {
    return fields.find(([name]) => name.toLowerCase() === wanted)?.[1] ?? "";
  };
  const isChunked = value("transfer-encoding") === "chunked";
  const bytes = Buffer.from(isChunked ? joinChunks(body) : body, "latin1");
  const coding = value("content-encoding");
  if (coding === "gzip") return `<gzip>${gunzipSync(bytes).toString()}`;
  return coding === "" ? bytes.toString() : `<${coding}>`;
}

function joinChunks(body: string): string {
  let joined = "";
  for (let at = 0; at < body.length;) {
    const end = body.indexOf("\r\n", at);
    const size = parseInt(body.slice(at, end), 16);
    if (end < 0 || !(size > 0)) break;
    joined += body.slice(end + 2, end + 2 + size);
    at = end + 2 + size + 2;
  }
  return joined;
}

function tokensOf({ status, text }: Answer): Tokens {
  const { token, refresh_token: refreshToken } = Object(JSON.parse(text));
  if (typeof token !== "string" || typeof refreshToken !== "string") {
    throw new Error(`${status} ${text} instead of tokens`);
  }
  const { sid } = JSON.parse(decoded(token.split(".")[1] ?? ""));
  return { token, refreshToken, sid };
}

function collect(child: ChildProcess): { stdout: string; stderr: string } {
  const output = { stdout: "", stderr: "" };
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    output.stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    output.stderr += text;
  });
  return output;
}

/** A token with a true MAC, whatever its two parts are. */
function forge(
  payload: string,
  header = '{"alg":"HS256","typ":"JWT"}',
  key = secret,
): string {
  const input = `${encoded(header)}.${encoded(payload)}`;
  const mac = createHmac("sha256", key).update(input).digest("base64url");
  return `${input}.${mac}`;
}

/** A good token of so many characters. */
function forgedOf(length: number): string {
  const header = '{"alg":"HS256"}';
  const claims = { user_id: 2, exp: inAnHour(), note: "" };
  const spare = length - encoded(header).length - 2 - 43;
  const bytes = Math.floor(spare * 3 / 4) - JSON.stringify(claims).length;
  return forge(JSON.stringify({ ...claims, note: "x".repeat(bytes) }), header);
}

/** The text with another letter at its start. */
function other64(text: string): string {
  return (text.startsWith("A") ? "B" : "A") + text.slice(1);
}

function encoded(text: string): string {
  return Buffer.from(text).toString("base64url");
}

function decoded(part: string): string {
  return Buffer.from(part, "base64url").toString();
}

function utf16(text: string): string {
  return Buffer.from(`\ufeff${text}`, "utf16le").toString("latin1");
}

function inAnHour(): number {
  return Math.floor(Date.now() / 1000) + 3600;
}

function named(
  values: readonly unknown[],
  make: (value: unknown) => object,
  what: string,
): Record<string, object> {
  return Object.fromEntries(values.map((value, index) => {
    return [`${what} ${index + 1}`, make(value)];
  }));
}

function mapped<T>(
  values: Readonly<Record<string, T>>,
  make: (value: T) => string,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      return [name, make(value)];
    }),
  );
}

/** A text as it can stand in a name. */
function short(value: string): string {
  const json = JSON.stringify(value);
  return json.length < 70 ? json : `${json.slice(0, 40)}… (${value.length})`;
}

function text(fields: Fields): string {
  const lines = Object.entries(fields).map(([name, value]) => {
    return `${name}: ${value}`;
  });
  return lines.join(", ") || "nothing";
}

await main(process.argv.slice(2));
