/**
 * Nothing secret in any log: every route, well and badly used, with marked
 * tokens, passwords, secrets, header values, queries and e-mail addresses, with
 * tokens and the ids of sessions in paths, and with a database that is broken.
 * Then all that the server has printed is
 * searched for the marks, also in the forms in which they travel.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { DatabaseSync } from "node:sqlite";
import { slowTest } from "../../support/slow_test.ts";
import {
  claimsOf,
  password,
  type RequestParts,
  routesOfServer,
  send,
  startSession,
  type TestDatabase,
  withAccounts,
} from "../../support/client.ts";
import {
  sendRaw,
  type ServerProcess,
  type Variables,
  withServer,
} from "../../support/server_process.ts";

const cases = [
  { proxy: "no trusted proxy", variables: {}, notices: 1 },
  {
    proxy: "this machine as a trusted proxy",
    variables: { TRUSTED_PROXIES: "127.0.0.0/8" },
    notices: 0,
  },
];

for (const { proxy, variables, notices } of cases) {
  slowTest(
    `no token, password, secret, header, query or address is printed, with ${proxy}`,
    async () => {
      const marks = new Marks();
      const people = ["admin", "ada", "bob", "eve"].map((name) =>
        marks.email(name)
      );
      await withAccounts(people, async (database) => {
        const secrets: Variables = {
          JWT_SECRET: marks.make("secret of tokens without kid"),
          JWT_SECRETS: `new:${marks.make("signing secret")},old:${
            marks.make("older secret")
          }`,
        };
        await withServer(
          { ...database.variables, ...secrets, ...variables },
          async (server) => {
            const driver = new Driver(server, marks);
            await driveWell(driver, people);
            await driveBadly(driver, people);
            await drivePaths(driver, people);
            await driveRaw(driver);
            breakDatabase(database, marks);
            await driveBroken(driver, people);
            assert.deepEqual(
              routesOfServer().filter((route) => !driver.routes.has(route)),
              [],
            );
            assert.equal(await server.stop(), 0);
            assertClean(server, driver);
            assert.equal(
              server.output.stdout.match(/TRUSTED_PROXIES/g)?.length ?? 0,
              notices,
            );
          },
        );
      });
    },
  );
}

/** Texts that may not be printed, in none of their forms. */
class Marks {
  readonly texts: Set<string> = new Set([password]);
  #count = 0;

  /** A text that looks like nothing else that is printed. */
  make(purpose: string): string {
    const text = `sesame${++this.#count}-${crypto.randomUUID()} ${purpose}`;
    this.texts.add(text).add(text.split(" ", 1)[0] ?? "");
    return text;
  }

  /** The same as a word, for where spaces may not stand. */
  word(): string {
    return this.make("").trimEnd();
  }

  email(name: string): string {
    const text = `${name}-${this.word()}@example.org`;
    this.texts.add(text);
    return text;
  }

  /**
   * A token in its parts: the payload and the MAC, a refresh token's session,
   * value and proof.
   */
  token(text: string): string {
    this.texts.add(text);
    for (const part of text.split(".").slice(1)) this.texts.add(part);
    if (!text.includes(".")) {
      this.texts.add(text.slice(0, 22)).add(text.slice(22, 65));
      this.texts.add(text.slice(65));
    }
    return text;
  }

  /** Each text as it is and in the forms in which it can travel. */
  forms(): string[] {
    return [...this.texts].flatMap((text) => {
      const bytes = Buffer.from(text, "utf8");
      const encodings = ["base64", "base64url", "hex"] as const;
      const encoded = encodings.map((encoding) =>
        bytes.toString(encoding).replace(/=+$/, "")
      );
      const escaped = JSON.stringify(text).slice(1, -1);
      return [text, escaped, encodeURIComponent(text), ...encoded].filter((
        form,
      ) => form !== "");
    });
  }
}

/**
 * Sends requests with marks wherever a client can put them, and remembers the
 * routes.
 */
class Driver {
  readonly server: ServerProcess;
  readonly marks: Marks;
  /** What was asked for, in the form of `routesOfServer`. */
  readonly routes: Set<string> = new Set();
  /** How many requests must have their line in the log. */
  requests = 0;
  /** The cookie that was set last and not removed. */
  cookie: string | null = null;
  /** How many of them were answered with a 500. */
  faults = 0;

  constructor(server: ServerProcess, marks: Marks) {
    this.server = server;
    this.marks = marks;
  }

  async send(
    route: string,
    sent: RequestParts,
    status: number | readonly number[],
  ): Promise<Readonly<Record<string, unknown>>> {
    const [method = "", path = ""] = route.split(" ");
    const pattern = path.replace(/\?.*/, "").replace(
      /^(\/(?:users|sessions))\/.+/,
      "$1/:id",
    );
    this.routes.add(`${method} ${pattern}`);
    this.requests++;
    const query = `${path.includes("?") ? "&" : "?"}token=${this.marks.word()}`;
    const answer = await send(this.server, route + query, {
      ...sent,
      headers: { ...this.#headers(path), ...sent.headers },
    });
    assert.ok(
      [status].flat().includes(answer.status),
      `${route}: ${answer.text}`,
    );
    if (status === 500) this.faults++;
    const [cookie = ""] = (answer.headers.get("set-cookie") ?? "").split(
      ";",
      1,
    );
    this.cookie = cookie === "__Host-onejot=" ? null : cookie || this.cookie;
    if (cookie.length > 30) {
      this.marks.texts.add(cookie).add(cookie.replace("__Host-onejot=", ""));
    }
    const { token, refresh_token: refreshToken } = answer.body;
    if (typeof token === "string") this.marks.token(token);
    if (typeof refreshToken === "string") this.marks.token(refreshToken);
    return answer.body;
  }

  #headers(path: string): Record<string, string> {
    const word = () => this.marks.word();
    // Which would make a stranger of one who asks for /metrics.
    const forwarded = {
      "x-forwarded-for": `${word()}, 203.0.113.7 ${word()}`,
      "forwarded": `for=${word()}`,
      "x-real-ip": word(),
      "via": `1.1 ${word()}`,
    };
    return {
      ...(path === "/metrics" ? {} : forwarded),
      "user-agent": `Browser ${word()}`,
      "cookie": `session=${word()}`,
      "referer": `https://example.org/${word()}`,
      "x-request-id": word(),
      "x-api-key": word(),
    };
  }
}

async function driveWell(
  driver: Driver,
  [admin = "", ada = ""]: readonly string[],
): Promise<void> {
  const { marks } = driver;
  const logIn = async (email: string, password: string) => {
    const { token, refresh_token } = await driver.send(
      "POST /login",
      { form: { email, password } },
      200,
    );
    return { token: String(token), refresh_token: String(refresh_token) };
  };
  for (const route of routesOfServer()) {
    if (/^GET \/(?:healthz|readyz|metrics)$/.test(route)) {
      await driver.send(route, {}, 200);
    }
  }
  const { token } = await logIn(admin, password);
  const own = await logIn(ada, password);
  const other = await logIn(ada, password);
  await driver.send("GET /get-user", { token: own.token }, 200);
  await driver.send("GET /sessions", { token: own.token }, 200);
  const { sid } = claimsOf(other.token);
  await driver.send(`DELETE /sessions/${sid}`, { token: own.token }, 204);
  const form = { refresh_token: own.refresh_token };
  const { refresh_token: next } = await driver.send(
    "POST /refresh",
    { form },
    200,
  );
  await driver.send("POST /refresh", { json: form }, 200);
  const passwords = { password, new_password: marks.make("new password") };
  await driver.send(
    "POST /logout",
    { form: { refresh_token: String(next) } },
    204,
  );
  const again = await logIn(ada, password);
  const { refresh_token: begun } = await driver.send(
    "POST /password",
    { token: again.token, form: passwords },
    200,
  );
  await driver.send(
    "POST /logout?everywhere=1",
    { form: { refresh_token: String(begun) } },
    204,
  );
  const json = {
    email: marks.email("new"),
    password: marks.make("first password"),
  };
  const { id } = await driver.send("POST /users", { token, json }, 201);
  await driver.send("GET /users?limit=2&after=1", { token }, 200);
  await driver.send(`GET /users/${id}`, { token }, 200);
  const change = {
    password: marks.make("second password"),
    is_disabled: true,
    is_admin: true,
  };
  await driver.send(`PATCH /users/${id}`, { token, json: change }, 200);
  await driveBrowser(driver, ada, passwords.new_password);
  const last = await logIn(ada, passwords.new_password);
  await driver.send("POST /logout?everywhere=1", { token: last.token }, 204);
}

/**
 * The way of a browser: to the page, in, to a service behind the proxy, and out
 * again.
 */
async function driveBrowser(
  driver: Driver,
  email: string,
  password: string,
): Promise<void> {
  const { marks } = driver;
  const html = {
    accept: "text/html",
    "x-forwarded-uri": `/${marks.word()}?${marks.word()}`,
  };
  await driver.send("GET /forward-auth", { headers: html }, 302);
  await driver.send("GET /signin", {}, 200);
  await driver.send(`GET /signin?return=/${marks.word()}`, {}, 200);
  for (const way of [`/${marks.word()}?${marks.word()}`, `//${marks.word()}`]) {
    const form = { email, password, [marks.word()]: marks.word() };
    await driver.send(`POST /signin?return=${way}`, {
      form,
      headers: sameOrigin,
    }, 303);
  }
  const { cookie } = driver;
  assert.match(cookie ?? "", /^__Host-onejot=[\w-]{43}$/);
  const headers = {
    ...sameOrigin,
    cookie: `${marks.word()}=${marks.word()}; ${cookie}`,
  };
  await driver.send("GET /signin", { headers }, 200);
  await driver.send(
    "GET /forward-auth",
    { headers: { ...html, ...headers } },
    200,
  );
  const basic = {
    authorization: `Basic ${btoa(`${email}:${password}`)}`,
    "x-auth-email": email,
  };
  await driver.send("GET /forward-auth/nginx", {
    headers: { ...headers, ...basic },
  }, 200);
  await driver.send("POST /signout", { headers }, 303);
  assert.equal(driver.cookie, null);
  await driver.send("GET /forward-auth/nginx", { headers }, 401);
}

/** What a browser, a proxy or somebody who plays one gets refused. */
async function drivePagesBadly(
  driver: Driver,
  email: string,
  tokens: readonly string[],
) {
  const { marks } = driver;
  const wrong = () => ({
    email: marks.email("nobody"),
    password: marks.make("wrong password"),
  });
  const elsewhere = {
    origin: `https://${marks.word()}`,
    "sec-fetch-site": marks.word(),
  };
  const cookie = `__Host-onejot=${marks.word()}`;
  await driver.send("POST /signin", {
    form: { email, password },
    headers: elsewhere,
  }, 403);
  await driver.send(
    "POST /signout",
    { headers: { ...elsewhere, cookie } },
    403,
  );
  await driver.send(
    "POST /signout",
    { headers: { ...sameOrigin, cookie } },
    303,
  );
  await driver.send("POST /login", {
    form: wrong(),
    headers: { ...elsewhere, cookie },
  }, 403);
  await driver.send("GET /signin", { headers: { cookie } }, 200);
  for (const route of ["GET /forward-auth", "GET /forward-auth/nginx"]) {
    for (const token of tokens) await driver.send(route, { token }, 401);
    const basic = `Basic ${btoa(`${email}:${marks.word()}`)}`;
    await driver.send(
      route,
      { headers: { authorization: basic, cookie } },
      401,
    );
    const identity = {
      "x-auth-user-id": marks.word(),
      "x-auth-email": marks.email("nobody"),
    };
    await driver.send(route, {
      headers: { ...identity, cookie: `${cookie}; ${cookie}` },
    }, 401);
  }
}

async function driveBadly(
  driver: Driver,
  people: readonly string[],
): Promise<void> {
  const { marks } = driver;
  const [admin = "", ada = "", bob = ""] = people;
  const own = await startSession(driver.server, bob);
  driver.requests++;
  const { token } = await startSession(driver.server, admin);
  driver.requests++;
  for (const text of [own.token, own.refreshToken, token]) marks.token(text);
  const [header = "", payload = ""] = own.token.split(".");
  const forged = [
    header,
    payload,
    Buffer.from(marks.word()).toString("base64url"),
  ].join(".");
  for (const bad of [forged, `${own.token}x`, marks.word(), own.refreshToken]) {
    for (const route of routesOfServer()) {
      if (!/\/(?:users|sessions|get-user|password|logout)/.test(route)) {
        continue;
      }
      const [method, path = ""] = route.split(" ");
      await driver.send(`${method} ${path.replace(":id", "1")}`, {
        token: marks.token(bad),
      }, 400);
    }
  }
  await drivePagesBadly(driver, ada, [
    forged,
    `${own.token}x`,
    marks.word(),
    own.refreshToken,
  ]);
  const basic = { authorization: `Basic ${btoa(`${ada}:${password}`)}` };
  await driver.send("GET /get-user", { headers: basic }, 400);
  await driver.send("GET /metrics", {
    headers: { "x-forwarded-for": marks.word() },
  }, 404);
  const wrong = () => ({
    email: marks.email("nobody"),
    password: marks.make("wrong password"),
  });
  await driver.send(
    "POST /signin",
    { form: wrong(), headers: sameOrigin },
    400,
  );
  await driver.send("POST /login", { json: wrong() }, 400);
  for (const [index, email] of controlled(marks).entries()) {
    // Few enough for the throttle.
    const route = index % 2 === 0 ? "POST /login" : "POST /signin";
    await driver.send(
      route,
      { form: { email, password }, headers: sameOrigin },
      400,
    );
    await driver.send("POST /users", { token, json: { email, password } }, 400);
  }
  const broken = {
    body: `{"email":"${marks.word()}", ${marks.word()}`,
    headers: json,
  };
  const plain = {
    body: marks.word(),
    headers: { "content-type": `text/${marks.word()}` },
  };
  for (
    const route of [
      "POST /login",
      "POST /refresh",
      "POST /logout",
      "POST /password",
    ]
  ) {
    const given = route === "POST /password" ? { token: own.token } : {};
    await driver.send(route, { ...given, ...broken }, 400);
    await driver.send(route, { ...given, ...plain }, 415);
    await driver.send(route, {
      ...given,
      form: { [marks.word()]: marks.word() },
    }, 400);
    const long = {
      body: `x=${marks.word().repeat(500)}`,
      headers: { "content-type": formType },
    };
    await driver.send(route, { ...given, ...long }, 413);
  }
  for (const route of ["POST /users", "PATCH /users/2"]) {
    await driver.send(route, { token, ...broken }, 400);
    await driver.send(route, { token, ...plain }, 415);
    await driver.send(
      route,
      { token, json: { [marks.word()]: marks.word() } },
      400,
    );
    await driver.send(
      route,
      { token, json: { password: [marks.word()] } },
      400,
    );
    await driver.send(route, { token: own.token, json: wrong() }, 403);
  }
  await driver.send(
    "POST /users",
    { token, json: { email: ada, password } },
    409,
  );
  await driver.send(
    "PATCH /users/1",
    { token, json: { is_disabled: true } },
    409,
  );
  await driver.send(
    "PATCH /users/999",
    { token, json: { is_disabled: true } },
    404,
  );
  await driver.send(`GET /users?after=${marks.word()}`, { token }, 400);
  await driver.send(`POST /logout?everywhere=${marks.word()}`, { token }, 400);
  const refused = own.refreshToken.slice(0, 65) + marks.word().slice(0, 22);
  await driver.send("POST /refresh", {
    form: { refresh_token: marks.token(refused) },
  }, 400);
  for (let attempt = 0; attempt < 5; attempt++) {
    const form = {
      password: marks.make("guess"),
      new_password: marks.make("new password"),
    };
    await driver.send("POST /password", { token: own.token, form }, 400);
  }
  await driveIntoThrottle(driver, bob);
}

/** Tokens and the ids of sessions in paths, where a route is and where none. */
async function drivePaths(
  driver: Driver,
  [admin = ""]: readonly string[],
): Promise<void> {
  const { server, marks } = driver;
  const { token, refreshToken, sid } = await startSession(server, admin);
  driver.requests++;
  for (const text of [token, refreshToken]) marks.token(text);
  for (const text of [sid, token, refreshToken, marks.word()]) {
    marks.texts.add(text);
    for (const path of [text, `get-user/${text}`, `x/${text}/y`]) {
      await driver.send(`GET /${path}`, { token }, 404);
      await driver.send(`POST /${path}`, { token }, 404);
    }
    await driver.send(`GET /users/${text}`, { token }, 404);
    await driver.send(`GET /sessions/${text}`, { token }, 405);
    await driver.send(`OPTIONS /sessions/${text}`, { token }, 204);
    await driver.send(`DELETE /sessions/${text}%`, { token }, 400);
    await driver.send(`DELETE /sessions/${text}x`, { token }, 404);
  }
  await driver.send(`DELETE /sessions/${sid}`, { token }, 204);
}

/**
 * A wait is over with its second, so that it can take more than one more
 * failure to meet one.
 */
async function driveIntoThrottle(driver: Driver, email: string): Promise<void> {
  for (let failures = 5; failures < 12; failures++) {
    const form = { email, password: driver.marks.make("guess") };
    const { message } = await driver.send("POST /login", { form }, [400, 429]);
    if (message === "Too many requests") return;
  }
  throw new Error("The throttle lets everything through");
}

const json = { "content-type": "application/json" };
const sameOrigin = { "sec-fetch-site": "same-origin" };
const formType = "application/x-www-form-urlencoded";

/** E-mail addresses with what a terminal or a reader of logs could act on. */
function controlled(marks: Marks): string[] {
  const controls = [
    "\u001b[31m\u0007",
    "\r\n{}\r\n",
    "\0",
    "\u009b2J",
    "\u2028",
    "\u007f",
  ];
  return controls.map((control) => {
    const text = `${marks.word()}${control}${marks.word()}@example.org`;
    marks.texts.add(text);
    return text;
  });
}

/**
 * What no client library sends: controls in the path, the method and the header
 * fields.
 */
async function driveRaw({ server, marks }: Driver): Promise<void> {
  const word = () => marks.word();
  const end = "Host: localhost\r\nConnection: close";
  const requests = [
    `GET /get-user\u001b[31m?${word()} HTTP/1.1\r\n${end}\r\n\r\n`,
    `GET /\u00c2\u009b2J\u00e2\u0080\u00a8?${word()} HTTP/1.1\r\n${end}\r\n\r\n`,
    `GET /%1b%5b31m%0a%c2%9b?${word()} HTTP/1.1\r\n${end}\r\n\r\n`,
    `GET /${"x".repeat(3000)}?${word()} HTTP/1.1\r\n${end}\r\n\r\n`,
    `G\u001bT /healthz?${word()} HTTP/1.1\r\n${end}\r\n\r\n`,
    `GET /healthz HTTP/1.1\r\n${end}\r\nUser-Agent: \u001b]0;${word()}\u0007\r\n\r\n`,
    `GET /healthz HTTP/1.1\r\n${end}\r\nX-Forwarded-For: \u0085\u009b${word()}\r\n\r\n`,
    `GET /healthz HTTP/1.1\r\nHost: ${word()}/\u009b\r\nConnection: close\r\n\r\n`,
    `GET http://${word()}@localhost/healthz HTTP/1.1\r\n${end}\r\n\r\n`,
    `GET /get-user HTTP/1.1\r\n${end}\r\nAuthorization: Bearer ${word()}\u009b\u007f\r\n\r\n`,
    `POST /login HTTP/1.1\r\n${end}\r\nContent-Length: 9\r\n${word()}: ${word()}\r\n\r\n${word()}`,
  ];
  await Promise.all(
    requests.map((text) => sendRaw(server.port, Buffer.from(text, "latin1"))),
  );
}

/** Puts marks where they make statements and readers fail. */
function breakDatabase({ path }: TestDatabase, marks: Marks): void {
  const database = new DatabaseSync(path);
  try {
    database.exec("PRAGMA busy_timeout = 1000");
    const change = database.prepare(
      "UPDATE users SET password_hash = ? WHERE id = 4",
    );
    change.run(marks.make("hash in another form"));
    database.exec("ALTER TABLE sessions RENAME COLUMN refreshed_at TO gone");
  } finally {
    database.close();
  }
}

async function driveBroken(
  driver: Driver,
  people: readonly string[],
): Promise<void> {
  const { marks } = driver;
  const [admin = "", , , eve = ""] = people;
  // A hash that cannot be read, a session that cannot be stored.
  for (const email of [eve, admin]) {
    await driver.send("POST /login", { form: { email, password } }, 500);
  }
  const token =
    [...marks.texts].findLast((text) =>
      /^eyJ[^.]*\.[^.]+\.[^.]{43}$/.test(text)
    ) ?? "";
  assert.notEqual(token, "");
  for (
    const route of [
      "GET /get-user",
      "GET /users",
      "GET /users/1",
      "DELETE /sessions/x",
    ]
  ) {
    await driver.send(route, { token }, 500);
  }
  const headers = { ...sameOrigin, cookie: `__Host-onejot=${marks.word()}` };
  for (const route of ["GET /forward-auth", "GET /forward-auth/nginx"]) {
    await driver.send(route, { token }, 500);
    await driver.send(route, { headers }, 500);
  }
  for (const route of ["GET /signin", "POST /signout"]) {
    await driver.send(route, { headers }, 500);
  }
  const form = { email: admin, password };
  await driver.send("POST /signin", { form, headers }, 500);
  const refreshToken =
    [...marks.texts].findLast((text) => /^[\w-]{87}$/.test(text)) ?? "";
  await driver.send(
    "POST /refresh",
    { form: { refresh_token: refreshToken } },
    500,
  );
  if (routesOfServer().includes("GET /metrics")) {
    // Without what the database counts.
    await driver.send("GET /metrics", {}, 200);
  }
}

function assertClean(
  { output }: ServerProcess,
  { marks, requests, faults }: Driver,
): void {
  const { stdout, stderr } = output;
  assert.equal(stderr, "");
  const lines = stdout.trimEnd().split("\n");
  const controls = /[\p{Cc}\u2028\u2029]/u;
  for (const line of lines) {
    assert.doesNotMatch(line, controls);
    const record: unknown = JSON.parse(line);
    assert.ok(
      typeof record === "object" && record !== null && !Array.isArray(record),
      line,
    );
    for (const value of Object.values(record)) { // what a reader would print
      assert.ok(
        value === null || ["string", "number"].includes(typeof value),
        line,
      );
    }
  }
  assert.ok((stdout.match(/"method":/g)?.length ?? 0) >= requests);
  assert.ok(faults >= 7);
  assert.equal(stdout.match(/"level":"error","fault":"/g)?.length, faults);
  const forms = marks.forms();
  assert.ok(forms.length > 500);
  const printed = stdout.toLowerCase();
  const found = forms.filter((form) => printed.includes(form.toLowerCase()));
  assert.deepEqual(
    found,
    [],
    lines.filter((line) => found.some((form) => line.includes(form))).join(
      "\n",
    ),
  );
}
