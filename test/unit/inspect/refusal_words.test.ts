/**
 * Why a token is refused, in words: one table for the page, `decode` and
 * `verify`. The words say what is at fault, and hold nothing of the token but
 * its length and its `alg`.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "../../../src/inspect/inspect.ts";
import { describeRefusal } from "../../../src/inspect/refusal_words.ts";
import {
  type HmacKey,
  importKey,
  JwtError,
  verify,
} from "../../../src/jwt/jwt.ts";
import { encoded } from "../../support/forge.ts";
import {
  marker,
  type RefusalRow,
  refusals,
  secret,
} from "../../support/refusals.ts";

const rows = Object.entries(refusals).flatMap(([code, rows]) =>
  rows.map((row) => ({ code, ...row }))
);

function keyOf({ isKeyNamed }: RefusalRow): Promise<HmacKey> {
  return importKey(secret, isKeyNamed ? "2024" : null);
}

/** What `verify` throws. */
async function refusalOf(row: RefusalRow): Promise<JwtError> {
  try {
    await verify(row.token, await keyOf(row), row.policy);
  } catch (error) {
    if (error instanceof JwtError) return error;
    throw error;
  }
  throw new assert.AssertionError({ message: `accepted: ${row.words}` });
}

test("each code of a refusal has its words, for what the library refuses by it", async () => {
  for (const row of rows) {
    const { token, policy = {}, words, code } = row;
    const error = await refusalOf(row);
    assert.equal(error.code, code, words);
    assert.equal(describeRefusal(error, { token, policy }), words);
  }
});

test("an inspection gives the words where a token is refused, and in no other verdict", async () => {
  for (const row of rows) {
    const { token, policy = {}, words } = row;
    const { wellFormed, signature, accepted } = await inspect(
      token,
      await keyOf(row),
      policy,
    );
    assert.deepEqual(accepted, { answer: "no", reason: words }, token);
    for (const { answer, reason } of [wellFormed, signature]) {
      assert.equal(reason === words, answer === "no", `${answer}: ${reason}`);
    }
  }
});

test("the words of a refusal hold no name and no value that only the token knows", async () => {
  for (const row of rows) {
    const { token, policy = {}, words } = row;
    const said = describeRefusal(await refusalOf(row), { token, policy });
    assert.ok(!said.includes(marker), words);
    assert.doesNotMatch(said, /[\p{C}\u2028]/u, words);
    assert.ok(said.length < 160, words);
  }
});

test("what cannot be found out is told in the library's own words", async () => {
  const tooLongForMore = `${encoded(`{"alg":"${"A".repeat(6132)}"}`)}..`;
  const rows: readonly [token: string, error: JwtError][] = [
    [tooLongForMore, await refusalOf({ token: tooLongForMore, words: "" })],
    ["", new JwtError("algorithm")],
    ["", new JwtError("unknown_key")],
    [`${encoded('{"kid":5}')}.e30`, new JwtError("malformed")],
    [`${encoded('{"kid":"a"}')}.e30.`, new JwtError("malformed")],
    ["", new JwtError("typ")],
    ["", new JwtError("issuer")], // that of a key which is bound to one
    ["", new JwtError("missing_claim")],
    ["", new JwtError("claim_type")],
    ["", new JwtError("claim_type", "toString")],
  ];
  for (const [token, error] of rows) {
    const said = describeRefusal(error, { token, policy: {} });
    assert.equal(said, error.message, error.code);
  }
});
