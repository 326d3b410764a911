/**
 * JwtError: each code of the table is reached through the front door, each has
 * its one message, and no error holds anything of the token, its claims or the
 * key.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import {
  importKey,
  JwtError,
  type JwtErrorCode,
  keyRing,
  verify,
} from "../../../src/jwt/jwt.ts";
import { decodeUnsecured, rememberVerified } from "../../../src/jwt/jwt.ts";
import type { Policy } from "../../../src/jwt/jwt.ts";
import {
  encoded,
  forge,
  otherSecret,
  plainHeader,
} from "../../support/forge.ts";

const tablePath = fileURLToPath(
  new URL("../../../src/jwt/error.ts", import.meta.url).href,
);
// Never as one word in a source line.
const marker = ["m4", "rk3r", "0f", "s3cr3t"].join("");
const key = new TextEncoder().encode(
  `${marker}, and what makes it 32 bytes long`,
);
const policy: Policy = { audience: "a", clock: () => 100 };
const signed = (claims: string, header = plainHeader): string =>
  forge(`{"aud":"a","x":"${marker}",${claims}}`, header, key);

/**
 * One token for each code, with the marker in its text, its claims or its
 * header.
 */
const refused: Record<JwtErrorCode, readonly [string, Policy]> = {
  malformed: [`${marker}.${marker}`, {}],
  too_long: [marker.repeat(1000), {}],
  encrypted: [`${marker}.a.b.c.${marker}`, {}],
  algorithm: [signed('"exp":1', `{"alg":"${marker}"}`), {}],
  critical: [signed('"exp":1', `{"alg":"HS256","crit":["${marker}"]}`), {}],
  unknown_key: [signed('"exp":1', `{"alg":"HS256","kid":"${marker}"}`), {}],
  signature: [forge(`{"x":"${marker}"}`, plainHeader, otherSecret), {}],
  nested: [signed('"exp":1', '{"alg":"HS256","cty":"JWT"}'), {}],
  typ: [signed('"exp":1', `{"alg":"HS256","typ":"${marker}"}`), { typ: "JWT" }],
  claims_set: [forge(`{"x":"${marker}"`, plainHeader, key), {}],
  claim_type: [signed(`"exp":"${marker}"`), {}],
  missing_claim: [signed('"exp":1'), { requiredClaims: ["demanded"] }],
  issuer: [signed(`"iss":"${marker}"`), { issuer: `${marker}x` }],
  audience: [forge(`{"aud":"${marker}"}`, plainHeader, key), policy],
  expired: [signed('"exp":100'), policy],
  not_yet_valid: [signed('"nbf":101'), policy],
  issued_in_future: [signed('"iat":101'), { ...policy, maxAgeSeconds: 60 }],
  too_old: [signed('"iat":1'), { ...policy, maxAgeSeconds: 60 }],
};

/**
 * What is said of each: programs show it, so that it changes no more than a
 * code does.
 */
const messages: Record<JwtErrorCode, string> = {
  malformed:
    "The token is not a JWS in compact form with a JSON object as its header.",
  too_long: "The token is longer than the limit.",
  encrypted: "The token is encrypted (JWE), and only signed tokens are read.",
  algorithm:
    "The header parameter alg is not the one algorithm that is accepted.",
  critical:
    "The header parameter crit demands an extension, and none is supported.",
  unknown_key: "No key answers to the header parameter kid, or to its absence.",
  signature: "The signature does not match.",
  nested: "The token holds another token, and nested tokens are not read.",
  typ: "The header parameter typ is not the one that the policy requires.",
  claims_set: "The payload is not one JSON object in UTF-8.",
  claim_type:
    "A registered claim has a value that its definition does not allow.",
  missing_claim: "A claim that the policy requires is missing.",
  issuer: "The token comes from another issuer (iss).",
  audience: "The token is meant for another audience (aud).",
  expired: "The token has expired (exp).",
  not_yet_valid: "The token is not valid yet (nbf).",
  issued_in_future: "The token says that it was issued in the future (iat).",
  too_old: "The token was issued longer ago than the policy allows (iat).",
};

async function thrown(call: () => unknown): Promise<JwtError> {
  try {
    await call();
  } catch (error) {
    if (error instanceof JwtError) return error;
    throw error;
  }
  throw new assert.AssertionError({ message: "nothing was thrown" });
}

async function everyError(): Promise<(readonly [string, string, JwtError])[]> {
  const ring = keyRing([
    await importKey(key),
    await importKey(otherSecret, "other"),
  ]);
  const errors: (readonly [string, string, JwtError])[] = [];
  for (const [code, [token, demands]] of Object.entries(refused)) {
    errors.push([
      code,
      token,
      await thrown(() => verify(token, ring, demands)),
    ]);
    errors.push([
      code,
      token,
      await thrown(() => rememberVerified(ring, demands)(token)),
    ]);
  }
  const shown = `${encoded('{"alg":"none"}')}.${encoded("{}")}.${marker}`;
  errors.push(["signature", shown, await thrown(() => decodeUnsecured(shown))]);
  return errors;
}

test("each code of the error table is reached through the front door, with its one message", async () => {
  const [table = ""] = readFileSync(tablePath, "utf8").split("as const;");
  const rows = table.matchAll(/^ {2}(\w+):\s+"/gm);
  assert.deepEqual(Object.keys(refused), [...rows].map(([, code]) => code));
  assert.deepEqual(Object.keys(messages), Object.keys(refused));
  assert.equal(new Set(Object.values(messages)).size, 18);
  for (const [code, , error] of await everyError()) {
    assert.equal(error.code, code);
    assert.equal(error.message, Reflect.get(messages, code));
  }
});

test("a JwtError holds nothing of the token, of its claims or of the key", async () => {
  for (const [code, token, error] of await everyError()) {
    const own = Reflect.ownKeys(error).map((name) =>
      inspect(Reflect.get(error, name))
    );
    const texts = [
      JSON.stringify(error),
      inspect(error, { depth: 9, showHidden: true }),
    ];
    const all = [...texts, ...own, String(error), error.stack, error.message]
      .join("\n");
    const parts = [marker, encoded(marker), ...token.split(".")].filter((
      { length },
    ) => length > 8);
    for (const part of parts) {
      assert.ok(!all.includes(part), `${code} shows ${part}`);
    }
    assert.equal(error.cause, undefined);
    const names = Reflect.ownKeys(error).map(String).filter((name) =>
      !nativeNames.has(name)
    );
    assert.deepEqual(names.sort(), ["claim", "code", "message", "name"], code);
  }
});

const nativeNames = new Set([
  "stack",
  "line",
  "column",
  "sourceURL",
  "originalLine",
  "originalColumn",
]);

test("a JwtError is an Error with its name, and says its code in JSON", () => {
  const error = new JwtError("expired");
  assert.ok(error instanceof Error);
  assert.equal(error.name, "JwtError");
  assert.equal(String(error), "JwtError: The token has expired (exp).");
  assert.equal(JSON.parse(JSON.stringify(error)).code, "expired");
});

/** Tokens that are refused, by the claim that is at fault. */
const refusedByClaim: readonly (readonly [
  claim: string | null,
  code: JwtErrorCode,
  payload: string,
  policy: Policy,
])[] = [
  ["iss", "claim_type", '{"iss":1}', {}],
  ["sub", "claim_type", '{"sub":null}', {}],
  ["aud", "claim_type", '{"aud":null}', {}],
  ["aud", "claim_type", '{"aud":["a","b",{}]}', policy],
  ["exp", "claim_type", '{"exp":"9"}', {}],
  ["nbf", "claim_type", '{"nbf":1e999}', {}],
  ["iat", "claim_type", '{"iat":[]}', {}],
  ["jti", "claim_type", '{"jti":7}', {}],
  // Of several, the first in the order of RFC 7519, whatever the token's is.
  ["iss", "claim_type", '{"jti":7,"exp":"9","iss":{}}', {}],
  ["nbf", "claim_type", '{"jti":7,"nbf":true,"iat":{}}', {}],
  ["demanded", "missing_claim", "{}", { requiredClaims: ["demanded"] }],
  ["b", "missing_claim", '{"a":1}', { requiredClaims: ["a", "b", "c"] }],
  ["exp", "missing_claim", "{}", { requiredClaims: ["exp"] }],
  ["toString", "missing_claim", "{}", { requiredClaims: ["toString"] }],
  ["iss", "missing_claim", "{}", { issuer: "a" }],
  ["aud", "missing_claim", "{}", { audience: "a" }],
  ["iat", "missing_claim", "{}", { maxAgeSeconds: 60 }],
  ["iss", "issuer", '{"iss":"b"}', { issuer: "a" }],
  ["aud", "audience", '{"aud":"b"}', { audience: "a" }],
  ["aud", "audience", '{"aud":"b"}', {}],
  ["exp", "expired", '{"exp":100}', { clock: () => 100 }],
  ["nbf", "not_yet_valid", '{"nbf":101}', { clock: () => 100 }],
  ["iat", "issued_in_future", '{"iat":101}', {
    clock: () => 100,
    maxAgeSeconds: 60,
  }],
  ["iat", "too_old", '{"iat":1}', { clock: () => 100, maxAgeSeconds: 60 }],
  [null, "claims_set", "[]", {}],
  [null, "claims_set", '"exp"', {}],
  [null, "typ", "{}", { typ: "at+jwt" }],
];

test("a JwtError names the claim at fault, and none where no single claim is", async () => {
  const hmacKey = await importKey(key);
  for (const [claim, code, payload, demands] of refusedByClaim) {
    const token = forge(payload, plainHeader, key);
    for (
      const refuse of [
        () => verify(token, hmacKey, demands),
        () => rememberVerified(hmacKey, demands)(token),
      ]
    ) {
      const error = await thrown(refuse);
      assert.deepEqual([error.claim, error.code], [claim, code], payload);
    }
  }
});

test("a remembered token that is refused later says the same claim as at first", async () => {
  const hmacKey = await importKey(key);
  let now = 0;
  const verifier = rememberVerified(hmacKey, { clock: () => now });
  const token = forge('{"exp":100}', plainHeader, key);
  await verifier(token);
  now = 100;
  const { code, claim } = await thrown(() => verifier(token));
  assert.deepEqual([code, claim], ["expired", "exp"]);
});

test("a JwtError that a program makes has the claim of its code, or the one it is given", () => {
  const codes = Object.keys(messages) as readonly JwtErrorCode[];
  const claims = codes.map((code) => new JwtError(code).claim);
  assert.deepEqual(
    claims.filter((claim) => claim !== null),
    ["iss", "aud", "exp", "nbf", "iat", "iat"],
  );
  assert.equal(new JwtError("missing_claim", "exp").claim, "exp");
});
