/**
 * The tokens of known issuers: all are accepted, and no kind of them has been
 * dropped; those that stay refused are in the auditor's table. corpus.test.ts
 * holds what onejot answers to each.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { documentAt, rowsOf } from "../../project/documents.ts";
import { type Case, readJson } from "../conformance/corpus.ts";
import { encoded, forge, plainHeader } from "./forge.ts";

const issuers = casesOf("issuers.json");
const refused = casesOf("issuers_refused.json");
const page = documentAt("src/jwt/README.md");

/** Who must not be missing. */
const names = [
  "Amazon",
  "Apple",
  "ASP.NET",
  "Atlassian",
  "Auth0",
  "Bitbucket",
  "Django",
  "Discord",
  "Element",
  "Firebase",
  "Flask",
  "GitHub",
  "GitLab",
  "Ghost",
  "Google",
  "Hasura",
  "Home Assistant",
  "Jitsi",
  "Keycloak",
  "Kubernetes",
  "Laravel",
  "LiveKit",
  "Matrix",
  "Microsoft",
  "Nextcloud",
  "ONLYOFFICE",
  "PostgREST",
  "Rails",
  "Slack",
  "SPIFFE",
  "Strapi",
  "Supabase",
  "Terraform",
  "Twilio",
  "Zoom",
];

test("the tokens of known issuers are all different and all to be accepted", () => {
  assert.ok(issuers.length >= 100);
  assert.deepEqual(issuers.filter(({ expect }) => expect !== "accept"), []);
  const asked = issuers.map(({ token, policy }) => [token, policy]);
  const distinct = new Set(asked.map((each) => JSON.stringify(each)));
  assert.equal(distinct.size, issuers.length);
  for (const { id, token } of issuers) {
    assert.ok(String(token).length <= 8192, id);
  }
  // One of them has just enough room.
  assert.ok(issuers.some(({ token }) => String(token).length > 8160));
});

test("what must come back of an issuer's token is what stands in it", () => {
  for (const { id, token, claims } of issuers) {
    assert.deepEqual(partOf(token, 1), claims, id);
  }
});

test("no issuer is missing, and each case names its own and what is particular", () => {
  const told = issuers.map(({ id, why }) => `${id} ${why}`.toLowerCase());
  for (const name of names) {
    const slug = name.toLowerCase().replaceAll(" ", "-");
    assert.ok(told.some((text) => text.includes(slug)), name);
  }
  for (const { id, why } of issuers) assert.match(why, /^RFC .*; .*\.$/, id);
});

test("issuers' tokens have every usual typ, and arrays of 1, 3 and 5 audiences", () => {
  const types = new Set(issuers.map(({ token }) => partOf(token, 0)["typ"]));
  assert.deepEqual(
    types,
    new Set([
      undefined,
      "JWT",
      "jwt",
      "JOSE",
      "at+jwt",
      "application/at+jwt",
      "logout+jwt",
      "secevent+jwt",
    ]),
  );
  const places = issuers.flatMap(({ claims = {}, policy = {} }) => {
    const aud = claims["aud"];
    if (!Array.isArray(aud) || typeof policy["audience"] !== "string") {
      return [];
    }
    return [`${aud.indexOf(policy["audience"]) + 1} of ${aud.length}`];
  });
  for (const count of [1, 3, 5]) {
    for (let place = 1; place <= count; place++) {
      assert.ok(places.includes(`${place} of ${count}`), `${place} ${count}`);
    }
  }
});

test("issuers' times have fractions, exponents and milliseconds", () => {
  const texts = issuers.map(({ token }) => textOf(token, 1));
  for (
    const form of [
      /"exp":\d+\.\d{7}[,}]/,
      /"exp":\d+\.0[,}]/,
      /"iat":\d+\.\d{6}[,}]/,
      /"exp":\d\.\d+E9[,}]/,
      /"exp":\d{13}[,}]/,
      /"nbf":0[,}]/,
    ]
  ) assert.ok(texts.some((text) => form.test(text)), String(form));
});

test("what is met and stays refused is in the auditor's table, each with its code", () => {
  const told = rowsOf(page, "met").map(
    ([, , says = "", code = "", id = ""]) => {
      const [clause = ""] = says.split(":");
      return [id.replaceAll("`", ""), code.replaceAll("`", ""), clause];
    },
  );
  const held = refused.map(({ id, code, why, expect }) => {
    assert.equal(expect, "refuse", id);
    const [, document, section] = /^(RFC \d{4}) ([\d.]+):/.exec(why) ?? [];
    const clause = section === undefined
      ? "no sentence"
      : `${document} §${section}`;
    return [id, code, clause];
  });
  assert.deepEqual(told, held);
});

test("the auditor's page counts the bytes of claims, the tokens and the values that are no URI", () => {
  const text = page.text.replaceAll(/\s+/g, " ");
  const bytes = 6083;
  const longest = `{"a":"${"x".repeat(bytes - '{"a":""}'.length)}"}`;
  assert.equal(forge(longest).length, 8192);
  assert.ok(forge(`${longest} `).length > 8192);
  assert.ok(
    text.includes("hold 6,083 bytes of claims behind the plain header"),
  );
  assert.ok(forge("{}").startsWith(encoded(plainHeader)));

  const noUris = issuers.filter(({ clause }) => clause === "RFC 7519 2a");
  const figures = `${noUris.length} of the ${issuers.length} tokens of`;
  assert.ok(text.includes(figures), figures);
  const corpusPage = documentAt("test/spec/vectors/README.md").text;
  assert.ok(corpusPage.includes(`has ${issuers.length} tokens in the form`));
});

function casesOf(name: string): readonly Case[] {
  const file = fileURLToPath(new URL(name, import.meta.url));
  return Object(readJson(file));
}

function partOf(token: unknown, index: number): Record<string, unknown> {
  return Object(JSON.parse(textOf(token, index)));
}

function textOf(token: unknown, index: number): string {
  const part = String(token).split(".")[index] ?? "";
  return Buffer.from(part, "base64url").toString();
}
