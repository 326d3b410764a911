/**
 * What a client sends in the place of onejot's fields does not reach the
 * service, and what is for onejot alone does not either.
 */

import assert from "node:assert/strict";
import { type Answer, fromOwnPage, valuesOf } from "./client.ts";
import { host, otherHost } from "./examples.ts";
import { assertSeenAs, refused } from "./gate.ts";
import { password } from "./onejot.ts";
import { sendByHttp2, sendRaw } from "./raw.ts";
import { ada, bob, signInOf, type Site } from "./site.ts";
import type { Received } from "./upstream.ts";

/**
 * What a name can have in addition to letters and digits (RFC 9110 §5.6.2): CGI
 * and its like make `_` of each of them.
 */
export const nameCharacters: readonly string[] = [..."-!#$%&'*+.^_`|~"];

const names = ["X-Auth-User-Id", "X-Auth-Email", "X-Auth-Admin"];
const values = ["1", "root@example.org", "true"];

export async function checkSpoofing(site: Site): Promise<void> {
  await checkFields(site);
  await checkHandshake(site);
  await checkTokens(site);
  await checkWorkers(site);
  await checkHosts(site);
  await checkCookies(site);
}

async function checkFields(site: Site): Promise<void> {
  const spellings: Record<string, (name: string) => string> = {
    "as they are": (name) => name,
    "in lower case": (name) => name.toLowerCase(),
    "in upper case": (name) => name.toUpperCase(),
    "with _ in lower case": (name) => name.replaceAll("-", "_").toLowerCase(),
  };
  for (const character of nameCharacters.slice(1)) {
    spellings[`with ${character}`] = (name) => {
      return name.replaceAll("-", character);
    };
    spellings[`with ${character} and then -`] = (name) => {
      return name.replace("-", character);
    };
    spellings[`with - and then ${character}`] = (name) => {
      return `X-Auth${name.slice("X-Auth".length).replaceAll("-", character)}`;
    };
  }
  for (const [kind, spell] of Object.entries(spellings)) {
    const headers = names.map((name, index) =>
      `${spell(name)}: ${values[index]}`
    );
    const twice = [...headers, ...headers];
    await site.check(
      `identity fields from a client, ${kind}, reach no service`,
      async () => {
        const authorization = `Authorization: Bearer ${await site.tokenOf(
          bob,
        )}`;
        const cookie = `Cookie: __Host-onejot=${await site.cookieOf(bob)}`;
        for (const fields of [headers, twice]) {
          for (const login of [authorization, cookie]) {
            const sending = {
              headers: [...fields, login],
              http: "1.1",
            } as const;
            assertSeenAs(await site.program().reach("/", sending), bob);
            assertSeenAs(
              await site.program().reach("/", { headers: [...fields, login] }),
              bob,
            );
          }
          const { status } = await refused(site, site.program(), "/", {
            headers: fields,
          });
          assert.equal(status, 401);
        }
      },
    );
  }
  await site.check(
    "identity fields with any two characters in them reach no service",
    async () => {
      const spellings = nameCharacters.flatMap((first) => {
        return nameCharacters.map((second) => `X${first}Auth${second}Admin`);
      });
      const headers = spellings.map((name) => `${name}: true`);
      const browser = await site.signedIn(bob);
      assertSeenAs(await browser.reach("/", { headers }), bob);
    },
  );
  await site.check(
    "a client cannot have an identity field taken away as hop-by-hop",
    async () => {
      // RFC 9110 §7.6.1.
      const headers = [`Connection: close, ${names.join(", ")}`];
      const sending = { headers, http: "1.1" } as const;
      assertSeenAs(await (await site.signedIn(bob)).reach("/", sending), bob);
    },
  );
  // Which cannot take away fields that it has no name of.
  if (site.proxy === "nginx") return;
  await site.check(
    "other X-Auth- fields from a client reach no service",
    async () => {
      const others = [
        "X-Auth-Other",
        "x-auth-groups",
        "X_Auth-Other",
        "X.Auth_Other",
      ];
      const headers = others.map((name) => `${name}: admin`);
      const received = await (await site.signedIn(bob)).reach("/", { headers });
      const seen = received.headers.map(([name]) => name).filter((name) =>
        /^x.auth/i.test(name)
      );
      assert.deepEqual(seen.sort(), [
        "X-Auth-Admin",
        "X-Auth-Email",
        "X-Auth-User-Id",
      ]);
    },
  );
}

/**
 * By which server's rules nginx reads fields is decided by the handshake, before
 * there is a Host.
 */
async function checkHandshake(site: Site): Promise<void> {
  await site.check(
    "identity fields behind a handshake for another host reach no service",
    async () => {
      const login = `Authorization: Bearer ${await site.tokenOf(bob)}`;
      const spoofed = ["X_Auth_Admin: true", "X!Auth!Email: ada@example.org"];
      const fields = [...spoofed, login];
      for (const handshake of ["first.example.org", otherHost, null]) {
        const before = site.upstream.requests;
        const answer = await sendRaw(site.entrance, { fields, handshake })
          // Caddy ends a handshake that names no host of its own.
          .catch(() => null);
        if (answer?.status === 200) {
          assertSeenAs(JSON.parse(answer.body), bob);
        } else {
          assert.ok(answer === null || answer.status === 421);
          assert.equal(site.upstream.requests, before);
        }
      }
      const { body } = await sendRaw(site.entrance, { fields });
      assertSeenAs(JSON.parse(body), bob);
    },
  );
}

/** What servers take for white space, or have taken for it, and may cut off. */
const spaces: readonly string[] = [
  ..." \t\v\f\u001c\u001d\u001e\u001f\u0085\u00a0",
  "  ",
  " \t",
  "\t ",
];

async function checkTokens(site: Site): Promise<void> {
  await site.check(
    "a token that onejot accepts reaches no service, in whatever form it came",
    async () => {
      const token = await site.tokenOf(ada);
      const forms = [
        `Bearer ${token}`,
        `bearer ${token}`,
        `BEARER   ${token}`,
        token,
      ];
      for (const authorization of forms) {
        const headers = [`Authorization: ${authorization}`];
        for (const http of ["1.1", undefined] as const) {
          const sending = http === undefined ? { headers } : { headers, http };
          const received = await site.program().reach("/", sending);
          assertSeenAs(received, ada);
          assert.ok(!JSON.stringify(received).includes(token), authorization);
        }
      }
    },
  );
  await site.check(
    "a token that onejot accepts reaches no service, whatever is around it",
    async () => {
      const token = await site.tokenOf(ada);
      const hidden = (text: string) => {
        return JSON.stringify(text.replace(token, "TOKEN"));
      };
      let accepted = 0;
      for (const value of surrounded(token)) {
        const fields = [`Authorization:${value}`];
        const answers: Pick<Answer, "status" | "body">[] = [];
        answers.push(await sendRaw(site.entrance, { fields }));
        // The example for nginx does not speak HTTP/2.
        if (site.proxy === "Caddy" && /^[\t -~]*$/.test(value)) {
          const field = ["authorization", value] as const;
          answers.push(await sendByHttp2(site.entrance, field));
        }
        for (const { status, body } of answers) {
          if (status !== 200) continue;
          accepted++;
          const received: Received = JSON.parse(body);
          assertSeenAs(received, ada);
          assert.ok(!body.includes(token), hidden(value));
        }
      }
      assert.ok(accepted > 20, `it accepted ${accepted}`);
    },
  );
  await site.check(
    "a token among several credentials reaches no service",
    async () => {
      const token = await site.tokenOf(ada);
      const cookie = `Cookie: __Host-onejot=${await site.cookieOf(bob)}`;
      const several = [
        ["Authorization: Basic dTpw", `Authorization: Bearer ${token}`],
        [`Authorization: Bearer ${token}`, "Authorization: Basic dTpw"],
        ["Authorization:", `Authorization: Bearer ${token}`],
        [`Authorization: Basic dTpw, Bearer ${token}`],
        [`Authorization: Digest a="b",bearer\t${token}`],
      ];
      for (const fields of several) {
        for (const all of [fields, [...fields, cookie]]) {
          const answer = await sendRaw(site.entrance, { fields: all });
          assert.ok(!answer.body.includes(token), fields.length.toString());
        }
      }
    },
  );
  await site.check(
    "credentials of another scheme are the service's own, and reach it",
    async () => {
      const browser = await site.signedIn(bob);
      const signature = "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host";
      for (
        const value of [
          "Basic dTpw",
          'Digest username="ada", uri="/"',
          "Bearerx y",
          "Bearer-x y",
          "GNAP y",
          signature,
        ]
      ) {
        const headers = [`Authorization: ${value}`];
        const received = await browser.reach("/", { headers });
        assert.deepEqual(valuesOf(received, "authorization"), [value]);
      }
    },
  );
  await site.check(
    "a service cannot act in onejot as an administrator who uses it",
    async () => {
      const token = await site.tokenOf(ada);
      const headers = [`Authorization: Bearer ${token}`];
      const received = await site.program().reach("/", { headers });
      assert.notEqual(await takeOver(site, received), 201);
    },
  );
}

/** A token in each form that is accepted, with spaces in each place. */
function surrounded(token: string): string[] {
  return spaces.flatMap((space) => [
    `${space}Bearer ${token}`,
    `${space}${token}`,
    `Bearer${space}${token}`,
    `Bearer ${space}${token}`,
    `Bearer ${token}${space}`,
    `${token}${space}`,
    `${space}Bearer ${token}${space}`,
    `${space}${token}${space}`,
  ]);
}

/**
 * What a hostile service does with a request: it makes itself administrator, by
 * whatever it has received. Gives the status of the answer.
 */
export async function takeOver(
  { onejot }: Site,
  { headers }: Received,
): Promise<number> {
  const names = ["authorization", "cookie", "x-auth-user-id", "x-auth-email"];
  const received = headers.filter(([name]) => {
    return names.includes(name.toLowerCase());
  });
  const email = `owner-${crypto.randomUUID()}@example.org`;
  const answer = await fetch(`http://127.0.0.1:${onejot.port}/users`, {
    method: "POST",
    headers: [["content-type", "application/json"], ...received].map(
      ([name = "", value = ""]) => [name, value] as [string, string],
    ),
    body: JSON.stringify({ email, password, is_admin: true }),
  });
  await answer.body?.cancel();
  return answer.status;
}

async function checkWorkers(site: Site): Promise<void> {
  await site.check(
    "the script of a service worker is refused, also to who is signed in",
    async () => {
      const browser = await site.signedIn(ada);
      for (const name of ["Service-Worker", "service-worker"]) {
        const headers = [`${name}: script`];
        const answer = await refused(site, browser, "/sw.js", { headers });
        assert.equal(answer.status, 403);
      }
      assertSeenAs(await browser.reach("/sw.js"), ada);
    },
  );
}

async function checkHosts(site: Site): Promise<void> {
  await site.check(
    "a cookie of one host is no login at another, whatever a client claims",
    async () => {
      const rows = [
        { at: host, elsewhere: otherHost },
        { at: otherHost, elsewhere: host },
      ];
      const page = "/onejot/signin";
      for (const { at, elsewhere } of rows) {
        const cookie = `Cookie: __Host-onejot=${await cookieAt(site, at)}`;
        const program = site.program();
        assertSeenAs(await program.reach("/", { at, headers: [cookie] }), bob);
        const claims = [
          "X-Nothing: 1",
          `X-Forwarded-Host: ${at}`,
          `x-forwarded-host: ${at}`,
          `X_Forwarded_Host: ${at}`,
          `Forwarded: host=${at}`,
          `X-Original-Host: ${at}`,
          "Connection: close, X-Forwarded-Host",
        ];
        for (const claim of claims) {
          const headers = [cookie, claim];
          const sending = { at: elsewhere, headers, http: "1.1" } as const;
          const answer = await refused(site, program, "/", sending);
          assert.equal(answer.status, 401, claim);
          // Nor does onejot itself tell who it was.
          const asked = await program.send("/onejot/forward-auth", sending);
          assert.equal(asked.status, 401, claim);
          const shown = await program.send(page, sending);
          assert.ok(!shown.body.includes(bob["x-auth-email"]), claim);
        }
      }
    },
  );
  await site.check(
    "the service is told the host that was asked for, not the one claimed",
    async () => {
      const browser = await site.signedIn(bob);
      const headers = ["X-Forwarded-Host: evil.example"];
      const received = await browser.reach("/", { headers });
      assert.deepEqual(valuesOf(received, "x-forwarded-host"), [host]);
      assert.deepEqual(valuesOf(received, "host"), [host]);
    },
  );
}

/** The secret of a cookie that a browser gets at a host. */
async function cookieAt(site: Site, at: string): Promise<string> {
  const headers = fromOwnPage.slice(0, 1);
  const sending = { ...signInOf(bob), headers, at };
  const answer = await site.program().send("/onejot/signin", sending);
  assert.equal(answer.status, 303);
  const [cookie = ""] = valuesOf(answer, "set-cookie");
  return /^__Host-onejot=([^;]+)/.exec(cookie)?.[1] ?? "";
}

async function checkCookies(site: Site): Promise<void> {
  const others = [
    "a=1",
    "notonejot=1",
    "__Host-onejot2=2",
    "x__Host-onejot=3",
    "theme=onejot=4",
  ];
  const places = { "first": 0, "in the middle": 2, "last": others.length };
  for (const [kind, place] of Object.entries(places)) {
    await site.check(
      `onejot's cookie, ${kind}, reaches no service; all others do`,
      async () => {
        const cookies = others.toSpliced(
          place,
          0,
          `__Host-onejot=${await site.cookieOf(ada)}`,
        );
        assert.equal(
          await cookiesThatReach(site, cookies.join("; ")),
          others.join("; "),
        );
      },
    );
  }
  await site.check("onejot's cookie, alone, reaches no service", async () => {
    const cookie = `__Host-onejot=${await site.cookieOf(ada)}`;
    assert.equal(await cookiesThatReach(site, cookie), "");
  });
  await site.check(
    "cookies reach the service unharmed where onejot's is not there",
    async () => {
      const headers = [`Authorization: Bearer ${await site.tokenOf(ada)}`];
      const cookies = `${others.join("; ")}; quoted="b c"; empty=`;
      assert.equal(await cookiesThatReach(site, cookies, headers), cookies);
      assert.equal(
        valuesOf(await site.program().reach("/", { headers }), "cookie").join(),
        "",
      );
    },
  );
  await site.check(
    "onejot's cookie beside a token reaches no service",
    async () => {
      const headers = [`Authorization: Bearer ${await site.tokenOf(ada)}`];
      const cookies = `a=1; __Host-onejot=${await site.cookieOf(bob)}`;
      assert.equal(await cookiesThatReach(site, cookies, headers), "a=1");
    },
  );
  await site.check(
    "onejot's cookie reaches no service beside a planted one",
    async () => {
      const cookie = `__Host-onejot=${await site.cookieOf(ada)}`;
      const secret = cookie.slice(cookie.indexOf("=") + 1);
      const planted = "onejot=x";
      for (
        const pairs of [[planted, cookie], [cookie, planted], [
          "a=1",
          planted,
          cookie,
        ]]
      ) {
        const cookies = pairs.join("; ");
        const reached = await cookiesThatReach(site, cookies);
        assert.ok(!reached.includes(secret), cookies.replace(secret, "SECRET"));
      }
    },
  );
  await site.check(
    "onejot's cookie, sent twice beside a token, reaches no service",
    async () => {
      const headers = [`Authorization: Bearer ${await site.tokenOf(ada)}`];
      const first = `__Host-onejot=${await site.cookieOf(ada)}`;
      const second = `__Host-onejot=${await site.cookieOf(bob)}`;
      for (
        const pairs of [[first, second], ["a=1", first, second, "b=2"], [
          first,
          "a=1",
          second,
          second,
        ]]
      ) {
        const reached = await cookiesThatReach(site, pairs.join("; "), headers);
        assert.ok(!reached.includes("__Host-onejot="));
      }
    },
  );
  await site.check(
    "onejot's cookie reaches no service, whatever parts the cookies",
    async () => {
      const secret = await site.cookieOf(ada);
      for (const separator of [";", ";  ", " ; ", ";\t"]) {
        for (const cookies of [["a=1", "", "b=2"], ["", "b=2"], ["a=1", ""]]) {
          const text = cookies.map((cookie) =>
            cookie || `__Host-onejot=${secret}`
          ).join(separator);
          const reached = await cookiesThatReach(site, text);
          assert.ok(
            !reached.includes(secret),
            JSON.stringify(text.replace(secret, "SECRET")),
          );
        }
      }
    },
  );
}

/** What the service sees of these cookies. */
async function cookiesThatReach(
  site: Site,
  cookies: string,
  headers: readonly string[] = [],
): Promise<string> {
  const sending = { headers: [...headers, `Cookie: ${cookies}`] };
  const received = await site.program().reach("/", sending);
  assertSeenAs(received, ada);
  return valuesOf(received, "cookie").join("; ");
}
