/**
 * jose as the conformance suite and the comparison see it: `jwtVerify` with the
 * algorithm pinned, as its documentation recommends. It has an option for all
 * of a policy but the length, and its key sets hold public keys alone.
 */

import {
  compactVerify,
  errors,
  type JWTPayload,
  jwtVerify,
  type JWTVerifyOptions,
  SignJWT,
} from "jose";
import type {
  CasePolicy,
  Secret,
} from "../../spec/conformance/implementation.ts";
import { optionsOf, secretBytesOf } from "./question.ts";

const algorithms = ["HS256"];

export async function verify(
  token: string,
  secret: Secret | string,
  policy: CasePolicy,
): Promise<JWTPayload> {
  const options: JWTVerifyOptions = optionsOf(policy, {
    issuer: "issuer",
    audience: "audience",
    typ: "typ",
    requiredClaims: "requiredClaims",
    maxAgeSeconds: "maxTokenAge",
    leewaySeconds: "clockTolerance",
    now: (seconds) => ({ currentDate: new Date(Number(seconds) * 1000) }),
  });
  const { payload } = await jwtVerify(token, secretBytesOf(secret), {
    ...options,
    algorithms,
  });
  return payload;
}

export function sign(
  claims: Readonly<Record<string, unknown>>,
  secret: Uint8Array | string,
  kid: string | null = null,
): Promise<string> {
  // Of any type: it is jose that has to check them.
  return new SignJWT(claims as JWTPayload)
    .setProtectedHeader({
      alg: "HS256",
      typ: "JWT",
      ...(kid === null ? {} : { kid }),
    })
    .sign(secretBytesOf(secret));
}

export async function verifyJws(
  token: string,
  secret: Uint8Array,
): Promise<Uint8Array> {
  const { payload } = await compactVerify(token, secretBytesOf(secret), {
    algorithms,
  });
  return payload;
}

export function refusal(error: unknown): string | null {
  return error instanceof errors.JOSEError ? error.code : null;
}
