/**
 * Looking at tokens: examples, tokens that were tampered with, secrets and
 * policies that cannot be used.
 */

import assert from "node:assert/strict";
import { ada, type Scenario, secret, type Site } from "./site.ts";
import { Visitor } from "./visitor.ts";

/** What somebody does with tokens. */
export const inspecting: readonly Scenario[] = [
  ["the page begins with a sentence that says what to do", seeTheBeginning],
  [
    "an example is well-formed, signed and accepted, and two characters less are not",
    makeExample,
  ],
  [
    "another algorithm is told by its name, as far as that can be read",
    readOtherAlgorithms,
  ],
  [
    "digits are shown as they stand, with what many programs read instead",
    readDigits,
  ],
  [
    "another secret, and one that is too short, show in the verdicts and at the field",
    useSecrets,
  ],
  [
    "a policy that refuses, and one that cannot be used, leave the claims where they are",
    askForMore,
  ],
  [
    "with the secret, a change of any part shows in the verdict that it must, and is refused",
    tamper,
  ],
];

async function seeTheBeginning({ browser, trial }: Site): Promise<void> {
  const visitor = await Visitor.open(browser, `${trial.origin}/`);
  await visitor.expectVerdicts("none", "none", "none");
  await visitor.expectText(
    "#no-token",
    /make an example, paste one, or log in/,
  );
  assert.equal(await visitor.page.isVisible("#parts"), false);
  await visitor.page.click("#example");
  await visitor.expectVerdicts("yes", "yes", "yes");
  assert.equal(await visitor.page.isVisible("#no-token"), false);
  await visitor.page.click("#clear");
  await visitor.expectVerdicts("none", "none", "none");
  assert.equal(await visitor.page.isVisible("#no-token"), true);
  for (const id of ["token", "secret"]) {
    assert.equal(await visitor.page.inputValue(`#${id}`), "");
  }
  await visitor.leave();
}

async function makeExample({ browser, trial }: Site): Promise<void> {
  const visitor = await Visitor.open(browser, `${trial.origin}/`);
  await visitor.page.click("#example");
  await visitor.expectVerdicts("yes", "yes", "yes");
  assert.equal(await visitor.text("#claims-title"), "Claims");
  assert.match(
    await visitor.text("#claims"),
    /iss\s+"https:[^]*Issuer: [^]*exp[^]*\(1[45]:\d\d\)/,
  );
  const [, iat, exp] = /\niat\s+(\d+)\n[^]*\nexp\s+(\d+)\n/
    .exec(await visitor.text("#claims")) ?? [];
  assert.equal(Number(exp) - Number(iat), 900); // both in whole seconds
  const coloured = visitor.page.locator("#coloured span");
  const colours = await coloured.evaluateAll((parts) => {
    return parts.map((part) => getComputedStyle(part).color);
  });
  assert.equal(new Set(colours).size, 3);
  const token = await visitor.token();
  const parts = await coloured.allTextContents();
  assert.deepEqual(parts.join("").trimEnd(), token);
  assert.equal(parts.length, 3);
  await visitor.page.locator("#token").press("Control+End");
  for (const key of ["Backspace", "Backspace"]) {
    await visitor.page.keyboard.press(key);
  }
  // 41 characters are no base64url.
  assert.equal(await visitor.token(), token.slice(0, -2));
  await visitor.expectVerdicts("no", "unknown", "no");
  assert.equal(await visitor.page.isVisible("#parts"), false);
  await visitor.leave();
}

async function readOtherAlgorithms({ browser, trial }: Site): Promise<void> {
  const visitor = await Visitor.open(browser, `${trial.origin}/`);
  const { page } = visitor;
  await page.fill("#secret", secret);
  for (
    const [header, words] of [
      ['{"alg":"RS256"}', /The header parameter alg is "RS256": only "HS256" /],
      ['{"alg":"<b>\\u202e"}', /alg is "<b>\\u202e": only "HS256" /],
      [`{"alg":"${"M".repeat(3000)}"}`, /alg is "M{32}…": only "HS256" /],
      ["{}", /The header has no alg: only "HS256" is accepted\./],
    ] as const
  ) {
    await page.fill("#token", `${encode(header)}.${encode("{}")}.AAAA`);
    await visitor.expectVerdicts("yes", "no", "no");
    await visitor.expectText("#accepted", words);
    await visitor.expectText("#signature", words);
    await visitor.expectNoOverflow();
  }
  await visitor.leave();
}

async function readDigits({ browser, trial }: Site): Promise<void> {
  const visitor = await Visitor.open(browser, `${trial.origin}/`);
  const { page } = visitor;
  const claims = '{"id":738529527931269425,"ver":1.0,"list":[1e2,-0,1e400],' +
    '"exp":98765432100.50,"__proto__":0.10000000000000000001}';
  const header = '{"alg":"HS256","n":9007199254740993}';
  await page.fill("#token", `${encode(header)}.${encode(claims)}.AAAA`);
  await visitor.expectVerdicts("yes", "unknown", "unknown");
  for (
    const [id, text] of [
      ["header", /\nn\s+9007199254740993\s+Many programs read 900\d+992\./],
      ["claims", /^id\s+738529527931269425\s+Many programs read 738\d+400\./],
      ["claims", /\nver\s+1\.0\n/],
      ["claims", /\nlist\s+\[\s+1e2,\s+-0,\s+1e400\s+\]\s+Many .* infinity/],
      ["claims", /\nexp\s+98765432100\.50\s[^]*\n5099-10-02 10:15:00\.500 UTC/],
      ["claims", /\n__proto__\s+0\.10000000000000000001\s+Many .* 0\.1\.$/],
    ] as const
  ) {
    await visitor.expectText(`#${id}`, text);
  }
  // As deep as a token can be.
  const deep = `{"a":${"[".repeat(3059)}1.0${"]".repeat(3059)}}`;
  await page.fill("#token", `${encode('{"alg":"HS256"}')}.${encode(deep)}.`);
  await visitor.expectVerdicts("yes", "unknown", "unknown");
  await visitor.expectText("#claims", /^a\s+\[[^]*\[\s+1\.0\s+\]/);
  await visitor.leave();
}

function encode(text: string): string {
  return Buffer.from(text).toString("base64url");
}

async function useSecrets({ browser, trial }: Site): Promise<void> {
  const visitor = await Visitor.open(browser, `${trial.origin}/`);
  const { page } = visitor;
  await page.click("#example");
  await visitor.expectVerdicts("yes", "yes", "yes");
  const last = (await page.inputValue("#secret")).at(-1);
  await page.locator("#secret").press("End");
  await page.keyboard.press("Backspace");
  await page.keyboard.type(last === "A" ? "B" : "A");
  await visitor.expectVerdicts("yes", "no", "no");
  await visitor.expectText("#claims-title", /nothing proves/);
  await page.fill("#secret", "too short");
  await visitor.expectText("#secret-fault", /32 bytes/);
  await visitor.expectVerdicts("yes", "unknown", "unknown");
  assert.equal(await page.getAttribute("#secret", "aria-invalid"), "true");
  await page.fill("#secret", "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQ");
  await visitor.expectText("#secret-fault", /PEM/);
  await page.fill("#secret", "");
  await visitor.expectText("#secret-fault", /^$/);
  assert.equal(await page.getAttribute("#secret", "aria-invalid"), "false");
  await visitor.leave();
}

async function askForMore({ browser, trial }: Site): Promise<void> {
  const visitor = await Visitor.open(browser, `${trial.origin}/`);
  const { page } = visitor;
  await page.click("#example");
  await page.click("summary");
  await page.fill("#issuer", "https://other.example");
  await visitor.expectVerdicts("yes", "yes", "no");
  await visitor.expectText(
    "#accepted",
    /another issuer: the claim "iss" must be "https:\/\/other\.example"\./,
  );
  await page.fill("#issuer", "https://example.org");
  await visitor.expectVerdicts("yes", "yes", "yes");
  await page.fill("#leeway", "301");
  await visitor.expectText("#policy-fault", /leewaySeconds/);
  await visitor.expectVerdicts("yes", "yes", "unknown");
  assert.match(await visitor.text("#claims"), /sub\s+"ada"/);
  await page.fill("#leeway", "");
  await visitor.expectText("#policy-fault", /^$/);
  await visitor.expectVerdicts("yes", "yes", "yes");
  await page.fill("#audience", "https://somebody.example");
  await visitor.expectVerdicts("yes", "yes", "no");
  await visitor.expectText(
    "#accepted",
    /"aud" is missing: it must name "https:\/\/somebody\.example"\./,
  );
  await visitor.leave();
}

/** A character to put into a token, and the verdicts that it must change. */
interface Change {
  readonly place: number;
  readonly character: string;
  readonly verdicts: readonly [string, string, string];
}

async function tamper({ browser, production }: Site): Promise<void> {
  const { origin } = production;
  const visitor = await Visitor.open(browser, `${origin}/onejot/`);
  const { page } = visitor;
  await visitor.logIn(ada.email, ada.password);
  await visitor.expectVerdicts("yes", "unknown", "unknown");
  await page.fill("#secret", secret);
  await visitor.expectVerdicts("yes", "yes", "yes");
  const token = await visitor.token();
  const [header = "", payload = ""] = token.split(".");
  const changes: readonly Change[] = [
    // No more JSON.
    { place: 0, character: "A", verdicts: ["no", "unknown", "no"] },
    {
      ...readableChange(payload, header.length + 1),
      verdicts: ["yes", "no", "no"],
    },
    // The last character would have stray bits, which is another fault.
    { place: token.length - 5, character: "A", verdicts: ["yes", "no", "no"] },
  ];
  for (const { place, character, verdicts } of changes) {
    await page.fill("#token", token);
    await page.locator("#token").press("Control+Home");
    for (let count = 0; count < place; count++) {
      await page.keyboard.press("ArrowRight");
    }
    await page.keyboard.press("Delete");
    await page.keyboard.type(token[place] === character ? "B" : character);
    assert.equal((await visitor.token()).length, token.length);
    await visitor.expectVerdicts(...verdicts);
    await visitor.expectRefusal();
  }
  await page.fill("#token", token);
  await visitor.expectVerdicts("yes", "yes", "yes");
  await page.click("#get-user");
  await visitor.expectText("#user", /^Accepted: User id=1: <ada@example\.org/);
  await visitor.expectText("#session-fault", /^$/);
  const outside = visitor.requests.filter((request) =>
    !request.includes(`${origin}/onejot/`)
  );
  assert.deepEqual(outside, []); // a proxy has nothing of onejot anywhere else
  await visitor.leave();
}

/**
 * A character of the claims, and another in its place with which they are still
 * JSON.
 */
function readableChange(
  payload: string,
  start: number,
): { place: number; character: string } {
  const claims = Buffer.from(payload, "base64url").toString();
  for (let index = 0; index < payload.length; index++) {
    for (const character of "ABCDEFGHIJKLMNOP") {
      const changed = payload.slice(0, index) + character +
        payload.slice(index + 1);
      const text = Buffer.from(changed, "base64url").toString();
      const isReadable = text !== claims && /^\{"[ -~]*\}$/.test(text);
      if (isReadable && canParse(text)) {
        return { place: start + index, character };
      }
    }
  }
  throw new Error("No change of one character leaves the claims readable.");
}

function canParse(json: string): boolean {
  try {
    return JSON.parse(json) !== null;
  } catch {
    return false;
  }
}
