/**
 * A program of all that onejot/jwt exports, by the name that it has outside. It
 * names no global of a browser or of a runtime, because it must compile with
 * `lib: ["es2022"]` and no other types. test/system/pack compiles and runs it
 * where the package is installed.
 */

import {
  type Claims,
  decodeBase64url,
  decodeUnsecured,
  decodeUnverified,
  encodeBase64url,
  encodeUnsecured,
  generateKey,
  type HmacKey,
  importKey,
  type JsonObject,
  JwtError,
  type JwtErrorCode,
  type KeyOptions,
  keyRing,
  type Policy,
  type RememberOptions,
  rememberVerified,
  sign,
  type SignOptions,
  type Verifier,
  verify,
} from "onejot/jwt";

const issuer = "https://example.com";
// The key of RFC 7515 A.1.
const keyText = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75" +
  "aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
const secret: Uint8Array = decodeBase64url(keyText, new Uint8Array(64));
requireSame(encodeBase64url(secret), keyText);

const keyOptions: KeyOptions = { kid: "a", issuer };
const key: HmacKey = await importKey(secret, keyOptions);
const kid: string | null = key.kid;
requireSame(kid, "a");
const ring: HmacKey = keyRing([key, await generateKey("b")]);

const claims: Claims = { iss: issuer, sub: "1", aud: ["x"], role: "admin" };
const signOptions: SignOptions = { lifetimeSeconds: 60, typ: "at+jwt" };
const token: string = await sign(claims, ring, signOptions);
const policy: Policy = {
  issuer,
  audience: "x",
  typ: "at+jwt",
  requiredClaims: ["exp", "role"],
};
const verified: Claims = await verify(token, ring, policy);
const exp: number | undefined = verified.exp;
requireSame(typeof exp, "number");
requireSame(verified["role"], "admin");

const memory: RememberOptions = { maxCharacters: 10_000 };
const verifier: Verifier = rememberVerified(ring, policy, memory);
for (let time = 0; time < 2; time++) {
  requireSame((await verifier(token)).sub, "1");
}

const header: JsonObject = decodeUnverified(token).header;
requireSame(header["kid"], "a");
requireSame(decodeUnsecured(encodeUnsecured({ sub: "2" })).sub, "2");

const refusal: JwtErrorCode | null = await refusalOf("a.b");
requireSame(refusal, "malformed");

async function refusalOf(text: string): Promise<JwtErrorCode | null> {
  try {
    await verify(text, key);
    return null;
  } catch (error) {
    if (!(error instanceof JwtError)) throw error;
    const claim: string | null = error.claim;
    requireSame(claim, null);
    return error.code;
  }
}

function requireSame<Value>(value: Value, expected: Value): void {
  if (value !== expected) throw new Error(`${value} is not ${expected}`);
}
