/**
 * Says whether an answer is what its case expects. A token that was signed is
 * taken apart here with node:crypto, without onejot's code. A misuse is no
 * refusal of a bad token, and no code is compared unless the implementation is
 * known to speak onejot's codes.
 */

import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import type { Message } from "./answer.ts";
import type { Case } from "./corpus.ts";

/** One question, and what a good answer to it is. */
export interface Check {
  readonly id: string;
  /**
   * Where the report counts it: the names of its level, clause and attack, or
   * of its file.
   */
  readonly groups: Groups;
  readonly question: Message;
  /** The good answer in words. */
  readonly expected: string;
  /** Why that is the good answer. */
  readonly why: string;
  /**
   * It is open what the good answer is: any answer counts neither as passed nor
   * as failed.
   */
  readonly isDisputed: boolean;
  /** What is wrong with an answer, in words, or null. */
  judge(answer: Message): string | null;
}

/** The names under which a report counts a check. */
export interface Groups {
  readonly level?: string;
  readonly clause?: string;
  readonly attack?: string;
  readonly wycheproof?: string;
}

/** Makes the check of a case. */
export function checkOf(asked: Case, comparesCodes: boolean): Check {
  const { id, level, clause, attack, secret, token, policy = {}, sign, why } =
    asked;
  const code = comparesCodes ? asked.code : undefined;
  return {
    id,
    groups: { level, ...(clause && { clause }), ...(attack && { attack }) },
    question: "sign" in asked
      ? { sign, secret }
      : { verify: token, secret, policy },
    expected: expectedOf(asked, code),
    why,
    isDisputed: false,
    judge: (answer) => {
      return asked.expect === "accept"
        ? judgeAccepted(asked, answer)
        : judgeRefused(asked, answer, code);
    },
  };
}

/**
 * Whether two values that came from JSON are the same, whatever the order of
 * their members.
 */
export function isSameJson(one: unknown, other: unknown): boolean {
  if (typeof one !== "object" || typeof other !== "object") {
    return one === other;
  }
  if (one === null || other === null) return one === other;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const members = Object.entries(one);
  const others = new Map(Object.entries(other));
  return members.length === others.size &&
    members.every(([name, value]) =>
      others.has(name) && isSameJson(value, others.get(name))
    );
}

function expectedOf(
  { expect, claims }: Case,
  code: string | undefined,
): string {
  if (expect !== "accept") {
    return code === undefined ? expect : `${expect}: ${code}`;
  }
  return claims === undefined ? expect : `${expect}: ${JSON.stringify(claims)}`;
}

function judgeRefused(
  { expect }: Case,
  { refused, misuse }: Message,
  code: string | undefined,
): string | null {
  if (expect === "refuse") {
    if (refused === undefined) {
      return misuse === undefined ? "not refused" : "that is no refusal";
    }
    return code === undefined || refused === code ? null : "another code";
  }
  if (refused === undefined && misuse === undefined) return "not turned away";
  return code === undefined || misuse === code ? null : "another error";
}

function judgeAccepted(asked: Case, { claims, token }: Message): string | null {
  if ("sign" in asked) {
    if (typeof token !== "string") return "not signed";
    return judgeToken(token, String(asked.secret), asked.claims ?? asked.sign);
  }
  if (claims === undefined) return "not accepted";
  const isObject = typeof claims === "object" && claims !== null &&
    !Array.isArray(claims);
  if (!isObject) return "that is no claims set";
  return asked.claims === undefined || isSameJson(claims, asked.claims)
    ? null
    : "other claims";
}

function judgeToken(
  token: string,
  secret: string,
  claims: unknown,
): string | null {
  const parts = token.split(".");
  const [header = "", payload = "", signature = ""] = parts;
  if (parts.length !== 3) return "the token has not three parts";
  if (!parts.every(isCanonical)) {
    return "a part of the token is not in base64url, or not canonical";
  }
  const { alg } = Object(readJson(header));
  if (alg !== "HS256") return "the token's alg is not HS256";
  const key = Buffer.from(secret, "base64url");
  const mac = createHmac("sha256", key).update(`${header}.${payload}`).digest(
    "base64url",
  );
  if (mac !== signature) return "the token's MAC is wrong";
  return isSameJson(readJson(payload), claims)
    ? null
    : "the token says something else";
}

function isCanonical(part: string): boolean {
  return Buffer.from(part, "base64url").toString("base64url") === part;
}

/** The JSON in a part of a token; undefined for what is no JSON in UTF-8. */
function readJson(part: string): unknown {
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return JSON.parse(decoder.decode(Buffer.from(part, "base64url")));
  } catch {
    return undefined;
  }
}
