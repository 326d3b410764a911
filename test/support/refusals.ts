/**
 * The table of refusals in words: for each code of JwtError, tokens that are
 * refused by it, and the sentence that the page, `decode` and `verify` say. The
 * first row of each code stands in src/cli/README.md, too.
 */

import type { JwtErrorCode, Policy } from "../../src/jwt/jwt.ts";
import {
  encoded,
  forge as forgeWith,
  forgeParts,
  otherSecret,
  plainHeader,
} from "./forge.ts";
import { testSecret } from "./server_process.ts";

/** A token that is refused, and what is said of it. */
export interface RefusalRow {
  readonly token: string;
  readonly words: string;
  /** What is asked for beyond the RFC. */
  readonly policy?: Policy;
  /** The same as options of a command; absent where there are none for it. */
  readonly options?: readonly string[];
  /** Whether the key has a name, `2024`, which it has not otherwise. */
  readonly isKeyNamed?: true;
}

/** A text that every token here holds, and that no words may show. */
export const marker = "m4rk3r";

/** The secret that the tokens are refused by. */
export const secret: Uint8Array = new TextEncoder().encode(testSecret);

const clock = () => 100;

function forge(payload: string, header = plainHeader, key = secret): string {
  return forgeWith(payload, header, key);
}

/** A token with the marker in a name and in a value that nobody asks for. */
function tokenOf(claims: string, header = '"typ":"JWT"'): string {
  return forge(
    `{${claims}${claims && ","}"x-${marker}":"${marker}"}`,
    `{"alg":"HS256",${header},"y-${marker}":"${marker}"}`,
  );
}

/** The same with another header than HS256's. */
function tokenOfHeader(header: string): string {
  return forge(`{"x-${marker}":"${marker}"}`, header);
}

/** A header parameter `alg` with this JSON for its value. */
function tokenOfAlgorithm(json: string): string {
  return tokenOfHeader(`{"alg":${json},"y":"${marker}"}`);
}

const form =
  "The token is not a JWS in compact form with a JSON object as its header.";
const only = 'only "HS256" is accepted';
const long = "A".repeat(8193 - marker.length) + marker;
const expired = "The token has expired (exp).";
const kid = "No key has the name in the header parameter kid.";

/** All of them, by their codes. */
export const refusals: Readonly<Record<JwtErrorCode, readonly RefusalRow[]>> = {
  malformed: [
    { token: marker, words: form, options: [] },
    { token: "", words: form },
    { token: `${tokenOf("")}=`, words: form, options: [] },
    { token: forgeParts("e30=", "e30"), words: form },
    { token: `${encoded('{"kid":5}')}.${encoded("{}")}`, words: form },
    ...["5", "null", "[]", `{"${marker}":1}`].map((json) => ({
      token: tokenOf("", `"kid":${json}`),
      words: "The header parameter kid must be a text.",
      options: [],
    })),
  ],
  too_long: [
    {
      token: long,
      words: "The token has 8,193 characters: more than 8,192 are not read.",
      options: [],
    },
    {
      token: `${".".repeat(65_000)}!`,
      words: "The token has 65,001 characters: more than 8,192 are not read.",
    },
    {
      token: tokenOf("").padEnd(400, "A"),
      policy: { maxLength: 256 },
      words: "The token has 400 characters: more than 256 are not read.",
    },
  ],
  encrypted: [{
    token: `${tokenOf("")}.${encoded(marker)}.${encoded(marker)}`,
    words: "The token is encrypted (JWE), and only signed tokens are read.",
    options: [],
  }],
  algorithm: [
    {
      token: tokenOfAlgorithm('"RS256"'),
      words: `The header parameter alg is "RS256": ${only}.`,
      options: [],
    },
    ...Object.entries({
      '"none"': '"none"',
      '"hs256"': '"hs256"',
      '"HS256 "': '"HS256 "',
      '""': '""',
      '"ECDH-ES+A256KW"': '"ECDH-ES+A256KW"',
      '"\\u001b[2J\\u202e\\u2028\\n"': '"\\u001b[2J\\u202e\\u2028\\n"',
      '"\\"<b>"': '"\\"<b>"',
      [`"${"A".repeat(32)}"`]: `"${"A".repeat(32)}"`,
      [`"${"A".repeat(33)}"`]: `"${"A".repeat(32)}…"`,
      [`"${"A".repeat(5000)}"`]: `"${"A".repeat(32)}…"`,
      // What is cut in half is told as its half.
      [`"${"A".repeat(31)}😀"`]: `"${"A".repeat(31)}\\ud83d…"`,
    }).map(([json, shown]) => ({
      token: tokenOfAlgorithm(json),
      words: `The header parameter alg is ${shown}: ${only}.`,
    })),
    ...["5", "null", "true", '["HS256"]', '{"alg":"HS256"}'].map((json) => ({
      token: tokenOfAlgorithm(json),
      words: `The header parameter alg must be a text: ${only}.`,
    })),
    {
      token: tokenOfHeader(`{"typ":"JWT"}`),
      words: `The header has no alg: ${only}.`,
      options: [],
    },
    {
      token: tokenOfHeader(`{"__proto__":{"alg":"HS256"}}`),
      words: `The header has no alg: ${only}.`,
    },
  ],
  critical: [{
    token: tokenOf("", `"crit":["${marker}"]`),
    words:
      "The header parameter crit demands an extension, and none is supported.",
    options: [],
  }],
  unknown_key: [
    {
      token: tokenOf("", `"kid":"${marker}"`),
      words: kid,
      isKeyNamed: true,
      options: [],
    },
    { token: tokenOf("", `"kid":""`), words: kid, isKeyNamed: true },
    { token: tokenOf("", `"kid":"__proto__"`), words: kid, isKeyNamed: true },
    {
      token: tokenOf(""),
      words: "The header has no kid, and each key here has a name.",
      isKeyNamed: true,
      options: [],
    },
  ],
  signature: [
    {
      token: forge(`{"x":"${marker}"}`, undefined, otherSecret),
      words: "The signature does not match.",
      options: [],
    },
    {
      token: tokenOf("").replace(/[^.]*$/, ""),
      words: "The signature does not match.",
    },
  ],
  nested: [{
    token: tokenOf("", '"cty":"JWT"'),
    words: "The token holds another token, and nested tokens are not read.",
    options: [],
  }],
  typ: [
    {
      token: tokenOf("", `"typ":"${marker}"`),
      policy: { typ: "at+jwt" },
      words: 'The header parameter typ must be "at+jwt".',
    },
    {
      token: tokenOf("", '"z":1'),
      policy: { typ: "at+jwt" },
      words: 'The header parameter typ must be "at+jwt".',
    },
  ],
  claims_set: [
    {
      token: forge(`["${marker}"]`),
      words: "The payload is not one JSON object in UTF-8.",
      options: [],
    },
    {
      token: forge(""),
      words: "The payload is not one JSON object in UTF-8.",
    },
  ],
  claim_type: [
    {
      token: tokenOf(`"exp":"${marker}"`),
      words: 'The claim "exp" must be a number of seconds.',
      options: [],
    },
    {
      token: tokenOf('"exp":1e400'),
      words: 'The claim "exp" must be a number of seconds.',
    },
    {
      token: tokenOf('"nbf":null'),
      words: 'The claim "nbf" must be a number of seconds.',
    },
    {
      token: tokenOf('"iat":[]'),
      words: 'The claim "iat" must be a number of seconds.',
    },
    { token: tokenOf('"iss":5'), words: 'The claim "iss" must be a text.' },
    { token: tokenOf('"sub":5'), words: 'The claim "sub" must be a text.' },
    { token: tokenOf('"jti":5'), words: 'The claim "jti" must be a text.' },
    {
      token: tokenOf(`"aud":["${marker}",5]`),
      words: 'The claim "aud" must be a text, or a list of texts.',
    },
  ],
  missing_claim: [
    {
      token: tokenOf(""),
      policy: { issuer: "me" },
      options: ["--issuer", "me"],
      words: 'The claim "iss" is missing: it must be "me".',
    },
    {
      token: tokenOf(""),
      policy: { issuer: ["me", "you"] },
      words: 'The claim "iss" is missing: it must be "me" or "you".',
    },
    {
      token: tokenOf(""),
      policy: { audience: "us" },
      options: ["--audience", "us"],
      words: 'The claim "aud" is missing: it must name "us".',
    },
    {
      token: tokenOf(""),
      policy: { requiredClaims: ["iss"] },
      words: 'The claim "iss" is missing, which is required.',
    },
    {
      token: tokenOf(""),
      policy: { requiredClaims: ["a\u202eb"] },
      words: 'The claim "a\\u202eb" is missing, which is required.',
    },
    {
      token: tokenOf(""),
      policy: { maxAgeSeconds: 5 },
      words: 'The claim "iat" is missing, which is required.',
    },
  ],
  issuer: [
    {
      token: tokenOf(`"iss":"${marker}"`),
      policy: { issuer: "me" },
      options: ["--issuer", "me"],
      words:
        'The token comes from another issuer: the claim "iss" must be "me".',
    },
    {
      token: tokenOf(`"iss":"${marker}"`),
      policy: { issuer: ["me", "\u001b[2J"] },
      words: 'The token comes from another issuer: the claim "iss" must be ' +
        '"me" or "\\u001b[2J".',
    },
  ],
  audience: [
    {
      token: tokenOf(`"aud":"${marker}"`),
      policy: { audience: "us" },
      options: ["--audience", "us"],
      words: "The token is meant for another audience: " +
        'the claim "aud" must name "us".',
    },
    {
      token: tokenOf(`"aud":["${marker}"]`),
      policy: { audience: ["us", "them"] },
      words: "The token is meant for another audience: " +
        'the claim "aud" must name "us" or "them".',
    },
    {
      token: tokenOf(`"aud":"${marker}"`),
      words: 'The token is meant for an audience, in the claim "aud": ' +
        "say which one you are.",
      options: [],
    },
  ],
  expired: [
    { token: tokenOf('"exp":101'), words: expired, options: [] },
    {
      token: tokenOf('"exp":100'),
      policy: { clock },
      words: expired,
    },
  ],
  not_yet_valid: [{
    token: tokenOf('"nbf":98765432101'),
    words: "The token is not valid yet (nbf).",
    options: [],
  }],
  issued_in_future: [{
    token: tokenOf('"iat":98765432101'),
    policy: { maxAgeSeconds: 5 },
    words: "The token says that it was issued in the future (iat).",
  }],
  too_old: [{
    token: tokenOf('"iat":101'),
    policy: { maxAgeSeconds: 5 },
    words: "The token was issued longer ago than the policy allows (iat).",
  }],
};
