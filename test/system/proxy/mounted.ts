/**
 * onejot below its prefix on the protected host, and what the proxy and onejot
 * owe each other.
 */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { clientAddress, fromOwnPage } from "./client.ts";
import { assertSeenAs, refused } from "./gate.ts";
import { ada, bob, loginOf, type Site } from "./site.ts";

/** Asks a proxy to take away what it has added itself (RFC 9110 §7.6.1). */
const hopByHop =
  "Connection: close, X-Forwarded-For, X-Forwarded-Host, X-Forwarded-Proto";

export async function checkMounted(site: Site): Promise<void> {
  await checkHidden(site);
  await checkAddress(site);
  await checkPrograms(site);
  await checkBodies(site);
  await checkOutage(site);
}

async function checkHidden(site: Site): Promise<void> {
  const disguises = (path: string) => [
    `/onejot/${path}`,
    `/onejot//${path}`,
    `/onejot/./${path}`,
    `/onejot/a/../${path}`,
    `/%6fnejot/${path}`,
    `/onejot/${path}?a=b`,
    `/onejot/%2e/${path}`,
  ];
  await site.check("the metrics are 404 through the proxy", async () => {
    const headers = [`Authorization: Bearer ${await site.tokenOf(ada)}`];
    const forged = [
      "X-Forwarded-For: 127.0.0.1",
      "X-Real-IP: 127.0.0.1",
      "Forwarded: for=::1",
    ];
    const sending = {
      headers: [...headers, ...forged, hopByHop],
      http: "1.1",
    } as const;
    for (const path of disguises("metrics")) {
      assert.equal(
        (await refused(site, site.program(), path)).status,
        404,
        path,
      );
      assert.equal(
        (await refused(site, site.program(), path, sending)).status,
        404,
        path,
      );
    }
  });
  if (site.proxy !== "nginx") return;
  await site.check(
    "the location of the sub-request cannot be asked from outside",
    async () => {
      const headers = [`Authorization: Bearer ${await site.tokenOf(ada)}`];
      for (const path of disguises("forward-auth/nginx")) {
        assert.equal(
          (await refused(site, site.program(), path)).status,
          404,
          path,
        );
        assert.equal(
          (await refused(site, site.program(), path, { headers })).status,
          404,
          path,
        );
      }
    },
  );
}

async function checkAddress(site: Site): Promise<void> {
  await site.check(
    "a session's address is the client's, whatever it claims",
    async () => {
      const program = site.program();
      const forged = [
        "X-Forwarded-For: 203.0.113.9",
        "Forwarded: for=203.0.113.9",
        hopByHop,
      ];
      const token = await site.tokenOf(bob);
      const login = await program.send("/onejot/login", {
        ...loginOf(bob),
        headers: forged,
        http: "1.1",
      });
      const headers = [...fromOwnPage, ...forged];
      const signIn = await program.send("/onejot/signin", {
        ...loginOf(bob),
        headers,
        http: "1.1",
      });
      assert.deepEqual([login.status, signIn.status], [200, 303]);
      const sending = {
        headers: [`Authorization: Bearer ${token}`, ...forged],
      };
      const { body } = await program.send("/onejot/sessions", sending);
      const sessions: { address: string }[] = JSON.parse(body).sessions;
      assert.ok(sessions.length >= 3);
      for (const { address } of sessions) assert.equal(address, clientAddress);
    },
  );
}

async function checkPrograms(site: Site): Promise<void> {
  await site.check(
    "the login for programs works below the prefix",
    async () => {
      const program = site.program();
      const first = JSON.parse(
        (await program.send("/onejot/login", loginOf(bob))).body,
      );
      assert.equal(first.token_type, "Bearer");
      const body = new URLSearchParams({ refresh_token: first.refresh_token })
        .toString();
      const answer = await program.send("/onejot/refresh", {
        method: "POST",
        body,
      });
      assert.equal(answer.status, 200);
      const { token } = JSON.parse(answer.body);
      const headers = [`Authorization: Bearer ${token}`];
      const user = await program.send("/onejot/get-user", { headers });
      assert.deepEqual(JSON.parse(user.body), {
        user: "User id=2: <bob@example.org, is_admin=False>",
      });
      assertSeenAs(await program.reach("/", { headers }), bob);
      const out = await program.send("/onejot/logout", {
        method: "POST",
        headers,
      });
      assert.equal(out.status, 204);
      assert.equal(
        (await program.send("/onejot/get-user", { headers })).status,
        400,
      );
      assert.equal((await program.send("/onejot/get-user")).status, 401);
    },
  );
}

async function checkBodies(site: Site): Promise<void> {
  const body = new Uint8Array(3 * 1024 * 1024).map((_, index) =>
    index * 31 + (index >> 9)
  );
  const sha256 = createHash("sha256").update(body).digest("hex");
  const chunked = ["Transfer-Encoding: chunked"];
  await site.check(
    "a request body of 3 MiB reaches the service unharmed",
    async () => {
      const browser = await site.signedIn(ada);
      for (const method of ["POST", "PUT", "PATCH"]) {
        for (const headers of [[], chunked]) {
          const received = await browser.reach("/upload", {
            method,
            headers,
            body,
            http: "1.1",
          });
          assertSeenAs(received, ada);
          assert.deepEqual([received.method, received.bytes], [
            method,
            body.length,
          ]);
          assert.equal(received.sha256, sha256);
        }
      }
      assertSeenAs(await browser.reach("/"), ada);
    },
  );
  await site.check(
    "a request body of a stranger does not get through",
    async () => {
      for (const headers of [[], chunked]) {
        const sending = { method: "POST", headers, body, http: "1.1" } as const;
        const { status } = await refused(
          site,
          site.program(),
          "/upload",
          sending,
        );
        // Caddy hangs up on who is still sending.
        assert.ok(status === 401 || status === 0);
      }
    },
  );
}

async function checkOutage(site: Site): Promise<void> {
  await site.check(
    "nobody gets through while onejot is down, and all do again after",
    async () => {
      const headers = [`Authorization: Bearer ${await site.tokenOf(bob)}`];
      const browser = await site.signedIn(ada);
      await site.onejot.stop();
      const answers = [
        await refused(site, browser, "/"),
        await refused(site, site.browser(), "/"),
        await refused(site, site.program(), "/", { headers }),
        await refused(site, site.program(), "/"),
        await site.browser().send("/onejot/signin"),
        await browser.send("/onejot/signout", {
          method: "POST",
          headers: fromOwnPage,
        }),
      ];
      await site.onejot.start();
      for (const { status } of answers) {
        assert.ok(status >= 500, `it answered ${status}`);
      }
      assertSeenAs(await browser.reach("/"), ada);
      assertSeenAs(await site.program().reach("/", { headers }), bob);
      assert.equal((await refused(site, site.browser(), "/")).status, 302);
    },
  );
}
