/**
 * The form of a token: parts and periods, white space, padding, alphabets,
 * stray bits, lengths and UTF-8. Wherever it can be, the MAC is true for the
 * text as it stands, so that the form alone is at fault.
 */

import type { Case } from "../conformance/corpus.ts";
import {
  encoded,
  forge,
  forgeParts,
  plainHeader,
  withSignature,
} from "./forge.ts";
import { type Row, verifying } from "./making.ts";

const good = forge('{"sub":"1"}');
const header = encoded(plainHeader);
const payload = encoded('{"sub":"1"}');
const signature = good.slice(good.lastIndexOf(".") + 1);
/**
 * A MAC whose last character ends in two zero bits, as that of every HS256
 * token does.
 */
const bytes = (...values: number[]) => new Uint8Array(values);

export const structure: readonly Case[] = [
  ...verifying("parts", {
    clause: "RFC 7515 5.2c",
    why: "RFC 7515 5.2 step 1: exactly two delimiting period characters.",
  }, [
    ["none", "", "malformed"],
    ["one", header, "malformed"],
    ["two", `${header}.${payload}`, "malformed"],
    [
      "two with a true MAC for the second",
      `${header}.${signature}`,
      "malformed",
    ],
    ["four", `${good}.`, "malformed"],
    ["four with a fourth", `${good}.${signature}`, "malformed"],
    ["four with one in front", `.${good}`, "malformed"],
    ["four with an empty one inside", good.replace(".", ".."), "malformed"],
    ["six", `${good}...`, "malformed"],
    ["a period alone", ".", "malformed"],
    ["three periods", "...", "malformed"],
    ["the periods percent-encoded", good.replaceAll(".", "%2E"), "malformed"],
    ["commas", good.replaceAll(".", ","), "malformed"],
    ["fullwidth periods", good.replaceAll(".", "\uff0e"), "malformed"],
  ]),
  ...verifying("parts", {
    clause: "RFC 7519 7.2a",
    why:
      "RFC 7519 7.2 steps 1 and 2: the JWT contains a period, and before it is base64url.",
  }, [
    ["no period in a word", "token", "malformed"],
    ["no period in the payload", payload, "malformed"],
    ["nothing before the first", forgeParts("", payload), "malformed"],
    ["nothing at all between two", "..", "malformed"],
    ["a scheme before it", `Bearer ${good}`, "malformed"],
    ["quotes around it", `"${good}"`, "malformed"],
  ]),
  ...verifying("parts", {
    clause: "RFC 7519 7.2e",
    attack: "JWE confusion",
    why:
      "RFC 7519 7.2 step 7: five parts are a JWE, which a verifier of signatures cannot read.",
  }, [
    ["five empty", "....", "encrypted"],
    ["five of which three are a good token", `${good}.a.b`, "encrypted"],
    ["five with a good token in the middle", `.${good}.`, "encrypted"],
    ["five with a good token at the end", `..${good}`, "encrypted"],
  ]),
  ...verifying("parts", {
    clause: "RFC 7515 7.1",
    why:
      "RFC 7515 7.1: the string is the three base64url parts, in this order.",
  }, [
    ["three in order", good, "accept", { claims: { sub: "1" } }],
    ["payload before header", `${payload}.${header}.${signature}`, "algorithm"],
    ["signature first", `${signature}.${header}.${payload}`, "malformed"],
    ["parts as bytes in hex", hexToken(), "malformed"],
  ]),
  ...verifying("parts", {
    clause: "RFC 7515 3.1",
    why:
      "RFC 7515 3.1: header, payload and signature are concatenated with periods.",
  }, [
    ["with a payload of one member", forge('{"a":1}'), "accept", {
      claims: { a: 1 },
    }],
    ["with an empty object", forge("{}"), "accept", { claims: {} }],
  ]),
  ...verifying("JSON form", {
    clause: "RFC 7515 7.2",
    why:
      "RFC 7519 1: a JWT is always represented in the compact serialization.",
  }, jsonForms()),
  ...verifying(
    "header text",
    {
      clause: "RFC 7515 5.2d",
      why:
        "RFC 7515 5.2 step 2: no line breaks, white space or other characters in the header.",
    },
    oddTexts(header).map((
      [name, text],
    ) => [name, forgeParts(text, payload), "malformed"]),
  ),
  ...verifying(
    "payload text",
    {
      clause: "RFC 7515 5.2i",
      why:
        "RFC 7515 5.2 step 6: no line breaks, white space or other characters in the payload.",
    },
    oddTexts(payload).map((
      [name, text],
    ) => [name, forgeParts(header, text), "malformed"]),
  ),
  ...verifying(
    "signature text",
    {
      clause: "RFC 7515 5.2j",
      why:
        "RFC 7515 5.2 step 7: no line breaks, white space or other characters in the signature.",
    },
    oddTexts(signature).map((
      [name, text],
    ) => [name, withSignature(good, text), "malformed"]),
  ),
  ...verifying("whole text", {
    clause: "RFC 7515 2d",
    why:
      "RFC 7515 2: base64url has no line breaks, white space or other additional characters.",
  }, [
    ["a BOM in front", `\ufeff${good}`, "malformed"],
    ["a line feed behind", `${good}\n`, "malformed"],
    ["CRLF behind", `${good}\r\n`, "malformed"],
    ["a NUL behind", `${good}\u0000`, "malformed"],
    ["a space in front", ` ${good}`, "malformed"],
    ["folded after 76 characters", good.replace(/^.{76}/, "$&\n"), "malformed"],
    ["a zero-width space inside", good.replace(".", "\u200b."), "malformed"],
    ["a soft hyphen behind", `${good}\u00ad`, "malformed"],
  ]),
  ...verifying("padding", {
    clause: "RFC 4648 3.3a",
    why: "RFC 7515 2 omits all trailing =, so RFC 4648 3.3 has them rejected.",
  }, [
    ["in the header", forgeParts(`${header}=`, payload), "malformed"],
    ["in the payload", forgeParts(header, `${payload}=`), "malformed"],
    [
      "twice in the payload",
      forgeParts(header, `${encoded("{}")}==`),
      "malformed",
    ],
    ["in the signature", `${good}=`, "malformed"],
    ["percent-encoded", `${good}%3D`, "malformed"],
    ["of full length in a payload", forgeParts(header, "e30="), "malformed"],
  ]),
  ...verifying("other alphabet", {
    clause: "RFC 4648 5a",
    why: "RFC 4648 5: base64url has - and _ where base64 has + and /.",
  }, [
    ["- and _ in the payload", forge('{"a":"~~~???"}'), "accept", {
      claims: { a: "~~~???" },
    }],
    [
      "+ and / in the payload",
      forgeParts(header, base64('{"a":"~~~???"}')),
      "malformed",
    ],
    [
      "+ and / in the header",
      forgeParts(base64('{"alg":"HS256","~":">>>?"}'), payload),
      "malformed",
    ],
    ["+ and / in the signature", base64Signature(), "malformed"],
  ]),
  ...verifying("stray bits", {
    clause: "RFC 4648 3.5b",
    why:
      "RFC 4648 3.5: a decoder may reject pad bits that are not zero, so one token is one text.",
  }, [
    [
      "the lowest of four in the payload",
      forgeParts(header, "eyJhIjoxfR"),
      "malformed",
    ],
    [
      "the highest of four in the payload",
      forgeParts(header, "eyJhIjoxfY"),
      "malformed",
    ],
    [
      "the lowest of two in the payload",
      forgeParts(header, "e31"),
      "malformed",
    ],
    [
      "the highest of two in the payload",
      forgeParts(header, "e32"),
      "malformed",
    ],
    [
      "lowest in the header",
      forgeParts(bumped(encoded('{"alg":"HS256"}')), payload),
      "malformed",
    ],
    ["lowest in the signature", bumped(good), "malformed"],
    ["both in the signature", bumped(bumped(bumped(good))), "malformed"],
  ]),
  ...verifying("length of base64url", {
    clause: "RFC 4648 4b",
    why:
      "RFC 4648 4: a final quantum has two characters or more, so one character over is none.",
  }, [
    [
      "one over in the header",
      forgeParts(`${header}A`.slice(0, 37), payload),
      "malformed",
    ],
    [
      "one over in the payload",
      forgeParts(header, `${encoded("{} ")}A`),
      "malformed",
    ],
    ["a payload of one", forgeParts(header, "e"), "malformed"],
    ["a signature of one", withSignature(good, "A"), "malformed"],
    ["two over in the signature", `${good}AA`, "malformed"],
    ["one byte over is two characters", forge('{"a":1} '), "accept", {
      claims: { a: 1 },
    }],
    ["two bytes over are three", forge('{"a":1}  '), "accept", {
      claims: { a: 1 },
    }],
    ["none over", forge('{"a":12}  '), "accept", { claims: { a: 12 } }],
  ]),
  ...verifying("no bytes", {
    clause: "RFC 7515 2e",
    why:
      "RFC 7515 2: the base64url of no bytes is the empty string, which decodes to no JSON.",
  }, [
    ["in the header", forgeParts("", payload), "malformed"],
    ["in the payload", forgeParts(header, ""), "claims_set"],
    ["in the signature", withSignature(good, ""), "signature"],
  ]),
  ...verifying(
    "UTF-8 of the header",
    {
      clause: "RFC 7519 7.2b",
      why:
        "RFC 7519 7.2 step 4: the header is a UTF-8-encoded representation of a JSON object.",
    },
    brokenUtf8().map((
      [name, text],
    ) => [name, forge("{}", inHeader(text)), "malformed"]),
  ),
  ...verifying("UTF-8 of the payload", {
    clause: "RFC 8725 3.7",
    why: "RFC 8725 3.7, RFC 7519 7.2 step 10: UTF-8, and no other encoding.",
  }, [
    ...brokenUtf8().map((
      [name, text],
    ): Row => [name, forge(inPayload(text)), "claims_set"]),
    ["of two, three and four bytes", forge('{"é€😀":1}'), "accept", {
      claims: { "é€😀": 1 },
    }],
    ["UTF-16", forge(new Uint8Array([0x7b, 0, 0x7d, 0])), "claims_set"],
  ]),
  ...verifying("BOM", {
    clause: "RFC 7515 10.12a",
    isHardening: true,
    why:
      "No sentence forbids it: RFC 7159 8.1 lets a parser ignore a BOM or treat it as an error.",
  }, [
    ["before the header", forge("{}", `\ufeff${plainHeader}`), "malformed"],
    ["before the payload", forge("\ufeff{}"), "claims_set"],
  ]),
  ...verifying("length", {
    attack: "huge token",
    why:
      "No sentence limits a token; onejot refuses a good one of more than 8,192 characters.",
  }, [
    ["8192 characters", ofLength(8192), "accept"],
    ["8193 characters", ofLength(8193), "too_long"],
    ["20000 characters", ofLength(20000), "too_long"],
  ]),
  ...verifying("length", {
    clause: "RFC 7519 7.2a",
    attack: "huge token",
    why: "RFC 7519 7.2 step 1: the JWT contains a period, and this has none.",
  }, [["8193 that are no token", "A".repeat(8193), "too_long"]]),
  ...verifying("length", {
    clause: "RFC 7519 7.2e",
    attack: "huge token",
    why: "RFC 7519 7.2 step 7: five parts are a JWE, of whatever length.",
  }, [["8193 in five parts", "....".padEnd(8193, "A"), "too_long"]]),
  ...verifying("length", {
    attack: "huge token",
    why:
      "No sentence limits a token; where the policy does, one more character is too long.",
  }, [
    ["of the policy", good, "accept", { policy: { maxLength: good.length } }],
    ["one more than the policy's", good, "too_long", {
      policy: { maxLength: good.length - 1 },
    }],
    ["none allowed", good, "too_long", { policy: { maxLength: 0 } }],
  ]),
  ...verifying("no text", {
    attack: "no text",
    why:
      "RFC 7519 3: a JWT is a string; a caller without types may hand over something else.",
  }, [
    ["null", null, "malformed"],
    ["a number", 5, "malformed"],
    ["true", true, "malformed"],
    ["an object", { token: good }, "malformed"],
    ["an array of a good token", [good], "malformed"],
    ["an array of its parts", good.split("."), "malformed"],
    ["undefined", { $: "undefined" }, "malformed"],
  ]),
];

/** Texts that are no base64url, made of one that is. */
function oddTexts(text: string): [string, string][] {
  const middle = text.length >> 1;
  const inside = (odd: string) =>
    text.slice(0, middle) + odd + text.slice(middle);
  const instead = (odd: string) =>
    text.slice(0, middle) + odd + text.slice(middle + odd.length);
  return [
    ["with a space in front", ` ${text}`],
    ["with a space behind", `${text} `],
    ["with a tab inside", inside("\t")],
    ["with a line feed inside", inside("\n")],
    ["with CRLF inside", inside("\r\n")],
    ["with a NUL inside", inside("\0")],
    ["with a no-break space inside", inside("\u00a0")],
    ["with padding behind", `${text}=`],
    ["with padding inside", inside("=")],
    ["with a plus", instead("+")],
    ["with a slash", instead("/")],
    ["with a tilde", instead("~")],
    ["with an asterisk", instead("*")],
    ["with a letter beyond ASCII", instead("é")],
    ["with a fullwidth A", instead("\uff21")],
    ["with a Cyrillic A", instead("\u0410")],
    ["with a letter whose low byte is A", instead("\u0141")],
    ["with an emoji", inside("😀")],
    ["with a percent escape", instead("%41")],
  ];
}

function brokenUtf8(): [string, Uint8Array][] {
  return [
    ["a byte of Latin-1", bytes(0xe9)],
    ["a continuation byte alone", bytes(0x80)],
    ["an overlong slash", bytes(0xc0, 0xaf)],
    ["an overlong NUL", bytes(0xc0, 0x80)],
    ["an overlong of three bytes", bytes(0xe0, 0x80, 0xaf)],
    ["a surrogate", bytes(0xed, 0xa0, 0x80)],
    ["a pair of surrogates", bytes(0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80)],
    ["beyond U+10FFFF", bytes(0xf4, 0x90, 0x80, 0x80)],
    ["cut off", bytes(0xe2, 0x82)],
    ["the byte FF", bytes(0xff)],
  ];
}

function inHeader(text: Uint8Array): Uint8Array {
  return joined('{"alg":"HS256","x":"', text, '"}');
}

function inPayload(text: Uint8Array): Uint8Array {
  return joined('{"x":"', text, '"}');
}

function joined(before: string, middle: Uint8Array, after: string): Uint8Array {
  const utf8 = new TextEncoder();
  return new Uint8Array([
    ...utf8.encode(before),
    ...middle,
    ...utf8.encode(after),
  ]);
}

function jsonForms(): Row[] {
  const flattened = { protected: header, payload, signature };
  const general = { payload, signatures: [{ protected: header, signature }] };
  const unprotected = { payload, header: { alg: "HS256" }, signature };
  const both = { ...general, ...flattened };
  const rows = Object.entries({ flattened, general, unprotected, both });
  return [
    ...rows.map((
      [name, form],
    ): Row => [name, JSON.stringify(form), "malformed"]),
    ["flattened and encoded", encoded(JSON.stringify(flattened)), "malformed"],
    ["an array of a good token", JSON.stringify([good]), "malformed"],
    // CVE-2022-39227
    ["a good token as a member name", `{"${good}":1}`, "malformed"],
    ["a good token inside", ` {"a":"${good}"}`, "malformed"],
  ];
}

function base64(text: string): string {
  return encoded(text).replaceAll("-", "+").replaceAll("_", "/");
}

/**
 * A token whose signature has characters in which the alphabets differ, in the
 * wrong one.
 */
function base64Signature(): string {
  for (let sub = 0;; sub++) {
    const token = forge(`{"sub":"${sub}"}`);
    const [, , mac = ""] = token.split(".");
    if (/-.*_|_.*-/.test(mac)) {
      return withSignature(
        token,
        mac.replaceAll("-", "+").replaceAll("_", "/"),
      );
    }
  }
}

/** The text with its last character's value raised by one. */
function bumped(text: string): string {
  const alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return text.slice(0, -1) + alphabet[alphabet.indexOf(text.slice(-1)) + 1];
}

function hexToken(): string {
  const parts = [plainHeader, '{"sub":"1"}'].map((text) =>
    [...new TextEncoder().encode(text)].map((byte) => byte.toString(16)).join(
      "",
    )
  );
  return forgeParts(parts[0] ?? "", parts[1] ?? "");
}

/**
 * A good token of that length, or nearly: the payload is filled with spaces.
 */
function ofLength(length: number): string {
  const short = '{"alg":"HS256"}';
  for (
    let headerLength = short.length;
    headerLength < short.length + 3;
    headerLength++
  ) {
    const room = length - forge("", short.padEnd(headerLength)).length;
    const token = forge(
      "{}".padEnd(Math.floor(room * 3 / 4)),
      short.padEnd(headerLength),
    );
    if (token.length === length) return token;
  }
  throw new Error(`No token has ${length} characters.`);
}
