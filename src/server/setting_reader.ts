/**
 * Reads settings one at a time by name, so that Deno needs to allow no more
 * than these names.
 * Refused, with all faults at once: a value that is empty, that cannot be read
 * or that is not understood. A fault never quotes a value: it could be a secret
 * in the wrong place.
 */

import { CommandError } from "./fault.ts";

/** Reads an environment variable; undefined where it is not set. */
export type Environment = (name: string) => string | undefined;

/** What people are told of a setting: `--help` and the README show it. */
export interface SettingText {
  /** The name of the environment variable. */
  readonly name: string;
  /** What it means. */
  readonly meaning: string;
  /** What holds where it is not set, in words. */
  readonly fallback: string;
}

/** How a setting's text is understood. */
export interface Syntax<T> {
  /** What a text stands for; null where it is not understood. */
  readonly parse: (text: string) => T | null;
  /**
   * What the setting must be: the end of a sentence that begins with its name.
   */
  readonly fault: string;
}

/** The whole numbers that a setting takes. */
export interface NumberRange {
  readonly least: number;
  readonly greatest: number;
}

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
    if (value === undefined) return null;
    if (value !== "") return value;
    this.fault(`${name} is empty: give it a value, or do not set it.`);
    return null;
  }

  /**
   * What the text stands for, or null where it is not set or, a fault, wrong.
   */
  parsed<T>(name: string, { parse, fault }: Syntax<T>): T | null {
    const text = this.text(name);
    if (text === null) return null;
    const value = parse(text);
    if (value === null) this.fault(`${name} ${fault}`);
    return value;
  }

  /** A whole number in decimal digits; null as for `parsed`. */
  integer(name: string, { least, greatest }: NumberRange): number | null {
    return this.parsed(name, {
      parse(text) {
        if (!/^\d{1,12}$/.test(text)) return null;
        const value = Number(text);
        return value >= least && value <= greatest ? value : null;
      },
      fault: `must be a whole number from ${least} to ${greatest}.`,
    });
  }

  /** What one of these words stands for; null as for `parsed`. */
  oneOf<T>(name: string, words: Readonly<Record<string, T>>): T | null {
    return this.parsed(name, {
      parse(text) {
        // Own words alone: each object also inherits "constructor" and others.
        return Object.hasOwn(words, text) ? words[text] ?? null : null;
      },
      fault: `must be ${Object.keys(words).join(" or ")}.`,
    });
  }

  /** Notes what is wrong, a sentence; the same one counts once. */
  fault(sentence: string): void {
    this.#faults.add(sentence);
  }

  /**
   * Hands on what was read.
   *
   * @throws {CommandError} there are faults: a line each, as they were noted
   */
  finish<T>(read: T): T {
    if (this.#faults.size === 0) return read;
    throw new CommandError([...this.#faults].join("\n"));
  }

  #read(name: string): string | undefined {
    try {
      return this.#environment(name);
    } catch {
      // Deno's error would show a value that is not UTF-8.
      this.fault(
        `${name} cannot be read: allow it by --allow-env, and let it be UTF-8 text.`,
      );
      return undefined;
    }
  }
}
