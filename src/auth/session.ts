/**
 * Sessions: a row made at login, named by the access token's `sid`, kept by
 * refresh tokens that are opaque, stored hashed, and rotate (RFC 9700 §4.14).
 * Refused: a refresh token that this server has not made, and one of a session
 * that has ended. A spent one ends its session.
 *
 * Answers get lost, so a token may come again: within 30 seconds, while its
 * successor is unused, it is given another successor, of its own. Then there are
 * two, and whichever is used first makes the other void, whose use ends the
 * session. So of an owner and a thief, who both ask with one token, never do
 * both go on.
 */

import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { type Context, type Handler, json, readFields } from "../http/http.ts";
import { encodeBase64url, type HmacKey, sign } from "../jwt/jwt.ts";
import { currentSecond } from "./clock.ts";
import type { OnEvent } from "./event.ts";
import {
  credentialsAreWrong,
  type RefusalStatus,
  tokenIsInvalid,
} from "./refusal.ts";
import type { Account, Session, SessionStore } from "./store.ts";
import type { UserId } from "./user.ts";

/** What sessions are kept by. */
export interface SessionParts {
  /** Where sessions are. */
  readonly store: SessionStore;
  /** The status for wrong credentials and bad tokens. */
  readonly refusalStatus: RefusalStatus;
  /** Is told what happens to sessions. */
  readonly onEvent?: OnEvent;
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

/** How long a spent refresh token is given another successor. */
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
const noRefreshHash = "";

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

/** What a client holds of a session, as the session knows it. */
export type SessionSecret =
  /** A refresh token, by the hash of its secret. */
  | { readonly refreshHash: string }
  /** A cookie, by the hash of its secret, and the host at which it works. */
  | { readonly cookieHash: string; readonly host: string };

/**
 * Starts a session.
 *
 * @throws {HttpError} wrong credentials, where the account has changed since
 * they were checked
 */
export async function startSession(
  { store, refusalStatus }: SessionParts,
  { account, context, secret, replacedCookieHash = null }: {
    /** The account, as its password was checked. */
    readonly account: Account;
    /** The context of the login. */
    readonly context: Context;
    readonly secret: SessionSecret;
    /** The hash of a cookie whose session ends; null for none. */
    readonly replacedCookieHash?: string | null;
  },
): Promise<Session> {
  const session = makeSession(account.id, { secret, context });
  const order = { session, account, replacedCookieHash };
  if (await store.addSession(order)) return session;
  throw credentialsAreWrong(refusalStatus);
}

/** Makes a session that begins now; it is not stored yet. */
export function makeSession(
  userId: UserId,
  { secret, context }: {
    readonly secret: SessionSecret;
    /** The context of the login. */
    readonly context: Context;
  },
): Session {
  const now = currentSecond();
  const { address, agent } = clientOf(context);
  const isCookie = "cookieHash" in secret;
  return {
    id: randomText(16),
    userId,
    refreshKey: randomText(32),
    refreshHash: isCookie ? noRefreshHash : secret.refreshHash,
    forkHash: null,
    spentHash: null,
    cookieHash: isCookie ? secret.cookieHash : null,
    host: isCookie ? secret.host : null,
    createdAt: now,
    refreshedAt: now,
    address,
    agent,
    lastAddress: address,
    lastAgent: agent,
  };
}

/** From which address a request comes, and what its client calls itself. */
function clientOf({ request, remoteAddress }: Context) {
  const agent = request.headers.get("user-agent")?.slice(0, 256) ?? null;
  return { address: remoteAddress, agent };
}

/** `POST /refresh`: spends a refresh token for new tokens. */
export function refresh(parts: TokenParts): Handler<Context> {
  const { store, refusalStatus, onEvent } = parts;
  return async (context) => {
    const { session, secret } = await readRefreshToken(parts, context.request);
    const { id, userId } = session;
    const successor = makeSecret();
    const isRotated = await store.rotateRefreshToken(id, {
      usedHash: hashOf(secret),
      refreshHash: hashOf(successor),
      refreshedAt: currentSecond(),
      ...clientOf(context),
    });
    if (isRotated) {
      return await answerWithTokens(parts, { session, secret: successor });
    }
    const isForked = await store.forkRefreshToken(id, {
      spentHash: hashOf(secret),
      forkHash: hashOf(successor),
      since: currentSecond() - graceSeconds,
    });
    if (isForked) {
      const outcome = "repeated";
      onEvent?.({ event: "refresh", outcome, userId }, context);
      return await answerWithTokens(parts, { session, secret: successor });
    }
    await endReused(parts, { session, context });
    throw tokenIsInvalid(refusalStatus);
  };
}

/**
 * Ends the session of a refresh token that was spent before: one of two has
 * stolen it.
 */
export async function endReused(
  { store, onEvent }: SessionParts,
  { session, context }: {
    readonly session: Session;
    readonly context: Context;
  },
): Promise<void> {
  const { id, userId } = session;
  await store.endSession({ id, userId });
  onEvent?.({ event: "refresh", outcome: "reused", userId }, context);
}

/** Says whether a refresh token can be used next, and is not spent. */
export function isUnspent({ session, secret }: HeldSession): boolean {
  const hash = hashOf(secret);
  return hash === session.refreshHash || hash === session.forkHash;
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

/** Answers with an access token and a refresh token. */
export async function answerWithTokens(
  { key, lifetimeSeconds }: Pick<TokenParts, "key" | "lifetimeSeconds">,
  { session, secret }: HeldSession,
): Promise<Response> {
  const { id, userId } = session;
  // Whole seconds, as the tutorial has them: not every client reads others.
  const iat = currentSecond();
  const exp = iat + Math.ceil(lifetimeSeconds);
  const claims = { sub: String(userId), user_id: userId, sid: id, iat, exp };
  const body = {
    token: await sign(claims, key),
    token_type: "Bearer",
    expires_in: lifetimeSeconds,
    refresh_token: id + secret + proofOf(session, secret),
  };
  // RFC 6749 §5.1
  return json(body, { headers: { "cache-control": "no-store" } });
}

/** What shows that this server has made a secret: only it can make this. */
function proofOf({ refreshKey }: Session, secret: string): string {
  return createHmac("sha256", refreshKey)
    .update(`proof ${secret}`)
    .digest("base64url")
    .slice(0, proofLength);
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
