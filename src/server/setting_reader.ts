/**
 * Reads settings one at a time by name, so that Deno needs to allow no more than these names.
 * Refused, with all faults at once: a value that is empty, that cannot be read or that is not
 * understood. A fault never quotes a value: it could be a secret in the wrong place.
 */

import { CommandError } from "./fault.ts";

/** Reads an environment variable; undefined where it is not set. */
export type Environment = (name: string) => string | undefined;

/** Reads settings and gathers what is wrong with them. */
export class SettingReader {
  readonly #environment: Environment;
  readonly #faults = new Set<string>();

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** Says whether a setting is there, even an empty one. */
  has(name: string): boolean {
    return this.#read(name) !== undefined;
  }

  /** The value, or null where it is not set or, which is a fault, empty. */
  text(name: string): string | null {
    const value = this.#read(name);
    if (value === "") {
      this.fault(`${name} is empty: give it a value, or do not set it.`);
    }
    return value || null;
  }

  /** What `parse` makes of the value, or null where it is not set or, which is a fault, wrong. */
  parsed<T>(
    name: string,
    parse: (text: string) => T | null,
    fault: string,
  ): T | null {
    const text = this.text(name);
    const value = text === null ? null : parse(text);
    if (text !== null && value === null) this.fault(`${name} ${fault}`);
    return value;
  }

  /** A whole number from `least` to `greatest`. */
  integer(
    name: string,
    fallback: number,
    [least, greatest]: readonly [number, number],
  ): number {
    const parse = (text: string) => {
      const value = /^\d{1,12}$/.test(text) ? Number(text) : NaN;
      return value >= least && value <= greatest ? value : null;
    };
    const fault = `must be a whole number from ${least} to ${greatest}.`;
    return this.parsed(name, parse, fault) ?? fallback;
  }

  /** What one of these words stands for. */
  oneOf<T>(name: string, fallback: T, words: Readonly<Record<string, T>>): T {
    const parse = (text: string) =>
      new Map(Object.entries(words)).get(text) ?? null;
    return this.parsed(
      name,
      parse,
      `must be ${Object.keys(words).join(" or ")}.`,
    ) ?? fallback;
  }

  /** Notes what is wrong, a sentence; the same one counts once. */
  fault(sentence: string): void {
    this.#faults.add(sentence);
  }

  /** Hands on what was read. Throws a CommandError where there is a fault. */
  finish<T>(read: T): T {
    if (this.#faults.size > 0) {
      throw new CommandError([...this.#faults].join("\n"));
    }
    return read;
  }

  #read(name: string): string | undefined {
    try {
      return this.#environment(name);
    } catch { // Deno's error would show a value that is no UTF-8
      this.fault(
        `${name} cannot be read: allow it by --allow-env, and let it be UTF-8 text.`,
      );
      return undefined;
    }
  }
}
