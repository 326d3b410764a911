/**
 * base64url without padding: RFC 4648 §3.2, §5, RFC 7515 §2. One byte string has exactly one text:
 * padding, white space, other characters, other lengths and bits behind the last byte are refused.
 */
import { JwtError } from "./error.ts";
const alphabet =
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const valueOfCharacter = new Uint8Array(128).fill(64); // 64: not in the alphabet
for (let value = 0; value < 64; value++) {
  valueOfCharacter[alphabet.charCodeAt(value)] = value;
}
const decoder = new TextDecoder(); // to add characters up takes Bun five times as long
const scratch = new Uint8Array(8192); // new memory for each text costs Deno three times the encoding
/** Encodes bytes: four characters for three (RFC 4648 §4), no padding and no line feeds (§3.1). */
export function encodeBase64url(bytes) {
  const length = Math.ceil(bytes.length * 4 / 3);
  const text = length > scratch.length
    ? new Uint8Array(length)
    : scratch.subarray(0, length);
  for (let at = 0, index = 0; at < bytes.length; at += 3) { // RFC 4648 §3.5: zeros behind the bytes
    const bits = Number(bytes[at]) << 16 | Number(bytes[at + 1]) << 8 |
      Number(bytes[at + 2]);
    text[index++] = alphabet.charCodeAt(bits >> 18); // behind its end, an array takes nothing
    text[index++] = alphabet.charCodeAt(bits >> 12 & 63);
    text[index++] = alphabet.charCodeAt(bits >> 6 & 63);
    text[index++] = alphabet.charCodeAt(bits & 63);
  }
  return decoder.decode(text);
}
/** Decodes, into `bytes` if given; `malformed` for what {@link encodeBase64url} cannot make. */
export function decodeBase64url(
  text,
  bytes = new Uint8Array(text.length * 3 >> 2),
) {
  if (text.length % 4 === 1) {
    throw new JwtError("malformed"); // six bits are no byte
  }
  let [length, bits, bitCount] = [0, 0, 0];
  for (let index = 0; index < text.length; index++) {
    const value = valueOfCharacter[text.charCodeAt(index)] ?? 64;
    if (value === 64) {
      throw new JwtError("malformed"); // RFC 4648 §3.3
    }
    bits = bits << 6 | value;
    bitCount += 6;
    if (bitCount < 8) {
      continue;
    }
    bitCount -= 8;
    bytes[length++] = bits >> bitCount;
  }
  if ((bits & (1 << bitCount) - 1) !== 0) {
    throw new JwtError("malformed"); // RFC 4648 §3.5
  }
  return bytes.subarray(0, length);
}
