/**
 * Unsecured tokens: read only by the function that says so, never by `verify`,
 * and out of reach of everything that `verify` calls.
 */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  type Claims,
  decodeUnsecured,
  encodeUnsecured,
} from "../../../src/jwt/jwt.ts";
import { importKey, sign } from "../../../src/jwt/jwt.ts";
import {
  asIf,
  encoded,
  forge,
  misuse,
  outcome,
  secret,
  verdict,
} from "../../support/forge.ts";

const folder = fileURLToPath(
  new URL("../../../src/jwt/", import.meta.url).href,
);
const unsecured = (payload: string, header = '{"alg":"none"}') =>
  `${encoded(header)}.${encoded(payload)}.`;

test("an unsecured token is made with alg none, no typ and an empty signature", () => {
  assert.equal(encodeUnsecured({ sub: "1" }), unsecured('{"sub":"1"}'));
  assert.deepEqual(decodeUnsecured(encodeUnsecured({ sub: "1", exp: 9e9 })), {
    sub: "1",
    exp: 9e9,
  });
});

test("verify refuses an unsecured token by its algorithm", async () => {
  assert.equal(await verdict(encodeUnsecured({ sub: "1" })), "algorithm");
  assert.equal(await verdict(forge("{}", '{"alg":"none"}')), "algorithm");
});

test("decodeUnsecured refuses a signed token, another alg and a signature that is not empty", async () => {
  const signed = await sign({}, await importKey(secret));
  const table: readonly (readonly [string, string])[] = [
    [signed, "algorithm"],
    [signed.slice(0, signed.lastIndexOf(".") + 1), "algorithm"],
    [unsecured("{}", '{"alg":"None"}'), "algorithm"],
    [unsecured("{}", "{}"), "algorithm"],
    [unsecured("{}", '{"alg":"none","crit":["x"]}'), "critical"],
    [`${unsecured("{}")}AAAA`, "signature"],
    [`${unsecured("{}")}!`, "signature"],
    [forge("{}", '{"alg":"none"}'), "signature"],
    [unsecured("{}").slice(0, -1), "malformed"],
    [`${unsecured("{}")}..`, "encrypted"],
    [unsecured("[]"), "claims_set"],
  ];
  for (const [token, code] of table) {
    assert.equal(await outcome(() => decodeUnsecured(token)), code, token);
  }
});

test("an unsecured token is held to the same claims and policy as a signed one", async () => {
  const policy = { issuer: "a", clock: () => 100 };
  const table: readonly (readonly [string, string])[] = [
    ['{"iss":"a"}', "accepted"],
    ['{"iss":"b"}', "issuer"],
    ["{}", "missing_claim"],
    ['{"iss":"a","exp":100}', "expired"],
    ['{"iss":"a","nbf":101}', "not_yet_valid"],
    ['{"iss":"a","aud":"x"}', "audience"],
    ['{"iss":"a","exp":"x"}', "claim_type"],
  ];
  for (const [payload, code] of table) {
    assert.equal(
      await outcome(() => decodeUnsecured(unsecured(payload), policy)),
      code,
      payload,
    );
  }
  const short = { maxLength: 10 };
  assert.equal(
    await outcome(() => decodeUnsecured(unsecured("{}"), short)),
    "too_long",
  );
  const nested = unsecured("{}", '{"alg":"none","cty":"JWT"}');
  assert.equal(await outcome(() => decodeUnsecured(nested)), "nested");
});

test("encodeUnsecured refuses the claims that sign refuses", async () => {
  for (
    const claims of [{ exp: NaN }, { sub: undefined }, new Date(), [], null, {
      aud: [5],
    }]
  ) {
    assert.equal(
      await misuse(() => encodeUnsecured(asIf<Claims>(claims))),
      "TypeError",
    );
  }
});

test("nothing that checks a token imports unsecured.ts, and only one export line names it", () => {
  const others = [
    "jws.ts",
    "claims.ts",
    "key.ts",
    "remember.ts",
    "policy.ts",
    "error.ts",
  ];
  const importedByFrontDoor = importsOf(
    "jwt.ts",
    /^import\b[^;]*?from "\.\/([^"]+)"/gm,
  );
  assert.ok(importedByFrontDoor.includes("jws.ts"));
  const reached = new Set<string>();
  const waiting = [...others, ...importedByFrontDoor];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (reached.has(file)) continue;
    reached.add(file);
    waiting.push(...importsOf(file, /(?:from|import|import\()\s*"([^"]+)"/g));
  }
  const expected = [
    "base64url.ts",
    "claims.ts",
    "error.ts",
    "given.ts",
    "json_copy.ts",
    "jws.ts",
    "key.ts",
    "policy.ts",
    "remember.ts",
    "uri.ts",
  ];
  assert.deepEqual([...reached].sort(), expected);

  const files = readdirSync(folder).filter((name) => name.endsWith(".ts"));
  const naming = files.flatMap((file) =>
    source(file).split("\n").filter((line) =>
      /["'`][^"'`]*unsecured/.test(line)
    )
  );
  assert.deepEqual(naming, [
    'export { decodeUnsecured, encodeUnsecured } from "./unsecured.ts";',
  ]);
});

function source(file: string): string {
  return readFileSync(folder + file, "utf8");
}

/** The files that a file imports; what an example in a comment does is none. */
function importsOf(file: string, pattern: RegExp): string[] {
  const code = source(file).replace(/\/\*[^]*?\*\//g, "");
  const paths = [...code.matchAll(pattern)].map(([, path = ""]) => path);
  return paths.map((path) => path.replace(/^\.\//, ""));
}
