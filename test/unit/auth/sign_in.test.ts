/**
 * The page for browsers: what stands in it, what it refuses and how, and the
 * way back.
 * The vocabulary of these tests, such as `server.ask(…)` or `server.logIn(…)`,
 * is that of test/support: site.ts and browser.ts.
 */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import type { AppOptions } from "../../../src/server/app.ts";
import type { PasswordHash } from "../../../src/auth/auth.ts";
import { HttpError } from "../../../src/http/http.ts";
import { slots } from "../../support/hashers.ts";
import { readExposition } from "../../support/exposition.ts";
import {
  isSignedIn,
  sameOrigin,
  show,
  type Shown,
  signIn,
  trySignIn,
} from "../../support/browser.ts";
import { under } from "../../support/browser.ts";
import { withClock } from "../../support/clock.ts";
import {
  makeServer,
  password,
  type Sent,
  type Server,
} from "../../support/site.ts";

const ada = "ada@example.org";

test("the page has a language, a title, one heading, and a form that needs no script", async () => {
  const { status, headers, text, setCookie } = await getPage(
    await serverWithAda(),
  );
  assert.deepEqual([status, setCookie], [200, null]);
  assert.equal(headers.get("content-type"), "text/html; charset=utf-8");
  assert.match(
    text,
    /^<!doctype html>\n<html lang="en">\n<meta charset="utf-8">/,
  );
  assert.match(text, /<title>[^<]+<\/title>/);
  assert.match(text, /<meta name="viewport" content="width=device-width">/);
  assert.equal(text.match(/<h1>/g)?.length, 1);
  assert.equal(text.match(/<main>/g)?.length, 1);
  // To where the page is.
  assert.equal(text.match(/<form method="post">/g)?.length, 1);
  assert.match(text, /<button>Sign in<\/button>/);
});

test("each field of the page has a label, and is known to password managers", async () => {
  const { text } = await getPage(await serverWithAda());
  const fields = [...text.matchAll(/<label>([^<]+)<input ([^>]*)><\/label>/g)];
  assert.equal(text.match(/<input/g)?.length, fields.length);
  const [email, secret] = fields.map((
    [, label = "", attributes],
  ) => [label.trim(), attributes]);
  assert.deepEqual(email, [
    "E-mail address",
    'name="email" type="email" autocomplete="username" required autofocus',
  ]);
  assert.deepEqual(secret, [
    "Password",
    'name="password" type="password" autocomplete="current-password" required',
  ]);
});

test("no page has a script, an attribute that runs or styles, or anything from elsewhere", async () => {
  for (const { text } of await allPages()) {
    assert.doesNotMatch(
      text,
      /<(?:script|iframe|object|embed|link|img|base|svg)/i,
    );
    assert.doesNotMatch(
      text,
      /\s(?:on\w+|style|src|href|srcdoc|formaction)\s*=/i,
    );
    assert.doesNotMatch(text, /javascript:|https?:|url\(|@import/i);
  }
});

test("every page forbids scripts, frames, other forms' targets and all styles but its own", async () => {
  for (const { headers, text } of await allPages()) {
    const [style = "", ...others] = [
      ...text.matchAll(/<style>([^<]*)<\/style>/g),
    ].map(([, x]) => x);
    assert.deepEqual([others, text.match(/<style/g)?.length], [[], 1]);
    const hash = createHash("sha256").update(style).digest("base64");
    const policy = (headers.get("content-security-policy") ?? "").split(";");
    assert.deepEqual(policy.map((directive) => directive.trim()).sort(), [
      "base-uri 'none'",
      "default-src 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
      `style-src 'sha256-${hash}'`,
    ]);
    assert.equal(headers.get("cache-control"), "no-store");
    assert.equal(headers.get("x-content-type-options"), "nosniff");
  }
});

test("a page's Referrer-Policy lets a browser say its Origin when it sends the form", async () => {
  for (const { headers } of await allPages()) {
    // Fetch, "Origin header": with "no-referrer" a form says `Origin: null`,
    // also to its own origin.
    assert.equal(headers.get("referrer-policy"), "same-origin");
  }
});

test("signing in sets one cookie and goes back, without a body", async () => {
  const { status, headers, text, location, setCookie } = await trySignIn(
    await serverWithAda(),
    ada,
  );
  assert.deepEqual([status, text, location], [303, "", "/"]);
  assert.match(setCookie ?? "", /^__Host-onejot=/);
  assert.equal(headers.get("cache-control"), "no-store");
});

test("what is wrong with a sign-in stands on the page as an alert, and nobody is signed in", async () => {
  const rows: readonly (readonly [Sent, number, string])[] = [
    [{ form: { email: ada, password: "wrong" } }, 400, "Wrong credentials."],
    [
      { form: { email: "nobody@example.org", password } },
      400,
      "Wrong credentials.",
    ],
    [{ form: { email: "no address", password } }, 400, "Wrong credentials."],
    [{ form: { email: "", password: "" } }, 400, "Wrong credentials."],
    [{ form: { email: ada } }, 400, "Missing field: password."],
    [{ form: { password } }, 400, "Missing field: email."],
    [{ form: {} }, 400, "Missing field: email, password."],
    [
      { form: { email: ada, password, x: "x".repeat(16_384) } },
      413,
      "The body is too large.",
    ],
  ];
  const server = await serverWithAda();
  for (const [sent, status, message] of rows) {
    const shown = await trySignIn(server, ada, sent);
    assertRefusal(shown, status, message);
    assert.equal(shown.headers.get("www-authenticate"), null);
  }
  const json = { email: ada, password: 1 };
  const sent = show(server.send("POST /signin", { headers: sameOrigin, json }));
  assertRefusal(await sent, 400, "Field is not text: password.");
  const headers = { ...sameOrigin, "content-type": "text/plain" };
  const plain = await show(server.send("POST /signin", { headers, json: ada }));
  assert.equal(plain.status, 415);
  assert.match(plain.text, /<p role="alert">Send the body as /);
  assert.deepEqual(
    await server.store.listSessions({
      userId: (await server.account(ada)).id,
      since: 0,
      after: null,
      limit: 2000,
    }),
    [],
  );
});

test("AUTH_STATUS says the status of a wrong password on the page as well", async () => {
  const server = await serverWithAda({ refusalStatus: 401 });
  const shown = await trySignIn(server, ada, {
    form: { email: ada, password: "wrong" },
  });
  assertRefusal(shown, 401, "Wrong credentials.");
  // RFC 9110 §15.5.2
  assert.equal(shown.headers.get("www-authenticate"), 'Bearer realm="onejot"');
});

test("whatever is wrong with the credentials, the page is the same to the byte", async () => {
  const server = await serverWithAda();
  await server.addUser("disabled@example.org");
  const { id } = await server.account("disabled@example.org");
  await server.store.changeUser({
    id,
    change: { isDisabled: true },
    tokensFrom: 2,
    author: null,
  });
  // deno-fmt-ignore
  const attempts = [
    [ada, "wrong"],
    ["nobody@example.org", password],
    ["none", password],
    ["disabled@example.org", password],
    ["disabled@example.org", "wrong"],
    [ada, ""],
  ];
  const pages = new Set<string>();
  for (const [email = "", tried = ""] of attempts) {
    const { status, headers, text } = await trySignIn(server, email, {
      form: { email, password: tried },
    });
    const fields = [...headers].filter(([name]) => name !== "x-request-id")
      .sort();
    pages.add(JSON.stringify([status, text, fields]));
  }
  assert.equal(pages.size, 1);
});

test("who tries too often is told on the page and in Retry-After for how long to wait", async () => {
  await withClock(async (clock) => {
    const server = await serverWithAda();
    const form = { email: ada, password: "wrong" };
    for (let count = 0; count < 5; count++) {
      assertRefusal(
        await trySignIn(server, ada, { form }),
        400,
        "Wrong credentials.",
      );
    }
    for (const [tried, seconds] of [["wrong", 1], [password, 1]] as const) {
      const shown = await trySignIn(server, ada, {
        form: { email: ada, password: tried },
      });
      assert.equal(shown.headers.get("retry-after"), String(seconds));
      assertRefusal(
        shown,
        429,
        `Too many requests: try again in ${seconds} seconds.`,
      );
    }
    clock.advance(1);
    assertRefusal(
      await trySignIn(server, ada, { form }),
      400,
      "Wrong credentials.",
    );
    const shown = await trySignIn(server, ada);
    assert.equal(shown.headers.get("retry-after"), "2");
    assertRefusal(shown, 429, "Too many requests: try again in 2 seconds.");
    clock.advance(2);
    assert.equal((await trySignIn(server, ada)).status, 303);
  });
});

test("sign-ins and logins are throttled together", async () => {
  await withClock(async () => {
    const form = { email: ada, password: "wrong" };
    const first = await serverWithAda();
    for (let count = 0; count < 5; count++) {
      await first.tryPassword(ada, "wrong");
    }
    assert.equal((await trySignIn(first, ada)).status, 429);
    const second = await serverWithAda();
    for (let count = 0; count < 5; count++) {
      await trySignIn(second, ada, { form });
    }
    assert.equal((await second.tryPassword(ada, password)).status, 429);
    const mixed = await serverWithAda();
    for (let count = 0; count < 3; count++) {
      await trySignIn(mixed, ada, { form });
    }
    for (let count = 0; count < 2; count++) {
      await mixed.tryPassword(ada, "wrong");
    }
    assert.equal((await trySignIn(mixed, ada)).status, 429);
    assert.equal((await mixed.tryPassword(ada, password)).status, 429);
    const elsewhere = { address: "192.0.2.9" };
    assert.equal((await trySignIn(mixed, ada, elsewhere)).status, 303);
  });
});

test("a page says of an account that was guessed at too often what helps, and no time", async () => {
  await withClock(async () => {
    const server = await serverWithAda();
    for (let count = 0; count < 100; count++) {
      const address = `10.0.${count}.1`;
      await server.tryPassword(ada, "wrong", { address });
    }
    const shown = await trySignIn(server, ada);
    assertRefusal(
      shown,
      429,
      "Too many wrong passwords for this account: log in from where you have " +
        "logged in before, or ask an administrator.",
    );
    assert.equal(shown.headers.get("retry-after"), String(24 * 3600));
    assert.match(
      await server.ask("GET /metrics", {
        address: "127.0.0.1",
        headers: { host: "localhost" },
      }),
      /onejot_logins_total\{outcome="locked"\} 1/,
    );
  });
});

test("a page without room to check the password says so, and when to come back", async () => {
  const server = await serverWithAda();
  const { subtle } = crypto;
  const original = subtle.deriveBits;
  const { promise: isFull, resolve } = Promise.withResolvers<void>();
  subtle.deriveBits = async (algorithm, key, length) => {
    await isFull;
    return await original.call(subtle, algorithm, key, length ?? null);
  };
  try {
    const attempts = Array.from({ length: 65 * slots }, (_, index) => {
      // Of a network each: nobody has more than another.
      const address = `10.${index >> 8}.${index & 255}.1`;
      return server.tryPassword(`${index}@example.org`, "wrong", { address });
    });
    const shown = await trySignIn(server, ada);
    resolve();
    await Promise.all(attempts);
    assert.equal(shown.headers.get("retry-after"), "5");
    assertRefusal(shown, 503, "Busy, try again later: try again in 5 seconds.");
  } finally {
    resolve();
    subtle.deriveBits = original;
  }
});

test("nothing that was sent is in the page or in its header", async () => {
  const mark = "sesame";
  const server = await serverWithAda();
  const headers = {
    "user-agent": `${mark}-agent`,
    cookie: `__Host-onejot=${mark}-cookie; ${mark}=1`,
    referer: `https://onejot.test/${mark}`,
    "x-forwarded-for": `${mark}-address`,
    "x-forwarded-uri": `/${mark}`,
    "accept-language": mark,
  };
  const target = `signin?return=/${mark}<script>&${mark}=${mark}`;
  const texts = [
    mark,
    `"><script>${mark}</script>`,
    `&${mark};'`,
    ...Array.from({ length: 6 }, () => `${mark}@example.org`),
  ];
  const shown: Shown[] = [
    await show(server.send(`GET /${target}`, { headers })),
  ];
  for (const email of texts) {
    for (
      const form of [{ email, password: mark }, { email }, {
        password: email,
        [mark]: mark,
      }]
    ) {
      const sent = { form, headers: { ...sameOrigin, ...headers } };
      shown.push(await show(server.send(`POST /${target}`, sent)));
    }
  }
  const { cookie } = await signIn(server, ada);
  const ours = { ...headers, cookie: `${cookie}; ${mark}=1` };
  shown.push(await show(server.send(`GET /${target}`, { headers: ours })));
  assert.deepEqual(
    new Set(shown.map(({ status }) => status)),
    new Set([200, 400, 429]),
  );
  for (const { headers, text } of shown) {
    assert.ok(!text.includes(mark) && !text.includes(cookie));
    assert.ok(!JSON.stringify([...headers]).includes(mark));
  }
});

test("who is signed in sees the e-mail address and a button to sign out", async () => {
  const server = await serverWithAda();
  const headers = await signIn(server, ada);
  const { status, text, setCookie } = await show(
    server.send("GET /signin", { headers }),
  );
  assert.deepEqual([status, setCookie], [200, null]);
  assert.ok(text.includes(`You are signed in as ${ada}.`));
  assert.match(
    text,
    /<form method="post" action="signout"><button>Sign out<\/button><\/form>/,
  );
  assert.ok(!text.includes("<input"));
});

test("an e-mail address with markup in it is text on the page", async () => {
  const server = await makeServer();
  for (
    const email of [
      "a&<b>@x",
      '"><script>alert(1)</script>@x',
      "&amp;@x",
      "'onload='@x",
    ]
  ) {
    await server.addUser(email);
    const headers = await signIn(server, email);
    const { text } = await show(server.send("GET /signin", { headers }));
    const shown = /You are signed in as (.*)\.<\/p>/.exec(text)?.[1] ?? "";
    assert.doesNotMatch(shown, /[<>"]|&(?!#\d+;)/);
    const read = shown.replace(
      /&#(\d+);/g,
      (_, code) => String.fromCharCode(Number(code)),
    );
    assert.equal(read, email);
  }
});

test("only signing in and out sets a cookie: a login and a refresh do not", async () => {
  const server = await serverWithAda();
  const headers = { ...sameOrigin, ...await signIn(server, ada) };
  for (const sent of [{}, { headers }]) {
    const form = { email: ada, password };
    const login = await server.send("POST /login", { form, ...sent });
    const { refresh_token } = Object(await login.clone().json());
    const refresh = await server.send("POST /refresh", {
      form: { refresh_token },
      ...sent,
    });
    const others = [
      "GET /signin",
      "GET /forward-auth",
      "GET /forward-auth/nginx",
      "GET /nowhere",
    ];
    const answers = await Promise.all(
      others.map((line) => server.send(line, sent)),
    );
    for (const response of [login, refresh, ...answers]) {
      assert.equal(response.headers.get("set-cookie"), null);
    }
    assert.deepEqual([login.status, refresh.status], [200, 200]);
  }
});

test("sign-ins are counted with the logins, by their outcome", async () => {
  await withClock(async () => {
    const server = await serverWithAda();
    const form = { email: ada, password: "wrong" };
    await trySignIn(server, ada);
    await trySignIn(server, ada);
    await server.logIn(ada);
    await trySignIn(server, ada, { form: { email: ada } });
    for (let count = 0; count < 5; count++) {
      await trySignIn(server, ada, { form });
    }
    await trySignIn(server, ada);
    await trySignIn(server, ada, {
      headers: { "sec-fetch-site": "cross-site" },
    }); // is none
    const scrape = await show(
      server.send("GET /metrics", {
        address: "127.0.0.1",
        headers: { host: "localhost" },
      }),
    );
    const counts = scrape.text.match(/^onejot_logins_total.* [1-9]\d*$/gm)
      ?.sort();
    assert.ok(readExposition(scrape.text).length > 0);
    assert.deepEqual(counts, [
      'onejot_logins_total{outcome="malformed"} 1',
      'onejot_logins_total{outcome="right"} 3',
      'onejot_logins_total{outcome="throttled"} 1',
      'onejot_logins_total{outcome="wrong"} 5',
    ]);
  });
});

/** Ways back that are paths of the same host, with whatever query. */
const good = [
  "/",
  "/x",
  "/x/y/",
  "/x?a=1",
  "/x?a=1&b=2",
  "/x?a==?&&b=??&c=%26+%2B%20d%2F",
  "/?",

  "/x?return=/y",
  "/x?return=//evil.example",
  "/x?u=https://evil.example/",
  "/a//b",
  "/x//",

  "/onejot/signin",
  "/@evil.example",
  "/:80",
  "/.",
  "/x/../y",
  "/.//evil.example",
  "/%5Cevil",

  "/%2F%2Fevil.example",
  "/x;y=1,2!$()*~",
  "/[x]^`{|}",
  "/?a=b&return=c",
  "/%zz",
  "/&a=b",
];

/** What stands for "/". */
const bad = [
  "",
  "x",
  "x/y",
  "?x",
  "&",
  "//",
  "//evil.example",
  "///evil.example",
  "//evil.example/x?y",

  "/\\",
  "/\\evil.example",
  "\\/evil.example",
  "\\\\evil.example",
  "/x\\y",
  "https://evil.example/",

  "https:/evil.example",
  "https:evil.example",
  "javascript:alert(1)",
  "data:text/html,x",
  ":80",

  "%2F",
  "%2F%2Fevil.example",
  "@evil.example",
  ".",
  "../x",
  "=/x",
  "+/x",
  "%20/x",
];

test("the way back is a path of the same host, with its query as it stands, and nothing else", async () => {
  const server = await serverWithAda();
  const rows = [
    ...good.map((way) => [way, way] as const),
    ...bad.map((way) => [way, "/"] as const),
  ];
  for (const [way, expected] of rows) {
    const form = { email: ada, password };
    const sent = { form, headers: sameOrigin };
    const { status, location } = await show(
      server.send(`POST /signin?return=${way}`, sent),
    );
    assert.deepEqual([status, location], [303, expected], way);
    const url = new URL(location ?? "", "https://onejot.test/onejot/signin");
    assert.equal(url.origin, "https://onejot.test", way);
  }
});

test("a way back of more than 2,048 characters leads to /, and is not cut", async () => {
  const server = await serverWithAda();
  for (const length of [2047, 2048, 2049, 3700, 7900]) {
    const way = "/x?".padEnd(length, "y");
    const form = { email: ada, password };
    const { status, headers, location } = await show(
      server.send(`POST /signin?return=${way}`, { form, headers: sameOrigin }),
    );
    assert.deepEqual([status, location], [303, length > 2048 ? "/" : way]);
    // What nginx takes by default is 4 KiB, with the fields that it adds itself.
    const lines = [...headers].map(([name, value]) => `${name}: ${value}\r\n`);
    assert.ok(
      lines.join("").length < 3.5 * 1024,
      String(lines.join("").length),
    );
  }
});

test("a way back is only what stands behind return= at the query's start", async () => {
  const server = await serverWithAda();
  const targets = [
    "/signin",
    "/signin?",
    "/signin?return",
    "/signin?x=1&return=/x",
    "/signin?Return=/x",

    "/signin?&return=/x",
    "/signin?xreturn=/x",
    "/signin?return%3D/x",
    "/signin?r=/x",
    "/signin?return[]=/x",
    "/signin??return=/x",
  ];
  for (const target of targets) {
    const form = { email: ada, password, return: "/typed" };
    const shown = await show(
      server.send(`POST ${target}`, { form, headers: sameOrigin }),
    );
    assert.deepEqual([shown.status, shown.location], [303, "/"], target);
  }
});

test("a refused sign-in keeps its way back: the form is sent to where the page is", async () => {
  const server = await serverWithAda();
  const target = "/signin?return=/x?a=1&b=%26";
  const form = { email: ada, password: "wrong" };
  const refused = await show(
    server.send(`POST ${target}`, { form, headers: sameOrigin }),
  );
  assert.equal(refused.status, 400);
  assert.match(refused.text, /<form method="post">/);
  assert.doesNotMatch(refused.text, /action=/);
});

test("a sign-in that overlaps with a disable or a new password signs nobody in", async () => {
  for (
    const change of [{ isDisabled: true }, {
      passwordHash: "another" as PasswordHash,
    }]
  ) {
    const server = await makeServer({}, (store) => ({
      addSession: async (order) => {
        await store.changeUser({
          id: order.account.id,
          change,
          tokensFrom: 2,
          author: null,
        });
        return await store.addSession(order);
      },
    }));
    const { id } = await server.addUser(ada);
    assertRefusal(await trySignIn(server, ada), 400, "Wrong credentials.");
    assert.deepEqual(
      await server.store.listSessions({
        userId: id,
        since: 0,
        after: null,
        limit: 2000,
      }),
      [],
    );
  }
});

test("a fault in a sign-in is a 500 that says nothing and sets no cookie", async () => {
  const bare500 = '{"message":"Internal server error"}';
  const fail = () => {
    throw new Error("secret");
  };
  for (const name of ["findLogin", "addSession", "countAttempt"]) {
    const server = await makeServer({}, () => ({ [name]: fail }));
    await server.addUser(ada);
    const { status, text, setCookie } = await trySignIn(server, ada);
    assert.deepEqual([status, text, setCookie], [500, bare500, null], name);
  }
  const server = await makeServer(
    {},
    () => ({ findUserOfCookie: fail, endSession: fail }),
  );
  await server.addUser(ada);
  const headers = { ...sameOrigin, ...await signIn(server, ada) };
  for (const line of ["GET /signin", "POST /signout"]) {
    const { status, text, setCookie } = await show(
      server.send(line, { headers }),
    );
    assert.deepEqual([status, text, setCookie], [500, bare500, null], line);
  }
});

test("a fault that looks like a refusal is no page", async () => {
  const lookalike = {
    name: "HttpError",
    status: 400,
    message: "secret",
    headers: {},
  };
  const server = await makeServer({}, () => ({
    addSession: () => {
      throw lookalike;
    },
  }));
  await server.addUser(ada);
  assert.equal((await trySignIn(server, ada)).status, 500);
  const refusing = await makeServer({}, () => ({
    addSession: () => {
      throw new HttpError(409, 'A <b> & a "c"');
    },
  }));
  await refusing.addUser(ada);
  const { status, text } = await trySignIn(refusing, ada);
  assert.equal(status, 409);
  assert.match(
    text,
    /<p role="alert">A &#60;b&#62; &#38; a &#34;c&#34;\.<\/p>/,
  );
});

test("the pages take GET, HEAD and POST where they must, and say so", async () => {
  const server = await serverWithAda();
  const head = await show(server.send("HEAD /signin"));
  assert.deepEqual([head.status, head.text], [200, ""]);
  const rows = [["PUT /signin", "GET, HEAD, OPTIONS, POST"], [
    "GET /signout",
    "OPTIONS, POST",
  ]];
  for (const [line = "", allow] of rows) {
    const { status, headers, setCookie } = await show(server.send(line));
    assert.deepEqual([status, headers.get("allow"), setCookie], [
      405,
      allow,
      null,
    ]);
  }
});

test("under a prefix the page's own links lead below the prefix", async () => {
  const server = await serverWithAda();
  const site = under("app.example.org", server, { pathPrefix: "/onejot" });
  const form = { email: ada, password };
  const signedIn = await show(
    site.send("POST /onejot/signin?return=/x?a=/onejot", {
      form,
      headers: sameOrigin,
    }),
  );
  assert.deepEqual([signedIn.status, signedIn.location], [303, "/x?a=/onejot"]);
  const cookie = signedIn.setCookie?.split(";", 1)[0] ?? "";
  const page = await show(
    site.send("GET /onejot/signin", { headers: { cookie } }),
  );
  const action = /action="([^"]*)"/.exec(page.text)?.[1] ?? "";
  const target =
    new URL(action, "https://app.example.org/onejot/signin").pathname;
  assert.equal(target, "/onejot/signout");
  const out = await show(
    site.send(`POST ${target}`, { headers: { ...sameOrigin, cookie } }),
  );
  const next =
    new URL(out.location ?? "", `https://app.example.org${target}`).pathname;
  assert.equal(next, "/onejot/signin");
  assert.equal(
    await isSignedIn(under("app.example.org", server), { cookie }),
    false,
  );
});

async function serverWithAda(parts: Partial<AppOptions> = {}): Promise<Server> {
  const server = await makeServer(parts);
  await server.addUser(ada);
  return server;
}

function getPage(server: Server): Promise<Shown> {
  return show(server.send("GET /signin"));
}

/** The form, a refusal, and the page of one who is signed in. */
async function allPages(): Promise<readonly Shown[]> {
  const server = await serverWithAda();
  const refusal = await trySignIn(server, ada, {
    form: { email: ada, password: "wrong" },
  });
  const headers = await signIn(server, ada);
  return [
    await getPage(server),
    refusal,
    await show(server.send("GET /signin", { headers })),
  ];
}

/** The form once more, with what is wrong above it, and no cookie. */
function assertRefusal(
  { headers, ...shown }: Shown,
  status: number,
  message: string,
): void {
  assert.equal(shown.status, status, message);
  assert.equal(headers.get("content-type"), "text/html; charset=utf-8");
  assert.deepEqual([shown.setCookie, shown.location], [null, null]);
  const alerts = [...shown.text.matchAll(/<p role="alert">([^<]*)<\/p>/g)].map((
    [, text],
  ) => text);
  assert.deepEqual(alerts, [message]);
  assert.match(shown.text, /<form method="post">[^]*type="password"/);
  assert.doesNotMatch(shown.text, /value=/);
}
