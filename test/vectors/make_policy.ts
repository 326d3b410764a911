/**
 * Configuration: a policy or a secret that cannot mean what its author thought. Nothing may be
 * accepted by it; best it is reported as misuse, whatever the token.
 */

import { Buffer } from "node:buffer";
import type { Case } from "../conformance/corpus.ts";
import { forge, hmac, plainHeader, secret, withSignature } from "./forge.ts";
import { type Row, special, verifying } from "./making.ts";

const good = forge('{"iss":"a","aud":"a","sub":"1","iat":100,"exp":9999999999}');
const base = { audience: "a" };

const absent: [string, unknown][] = [["undefined", special("undefined")], ["null", null]];
const noText: [string, unknown][] = [
  ...absent,
  ["an empty text", ""],
  ["a number", 1],
  ["zero", 0],
  ["true", true],
  ["false", false],
  ["an object", {}],
  ["an empty array", []],
  ["an array of an empty text", [""]],
  ["an array of a number", [1]],
  ["an array of null", [null]],
  ["a name and an empty text", ["a", ""]],
  ["a nested array", [["a"]]],
];
const noNumber: [string, unknown][] = [
  ...absent,
  ["a text", "60"],
  ["an empty text", ""],
  ["true", true],
  ["an array", [60]],
  ["an object", {}],
  ["NaN", special("NaN")],
  ["Infinity", special("Infinity")],
  ["-Infinity", special("-Infinity")],
  ["negative", -1],
];
const wrong: Record<string, readonly [string, unknown][]> = {
  issuer: noText,
  audience: noText,
  typ: [...noText, ["an array of a text", ["JWT"]]],
  requiredClaims: [...noText.filter(([name]) => name !== "an empty text"), ["a text", "sub"]],
  maxAgeSeconds: noNumber,
  leewaySeconds: [...noNumber, ["above 300", 301], ["a day", 86400]],
  maxLength: noNumber,
  now: noNumber.filter(([name]) => !["negative", ...absent.map(([name]) => name)].includes(name)),
};

/** The PEM of a public key: what an attacker can read, and a verifier must not take for a secret. */
const pem = `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV7
6e8Tus9uPHvRVEU8UTW84jCYVfxXGJxGXgVX7GZ9aTQJlGhaR4iy0uLnVw==
-----END PUBLIC KEY-----
`;
const pemRows: [string, string][] = [
  ["as it is", pem],
  ["without its last line feed", pem.trimEnd()],
  ["with CRLF", pem.replaceAll("\n", "\r\n")],
  ["in one line", pem.replaceAll("\n", "")],
  ["behind a comment", `Bag Attributes: a\n${pem}`],
  ["behind white space", `\n ${pem}`],
  ["of a certificate", pem.replaceAll("PUBLIC KEY", "CERTIFICATE")],
  ["of an RSA key", pem.replaceAll("PUBLIC KEY", "RSA PUBLIC KEY")],
];

export const policies: readonly Case[] = [
  ...Object.entries(wrong).flatMap(([member, rows]) =>
    verifying(`policy ${member}`, {
      attack: "misconfiguration",
      why: `No sentence speaks of configuration; a wrong ${member} must never mean no check.`,
    }, rows.map(([name, value]) => misconfigured(member, name, value)))
  ),
  ...verifying("secret", {
    clause: "RFC 7518 3.2a",
    why: "RFC 7518 3.2: a key of the size of the hash output, 256 bits, or larger must be used.",
  }, [
    ...[0, 1, 16, 24, 31].map((length): Row => {
      const short = secret.subarray(0, length);
      return [`of ${length} bytes`, forge("{}", plainHeader, short), "RangeError", {
        secret: short,
      }];
    }),
    ...[32, 33, 48, 64, 65, 128, 200].map((length): Row => {
      const long = new Uint8Array(length).fill(length);
      return [`of ${length} bytes`, forge("{}", plainHeader, long), "accept", { secret: long }];
    }),
  ]),
  ...verifying("secret", {
    clause: "RFC 8725 2.1",
    attack: "algorithm confusion",
    why: "RFC 8725 2.1: a public key, which everybody knows, is not used as an HMAC secret.",
  }, [
    ...pemRows.map(([name, text]): Row => {
      const key = new Uint8Array(Buffer.from(text));
      const token = forge('{"sub":"admin"}', plainHeader, key);
      return [`a PEM ${name}`, token, "TypeError", { secret: key }];
    }),
  ]),
  ...verifying("secret", {
    clause: "RFC 8725 3.1b",
    why: "RFC 8725 3.1: a key is used with exactly one algorithm.",
  }, [["with the MAC of another hash", anotherHash(), "signature"]]),
  ...verifying("secret", {
    clause: "RFC 7515 10.2",
    why: "RFC 7515 10.2: who knows no key makes no MAC; nothing of the token stands in for it.",
  }, [["the token's own text as the key", ownText(), "signature"]]),
];

function misconfigured(member: string, name: string, value: unknown): Row {
  const policy = member === "audience" ? { audience: value } : { ...base, [member]: value };
  const outcome = member === "now" ? "RangeError" : "TypeError";
  return [name, good, outcome, { policy }];
}

function anotherHash(): string {
  const input = good.slice(0, good.lastIndexOf("."));
  return withSignature(good, hmac(input, secret, "sha512").subarray(0, 32));
}

function ownText(): string {
  const input = good.slice(0, good.lastIndexOf("."));
  return withSignature(good, hmac(input, new TextEncoder().encode(input)));
}
