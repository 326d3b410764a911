/**
 * The secrets of the settings: JWT_SECRET, for tokens without `kid`, and JWT_SECRETS, told apart by
 * `kid` (RFC 7515 §4.1.4), of which the first signs; each also as a file. Refused: what is short
 * (RFC 7518 §3.2), a PEM, a JWK or a placeholder, and a name or a secret that two entries have.
 * A fault says which entry and never quotes it, not even its name: they could be the wrong way round.
 */

import { readFileSync } from "node:fs";

/** A secret's UTF-8 bytes, as other libraries take it, and the `kid` of its tokens or null. */
export interface TokenSecret {
  readonly kid: string | null;
  readonly bytes: Uint8Array;
}

/** Gives settings by name, null where there is none, and gathers what is wrong with them. */
export interface SettingSource {
  has(name: string): boolean;
  text(name: string): string | null;
  fault(sentence: string): void;
}

/** Where a secret can stand; with none of these set there is no secret. */
export const secretSettings: readonly string[] = ["JWT_SECRET", "JWT_SECRETS"]
  .flatMap((name) => [name, `${name}_FILE`]);

interface Entry {
  readonly place: string; // what a fault calls it
  readonly kid: string | null;
  readonly secret: string;
}

/** Reads the secrets, the one that signs first. What is wrong goes to `source.fault`. */
export function readSecrets(source: SettingSource): readonly TokenSecret[] {
  const named = readNamedEntries(source);
  faultRepetitions(source, named); // not JWT_SECRET: named as well, it lets servers rotate in turn
  const { name: place, text } = readTextOrFile(source, "JWT_SECRET");
  const entries = text === null ? named : [...named, { place, kid: null, secret: text }];
  return entries.map(({ place, kid, secret }) => {
    const bytes = new TextEncoder().encode(secret);
    const fault = faultOfSecret(secret, bytes.length);
    const subject = kid === null ? place : `The secret in ${place}`;
    if (fault !== null) source.fault(`${subject} ${fault}: onejot key prints a fresh one.`);
    return { kid, bytes };
  });
}

function readNamedEntries(source: SettingSource): readonly Entry[] {
  const { name, text, isFile } = readTextOrFile(source, "JWT_SECRETS");
  if (text === null) return [];
  const [unit, separator] = isFile ? ["line", "line break"] : ["entry", "comma"];
  return text.split(isFile ? /\r?\n/ : ",").flatMap((part, index) => {
    const place = `${name} ${unit} ${index + 1}`;
    const colon = part.indexOf(":"); // the first: a secret may hold others
    if (colon < 0) {
      source.fault(`${place} must be name:secret, and a ${separator} ends it.`);
      return [];
    }
    // The other form's separator would make one long secret of several entries, unnoticed.
    if (isFile ? /,[\w.-]+:.{32}/.test(part) : /[\r\n]/.test(part)) {
      source.fault(`${place} holds more than one name:secret: a ${separator} separates them.`);
    }
    const kid = part.slice(0, colon);
    if (!/^[\w.-]{1,64}$/.test(kid)) {
      source.fault(`The name in ${place} must be 1 to 64 letters, digits, dots, "_" or "-".`);
    }
    return [{ place, kid, secret: part.slice(colon + 1) }];
  });
}

function faultRepetitions(source: SettingSource, entries: readonly Entry[]): void {
  for (const [index, { place, kid, secret }] of entries.entries()) {
    const earlier = entries.slice(0, index);
    const namesake = earlier.find((entry) => entry.kid === kid);
    if (namesake) source.fault(`${place} has the name of ${namesake.place}: give it another.`);
    const twin = earlier.find((entry) => entry.secret === secret); // so nothing would be rotated
    if (twin) source.fault(`${place} has the secret of ${twin.place}: onejot key prints another.`);
  }
}

/** What a setting says, or the file that its `_FILE` names; null where neither is there. */
function readTextOrFile(source: SettingSource, setting: string) {
  const name = `${setting}_FILE`;
  const file = source.text(name);
  if (file === null) return { name: setting, text: source.text(setting), isFile: false };
  if (!source.has(setting)) return { name, text: readSecretFile(source, name, file), isFile: true };
  source.fault(`${setting} and ${name} are both set: unset one of them.`);
  return { name, text: null, isFile: true };
}

function readSecretFile(source: SettingSource, name: string, path: string): string | null {
  try {
    const bytes = readFileSync(path);
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).replace(/\r?\n$/, "");
  } catch {
    source.fault(`${name} names a file that cannot be read as UTF-8 text (Deno: --allow-read).`);
    return null;
  }
}

function faultOfSecret(secret: string, length: number): string | null {
  if (secret.includes("\ufffd")) return "is not UTF-8 text"; // what Bun makes of other bytes
  if (length < 32) return "has fewer than 32 bytes"; // RFC 7518 §3.2
  if (secret.includes("-----BEGIN ")) return "is a PEM, not a secret"; // RFC 8725 §2.1
  if (/^\s*\{.*"kty"/s.test(secret)) return "is a JWK, not a secret";
  const isGood = !placeholder.test(secret) && new Set(secret).size >= 8;
  return isGood ? null : "is a placeholder, or as good as";
}

const placeholder =
  /change.?(?:me|this|it)|replace.?(?:me|this|it|with)|place.?holder|your.{0,20}(?:secret|key)|super.?secret|a-string-secret|example|password|insert.?(?:your|here)/i;
