/**
 * Passwords: the stored forms against other programs, the equal work of every
 * failure, and what becomes of a hash of another scheme or cost.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { pbkdf2Sync } from "node:crypto";
import { test } from "node:test";
import {
  createPasswordHasher,
  type HashStore,
  type PasswordHash,
  PasswordHasher,
} from "../../../src/auth/auth.ts";
import { withClock } from "../../support/clock.ts";
import {
  cheapHasher,
  derivationsOf,
  noHashes,
  workOf,
} from "../../support/hashers.ts";
import { slowTest } from "../../support/slow_test.ts";

const limits = { maxActive: 1, maxWaiting: 8 };
const password = "password";
const today = "m=19456,t=2,p=1";

test("a hash is Argon2id over a salt of its own, in the PHC string form", async () => {
  const hasher = argon2Hasher();
  const hashes = [
    await hasher.hash("pass phräse"),
    await hasher.hash("pass phräse"),
  ];
  for (const hash of hashes) {
    assert.match(
      hash,
      /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z\d+/]{22}\$[A-Za-z\d+/]{43}$/,
    );
    const right = await hasher.check("pass phräse", accountOf(hash));
    assert.deepEqual(right, { ok: true, upgraded: null });
    const wrong = await hasher.check("pass phrase", accountOf(hash));
    assert.deepEqual(wrong, { ok: false });
  }
  assert.notEqual(hashes[0], hashes[1]);
});

test("hashes that other programs have made by Argon2id are checked, whatever they cost", async () => {
  // By the command argon2 of the reference implementation, and the last two by
  // Python's argon2-cffi.
  // deno-fmt-ignore
  const rows = [
    ["correct horse battery staple", "$argon2id$v=19$m=1024,t=1,p=2$YW5vdGhlcnNhbHQ$3/W0FB0ln4zEtUetYMbM0WLsxZlgi6oZQHgxzMa7LQc"],
    ["correct horse battery staple", "$argon2id$v=19$m=4096,t=3,p=4$YW5vdGhlcnNhbHQ$yNCeKrhY4V6SjCujDd5KrTuLldwAW28muGAEn59g0eQVnSC7WY9RJ/2XTIcDgMKtH+0jv7ajHhudlx0AN05QYw"],
    ["correct horse battery staple", "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$gy5SuVm5Z7Vw7keB9se9p87QGcomaseB/S2U1OhTsM0"],
    ["pass phräse", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$LSK85ktNThcejueS8V4MHQ"],
  ] as const;
  const hasher = cheapHasher();
  for (const [right, hash] of rows) {
    const good = await hasher.check(right, accountOf(hash));
    assert.equal(good.ok, true, hash);
    const bad = await hasher.check(`${right}.`, accountOf(hash));
    assert.equal(bad.ok, false, hash);
  }
});

test("a hash by PBKDF2 is what node:crypto derives, and names its cost", async () => {
  const hasher = cheapHasher(1000);
  const hashes = [
    await hasher.hash("pass phräse"),
    await hasher.hash("pass phräse"),
  ];
  assert.notEqual(hashes[0], hashes[1]);
  for (const hash of hashes) {
    const [scheme, iterations, salt = "", key = ""] = hash.split("$");
    assert.equal(scheme, "pbkdf2-sha256");
    assert.equal(iterations, "1000");
    const saltBytes = Buffer.from(salt, "base64url");
    assert.equal(saltBytes.length, 16);
    const expected = pbkdf2Sync("pass phräse", saltBytes, 1000, 32, "sha256");
    assert.equal(key, expected.toString("base64url"));
  }
});

test("a password is checked against its hash, however its letters are composed", async () => {
  for (const hasher of [cheapHasher(), argon2Hasher()]) {
    const account = accountOf(await hasher.hash("caf\u00e9 au lait"));
    assert.deepEqual(await hasher.check("cafe\u0301 au lait", account), {
      ok: true,
      upgraded: null,
    });
    for (
      const wrong of [
        "cafe au lait",
        "Caf\u00e9 au lait",
        "caf\u00e9 au lait ",
        "",
      ]
    ) {
      assert.deepEqual(await hasher.check(wrong, account), { ok: false });
    }
    assert.deepEqual(await hasher.check("caf\u00e9 au lait", null), {
      ok: false,
    });
  }
});

test("NULs behind a password, with which HMAC would pad it anyway, make it a wrong one", async () => {
  const hasher = cheapHasher();
  const account = accountOf(await hasher.hash("password"));
  for (const wrong of ["password\0", "password\0\0\0"]) {
    assert.deepEqual(await hasher.check(wrong, account), { ok: false });
  }
});

test("what can be no password is a wrong one, for the same work", async () => {
  const hasher = cheapHasher();
  const account = accountOf(await hasher.hash("x".repeat(1024)));
  const right = await hasher.check("x".repeat(1024), account);
  assert.deepEqual(right, { ok: true, upgraded: null });
  for (const wrong of ["x".repeat(1025), "x".repeat(16_000), "\ud800", "\0"]) {
    for (const whose of [account, null]) {
      const derived = await derivationsOf(async () => {
        assert.deepEqual(await hasher.check(wrong, whose), { ok: false });
      });
      assert.deepEqual(derived, ["1000"]);
    }
  }
});

test("a hash that is cheaper than today's is upgraded at a good login, a dearer one is kept", async () => {
  const cheap = cheapHasher(1000);
  const dear = cheapHasher(3000);
  const cheapAccount = accountOf(await cheap.hash("password"));
  const upgrade = await dear.check("password", cheapAccount);
  assert.ok(upgrade.ok && upgrade.upgraded?.startsWith("pbkdf2-sha256$3000$"));
  const kept = { ok: true, upgraded: null };
  const dearAccount = accountOf(upgrade.upgraded);
  assert.deepEqual(await dear.check("password", dearAccount), kept);
  assert.deepEqual(await cheap.check("password", dearAccount), kept);
});

test("a hash of another scheme than today's is replaced at a good login, both ways", async () => {
  const argon2 = argon2Hasher();
  const old = accountOf(await cheapHasher(1000).hash("password"));
  const first = await argon2.check("password", old);
  assert.ok(first.ok && first.upgraded?.startsWith(`$argon2id$v=19$${today}$`));
  const back = await cheapHasher(1000).check(
    "password",
    accountOf(first.upgraded),
  );
  assert.ok(back.ok && back.upgraded?.startsWith("pbkdf2-sha256$1000$"));
  // And one by Argon2id that is cheaper than today's.
  const cheap =
    "$argon2id$v=19$m=4096,t=3,p=4$c29tZXNhbHQ$I+lBmWgy40+s7h/CP+FeHg";
  const third = await argon2.check("pass phr\u00e4se", accountOf(cheap));
  assert.ok(third.ok && third.upgraded?.startsWith(`$argon2id$v=19$${today}$`));
});

slowTest(
  "every failure derives the same, whatever the reason and whatever hashes there are",
  async () => {
    const hashes = [
      await cheapHasher(1000).hash("password"),
      await cheapHasher(5000).hash("password"),
      await cheapHasher(3000).hash("password"),
      await argon2Hasher().hash("password"),
      "$argon2id$v=19$m=64,t=3,p=1$MDEyMzQ1Njc4OWFiY2RlZg$gy5SuVm5Z7Vw7keB9se9p87QGcomaseB/S2U1OhTsM0",
    ];
    // Those there are, the hasher, and what each failure derives.
    // deno-fmt-ignore
    const rows: readonly [number[], "argon2id" | "pbkdf2", string][] = [
    [[], "pbkdf2", "2000"],
    [[], "argon2id", today],
    [[0, 1, 2], "pbkdf2", "5000"],
    [[0, 3], "pbkdf2", `${today} + 2000`],
    [[0, 1, 2], "argon2id", `${today} + 5000`],
    [[0, 3, 4], "argon2id", `${today} + m=64,t=3,p=1 + 1000`],
  ];
    for (const [present, scheme, expected] of rows) {
      const stored = present.map((index) => hashes[index] ?? "");
      const hasher = hasherOn(storeOf(stored), { scheme, iterations: 2000 });
      const attempts = stored.flatMap((hash) => [
        { tried: "wrong", account: accountOf(hash) },
        { tried: "wrong", account: { ...accountOf(hash), isDisabled: true } },
        { tried: password, account: { ...accountOf(hash), isDisabled: true } },
      ]);
      // The first one of all must not be cheaper.
      for (
        const { tried, account } of [
          { tried: "wrong", account: null },
          ...attempts,
          { tried: "x".repeat(16_000), account: null },
        ]
      ) {
        const work = await workOf(async () => {
          const check = await hasher.check(tried, account);
          assert.deepEqual(check, { ok: false });
        });
        const name = `${scheme} ${present}: ${account?.passwordHash}`;
        assert.equal(work, expected, name);
      }
    }
  },
);

test("failures cost less when the last old hash is gone, and more when there is one, within a minute", async () => {
  await withClock(async (clock) => {
    const hash = await cheapHasher(5000).hash(password);
    const stored: string[] = [hash];
    const hasher = hasherOn(storeOf(stored), { iterations: 1000 });
    const fail = () => derivationsOf(() => hasher.check("wrong", null));
    assert.deepEqual(await fail(), ["5000"]);
    stored.pop();
    clock.advance(59);
    assert.deepEqual(await fail(), ["5000"]);
    clock.advance(1);
    // It is looked in the background: this one or the next one is told.
    await fail();
    assert.deepEqual(await fail(), ["1000"]);
    stored.push(hash);
    clock.advance(60);
    await fail();
    assert.deepEqual(await fail(), ["5000"]);
  });
});

test("a costlier hash that another process has just stored counts from its first check on", async () => {
  const stored: string[] = [];
  const hasher = hasherOn(storeOf(stored), { iterations: 1000 });
  await hasher.check("wrong", null);
  const account = accountOf(await cheapHasher(5000).hash(password));
  await hasher.check("wrong", account);
  const derived = await derivationsOf(() => hasher.check("wrong", null));
  assert.deepEqual(derived, ["5000"]);
});

test("the database is asked a few times for thousands of hashes, and once a minute", async () => {
  await withClock(async (clock) => {
    const salt = "A".repeat(22);
    const stored = Array.from({ length: 3000 }, (_, index) => {
      const text = index.toString(36).padStart(43, "A");
      return `pbkdf2-sha256$${1000 + index % 3}$${salt}$${text}`;
    });
    let asked = 0;
    const store = storeOf(stored);
    const hasher = hasherOn({
      findPasswordHash: (after) => {
        asked++;
        return store.findPasswordHash(after);
      },
    }, { iterations: 1000 });
    const checks = [1, 2, 3].map(() => hasher.check("wrong", null));
    await Promise.all(checks);
    await hasher.check("wrong", null);
    assert.equal(asked, 4); // one for each cost, and one that finds no more
    clock.advance(60);
    await hasher.check("wrong", null);
    await hasher.check("wrong", null);
    assert.equal(asked, 8);
  });
});

test("what is no hash does not stop the look at the others", async () => {
  const good = await cheapHasher(5000).hash(password);
  const stored = ["", "a", "$argon2id$v=19$m=1,t=1,p=1$x$y", "q", good];
  const hasher = hasherOn(storeOf(stored), { iterations: 1000 });
  const derived = await derivationsOf(() => hasher.check("wrong", null));
  assert.deepEqual(derived, ["5000"]);
});

test("without the database no password is checked; when it is back, it is asked again", async () => {
  await withClock(async (clock) => {
    let isAway = true;
    const store = storeOf([await cheapHasher(5000).hash(password)]);
    const hasher = hasherOn({
      findPasswordHash: (after) => {
        if (isAway) throw new Error("away");
        return store.findPasswordHash(after);
      },
    }, { iterations: 1000 });
    await assert.rejects(hasher.check("wrong", null), { message: "away" });
    isAway = false;
    const fail = () => derivationsOf(() => hasher.check("wrong", null));
    assert.deepEqual(await fail(), ["5000"]);
    // What is known holds while it is away.
    isAway = true;
    clock.advance(60);
    assert.deepEqual(await fail(), ["5000"]);
    assert.deepEqual(await fail(), ["5000"]);
  });
});

test("a stored text that is no hash is an error, never a login", async () => {
  const hasher = cheapHasher();
  const pbkdf2 = await hasher.hash(password);
  const [, , salt, key] = pbkdf2.split("$");
  const argon2id =
    "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$gy5SuVm5Z7Vw7keB9se9p87QGcomaseB/S2U1OhTsM0";
  const texts = [
    "",
    "password",
    `sha1$1000$${salt}$${key}`,
    `pbkdf2-sha256$0$${salt}$${key}`,
    `pbkdf2-sha256$x$${salt}$${key}`,
    `pbkdf2-sha256$100000001$${salt}$${key}`,
    `pbkdf2-sha256$1000$${salt}$`,
    `pbkdf2-sha256$1000$$${key}`,
    `${pbkdf2}A`,
    `${pbkdf2}$`,
    argon2id.replace("argon2id", "argon2i"),
    argon2id.replace("v=19", "v=16"),
    argon2id.replace("v=19$", ""),
    argon2id.replace("m=19456", "m=7"),
    argon2id.replace("m=19456", "m=131073"),
    argon2id.replace("m=19456", "m=019456"),
    argon2id.replace("t=2", "t=0"),
    argon2id.replace("t=2", "t=17"),
    argon2id.replace("p=1", "p=17"),
    argon2id.replace("p=1", "p=1,data=x"),
    argon2id.replace("MDEyMzQ1Njc4OWFiY2RlZg", "MDEyMzQ1"),
    argon2id.replace("MDEyMzQ1Njc4OWFiY2RlZg", ""),
    argon2id.slice(0, -22),
    `${argon2id}=`,
    `${argon2id}$`,
  ];
  for (const text of texts) {
    for (const tried of [password, "correct horse battery staple"]) {
      await assert.rejects(
        hasher.check(tried, accountOf(text)),
        `accepted: ${text}`,
      );
    }
  }
});

test("hashing a new password waits its turn as well", async () => {
  const hasher = cheapHasher(100_000, { maxWaiting: 0 });
  const first = hasher.hash(password);
  await assert.rejects(hasher.hash(password), {
    name: "HttpError",
    status: 503,
  });
  assert.match(await first, /^pbkdf2-sha256/);
});

test("at most 8 passwords are hashed at once, whatever cores there are", async () => {
  const descriptor = Object.getOwnPropertyDescriptor(
    navigator,
    "hardwareConcurrency",
  );
  Object.defineProperty(navigator, "hardwareConcurrency", {
    value: 96,
    configurable: true,
  });
  try {
    const hasher = createPasswordHasher({
      store: noHashes,
      scheme: "pbkdf2",
      iterations: 1,
    });
    const hashes = Array.from({ length: 12 }, () => hasher.hash(password));
    assert.equal(hasher.waiting, 4);
    await Promise.all(hashes);
  } finally {
    Reflect.deleteProperty(navigator, "hardwareConcurrency");
    if (descriptor !== undefined) {
      Object.defineProperty(navigator, "hardwareConcurrency", descriptor);
    }
  }
});

test("a compatibility form is another password", async () => {
  const hasher = cheapHasher();
  const account = accountOf(await hasher.hash("\ufb01ne words"));
  assert.deepEqual(await hasher.check("fine words", account), { ok: false });
});

test("what cannot become a password is never hashed", async () => {
  const hasher = cheapHasher();
  const rows = [
    ["1234567", "The password must have at least 8 characters."],
    ["x".repeat(1025), "The password must not be longer than 1,024 bytes."],
    ["password\0", "The password must not hold a NUL character."],
    ["lone \ud800 surrogate", "The password is not Unicode text."],
  ] as const;
  for (const [bad, message] of rows) {
    const refusal = { name: "HttpError", status: 400, message };
    const derived = await derivationsOf(() =>
      assert.rejects(hasher.hash(bad), refusal)
    );
    assert.deepEqual(derived, []);
  }
});

/** A hasher by today's scheme, on a database without accounts. */
function argon2Hasher(): PasswordHasher {
  return new PasswordHasher({ store: noHashes }, limits);
}

function hasherOn(
  store: HashStore,
  { scheme = "pbkdf2", iterations }: {
    readonly scheme?: "argon2id" | "pbkdf2";
    readonly iterations: number;
  },
): PasswordHasher {
  return new PasswordHasher({ store, scheme, iterations }, limits);
}

/** A store of these hashes, also when there are others in the array later. */
function storeOf(hashes: readonly string[]): HashStore {
  return {
    findPasswordHash: (after) => {
      // ASCII alone: the order of UTF-16 is that of the bytes.
      const first = hashes.filter((hash) => hash > after).sort()[0];
      return (first ?? null) as PasswordHash | null;
    },
  };
}

/** An account with a hash, which may be none. */
function accountOf(hash: string | null | undefined) {
  return { passwordHash: hash as PasswordHash, isDisabled: false };
}
