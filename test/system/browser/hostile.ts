/**
 * Tokens that somebody has made to do harm to whoever looks at them: markup,
 * what hides or turns texts around, and sheer length.
 */

import assert from "node:assert/strict";
import type { Scenario, Site } from "./site.ts";
import { Visitor } from "./visitor.ts";

/** What somebody is sent. */
export const hostile: readonly Scenario[] = [
  ["hostile claims are shown as texts, also on a phone", showHostileClaims],
  [
    "a token of 8,192 characters is shown, one of 8,193 is called too long",
    showLongTokens,
  ],
];

const signature = "A".repeat(43);

async function showHostileClaims({ browser, trial }: Site): Promise<void> {
  const claims = {
    "<img src=x onerror=alert(1)>": "<script>alert(1)</script>",
    "<style>*{display:none}</style>": '"><svg onload=alert(2)>',
    sub: "\u202egro.elpmaxe@ada\u2066\u0000\u001b[2J",
    nested: {
      list: Array.from(
        { length: 15 },
        (_, index) => `value ${index}`.repeat(20),
      ),
    },
    exp: 1e300,
    iat: "yesterday",
    nbf: -1,
  };
  const json = JSON.stringify(claims).replace(
    "{",
    '{"__proto__":{"polluted":true},',
  );
  const token = `${encode('{"alg":"HS256","typ":"<b>"}')}.${
    encode(json)
  }.${signature}`;
  for (
    const viewport of [{ width: 1100, height: 800 }, {
      width: 320,
      height: 600,
    }]
  ) {
    const visitor = await Visitor.open(browser, `${trial.origin}/`, {
      viewport,
    });
    await visitor.page.fill(
      "#token",
      ` Bearer ${token.replace(/(.{70})/g, "$1\n")}\n`,
    );
    await visitor.expectVerdicts("yes", "unknown", "unknown");
    const shown = await visitor.text("#claims");
    for (const text of Object.keys(claims)) {
      assert.ok(shown.includes(text), text);
    }
    const escapes = ["\\u202e", "\\u2066", "\\u0000", "\\u001b"];
    for (const text of [...escapes, "__proto__", "onload=alert(2)"]) {
      assert.ok(shown.includes(text), text);
    }
    assert.ok(
      ![..."\u0000\u001b\u202e\u2066"].some((character) =>
        shown.includes(character)
      ),
    );
    const made =
      "#parts img, #parts script, #parts style, #parts svg, #parts b";
    assert.equal(await visitor.page.locator(made).count(), 0);
    assert.ok(
      await visitor.page.evaluate(() =>
        !Object.hasOwn(Object.prototype, "polluted")
      ),
    );
    await visitor.expectNoOverflow();
    await visitor.leave();
  }
}

async function showLongTokens({ browser, trial }: Site): Promise<void> {
  for (
    const viewport of [{ width: 1100, height: 800 }, {
      width: 320,
      height: 600,
    }]
  ) {
    const visitor = await Visitor.open(browser, `${trial.origin}/`, {
      viewport,
    });
    const { page } = visitor;
    await page.fill("#token", tokenOfLength(8192));
    await visitor.expectVerdicts("yes", "unknown", "unknown");
    await visitor.expectNoOverflow();
    const height = await page.locator("#paper").evaluate((paper) =>
      paper.clientHeight
    );
    assert.ok(height < 300, `${height}`); // the verdicts are not far away
    for (const key of ["Control+Home", "Control+End"]) {
      await page.locator("#token").press(key);
    }
    const isAtEnd = () => {
      return page.locator("#paper").evaluate(
        ({ scrollTop, scrollHeight, clientHeight }) => {
          return scrollTop + clientHeight > scrollHeight - 40;
        },
      );
    };
    assert.ok(await isAtEnd()); // where the caret is
    await page.fill("#token", `${tokenOfLength(8192)}A`);
    await visitor.expectVerdicts("no", "unknown", "no");
    await visitor.expectText("#wellFormed", /has 8,193 characters: .* 8,192/);
    await page.fill("#token", ".".repeat(100_000));
    await visitor.expectVerdicts("no", "unknown", "no");
    await visitor.expectText("#wellFormed", /has 100,000 characters: /);
    assert.ok(await page.locator("#coloured span").count() <= 3);
    await visitor.expectNoOverflow();
    await visitor.leave();
  }
}

function tokenOfLength(length: number): string {
  const header = encode('{"alg":"HS256"}');
  const left = length - `${header}..${signature}`.length;
  const payload = encode(
    JSON.stringify({ x: "" }).replace('""', `"${"y".repeat(left)}"`),
  );
  const surplus = payload.length - left;
  const shorter = "y".repeat(left - Math.ceil(surplus * 3 / 4));
  const token = `${header}.${
    encode(JSON.stringify({ x: shorter }))
  }.${signature}`;
  assert.equal(token.length, length);
  return token;
}

function encode(text: string): string {
  return Buffer.from(text).toString("base64url");
}
