/**
 * Signing in and out with a browser, through the proxy.
 */

import assert from "node:assert/strict";
import {
  acceptPage,
  type Answer,
  fromOwnPage,
  locationOf,
  valuesOf,
} from "./client.ts";
import { assertIsSignedOut, assertSeenAs, deepPath, refused } from "./gate.ts";
import { password } from "./onejot.ts";
import { host } from "./examples.ts";
import { ada, bob, eve, signInOf, type Site } from "./site.ts";

/** Where a request comes from that is of another origin, or does not say. */
const elsewhere: readonly (readonly string[])[] = [
  ["Origin: https://evil.example"],
  [`Origin: https://${host}.evil.example`],
  [`Origin: https://evil.example/https://${host}`],
  [`Origin: http://${host}`],
  [`Origin: https://${host}:8443`],
  ["Origin: null"],
  ["Sec-Fetch-Site: cross-site"],
  ["Sec-Fetch-Site: same-site"],
  ["Sec-Fetch-Site: none"],
  ["Sec-Fetch-Site: cross-site", `Origin: https://${host}`],
  ["Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: cross-site"],
  ["Origin: https://evil.example", "X-Forwarded-Host: evil.example"],
  [`Referer: https://${host}/onejot/signin`],
  [],
];

/**
 * What would lead a browser away, if it were followed; null stands for no way
 * back at all.
 */
const waysAway: readonly (string | null)[] = [
  "//evil.example",
  "///evil.example",
  "/\\evil.example",
  "/\\/evil.example",

  "\\\\evil.example",
  "https://evil.example",
  "https:evil.example",
  "javascript:alert(1)",

  "/%0d%0aX:%20y",
  "/%09/evil.example",
  "/%5Cevil.example",
  "//evil.example/%2e%2e",
  "%2F%2Fevil.example",
  "evil.example",
  "@evil.example",
  "/@evil.example",
  "/&return=//evil.example",
  "",
  "?",
  null,
];

export async function checkSigningIn(site: Site): Promise<void> {
  for (const headers of fromOwnPage) await checkPage(site, headers);
  await checkWrongPassword(site);
  await checkWayBack(site);
  await checkLongWayBack(site);
  await checkSigningOut(site);
  await checkOtherOrigins(site);
}

/**
 * As a person does it: from the service to the page, through its form, and
 * back.
 */
async function checkPage(site: Site, header: string): Promise<void> {
  const [name = ""] = header.split(":");
  await site.check(
    `the page signs in a browser that sends ${name}, and leads back`,
    async () => {
      const browser = site.browser();
      const { pathname, search } = locationOf(
        await refused(site, browser, deepPath),
      );
      const page = await browser.send(pathname + search);
      assert.equal(page.status, 200);
      const { action, fields } = readForm(page.body);
      assert.equal(action, null); // to where the page is, with the way back
      const [[, emailField = ""] = [], [, passwordField = ""] = []] = fields;
      const body = new URLSearchParams([[emailField, "bob@example.org"], [
        passwordField,
        password,
      ]]);
      const sending = {
        method: "POST",
        headers: [header],
        body: body.toString(),
      };
      const answer = await browser.send(pathname + search, sending);
      assert.equal(answer.status, 303);
      assert.deepEqual(valuesOf(answer, "location"), [deepPath]);
      assertGivesCookie(answer);
      const received = await browser.reach(deepPath);
      assertSeenAs(received, bob);
      assert.equal(received.target, deepPath);
      assert.deepEqual(
        valuesOf(received, "cookie").filter((value) => value !== ""),
        [],
      );
      assert.match(
        (await browser.send("/onejot/signin")).body,
        /signed in as bob@example\.org/,
      );
    },
  );
}

async function checkWrongPassword(site: Site): Promise<void> {
  await site.check(
    "a wrong password shows the page again, an alert and no cookie",
    async () => {
      const browser = site.browser();
      const path = `/onejot/signin?return=${deepPath}`;
      const answer = await browser.send(
        path,
        signInOf(ada, "another password"),
      );
      assert.ok(
        answer.status >= 400 && answer.status < 500,
        `it answered ${answer.status}`,
      );
      assert.match(answer.body, /<p role="alert">Wrong credentials\.<\/p>/);
      readForm(answer.body);
      assert.deepEqual(valuesOf(answer, "set-cookie"), []);
      assert.equal((await refused(site, browser, "/")).status, 302);
    },
  );
}

async function checkWayBack(site: Site): Promise<void> {
  await site.check(
    "the way back from the page is a path on the same host",
    async () => {
      for (const wayBack of waysAway) {
        const path = `/onejot/signin${
          wayBack === null ? "" : `?return=${wayBack}`
        }`;
        const answer = await site.browser().send(path, signInOf(ada));
        assert.equal(answer.status, 303, path);
        assert.match(valuesOf(answer, "location").join(), /^\/(?![/\\])/, path);
        assert.equal(locationOf(answer).origin, `https://${host}`, path);
        assert.deepEqual(valuesOf(answer, "x"), [], path);
      }
    },
  );
  await site.check(
    "the way to the page keeps a browser on the same host",
    async () => {
      for (
        const path of waysAway.flatMap((way) =>
          way?.startsWith("/") ? [way] : []
        )
      ) {
        const browser = site.browser();
        const answer = await refused(site, browser, path);
        assert.equal(answer.status, 302, path);
        const { origin, pathname, search } = locationOf(answer);
        assert.equal(origin, `https://${host}`, path);
        const back = await browser.send(pathname + search, signInOf(ada));
        assert.equal(locationOf(back).origin, `https://${host}`, path);
      }
    },
  );
}

/** Lengths around the limit, and near that of a request line in nginx. */
const lengths: readonly number[] = [2047, 2048, 2049, 3700, 7900];

async function checkLongWayBack(site: Site): Promise<void> {
  for (const length of lengths) {
    await site.check(
      `the right password leads back also from a path of ${length} characters`,
      async () => {
        const browser = site.browser();
        const path = "/long?q=".padEnd(length, "x");
        const wayBack = length > 2048 ? "/" : path;
        const { pathname, search } = locationOf(
          await refused(site, browser, path),
        );
        const page = pathname + search;
        assert.equal((await browser.send(page)).status, 200);
        const answer = await browser.send(page, signInOf(bob));
        assert.equal(answer.status, 303);
        assert.deepEqual(valuesOf(answer, "location"), [wayBack]);
        assertGivesCookie(answer);
        assertSeenAs(await browser.reach(path), bob);
        // As it is sent by a page of another host, which may make it longer.
        const link = `/onejot/signin?return=${path}`;
        const direct = await site.browser().send(link, signInOf(bob));
        assert.equal(direct.status, 303);
        assert.deepEqual(valuesOf(direct, "location"), [wayBack]);
      },
    );
  }
}

async function checkSigningOut(site: Site): Promise<void> {
  const program = site.program();
  await site.check("signing out takes effect on the next request", async () => {
    const browser = await site.signedIn(ada);
    const cookie = `Cookie: __Host-onejot=${browser.cookie("__Host-onejot")}`;
    await browser.reach("/");
    const answer = await browser.send("/onejot/signout", {
      method: "POST",
      headers: fromOwnPage,
    });
    assert.equal(answer.status, 303);
    assert.equal(locationOf(answer).href, `https://${host}/onejot/signin`);
    assert.equal(browser.cookie("__Host-onejot"), null);
    assert.equal((await refused(site, browser, "/")).status, 302);
    await assertIsSignedOut(site, [cookie]); // which somebody may have kept
  });
  await site.check("a logout takes effect on the next request", async () => {
    const authorization = `Authorization: Bearer ${await site.tokenOf(ada)}`;
    await program.reach("/", { headers: [authorization] });
    const sending = { method: "POST", headers: [authorization] };
    assert.equal((await program.send("/onejot/logout", sending)).status, 204);
    await assertIsSignedOut(site, [authorization]);
  });
  await site.check(
    "a logout everywhere takes effect on the next request",
    async () => {
      const logins = [
        `Authorization: Bearer ${await site.tokenOf(bob)}`,
        `Authorization: ${await site.tokenOf(bob)}`,
        `Cookie: __Host-onejot=${await site.cookieOf(bob)}`,
      ];
      for (const login of logins) {
        await program.reach("/", {
          headers: [login],
        });
      }
      const sending = { method: "POST", headers: logins.slice(0, 1) };
      assert.equal(
        (await program.send("/onejot/logout?everywhere=1", sending)).status,
        204,
      );
      for (const login of logins) await assertIsSignedOut(site, [login]);
    },
  );
  await site.check(
    "the end of a session takes effect on the next request",
    async () => {
      const authorization = `Authorization: Bearer ${await site.tokenOf(eve)}`;
      const cookie = `Cookie: __Host-onejot=${await site.cookieOf(eve)}`;
      await program.reach("/", { headers: [cookie] });
      const list = await program.send("/onejot/sessions", {
        headers: [authorization],
      });
      for (const { id, current } of JSON.parse(list.body).sessions) {
        const sending = { method: "DELETE", headers: [authorization] };
        if (!current) {
          assert.equal(
            (await program.send(`/onejot/sessions/${id}`, sending)).status,
            204,
          );
        }
      }
      await assertIsSignedOut(site, [cookie]);
      assertSeenAs(await program.reach("/", { headers: [authorization] }), eve);
    },
  );
  await site.check(
    "disabling a user takes effect on the next request",
    async () => {
      const authorization = `Authorization: Bearer ${await site.tokenOf(eve)}`;
      const cookie = `Cookie: __Host-onejot=${await site.cookieOf(eve)}`;
      for (const login of [authorization, cookie]) {
        await program.reach("/", {
          headers: [login],
        });
      }
      await site.onejot.run(["user", "disable", eve["x-auth-email"]]);
      for (const login of [authorization, cookie]) {
        await assertIsSignedOut(
          site,
          [login],
        );
      }
      await site.onejot.run(["user", "enable", eve["x-auth-email"]]);
    },
  );
}

async function checkOtherOrigins(site: Site): Promise<void> {
  await site.check(
    "signing in from another origin is 403 and sets no cookie",
    async () => {
      for (const headers of elsewhere) {
        const browser = site.browser();
        const answer = await browser.send("/onejot/signin?return=/", {
          ...signInOf(ada),
          headers,
        });
        assert.equal(answer.status, 403, headers.join());
        assert.deepEqual(valuesOf(answer, "set-cookie"), []);
        assert.equal((await refused(site, browser, "/")).status, 302);
      }
    },
  );
  await site.check(
    "signing out from another origin is 403 and ends no session",
    async () => {
      const browser = await site.signedIn(ada);
      for (const headers of elsewhere) {
        const answer = await browser.send("/onejot/signout", {
          method: "POST",
          headers,
        });
        assert.equal(answer.status, 403, headers.join());
        assert.deepEqual(valuesOf(answer, "set-cookie"), []);
      }
      assertSeenAs(await browser.reach("/"), ada);
    },
  );
  await site.check(
    "any other change by a cookie from another origin is 403",
    async () => {
      const browser = await site.signedIn(ada);
      for (const route of ["logout", "password", "users", "refresh"]) {
        const path = `/onejot/${route}`;
        for (const headers of elsewhere) {
          const { status } = await browser.send(path, {
            method: "POST",
            headers,
            body: "a=b",
          });
          assert.equal(status, 403, `${path} ${headers.join()}`);
        }
      }
    },
  );
  await site.check("a login by POST /login sets no cookie", async () => {
    const headers = [acceptPage, ...fromOwnPage];
    const answer = await site.browser().send("/onejot/login", {
      ...signInOf(ada),
      headers,
    });
    assert.equal(answer.status, 200);
    assert.deepEqual(valuesOf(answer, "set-cookie"), []);
  });
}

function assertGivesCookie(answer: Answer): void {
  const [cookie = "", ...others] = valuesOf(answer, "set-cookie");
  assert.deepEqual(others, []);
  const [pair = "", ...attributes] = cookie.split("; ");
  assert.match(pair, /^__Host-onejot=[\w-]{43}$/);
  const lasting = attributes.filter((attribute) =>
    !attribute.startsWith("Max-Age=")
  );
  assert.deepEqual(lasting.sort(), [
    "HttpOnly",
    "Path=/",
    "SameSite=Lax",
    "Secure",
  ]);
}

/**
 * The one form of the page: its action, and the label and name of each field.
 */
function readForm(html: string) {
  const [[, attributes = "", content = ""] = [], ...others] = html.matchAll(
    /<form\b([^>]*)>([^]*?)<\/form>/g,
  );
  assert.deepEqual(others, []);
  assert.match(attributes, /\bmethod="post"/);
  assert.match(content, /<button>[^<]+<\/button>/);
  const fields = [
    ...content.matchAll(/<label>\s*([^<]*?)\s*<input\b([^>]*)>\s*<\/label>/g),
  ]
    .map(([, label = "", input = ""]) =>
      [label, /\bname="(\w+)"/.exec(input)?.[1] ?? ""] as const
    );
  assert.deepEqual(fields, [["E-mail address", "email"], [
    "Password",
    "password",
  ]]);
  // None without a label.
  assert.equal([...content.matchAll(/<input\b/g)].length, fields.length);
  assert.match(
    content,
    /name="password" type="password" autocomplete="current-password"/,
  );
  return { action: /\baction="([^"]*)"/.exec(attributes)?.[1] ?? null, fields };
}
