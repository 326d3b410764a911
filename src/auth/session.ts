/**
 * Sessions: a row made at login, named by the access token's `sid`, kept by refresh tokens that are
 * opaque, stored hashed, and rotate (RFC 9700 §4.14).
 * Refused: a refresh token that this server has not made, and one of a session that has ended. A spent
 * one ends its session; but within 30 seconds, while its successor is unused, it gives that again.
 */

import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { type Context, json, readFields } from "../http/http.ts";
import { encodeBase64url, type HmacKey, sign } from "../jwt/jwt.ts";
import {
  credentialsAreWrong,
  type RefusalStatus,
  tokenIsInvalid,
} from "./refusal.ts";
import { currentSecond } from "./clock.ts";
import type { Account, Rotation, Session, SessionStore } from "./store.ts";

/** What sessions are kept by. */
export interface SessionOptions {
  /** Where sessions are. */
  readonly store: SessionStore;
  /** Signs access tokens. */
  readonly key: HmacKey;
  /** How long an access token lives. */
  readonly lifetimeSeconds: number;
  /** The status for wrong credentials and bad tokens. */
  readonly refusalStatus: RefusalStatus;
}

/** How long a session lives after its last refresh, in seconds. */
export const sessionSeconds: number = 30 * 24 * 3600;

const graceSeconds = 30;

/** The second since when a session must have been refreshed to be one. */
export function sessionsSince(): number {
  return currentSecond() - sessionSeconds;
}

/** A session, and the secret that its client holds: a refresh token's value, or its cookie's. */
export interface HeldSession {
  readonly session: Session;
  readonly value: string;
}

/**
 * Starts a session, held by a refresh token or by a cookie.
 *
 * @throws {HttpError} wrong credentials, where the account has changed since they were checked
 */
export async function startSession(
  { store, refusalStatus }: SessionOptions,
  account: Account,
  { request, remoteAddress }: Context,
  heldBy: "refreshHash" | "cookieHash",
): Promise<HeldSession> {
  const value = randomText(32);
  const now = currentSecond();
  const session: Session = {
    id: randomText(16),
    userId: account.id,
    refreshKey: randomText(32),
    refreshHash: "", // the hash of no text: with a cookie there is no refresh token
    cookieHash: null,
    [heldBy]: hashOf(value),
    spentHash: null,
    createdAt: now,
    refreshedAt: now,
    address: remoteAddress,
    agent: request.headers.get("user-agent")?.slice(0, 256) ?? null,
  };
  if (await store.addSession(session, account)) return { session, value };
  throw credentialsAreWrong(refusalStatus);
}

/** `POST /refresh`: spends a refresh token for new tokens. */
export async function refresh(
  options: SessionOptions,
  { request }: Context,
): Promise<Response> {
  const { store, refusalStatus } = options;
  const { session, value } = await readRefreshToken(options, request);
  const successor = derive(session, "successor", value);
  const refreshedAt = currentSecond();
  const rotation = {
    spentHash: hashOf(value),
    refreshHash: hashOf(successor),
    refreshedAt,
  };
  const isRotated = await store.rotateRefreshToken(session.id, rotation);
  if (isRotated || await isRepeated(store, session.id, rotation)) {
    return await answerWithTokens(options, { session, value: successor });
  }
  await store.endSession({ id: session.id, userId: session.userId }); // spent before: one of two has stolen it
  throw tokenIsInvalid(refusalStatus);
}

/**
 * Reads a refresh token, spent or not: the session that it was made for, and its value.
 *
 * @throws {HttpError} where it was made by nobody, or its session has ended
 */
export async function readRefreshToken(
  { store, refusalStatus }: SessionOptions,
  request: Request,
): Promise<HeldSession> {
  const { refresh_token: token } = await readFields(request, ["refresh_token"]);
  const [, id, value = "", proof = ""] = refreshTokenForm.exec(token) ?? [];
  const session = id === undefined
    ? null
    : await store.findSession({ id, since: sessionsSince() });
  if (session !== null && isSame(proof, proofOf(session, value))) {
    return { session, value };
  }
  throw tokenIsInvalid(refusalStatus);
}

const refreshTokenForm = /^([\w-]{22})([\w-]{43})([\w-]{22})$/; // session's id, value, proof

/** A client whose answer was lost asks again: the successor is there, and nobody has used it. */
async function isRepeated(store: SessionStore, id: string, rotation: Rotation) {
  const session = await store.findSession({ id, since: sessionsSince() }); // as another has left it
  if (session?.spentHash !== rotation.spentHash) return false;
  return rotation.refreshedAt - session.refreshedAt <= graceSeconds;
}

/** Answers with an access token and a refresh token. */
export async function answerWithTokens(
  { key, lifetimeSeconds }: SessionOptions,
  { session, value }: HeldSession,
): Promise<Response> {
  const { id, userId } = session;
  const claims = { sub: String(userId), user_id: userId, sid: id };
  const body = {
    token: await sign(claims, key, { lifetimeSeconds }),
    token_type: "Bearer",
    expires_in: lifetimeSeconds,
    refresh_token: id + value + proofOf(session, value),
  };
  return json(body, { headers: { "cache-control": "no-store" } }); // RFC 6749 §5.1
}

/** What shows that this server has made a value. */
function proofOf(session: Session, value: string): string {
  return derive(session, "proof", value).slice(0, 22);
}

/** A value that only this server can make of another. */
function derive(
  { refreshKey }: Session,
  purpose: "successor" | "proof",
  value: string,
): string {
  return createHmac("sha256", refreshKey).update(`${purpose} ${value}`).digest(
    "base64url",
  );
}

function isSame(proof: string, expected: string): boolean {
  const encoder = new TextEncoder();
  return timingSafeEqual(encoder.encode(proof), encoder.encode(expected));
}

/** What is stored of a secret: SHA-256, without salt, because it has 256 random bits. */
export function hashOf(value: string): string {
  return createHash("sha256").update(value).digest("base64url");
}

function randomText(length: number): string {
  return encodeBase64url(crypto.getRandomValues(new Uint8Array(length)));
}
