/**
 * What is stored of a password: one text, which names its scheme and its cost.
 * Argon2id is in the PHC string form, as other programs have it:
 * `$argon2id$v=19$m=<KiB>,t=<passes>,p=<lanes>$<salt>$<hash>` in base64 without
 * padding. PBKDF2 is `pbkdf2-sha256$<iterations>$<salt>$<hash>` in base64url.
 * Refused: any other form, and a cost that could stop the server.
 */

import { decodeBase64url, encodeBase64url } from "../jwt/jwt.ts";

declare const isPasswordHash: unique symbol;

/** @internal */
type Hashed = { readonly [isPasswordHash]: true };

/** What is stored of a password, with its own scheme, salt and cost. */
export type PasswordHash = string & Hashed;

/** The cost of a hash by Argon2id (RFC 9106 §3.1). */
export interface Argon2idCost {
  readonly scheme: "argon2id";
  /** In KiB. */
  readonly memory: number;
  readonly passes: number;
  /** The degree of parallelism. */
  readonly lanes: number;
}

/** The cost of a hash by PBKDF2-HMAC-SHA256 (RFC 8018 §5.2). */
export interface Pbkdf2Cost {
  readonly scheme: "pbkdf2";
  readonly iterations: number;
}

/** What a hash costs. */
export type HashCost = Argon2idCost | Pbkdf2Cost;

/** A stored hash, taken apart. */
export interface HashParts {
  readonly cost: HashCost;
  readonly salt: Bytes;
  readonly hash: Bytes;
}

/** Bytes as WebCrypto takes them, in each version of TypeScript. */
type Bytes = ReturnType<typeof decodeBase64url>;

/** Makes the text that is stored: the one place that makes a PasswordHash. */
export function writePasswordHash(
  { cost, salt, hash }: HashParts,
): PasswordHash {
  const encode = cost.scheme === "argon2id" ? encodeBase64 : encodeBase64url;
  const text = `${writeCost(cost)}${encode(salt)}$${encode(hash)}`;
  return text as PasswordHash;
}

/**
 * Takes a stored hash apart.
 *
 * @throws {Error} it has another form, or a cost that could stop the server
 */
export function readPasswordHash(stored: PasswordHash): HashParts {
  const cost = readCost(stored);
  if (cost === null) throw unreadable();
  const rest = stored.slice(writeCost(cost).length);
  const [saltText = "", hashText = "", ...others] = rest.split("$");
  const isArgon2id = cost.scheme === "argon2id";
  const decode = isArgon2id ? decodeBase64 : decodeBase64url;
  const salt = decode(saltText);
  const hash = decode(hashText);
  const [least, greatest] = isArgon2id ? [16, 64] as const : [32, 32] as const;
  if (
    salt.length < 8 || hash.length < least || hash.length > greatest ||
    others.length > 0
  ) {
    throw unreadable();
  }
  return { cost, salt, hash };
}

function unreadable(): TypeError {
  return new TypeError(
    "Cannot read a stored password hash: it has another form.",
  );
}

/**
 * How the texts of all hashes of one cost begin: they lie together where texts
 * are in the order of their bytes.
 */
export function writeCost(cost: HashCost): string {
  if (cost.scheme === "pbkdf2") return `pbkdf2-sha256$${cost.iterations}$`;
  const { memory, passes, lanes } = cost;
  return `$argon2id$v=19$m=${memory},t=${passes},p=${lanes}$`;
}

const argon2idForm =
  /^\$argon2id\$v=19\$m=([1-9]\d{0,5}),t=([1-9]\d?),p=([1-9]\d?)\$/;

const pbkdf2Form = /^pbkdf2-sha256\$([1-9]\d{0,8})\$/;

/** The cost of a stored hash; null where it cannot be read. */
export function readCost(stored: string): HashCost | null {
  const pbkdf2 = pbkdf2Form.exec(stored);
  if (pbkdf2 !== null) {
    const iterations = Number(pbkdf2[1]);
    if (iterations > 100_000_000) return null;
    return { scheme: "pbkdf2", iterations };
  }
  const argon2id = argon2idForm.exec(stored);
  if (argon2id === null) return null;
  const [memory = 0, passes = 0, lanes = 0] = argon2id.slice(1).map(Number);
  if (memory < 8 * lanes) return null; // RFC 9106 §3.1
  // One row must not stop the server. Other programs choose less than 128 MiB.
  if (memory > 131_072 || passes > 16 || lanes > 16) return null;
  return { scheme: "argon2id", memory, passes, lanes };
}

/** RFC 4648 §4, without padding, as PHC strings have it. */
function encodeBase64(bytes: Uint8Array): string {
  return encodeBase64url(bytes).replaceAll("-", "+").replaceAll("_", "/");
}

/** Of a text that has characters of base64 alone. */
function decodeBase64(text: string): Bytes {
  return decodeBase64url(text.replaceAll("+", "-").replaceAll("/", "_"));
}
