/**
 * Sessions: a row made at login, named by the access token's `sid`, kept by refresh tokens that are
 * opaque, stored hashed, and rotate (RFC 9700 §4.14).
 * Refused: a refresh token that this server has not made, and one of a session that has ended. A spent
 * one ends its session; but within 30 seconds, while its successor is unused, it gives that again.
 */

import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { type Context, json } from "../http/http.ts";
import { encodeBase64url, sign } from "../jwt/jwt.ts";
import type { Needs } from "./options.ts";
import type { Account, Rotation, Session, SessionStore } from "./store.ts";
import { currentSecond } from "./throttle.ts";

/** What sessions need. */
export type SessionNeeds = Needs<"sessions" | "key" | "lifetimeSeconds">;

/** How long a session lives after its last refresh, in seconds. */
export const sessionSeconds: number = 30 * 24 * 3600;

const graceSeconds = 30;

/** The second since when a session must have been refreshed to be one. */
export function sessionsSince(): number {
  return currentSecond() - sessionSeconds;
}

/** Starts a session and answers with its tokens; null where the account has changed meanwhile. */
export async function startSession(
  options: SessionNeeds,
  account: Account,
  { request, remoteAddress }: Context,
): Promise<Response | null> {
  const now = currentSecond();
  const value = randomText(32);
  const session: Session = {
    id: randomText(16),
    userId: account.id,
    refreshKey: randomText(32),
    refreshHash: hashOf(value),
    spentHash: null,
    createdAt: now,
    refreshedAt: now,
    address: remoteAddress,
    agent: request.headers.get("user-agent")?.slice(0, 256) ?? null,
  };
  if (!await options.sessions.addSession(session, account)) return null;
  return await answerWithTokens(options, session, value);
}

/** Spends a refresh token and answers with new tokens, or null where it is refused. */
export async function refreshSession(
  options: SessionNeeds,
  refreshToken: string,
): Promise<Response | null> {
  const { sessions } = options;
  const session = await findSessionOf(sessions, refreshToken);
  if (session === null) return null;
  const value = valueOf(refreshToken);
  const successor = derive(session, "successor", value);
  const now = currentSecond();
  const rotation = { spentHash: hashOf(value), refreshHash: hashOf(successor), now };
  const isRotated = await sessions.rotateRefreshToken(session.id, rotation);
  if (isRotated || await isRepeated(sessions, session.id, rotation)) {
    return await answerWithTokens(options, session, successor);
  }
  await sessions.endSession(session.id, session.userId); // spent before: one of two has stolen it
  return null;
}

/** The session that a refresh token was made for, spent or not; null where it was made by nobody. */
export async function findSessionOf(
  sessions: SessionStore,
  refreshToken: string,
): Promise<Session | null> {
  if (!/^[\w-]{87}$/.test(refreshToken)) return null;
  const session = await sessions.findSession(refreshToken.slice(0, 22), sessionsSince());
  if (session === null) return null;
  const proof = derive(session, "proof", valueOf(refreshToken)).slice(0, 22);
  const encoder = new TextEncoder();
  const isOurs = timingSafeEqual(encoder.encode(refreshToken.slice(65)), encoder.encode(proof));
  return isOurs ? session : null;
}

/** A client whose answer was lost asks again: the successor is there, and nobody has used it. */
async function isRepeated(sessions: SessionStore, id: string, rotation: Rotation) {
  const { spentHash, refreshHash, now } = rotation;
  const session = await sessions.findSession(id, sessionsSince()); // as another has left it
  return session !== null && session.spentHash === spentHash &&
    session.refreshHash === refreshHash && now - session.refreshedAt <= graceSeconds;
}

async function answerWithTokens(
  { key, lifetimeSeconds }: SessionNeeds,
  session: Session,
  value: string,
): Promise<Response> {
  const { id, userId } = session;
  const claims = { sub: String(userId), user_id: userId, sid: id };
  const proof = derive(session, "proof", value).slice(0, 22);
  const body = {
    token: await sign(claims, key, { lifetimeSeconds }),
    token_type: "Bearer",
    expires_in: lifetimeSeconds,
    refresh_token: id + value + proof,
  };
  return json(body, { headers: { "cache-control": "no-store" } }); // RFC 6749 §5.1
}

function valueOf(refreshToken: string): string {
  return refreshToken.slice(22, 65);
}

/** A value that only this server can make of another. */
function derive({ refreshKey }: Session, purpose: "successor" | "proof", value: string): string {
  return createHmac("sha256", refreshKey).update(`${purpose} ${value}`).digest("base64url");
}

function hashOf(value: string): string {
  return createHash("sha256").update(value).digest("base64url");
}

function randomText(length: number): string {
  return encodeBase64url(crypto.getRandomValues(new Uint8Array(length)));
}
