/**
 * StringOrURI: URIs of many shapes, what is none, and in each part of a URI
 * each character.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Claims } from "../../../src/jwt/jwt.ts";
import { generateKey, sign, verify } from "../../../src/jwt/jwt.ts";
import { isStringOrUri } from "../../../src/jwt/uri.ts";
import { misuse, outcome } from "../../support/forge.ts";

test("StringOrURI takes any text without a colon and URIs of many shapes", async () => {
  const texts = ["", "joe", "a b", "é", "%zz", "[", "http//x"];
  const urls = [
    "http://example.com",
    "HTTPS://user:p%40ss@example.com:8443/a/b;c?d=e&f#g",
    "http://[2001:db8::1]:443/",
    "http://[::ffff:1.2.3.4]",
    "http://[v1f.a:b]/",
    "http://a_b~c.example/",
    "x:y?a/b?c#d?e/f",
  ];
  const more =
    "http://192.0.2.1:80 http://a:/ http://%41/ http://@a http:// file:///etc/hosts " +
    "urn:ietf:params:oauth:token-type:jwt mailto:joe@example.com tag:example.com,2024:a " +
    "tel:+1-201-555-0123 a: A+b-c.9:x x:/ x:?q x:#f x:%41 x:a:b:c";
  const key = await generateKey();
  for (const text of [...texts, ...urls, ...more.split(" ")]) {
    for (const claims of placesOf(text)) {
      const token = await sign(claims, key);
      const accepted = await outcome(() =>
        verify(token, key, claims.aud === undefined ? {} : { audience: "x" })
      );
      assert.equal(accepted, "accepted", text);
    }
  }
});

test("StringOrURI refuses a colon in what is no URI, in iss, sub and each aud", async () => {
  const spaced = [
    "a b:c",
    "x:a b",
    "x:a\n",
    "x:\n",
    "\nx:a",
    "http://a b",
    "x:\u0000",
    'x:"',
  ];
  const noScheme =
    ": :x :: 1a:b -a:b a_b:c é:x %41:x //a:b /a:b ?a:b #a:b 12:34";
  const noPath =
    "x:é x:<y> x:\\ x:{} x:| x:^ x:` x:[ x:] x:% x:%4 x:%zz x:%4g x:?a[b]";
  const noFragment = "x:#a#b x:#[ x:#%4";
  const noAuthority =
    "x://% http://a:port/ http://a:1:2/ http://a:80x http://a@b@c/ http://[::1 " +
    "http://[12/ http://[v1.ab/ http://[::1]x/ http://a]/ http://[g::]/ http://[]/ http://é/ http://a%4/ http://u:p[@a/ " +
    "http://a\\b/ http://a/[ http://[::1]:x http://[v1.]/ http://[v1a]/";
  const unspaced = [noScheme, noPath, noFragment, noAuthority].join(" ").split(
    " ",
  );
  const texts = [...spaced, ...unspaced];
  const key = await generateKey();
  for (const text of texts) {
    for (const claims of placesOf(text)) {
      assert.equal(await misuse(() => sign(claims, key)), "TypeError", text);
    }
    // jti is no URI.
    assert.equal(await outcome(() => sign({ jti: text }, key)), "accepted");
  }
});

test("StringOrURI takes in each part of a URI the characters that RFC 3986 allows there, and no other", () => {
  const hex = "0123456789abcdefABCDEF";
  const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  // unreserved and sub-delims
  const text = `${letters}0123456789-._~!$&'()*+,;=`;
  const table: readonly (readonly [string, string])[] = [
    // A space where the character goes, and what is taken there, the ends of
    // the part included.
    [" :x", letters],
    ["a :x", `${letters}0123456789+-.:`],
    ["x:// @h/", `${text}:/?#`],
    ["x://[:: ]/", hex],
    ["x://[::1 ]/", hex],
    ["x://[1:2:3:4:5:6: :8]/", hex],
    ["x://[::1.2.3. ]/", "0123456789"],
    ["x://[::1.2.3.2 ]/", "0123456789"],
    ["x://[v .a]/", hex],
    ["x://[ v1.a]/", ""],
    ["x://[v1.a ]/", `${text}:`],
    ["x://[v1. ]/", `${text}:`],
    ["x:// /", `${text}:@/?#`],
    ["x://h: /", "0123456789@/?#"],
    ["x: ", `${text}:@/?#`],
    ["x:# ", `${text}:@/?`],
    ...["x://% 0@h/", "x://% 0/", "x:% 0", "x:#% 0"].map((place) =>
      [place, hex] as const
    ),
    ...["x://%0 @h/", "x://%0 /", "x:%0 ", "x:#%0 "].map((place) =>
      [place, hex] as const
    ),
  ];
  for (const [place, taken] of table) {
    for (let unit = 0; unit < 0x180; unit++) {
      const character = String.fromCharCode(unit);
      const uri = place.replace(" ", () => character);
      assert.equal(isStringOrUri(uri), taken.includes(character), uri);
    }
  }
});

/** The claims in which a text must be a StringOrURI. */
function placesOf(text: string): readonly Claims[] {
  return [
    { iss: text },
    { sub: text },
    { aud: ["x", text] },
    { aud: [text, "x"] },
    { aud: ["x", "y", text] },
  ];
}

test("what stands in brackets has eight groups, and numbers of 0 to 255 in an IPv4 address at its end", () => {
  const good = [0, 9, 10, 99, 100, 199, 200, 249, 250, 255];
  for (const number of good) {
    for (const text of [`::${number}.0.0.1`, `1:2:3:4:5:6:0.0.0.${number}`]) {
      assert.ok(isStringOrUri(`http://[${text}]/`), text);
    }
  }
  for (const number of [256, 260, 300, 999, 1000, "01", "00", "", "a"]) {
    for (const text of [`::${number}.0.0.1`, `1:2:3:4:5:6:0.0.0.${number}`]) {
      assert.ok(!isStringOrUri(`http://[${text}]/`), text);
    }
  }
  const groups = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];
  for (let count = 0; count <= 9; count++) {
    const text = groups.slice(0, count).join(":");
    assert.equal(isStringOrUri(`http://[${text}]/`), count === 8, text);
    // Two colons stand for one group of zeros or more.
    for (const short of [`${text}::`, `::${text}`]) {
      assert.equal(isStringOrUri(`http://[${short}]/`), count < 8, short);
    }
  }
});
