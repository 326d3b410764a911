/**
 * Who signs and verifies: the bare WebCrypto calls, onejot, and the other
 * libraries, each as its own documentation has it at its fastest: the key
 * imported once, signer and verifier made once. All take HS256 alone and check
 * `exp`; those that have an option for it hold `iat` against a greatest age.
 */

import {
  sign as signOnTsndr,
  verify as verifyOnTsndr,
} from "@tsndr/cloudflare-worker-jwt";
import { createSigner, createVerifier } from "fast-jwt";
import { sign as signOnHono, verify as verifyOnHono } from "hono/jwt";
import { jwtVerify, SignJWT } from "jose";
import jsonwebtoken from "jsonwebtoken";
import { Buffer } from "node:buffer";
import { createSecretKey } from "node:crypto";
import {
  importKey,
  rememberVerified,
  sign,
  verify,
} from "../../../src/jwt/jwt.ts";

/** What a typical access token says. */
export interface AccessClaims {
  readonly [name: string]: unknown;
  readonly sub: string;
  readonly user_id: number;
  readonly sid: string;
  readonly iat: number;
  readonly exp: number;
}

/** A token, and what it is made of. */
export interface Sample {
  readonly claims: AccessClaims;
  /**
   * Of an `Authorization` header. The token is cut out of it each time, as a
   * server does.
   */
  readonly header: string;
  /** The first two parts, encoded. */
  readonly signingInput: Uint8Array<ArrayBuffer>;
  readonly mac: Uint8Array<ArrayBuffer>;
}

/**
 * One operation. A synchronous one returns no promise. It throws where a token
 * is refused; the bare call says so by a boolean, at which nobody looks while
 * it is measured.
 */
export interface Contender {
  readonly name: string;
  readonly isSynchronous: boolean;
  readonly run: (sample: Sample) => unknown;
}

/** The greatest age and lifetime of the tokens: longer than any run. */
export const lifetimeSeconds = 7200;

const hmac = { name: "HMAC", hash: "SHA-256" };
const prefix = "Bearer ".length;

/** Those who sign, the bare call first. */
export async function makeSigners(
  secret: Uint8Array<ArrayBuffer>,
): Promise<Contender[]> {
  const cryptoKey = await crypto.subtle.importKey("raw", secret, hmac, false, [
    "sign",
  ]);
  const secretKey = createSecretKey(secret);
  const key = await importKey(secret);
  const fastSigner = createSigner({
    key: Buffer.from(secret),
    algorithm: "HS256",
  });
  return [
    asynchronous("crypto.subtle", ({ signingInput }) => {
      return crypto.subtle.sign("HMAC", cryptoKey, signingInput);
    }),
    asynchronous("onejot", ({ claims }) => sign(claims, key)),
    asynchronous("jose", ({ claims }) => {
      return new SignJWT(claims).setProtectedHeader({
        alg: "HS256",
        typ: "JWT",
      }).sign(cryptoKey);
    }),
    synchronous("jsonwebtoken", ({ claims }) => {
      return jsonwebtoken.sign(claims, secretKey, { algorithm: "HS256" });
    }),
    synchronous("fast-jwt", ({ claims }) => fastSigner(claims)),
    asynchronous(
      "hono/jwt",
      ({ claims }) => signOnHono(claims, cryptoKey, "HS256"),
    ),
    asynchronous("@tsndr/cloudflare-worker-jwt", ({ claims }) => {
      // Writes no iat: it is there.
      return signOnTsndr(claims, cryptoKey, { algorithm: "HS256" });
    }),
  ];
}

/**
 * Those who verify, the bare call first. The last two remember what they have
 * verified.
 */
export async function makeVerifiers(
  secret: Uint8Array<ArrayBuffer>,
  samples: readonly Sample[],
): Promise<Contender[]> {
  const cryptoKey = await crypto.subtle.importKey("raw", secret, hmac, false, [
    "verify",
  ]);
  const secretKey = createSecretKey(secret);
  const key = await importKey(secret);
  const policy = { maxAgeSeconds: lifetimeSeconds };
  const remembering = rememberVerified(key, policy);
  const fastOptions = {
    key: Buffer.from(secret),
    algorithms: ["HS256" as const],
    maxAge: lifetimeSeconds * 1000,
  };
  const fastVerifier = createVerifier({ ...fastOptions, cache: false });
  const fastCaching = createVerifier({
    ...fastOptions,
    // Tokens; by default 1,000, which would never find one of 10,000.
    cache: 2 * samples.length,
    cacheTTL: lifetimeSeconds * 1000,
  });
  for (const { header } of samples) {
    await remembering(header.slice(prefix));
    fastCaching(header.slice(prefix));
  }
  return [
    asynchronous("crypto.subtle", ({ mac, signingInput }) => {
      return crypto.subtle.verify("HMAC", cryptoKey, mac, signingInput);
    }),
    asynchronous(
      "onejot",
      ({ header }) => verify(header.slice(prefix), key, policy),
    ),
    asynchronous("jose", ({ header }) => {
      const options = { algorithms: ["HS256"], maxTokenAge: lifetimeSeconds };
      return jwtVerify(header.slice(prefix), cryptoKey, options);
    }),
    synchronous("jsonwebtoken", ({ header }) => {
      const options = {
        algorithms: ["HS256" as const],
        maxAge: lifetimeSeconds,
      };
      return jsonwebtoken.verify(header.slice(prefix), secretKey, options);
    }),
    synchronous("fast-jwt", ({ header }) => fastVerifier(header.slice(prefix))),
    asynchronous("hono/jwt", ({ header }) => {
      return verifyOnHono(header.slice(prefix), cryptoKey, "HS256");
    }),
    asynchronous("@tsndr/cloudflare-worker-jwt", ({ header }) => {
      const options = { algorithm: "HS256", throwError: true } as const;
      return verifyOnTsndr(header.slice(prefix), cryptoKey, options);
    }),
    synchronous(
      "onejot, remembered",
      ({ header }) => remembering(header.slice(prefix)),
    ),
    synchronous(
      "fast-jwt, cached",
      ({ header }) => fastCaching(header.slice(prefix)),
    ),
  ];
}

function asynchronous(
  name: string,
  run: (sample: Sample) => Promise<unknown>,
): Contender {
  return { name, isSynchronous: false, run };
}

function synchronous(
  name: string,
  run: (sample: Sample) => unknown,
): Contender {
  return { name, isSynchronous: true, run };
}
