/**
 * Configuration: a policy or a secret that cannot mean what its author thought.
 * Nothing may be accepted by it; best it is reported as misuse, whatever the
 * token.
 */

import { Buffer } from "node:buffer";
import type { Case } from "../conformance/corpus.ts";
import { forge, hmac, plainHeader, secret, withSignature } from "./forge.ts";
import { type Row, special, verifying } from "./making.ts";

const good = forge(
  '{"iss":"a","aud":"a","sub":"1","iat":100,"exp":9999999999}',
);
const base = { audience: "a" };

const absent: [string, unknown][] = [["undefined", special("undefined")], [
  "null",
  null,
]];
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
  requiredClaims: [...noText.filter(([name]) => name !== "an empty text"), [
    "a text",
    "sub",
  ]],
  maxAgeSeconds: noNumber,
  leewaySeconds: [...noNumber, ["above 300", 301], ["a day", 86400]],
  maxLength: noNumber,
  now: noNumber.filter(([name]) =>
    !["negative", ...absent.map(([name]) => name)].includes(name)
  ),
};

/**
 * Public keys as PEM, made for this corpus: what everybody can read is no
 * secret.
 */
const pem = `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE3pAwFAid6g4TAdQ95hWYyuDbcf7Y
EYrSOiAGobtcKEJHfdiQ/AMa0Ps02H6sKIbboOmBBH8hx1yoJ++ksYBLSw==
-----END PUBLIC KEY-----
`;
const certificate = `-----BEGIN CERTIFICATE-----
MIIBZjCCAQygAwIBAgIBATAKBggqhkjOPQQDAjARMQ8wDQYDVQQDDAZvbmVqb3Qw
IBcNMjYxMTI0MjExNDI0WhgPMjEyNjEwMzEyMTE0MjRaMBExDzANBgNVBAMMBm9u
ZWpvdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABN6QMBQIneoOEwHUPeYVmMrg
23H+2BGK0jogBqG7XChCR33YkPwDGtD7NNh+rCiG26DpgQR/IcdcqCfvpLGAS0uj
UzBRMB0GA1UdDgQWBBSPj/fJ40Vr/8arDCHp9jutkquICzAfBgNVHSMEGDAWgBSP
j/fJ40Vr/8arDCHp9jutkquICzAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMC
A0gAMEUCIQDgtlGBjRojGXh0Hx8cTpR8M+etirnB9vbHoSyNAfI9kQIgcoQXFmj4
Z4uPz21+2QRQH84F+AJZB57JNLO4pKXRgOA=
-----END CERTIFICATE-----
`;
const rsaPem = `-----BEGIN RSA PUBLIC KEY-----
MIGJAoGBANtDFJigy0Ts+tJmexz58148dwUjJVMaVc+fafir5v+nBFVFV3SSlU8U
n9uNLP0eaIXW/P+aGgitGO99McXqHV8wMayLAMfsSa1XCYvmjA9xt/IwbGLgk699
xFVL1oDwxcXVuQO7UABRU8LHvgFbqudyvF6lAnQ7Nx4cgWoYgidLAgMBAAE=
-----END RSA PUBLIC KEY-----
`;
const pemRows: [string, string][] = [
  ["as it is", pem],
  ["without its last line feed", pem.trimEnd()],
  ["with CRLF", pem.replaceAll("\n", "\r\n")],
  ["behind a comment", `Bag Attributes: a\n${pem}`],
  ["behind white space", `\n ${pem}`],
  ["of a certificate", certificate],
  ["of an RSA key", rsaPem],
];

export const policies: readonly Case[] = [
  ...Object.entries(wrong).flatMap(([member, rows]) =>
    verifying(`policy ${member}`, {
      attack: "misconfiguration",
      why:
        `No sentence speaks of configuration; a wrong ${member} must never mean no check.`,
    }, rows.map(([name, value]) => misconfigured(member, name, value)))
  ),
  ...verifying("secret", {
    clause: "RFC 7518 3.2a",
    why:
      "RFC 7518 3.2: a key of the size of the hash output, 256 bits, or larger must be used.",
  }, [
    ...[0, 1, 16, 24, 31].map((length): Row => {
      const short = secret.subarray(0, length);
      return [
        `of ${length} bytes`,
        forge("{}", plainHeader, short),
        "RangeError",
        {
          secret: short,
        },
      ];
    }),
    ...[32, 33, 48, 64, 65, 128, 200].map((length): Row => {
      const long = new Uint8Array(length).fill(length);
      return [`of ${length} bytes`, forge("{}", plainHeader, long), "accept", {
        secret: long,
      }];
    }),
  ]),
  ...verifying("secret", {
    clause: "RFC 8725 2.1",
    attack: "algorithm confusion",
    isHardening: true,
    why:
      "No sentence forbids a key by its form; RFC 8725 2.1 tells the attack that this ends.",
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
    why:
      "RFC 7515 10.2: who knows no key makes no MAC; nothing of the token stands in for it.",
  }, [["the token's own text as the key", ownText(), "signature"]]),
];

function misconfigured(member: string, name: string, value: unknown): Row {
  const policy = member === "audience"
    ? { audience: value }
    : { ...base, [member]: value };
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
