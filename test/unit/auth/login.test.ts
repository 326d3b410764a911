/**
 * Logging in as only the inside can show it: equal work and equal answers for
 * all that is wrong, the upgrade of cheap hashes, and what happens in the wrong
 * moment.
 * The vocabulary of these tests, such as `told(server.tryPassword(…))`, is that
 * of test/support: site.ts and send.ts.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  login,
  type LoginParts,
  type OnEvent,
  type PasswordHash,
  type PasswordHasher,
} from "../../../src/auth/auth.ts";
import { type RootRouter, router } from "../../../src/http/http.ts";
import { generateKey } from "../../../src/jwt/jwt.ts";
import type { SqliteStore } from "../../../src/storage/sqlite.ts";
import { networksOf } from "../../../src/server/client_address.ts";
import { makeRequest, send, told } from "../../support/send.ts";
import { withClock } from "../../support/clock.ts";
import {
  cheapHasher,
  derivationsOf,
  slots,
  workOf,
} from "../../support/hashers.ts";
import { slowTest } from "../../support/slow_test.ts";
import {
  makeServer,
  password,
  type Server,
  withDatabase,
  wrongCredentials,
} from "../../support/site.ts";

const ada = "ada@example.org";

test("a login with an old, cheap hash stores one of today's cost", async () => {
  const server = await makeServer({ passwordIterations: 2000 });
  await server.addUser(ada, { iterations: 1000 });
  assert.deepEqual(await derivationsOf(() => server.logIn(ada)), [
    "1000",
    "2000",
  ]);
  assert.ok(
    (await server.account(ada)).passwordHash.startsWith("pbkdf2-sha256$2000$"),
  );
  assert.deepEqual(await derivationsOf(() => server.logIn(ada)), ["2000"]);
  assert.equal(await told(server.tryPassword(ada, "wrong")), wrongCredentials);
});

test("a right password logs in also when its upgraded hash cannot be stored", async () => {
  const server = await makeServer({ passwordIterations: 2000 }, () => ({
    replacePasswordHash: () => {
      throw new Error("on purpose");
    },
  }));
  await server.addUser(ada, { iterations: 1000 });
  assert.deepEqual(await derivationsOf(() => server.logIn(ada)), [
    "1000",
    "2000",
  ]);
  assert.ok(
    (await server.account(ada)).passwordHash.startsWith("pbkdf2-sha256$1000$"),
  );
});

test("two logins at once with an old, cheap hash are both right", async () => {
  const server = await makeServer({ passwordIterations: 2000 });
  await server.addUser(ada, { iterations: 1000 });
  await Promise.all([server.logIn(ada), server.logIn(ada), server.logIn(ada)]);
  assert.ok(
    (await server.account(ada)).passwordHash.startsWith("pbkdf2-sha256$2000$"),
  );
});

test("a login for an unknown address derives as much as one with a wrong password", async () => {
  const server = await makeServer({ passwordIterations: 3000 });
  await server.addUser(ada, { iterations: 3000 });
  await server.addUser("disabled@example.org", { iterations: 3000 });
  await disable(server, "disabled@example.org");
  for (
    const email of [
      ada,
      "bob@example.org",
      "no address",
      "",
      "disabled@example.org",
    ]
  ) {
    const derived = await derivationsOf(() =>
      server.tryPassword(email, "wrong")
    );
    assert.deepEqual(derived, ["3000"], email);
  }
  const disabled = () => server.tryPassword("disabled@example.org", password);
  assert.deepEqual(await derivationsOf(disabled), ["3000"]);
});

slowTest(
  "accounts of the older scheme log in, and whoever fails derives as much as for one of them",
  async () => {
    const argon2id = "m=19456,t=2,p=1";
    await withClock(async (clock) => {
      const server = await makeServer({ passwordScheme: "argon2id" });
      const disabled = "disabled@example.org";
      await server.addUser(ada, { iterations: 3000 });
      await server.addUser(disabled, { iterations: 1000 });
      await disable(server, disabled);
      const failures = [
        ["nobody@example.org", password],
        [ada, "wrong"],
        [disabled, "wrong"],
        [disabled, password],
      ] as const;
      let attempts = 0;
      const assertWork = async (expected: string) => {
        for (const [email, tried] of failures) {
          // Another each time, so that none is throttled.
          const address = `192.0.2.${++attempts}`;
          const work = await workOf(async () => {
            const answer = server.tryPassword(email, tried, { address });
            assert.equal(await told(answer), wrongCredentials);
          });
          assert.equal(work, expected, `${email} ${tried}`);
        }
      };
      const lookAgain = async () => {
        clock.advance(60);
        const address = "198.51.100.1";
        await server.tryPassword("nobody@example.org", "wrong", { address });
      };
      await assertWork(`${argon2id} + 3000`);
      const upgrade = await derivationsOf(() => server.logIn(ada));
      assert.deepEqual(upgrade, ["3000", argon2id]);
      const { passwordHash } = await server.account(ada);
      assert.match(passwordHash, /^\$argon2id\$/);
      assert.equal(await workOf(() => server.logIn(ada)), argon2id);
      // The one who is disabled has the last of the older hashes, and keeps it.
      await lookAgain();
      await assertWork(`${argon2id} + 1000`);
      const { id } = await server.account(disabled);
      await server.store.changeUser({
        id,
        change: { passwordHash },
        tokensFrom: 2,
        author: null,
      });
      await lookAgain();
      await assertWork(argon2id);
    });
  },
);

test("a login with a hash of today's cost stores no other", async () => {
  let replaced = 0;
  const server = await makeServer(
    {},
    () => ({ replacePasswordHash: () => ++replaced > 0 }),
  );
  await server.addUser(ada);
  await server.logIn(ada);
  assert.equal(replaced, 0);
});

test("whatever is wrong with a login, its answer is the same in all but the request's name", async () => {
  const server = await makeServer();
  await server.addUser(ada);
  await server.addUser("disabled@example.org");
  await disable(server, "disabled@example.org");
  const answers: string[] = [];
  // deno-fmt-ignore
  const attempts = [
    [ada, "wrong"],
    [ada, ""],
    ["bob@example.org", password],
    ["no", password],
    ["disabled@example.org", password],
    ["disabled@example.org", "wrong"],
  ];
  for (const [email = "", tried = ""] of attempts) {
    answers.push(await appearance(await server.tryPassword(email, tried)));
  }
  assert.match(answers[0] ?? "", /^400 \{"message":"Wrong credentials"\}/);
  assert.equal(new Set(answers).size, 1, answers.join("\n"));
});

test("more logins than the queue holds are told to come back, and the rest are answered", async () => {
  const server = await makeServer();
  const { subtle } = crypto;
  const original = subtle.deriveBits;
  const { promise: everybodyIsThere, resolve } = Promise.withResolvers<void>();
  subtle.deriveBits = async (algorithm, key, length) => {
    await everybodyIsThere;
    return await original.call(subtle, algorithm, key, length ?? null);
  };
  try {
    const refused: number[] = [];
    const attempts = Array.from(
      { length: 65 * slots + 5 },
      async (_, index) => {
        const address = `10.0.${index >> 8}.${index & 255}`;
        const { status } = await server.tryPassword(
          `${index}@example.org`,
          "wrong",
          { address },
        );
        if (status === 503 && refused.push(index) === 5) resolve();
        return status;
      },
    );
    const deadline = setTimeout(resolve, 4000);
    const statuses = await Promise.all(attempts);
    clearTimeout(deadline);
    assert.equal(
      statuses.filter((status) => status === 400).length,
      65 * slots,
    );
    assert.equal(statuses.filter((status) => status === 503).length, 5);
  } finally {
    subtle.deriveBits = original;
  }
});

for (const change of ["disable", "password"] as const) {
  test(`a login that overlaps with a ${change} leaves no session, and looks like a wrong one`, async () => {
    const passwordHash = await hashOfAnother();
    const server = await makeServer({}, (store) => ({
      addSession: async (order) => {
        const changed = change === "disable"
          ? { isDisabled: true }
          : { passwordHash };
        await store.changeUser({
          id: order.account.id,
          change: changed,
          tokensFrom: 2,
          author: null,
        });
        return await store.addSession(order);
      },
    }));
    const { id } = await server.addUser(ada);
    assert.equal(
      await told(server.tryPassword(ada, password)),
      wrongCredentials,
    );
    assert.deepEqual(
      await server.store.listSessions({
        userId: id,
        since: 0,
        after: null,
        limit: 2000,
      }),
      [],
    );
  });

  test(`a ${change} while the password is being checked leaves no session either`, async () => {
    const passwordHash = await hashOfAnother();
    const server = await makeServer({ passwordIterations: 2000 }, (store) => ({
      replacePasswordHash: async (account, upgraded) => {
        const changed = change === "disable"
          ? { isDisabled: true }
          : { passwordHash };
        await store.changeUser({
          id: account.id,
          change: changed,
          tokensFrom: 2,
          author: null,
        });
        return await store.replacePasswordHash(account, upgraded);
      },
    }));
    const { id } = await server.addUser(ada, { iterations: 1000 });
    assert.equal(
      await told(server.tryPassword(ada, password)),
      wrongCredentials,
    );
    assert.deepEqual(
      await server.store.listSessions({
        userId: id,
        since: 0,
        after: null,
        limit: 2000,
      }),
      [],
    );
    if (change === "password") {
      assert.equal((await server.account(ada)).passwordHash, passwordHash);
    }
  });
}

test("a login without room to check it writes nothing", async () => {
  const busy = cheapHasher(100_000, { maxWaiting: 0 });
  const counted: unknown[] = [];
  const site = await makeLogin(busy, () => ({
    countAttempt: (keys) => counted.push(keys),
  }));
  const working = busy.hash(password);
  const response = await post(site, ada, password);
  assert.equal(response.headers.get("retry-after"), "5");
  assert.equal(response.status, 503);
  assert.deepEqual(counted, []);
  await working;
});

test("an attempt that there is no room for after all does not count", async () => {
  await withClock(async () => {
    const busy = cheapHasher(50_000, { maxWaiting: 0 });
    let working: Promise<unknown> = Promise.resolve();
    let isFilling = true;
    const site = await makeLogin(busy, (store) => ({
      countAttempt: async (keys, time) => {
        const wait = await store.countAttempt(keys, time);
        if (isFilling) working = busy.hash(password);
        return wait;
      },
    }));
    for (let count = 0; count < 6; count++) {
      assert.equal((await post(site, ada, "wrong")).status, 503);
      await working;
    }
    isFilling = false;
    for (let count = 0; count < 5; count++) {
      assert.equal((await post(site, ada, "wrong")).status, 400);
    }
    assert.equal((await post(site, ada, "wrong")).status, 429);
  });
});

test("a stored hash that cannot be read is a fault, and the attempt does not count", async () => {
  await withDatabase(async (server, database) => {
    await server.addUser(ada);
    database.exec("UPDATE users SET password_hash = 'broken'");
    const response = await server.tryPassword(ada, password);
    assert.equal(
      await told(response),
      '500 {"message":"Internal server error"}',
    );
    assert.deepEqual(database.prepare("SELECT * FROM throttle").all(), []);
    assert.deepEqual(
      database.prepare("SELECT * FROM known_addresses").all(),
      [],
    );
  });
});

test("a login says by itself that its tokens are not to be stored", async () => {
  const response = await post(
    await makeLogin(cheapHasher(), () => ({})),
    ada,
    password,
  );
  assert.equal(response.status, 200);
  // RFC 6749 §5.1
  assert.equal(response.headers.get("cache-control"), "no-store");
});

test("onEvent is told each login once, also when it throws at what it is told", async () => {
  const told: unknown[] = [];
  const site = await makeLogin(
    cheapHasher(),
    () => ({}),
    (event) => {
      told.push(event);
      throw new Error("on purpose");
    },
  );
  // deno-fmt-ignore
  const attempts = [
    [ada, password], [ada, "wrong"], ["bob@example.org", "wrong"], ["", ""],
  ];
  for (const [email = "", tried = ""] of attempts) {
    assert.equal((await post(site, email, tried)).status, 500);
  }
  await send(site, "POST /login", { body: new URLSearchParams({ x: "y" }) });
  const event = "login";
  assert.deepEqual(told, [
    { event, outcome: "right", userId: 1 },
    { event, outcome: "wrong", userId: 1 },
    { event, outcome: "wrong", userId: null },
    { event, outcome: "wrong", userId: null },
    { event, outcome: "malformed", userId: null },
  ]);
});

test("onEvent is told whose login was turned away, and from where", async () => {
  await withClock(async () => {
    const told: unknown[] = [];
    const busy = cheapHasher(100_000, { maxWaiting: 0 });
    const site = await makeLogin(busy, () => ({}), (event, origin) => {
      const { remoteAddress, requestId } = origin;
      assert.match(requestId, /./);
      assert.ok(event.event === "login");
      told.push([event.outcome, event.userId, remoteAddress]);
    });
    const attempt = (email: string) => {
      const body = new URLSearchParams({ email, password: "wrong" });
      const request = makeRequest("POST /login", { body });
      return site.fetch(request, "192.0.2.1");
    };
    for (const email of [ada, "bob@example.org"]) {
      for (let count = 0; count < 6; count++) await attempt(email);
    }
    const filling = busy.hash(password);
    await Promise.all([attempt(ada), attempt("bob@example.org")]);
    await filling;
    const rows = [1, null].flatMap((userId) => {
      const wrong = Array.from({ length: 5 }, () => ["wrong", userId]);
      return [...wrong, ["throttled", userId]];
    });
    // The last two come in any order.
    const expected = [...rows, ["busy", 1], ["busy", null]];
    assert.deepEqual(
      told.map(String).sort(),
      expected.map((row) => [...row, "192.0.2.1"].join()).sort(),
    );
  });
});

test("a login that overlaps with a change is told as wrong, and whose it was", async () => {
  const told: unknown[] = [];
  const site = await makeLogin(
    cheapHasher(),
    () => ({ addSession: () => false }),
    (event) => told.push(event),
  );
  assert.equal((await post(site, ada, password)).status, 400);
  assert.deepEqual(told, [{ event: "login", outcome: "wrong", userId: 1 }]);
});

/** The login alone, where Ada has an account. */
async function makeLogin(
  passwords: PasswordHasher,
  interfere: (store: SqliteStore) => Partial<SqliteStore>,
  onEvent: OnEvent = () => {},
): Promise<RootRouter> {
  const server = await makeServer();
  await server.addUser(ada);
  const store: SqliteStore = { ...server.store, ...interfere(server.store) };
  const site = router();
  const key = await generateKey();
  const parts: LoginParts = {
    store,
    passwords,
    key,
    lifetimeSeconds: 60,
    refusalStatus: 400,
    networksOf,
    onEvent,
  };
  site.post("/login", login(parts));
  return site;
}

function post(
  site: RootRouter,
  email: string,
  tried: string,
): Promise<Response> {
  return send(site, "POST /login", {
    body: new URLSearchParams({ email, password: tried }),
  });
}

/** Status, body and header of a response, without the name of its request. */
async function appearance(response: Response): Promise<string> {
  const headers = [...response.headers].filter(([name]) =>
    name !== "x-request-id"
  );
  return `${await told(response)}\n${
    headers.map((field) => field.join(": ")).sort().join("\n")
  }`;
}

async function disable(server: Server, email: string): Promise<void> {
  await server.store.changeUser({
    id: (await server.account(email)).id,
    change: {
      isDisabled: true,
    },
    tokensFrom: 2,
    author: null,
  });
}

/** The hash of another password. */
function hashOfAnother(): Promise<PasswordHash> {
  return cheapHasher().hash("another password");
}
