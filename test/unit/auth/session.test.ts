/**
 * Sessions as a client sees them: the tokens of a login, what refreshing gives,
 * and each way in which a refresh token is refused.
 * The vocabulary of these tests, such as `server.ask(…)` or `server.logIn(…)`,
 * is that of test/support: site.ts and send.ts.
 */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { importKey, keyRing } from "../../../src/jwt/jwt.ts";
import { told } from "../../support/send.ts";
import { withClock } from "../../support/clock.ts";
import {
  headerOf,
  makeServer,
  password,
  readTokens,
  type Server,
} from "../../support/site.ts";
import {
  tokenIsInvalid,
  type Tokens,
  withDatabase,
} from "../../support/site.ts";

const thirtyDays = 30 * 24 * 3600; // seconds

test("an access token names its user, its session and its times, and nothing else", async () => {
  await withClock(async (clock) => {
    const server = await makeServer({ lifetimeSeconds: 77 });
    await server.addUser("eve@example.org");
    await server.addUser("ada@example.org");
    const first = await server.logIn("ada@example.org");
    const [session] = await server.store.listSessions(
      {
        userId: (await server.account("ada@example.org")).id,
        since: 0,
        after: null,
        limit: 2000,
      },
    );
    const sid = session?.id;
    const iat = clock.seconds;
    const claims = { sub: "2", user_id: 2, sid, iat, exp: iat + 77 };
    assert.deepEqual(first.claims, claims);
    assert.deepEqual(headerOf(first.token), { alg: "HS256", typ: "JWT" });
    clock.advance(10);
    const second = await server.refresh(first.refreshToken);
    assert.deepEqual(second.claims, {
      ...claims,
      iat: iat + 10,
      exp: iat + 87,
    });
  });
});

test("an access token has the kid of the key that signed it", async () => {
  const old = await importKey(new Uint8Array(32).fill(1), "old");
  const key = keyRing([
    await importKey(new Uint8Array(32).fill(2), "new"),
    old,
  ]);
  const server = await makeServer({ key });
  await server.addUser("ada@example.org");
  const { token, refreshToken } = await server.logIn("ada@example.org");
  assert.deepEqual(headerOf(token), { alg: "HS256", typ: "JWT", kid: "new" });
  const refreshed = await server.refresh(refreshToken);
  assert.deepEqual(headerOf(refreshed.token), {
    alg: "HS256",
    typ: "JWT",
    kid: "new",
  });
  assert.ok(await server.accepts(token));
});

test("a login and a refresh answer with the same members, not to be stored", async () => {
  const server = await makeServer({ lifetimeSeconds: 77 });
  await server.addUser("ada@example.org");
  const form = { email: "ada@example.org", password };
  const login = await server.send("POST /login", { form });
  const { refreshToken } = await readTokens(login.clone());
  for (const response of [login, await server.tryRefresh(refreshToken)]) {
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("cache-control"), "no-store");
    assert.equal(response.headers.get("content-type"), "application/json");
    const { token, refresh_token: next, ...others } = Object(
      await response.json(),
    );
    assert.deepEqual(others, { token_type: "Bearer", expires_in: 77 });
    assert.equal(await server.accepts(token), true);
    assert.match(next, /^[\w-]{87}$/);
  }
});

test("an access token lives 900 seconds unless it is said otherwise", async () => {
  const server = await makeServer();
  await server.addUser("ada@example.org");
  const form = { email: "ada@example.org", password };
  const { expires_in: seconds } = await server.get("POST /login", { form });
  assert.equal(seconds, 900);
});

test("sessions have nothing in common but their user", async () => {
  const server = await makeServer();
  const { id } = await server.addUser("ada@example.org");
  for (let count = 0; count < 8; count++) await server.logIn("ada@example.org");
  const sessions = await server.store.listSessions({
    userId: id,
    since: 0,
    after: null,
    limit: 2000,
  });
  for (const name of ["id", "refreshKey", "refreshHash"] as const) {
    assert.equal(
      new Set(sessions.map((session) => session[name])).size,
      8,
      name,
    );
  }
  for (const session of sessions) {
    assert.match(session.id, /^[\w-]{22}$/); // 128 bits
    assert.match(session.refreshKey, /^[\w-]{43}$/); // 256 bits
  }
});

test("each refresh token gives its successor, of the same session", async () => {
  const server = await makeServer();
  await server.addUser("ada@example.org");
  const first = await server.logIn("ada@example.org");
  const seen = [first.refreshToken];
  for (let generation = 0; generation < 6; generation++) {
    const { refreshToken, sid, token } = await server.refresh(
      seen.at(-1) ?? "",
    );
    assert.equal(sid, first.sid);
    assert.ok(await server.accepts(token));
    seen.push(refreshToken);
  }
  const values = seen.map((refreshToken) => refreshToken.slice(22));
  assert.equal(new Set(values.map((value) => value.slice(0, 43))).size, 7);
  assert.equal(new Set(values.map((value) => value.slice(43))).size, 7);
});

test("a refresh token cannot be worked out from the one before it and all that clients see", async () => {
  const server = await makeServer();
  await server.addUser("ada@example.org");
  const first = await server.logIn("ada@example.org");
  const { refreshToken } = await server.refresh(first.refreshToken);
  const value = refreshToken.slice(22, 65);
  const parts = [
    first.refreshToken,
    first.refreshToken.slice(22, 65),
    first.sid,
  ];
  for (const part of parts) {
    for (const input of [part, `successor ${part}`, `proof ${part}`]) {
      assert.notEqual(
        createHash("sha256").update(input).digest("base64url"),
        value,
      );
    }
  }
  assert.ok(!refreshToken.includes(first.refreshToken.slice(65)));
});

test("a refresh token asked again within 30 seconds gives a successor of its own each time, and the last is good", async () => {
  await withClock(async (clock) => {
    const { server, first } = await serverWithSession();
    const successors = [
      (await server.refresh(first.refreshToken)).refreshToken,
    ];
    for (const seconds of [0, 1, 28, 1]) { // 30 in all
      clock.advance(seconds);
      const again = await server.refresh(first.refreshToken);
      successors.push(again.refreshToken);
      assert.equal(again.sid, first.sid);
      assert.ok(await server.accepts(again.token));
    }
    assert.equal(new Set(successors).size, 5);
    await server.refresh(successors.at(-1) ?? "");
  });
});

for (const used of ["first", "second"] as const) {
  test(`of two successors of one refresh token, the use of the ${used} makes the other void, whose use ends the session`, async () => {
    const { server, first } = await serverWithSession();
    const successors = {
      first: await server.refresh(first.refreshToken),
      second: await server.refresh(first.refreshToken),
    };
    const other = used === "first" ? "second" : "first";
    const next = await server.refresh(successors[used].refreshToken);
    assert.ok(await server.accepts(next.token));
    assert.equal(
      await told(server.tryRefresh(successors[other].refreshToken)),
      tokenIsInvalid,
    );
    await assertEnded(server, [next, successors.first, successors.second]);
  });
}

test("a refresh token asked again after 30 seconds ends its session, though its successor is unused", async () => {
  await withClock(async (clock) => {
    const { server, first } = await serverWithSession();
    const second = await server.refresh(first.refreshToken);
    clock.advance(31);
    assert.equal(
      await told(server.tryRefresh(first.refreshToken)),
      tokenIsInvalid,
    );
    await assertEnded(server, [first, second]);
  });
});

test("asking again does not give 30 seconds more", async () => {
  await withClock(async (clock) => {
    const { server, first } = await serverWithSession();
    await server.refresh(first.refreshToken);
    clock.advance(20);
    await server.refresh(first.refreshToken);
    clock.advance(20);
    assert.equal(
      await told(server.tryRefresh(first.refreshToken)),
      tokenIsInvalid,
    );
    await assertEnded(server, [first]);
  });
});

test("a refresh token whose successor was used ends its session at once", async () => {
  await withClock(async () => {
    const { server, first } = await serverWithSession();
    const second = await server.refresh(first.refreshToken);
    const third = await server.refresh(second.refreshToken);
    assert.equal(
      await told(server.tryRefresh(first.refreshToken)),
      tokenIsInvalid,
    );
    await assertEnded(server, [first, second, third]);
  });
});

test("a refresh token from many generations ago ends its session", async () => {
  const { server, first } = await serverWithSession();
  const generations = [first];
  for (let generation = 0; generation < 9; generation++) {
    generations.push(
      await server.refresh(generations.at(-1)?.refreshToken ?? ""),
    );
  }
  assert.equal(
    await told(server.tryRefresh(first.refreshToken)),
    tokenIsInvalid,
  );
  await assertEnded(server, generations);
});

test("a spent refresh token ends its own session alone", async () => {
  await withClock(async (clock) => {
    const { server, first } = await serverWithSession();
    const other = await server.logIn("ada@example.org");
    await server.addUser("bob@example.org");
    const stranger = await server.logIn("bob@example.org");
    await server.refresh(first.refreshToken);
    clock.advance(31);
    assert.equal(
      await told(server.tryRefresh(first.refreshToken)),
      tokenIsInvalid,
    );
    await assertEnded(server, [first]);
    for (const { token, refreshToken } of [other, stranger]) {
      assert.ok(await server.accepts(token));
      await server.refresh(refreshToken);
    }
  });
});

test("of 50 that refresh one token at once, each gets a successor, and no two of them can go on", async () => {
  const { server, first } = await serverWithSession();
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => server.refresh(first.refreshToken)),
  );
  const successors = answers.map(({ refreshToken }) => refreshToken);
  assert.equal(new Set(successors).size, 50);
  const uses = await Promise.all(
    successors.map((token) => server.tryRefresh(token)),
  );
  assert.ok(uses.filter(({ status }) => status === 200).length <= 1);
  await assertEnded(server, answers);
});

test("a refresh that overlaps with the end of its session gives nothing", async () => {
  for (const ending of ["logout", "disable"]) {
    const server = await makeServer({}, (store) => ({
      rotateRefreshToken: async (id, rotation) => {
        const session = await store.findSession({ id, since: 0 });
        assert.ok(session !== null);
        if (ending === "logout") {
          await store.endSession({ id, userId: session.userId });
        } else {await store.changeUser({
            id: session.userId,
            change: { isDisabled: true },
            tokensFrom: 2,
            author: null,
          });}
        return await store.rotateRefreshToken(id, rotation);
      },
    }));
    await server.addUser("ada@example.org");
    const { refreshToken } = await server.logIn("ada@example.org");
    assert.equal(await told(server.tryRefresh(refreshToken)), tokenIsInvalid);
  }
});

test("a refresh that is asked again while its successor is being used ends the session", async () => {
  let useSuccessor = async () => {};
  const server = await makeServer({}, (store) => ({
    rotateRefreshToken: async (id, rotation) => {
      const use = useSuccessor;
      useSuccessor = async () => {};
      await use();
      return await store.rotateRefreshToken(id, rotation);
    },
  }));
  await server.addUser("ada@example.org");
  const first = await server.logIn("ada@example.org");
  const second = await server.refresh(first.refreshToken);
  useSuccessor = async () => void await server.refresh(second.refreshToken);
  assert.equal(
    await told(server.tryRefresh(first.refreshToken)),
    tokenIsInvalid,
  );
  await assertEnded(server, [first, second]);
});

test("a refresh token that this server has not made does nothing to the session that it names", async () => {
  const { server, first } = await serverWithSession();
  const other = await server.logIn("ada@example.org");
  const spent = await server.logIn("ada@example.org");
  const { refreshToken: current } = await server.refresh(spent.refreshToken);
  // So that whoever had the spent one could end that session.
  await server.refresh(current);
  const [id, value, proof] = partsOf(first.refreshToken);
  const [otherId, otherValue, otherProof] = partsOf(other.refreshToken);
  const [spentId, spentValue, spentProof] = partsOf(spent.refreshToken);
  const random = "A".repeat(43);
  const madeUp = [
    "",
    id,
    id + value,
    value,
    "A".repeat(87),
    id + random + proof,

    id + value + otherProof,
    id + otherValue + proof,
    id + otherValue + otherProof,

    otherId + value + proof,
    id + value + "A".repeat(22),
    id + value + "A".repeat(21),

    id + value + proof.slice(0, 21) + next(proof.slice(21)),
    id + next(value) + value.slice(1) + proof,
    id + value + next(proof) + proof.slice(1),
    id + value + proof + "A",

    id + value + proof.slice(0, 21),
    ` ${id}${value}${proof}`,
    `${id}${value}${proof}\n`,
    `${id}${value}${proof}=`,
    `${id}${value}${proof.slice(0, 21)}=`,

    `${id}${value}${proof.slice(0, 21)}+`,
    `${id}${value}${proof.slice(0, 21)}é`,

    `${id}${value.slice(0, 42)}/${proof}`,
    `${id}.${value}.${proof}`,
    first.token,

    spentId + random + spentProof,
    "x".repeat(15_000),
    spentId + next(spentValue) + spentValue.slice(1) + spentProof,
  ];
  for (const [index, refreshToken] of madeUp.entries()) {
    const response = await server.tryRefresh(refreshToken);
    const challenge = response.headers.get("www-authenticate");
    assert.equal(
      challenge,
      'Bearer realm="onejot", error="invalid_token"',
      String(index),
    );
    assert.equal(await told(response), tokenIsInvalid, String(index));
    const form = { refresh_token: refreshToken };
    assert.equal(
      await server.ask("POST /logout", { form }),
      tokenIsInvalid,
      String(index),
    );
  }
  for (const { token } of [first, other, spent]) {
    assert.ok(await server.accepts(token));
  }
  for (const { refreshToken } of [first, other]) {
    await server.refresh(refreshToken);
  }
});

test("a session lives for 30 days after its last refresh, to the second", async () => {
  await withClock(async (clock) => {
    const { server, first } = await serverWithSession({
      lifetimeSeconds: 4 * thirtyDays,
    });
    clock.advance(thirtyDays);
    assert.ok(await server.accepts(first.token));
    // Begins the 30 days anew.
    const second = await server.refresh(first.refreshToken);
    clock.advance(thirtyDays);
    assert.ok(await server.accepts(first.token));
    assert.match(
      await server.ask("GET /sessions", { token: first.token }),
      /^200 /,
    );
    clock.advance(1);
    assert.equal(
      await server.ask("GET /sessions", { token: first.token }),
      tokenIsInvalid,
    );
    await assertEnded(server, [first, second]);
    const form = { refresh_token: second.refreshToken };
    assert.equal(await server.ask("POST /logout", { form }), tokenIsInvalid);
    const { token } = await server.logIn("ada@example.org");
    const { sessions } = await server.get("GET /sessions", { token });
    assert.equal(Object(sessions).length, 1);
  });
});

test("what clients send to prove themselves stands in no row of the database", async () => {
  await withDatabase(async (server, database) => {
    await server.addUser("ada@example.org");
    const first = await server.logIn("ada@example.org");
    const second = await server.refresh(first.refreshToken);
    const tables = database.prepare(
      "SELECT name FROM sqlite_schema WHERE type = 'table'",
    ).all();
    const rows = tables.map(({ name }) =>
      database.prepare(`SELECT * FROM ${name}`).all()
    );
    const text = JSON.stringify(rows);
    for (const { token, refreshToken } of [first, second]) {
      const [, value, proof] = partsOf(refreshToken);
      for (
        const secret of [
          token,
          token.split(".")[2] ?? "",
          refreshToken,
          value,
          proof,
        ]
      ) {
        assert.ok(secret.length > 20 && !text.includes(secret));
      }
    }
    assert.ok(!text.includes(password));
    const row = database.prepare("SELECT * FROM sessions").get();
    assert.equal(row?.["spent_hash"], hashOf(partsOf(first.refreshToken)[1]));
    assert.equal(
      row?.["refresh_hash"],
      hashOf(partsOf(second.refreshToken)[1]),
    );
  });
});

test("a refresh asks for one refresh token as text, in a form or in JSON", async () => {
  const { server, first } = await serverWithSession();
  const json = { refresh_token: first.refreshToken };
  const { refreshToken } = await readTokens(
    await server.send("POST /refresh", { json }),
  );
  const missing = '400 {"message":"Missing field: refresh_token"}';
  assert.equal(await server.ask("POST /refresh"), missing);
  assert.equal(
    await server.ask("POST /refresh", { form: { token: refreshToken } }),
    missing,
  );
  const noText = '400 {"message":"Field is not text: refresh_token"}';
  for (const refresh_token of [1, null, [refreshToken], { refreshToken }]) {
    assert.equal(
      await server.ask("POST /refresh", { json: { refresh_token } }),
      noText,
    );
  }
  const headers = { "content-type": "text/plain" };
  assert.match(await server.ask("POST /refresh", { headers, json }), /^415 /);
  await server.refresh(refreshToken);
});

test("a refresh does not look at an access token", async () => {
  const { server, first } = await serverWithSession();
  const form = { refresh_token: first.refreshToken };
  await readTokens(
    await server.send("POST /refresh", { form, token: "expired" }),
  );
});

test("a bad refresh token is 401 where RFC 6750's statuses are asked for", async () => {
  const { server } = await serverWithSession({ refusalStatus: 401 });
  const form = { refresh_token: "x" };
  for (const line of ["POST /refresh", "POST /logout"]) {
    const response = await server.send(line, { form });
    assert.match(
      response.headers.get("www-authenticate") ?? "",
      /error="invalid_token"/,
    );
    assert.equal(
      await told(response),
      '401 {"message":"Token is invalid"}',
      line,
    );
  }
});

async function serverWithSession(parts: Parameters<typeof makeServer>[0] = {}) {
  const server = await makeServer(parts);
  await server.addUser("ada@example.org");
  return { server, first: await server.logIn("ada@example.org") };
}

/** No token of these, all of one session, is good for anything any more. */
async function assertEnded(
  server: Server,
  all: readonly Tokens[],
): Promise<void> {
  for (const { token, refreshToken } of all) {
    assert.equal(await server.accepts(token), false);
    assert.equal(await told(server.tryRefresh(refreshToken)), tokenIsInvalid);
  }
}

/** The session's id, the value and the proof that the server made it. */
function partsOf(refreshToken: string): [string, string, string] {
  return [
    refreshToken.slice(0, 22),
    refreshToken.slice(22, 65),
    refreshToken.slice(65),
  ];
}

/** Another first character, of the same alphabet. */
function next(text: string): string {
  return text.startsWith("A") ? "B" : "A";
}

function hashOf(value: string): string {
  return createHash("sha256").update(value).digest("base64url");
}
