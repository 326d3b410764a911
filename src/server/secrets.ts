/**
 * The secrets of the settings, and the key that they make: JWT_SECRET, for
 * tokens without `kid`, and JWT_SECRETS, told apart by `kid` (RFC 7515 §4.1.4),
 * of which the first signs; each also as a file.
 * Refused: what is short (RFC 7518 §3.2), a PEM, a JWK or what can be guessed
 * (guessable.ts), and a name or a secret that two entries have. A fault says which entry and never
 * quotes it, not even its name: they could be the wrong way round.
 */

import { readFileSync } from "node:fs";
import { generateKey, type HmacKey, importKey, keyRing } from "../jwt/jwt.ts";
import { isGuessable } from "./guessable.ts";
import type { SettingReader, SettingText, Syntax } from "./setting_reader.ts";

/** A secret that signs and verifies tokens. */
export interface TokenSecret {
  /** The `kid` of its tokens; null for none. */
  readonly kid: string | null;
  /** The UTF-8 bytes of its text, as other libraries take it. */
  readonly bytes: Uint8Array;
}

/** The settings that hold secrets. Together they make one list. */
export const secretSettings: readonly SettingText[] = [
  {
    name: "JWT_SECRET",
    meaning: "secret that signs tokens, 32 bytes or more",
    fallback: "none: a trial",
  },
  {
    name: "JWT_SECRET_FILE",
    meaning: "file that holds the secret instead",
    fallback: "none",
  },
  {
    name: "JWT_SECRETS",
    meaning: "name:secret,name:secret: the first signs, all of them verify",
    fallback: "none",
  },
  {
    name: "JWT_SECRETS_FILE",
    meaning: "file that holds them instead, one per line",
    fallback: "none",
  },
];

/** Reads the secrets, the one that signs first; none where nothing is set. */
export function readSecrets(reader: SettingReader): readonly TokenSecret[] {
  const entries = [...readNamedEntries(reader), ...readUnnamedEntry(reader)];
  return entries.map(({ place, kid, secret }) => {
    const bytes = new TextEncoder().encode(secret);
    const fault = faultOfSecret(secret, bytes.length);
    if (fault !== null) {
      const subject = kid === null ? place : `The secret in ${place}`;
      reader.fault(`${subject} ${fault}: onejot key prints a fresh one.`);
    }
    return { kid, bytes };
  });
}

/**
 * The key, or the ring of keys, that the secrets make; a fresh key where there
 * is none.
 */
export async function importSecrets(
  secrets: readonly TokenSecret[],
): Promise<HmacKey> {
  const keys = await Promise.all(
    secrets.map(({ bytes, kid }) => importKey(bytes, kid)),
  );
  const [first, second] = keys;
  if (first === undefined) return await generateKey();
  // A key without a name takes any `kid` by itself, but none in a ring: so one
  // key alone is not put into a ring.
  if (second === undefined) return first;
  return keyRing(keys);
}

interface Entry {
  /** What a fault calls it, such as "JWT_SECRETS entry 2". */
  readonly place: string;
  readonly kid: string | null;
  readonly secret: string;
}

/** How several entries stand in one text. */
interface Form {
  /** What a fault calls one of them. */
  readonly unit: string;
  /** What a fault calls that which separates them. */
  readonly separator: string;
  /** Matches what separates them. */
  readonly between: RegExp;
  /**
   * Matches an entry that holds the other form's separator. It would make one
   * long secret of several entries, unnoticed.
   */
  readonly severalEntries: RegExp;
}

/** How JWT_SECRETS has them: a secret holds no comma. */
const entriesInText: Form = {
  unit: "entry",
  separator: "comma",
  between: /,/,
  severalEntries: /[\r\n]/,
};

/** How JWT_SECRETS_FILE has them: a secret may hold a comma. */
const entriesInFile: Form = {
  unit: "line",
  separator: "line break",
  between: /\r?\n/,
  severalEntries: /,[\w.-]+:.{32}/,
};

/**
 * Reads JWT_SECRETS, of which no two have the same name or secret. JWT_SECRET
 * may have the secret of one of them: with a name in addition, it lets servers
 * rotate one after the other.
 */
function readNamedEntries(reader: SettingReader): readonly Entry[] {
  const { name, text, isFile } = readTextOrFile(reader, "JWT_SECRETS");
  if (text === null) return [];
  const form = isFile ? entriesInFile : entriesInText;
  const entries: Entry[] = [];
  for (const [index, written] of text.split(form.between).entries()) {
    const place = `${name} ${form.unit} ${index + 1}`;
    const colon = written.indexOf(":");
    if (colon === -1) {
      reader.fault(
        `${place} must be name:secret, and a ${form.separator} ends it.`,
      );
      continue;
    }
    if (form.severalEntries.test(written)) {
      reader.fault(
        `${place} holds more than one name:secret: a ${form.separator} separates them.`,
      );
    }
    const kid = written.slice(0, colon);
    // The first colon ends the name: a secret may hold colons.
    const entry = { place, kid, secret: written.slice(colon + 1) };
    faultsOfEntry(entry, entries).forEach((fault) => reader.fault(fault));
    entries.push(entry);
  }
  return entries;
}

/** What is wrong with an entry's name, and with it among those before it. */
function faultsOfEntry(entry: Entry, others: readonly Entry[]): string[] {
  const { place, kid, secret } = entry;
  const faults: string[] = [];
  if (kid === null || !/^[\w.-]{1,64}$/.test(kid)) {
    faults.push(
      `The name in ${place} must be 1 to 64 letters, digits, dots, "_" or "-".`,
    );
  }
  const namesake = others.find((other) => other.kid === kid);
  if (namesake !== undefined) {
    faults.push(`${place} has the name of ${namesake.place}: give it another.`);
  }
  // With the same secret under a new name, nothing would be rotated.
  const twin = others.find((other) => other.secret === secret);
  if (twin !== undefined) {
    faults.push(
      `${place} has the secret of ${twin.place}: onejot key prints another.`,
    );
  }
  return faults;
}

/** Reads JWT_SECRET: one entry, or none. */
function readUnnamedEntry(reader: SettingReader): readonly Entry[] {
  const { name, text } = readTextOrFile(reader, "JWT_SECRET");
  return text === null ? [] : [{ place: name, kid: null, secret: text }];
}

interface TextOrFile {
  /** The setting that was read, which faults name. */
  readonly name: string;
  /** What it says; null where it is not set or, which is a fault, unusable. */
  readonly text: string | null;
  readonly isFile: boolean;
}

/** Reads a setting, or the file that the setting `<name>_FILE` names. */
function readTextOrFile(reader: SettingReader, name: string): TextOrFile {
  const fileSetting = `${name}_FILE`;
  if (!reader.has(fileSetting)) {
    return { name, text: reader.text(name), isFile: false };
  }
  if (reader.has(name)) {
    reader.fault(`${name} and ${fileSetting} are both set: unset one of them.`);
    return { name: fileSetting, text: null, isFile: true };
  }
  const text = reader.parsed(fileSetting, textOfFile);
  return { name: fileSetting, text, isFile: true };
}

/**
 * The path of a file, which stands for the file's text without one newline at
 * its end.
 */
const textOfFile: Syntax<string> = {
  parse(path) {
    try {
      const bytes = readFileSync(path);
      const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
      return text.replace(/\r?\n$/, "");
    } catch {
      return null;
    }
  },
  fault: "names a file that cannot be read as UTF-8 text (Deno: --allow-read).",
};

function faultOfSecret(secret: string, byteCount: number): string | null {
  // What Bun reads other bytes as.
  if (secret.includes("\ufffd")) return "is not UTF-8 text";
  // RFC 7518 §3.2: a key as long as the hash, or longer.
  if (byteCount < 32) return "has fewer than 32 bytes";
  // RFC 8725 §2.1: a public key that is taken for a secret.
  if (secret.includes("-----BEGIN ")) return "is a PEM, not a secret";
  if (/^\s*\{.*"kty"/s.test(secret)) return "is a JWK, not a secret";
  const hasFewCharacters = new Set(secret).size < 8;
  if (hasFewCharacters || isGuessable(secret)) {
    return "is a placeholder, or as good as";
  }
  return null;
}
