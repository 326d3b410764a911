/**
 * Users: every method, its conflicts, what a change of a user does to the rest,
 * and two at once.
 */

import assert from "node:assert/strict";
import type { Email, PasswordHash } from "../../../src/auth/auth.ts";
import { contract, sharedContract } from "../../support/places.ts";
import {
  ada,
  addBoth,
  authorWith,
  bob,
  fifty,
  id,
  oddTexts,
  passwordChangeOf,
  requireAdded,
  sessionOf,
} from "../../support/stores.ts";

const second = "second" as PasswordHash;

contract(
  "a user is found as it was added, by address, by id and by token",
  async ({ store }) => {
    assert.deepEqual(await store.listUsers({ after: 0, limit: 1 }), []);
    const account = await store.addUser(ada, null);
    assert.deepEqual(account, { id: 1, ...ada, isDisabled: false });
    assert.deepEqual(await store.listUsers({ after: 0, limit: 1 }), [account]);
    assert.deepEqual(await store.findAccountByEmail(ada.email), account);
    assert.deepEqual(await store.findAccount(id(1)), account);
    const user = { id: 1, email: ada.email, isAdmin: true };
    assert.deepEqual(
      await store.findUserOfToken({ userId: id(1), issuedAt: 0 }),
      user,
    );
    assert.equal(await store.findAccount(id(2)), null);
    assert.equal(
      await store.findUserOfToken({ userId: id(2), issuedAt: 0 }),
      null,
    );
    assert.equal(
      await store.findAccountByEmail("bob@example.org" as Email),
      null,
    );
  },
);

contract(
  "an address is taken once, by its own bytes alone",
  async ({ store }) => {
    assert.notEqual(await store.addUser(ada, null), null);
    assert.equal(await store.addUser({ ...ada, isAdmin: false }, null), null);
    assert.equal((await store.findAccountByEmail(ada.email))?.isAdmin, true);
    for (
      const email of [
        "ADA@example.org",
        "ada@example.org ",
        "ada@example.or_",
        "ád@a",
      ] as Email[]
    ) {
      assert.equal(await store.findAccountByEmail(email), null, email);
      assert.notEqual(
        await store.addUser({ ...ada, email }, null),
        null,
        email,
      );
    }
  },
);

sharedContract(
  "the id of a user who is gone is never used again",
  async ({ store, sql }) => {
    await addBoth(store);
    await sql`DELETE FROM users`;
    const added = await store.addUser(ada, null);
    assert.ok(requireAdded(added).id > 2);
  },
);

contract(
  "of fifty who take one address at once, one gets it",
  async ({ store, another }) => {
    const other = await another();
    const added = await Promise.all(fifty((index) => {
      const passwordHash = `hash ${index}` as PasswordHash;
      return (index % 2 === 0 ? store : other).addUser({
        ...bob,
        passwordHash,
      }, null);
    }));
    const accounts = added.filter((account) => account !== null);
    assert.equal(accounts.length, 1);
    assert.deepEqual(await store.listUsers({ after: 0, limit: 99 }), accounts);
    assert.deepEqual(await other.findAccountByEmail(bob.email), accounts[0]);
  },
);

contract(
  "fifty who are added at once have fifty ids",
  async ({ store, another }) => {
    const other = await another();
    const added = await Promise.all(fifty((index) => {
      const email = `user${index}@example.org` as Email;
      return (index % 2 === 0 ? store : other).addUser({ ...bob, email }, null);
    }));
    const accounts = added.map(requireAdded);
    assert.equal(new Set(accounts.map((account) => account.id)).size, 50);
    assert.deepEqual(
      await store.listUsers({ after: 0, limit: 99 }),
      accounts.toSorted((a, b) => a.id - b.id),
    );
  },
);

contract(
  "a hash is replaced only if it is still the one that was read",
  async ({ store }) => {
    const [account] = await addBoth(store);
    assert.equal(await store.replacePasswordHash(account, second), true);
    assert.equal(
      await store.replacePasswordHash(account, "third" as PasswordHash),
      false,
    );
    assert.equal((await store.findAccount(id(1)))?.passwordHash, "second");
    assert.equal(
      (await store.findAccount(id(2)))?.passwordHash,
      bob.passwordHash,
    );
  },
);

contract(
  "the password hashes can be gone through in the order of their bytes",
  async ({ store }) => {
    assert.equal(await store.findPasswordHash(""), null);
    const inOrder = [
      "$argon2id$v=19$m=19456,t=2,p=1$a$b",
      "B",
      "a",
      "pbkdf2-sha256$10000$a$b",
      "pbkdf2-sha256$600000$a$b",
      "pbkdf2-sha256$600000$b$a",
      "~",
      "\u00e9",
      "\uffee",
      "\u{1f600}", // behind U+FFEE in bytes, and before it in UTF-16
    ];
    for (const [index, hash] of inOrder.toReversed().entries()) {
      const email = `user${index}@example.org` as Email;
      const passwordHash = hash as PasswordHash;
      await store.addUser({ ...bob, email, passwordHash }, null);
    }
    let after = "";
    for (const expected of inOrder) {
      const found: string | null = await store.findPasswordHash(after);
      assert.equal(found, expected);
      after = expected;
    }
    assert.equal(await store.findPasswordHash(after), null);
    assert.equal(
      await store.findPasswordHash("pbkdf2-sha256$600000$~"),
      "~",
    );
  },
);

contract(
  "of fifty who replace one hash at once, one does",
  async ({ store, another }) => {
    const [account] = await addBoth(store);
    const other = await another();
    const replaced = await Promise.all(fifty((index) => {
      const hash = `hash ${index}` as PasswordHash;
      return (index % 2 === 0 ? store : other).replacePasswordHash(
        account,
        hash,
      );
    }));
    assert.equal(replaced.filter((isReplaced) => isReplaced).length, 1);
    const winner = `hash ${replaced.indexOf(true)}`;
    assert.equal((await store.findAccount(id(1)))?.passwordHash, winner);
  },
);

contract(
  "a better hash of a password ends no session and refuses no token",
  async ({ store }) => {
    const [account] = await addBoth(store);
    await store.addSession({
      session: sessionOf("a"),
      account,
      replacedCookieHash: null,
    });
    await store.replacePasswordHash(account, second);
    assert.notEqual(
      await store.findUserOfSession({ id: "a", userId: id(1), since: 0 }),
      null,
    );
    assert.notEqual(
      await store.findUserOfToken({ userId: id(1), issuedAt: 0 }),
      null,
    );
  },
);

contract(
  "users are listed behind an id, in order, as many as asked for",
  async ({ store }) => {
    const emails = ["c@b", "a@b", "d@b", "b@b"] as Email[];
    for (const email of emails) await store.addUser({ ...ada, email }, null);
    const listed = async (after: number, limit: number) =>
      (await store.listUsers({ after, limit })).map(({ email }) => email);
    assert.deepEqual(await listed(0, 9), emails);
    assert.deepEqual(await listed(0, 2), ["c@b", "a@b"]);
    assert.deepEqual(await listed(2, 2), ["d@b", "b@b"]);
    assert.deepEqual(await listed(3, 1), ["b@b"]);
    assert.deepEqual(await listed(4, 9), []);
    assert.deepEqual(await listed(0, Number.MAX_SAFE_INTEGER), emails);
    assert.deepEqual(await listed(Number.MAX_SAFE_INTEGER, 9), []);
    assert.deepEqual(await store.listUsers({ after: 0, limit: 1 }), [
      await store.findAccount(id(1)),
    ]);
  },
);

contract(
  "a change of a user is stored as asked, and in no other user",
  async ({ store }) => {
    const [first, before] = await addBoth(store);
    await store.addUser({ ...ada, email: "eve@example.org" as Email }, null);
    const changes = [{}, { isAdmin: false }, { isDisabled: true }, {
      isAdmin: true,
    }];
    let expected = first;
    for (
      const change of [...changes, { isDisabled: false }, {
        passwordHash: second,
      }]
    ) {
      expected = { ...expected, ...change };
      assert.deepEqual(
        await store.changeUser({
          id: id(1),
          change,
          tokensFrom: 6,
          author: null,
        }),
        expected,
      );
      assert.deepEqual(await store.findAccount(id(1)), expected);
    }
    assert.deepEqual(await store.findAccount(id(2)), before);
    assert.equal(
      await store.changeUser({
        id: id(9),
        change: { isAdmin: true },
        tokensFrom: 6,
        author: null,
      }),
      null,
    );
  },
);

for (
  const [what, change] of [
    ["a disable ends", { isDisabled: true }],
    ["a new password ends", { passwordHash: second }],
  ] as const
) {
  contract(
    `${what} the user's sessions, and tokens issued until then`,
    async ({ store }) => {
      const [first, account] = await addBoth(store);
      await store.addSession({
        session: sessionOf("a"),
        account,
        replacedCookieHash: null,
      });
      await store.addSession({
        session: sessionOf("b"),
        account: first,
        replacedCookieHash: null,
      });
      assert.notEqual(
        await store.changeUser({
          id: id(2),
          change,
          tokensFrom: 5001,
          author: null,
        }),
        null,
      );
      assert.equal(
        await store.findUserOfSession({ id: "a", userId: id(2), since: 0 }),
        null,
      );
      assert.notEqual(
        await store.findUserOfSession({ id: "b", userId: id(1), since: 0 }),
        null,
      );
      await store.changeUser({
        id: id(2),
        change: { isDisabled: false },
        tokensFrom: 9001,
        author: null,
      });
      assert.equal(
        await store.findUserOfSession({ id: "a", userId: id(2), since: 0 }),
        null,
      );
      for (const issuedAt of [4999, 5000, 5000.9]) {
        assert.equal(
          await store.findUserOfToken({ userId: id(2), issuedAt }),
          null,
        );
      }
      const user = { id: 2, email: bob.email, isAdmin: false };
      assert.deepEqual(
        await store.findUserOfToken({ userId: id(2), issuedAt: 5001 }),
        user,
      );
      assert.notEqual(
        await store.findUserOfToken({ userId: id(1), issuedAt: 0 }),
        null,
      );
    },
  );
}

contract(
  "a token of a disabled user is refused, whenever it was issued",
  async ({ store }) => {
    await addBoth(store);
    await store.changeUser({
      id: id(2),
      change: { isDisabled: true },
      tokensFrom: 5001,
      author: null,
    });
    assert.equal(
      await store.findUserOfToken({ userId: id(2), issuedAt: 1e9 }),
      null,
    );
  },
);

contract(
  "a token may say any time at which it was issued",
  async ({ store }) => {
    await addBoth(store);
    const issued = [[1e300, true], [2 ** 63, true], [1.5, true], [0, true], [
      -0,
      true,
    ]] as const;
    for (
      const [issuedAt, isGood] of [...issued, [-0.5, false], [-7, false], [
        -1e300,
        false,
      ]] as const
    ) {
      assert.equal(
        await store.findUserOfToken({ userId: id(1), issuedAt }) !== null,
        isGood,
        String(issuedAt),
      );
    }
    await store.endAllSessions({ author: authorWith(id(1)), tokensFrom: 5001 });
    for (
      const [issuedAt, isGood] of [[1e300, true], [5001.5, true], [
        5000.5,
        false,
      ]] as const
    ) {
      assert.equal(
        await store.findUserOfToken({ userId: id(1), issuedAt }) !== null,
        isGood,
        String(issuedAt),
      );
    }
  },
);

contract(
  "tokens of any century are refused until their user's log-out",
  async ({ store }) => {
    await addBoth(store);
    for (const now of [2 ** 31, 2 ** 32, 253_402_300_799]) {
      await store.endAllSessions({
        author: authorWith(id(1)),
        tokensFrom: now + 1,
      });
      assert.equal(
        await store.findUserOfToken({ userId: id(1), issuedAt: now }),
        null,
      );
      assert.notEqual(
        await store.findUserOfToken({ userId: id(1), issuedAt: now + 1 }),
        null,
      );
    }
  },
);

contract(
  "an id that nobody has is nobody's, however great or low",
  async ({ store }) => {
    const [account] = await addBoth(store);
    await store.addSession({
      session: sessionOf("a"),
      account,
      replacedCookieHash: null,
    });
    for (
      const nobody of [0, -1, 3, 2 ** 31, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER]
        .map(id)
    ) {
      assert.equal(await store.findAccount(nobody), null);
      assert.equal(
        await store.findUserOfToken({ userId: nobody, issuedAt: 1e9 }),
        null,
      );
      assert.equal(
        await store.findUserOfSession({ id: "a", userId: nobody, since: 0 }),
        null,
      );
      assert.equal(
        await store.changeUser({
          id: nobody,
          change: { isDisabled: true },
          tokensFrom: 6,
          author: null,
        }),
        null,
      );
      assert.deepEqual(
        await store.listSessions({
          userId: nobody,
          since: 0,
          after: null,
          limit: 2000,
        }),
        [],
      );
      assert.equal(await store.endSession({ id: "a", userId: nobody }), false);
      await store.endAllSessions({ author: authorWith(nobody), tokensFrom: 6 });
    }
    assert.notEqual(
      await store.findUserOfSession({ id: "a", userId: id(1), since: 0 }),
      null,
    );
  },
);

contract(
  "the last administrator stays one, and nothing of the change is done",
  async ({ store }) => {
    const [account] = await addBoth(store);
    await store.addSession({
      session: sessionOf("a"),
      account,
      replacedCookieHash: null,
    });
    const taking = [{ isAdmin: false }, { isDisabled: true }, {
      isAdmin: false,
      isDisabled: true,
    }];
    for (
      const change of [...taking, { isDisabled: true, passwordHash: second }]
    ) {
      assert.equal(
        await store.changeUser({
          id: id(1),
          change,
          tokensFrom: 6,
          author: null,
        }),
        "last_admin",
      );
    }
    assert.deepEqual(await store.findAccount(id(1)), account);
    assert.notEqual(
      await store.findUserOfSession({ id: "a", userId: id(1), since: 0 }),
      null,
    );
    assert.notEqual(
      await store.findUserOfToken({ userId: id(1), issuedAt: 0 }),
      null,
    );
    for (
      const change of [{ isAdmin: true }, { isDisabled: false }, {
        passwordHash: second,
      }]
    ) {
      assert.notEqual(
        await store.changeUser({
          id: id(1),
          change,
          tokensFrom: 6,
          author: null,
        }),
        "last_admin",
      );
    }
  },
);

contract(
  "who is disabled or no longer an administrator is none that stays",
  async ({ store }) => {
    await addBoth(store);
    await store.changeUser({
      id: id(2),
      change: { isAdmin: true },
      tokensFrom: 6,
      author: null,
    });
    assert.notEqual(
      await store.changeUser({
        id: id(2),
        change: { isDisabled: true },
        tokensFrom: 6,
        author: null,
      }),
      "last_admin",
    );
    assert.equal(
      await store.changeUser({
        id: id(1),
        change: { isAdmin: false },
        tokensFrom: 6,
        author: null,
      }),
      "last_admin",
    );
    assert.notEqual(
      await store.changeUser({
        id: id(2),
        change: { isAdmin: false },
        tokensFrom: 6,
        author: null,
      }),
      "last_admin",
    ); // is disabled
    assert.notEqual(
      await store.changeUser({
        id: id(2),
        change: { isDisabled: false },
        tokensFrom: 6,
        author: null,
      }),
      "last_admin",
    );
    assert.equal(
      await store.changeUser({
        id: id(1),
        change: { isDisabled: true },
        tokensFrom: 6,
        author: null,
      }),
      "last_admin",
    );
    await store.changeUser({
      id: id(2),
      change: { isAdmin: true },
      tokensFrom: 6,
      author: null,
    });
    assert.notEqual(
      await store.changeUser({
        id: id(1),
        change: { isDisabled: true },
        tokensFrom: 6,
        author: null,
      }),
      "last_admin",
    );
  },
);

contract(
  "of the last two administrators, both taken away at once, one stays",
  async (place) => {
    const { store } = place;
    await addBoth(store);
    const other = await place.another();
    for (let round = 0; round < 20; round++) {
      for (const user of [1, 2]) {
        await store.changeUser(
          {
            id: id(user),
            change: { isAdmin: true, isDisabled: false },
            tokensFrom: 6,
            author: null,
          },
        );
      }
      const changed = await Promise.all([
        store.changeUser({
          id: id(1),
          change: { isAdmin: false },
          tokensFrom: 6,
          author: null,
        }),
        other.changeUser({
          id: id(2),
          change: { isDisabled: true },
          tokensFrom: 6,
          author: null,
        }),
      ]);
      assert.equal(
        changed.filter((account) => account === "last_admin").length,
        1,
      );
      const accounts = await store.listUsers({ after: 0, limit: 9 });
      assert.equal(
        accounts.filter(({ isAdmin, isDisabled }) => isAdmin && !isDisabled)
          .length,
        1,
      );
    }
  },
);

sharedContract(
  "what one changes of a user, another sees at once",
  async ({ store, another }) => {
    const other = await another();
    await addBoth(store);
    assert.equal(await other.addUser(ada, null), null);
    await other.changeUser({
      id: id(2),
      change: { isDisabled: true },
      tokensFrom: 6,
      author: null,
    });
    assert.equal(
      await store.findUserOfToken({ userId: id(2), issuedAt: 100 }),
      null,
    );
    assert.equal((await store.findAccount(id(2)))?.isDisabled, true);
  },
);

contract(
  "text that looks like SQL is stored and found as text",
  async ({ store }) => {
    const email = "x'--@host;drop" as Email;
    await store.addUser({ ...ada, email }, null);
    assert.equal((await store.findAccountByEmail(email))?.email, email);
  },
);

contract(
  "no text that asks for a user does harm, or finds another",
  async ({ store }) => {
    const [account] = await addBoth(store);
    for (const [name, text] of oddTexts) {
      assert.equal(await store.findAccountByEmail(text as Email), null, name);
      const read = { ...account, passwordHash: text as PasswordHash };
      assert.equal(await store.replacePasswordHash(read, second), false, name);
      const isChanged = await store.changePassword(
        passwordChangeOf(read, second),
      );
      assert.equal(isChanged, false, name);
    }
    assert.deepEqual(await store.findAccount(id(1)), account);
  },
);
