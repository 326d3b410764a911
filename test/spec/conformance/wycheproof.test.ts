/**
 * How Wycheproof's vectors are judged, shown by vectors of our own in its
 * format. Its own vectors run where the environment variable WYCHEPROOF names
 * their directory.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { slowTest } from "../../support/slow_test.ts";
import {
  disagreementOn,
  disagreements,
  type SignatureVector,
} from "./disagreements.ts";
import {
  encoded,
  makeCase,
  makeToken,
  runSuite,
  secret,
  withCorpus,
  withMac,
} from "./suite_process.ts";

const token = makeToken("any payload");
const [header = "", payload = "", mac = ""] = token.split(".");
const otherMac = encoded("x".repeat(32));

/** Vectors of which the listed disagreements can be proved, and two more. */
const vectors: readonly SignatureVector[] = [
  vector(1, "valid", token),
  vector(2, "invalid", `${header}.${payload}.${otherMac}`),
  vector(357, "valid", token),
  vector(361, "invalid", `${header}.${payload}.?${mac}`),
  vector(362, "invalid", `${token}?`),
  vector(367, "invalid", token, "invalidBase64Padding"),
  vector(370, "invalid", token, "invalidBase64PaddingInPayload"),
  vector(371, "invalid", withMac(`${header}.?${payload}`)),
  vector(
    372,
    "valid",
    `${header}?.${payload}.${mac}`,
    "InvalidCharacterInsertedInHeader",
  ),
  vector(
    373,
    "valid",
    `${header}.${payload}?.${mac}`,
    "InvalidCharacterInsertedInPayload",
  ),
];
const listed = [367, 370, 372, 373];

const message = Buffer.from("any message");
const key = Buffer.from(secret, "base64url");
const tag = createHmac("sha256", key).update(message).digest();
const wrongTag = Buffer.from(
  tag.map((byte, index) => index === 15 ? byte ^ 1 : byte),
);
const shortKey = key.subarray(1);
const macs = [
  macVector(1, "valid", key, tag),
  macVector(2, "valid", key, tag.subarray(0, 16)),
  macVector(3, "invalid", key, wrongTag),
  macVector(4, "invalid", key, wrongTag.subarray(0, 16)),
  macVector(
    5,
    "valid",
    shortKey,
    createHmac("sha256", shortKey).update(message).digest(),
  ),
];

slowTest(
  "onejot agrees with vectors, and on the listed ones with the list",
  async () => {
    const { code, lastLine, wycheproof } = await runVectors(vectors, macs);
    assert.deepEqual([code, lastLine], [0, "16 passed, 0 failed"]);
    assert.deepEqual(wycheproof, {
      "json_web_signature_test.json": [6, 0, 0, 0],
      "json_web_signature_test.json, listed disagreements": [4, 0, 0, 0],
      "hmac_sha256_test.json": [5, 0, 0, 0],
    });
  },
);

slowTest(
  "a vector whose result is another than onejot's has failed",
  async () => {
    const signatures = vectors.map(turn).filter(({ tcId }) => tcId < 357);
    const { code, failed } = await runVectors(signatures, macs.map(turn));
    assert.equal(code, 1);
    assert.deepEqual(failed, [
      "json_web_signature_test.json 1",
      "json_web_signature_test.json 2",
      "hmac_sha256_test.json 1",
      "hmac_sha256_test.json 2",
      // And 5 must be turned away anyway.
      "hmac_sha256_test.json 3",
      "hmac_sha256_test.json 4",
    ]);
  },
);

slowTest(
  "another implementation finds the listed vectors disputed, and the others count",
  async () => {
    const lenient = `
export const verify = () => { throw new Error("no"); };
export const sign = verify;
export const verifyJws = (token) => new TextEncoder().encode("any payload");
export const mac = () => new Uint8Array(32);`;
    const { wycheproof, failed } = await runVectors(vectors, macs, lenient);
    assert.deepEqual(wycheproof, {
      "json_web_signature_test.json": [2, 4, 0, 4],
      "hmac_sha256_test.json": [2, 3, 0, 0],
    });
    assert.ok(
      failed.includes("hmac_sha256_test.json 5"),
      "a short key that was used",
    );
    assert.ok(failed.includes("json_web_signature_test.json 361"));
  },
);

slowTest(
  "an implementation without verifyJws and mac has no vector passed and none failed",
  async () => {
    const none =
      'export const verify = () => { throw new Error("no"); };\nexport const sign = verify;';
    const { code, wycheproof } = await runVectors(vectors, macs, none);
    assert.equal(code, 0);
    assert.deepEqual(wycheproof, {
      "json_web_signature_test.json": [0, 0, 10, 0],
      "hmac_sha256_test.json": [0, 0, 5, 0],
    });
  },
);

slowTest(
  "a payload that is not the token's has failed, and so has a misuse of a bad token",
  async () => {
    const odd = `
export const verify = () => { throw new Error("no"); };
export const sign = verify;
export const refusal = () => null;
export const verifyJws = (token) => {
  if (token === ${
      JSON.stringify(token)
    }) return new TextEncoder().encode("another payload");
  throw new Error("no");
};`;
    const { failed } = await runVectors(vectors.slice(0, 2), macs, odd);
    assert.deepEqual(failed, [
      "malformed",
      "json_web_signature_test.json 1",
      "json_web_signature_test.json 2",
    ]);
  },
);

slowTest(
  "a MAC that is refused has failed, and so has a result that is no bytes",
  async () => {
    const module = `
export const verify = () => { throw new Error("no"); };
export const sign = verify;
export const mac = verify;
export const verifyJws = () => "any payload";`;
    const { failed } = await runVectors(vectors.slice(0, 2), macs, module);
    assert.deepEqual(failed, [
      "json_web_signature_test.json 1",
      "json_web_signature_test.json 2",
      "hmac_sha256_test.json 1",
      "hmac_sha256_test.json 2",
      "hmac_sha256_test.json 3",
      "hmac_sha256_test.json 4",
    ]);
  },
);

slowTest(
  "files that hold no vectors for HS256, or none of the known form, are not run",
  async () => {
    const run = async (signatures: unknown, macs: unknown) => {
      return await withCorpus(
        [makeCase("none")],
        "",
        async ({ path, vectors }) => {
          writeFileSync(
            join(path, "json_web_signature_test.json"),
            JSON.stringify(signatures),
          );
          writeFileSync(
            join(path, "hmac_sha256_test.json"),
            JSON.stringify(macs),
          );
          const { code, stderr } = await runSuite(
            ...vectors,
            "--wycheproof",
            path,
          );
          assert.equal(code, 2);
          return stderr;
        },
      );
    };
    const tests = signatureFile(vectors);
    assert.match(
      await run(signatureFile([]), macFile(macs)),
      /holds no vectors for HS256/,
    );
    assert.match(await run(tests, macFile([])), /holds no vectors for HS256/);
    assert.match(await run([], macFile(macs)), /holds no groups of tests/);
    assert.match(
      await run({ testGroups: [{}] }, macFile(macs)),
      /holds a group without tests/,
    );
    for (
      const odd of [{ result: "acceptable" }, { comment: 1 }, { tcId: "1" }, {
        key: null,
      }]
    ) {
      const withOdd = { testGroups: [{ tests: [{ ...macs[0], ...odd }] }] };
      assert.match(await run(tests, withOdd), /test 1 has not the form/);
    }
    for (const odd of [{ k: secret, jws: 1 }, { k: 1, jws: token }]) {
      const group = { private: { kty: "oct", alg: "HS256", k: odd.k } };
      const withOdd = {
        testGroups: [{ ...group, tests: [{ ...vectors[0], jws: odd.jws }] }],
      };
      assert.match(
        await run(withOdd, macFile(macs)),
        /test 1 has not the form/,
      );
    }
  },
);

test("a disagreement needs its proof: where the vectors are other ones, there is none", () => {
  for (const tcId of listed) {
    const found = disagreementOn(byId(vectors, tcId), vectors);
    assert.ok(found !== null && found.tcIds.includes(tcId), String(tcId));
    assert.notEqual(found.result, byId(vectors, tcId).result);
  }
  assert.equal(disagreementOn(byId(vectors, 1), vectors), null);
  assert.deepEqual(disagreements.flatMap(({ tcIds }) => tcIds), listed);
  const changes: readonly (readonly [
    number,
    Partial<SignatureVector>,
    readonly number[],
  ])[] = [
    [367, { result: "valid" }, [367]],
    [367, { comment: "ValidMac" }, [367]],
    [367, { jws: `${token}=` }, [367]],
    [367, { secret: encoded("x".repeat(32)) }, [367]],
    [372, { result: "invalid" }, [372]],
    [372, { comment: "ValidMac" }, [372]],
    [372, { jws: token }, [372]],
    [372, { jws: token.replace(".", "??.") }, [372]],
    [372, { secret: encoded("x".repeat(32)) }, [372]],
    [357, { result: "invalid" }, [367, 370]],
    [357, { jws: makeToken("another payload") }, listed],
    [361, { result: "valid" }, [372, 373]],
    [371, { jws: token }, [372, 373]],
    [371, { tcId: 999 }, [372, 373]],
    [361, { jws: `${makeToken("another payload")}?` }, [372, 373]],
  ];
  for (const [tcId, change, lost] of changes) {
    const others = vectors.map((vector) =>
      vector.tcId === tcId ? { ...vector, ...change } : vector
    );
    const unproved = listed.filter((id) =>
      disagreementOn(byId(others, id), others) === null
    );
    assert.deepEqual(unproved, lost, JSON.stringify([tcId, change]));
  }
  const unsigned = vectors.map((vector) => ({
    ...vector,
    jws: vector.jws.replace(mac, otherMac),
  }));
  assert.ok(
    listed.every((id) => disagreementOn(byId(unsigned, id), unsigned) === null),
  );
});

const { WYCHEPROOF: directory } = process.env;
if (directory !== undefined) {
  slowTest(
    "onejot agrees with all of Wycheproof but the listed vectors",
    async () => {
      await withCorpus([makeCase("malformed")], "", async ({ vectors }) => {
        const { stdout, stderr } = await runSuite(
          ...vectors,
          "--wycheproof",
          directory,
          "--json",
        );
        assert.equal(stderr, "");
        const { totals, wycheproof } = JSON.parse(stdout);
        assert.deepEqual(totals, {
          passed: 215,
          failed: 0,
          skipped: 0,
          disputed: 0,
        });
        assert.deepEqual(numbersOf(wycheproof), {
          "json_web_signature_test.json": [36, 0, 0, 0],
          "json_web_signature_test.json, listed disagreements": [4, 0, 0, 0],
          "hmac_sha256_test.json": [174, 0, 0, 0],
        });
      });
    },
  );
}

/**
 * Runs the suite over one case and these vectors: on a module of this text, or
 * on onejot.
 */
async function runVectors(
  signatures: readonly SignatureVector[],
  macs: readonly MacVector[],
  module?: string,
) {
  const cases = [makeCase("malformed")];
  return await withCorpus(
    cases,
    module ?? "",
    async ({ path, vectors, implementation }) => {
      writeFileSync(
        join(path, "json_web_signature_test.json"),
        JSON.stringify(signatureFile(signatures)),
      );
      writeFileSync(
        join(path, "hmac_sha256_test.json"),
        JSON.stringify(macFile(macs)),
      );
      const options = [
        ...vectors,
        "--wycheproof",
        path,
        ...module === undefined ? [] : implementation,
      ];
      const { code, stdout } = await runSuite(...options, "--json");
      const { totals: { passed, failed }, wycheproof, cases } = JSON.parse(
        stdout,
      );
      const failures = cases.filter(({ outcome }: Ended) =>
        outcome === "failed"
      );
      return {
        code,
        lastLine: `${passed} passed, ${failed} failed`,
        wycheproof: numbersOf(wycheproof),
        failed: failures.map(({ id }: Ended) => id),
      };
    },
  );
}

interface Ended {
  readonly id: string;
  readonly outcome: string;
}

/** The numbers of passed, failed, skipped and disputed. */
function numbersOf(groups: object): Record<string, number[]> {
  const rows = Object.entries(groups).map(
    ([name, { passed, failed, skipped, disputed }]) => {
      return [name, [passed, failed, skipped, disputed]];
    },
  );
  return Object.fromEntries(rows);
}

function vector(
  tcId: number,
  result: SignatureVector["result"],
  jws: string,
  comment = "a comment",
): SignatureVector {
  return { tcId, comment, result, jws, secret };
}

interface MacVector {
  readonly tcId: number;
  readonly comment: string;
  readonly result: "valid" | "invalid";
  readonly key: string;
  readonly msg: string;
  readonly tag: string;
}

function macVector(
  tcId: number,
  result: MacVector["result"],
  key: Uint8Array,
  tag: Uint8Array,
): MacVector {
  const [keyHex = "", msg = "", tagHex = ""] = [key, message, tag].map(
    (bytes) => {
      return Buffer.from(bytes).toString("hex");
    },
  );
  return { tcId, comment: "a comment", result, key: keyHex, msg, tag: tagHex };
}

/** The file's form, with groups beside that are no concern of HS256. */
function signatureFile(vectors: readonly SignatureVector[]): object {
  const tests = vectors.map(({ secret: _, ...test }) => ({
    ...test,
    flags: [],
  }));
  const own = {
    type: "JsonWebSignature",
    private: { kty: "oct", alg: "HS256", k: secret },
    tests,
  };
  const others = [
    {
      private: { kty: "oct", alg: "HS512", k: secret },
      tests: [{ tcId: 1001, jws: "x" }],
    },
    {
      private: { kty: "RSA", alg: "HS256" },
      tests: [{ tcId: 1002, jws: "x" }],
    },
    { public: { kty: "EC" }, tests: [{ tcId: 1003, jws: "x" }] },
  ];
  return { algorithm: "JsonWebSignature", testGroups: [...others, own] };
}

function macFile(vectors: readonly MacVector[]): object {
  return {
    algorithm: "HMACSHA256",
    testGroups: vectors.map((vector) => ({ tests: [vector] })),
  };
}

function byId(
  vectors: readonly SignatureVector[],
  wanted: number,
): SignatureVector {
  const found = vectors.find(({ tcId }) => tcId === wanted);
  assert.ok(found !== undefined);
  return found;
}

/** The same vector with the other result. */
function turn<T extends { readonly result: "valid" | "invalid" }>(
  vector: T,
): T {
  return { ...vector, result: vector.result === "valid" ? "invalid" : "valid" };
}
