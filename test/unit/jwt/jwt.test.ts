/**
 * The front door: what `sign` makes and what it refuses to make, that `verify`
 * accepts it, and that `decodeUnverified` shows what it must and proves
 * nothing.
 */

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import {
  type Claims,
  decodeUnverified,
  importKey,
  keyRing,
} from "../../../src/jwt/jwt.ts";
import { sign, type SignOptions, verify } from "../../../src/jwt/jwt.ts";
import {
  asIf,
  encoded,
  forge,
  misuse,
  otherSecret,
  outcome,
  plainHeader,
  secret,
  verdict,
} from "../../support/forge.ts";
import { withClock } from "../../support/clock.ts";

test("sign writes the plain header, the claims as given and the MAC that node:crypto makes", async () => {
  const token = await sign(
    { sub: "1", "http://x/y": [true, null, "é"] },
    await importKey(secret),
  );
  assert.equal(
    token,
    forge('{"sub":"1","http://x/y":[true,null,"é"]}', plainHeader),
  );
});

test("sign puts the key's name behind alg and typ as kid", async () => {
  const token = await sign({}, await importKey(secret, "2024-é"));
  assert.equal(
    token,
    forge("{}", '{"alg":"HS256","typ":"JWT","kid":"2024-é"}'),
  );
  const ring = keyRing([
    await importKey(secret, "b"),
    await importKey(otherSecret),
  ]);
  assert.equal(
    await sign({}, ring),
    forge("{}", '{"alg":"HS256","typ":"JWT","kid":"b"}'),
  );
});

test("sign writes the typ that it is given", async () => {
  const key = await importKey(secret);
  for (const typ of ["at+jwt", "jwt", "another text"]) {
    const token = await sign({}, key, { typ });
    assert.equal(token, forge("{}", `{"alg":"HS256","typ":"${typ}"}`));
  }
});

test("sign adds no claim by itself", async () => {
  const key = await importKey(secret);
  assert.equal(await sign({}, key), forge("{}"));
  assert.equal(await sign({}, key, {}), forge("{}"));
});

test("a lifetime sets iat to the whole second, and exp that much after now with its fraction", async () => {
  const key = await importKey(secret);
  await withClock(async (clock) => {
    clock.advance(0.499); // of a second, 999 milliseconds are gone
    const iat = clock.seconds;
    for (const lifetimeSeconds of [900, 1, 0.5, 0.001, 1e9]) {
      const token = await sign({ sub: "1" }, key, { lifetimeSeconds });
      const { exp, ...others } = decodeUnverified(token).claims;
      assert.deepEqual(others, { sub: "1", iat });
      assert.equal(exp, (iat * 1000 + 999 + lifetimeSeconds * 1000) / 1000);
    }
  });
});

test("a token of the shortest lifetime is good when it is made, at each part of a second", async () => {
  const key = await importKey(secret);
  await withClock(async (clock) => {
    for (let round = 0; round < 30; round++) {
      const token = await sign({}, key, { lifetimeSeconds: 0.001 });
      assert.equal(await outcome(() => verify(token, key)), "accepted");
      clock.advance(0.001);
      assert.equal(await outcome(() => verify(token, key)), "expired");
      clock.advance(0.037);
    }
  });
});

test("sign keeps the claims that it was given as they were", async () => {
  const claims: Claims = Object.freeze({ sub: "1" });
  await sign(claims, await importKey(secret), { lifetimeSeconds: 60 });
  assert.deepEqual(claims, { sub: "1" });
});

test("a lifetime that is not finite and above zero is a RangeError", async () => {
  const key = await importKey(secret);
  for (
    const value of [
      0,
      -0,
      -1,
      NaN,
      Infinity,
      -Infinity,
      undefined,
      null,
      "900",
      true,
      [900],
      // So short that exp would be now, and so long that it would be Infinity.
      1e-10,
      Number.MIN_VALUE,
      Number.MAX_VALUE,
    ]
  ) {
    const options = asIf<SignOptions>({ lifetimeSeconds: value });
    assert.equal(
      await misuse(() => sign({}, key, options)),
      "RangeError",
      String(value),
    );
  }
});

test("a lifetime together with iat or exp is a TypeError", async () => {
  const key = await importKey(secret);
  for (const claims of [{ exp: 9e9 }, { iat: 1 }, { iat: 1, exp: 9e9 }]) {
    assert.equal(
      await misuse(() => sign(claims, key, { lifetimeSeconds: 60 })),
      "TypeError",
    );
  }
});

test("an option of sign that does not exist is a TypeError, even when undefined", async () => {
  const key = await importKey(secret);
  for (
    const name of [
      "expiresIn",
      "algorithm",
      "noTimestamp",
      "lifetime",
      "kid",
      "header",
      "Typ",
    ]
  ) {
    for (const value of ["1h", 60, undefined]) {
      const options = asIf<SignOptions>({ [name]: value });
      assert.equal(
        await misuse(() => sign({}, key, options)),
        "TypeError",
        name,
      );
    }
  }
});

test("a typ for sign that is no text or empty is a TypeError", async () => {
  const key = await importKey(secret);
  for (const typ of ["", null, 5, true, ["JWT"], {}]) {
    const options = asIf<SignOptions>({ typ });
    assert.equal(
      await misuse(() => sign({}, key, options)),
      "TypeError",
      String(typ),
    );
  }
});

test("claims that are no plain object are a TypeError", async () => {
  class User {
    sub = "1";
  }
  const objects = [
    new Date(),
    new Map([["sub", "1"]]),
    new User(),
    new Error("x"),
    () => ({}),
  ];
  const key = await importKey(secret);
  for (
    const claims of [
      ...objects,
      [],
      [1],
      null,
      undefined,
      "sub",
      5,
      true,
      Object.create({}),
    ]
  ) {
    assert.equal(
      await misuse(() => sign(asIf<Claims>(claims), key)),
      "TypeError",
      String(claims),
    );
  }
});

test("a claim that JSON would lose or a toJSON would replace is a TypeError", async () => {
  const key = await importKey(secret);
  const lost = [undefined, () => 1, Symbol("x")].map((value) => ({
    sub: "1",
    scope: value,
  }));
  const replaced = [() => ({}), () => ({ sub: "1" }), () => 5].map((
    toJSON,
  ) => ({ toJSON }));
  for (const claims of [{ sub: undefined }, ...lost, ...replaced]) {
    assert.equal(
      await misuse(() => sign(asIf<Claims>(claims), key)),
      "TypeError",
    );
  }
});

test("a registered claim of a wrong type is a TypeError that names the claim and not its value", async () => {
  const key = await importKey(secret);
  const wrong: Record<string, readonly unknown[]> = {
    iss: [5, null, ["a"], {}, "a:b c"],
    sub: [5, null, true, "1:2"],
    aud: [5, null, {}, ["a", 5], [["a"]], ["a:b c"], "a:b c", new Array(1)],
    exp: ["60", null, NaN, Infinity, -Infinity, new Date(), true, [60]],
    nbf: ["60", null, NaN, Infinity],
    iat: ["60", null, NaN, Infinity],
    jti: [5, null, ["a"]],
  };
  for (const [name, values] of Object.entries(wrong)) {
    for (const value of values) {
      const call = () => sign(asIf<Claims>({ [name]: value }), key);
      assert.equal(
        await misuse(call),
        "TypeError",
        `${name}: ${String(value)}`,
      );
      await assert.rejects(call, {
        message: `Cannot sign: ${name} is not what RFC 7519 allows.`,
      });
    }
  }
});

test("with a lifetime too, claims that are no plain object are a TypeError", async () => {
  class User {
    sub = "1";
  }
  const key = await importKey(secret);
  const objects = [
    new Date(),
    new Map([["sub", "1"]]),
    new User(),
    ["x"],
    "sub",
    5,
  ];
  for (const claims of objects) {
    const call = () => sign(asIf<Claims>(claims), key, { lifetimeSeconds: 60 });
    assert.equal(await misuse(call), "TypeError", String(claims));
  }
});

test("sign reads no option that its options only inherit", async () => {
  const key = await importKey(secret);
  const inherited = Object.create({ lifetimeSeconds: 60 });
  assert.equal(await misuse(() => sign({}, key, inherited)), "TypeError");
  Object.defineProperty(Object.prototype, "lifetimeSeconds", {
    value: 60,
    configurable: true,
  });
  try {
    assert.equal(await sign({}, key), forge("{}"));
  } finally {
    Reflect.deleteProperty(Object.prototype, "lifetimeSeconds");
  }
});

test("the options of sign are read as a policy is, hidden ones and symbols too", async () => {
  const key = await importKey(secret);
  const hidden = Object.defineProperty({}, "typ", { value: "at+jwt" });
  assert.equal(
    await sign({}, key, hidden),
    forge("{}", '{"alg":"HS256","typ":"at+jwt"}'),
  );
  const symbol = asIf<SignOptions>({ [Symbol("typ")]: "at+jwt" });
  assert.equal(await misuse(() => sign({}, key, symbol)), "TypeError");
  let reads = 0;
  const changing = {
    get lifetimeSeconds(): number {
      return reads++ === 0 ? 60 : NaN;
    },
  };
  const { claims } = decodeUnverified(await sign({}, key, changing));
  assert.equal(Math.floor(Number(claims["exp"])), Number(claims["iat"]) + 60);
});

test("a change of the header that decodeUnverified shows changes no later token", async () => {
  const { header } = decodeUnverified(forge("{}"));
  Reflect.set(header, "alg", "none");
  assert.deepEqual(decodeUnverified(forge("{}")).header, {
    alg: "HS256",
    typ: "JWT",
  });
  assert.deepEqual(await verify(forge("{}"), await importKey(secret)), {});
});

test("a getter that changes between two reads cannot put a wrong claim into a token", async () => {
  let reads = 0;
  const claims = {
    get exp(): number {
      return reads++ === 0 ? 9e9 : NaN;
    },
  };
  const key = await importKey(secret);
  assert.equal(await sign(claims, key), forge('{"exp":9000000000}'));
  assert.equal(reads, 1);
});

test("a claim named __proto__ is signed as a claim like others", async () => {
  const claims: Claims = JSON.parse('{"__proto__":{"a":1},"sub":"1"}');
  const token = await sign(claims, await importKey(secret));
  assert.equal(token, forge('{"__proto__":{"a":1},"sub":"1"}'));
});

test("sign makes tokens of up to 8,192 characters and a RangeError beyond", async () => {
  const key = await importKey(secret);
  const room = Math.floor((8192 - forge('{"a":""}').length) * 3 / 4);
  const longest = await sign({ a: "x".repeat(room) }, key);
  assert.equal(longest.length, 8192);
  assert.equal(await outcome(() => verify(longest, key)), "accepted");
  assert.equal(
    await misuse(() => sign({ a: "x".repeat(room + 1) }, key)),
    "RangeError",
  );
  assert.equal(
    await misuse(() => sign({ a: "x".repeat(100_000) }, key)),
    "RangeError",
  );
});

test("a mistake of the caller's is told by what was wrong, in one fixed sentence", async () => {
  const key = await importKey(secret);
  const noObject = asIf<Record<string, never>>(5);
  const table: readonly (readonly [() => unknown, string])[] = [
    [
      () => sign(noObject, key),
      "use this claims set: it must be a plain object.",
    ],
    [
      () => sign(noObject, key, { lifetimeSeconds: 60 }),
      "use this claims set: it must be a plain object.",
    ],
    [
      () => sign({}, key, noObject),
      "use this options: it must be a plain object.",
    ],
    [
      () => verify("", key, noObject),
      "use this policy: it must be a plain object.",
    ],
    [
      () => verify("", key, { leewaySeconds: -1 }),
      "verify: leewaySeconds is empty or wrong.",
    ],
    [
      () => sign({ a: "x".repeat(8192) }, key),
      "sign: the token would have more than 8192 characters.",
    ],
  ];
  for (const [call, told] of table) {
    await assert.rejects(async () => await call(), {
      message: `Cannot ${told}`,
    });
  }
});

test("what sign makes of 200 random claims sets, verify gives back and node:crypto confirms", async () => {
  const random = seeded(20240607);
  const key = await importKey(secret);
  for (let round = 0; round < 200; round++) {
    const claims = randomClaims(random);
    const token = await sign(claims, key);
    const [header = "", payload = "", mac = ""] = token.split(".");
    const expected = createHmac("sha256", secret).update(
      `${header}.${payload}`,
    );
    assert.equal(mac, expected.digest("base64url"));
    assert.equal(payload, encoded(JSON.stringify(claims)));
    const policy = claims.aud === undefined
      ? {}
      : { audience: [claims.aud].flat()[0] ?? "" };
    assert.deepEqual(
      await verify(token, key, policy),
      claims,
      `round ${round}`,
    );
  }
});

test("verify gives the claims as the token has them, unknown ones and fractions included", async () => {
  const payload =
    '{\r\n  "exp": 9000000000.5,\r\n "x": {"y": [1, null, "z"]}, "": false\r\n}';
  const claims = await verify(forge(payload), await importKey(secret));
  assert.deepEqual(claims, {
    exp: 9000000000.5,
    x: { y: [1, null, "z"] },
    "": false,
  });
});

test("verify accepts a token of 8,192 characters and refuses one of 8,193", async () => {
  const ofLength = (header: number, payload: number) =>
    forge("{}".padEnd(payload), '{"alg":"HS256"}'.padEnd(header));
  const [longest, longer] = [ofLength(17, 6093), ofLength(18, 6093)];
  assert.deepEqual([longest.length, longer.length], [8192, 8193]);
  assert.equal(await verdict(longest), "accepted");
  assert.equal(await verdict(longer), "too_long");
});

test("decodeUnverified shows what it must not believe: expired, forged, alg none, crit", () => {
  const shown = (token: string) => {
    const { header, claims } = decodeUnverified(token);
    return { header: { ...header }, claims };
  };
  const expired = forge('{"exp":1,"aud":"x"}');
  const forged = forge('{"sub":"1"}', '{"alg":"HS256"}', otherSecret);
  const critical = forge(
    "{}",
    '{"alg":"RS256","crit":["x"],"kid":5,"cty":"JWT"}',
  );
  const unsecured = `${encoded('{"alg":"none"}')}.${encoded('{"exp":"x"}')}.`;
  assert.deepEqual(shown(expired).claims, { exp: 1, aud: "x" });
  assert.deepEqual(shown(forged), {
    header: { alg: "HS256" },
    claims: { sub: "1" },
  });
  const odd = { alg: "RS256", crit: ["x"], kid: 5, cty: "JWT" };
  assert.deepEqual(shown(critical), { header: odd, claims: {} });
  assert.deepEqual(shown(unsecured), {
    header: { alg: "none" },
    claims: { exp: "x" },
  });
  assert.deepEqual(
    shown(`${forged.split(".").slice(0, 2).join(".")}.!!`).claims,
    { sub: "1" },
  );
});

test("decodeUnverified refuses what has not the form of a JWT", async () => {
  const table: readonly (readonly [unknown, string])[] = [
    [undefined, "malformed"],
    ["", "malformed"],
    ["a.b", "malformed"],
    ["a.b.c.d", "malformed"],
    ["a.b.c.d.e", "encrypted"],
    [forge("{}", "[]"), "malformed"],
    [forge("[]"), "claims_set"],
    [forge(new Uint8Array([0x7b, 0xff, 0x7d])), "claims_set"],
    [forge("{}").replace(".e30.", ".e31."), "malformed"],
    [forge("{}").padEnd(8193, "A"), "too_long"],
  ];
  for (const [token, code] of table) {
    assert.equal(
      await outcome(() => decodeUnverified(asIf<string>(token))),
      code,
      String(token),
    );
  }
});

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x100000000;
  };
}

function randomClaims(random: () => number): Claims {
  const entries: [string, unknown][] = [];
  const text = () => randomText(random).replaceAll(":", "");
  if (random() < 0.5) entries.push(["iss", text()]);
  if (random() < 0.5) {
    entries.push(["sub", `urn:x:${Math.floor(random() * 1e6)}`]);
  }
  const one = `a${text()}`;
  if (random() < 0.5) {
    entries.push(["aud", random() < 0.5 ? one : [one, text()]]);
  }
  if (random() < 0.5) entries.push(["exp", 1e10 + random() * 1e6]);
  if (random() < 0.5) entries.push(["nbf", Math.floor(random() * 1e9)]);
  if (random() < 0.5) entries.push(["jti", randomText(random)]);
  for (let count = random() * 6; count > 0; count--) {
    entries.push([`x${randomText(random)}`, randomValue(random, 3)]);
  }
  return Object.fromEntries(entries);
}

function randomValue(random: () => number, depth: number): unknown {
  const simple = [
    null,
    true,
    false,
    random() * 1e6,
    Math.floor(random() * 1e15),
    randomText(random),
  ];
  if (depth === 0 || random() < 0.6) {
    return simple[Math.floor(random() * simple.length)];
  }
  const values = Array.from(
    { length: random() * 4 },
    () => randomValue(random, depth - 1),
  );
  return random() < 0.5
    ? values
    : Object.fromEntries(values.map((value, i) => [`k${i}`, value]));
}

/** Up to 20 characters: ASCII with its controls, and other planes. */
function randomText(random: () => number): string {
  const unit = () =>
    Math.floor(random() < 0.5 ? random() * 128 : random() * 0x10000);
  const units = Array.from({ length: random() * 20 }, unit);
  return String.fromCharCode(...units).toWellFormed();
}
