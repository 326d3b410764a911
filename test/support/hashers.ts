/**
 * Hashers of passwords that cost little: PBKDF2 with few iterations. And what
 * is derived while something else happens, by either scheme.
 */

import nodeCrypto from "node:crypto";
import { type HashStore, PasswordHasher } from "../../src/auth/auth.ts";

/** How many passwords a server hashes at once. */
export const slots: number = Math.max(
  1,
  Math.min(navigator.hardwareConcurrency - 1, 8),
);

/** A store without accounts. */
export const noHashes: HashStore = { findPasswordHash: () => null };

/** A hasher that costs so many iterations, one password after the other. */
export function cheapHasher(
  iterations = 1000,
  { store = noHashes, maxWaiting = 8 }: {
    /** Where other hashes are. */
    readonly store?: HashStore;
    readonly maxWaiting?: number;
  } = {},
): PasswordHasher {
  const options = { store, scheme: "pbkdf2", iterations } as const;
  return new PasswordHasher(options, { maxActive: 1, maxWaiting });
}

/**
 * What the runtime is asked to derive while a function runs: the iterations of
 * PBKDF2, such as "1000", or the cost of Argon2id, such as "m=19456,t=2,p=1".
 */
export async function derivationsOf(
  run: () => Promise<unknown>,
): Promise<string[]> {
  const derived: string[] = [];
  const note = (parameters: unknown) => {
    const { iterations, memory, passes, parallelism } = Object(parameters);
    const cost = `m=${memory},t=${passes},p=${parallelism}`;
    derived.push(iterations === undefined ? cost : String(iterations));
  };
  const { subtle } = crypto;
  const { deriveBits } = subtle;
  subtle.deriveBits = (algorithm, key, length) => {
    note(algorithm);
    return deriveBits.call(subtle, algorithm, key, length ?? null);
  };
  // Bun's Argon2id is this one.
  const argon2: unknown = Reflect.get(nodeCrypto, "argon2");
  if (typeof argon2 === "function") {
    const watched = (...args: readonly unknown[]) => {
      note(args[1]);
      return Reflect.apply(argon2, nodeCrypto, args);
    };
    Reflect.set(nodeCrypto, "argon2", watched);
  }
  try {
    await run();
  } finally {
    subtle.deriveBits = deriveBits;
    if (argon2 !== undefined) Reflect.set(nodeCrypto, "argon2", argon2);
  }
  return derived;
}

/**
 * The work of what is derived while a function runs, whatever its order: each
 * of Argon2id, and all iterations of PBKDF2, such as "m=19456,t=2,p=1 + 3000".
 */
export async function workOf(run: () => Promise<unknown>): Promise<string> {
  const derived = await derivationsOf(run);
  const work = derived.filter((cost) => cost.startsWith("m=")).sort();
  let iterations = 0;
  for (const cost of derived) {
    if (!cost.startsWith("m=")) iterations += Number(cost);
  }
  if (iterations > 0) work.push(String(iterations));
  return work.join(" + ");
}
