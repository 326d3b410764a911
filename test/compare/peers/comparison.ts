/**
 * onejot and one peer, both ways: tokens of the one that the other verifies
 * with the same claims, and bad ones (a byte changed, expired, another secret)
 * that both refuse.
 */

import assert from "node:assert/strict";
import {
  type Claims,
  importKey,
  JwtError,
  sign,
  verify,
} from "../../../src/jwt/jwt.ts";
import type { Limits, Peer } from "./peer.ts";
import { type ClaimsCase, randomClaims } from "./random_claims.ts";

/** What came of the checks of one peer in one direction. */
export class Tally {
  passed = 0;
  readonly failures: string[] = [];
  readonly title: string;

  constructor(title: string) {
    this.title = title;
  }

  /** Runs a check; whatever it throws is a failure. */
  async check(what: string, run: () => Promise<void>): Promise<void> {
    try {
      await run();
      this.passed++;
    } catch (error) {
      const reason = error instanceof Error
        ? error.message.split("\n", 4).join(" ")
        : "it threw";
      this.failures.push(`${what}: ${reason}`);
    }
  }
}

/**
 * Secrets are texts; the second one's UTF-8 bytes are more than its letters.
 */
const secrets = [
  "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG",
  "Schlüssel für Prüfungen, 鍵, мандат 🔑",
] as const;
const otherSecret = "another secret of 32 bytes or more, for nobody";

interface Side {
  readonly limits: Limits;
  readonly sign: (
    claims: Claims,
    secret: string,
    kid: string | null,
  ) => Promise<string>;
  readonly verify: Peer["verify"];
}

const onejot: Side = {
  limits: {},
  sign: async (claims, secret, kid) => sign(claims, await keyOf(secret, kid)),
  verify: async (token, secret, audience) => {
    try {
      return await verify(
        token,
        await keyOf(secret),
        audience === null ? {} : { audience },
      );
    } catch (error) {
      if (error instanceof JwtError) return null;
      throw error;
    }
  },
};

/** One peer's comparison. */
export class Comparison {
  readonly peer: Peer;
  readonly tallies: Tally[] = [];
  readonly #seed: number;

  constructor(peer: Peer, seed: number) {
    this.peer = peer;
    this.#seed = seed;
  }

  /** Adds a tally, which the report shows as a line. */
  tally(direction: string): Tally {
    const tally = new Tally(`${this.peer.name}, ${direction}`);
    this.tallies.push(tally);
    return tally;
  }

  /** Compares the two libraries. */
  async run(): Promise<void> {
    await this.#compare(this.tally("onejot's tokens there"), onejot, this.peer);
    await this.#compare(this.tally("its tokens in onejot"), this.peer, onejot);
  }

  async #compare(tally: Tally, from: Side, to: Side): Promise<void> {
    const now = Math.floor(Date.now() / 1000);
    const cases = [...namedCases(now), ...randomCases(this.#seed, now)];
    const { cannotSign = [], signable = (claims: Claims) => claims } =
      from.limits;
    for (
      const [index, { what, claims: wanted, audience, kid }] of cases.entries()
    ) {
      if (cannotSign.includes(what)) continue;
      const claims = signable(wanted);
      const secret = secrets[index % secrets.length] ?? secrets[0];
      await tally.check(what, async () => {
        const token = await from.sign(claims, secret, kid);
        assert.equal(headerOf(token)["kid"], kid ?? undefined);
        assert.deepEqual(await to.verify(token, secret, audience), claims);
        assert.deepEqual(await from.verify(token, secret, audience), claims);
      });
      if (index % 4 === 0) {
        await this.#refuseBad(
          tally,
          from,
          to,
          { claims, audience },
          secret,
          now,
        );
      }
    }
  }

  async #refuseBad(
    tally: Tally,
    from: Side,
    to: Side,
    { claims, audience }: ClaimsCase,
    secret: string,
    now: number,
  ): Promise<void> {
    const signed = (changes: Claims = {}) =>
      from.sign({ ...claims, ...changes }, secret, null);
    const changed = async (partIndex: number) =>
      withChangedByte(await signed(), partIndex);
    const bad: readonly (readonly [string, () => Promise<string>, string])[] = [
      ["a byte of the header changed", () => changed(0), secret],
      ["a byte of the payload changed", () => changed(1), secret],
      ["a byte of the MAC changed", () => changed(2), secret],
      ["expired", () => signed({ exp: now - 1 }), secret],
      ["a wrong secret", () => signed(), otherSecret],
    ];
    for (const [what, makeToken, badSecret] of bad) {
      await tally.check(`${what}, refused on both sides`, async () => {
        const token = await makeToken();
        assert.equal(await to.verify(token, badSecret, audience), null);
        assert.equal(await from.verify(token, badSecret, audience), null);
      });
    }
  }
}

/**
 * A token with one byte in the middle of that part changed: of its text, not of
 * its padding.
 */
export function withChangedByte(token: string, partIndex: number): string {
  const parts = token.split(".");
  const part = parts[partIndex] ?? "";
  const middle = Math.floor(part.length / 2);
  const other = part[middle] === "A" ? "B" : "A";
  parts[partIndex] = part.slice(0, middle) + other + part.slice(middle + 1);
  return parts.join(".");
}

interface NamedCase extends ClaimsCase {
  readonly what: string;
  readonly kid: string | null;
}

function namedCases(now: number): NamedCase[] {
  const exp = now + 3600;
  const plain = { kid: null, audience: null };
  return [
    { ...plain, what: "plain", claims: { sub: "1", user_id: 1, exp } },
    { ...plain, what: "with a kid", kid: "key-2", claims: { sub: "1", exp } },
    {
      ...plain,
      what: "with a kid beyond ASCII",
      kid: "clé 鍵",
      claims: { sub: "1", exp },
    },
    {
      ...plain,
      what: "unicode claims",
      claims: { name: "Zoë 日本 😀 \u2028", "ключ": "é", exp },
    },
    {
      ...plain,
      what: "a fractional exp",
      claims: { sub: "1", exp: exp + 0.5 },
    },
    {
      ...plain,
      what: "a fractional nbf and iat",
      claims: { nbf: now - 0.25, iat: now - 9.75, exp },
    },
    { ...plain, what: "no claims", claims: {} },
    {
      ...plain,
      what: "one audience",
      audience: "a",
      claims: { aud: "a", exp },
    },
    {
      ...plain,
      what: "two audiences",
      audience: "b",
      claims: { aud: ["a", "b"], exp },
    },
  ];
}

function randomCases(seed: number, now: number): NamedCase[] {
  return randomClaims(200, seed, now).map((found, index) => {
    const what = `random claims ${index} ${JSON.stringify(found.claims)}`;
    return { ...found, what, kid: index % 3 === 0 ? `key-${index}` : null };
  });
}

function keyOf(secret: string, kid: string | null = null) {
  return importKey(new TextEncoder().encode(secret), kid);
}

function headerOf(token: string): Readonly<Record<string, unknown>> {
  const [header = ""] = token.split(".");
  const bytes = Uint8Array.fromBase64(header, { alphabet: "base64url" });
  return Object(JSON.parse(new TextDecoder().decode(bytes)));
}
