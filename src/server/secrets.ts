/**
 * The secrets of the settings: JWT_SECRET, for tokens without `kid`, and JWT_SECRETS, told apart by
 * `kid` (RFC 7515 §4.1.4), of which the first signs; each also as a file. Refused: what is short
 * (RFC 7518 §3.2), a PEM, a JWK or a placeholder, and a name or a secret that two entries have.
 * A fault says which entry and never quotes it, not even its name: they could be the wrong way round.
 */

import { readFileSync } from "node:fs";
import type { SettingReader } from "./setting_reader.ts";

/** A secret's UTF-8 bytes, as other libraries take it, and the `kid` of its tokens or null. */
export interface TokenSecret {
  readonly kid: string | null;
  readonly bytes: Uint8Array;
}

interface Entry {
  readonly place: string; // what a fault calls it
  readonly kid: string | null;
  readonly secret: string;
}

/** Reads the secrets, the one that signs first; none where nothing is set. */
export function readSecrets(reader: SettingReader): readonly TokenSecret[] {
  const named = readNamedEntries(reader);
  const { name: place, text } = readTextOrFile(reader, "JWT_SECRET");
  const entries = text === null
    ? named
    : [...named, { place, kid: null, secret: text }];
  return entries.map(({ place, kid, secret }) => {
    const bytes = new TextEncoder().encode(secret);
    const fault = faultOfSecret(secret, bytes.length);
    const subject = kid === null ? place : `The secret in ${place}`;
    if (fault !== null) {
      reader.fault(`${subject} ${fault}: onejot key prints a fresh one.`);
    }
    return { kid, bytes };
  });
}

/** No two of them are the same. JWT_SECRET may be: with a name too, it lets servers rotate in turn. */
function readNamedEntries(reader: SettingReader): readonly Entry[] {
  const { name, text, isFile } = readTextOrFile(reader, "JWT_SECRETS");
  const [unit, separator] = isFile
    ? ["line", "line break"]
    : ["entry", "comma"];
  const entries: Entry[] = [];
  for (
    const [index, part] of text?.split(isFile ? /\r?\n/ : ",").entries() ?? []
  ) {
    const place = `${name} ${unit} ${index + 1}`;
    const [, kid, secret = ""] = /^([^:]*):(.*)$/s.exec(part) ?? []; // a secret may hold colons
    if (kid === undefined) {
      reader.fault(`${place} must be name:secret, and a ${separator} ends it.`);
      continue;
    }
    // The other form's separator would make one long secret of several entries, unnoticed.
    if (isFile ? /,[\w.-]+:.{32}/.test(part) : /[\r\n]/.test(part)) {
      reader.fault(
        `${place} holds more than one name:secret: a ${separator} separates them.`,
      );
    }
    if (!/^[\w.-]{1,64}$/.test(kid)) {
      reader.fault(
        `The name in ${place} must be 1 to 64 letters, digits, dots, "_" or "-".`,
      );
    }
    const namesake = entries.find((entry) => entry.kid === kid);
    if (namesake) {
      reader.fault(
        `${place} has the name of ${namesake.place}: give it another.`,
      );
    }
    const twin = entries.find((entry) => entry.secret === secret); // so nothing would be rotated
    if (twin) {
      reader.fault(
        `${place} has the secret of ${twin.place}: onejot key prints another.`,
      );
    }
    entries.push({ place, kid, secret });
  }
  return entries;
}

/** What a setting says, or the file that its `_FILE` names; null where neither is there. */
function readTextOrFile(reader: SettingReader, setting: string) {
  const file = `${setting}_FILE`;
  if (!reader.has(file)) {
    return { name: setting, text: reader.text(setting), isFile: false };
  }
  const fault =
    "names a file that cannot be read as UTF-8 text (Deno: --allow-read).";
  const isAlone = !reader.has(setting);
  if (!isAlone) {
    reader.fault(`${setting} and ${file} are both set: unset one of them.`);
  }
  return {
    name: file,
    text: isAlone ? reader.parsed(file, readUtf8, fault) : null,
    isFile: true,
  };
}

/** A file's text without one newline at its end. */
function readUtf8(path: string): string | null {
  try {
    const bytes = readFileSync(path);
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).replace(
      /\r?\n$/,
      "",
    );
  } catch {
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
