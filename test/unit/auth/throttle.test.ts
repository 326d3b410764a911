/**
 * Throttling, by a clock that stands still: how many failures are free by which
 * key, the waits behind them, what no time ends, what is forgiven when, and
 * that nobody can tell an account from none by it.
 * The vocabulary of these tests, such as `told(server.tryPassword(…))`, is that
 * of test/support: site.ts and send.ts.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseEmail, throttleSeconds } from "../../../src/auth/auth.ts";
import { admitAttempt, type Attempt } from "../../../src/auth/throttle.ts";
import { HttpError } from "../../../src/http/http.ts";
import { networksOf } from "../../../src/server/client_address.ts";
import { told } from "../../support/send.ts";
import { type Clock, withClock } from "../../support/clock.ts";
import {
  makeServer,
  password,
  type Server,
  withDatabase,
  wrongCredentials,
} from "../../support/site.ts";

const ada = "ada@example.org";
const tooMany = '429 {"message":"Too many requests"}';
const tooManyForAccount =
  '429 {"message":"Too many wrong passwords for this account: log in from ' +
  'where you have logged in before, or ask an administrator"}';
const day = 24 * 3600;
const doubling = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900];

/**
 * Seconds to wait that an attempt is told, or "locked" where no time helps, or
 * null where it is admitted and fails.
 */
async function attempt(
  server: Server,
  email: string,
  address: string,
): Promise<number | "locked" | null> {
  const response = await server.tryPassword(email, "wrong", { address });
  if (response.status === 400) {
    assert.equal(response.headers.get("retry-after"), null);
    assert.equal(await told(response), wrongCredentials);
    return null;
  }
  const seconds = response.headers.get("retry-after") ?? "";
  const answer = await told(response);
  if (answer === tooManyForAccount) {
    assert.equal(seconds, String(day));
    return "locked";
  }
  assert.equal(answer, tooMany);
  assert.match(seconds, /^[1-9]\d*$/);
  return Number(seconds);
}

/** Fails so many times, of which none must be told to wait. */
async function fail(
  server: Server,
  times: number,
  email: (index: number) => string,
  address: (index: number) => string,
): Promise<void> {
  for (let index = 0; index < times; index++) {
    assert.equal(
      await attempt(server, email(index), address(index)),
      null,
      String(index),
    );
  }
}

/**
 * What is answered to an account, with the right password and a wrong one, to a
 * disabled one likewise, and to none: each by a function of its own.
 */
async function answersByAccount(
  server: Server,
  run: (
    tries: (address: string) => Promise<string>,
  ) => Promise<readonly string[]>,
): Promise<readonly (readonly string[])[]> {
  const { id } = await server.addUser("disabled@example.org");
  const { id: other } = await server.addUser("other@example.org");
  for (const userId of [id, other]) {
    const change = { isDisabled: true };
    await server.store.changeUser({
      id: userId,
      change,
      tokensFrom: 2,
      author: null,
    });
  }
  // deno-fmt-ignore
  const rows = [
    [ada, "wrong"],
    ["disabled@example.org", "wrong"],
    ["other@example.org", password],
    ["nobody@example.org", password],
    ["nobody.else@example.org", ""],
  ];
  const seen: (readonly string[])[] = [];
  for (const [email = "", tried = ""] of rows) {
    seen.push(
      await run(async (address) => {
        const response = await server.tryPassword(email, tried, { address });
        const headers = [...response.headers].filter(([name]) =>
          name !== "x-request-id"
        );
        return `${headers.sort().join()} ${await told(response)}`;
      }),
    );
  }
  return seen;
}

const hex = (number: number) => number.toString(16);
const always = (text: string) => () => text;
const stranger = (index: number) => `stranger${index}@example.org`;
const anywhere = (index: number) => `10.0.${index >> 8}.${index & 255}`;

/**
 * After the free failures: the waits, each told beforehand, right up to its
 * last second.
 */
async function assertDoublingWaits(
  clock: Clock,
  tryAgain: () => Promise<number | "locked" | null>,
): Promise<void> {
  for (const seconds of doubling) {
    assert.equal(await tryAgain(), seconds);
    clock.advance(seconds - 1);
    assert.equal(await tryAgain(), 1);
    clock.advance(1);
    assert.equal(await tryAgain(), null);
  }
}

for (
  const [name, email] of [["an account", ada], [
    "no account",
    "nobody@example.org",
  ]] as const
) {
  test(`by address and ${name}, five failures are free, then waits double up to 900 seconds`, async () => {
    await withClock(async (clock) => {
      const server = await serverWithAda();
      await fail(server, 5, always(email), always("192.0.2.1"));
      await assertDoublingWaits(
        clock,
        () => attempt(server, email, "192.0.2.1"),
      );
    });
  });

  test(`by ${name} from anywhere, a hundred failures are free, and then no time helps`, async () => {
    await withClock(async (clock) => {
      const server = await serverWithAda();
      await fail(server, 100, always(email), anywhere);
      for (const seconds of [0, 1, 3601, day, 365 * day]) {
        clock.advance(seconds);
        const later = attempt(server, email, anywhere(seconds % 1000));
        assert.equal(await later, "locked", String(seconds));
      }
      assert.equal(await attempt(server, stranger(1), "192.0.2.1"), null);
    });
  });

  test(`guessing at ${name} that goes on for days meets a count that goes on, too`, async () => {
    await withClock(async (clock) => {
      const server = await serverWithAda();
      let admitted = 0;
      for (let index = 0; index < 300; index++) {
        if (await attempt(server, email, anywhere(index)) === null) admitted++;
        // Two hours, in which all other counts end.
        clock.advance(7200);
      }
      assert.equal(admitted, 100);
    });
  });
}

test("by address alone twenty failures are free, then waits double", async () => {
  await withClock(async (clock) => {
    const server = await serverWithAda();
    await fail(server, 20, stranger, always("192.0.2.1"));
    let index = 1000;
    await assertDoublingWaits(
      clock,
      () => attempt(server, stranger(index++), "192.0.2.1"),
    );
  });
});

test("what is no e-mail address counts by the client's address alone", async () => {
  await withClock(async () => {
    const server = await serverWithAda();
    await fail(
      server,
      20,
      (index) => index % 2 === 0 ? "none" : "",
      always("192.0.2.1"),
    );
    assert.equal(await attempt(server, "none", "192.0.2.1"), 1);
    assert.equal(await attempt(server, ada, "192.0.2.1"), 1);
    assert.equal(await attempt(server, "none", "192.0.2.2"), null);
  });
});

test("an account that is throttled at one address is not at another, nor is another account", async () => {
  await withClock(async () => {
    const server = await serverWithAda();
    await fail(server, 5, always(ada), always("192.0.2.1"));
    assert.equal(await attempt(server, ada, "192.0.2.1"), 1);
    assert.equal(await attempt(server, ada, "192.0.2.2"), null);
    assert.equal(await attempt(server, stranger(1), "192.0.2.1"), null);
    await server.logIn(ada, { address: "192.0.2.3" });
  });
});

test("an account is one account in whatever case, and a client one in its whole /64", async () => {
  await withClock(async () => {
    const server = await serverWithAda();
    const emails = [
      "ada@example.org",
      "ADA@example.org",
      "Ada@Example.Org",
      ada,
      ada,
    ];
    const addresses = (index: number) => `2001:db8::${index + 1}`;
    await fail(server, 5, (index) => emails[index] ?? "", addresses);
    assert.equal(await attempt(server, ada, "2001:db8:0:0:ffff::"), 1);
    assert.equal(await attempt(server, ada, "2001:db8:0:1::1"), null);
  });
});

test("while an attempt has to wait, its right password is not looked at, and it does not count", async () => {
  await withClock(async (clock) => {
    const server = await serverWithAda();
    await fail(server, 5, always(ada), always("192.0.2.1"));
    for (let count = 0; count < 50; count++) {
      assert.equal(await attempt(server, ada, "192.0.2.1"), 1);
      const right = await server.tryPassword(ada, password, {
        address: "192.0.2.1",
      });
      assert.equal(await told(right), tooMany);
    }
    clock.advance(1);
    await server.logIn(ada, { address: "192.0.2.1" });
  });
});

test("an hour after the last failure all are forgotten, and not a second before", async () => {
  assert.equal(throttleSeconds, 3600);
  await withClock(async (clock) => {
    const server = await serverWithAda();
    await fail(server, 5, always(ada), always("192.0.2.1"));
    clock.advance(3600);
    assert.equal(await attempt(server, ada, "192.0.2.1"), null); // the sixth
    assert.equal(await attempt(server, ada, "192.0.2.1"), 2);
    clock.advance(3601);
    await fail(server, 5, always(ada), always("192.0.2.1"));
    assert.equal(await attempt(server, ada, "192.0.2.1"), 1);
  });
});

test("a right password clears the failures of its account and address", async () => {
  await withClock(async () => {
    const server = await serverWithAda();
    const address = "192.0.2.1";
    await fail(server, 4, always(ada), always(address));
    await server.logIn(ada, { address });
    await fail(server, 5, always(ada), always(address));
    assert.equal(await attempt(server, ada, address), 1);
  });
});

test("a right password is taken back from the address's failures, and clears none of the others", async () => {
  await withClock(async () => {
    const server = await serverWithAda();
    const address = "192.0.2.1";
    await fail(server, 10, stranger, always(address));
    for (let count = 0; count < 30; count++) {
      await server.logIn(ada, { address });
    }
    await fail(server, 10, (index) => stranger(index + 10), always(address));
    assert.equal(await attempt(server, stranger(30), address), 1);
  });
});

test("a right password sets all failures of its account back to nothing", async () => {
  await withClock(async () => {
    const server = await serverWithAda();
    await fail(server, 99, always(ada), anywhere);
    // Not known before.
    await server.logIn(ada, { address: "192.0.2.1" });
    await fail(server, 100, always(ada), anywhere);
    assert.equal(await attempt(server, ada, "198.51.100.1"), "locked");
  });
});

test("a right password does not put off the time at which an address's failures are forgotten", async () => {
  await withClock(async (clock) => {
    const server = await serverWithAda();
    const address = "192.0.2.1";
    await fail(server, 20, stranger, always(address));
    for (let count = 0; count < 61; count++) {
      clock.advance(60);
      await server.logIn(ada, { address });
    }
    await fail(server, 20, stranger, always(address));
  });
});

test("a right password behind a wait does not begin the wait anew", async () => {
  await withClock(async (clock) => {
    const server = await serverWithAda();
    const address = "192.0.2.1";
    await fail(server, 20, stranger, always(address));
    clock.advance(1);
    await server.logIn(ada, { address });
    await server.logIn(ada, { address });
  });
});

test("attempts at once are not more than those that are free", async () => {
  await withClock(async () => {
    const server = await serverWithAda();
    const count = (outcomes: readonly (number | "locked" | null)[]) =>
      outcomes.filter((outcome) => outcome === null).length;
    const sameBoth = Array.from(
      { length: 20 },
      () => attempt(server, ada, "192.0.2.1"),
    );
    assert.equal(count(await Promise.all(sameBoth)), 5);
    const sameAddress = Array.from(
      { length: 30 },
      (_, index) => attempt(server, stranger(index), "192.0.2.2"),
    );
    assert.equal(count(await Promise.all(sameAddress)), 20);
  });
});

test("of a crowd that has to wait each is told so a second later, and of a few at once", async () => {
  await withClock(async () => {
    const server = await serverWithAda();
    const sent = { address: "192.0.2.1" };
    for (let count = 0; count < 5; count++) {
      await server.tryPassword(ada, "wrong", sent);
    }
    const pausesOf = (size: number) => {
      return pausesDuring(async () => {
        await Promise.all(Array.from({ length: size }, async () => {
          const { status } = await server.tryPassword(ada, "wrong", sent);
          assert.equal(status, 429);
        }));
      });
    };
    assert.deepEqual(await pausesOf(10), []);
    const pauses = await pausesOf(40);
    assert.equal(pauses.length, 40);
    for (const pause of pauses) assert.ok(pause >= 1000 && pause < 2000);
  });
});

/**
 * For how many milliseconds something is put off while a function runs, from
 * one second to two; nothing waits for it here.
 */
async function pausesDuring(run: () => Promise<void>): Promise<number[]> {
  const pauses: number[] = [];
  const { setTimeout: original } = globalThis;
  const put = (act: () => void, milliseconds = 0) => {
    const isPause = milliseconds >= 1000 && milliseconds < 2000;
    if (isPause) pauses.push(milliseconds);
    return original(act, isPause ? 0 : milliseconds);
  };
  Reflect.set(globalThis, "setTimeout", put);
  try {
    await run();
  } finally {
    globalThis.setTimeout = original;
  }
  return pauses;
}

test("right passwords among attempts at once do not make more of them free", async () => {
  await withClock(async () => {
    const server = await serverWithAda();
    const tries = Array.from(
      { length: 12 },
      (_, index) => index === 0 ? password : "wrong",
    );
    const responses = await Promise.all(
      tries.map((tried) =>
        server.tryPassword(ada, tried, { address: "192.0.2.1" })
      ),
    );
    const statuses = responses.map(({ status }) => status).sort();
    assert.deepEqual(statuses, [
      200,
      400,
      400,
      400,
      400,
      ...Array(7).fill(429),
    ]);
  });
});

test("an account, a disabled one and none are throttled with the same answers", async () => {
  await withClock(async (clock) => {
    const server = await serverWithAda();
    const seen = await answersByAccount(server, async (tries) => {
      const answers: string[] = [];
      for (let count = 0; count < 9; count++) {
        answers.push(await tries("2001:db8:1:1::"));
        if (count === 6) clock.advance(1);
      }
      clock.advance(3601);
      return answers;
    });
    const [first, ...others] = seen;
    assert.equal(first?.filter((answer) => answer.endsWith(tooMany)).length, 3);
    for (const answers of others) assert.deepEqual(answers, first);
  });
});

test("an account, a disabled one and none are locked with the same answers", async () => {
  await withClock(async () => {
    const server = await serverWithAda();
    const seen = await answersByAccount(server, async (tries) => {
      const answers: string[] = [];
      for (let count = 0; count < 103; count++) {
        answers.push(await tries(anywhere(count)));
      }
      return answers;
    });
    const [first, ...others] = seen;
    const locked = first?.filter((answer) =>
      answer.endsWith(tooManyForAccount)
    );
    assert.equal(locked?.length, 3);
    for (const answers of others) assert.deepEqual(answers, first);
  });
});

test("however many accounts are tried from however many addresses, others are let in at once", async () => {
  await withClock(async () => {
    const server = await serverWithAda();
    await fail(server, 150, stranger, anywhere);
    await server.logIn(ada, { address: "192.0.2.1" });
    assert.equal(await attempt(server, "bob@example.org", "192.0.2.1"), null);
  });
});

test("from an address that it has logged in from, an account can log in whatever strangers do", async () => {
  await withClock(async (clock) => {
    const server = await serverWithAda();
    await server.logIn(ada, { address: "192.0.2.1" });
    await fail(server, 100, always(ada), anywhere);
    assert.equal(await attempt(server, ada, "198.51.100.1"), "locked");
    await fail(server, 5, always(ada), always("192.0.2.1"));
    assert.equal(await attempt(server, ada, "192.0.2.1"), 1);
    clock.advance(1);
    await server.logIn(ada, { address: "192.0.2.1" });
    // Which opens it elsewhere: whoever guesses begins anew.
    assert.equal(await attempt(server, ada, "198.51.100.1"), null);
  });
});

test("from a known address, too, a hundred failures in a row are free, and lock no other place", async () => {
  await withClock(async (clock) => {
    const server = await serverWithAda();
    for (const address of ["192.0.2.1", "192.0.2.2"]) {
      await server.logIn(ada, { address });
    }
    for (let count = 0; count < 100; count++) {
      clock.advance(7200);
      assert.equal(await attempt(server, ada, "192.0.2.1"), null);
    }
    clock.advance(day);
    assert.equal(await attempt(server, ada, "192.0.2.1"), "locked");
    assert.equal(await attempt(server, ada, "192.0.2.3"), null);
    await server.logIn(ada, { address: "192.0.2.2" });
    assert.equal(await attempt(server, ada, "192.0.2.1"), null);
  });
});

test("an address that an account has logged in from is known for no other account", async () => {
  await withClock(async () => {
    const server = await serverWithAda();
    await server.addUser("bob@example.org");
    await server.logIn("bob@example.org", { address: "192.0.2.1" });
    await fail(server, 100, always(ada), anywhere);
    assert.equal(await attempt(server, ada, "192.0.2.1"), "locked");
  });
});

test("a wrong password makes no address known", async () => {
  await withClock(async () => {
    const server = await serverWithAda();
    await fail(server, 100, always(ada), anywhere);
    assert.equal(await attempt(server, ada, anywhere(1)), "locked");
  });
});

test("a known address is throttled as an address all the same", async () => {
  await withClock(async () => {
    const server = await serverWithAda();
    await server.logIn(ada, { address: "192.0.2.1" });
    await fail(server, 20, stranger, always("192.0.2.1"));
    assert.equal(await attempt(server, ada, "192.0.2.1"), 1);
  });
});

test("failures from a known address do not count against the account elsewhere", async () => {
  await withClock(async () => {
    const server = await serverWithAda();
    await server.logIn(ada, { address: "192.0.2.1" });
    await fail(server, 99, always(ada), anywhere);
    await fail(server, 4, always(ada), always("192.0.2.1"));
    assert.equal(await attempt(server, ada, "198.51.100.1"), null);
    assert.equal(await attempt(server, ada, "198.51.100.2"), "locked");
  });
});

for (
  const [what, free, addresses] of [
    ["/56", 60, (index: number) => `2001:db8:1:${hex(index % 256)}::1`],
    ["/48", 200, (index: number) => `2001:db8:1:${hex(index * 256)}::1`],
  ] as const
) {
  test(`by the ${what} around it, ${free} failures of IPv6 addresses are free, then waits double`, async () => {
    await withClock(async (clock) => {
      const server = await serverWithAda();
      await fail(server, free, stranger, addresses);
      let index = free;
      await assertDoublingWaits(clock, () => {
        index++;
        return attempt(server, stranger(index), addresses(index));
      });
      assert.equal(await attempt(server, stranger(1), "2001:db8:2::1"), null);
      clock.advance(3601);
      await fail(server, free, stranger, addresses);
    });
  });
}

test("from a known address, no other of its /56 or /48 makes an account wait", async () => {
  await withClock(async () => {
    const server = await serverWithAda();
    await server.logIn(ada, { address: "2001:db8:1:7::1" });
    await fail(
      server,
      60,
      stranger,
      (index) => `2001:db8:1:${hex(index + 16)}::1`,
    );
    assert.equal(await attempt(server, ada, "2001:db8:1:f0::1"), 1);
    await server.logIn(ada, { address: "2001:db8:1:7::2" });
    assert.equal(await attempt(server, ada, "2001:db8:1:7::1"), null);
    assert.equal(await attempt(server, stranger(99), "2001:db8:1:7::1"), 2);
  });
});

for (
  const [change, expected] of [
    [{ password }, null],
    [{ is_disabled: false }, null],
    [{ is_admin: false }, "locked"],
    [{ is_disabled: true }, "locked"],
  ] as const
) {
  const does = expected === null ? "can be tried again" : "stays locked";
  test(`an account that was guessed at too often ${does} after ${JSON.stringify(change)}`, async () => {
    await withClock(async () => {
      const server = await serverWithAda();
      const { id } = await server.addUser("bob@example.org", { isAdmin: true });
      await fail(server, 100, always(ada), anywhere);
      await fail(server, 5, always(stranger(1)), always("192.0.2.1"));
      const { token } = await server.logIn("bob@example.org", {
        address: "192.0.2.9",
      });
      assert.equal(id, 2);
      await server.get("PATCH /users/1", { token, json: change });
      assert.equal(await attempt(server, ada, "192.0.2.2"), expected);
      assert.equal(await attempt(server, stranger(1), "192.0.2.1"), 1);
    });
  });
}

test("after an administrator's new password no address of the account is known", async () => {
  await withClock(async () => {
    const server = await serverWithAda();
    await server.addUser("bob@example.org", { isAdmin: true });
    await server.logIn(ada, { address: "192.0.2.1" });
    const { token } = await server.logIn("bob@example.org", {
      address: "192.0.2.1",
    });
    await server.get("PATCH /users/1", { token, json: { is_disabled: false } });
    const isKnown = async (email: string) =>
      (await findAttempt(server, email, "192.0.2.1")).found.isKnown;
    assert.equal(await isKnown(ada), true);
    await server.get("PATCH /users/1", { token, json: { password } });
    assert.equal(await isKnown(ada), false);
    assert.equal(await isKnown("bob@example.org"), true);
  });
});

test("an attempt that was not checked is taken back from all keys, and makes no address known", async () => {
  await withClock(async () => {
    const server = await serverWithAda();
    const attempted = await findAttempt(server, ada, "192.0.2.1");
    for (let count = 0; count < 150; count++) {
      const settle = await admitAttempt(server.store, attempted);
      await settle("unchecked");
    }
    const { found } = await findAttempt(server, ada, "192.0.2.1");
    assert.equal(found.isKnown, false);
    await fail(server, 4, always(ada), always("192.0.2.1"));
    const settle = await admitAttempt(server.store, attempted);
    await settle("unchecked");
    assert.equal(await attempt(server, ada, "192.0.2.1"), null);
    assert.equal(await attempt(server, ada, "192.0.2.1"), 1);
  });
});

test("what is settled for nobody's address is never right", async () => {
  await withClock(async () => {
    const server = await serverWithAda();
    const nobody = await findAttempt(server, "nobody@example.org", null);
    for (let count = 0; count < 3; count++) {
      await admitAttempt(server.store, nobody);
    }
    const settle = await admitAttempt(server.store, nobody);
    await settle("right"); // takes back its own, and does not forget the others
    for (let count = 0; count < 2; count++) {
      await admitAttempt(server.store, nobody);
    }
    await assert.rejects(admitAttempt(server.store, nobody), (error) => {
      assert.ok(error instanceof HttpError);
      assert.equal(error.status, 429);
      assert.deepEqual(error.headers, { "retry-after": "1" });
      return true;
    });
  });
});

const nowhere = { address: null };

test("without addresses no stranger makes others wait: what counts is the account", async () => {
  await withClock(async () => {
    const server = await serverWithAda();
    for (let count = 0; count < 21; count++) {
      const tried = server.tryPassword(stranger(count), "wrong", nowhere);
      assert.equal(await told(tried), wrongCredentials);
    }
    await server.logIn(ada, nowhere);
    for (let count = 0; count < 5; count++) {
      const tried = server.tryPassword(ada, "wrong", nowhere);
      assert.equal(await told(tried), wrongCredentials);
    }
    assert.equal(
      await told(server.tryPassword(ada, password, nowhere)),
      tooMany,
    );
    await server.addUser("bob@example.org");
    await server.logIn("bob@example.org", nowhere);
    // Nor does it touch who has an address.
    await server.logIn(ada, { address: "192.0.2.1" });
  });
});

test("without an address, a right password forgets the failures, and nowhere does not become known", async () => {
  await withClock(async (clock) => {
    await withDatabase(async (server, database) => {
      await server.addUser(ada);
      for (let round = 0; round < 3; round++) {
        for (let count = 0; count < 5; count++) {
          await server.tryPassword(ada, "wrong", nowhere);
        }
        clock.advance(2);
        await server.logIn(ada, nowhere);
      }
      const rows = (table: string) => {
        return database.prepare(`SELECT * FROM ${table}`).all().length;
      };
      assert.deepEqual([rows("known_addresses"), rows("throttle")], [0, 0]);
      const { found, networks } = await findAttempt(server, ada, null);
      assert.deepEqual([found.isKnown, found.isAddressUsed], [false, false]);
      assert.equal(networks, null);
    });
  });
});

test("without addresses an account is locked after 100 wrong passwords, though it has logged in so before", async () => {
  await withClock(async (clock) => {
    const server = await serverWithAda();
    await server.logIn(ada, nowhere);
    for (let count = 0; count < 100; count++) {
      const tried = await server.tryPassword(ada, "wrong", nowhere);
      assert.equal(tried.status, 400, String(count));
      clock.advance(throttleSeconds);
    }
    const locked = server.tryPassword(ada, password, nowhere);
    assert.equal(await told(locked), tooManyForAccount);
  });
});

test("a clock that is set back makes nobody wait longer than it would have", async () => {
  await withClock(async (clock) => {
    const server = await serverWithAda();
    await fail(server, 2, always(ada), always("192.0.2.1"));
    clock.advance(-5000);
    await fail(server, 3, always(ada), always("192.0.2.1"));
    assert.equal(await attempt(server, ada, "192.0.2.1"), 1);
    clock.advance(-5000);
    assert.equal(await attempt(server, ada, "192.0.2.1"), 1);
  });
});

async function serverWithAda(): Promise<Server> {
  const server = await makeServer();
  await server.addUser(ada);
  return server;
}

/** An attempt as it is when the store has been asked. */
async function findAttempt(
  server: Server,
  text: string,
  remoteAddress: string | null,
): Promise<Attempt> {
  const email = parseEmail(text);
  const networks = remoteAddress === null ? null : networksOf(remoteAddress);
  const found = await server.store.findLogin({
    email,
    address: networks?.client ?? "",
  });
  return { email, found, networks };
}
