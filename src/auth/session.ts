/**
 * Sessions: a row made at login, named by the access token's `sid`, kept by
 * refresh tokens that are opaque, stored hashed, and rotate (RFC 9700 §4.14).
 * Refused: a refresh token that this server has not made, and one of a session
 * that has ended. A spent one ends its session; but within 30 seconds, while
 * its successor is unused, it gives that again.
 */

import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { type Context, type Handler, json, readFields } from "../http/http.ts";
import { encodeBase64url, type HmacKey, sign } from "../jwt/jwt.ts";
import { currentSecond } from "./clock.ts";
import {
  credentialsAreWrong,
  type RefusalStatus,
  tokenIsInvalid,
} from "./refusal.ts";
import type { Account, Rotation, Session, SessionStore } from "./store.ts";

/** What sessions are kept by. */
export interface SessionParts {
  /** Where sessions are. */
  readonly store: SessionStore;
  /** The status for wrong credentials and bad tokens. */
  readonly refusalStatus: RefusalStatus;
}

/** What tokens are given out by. */
export interface TokenParts extends SessionParts {
  /** Signs access tokens. */
  readonly key: HmacKey;
  /** How long an access token lives. */
  readonly lifetimeSeconds: number;
}

/** How long a session lives after its last refresh, in seconds. */
export const sessionSeconds: number = 30 * 24 * 3600;

/** How long a spent refresh token gives its successor again. */
const graceSeconds = 30;

// A refresh token is these three, one after the other, in base64url.
const idLength = 22; // of 16 bytes
const secretLength = 43; // of 32 bytes
const proofLength = 22; // the first characters of an HMAC
const refreshTokenForm = /^[\w-]{87}$/;

/**
 * The hash of no refresh token. The column asks for a text, and no hash of a
 * text is empty: so whatever is sent, its hash is another.
 */
export const noRefreshHash = "";

/** The second since when a session must have been refreshed to be one. */
export function sessionsSince(): number {
  return currentSecond() - sessionSeconds;
}

/** A session, and the secret that its client holds for it. */
export interface HeldSession {
  /** The session. */
  readonly session: Session;
  /** The secret in the client's refresh token. */
  readonly secret: string;
}

/** What makes a session, in addition to what the storage needs of itself. */
export interface NewSession {
  /** The account, as its password was checked. */
  readonly account: Account;
  /** The context of the login. */
  readonly context: Context;
  /** The hash of its refresh token's secret, or {@link noRefreshHash}. */
  readonly refreshHash: string;
  /** The hash of its cookie's secret; null where a refresh token holds it. */
  readonly cookieHash: string | null;
}

/**
 * Starts a session.
 *
 * @throws {HttpError} wrong credentials, where the account has changed since
 * they were checked
 */
export async function startSession(
  { store, refusalStatus }: SessionParts,
  { account, context, refreshHash, cookieHash }: NewSession,
): Promise<Session> {
  const { request, remoteAddress } = context;
  const now = currentSecond();
  const session: Session = {
    id: randomText(16),
    userId: account.id,
    refreshKey: randomText(32),
    refreshHash,
    cookieHash,
    spentHash: null,
    createdAt: now,
    refreshedAt: now,
    address: remoteAddress,
    agent: request.headers.get("user-agent")?.slice(0, 256) ?? null,
  };
  if (await store.addSession(session, account)) return session;
  throw credentialsAreWrong(refusalStatus);
}

/** `POST /refresh`: spends a refresh token for new tokens. */
export function refresh(parts: TokenParts): Handler<Context> {
  const { store, refusalStatus } = parts;
  return async ({ request }) => {
    const { session, secret } = await readRefreshToken(parts, request);
    const successor = derive(session, "successor", secret);
    const rotation = {
      spentHash: hashOf(secret),
      refreshHash: hashOf(successor),
      refreshedAt: currentSecond(),
    };
    const rotated = await store.rotateRefreshToken(session.id, rotation);
    if (rotated || await isRepeated(store, session.id, rotation)) {
      return await answerWithTokens(parts, { session, secret: successor });
    }
    // It was spent before: one of two has stolen it.
    await store.endSession({ id: session.id, userId: session.userId });
    throw tokenIsInvalid(refusalStatus);
  };
}

/**
 * Reads a refresh token, spent or not: the session that it was made for, and
 * its secret.
 *
 * @throws {HttpError} where it was made by nobody, or its session has ended
 */
export async function readRefreshToken(
  { store, refusalStatus }: SessionParts,
  request: Request,
): Promise<HeldSession> {
  const { refresh_token: token } = await readFields(request, ["refresh_token"]);
  if (!refreshTokenForm.test(token)) throw tokenIsInvalid(refusalStatus);
  const id = token.slice(0, idLength);
  const secret = token.slice(idLength, idLength + secretLength);
  const proof = token.slice(idLength + secretLength);

  const session = await store.findSession({ id, since: sessionsSince() });
  if (session === null || !isSame(proof, proofOf(session, secret))) {
    throw tokenIsInvalid(refusalStatus);
  }
  return { session, secret };
}

/**
 * Says whether a client asks again because its answer was lost: then the
 * successor is there, and nobody has used it.
 */
async function isRepeated(
  store: SessionStore,
  id: string,
  rotation: Rotation,
): Promise<boolean> {
  // Read again, as the request that was first has left it.
  const session = await store.findSession({ id, since: sessionsSince() });
  if (session?.spentHash !== rotation.spentHash) return false;
  return rotation.refreshedAt - session.refreshedAt <= graceSeconds;
}

/** Answers with an access token and a refresh token. */
export async function answerWithTokens(
  { key, lifetimeSeconds }: Pick<TokenParts, "key" | "lifetimeSeconds">,
  { session, secret }: HeldSession,
): Promise<Response> {
  const { id, userId } = session;
  const claims = { sub: String(userId), user_id: userId, sid: id };
  const body = {
    token: await sign(claims, key, { lifetimeSeconds }),
    token_type: "Bearer",
    expires_in: lifetimeSeconds,
    refresh_token: id + secret + proofOf(session, secret),
  };
  // RFC 6749 §5.1
  return json(body, { headers: { "cache-control": "no-store" } });
}

/** What shows that this server has made a secret. */
function proofOf(session: Session, secret: string): string {
  return derive(session, "proof", secret).slice(0, proofLength);
}

/** A text that only this server can make of a secret. */
function derive(
  { refreshKey }: Session,
  purpose: "successor" | "proof",
  secret: string,
): string {
  return createHmac("sha256", refreshKey)
    .update(`${purpose} ${secret}`)
    .digest("base64url");
}

function isSame(proof: string, expected: string): boolean {
  const encoder = new TextEncoder();
  // It would throw for texts of different lengths: here both have 22
  // characters.
  return timingSafeEqual(encoder.encode(proof), encoder.encode(expected));
}

/** Makes a secret that a client can hold for a session: 256 random bits. */
export function makeSecret(): string {
  return randomText(32);
}

/** What is stored of a secret: SHA-256, unsalted, as it has 256 random bits. */
export function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url");
}

/** So many random bytes in base64url. */
function randomText(bytes: number): string {
  return encodeBase64url(crypto.getRandomValues(new Uint8Array(bytes)));
}
