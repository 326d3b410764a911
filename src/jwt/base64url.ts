/**
 * base64url without padding: RFC 4648 §3.2, §5, RFC 7515 §2. One byte string
 * has exactly one text: padding, white space, other characters, other lengths
 * and bits behind the last byte are refused.
 *
 * Three bytes are 24 bits, and so are four characters of six bits (RFC 4648
 * §4). Both functions go through the whole threes or fours first and then
 * through the one shorter group that may be left at the end.
 */

import { JwtError } from "./error.ts";
import { isBytes } from "./given.ts";

/**
 * Bytes as WebCrypto takes them: `Uint8Array<ArrayBuffer>` since TypeScript 5.7,
 * and `Uint8Array` before, which knows no parameter there.
 *
 * @internal
 */
type Bytes = ReturnType<typeof Uint8Array.of>;

const alphabet =
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** The values are six bits; this is none of them. */
const notInAlphabet = 64;

const valueOfCharacter = new Uint8Array(128).fill(notInAlphabet);
for (let value = 0; value < alphabet.length; value++) {
  valueOfCharacter[alphabet.charCodeAt(value)] = value;
}

// To add a text up character by character takes Bun five times as long.
const decoder = new TextDecoder();

// A text is written here and read before the function returns. New memory for
// each text costs Deno three times the encoding. No token is longer.
const scratch = new Uint8Array(8192);

/**
 * Encodes bytes: four characters for three, no padding and no line feeds
 * (RFC 4648 §3.1).
 *
 * @param bytes any number of them
 * @returns the one text that {@link decodeBase64url} takes for these bytes
 * @throws {TypeError} they are no Uint8Array: an ArrayBuffer, as WebCrypto gives
 *   it, is put into one first
 */
export function encodeBase64url(bytes: Uint8Array): string {
  if (!isBytes(bytes)) {
    throw new TypeError("Cannot encode: the bytes must be a Uint8Array.");
  }
  const length = Math.ceil(bytes.length * 4 / 3);
  const text = length > scratch.length
    ? new Uint8Array(length)
    : scratch.subarray(0, length);
  const left = bytes.length % 3;
  const end = bytes.length - left;
  let written = 0;
  for (let index = 0; index < end; index += 3) {
    const bits = byteAt(bytes, index) << 16 |
      byteAt(bytes, index + 1) << 8 |
      byteAt(bytes, index + 2);
    text[written++] = alphabet.charCodeAt(bits >> 18);
    text[written++] = alphabet.charCodeAt((bits >> 12) & 63);
    text[written++] = alphabet.charCodeAt((bits >> 6) & 63);
    text[written++] = alphabet.charCodeAt(bits & 63);
  }
  // RFC 4648 §3.5: the bits behind the last byte are zero.
  if (left === 1) {
    const bits = byteAt(bytes, end) << 4;
    text[written++] = alphabet.charCodeAt(bits >> 6);
    text[written] = alphabet.charCodeAt(bits & 63);
  }
  if (left === 2) {
    const bits = byteAt(bytes, end) << 10 | byteAt(bytes, end + 1) << 2;
    text[written++] = alphabet.charCodeAt(bits >> 12);
    text[written++] = alphabet.charCodeAt((bits >> 6) & 63);
    text[written] = alphabet.charCodeAt(bits & 63);
  }
  return decoder.decode(text);
}

/**
 * Decodes what {@link encodeBase64url} has made, and nothing else.
 *
 * @param text base64url without padding
 * @param bytes where the bytes go, if given: at least three quarters of the
 *   text's length
 * @returns the bytes, a part of `bytes` if given
 * @throws {JwtError} `malformed`: no bytes have this text
 * @throws {TypeError} the text is none, or `bytes` is no Uint8Array
 * @throws {RangeError} `bytes` has no room for them
 */
export function decodeBase64url(
  text: string,
  bytes: Bytes = newBytesFor(text),
): Bytes {
  requireText(text);
  if (!isBytes(bytes)) {
    throw new TypeError("Cannot decode: the bytes must go into a Uint8Array.");
  }
  if (bytes.length < lengthOfBytes(text)) {
    throw new RangeError("Cannot decode: the Uint8Array is too short.");
  }
  const left = text.length % 4;
  if (left === 1) throw new JwtError("malformed"); // six bits are no byte
  const end = text.length - left;
  let written = 0;
  for (let index = 0; index < end; index += 4) {
    const bits = valueAt(text, index) << 18 |
      valueAt(text, index + 1) << 12 |
      valueAt(text, index + 2) << 6 |
      valueAt(text, index + 3);
    bytes[written++] = bits >> 16;
    bytes[written++] = bits >> 8;
    bytes[written++] = bits;
  }
  let strayBits = 0;
  if (left === 2) {
    const bits = valueAt(text, end) << 6 | valueAt(text, end + 1);
    bytes[written++] = bits >> 4;
    strayBits = bits & 0b1111;
  }
  if (left === 3) {
    const bits = valueAt(text, end) << 12 |
      valueAt(text, end + 1) << 6 |
      valueAt(text, end + 2);
    bytes[written++] = bits >> 10;
    bytes[written++] = bits >> 2;
    strayBits = bits & 0b11;
  }
  if (strayBits !== 0) throw new JwtError("malformed"); // RFC 4648 §3.5
  return bytes.subarray(0, written);
}

function newBytesFor(text: string): Bytes {
  requireText(text);
  return new Uint8Array(lengthOfBytes(text));
}

function requireText(text: string): void {
  if (typeof text === "string") return;
  throw new TypeError("Cannot decode: base64url is a text.");
}

/** How many bytes a text has room for: six bits in each character. */
function lengthOfBytes(text: string): number {
  return text.length * 3 >> 2;
}

/** A byte of which the caller knows that it is there. */
function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] as number; // index + 1 is at most the length
}

/** The six bits for which a character stands. `malformed` for any other. */
function valueAt(text: string, index: number): number {
  const value = valueOfCharacter[text.charCodeAt(index)] ?? notInAlphabet;
  if (value === notInAlphabet) throw new JwtError("malformed"); // RFC 4648 §3.3
  return value;
}
