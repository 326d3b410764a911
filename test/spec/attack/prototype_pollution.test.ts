/**
 * Object.prototype with members that another part of the program put there:
 * they neither add to a policy nor stand in for what a token lacks.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  importKey,
  keyRing,
  type Policy,
  sign,
  verify,
} from "../../../src/jwt/jwt.ts";
import { forge, otherSecret, outcome, secret } from "../../support/forge.ts";

/** Runs the call while every plain object inherits these members. */
async function polluted<T>(
  members: Record<string, unknown>,
  call: () => Promise<T>,
): Promise<T> {
  for (const [name, value] of Object.entries(members)) {
    Object.defineProperty(Object.prototype, name, {
      value,
      configurable: true,
      writable: true,
    });
  }
  try {
    return await call();
  } finally {
    for (const name of Object.keys(members)) {
      Reflect.deleteProperty(Object.prototype, name);
    }
  }
}

const expired = forge('{"exp":100}');
const noTyp = '{"alg":"HS256"}';

test("attack prototype pollution: an inherited member neither tightens nor loosens a policy", async () => {
  const key = await importKey(secret);
  const table:
    readonly (readonly [Record<string, unknown>, string, Policy, string])[] = [
      [{ issuer: "x" }, forge("{}"), {}, "accepted"],
      [{ audience: "x" }, forge("{}"), {}, "accepted"],
      [{ audience: "x" }, forge('{"aud":"x"}'), {}, "audience"],
      [{ typ: "x" }, forge("{}"), {}, "accepted"],
      [{ requiredClaims: ["x"] }, forge("{}"), {}, "accepted"],
      [{ maxAgeSeconds: 1 }, forge('{"iat":1}'), {}, "accepted"],
      [{ maxLength: 1 }, forge("{}"), {}, "accepted"],
      [
        { maxLength: 99999 },
        forge(`{"a":"${"x".repeat(9999)}"}`),
        {},
        "too_long",
      ],
      [{ leewaySeconds: 300 }, expired, { clock: () => 100 }, "expired"],
      [{ clock: () => 0 }, expired, {}, "expired"],
      [{ algorithm: "none" }, forge("{}"), {}, "accepted"],
    ];
  for (const [members, token, policy, expected] of table) {
    const code = await polluted(
      members,
      () => outcome(() => verify(token, key, policy)),
    );
    assert.equal(code, expected, Object.keys(members).join());
  }
});

test("attack prototype pollution: an inherited claim is no claim of the token", async () => {
  const key = await importKey(secret);
  const table: readonly (readonly [Record<string, unknown>, Policy, string])[] =
    [
      [{ iss: "a" }, { issuer: "a" }, "missing_claim"],
      [{ aud: "a" }, { audience: "a" }, "missing_claim"],
      [{ aud: "a" }, {}, "accepted"],
      [{ iat: 100 }, { maxAgeSeconds: 60, clock: () => 100 }, "missing_claim"],
      [{ sub: "admin" }, { requiredClaims: ["sub"] }, "missing_claim"],
      [{ exp: 1, nbf: 9e15, jti: 5 }, {}, "accepted"],
    ];
  for (const [members, policy, expected] of table) {
    const code = await polluted(
      members,
      () => outcome(() => verify(forge("{}"), key, policy)),
    );
    assert.equal(code, expected, Object.keys(members).join());
  }
});

test("attack prototype pollution: an inherited header parameter is none of the token's", async () => {
  const key = await importKey(secret);
  const ring = keyRing([
    await importKey(secret, "a"),
    await importKey(otherSecret, "b"),
  ]);
  const named = forge("{}", '{"alg":"HS256","kid":"a"}');
  const table = [
    [{ alg: "HS256" }, forge("{}", "{}"), key, {}, "algorithm"],
    [{ typ: "JWT" }, forge("{}", noTyp), key, { typ: "JWT" }, "typ"],
    [{ kid: "a" }, forge("{}", noTyp), ring, {}, "unknown_key"],
    [{ kid: "b" }, named, ring, {}, "accepted"],
    [
      { kid: 5, crit: ["x"], cty: "JWT" },
      forge("{}", noTyp),
      key,
      {},
      "accepted",
    ],
    [{ kid: 5, crit: ["x"], cty: "JWT" }, forge("{}"), key, {}, "accepted"],
  ] as const;
  for (const [members, token, keys, policy, expected] of table) {
    const code = await polluted(
      members,
      () => outcome(() => verify(token, keys, policy)),
    );
    assert.equal(code, expected, Object.keys(members).join());
  }
});

test("attack prototype pollution: a token's own __proto__ member pollutes nothing", async () => {
  const key = await importKey(secret);
  const inner =
    '"__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}}';
  const claims = await verify(
    forge(`{${inner}}`, `{"alg":"HS256",${inner}}`),
    key,
  );
  assert.equal("isAdmin" in {}, false);
  assert.equal("isAdmin" in claims, false);
  assert.equal(Object.getPrototypeOf(claims), Object.prototype);
});

test("attack prototype pollution: sign writes no claim that the claims only inherit", async () => {
  const key = await importKey(secret);
  const token = await polluted(
    { sub: "admin", exp: 9e9 },
    () => sign({ jti: "1" }, key),
  );
  assert.equal(token, forge('{"jti":"1"}'));
});
