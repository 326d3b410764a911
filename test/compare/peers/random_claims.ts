/**
 * Claims sets at random, from a seed: what RFC 7519 allows and every peer
 * understands. Numbers are such that JavaScript and Python write and read them
 * alike.
 */

import type { Claims } from "../../../src/jwt/jwt.ts";

/** Some claims, and the audience that a verifier must name for them. */
export interface ClaimsCase {
  readonly claims: Claims;
  readonly audience: string | null;
}

/**
 * Makes so many claims sets; the same seed makes the same. `now` is in seconds
 * since 1970.
 */
export function randomClaims(
  count: number,
  seed: number,
  now: number,
): ClaimsCase[] {
  const draw = new Draw(seed);
  return Array.from({ length: count }, () => randomCase(draw, now));
}

function randomCase(draw: Draw, now: number): ClaimsCase {
  const claims: Record<string, unknown> = {};
  const audience = draw.isTrue() ? draw.text() : null;
  if (draw.isTrue()) {
    claims["iss"] = draw.pick(["onejot", "https://issuer.example/a?b=c", "é"]);
  }
  if (draw.isTrue()) {
    claims["sub"] = draw.pick(["1", "urn:user:1", draw.text()]);
  }
  if (draw.isTrue()) claims["jti"] = draw.text();
  if (audience !== null) {
    claims["aud"] = draw.isTrue() ? audience : [draw.text(), audience];
  }
  if (draw.isTrue()) claims["exp"] = now + 1000 + draw.time();
  if (draw.isTrue()) claims["nbf"] = now - 1000 - draw.time();
  if (draw.isTrue()) claims["iat"] = now - 1000 - draw.time();
  if (draw.isTrue()) claims["user_id"] = draw.below(1e9);
  for (let left = draw.below(5); left > 0; left--) {
    claims[`x-${draw.text()}`] = draw.value(3);
  }
  return { claims, audience };
}

/** A source of numbers (mulberry32) and of what is made of them. */
class Draw {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  below(limit: number): number {
    this.#state = this.#state + 0x6d2b79f5 | 0;
    let mixed = Math.imul(this.#state ^ this.#state >>> 15, this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61);
    return ((mixed ^ mixed >>> 14) >>> 0) % limit;
  }

  isTrue(): boolean {
    return this.below(2) === 0;
  }

  pick<T>(values: readonly [T, ...T[]]): T {
    return values[this.below(values.length)] ?? values[0];
  }

  /**
   * Letters of all planes, without ":", which would have to be a URI in `sub`
   * and `aud`.
   */
  text(): string {
    const alphabet = [
      ...'abcXYZ019 _-./"\\\n\t\0\x7fäßéñ€日本語עברية\u2028\ufeff😀𝄞',
    ];
    const length = 1 + this.below(12);
    return Array.from({ length }, () => alphabet[this.below(alphabet.length)])
      .join("");
  }

  /** Seconds, whole or with a fraction. */
  time(): number {
    return this.below(1e6) + this.pick([0, 0.5, 0.25, 0.123]);
  }

  /** Any JSON value, at most so deep. */
  value(depth: number): unknown {
    const kind = this.below(depth > 0 ? 8 : 6);
    if (kind === 6) {
      return Array.from({ length: this.below(4) }, () => this.value(depth - 1));
    }
    if (kind === 7) {
      const entries = Array.from({ length: this.below(4) }, () => {
        return [this.text(), this.value(depth - 1)] as const;
      });
      return Object.fromEntries(entries);
    }
    return this.pick([
      this.text(),
      null,
      this.isTrue(),
      this.below(2 ** 32) - 2 ** 31,
      this.pick([0.1, -1.5, 1e21, 1e-9, 2 ** 53 - 1, 123456.789]),
      "",
    ]);
  }
}
