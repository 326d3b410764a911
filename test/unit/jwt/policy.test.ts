/**
 * A policy: a member that is wrong is misuse and never taken for "no check"; a
 * good one can only ask for more. The one exception is the leeway, which has a
 * limit.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Policy, rememberVerified, verify } from "../../../src/jwt/jwt.ts";
import { decodeUnsecured, importKey } from "../../../src/jwt/jwt.ts";
import { asIf, forge, misuse, secret, verdict } from "../../support/forge.ts";

const token = forge('{"iss":"a","sub":"1","iat":100}');
const absent = [undefined, null];
const notText = [...absent, "", 0, 1, true, false, {}, [], [""], [1], [null], [
  "a",
  "",
], ["a", 1]];
const notNumber = [
  ...absent,
  "",
  "60",
  true,
  {},
  [],
  [60],
  60n,
  NaN,
  Infinity,
  -Infinity,
  -1,
  -0.1,
];
const wrong: Record<string, readonly unknown[]> = {
  issuer: [...notText, [["a"]], new String("a"), new Set(["a"]), /a/],
  audience: [...notText, [["a"]], new String("a"), new Set(["a"]), /a/],
  typ: [...notText, ["JWT"]],
  requiredClaims: [...notText, "sub", [["sub"]], new Set(["sub"])],
  maxAgeSeconds: notNumber,
  maxLength: [...notNumber, 8193, 8192.5, 1e9],
  leewaySeconds: [...notNumber, 300.001, 301, 1e9],
  clock: [...absent, 0, 100, "100", {}, [], true, new Date(0)],
};

test("each policy member that is present and wrong is a TypeError, whatever the token", async () => {
  const key = await importKey(secret);
  for (const [name, values] of Object.entries(wrong)) {
    for (const value of values) {
      const policy = asIf<Policy>({ [name]: value });
      const label = `${name}: ${String(value)}`;
      assert.equal(
        await misuse(() => verify(token, key, policy)),
        "TypeError",
        label,
      );
      assert.equal(
        await misuse(() => verify("no token", key, policy)),
        "TypeError",
        label,
      );
      assert.equal(
        await misuse(() => rememberVerified(key, policy)),
        "TypeError",
        label,
      );
      assert.equal(
        await misuse(() => decodeUnsecured("", policy)),
        "TypeError",
        label,
      );
    }
  }
});

test("one wrong member is found beside good ones", async () => {
  const policy = asIf<Policy>({
    issuer: "a",
    leewaySeconds: 5,
    audience: undefined,
  });
  assert.equal(await misuse(() => verdict(token, policy)), "TypeError");
});

test("each policy member in its range is accepted, the limits included", async () => {
  const right: readonly Policy[] = [
    {},
    { issuer: "a" },
    { issuer: ["a", "b"] },
    { typ: "JWT" },
    { requiredClaims: ["sub", "iat"] },
    { maxAgeSeconds: Number.MAX_VALUE },
    { maxAgeSeconds: 0, clock: () => 100 },
    { maxLength: 8192 },
    { maxLength: token.length },
    { leewaySeconds: 0 },
    { leewaySeconds: 0.5 },
    { leewaySeconds: 300 },
    { clock: () => 0 },
    Object.assign(Object.create(null), { issuer: "a" }),
    Object.freeze({ issuer: "a" }),
  ];
  for (const policy of right) {
    assert.equal(await verdict(token, policy), "accepted");
  }
});

test("a policy member that does not exist is a TypeError, even when undefined", async () => {
  const names = [
    "algorithms",
    "algorithm",
    "Issuer",
    "iss",
    "ignoreExpiration",
    "clockTolerance",
  ];
  for (
    const name of [
      ...names,
      "complete",
      "",
      "toString",
      "constructor",
      "__proto__",
      "0",
    ]
  ) {
    for (const value of [true, false, undefined, ["HS256"]]) {
      const policy = Object.defineProperty({}, name, {
        value,
        enumerable: true,
      });
      assert.equal(
        await misuse(() => verdict(token, policy)),
        "TypeError",
        name,
      );
    }
  }
});

test("a policy that is no plain object is a TypeError, and so is one that inherits", async () => {
  class Strict {
    issuer = "b";
  }
  const inheriting: unknown = Object.create({ issuer: "b" });
  const policies = [
    null,
    5,
    "issuer",
    true,
    Symbol("policy"),
    [],
    ["issuer"],
    new Strict(),
  ];
  const objects = [
    new Map([["issuer", "b"]]),
    new Date(),
    () => ({ issuer: "b" }),
    inheriting,
  ];
  for (const policy of [...policies, ...objects]) {
    assert.equal(
      await misuse(() => verdict(token, asIf<Policy>(policy))),
      "TypeError",
    );
  }
});

test("a lower limit of length is held to the character", async () => {
  assert.equal(await verdict(token, { maxLength: token.length }), "accepted");
  assert.equal(
    await verdict(token, { maxLength: token.length - 1 }),
    "too_long",
  );
  assert.equal(await verdict(token, { maxLength: 0 }), "too_long");
});

test("a change of the policy after a verifier was made of it changes nothing", async () => {
  const policy: { issuer?: string; clock: () => number } = {
    issuer: "b",
    clock: () => 0,
  };
  const verifier = rememberVerified(await importKey(secret), policy);
  delete policy.issuer;
  await assert.rejects(async () => await verifier(token), {
    name: "JwtError",
    code: "issuer",
  });

  const open: { issuer?: string } = {};
  const remembering = rememberVerified(await importKey(secret), open);
  await remembering(token);
  open.issuer = "b";
  assert.equal(asIf<{ iss: string }>(remembering(token)).iss, "a");

  const issuers = ["b"];
  const listing = rememberVerified(await importKey(secret), {
    issuer: issuers,
  });
  issuers.push("a");
  await assert.rejects(async () => await listing(token), {
    name: "JwtError",
    code: "issuer",
  });
});

test("every demand of a policy is met at once or the token is refused", async () => {
  const full = forge('{"iss":"a","aud":["b"],"sub":"1","iat":100,"exp":200}');
  const policy: Policy = {
    issuer: "a",
    audience: "b",
    typ: "JWT",
    requiredClaims: ["sub", "exp"],
    maxAgeSeconds: 60,
    maxLength: 500,
    leewaySeconds: 1,
    clock: () => 150,
  };
  assert.equal(await verdict(full, policy), "accepted");
  const stricter: readonly (readonly [Policy, string])[] = [
    [{ issuer: "x" }, "issuer"],
    [{ audience: "x" }, "audience"],
    [{ typ: "x" }, "typ"],
    [{ requiredClaims: ["jti"] }, "missing_claim"],
    [{ maxAgeSeconds: 48 }, "too_old"],
    [{ maxLength: 50 }, "too_long"],
    [{ leewaySeconds: 0, clock: () => 200 }, "expired"],
    [{ clock: () => 98 }, "issued_in_future"],
  ];
  for (const [change, code] of stricter) {
    assert.equal(await verdict(full, { ...policy, ...change }), code, code);
  }
});

test("a policy is read once: neither a getter that changes nor a hidden member is a way out", async () => {
  let reads = 0;
  const changing = {
    get issuer(): string {
      return reads++ === 0 ? "a" : "";
    },
  };
  assert.equal(await verdict(forge("{}"), changing), "missing_claim");
  const hidden = Object.defineProperty({}, "issuer", { value: "a" });
  assert.equal(await verdict(forge("{}"), hidden), "missing_claim");
  const symbol = asIf<Policy>({ [Symbol("issuer")]: "a" });
  assert.equal(await misuse(() => verdict(forge("{}"), symbol)), "TypeError");
});
