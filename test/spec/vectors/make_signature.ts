/**
 * The signature: each byte flipped, cut off, extended, made with another key,
 * another hash or over another input. All but the first are to be refused.
 */

import type { Case } from "../conformance/corpus.ts";
import { createHash } from "node:crypto";
import {
  encoded,
  forge,
  hmac,
  otherSecret,
  plainHeader,
  secret,
  withSignature,
} from "./forge.ts";
import { type Row, verifying } from "./making.ts";

const good = forge('{"sub":"1"}');
const [header = "", payload = "", signature = ""] = good.split(".");
const input = `${header}.${payload}`;
const mac = hmac(input);
const other = forge('{"sub":"2"}');
const wrong = (name: string, value: string | Uint8Array): Row => [
  name,
  withSignature(good, value),
  "signature",
];
const numbers = (length: number) => Array.from({ length }, (_, index) => index);

export const signatures: readonly Case[] = [
  ...verifying("signature", {
    clause: "RFC 7518 3.2b",
    why:
      "RFC 7518 3.2: HMAC SHA-256 over the JWS Signing Input, with the shared key.",
  }, [
    ["true", good, "accept", { claims: { sub: "1" } }],
    [
      "true with a long key",
      forge("{}", plainHeader, new Uint8Array(100).fill(7)),
      "accept",
      {
        secret: new Uint8Array(100).fill(7),
      },
    ],
    ["true over an odd layout", forge('{ "sub" : "1" }'), "accept", {
      claims: { sub: "1" },
    }],
    wrong("with SHA-384", hmac(input, secret, "sha384")),
    wrong("with SHA-512", hmac(input, secret, "sha512")),
    wrong(
      "with SHA-512, cut to 32 bytes",
      hmac(input, secret, "sha512").subarray(0, 32),
    ),
    wrong("with SHA-1", hmac(input, secret, "sha1")),
    wrong("with SHA-512/256", hmac(input, secret, "sha512-256")),
    wrong("as a plain SHA-256", sha256(input)),
    wrong("as SHA-256 of key and input", sha256(secret, input)),
    wrong("as SHA-256 of input and key", sha256(input, secret)),
    wrong("twice", hmac(new TextDecoder("latin1").decode(mac))),
  ]),
  ...verifying("signature", {
    clause: "RFC 7515 5.2k",
    why:
      "RFC 7515 5.2 step 8: it must be valid for the signing input, header and payload as they are.",
  }, [
    wrong("over the header alone", hmac(header)),
    wrong("over the payload alone", hmac(payload)),
    wrong("over the parts without a period", hmac(header + payload)),
    wrong("over the parts in reverse", hmac(`${payload}.${header}`)),
    wrong("over the decoded parts", hmac(`${plainHeader}.{"sub":"1"}`)),
    wrong("over the decoded payload", hmac('{"sub":"1"}')),
    wrong("over a period behind", hmac(`${input}.`)),
    wrong("over padded parts", hmac(`${header}.${payload}=`)),
    wrong("over UTF-16", hmac([...input].join("\0"))),
    wrong("of another token", other.slice(other.lastIndexOf(".") + 1)),
    [
      "true, the header laid out anew",
      `${encoded('{"alg": "HS256"}')}.${payload}.${signature}`,
      "signature",
    ],
    [
      "true, the payload laid out anew",
      `${header}.${encoded('{"sub": "1"}')}.${signature}`,
      "signature",
    ],
    [
      "true, the payload changed",
      `${header}.${encoded('{"sub":"2"}')}.${signature}`,
      "signature",
    ],
    [
      "true, a claim added",
      `${header}.${encoded('{"sub":"1","a":1}')}.${signature}`,
      "signature",
    ],
    [
      "true, typ dropped",
      `${encoded('{"alg":"HS256"}')}.${payload}.${signature}`,
      "signature",
    ],
    ["true, the parts' boundary moved", moved(), "malformed"],
  ]),
  ...verifying(
    "signature",
    {
      clause: "RFC 7515 5.2l",
      why:
        "RFC 7515 5.2 step 10: if no validation succeeds, the JWS must be considered invalid.",
    },
    numbers(32).map((index) =>
      wrong(`byte ${index} flipped`, flipped(index, 0xff))
    ),
  ),
  ...verifying("signature", {
    clause: "RFC 7515 5.2b",
    why:
      "RFC 7515 5.2: without a signature that validates, the JWS must be considered invalid.",
  }, [
    ...[0, 1, 2, 7, 8, 127, 128, 254, 255].map((bit) =>
      wrong(`bit ${bit} flipped`, flipped(bit >> 3, 1 << (bit & 7)))
    ),
    wrong("of random bytes", sha256("random")),
    wrong("in reverse", new Uint8Array([...mac].reverse())),
  ]),
  ...verifying("signature", {
    clause: "RFC 7515 5.2a",
    why: "RFC 7515 5.2: if any step fails, the signature cannot be validated.",
  }, [
    wrong("cut off whole", ""),
    ...[1, 2, 4, 8, 15, 16, 20, 28, 30, 31].map((length) =>
      wrong(`cut to ${length} bytes`, mac.subarray(0, length))
    ),
    wrong("its first byte cut off", mac.subarray(1)),
    wrong("extended by a zero", new Uint8Array([...mac, 0])),
    wrong("extended by itself", new Uint8Array([...mac, ...mac])),
    wrong(
      "extended by 32 zeros",
      new Uint8Array([...mac, ...new Uint8Array(32)]),
    ),
    wrong("behind a zero", new Uint8Array([0, ...mac])),
    wrong(
      "in hex",
      [...mac].map((byte) => byte.toString(16).padStart(2, "0")).join(""),
    ),
    wrong("encoded twice", encoded(signature)),
    wrong("in capitals", signature.toUpperCase()),
  ]),
  ...verifying("signature", {
    clause: "RFC 8725 3.3",
    why:
      "RFC 8725 3.3: every cryptographic operation is validated, any failure rejects the JWT.",
  }, [
    [
      "with another key",
      forge('{"sub":"1"}', plainHeader, otherSecret),
      "signature",
    ],
    ["with a key that has a zero more", keyed([...secret, 0]), "signature", {
      secret: longer(),
    }],
    ["with a key that lacks a byte", keyed([...secret].slice(1)), "signature"],
    [
      "with the key's base64url text",
      keyed(text(encoded(secret))),
      "signature",
    ],
    ["with the key in reverse", keyed([...secret].reverse()), "signature"],
    ["with an empty key", keyed([]), "signature"],
    ["with a key of 32 zeros", keyed([...new Uint8Array(32)]), "signature"],
    ["with the word secret", keyed(text("secret")), "signature"],
    ["with the word null", keyed(text("null")), "signature"],
    ["with the word undefined", keyed(text("undefined")), "signature"],
  ]),
  ...verifying("signature", {
    clause: "RFC 7519 7.2d",
    why:
      "RFC 7519 7.2 steps 6 and 7: a JWS is validated with all the steps of RFC 7515.",
  }, [
    [
      "wrong over a good claims set",
      withSignature(good, new Uint8Array(32)),
      "signature",
    ],
    [
      "wrong over no claims set",
      withSignature(forge("prose"), new Uint8Array(32)),
      "signature",
    ],
    [
      "wrong over an expired token",
      withSignature(forge('{"exp":1}'), mac),
      "signature",
    ],
  ]),
  ...verifying("signature", {
    clause: "RFC 7519 11.2a",
    why:
      "RFC 7519 11.2: what is not signed is not trusted, so of a forged token nothing is read.",
  }, [
    [
      "wrong over a payload that is no base64url",
      `${header}.!.${encoded(mac)}`,
      "signature",
    ],
    [
      "wrong over a payload that is no JSON",
      `${header}.${encoded("{")}.${encoded(mac)}`,
      "signature",
    ],
  ]),
  ...verifying("zeros", {
    clause: "RFC 8725 3.3",
    attack: "psychic signature",
    why:
      "RFC 8725 3.3: CVE-2022-21449 let a signature of zeros pass; a MAC has no such value.",
  }, [
    ...[1, 16, 31, 32, 33, 64].map((length) =>
      wrong(`${length} zeros`, new Uint8Array(length))
    ),
    ...[1, 32, 64].map((length) =>
      wrong(`${length} times FF`, new Uint8Array(length).fill(255))
    ),
    wrong("a part of the true MAC and zeros", padded(16)),
    wrong("all but a byte of the true MAC and a zero", padded(31)),
  ]),
];

function flipped(index: number, bits: number): Uint8Array {
  return mac.map((byte, at) => at === index ? byte ^ bits : byte);
}

function padded(length: number): Uint8Array {
  const bytes = new Uint8Array(32);
  bytes.set(mac.subarray(0, length));
  return bytes;
}

function keyed(key: readonly number[]): string {
  return forge('{"sub":"1"}', plainHeader, new Uint8Array(key));
}

function text(word: string): number[] {
  return [...new TextEncoder().encode(word)];
}

/**
 * A key that HMAC does not pad to the same block as the shorter one: it has 65
 * bytes.
 */
function longer(): Uint8Array {
  return new Uint8Array(65).fill(1);
}

/**
 * The same text up to the signature, with the first period one character
 * further on.
 */
function moved(): string {
  return `${header}${payload[0]}.${payload.slice(1)}.${signature}`;
}

function sha256(...parts: (string | Uint8Array)[]): Uint8Array {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}
