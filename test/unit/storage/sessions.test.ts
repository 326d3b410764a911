/**
 * Sessions: every method, whom and what it must not touch, and two at once.
 */

import assert from "node:assert/strict";
import type { PasswordHash } from "../../../src/auth/auth.ts";
import { contract, sharedContract } from "../../support/places.ts";
import {
  addBoth,
  authorWith,
  bob,
  fifty,
  id,
  oddTexts,
  passwordChangeOf,
  readBack,
  rotationOf,
  sessionOf,
} from "../../support/stores.ts";

const user = { id: 2, email: bob.email, isAdmin: false };
const second = "second" as PasswordHash;

contract("a session is found as it was added", async ({ store }) => {
  const [, account] = await addBoth(store);
  const session = sessionOf("a", {
    userId: id(2),
    createdAt: 2000,
    refreshedAt: 2000,
  });
  assert.equal(
    await store.addSession({ session, account, replacedCookieHash: null }),
    true,
  );
  assert.deepEqual(await store.findSession({ id: "a", since: 0 }), session);
  assert.deepEqual(
    await store.findUserOfSession({ id: "a", userId: id(2), since: 0 }),
    user,
  );
  assert.deepEqual(
    await store.listSessions({
      userId: id(2),
      since: 0,
      after: null,
      limit: 2000,
    }),
    [
      session,
    ],
  );
  const bare = sessionOf("b", { userId: id(2), address: null, agent: null });
  assert.equal(
    await store.addSession({
      session: bare,
      account,
      replacedCookieHash: null,
    }),
    true,
  );
  assert.deepEqual(await store.findSession({ id: "b", since: 0 }), bare);
  assert.equal(await store.findSession({ id: "c", since: 0 }), null);
  assert.equal(
    await store.findUserOfSession({ id: "c", userId: id(2), since: 0 }),
    null,
  );
  assert.deepEqual(
    await store.listSessions({
      userId: id(1),
      since: 0,
      after: null,
      limit: 2000,
    }),
    [],
  );
});

for (
  const [state, change] of [
    ["has another password", { passwordHash: second }],
    ["is disabled", { isDisabled: true }],
  ] as const
) {
  contract(
    `a session is not added once the user ${state}`,
    async ({ store }) => {
      const [, account] = await addBoth(store);
      await store.changeUser({
        id: id(2),
        change,
        tokensFrom: 6,
        author: null,
      });
      assert.equal(
        await store.addSession({
          session: sessionOf("a"),
          account,
          replacedCookieHash: null,
        }),
        false,
      );
      assert.deepEqual(
        await store.listSessions({
          userId: id(2),
          since: 0,
          after: null,
          limit: 2000,
        }),
        [],
      );
    },
  );
}

contract(
  "a session ends at the second from which it must have been refreshed",
  async ({ store }) => {
    const [, account] = await addBoth(store);
    // It was last refreshed at 1,000.
    await store.addSession({
      session: sessionOf("a", { userId: id(2) }),
      account,
      replacedCookieHash: null,
    });
    for (
      const [since, isThere] of [[999, true], [1000, true], [
        1001,
        false,
      ]] as const
    ) {
      assert.equal(
        await store.findSession({ id: "a", since }) !== null,
        isThere,
      );
      assert.equal(
        await store.findUserOfSession({ id: "a", userId: id(2), since }) !==
          null,
        isThere,
      );
      assert.equal(
        (await store.listSessions({
          userId: id(2),
          since,
          after: null,
          limit: 2000,
        })).length === 1,
        isThere,
      );
    }
  },
);

contract(
  "a browser's session is found by the hash of its cookie, and by no other text",
  async ({ store }) => {
    const [first, account] = await addBoth(store);
    await store.addSession({
      session: sessionOf("theirs", { cookieHash: "hash of theirs" }),
      account: first,
      replacedCookieHash: null,
    });
    const session = sessionOf("a", {
      userId: id(2),
      refreshHash: "",
      cookieHash: "hash of a",
    });
    await store.addSession({ session, account, replacedCookieHash: null });
    // This one is no browser's.
    await store.addSession({
      session: sessionOf("b", { userId: id(2) }),
      account,
      replacedCookieHash: null,
    });
    assert.deepEqual(
      await store.findUserOfCookie({
        cookieHash: "hash of a",
        since: 0,
        host: "localhost",
      }),
      {
        user,
        sessionId: "a",
      },
    );
    const theirs = await store.findUserOfCookie({
      cookieHash: "hash of theirs",
      since: 0,
      host: "localhost",
    });
    assert.deepEqual(
      [theirs?.user.id, theirs?.user.isAdmin, theirs?.sessionId],
      [
        1,
        true,
        "theirs",
      ],
    );
    const others = [
      "",
      "a",
      "hash",
      "hash of b",
      "hash of c",
      "HASH OF A",
      "hash of a ",
      "null",
      "%",
    ];
    for (const text of others) {
      assert.equal(
        await store.findUserOfCookie({
          cookieHash: text,
          since: 0,
          host: "localhost",
        }),
        null,
        text,
      );
    }
    assert.deepEqual(await store.findSession({ id: "a", since: 0 }), session);
  },
);

contract(
  "a browser's session ends with its time, its row or its user's state",
  async ({ store }) => {
    const [, account] = await addBoth(store);
    const add = (name: string) => {
      const parts = { userId: id(2), cookieHash: `hash of ${name}` };
      return store.addSession({
        session: sessionOf(name, parts),
        account,
        replacedCookieHash: null,
      }); // at 1,000
    };
    await add("a");
    for (
      const [since, isThere] of [[999, true], [1000, true], [
        1001,
        false,
      ]] as const
    ) {
      assert.equal(
        await store.findUserOfCookie({
          cookieHash: "hash of a",
          since,
          host: "localhost",
        }) !==
          null,
        isThere,
      );
    }
    await store.endSession({ id: "a", userId: id(2) });
    assert.equal(
      await store.findUserOfCookie({
        cookieHash: "hash of a",
        since: 0,
        host: "localhost",
      }),
      null,
    );
    await add("b");
    await store.endAllSessions({ author: authorWith(id(2)), tokensFrom: 5001 });
    assert.equal(
      await store.findUserOfCookie({
        cookieHash: "hash of b",
        since: 0,
        host: "localhost",
      }),
      null,
    );
    await add("c");
    await store.changeUser({
      id: id(2),
      change: { isDisabled: true },
      tokensFrom: 5001,
      author: null,
    });
    assert.equal(
      await store.findUserOfCookie({
        cookieHash: "hash of c",
        since: 0,
        host: "localhost",
      }),
      null,
    );
  },
);

contract(
  "no two sessions have the same cookie, and any number have none",
  async ({ store }) => {
    const [first, account] = await addBoth(store);
    for (const name of ["a", "b", "c"]) {
      await store.addSession({
        session: sessionOf(name),
        account,
        replacedCookieHash: null,
      });
    }
    await store.addSession({
      session: sessionOf("d", { cookieHash: "hash" }),
      account: first,
      replacedCookieHash: null,
    });
    const taken = sessionOf("e", { cookieHash: "hash" });
    await assert.rejects(
      async () =>
        await store.addSession({
          session: taken,
          account,
          replacedCookieHash: null,
        }),
      /unique/i,
    );
    assert.equal(
      (await store.findUserOfCookie({
        cookieHash: "hash",
        since: 0,
        host: "localhost",
      }))
        ?.sessionId,
      "d",
    );
    assert.equal(
      (await store.listSessions({
        userId: id(2),
        since: 0,
        after: null,
        limit: 2000,
      })).length,
      3,
    );
  },
);

contract("a session is of its user alone", async ({ store }) => {
  const [, account] = await addBoth(store);
  await store.addSession({
    session: sessionOf("a", { userId: id(2) }),
    account,
    replacedCookieHash: null,
  });
  assert.equal(
    await store.findUserOfSession({ id: "a", userId: id(1), since: 0 }),
    null,
  );
  assert.equal(await store.endSession({ id: "a", userId: id(1) }), false);
  await store.endAllSessions({ author: authorWith(id(1)), tokensFrom: 5001 });
  assert.deepEqual(
    await store.findUserOfSession({ id: "a", userId: id(2), since: 0 }),
    user,
  );
  assert.equal(await store.endSession({ id: "a", userId: id(2) }), true);
  assert.equal(await store.endSession({ id: "a", userId: id(2) }), false);
  assert.equal(
    await store.findUserOfSession({ id: "a", userId: id(2), since: 0 }),
    null,
  );
});

sharedContract(
  "no session of a disabled user is found, not even one whose row is there",
  async (place) => {
    const { store, sql } = place;
    const [, account] = await addBoth(store);
    await store.addSession({
      session: sessionOf("a", { userId: id(2), cookieHash: "hash of a" }),
      account,
      replacedCookieHash: null,
    });
    assert.notEqual(
      await store.findUserOfCookie({
        cookieHash: "hash of a",
        since: 0,
        host: "localhost",
      }),
      null,
    );
    await sql`UPDATE users SET is_disabled = 1 WHERE id = 2`;
    assert.equal(await store.findSession({ id: "a", since: 0 }), null);
    assert.equal(
      await store.findUserOfSession({ id: "a", userId: id(2), since: 0 }),
      null,
    );
    assert.equal(
      await store.findUserOfCookie({
        cookieHash: "hash of a",
        since: 0,
        host: "localhost",
      }),
      null,
    );
  },
);

contract(
  "sessions are listed from the last refreshed to the first",
  async ({ store }) => {
    const [, account] = await addBoth(store);
    for (
      const [name, createdAt] of [["c", 3000], ["a", 1000], ["D", 3000], [
        "b",
        2000,
      ]] as const
    ) {
      await store.addSession({
        session: sessionOf(name, { createdAt }),
        account,
        replacedCookieHash: null,
      });
    }
    const rotation = rotationOf({
      spentHash: "hash of a",
      refreshHash: "next",
      refreshedAt: 2500,
    });
    assert.equal(await store.rotateRefreshToken("a", rotation), true);
    const names = (await store.listSessions({
      userId: id(2),
      since: 0,
      after: null,
      limit: 2000,
    })).map((
      session,
    ) => session.id);
    assert.deepEqual(names, ["c", "D", "a", "b"]);
  },
);

contract(
  "a refresh token is swapped once, and only for the one that is to be used next",
  async ({ store }) => {
    const [account] = await addBoth(store);
    await store.addSession({
      session: sessionOf("a"),
      account,
      replacedCookieHash: null,
    });
    await store.addSession({
      session: sessionOf("b"),
      account,
      replacedCookieHash: null,
    });
    const wrong = rotationOf({
      spentHash: "hash of b",
      refreshHash: "third",
      refreshedAt: 9000,
    });
    assert.equal(await store.rotateRefreshToken("a", wrong), false);
    const rotation = rotationOf({
      spentHash: "hash of a",
      refreshHash: "second",
      refreshedAt: 3000,
    });
    assert.equal(await store.rotateRefreshToken("a", rotation), true);
    assert.equal(
      await store.rotateRefreshToken("a", { ...rotation, refreshedAt: 4000 }),
      false,
    );
    assert.equal(await store.rotateRefreshToken("c", rotation), false);
    assert.deepEqual(
      await store.findSession({ id: "a", since: 0 }),
      sessionOf("a", {
        refreshHash: "second",
        spentHash: "hash of a",
        refreshedAt: 3000,
      }),
    );
    assert.deepEqual(
      await store.findSession({ id: "b", since: 0 }),
      sessionOf("b"),
    );
  },
);

contract(
  "all of a user's sessions end at once, and tokens issued until then are refused",
  async ({ store }) => {
    const [first, account] = await addBoth(store);
    await store.addSession({
      session: sessionOf("theirs"),
      account: first,
      replacedCookieHash: null,
    });
    for (const name of ["a", "b"]) {
      await store.addSession({
        session: sessionOf(name),
        account,
        replacedCookieHash: null,
      });
    }
    await store.endAllSessions({ author: authorWith(id(2)), tokensFrom: 5001 });
    assert.deepEqual(
      await store.listSessions({
        userId: id(2),
        since: 0,
        after: null,
        limit: 2000,
      }),
      [],
    );
    assert.equal(
      await store.findUserOfToken({ userId: id(2), issuedAt: 5000 }),
      null,
    );
    assert.deepEqual(
      await store.findUserOfToken({ userId: id(2), issuedAt: 5001 }),
      user,
    );
    assert.notEqual(await store.findSession({ id: "theirs", since: 0 }), null);
    assert.notEqual(
      await store.findUserOfToken({ userId: id(1), issuedAt: 0 }),
      null,
    );
  },
);

contract(
  "a password change ends all sessions and begins one, and nothing of others is changed",
  async ({ store }) => {
    const [first, account] = await addBoth(store);
    await store.addSession({
      session: sessionOf("theirs"),
      account: first,
      replacedCookieHash: null,
    });
    for (const name of ["a", "b"]) {
      await store.addSession({
        session: sessionOf(name),
        account,
        replacedCookieHash: null,
      });
    }
    assert.equal(
      await store.changePassword(passwordChangeOf(account, second)),
      true,
    );
    const left = (await store.listSessions({
      userId: id(2),
      since: 0,
      after: null,
      limit: 2000,
    })).map((
      session,
    ) => session.id);
    assert.deepEqual(left, ["begun"]);
    assert.equal((await store.findAccount(id(2)))?.passwordHash, second);
    assert.equal(
      await store.findUserOfToken({ userId: id(2), issuedAt: 5000 }),
      null,
    );
    assert.notEqual(
      await store.findUserOfToken({ userId: id(2), issuedAt: 5001 }),
      null,
    );
    assert.notEqual(
      await store.findSession({ id: "theirs", since: 0 }),
      null,
    );
    assert.deepEqual(await store.findAccount(id(1)), first);
    assert.notEqual(
      await store.findUserOfToken({ userId: id(1), issuedAt: 0 }),
      null,
    );
  },
);

contract(
  "a password that is no longer the one that was read is not changed, and ends nothing",
  async ({ store }) => {
    const [, account] = await addBoth(store);
    const third = "third" as PasswordHash;
    await store.addSession({
      session: sessionOf("a"),
      account,
      replacedCookieHash: null,
    });
    await store.replacePasswordHash(account, second);
    assert.equal(
      await store.changePassword(passwordChangeOf(account, third)),
      false,
    );
    assert.equal((await store.findAccount(id(2)))?.passwordHash, second);
    assert.notEqual(await store.findSession({ id: "a", since: 0 }), null);
    assert.notEqual(
      await store.findUserOfToken({ userId: id(2), issuedAt: 0 }),
      null,
    );
    const current = { ...account, passwordHash: second };
    await store.changeUser({
      id: id(2),
      change: { isDisabled: true },
      tokensFrom: 2,
      author: null,
    });
    assert.equal(
      await store.changePassword(passwordChangeOf(current, third)),
      "not_allowed",
    );
    assert.equal((await store.findAccount(id(2)))?.passwordHash, second);
  },
);

contract(
  "of more than a thousand sessions of a user, the longest unused one ends",
  async ({ store }) => {
    const [first, account] = await addBoth(store);
    await store.addSession({
      session: sessionOf("theirs", { createdAt: 1 }),
      account: first,
      replacedCookieHash: null,
    });
    for (let count = 0; count < 1000; count++) {
      await store.addSession({
        session: sessionOf(`s${count}`, { createdAt: 1000 + count }),
        account,
        replacedCookieHash: null,
      });
    }
    const rotation = rotationOf({
      spentHash: "hash of s0",
      refreshHash: "next",
      refreshedAt: 5000,
    });
    assert.equal(await store.rotateRefreshToken("s0", rotation), true);
    assert.equal(
      (await store.listSessions({
        userId: id(2),
        since: 0,
        after: null,
        limit: 2000,
      })).length,
      1000,
    );
    assert.equal(
      await store.addSession({
        session: sessionOf("new", { createdAt: 5000 }),
        account,
        replacedCookieHash: null,
      }),
      true,
    );
    const names = (await store.listSessions({
      userId: id(2),
      since: 0,
      after: null,
      limit: 2000,
    })).map((
      session,
    ) => session.id);
    assert.equal(names.length, 1000);
    assert.deepEqual(
      ["s0", "s1", "s2", "new"].map((name) => names.includes(name)),
      [true, false, true, true],
    );
    assert.notEqual(await store.findSession({ id: "theirs", since: 0 }), null);
  },
);

contract(
  "of a thousand sessions as many end as are added at once",
  async ({ store, another }) => {
    const [account] = await addBoth(store);
    for (let count = 0; count < 990; count++) {
      await store.addSession({
        session: sessionOf(`s${count}`),
        account,
        replacedCookieHash: null,
      });
    }
    const other = await another();
    const added = await Promise.all(fifty((index) => {
      const session = sessionOf(`new ${index}`, { createdAt: 5000 });
      return (index % 2 === 0 ? store : other).addSession({
        session,
        account,
        replacedCookieHash: null,
      });
    }));
    assert.ok(added.every((isAdded) => isAdded));
    assert.equal(
      (await store.listSessions({
        userId: id(1),
        since: 5000,
        after: null,
        limit: 2000,
      })).length,
      50,
    );
    assert.equal(
      (await store.listSessions({
        userId: id(1),
        since: 0,
        after: null,
        limit: 2000,
      })).length,
      1000,
    );
  },
);

contract(
  "a new session is never the one that ends, not even among a thousand of its second",
  async ({ store }) => {
    const [account] = await addBoth(store);
    for (let count = 0; count < 1000; count++) {
      await store.addSession({
        session: sessionOf(`s${count}`),
        account,
        replacedCookieHash: null,
      });
    }
    // Before, behind and among the others by name.
    for (const name of ["0", "zz", "s5000", "m"]) {
      await store.addSession({
        session: sessionOf(name),
        account,
        replacedCookieHash: null,
      });
      assert.notEqual(
        await store.findSession({ id: name, since: 0 }),
        null,
        name,
      );
      assert.equal(
        (await store.listSessions({
          userId: id(1),
          since: 0,
          after: null,
          limit: 2000,
        })).length,
        1000,
      );
    }
  },
);

contract(
  "sessions that have ended are swept, so many at a time, the oldest first",
  async ({ store }) => {
    const [, account] = await addBoth(store);
    for (const createdAt of [1003, 1001, 1004, 1002, 1000]) {
      await store.addSession({
        session: sessionOf(`${createdAt}`, { createdAt }),
        account,
        replacedCookieHash: null,
      });
    }
    const left = async () =>
      (await store.listSessions({
        userId: id(2),
        since: 0,
        after: null,
        limit: 2000,
      })).map((session) => session.id);
    assert.equal(await store.sweepSessions({ before: 1000, limit: 9 }), 0);
    assert.equal(await store.sweepSessions({ before: 1003, limit: 2 }), 2);
    assert.deepEqual(await left(), ["1004", "1003", "1002"]);
    assert.equal(await store.sweepSessions({ before: 1003, limit: 2 }), 1);
    assert.equal(await store.sweepSessions({ before: 1003, limit: 2 }), 0);
    assert.deepEqual(await left(), ["1004", "1003"]);
  },
);

sharedContract(
  "a session that one ends has ended for another",
  async ({ store, another }) => {
    const other = await another();
    const [first, account] = await addBoth(store);
    for (const name of ["a", "b", "c"]) {
      await store.addSession({
        session: sessionOf(name),
        account,
        replacedCookieHash: null,
      });
    }
    await store.addSession({
      session: sessionOf("theirs"),
      account: first,
      replacedCookieHash: null,
    });
    assert.equal(
      (await other.listSessions({
        userId: id(2),
        since: 0,
        after: null,
        limit: 2000,
      })).length,
      3,
    );
    assert.equal(await other.endSession({ id: "a", userId: id(2) }), true);
    assert.equal(
      await store.findUserOfSession({ id: "a", userId: id(2), since: 0 }),
      null,
    );
    const rotation = rotationOf({
      spentHash: "hash of b",
      refreshHash: "next",
      refreshedAt: 3000,
    });
    assert.equal(await other.rotateRefreshToken("b", rotation), true);
    assert.equal(await store.rotateRefreshToken("b", rotation), false);
    await other.changeUser({
      id: id(2),
      change: { isDisabled: true },
      tokensFrom: 6,
      author: null,
    });
    assert.deepEqual(
      await store.listSessions({
        userId: id(2),
        since: 0,
        after: null,
        limit: 2000,
      }),
      [],
    );
    assert.notEqual(await store.findSession({ id: "theirs", since: 0 }), null);
  },
);

contract(
  "of fifty who use one refresh token at once, one gets its successor",
  async (place) => {
    const { store } = place;
    const [account] = await addBoth(store);
    const other = await place.another();
    for (const name of ["a", "b"]) {
      await store.addSession({
        session: sessionOf(name),
        account,
        replacedCookieHash: null,
      });
    }
    const rotated = await Promise.all(fifty((index) => {
      const next = { refreshHash: `next ${index}`, refreshedAt: 3000 + index };
      const rotation = rotationOf({ spentHash: "hash of a", ...next });
      return (index % 2 === 0 ? store : other).rotateRefreshToken(
        "a",
        rotation,
      );
    }));
    assert.equal(rotated.filter((isRotated) => isRotated).length, 1);
    const winner = rotated.indexOf(true);
    const next = {
      spentHash: "hash of a",
      refreshHash: `next ${winner}`,
      refreshedAt: 3000 + winner,
    };
    assert.deepEqual(
      await store.findSession({ id: "a", since: 0 }),
      sessionOf("a", next),
    );
    assert.deepEqual(
      await other.findSession({ id: "b", since: 0 }),
      sessionOf("b"),
    );
  },
);

contract(
  "of fifty who end one session at once, one does",
  async ({ store, another }) => {
    const [account] = await addBoth(store);
    const other = await another();
    await store.addSession({
      session: sessionOf("a"),
      account,
      replacedCookieHash: null,
    });
    const ended = await Promise.all(fifty((index) => {
      return (index % 2 === 0 ? store : other).endSession({
        id: "a",
        userId: id(1),
      });
    }));
    assert.equal(ended.filter((isEnded) => isEnded).length, 1);
  },
);

contract(
  "no session outlives a disable that comes while it is added",
  async (place) => {
    const { store } = place;
    const [, account] = await addBoth(store);
    const other = await place.another();
    for (let round = 0; round < 20; round++) {
      await store.changeUser({
        id: id(2),
        change: { isDisabled: false },
        tokensFrom: 6,
        author: null,
      });
      const add = (name: string) =>
        store.addSession({
          session: sessionOf(`${name} ${round}`),
          account,
          replacedCookieHash: null,
        });
      await Promise.all([
        add("a"),
        add("b"),
        add("c"),
        other.changeUser({
          id: id(2),
          change: { isDisabled: true },
          tokensFrom: 6,
          author: null,
        }),
        add("d"),
        add("e"),
      ]);
      assert.deepEqual(
        await store.listSessions({
          userId: id(2),
          since: 0,
          after: null,
          limit: 2000,
        }),
        [],
      );
    }
  },
);

contract(
  "no session outlives a new password that comes while it is added",
  async (place) => {
    const { store } = place;
    await addBoth(store);
    const other = await place.another();
    for (let round = 0; round < 20; round++) {
      const account = await store.findAccount(id(2));
      assert.ok(account !== null);
      const add = (name: string) =>
        store.addSession({
          session: sessionOf(`${name} ${round}`),
          account,
          replacedCookieHash: null,
        });
      const passwordHash = `hash ${round}` as PasswordHash;
      const setPassword = () => {
        return round % 2 === 0
          ? other.changePassword(
            passwordChangeOf(
              account,
              passwordHash,
              sessionOf(`begun ${round}`, { userId: id(2) }),
            ),
          )
          : other.changeUser({
            id: id(2),
            change: { passwordHash },
            tokensFrom: 6,
            author: null,
          });
      };
      const before = ["a", "b", "c"].map(add);
      const changing = setPassword();
      const behind = ["d", "e"].map(add);
      assert.ok(await changing);
      await Promise.all([...before, ...behind]);
      const left = await store.listSessions({
        userId: id(2),
        since: 0,
        after: null,
        limit: 2000,
      });
      const begun = round % 2 === 0 ? [`begun ${round}`] : [];
      assert.deepEqual(left.map((session) => session.id), begun);
    }
  },
);

contract(
  "of fifty who change one password at once, one does",
  async ({ store, another }) => {
    const [account] = await addBoth(store);
    const other = await another();
    const changed = await Promise.all(fifty((index) => {
      const passwordHash = `hash ${index}` as PasswordHash;
      return (index % 2 === 0 ? store : other).changePassword(
        passwordChangeOf(account, passwordHash, sessionOf(`begun ${index}`)),
      );
    }));
    assert.equal(changed.filter((isChanged) => isChanged).length, 1);
    const winner = `hash ${changed.indexOf(true)}`;
    assert.equal((await store.findAccount(id(1)))?.passwordHash, winner);
  },
);

contract(
  "two who sweep at once sweep each session once, and no other",
  async ({ store, another }) => {
    const [account] = await addBoth(store);
    const other = await another();
    for (let number = 0; number < 100; number++) {
      await store.addSession({
        session: sessionOf(`${number}`, { createdAt: 1000 + number }),
        account,
        replacedCookieHash: null,
      });
    }
    let swept = 0;
    // Whoever comes second may sweep fewer.
    for (let counts = [7]; counts.some((count) => count > 0);) {
      counts = await Promise.all(
        [store, other, store, other].map((each) =>
          each.sweepSessions({ before: 1090, limit: 7 })
        ),
      );
      assert.ok(counts.every((count) => count <= 7));
      swept += counts.reduce((sum, count) => sum + count, 0);
    }
    assert.equal(swept, 90);
    assert.equal(await store.countSessions(0), 10);
  },
);

contract("sessions are counted, all that have not ended", async ({ store }) => {
  const [first, account] = await addBoth(store);
  assert.equal(await store.countSessions(0), 0);
  await store.addSession({
    session: sessionOf("a", { createdAt: 1000 }),
    account: first,
    replacedCookieHash: null,
  });
  await store.addSession({
    session: sessionOf("b", { createdAt: 2000 }),
    account,
    replacedCookieHash: null,
  });
  for (
    const [since, count] of [[0, 2], [1000, 2], [1001, 1], [2001, 0]] as const
  ) {
    assert.equal(await store.countSessions(since), count);
  }
});

contract(
  "times beyond 2038 and 2106 are kept to the second",
  async ({ store }) => {
    const [account] = await addBoth(store);
    for (const time of [2 ** 31, 2 ** 32 + 1, 253_402_300_799]) {
      const session = sessionOf(`at ${time}`, { createdAt: time });
      assert.equal(
        await store.addSession({ session, account, replacedCookieHash: null }),
        true,
      );
      const expected = { ...session, refreshedAt: time };
      assert.deepEqual(
        await store.findSession({ id: session.id, since: time }),
        expected,
      );
      assert.equal(
        await store.findSession({ id: session.id, since: time + 1 }),
        null,
      );
    }
  },
);

contract(
  "whatever text a client has sent is kept with its session",
  async ({ store }) => {
    const [account] = await addBoth(store);
    for (const [name, text] of oddTexts) {
      const session = sessionOf(name, { address: text, agent: text });
      assert.equal(
        await store.addSession({ session, account, replacedCookieHash: null }),
        true,
        name,
      );
      const found = await store.findSession({ id: name, since: 0 });
      assert.ok(readBack(text).includes(found?.agent ?? "none"), name);
      assert.equal(found?.address, found?.agent, name);
      assert.deepEqual({ ...found, address: text, agent: text }, session);
    }
    assert.equal(
      (await store.listSessions({
        userId: id(1),
        since: 0,
        after: null,
        limit: 2000,
      })).length,
      oddTexts.length,
    );
  },
);

contract(
  "no text that asks for a session does harm, or finds another",
  async ({ store }) => {
    const [account] = await addBoth(store);
    await store.addSession({
      session: sessionOf("a", { cookieHash: "hash of a" }),
      account,
      replacedCookieHash: null,
    });
    for (const [name, text] of oddTexts) {
      assert.equal(await store.findSession({ id: text, since: 0 }), null, name);
      assert.equal(
        await store.findUserOfSession({ id: text, userId: id(1), since: 0 }),
        null,
        name,
      );
      assert.equal(
        await store.findUserOfCookie({
          cookieHash: text,
          since: 0,
          host: "localhost",
        }),
        null,
        name,
      );
      assert.equal(
        await store.endSession({ id: text, userId: id(1) }),
        false,
        name,
      );
      const rotation = rotationOf({
        spentHash: text,
        refreshHash: text,
        refreshedAt: 9000,
      });
      for (const id of ["a", text]) {
        assert.equal(await store.rotateRefreshToken(id, rotation), false, name);
      }
    }
    assert.deepEqual(
      await store.findSession({ id: "a", since: 0 }),
      sessionOf("a", { cookieHash: "hash of a" }),
    );
  },
);
