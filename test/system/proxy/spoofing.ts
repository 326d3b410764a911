/**
 * What a client sends in the place of onejot's fields does not reach the
 * service, and what is for onejot alone does not either.
 */

import assert from "node:assert/strict";
import { valuesOf } from "./client.ts";
import { assertSeenAs, refused } from "./gate.ts";
import { ada, bob, type Site } from "./site.ts";

/**
 * What a name can have in addition to letters and digits (RFC 9110 §5.6.2): CGI
 * and its like make `_` of each of them.
 */
export const nameCharacters: readonly string[] = [..."-!#$%&'*+.^_`|~"];

const names = ["X-Auth-User-Id", "X-Auth-Email", "X-Auth-Admin"];
const values = ["1", "root@example.org", "true"];

export async function checkSpoofing(site: Site): Promise<void> {
  await checkFields(site);
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
    "credentials of another scheme are the service's own, and reach it",
    async () => {
      const browser = await site.signedIn(bob);
      for (const value of ["Basic dTpw", "Digest a=b", "Bearerx y"]) {
        const headers = [`Authorization: ${value}`];
        const received = await browser.reach("/", { headers });
        assert.deepEqual(valuesOf(received, "authorization"), [value]);
      }
    },
  );
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
    "a cookie that was made at another host is no login, whatever is claimed",
    async () => {
      const secret = await site.onejot.cookieAt("other.example.org", bob);
      const cookie = `Cookie: __Host-onejot=${secret}`;
      const claims = [
        "X-Forwarded-Host: other.example.org",
        "Forwarded: host=other.example.org",
        "X-Original-Host: other.example.org",
      ];
      for (const claim of ["X-Nothing: 1", ...claims]) {
        const headers = [cookie, claim];
        const answer = await refused(site, site.program(), "/", { headers });
        assert.equal(answer.status, 401, claim);
      }
    },
  );
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
