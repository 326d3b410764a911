/**
 * Wycheproof's vectors as far as they concern HS256: the JSON Web Signatures of
 * its HS256 keys, and all of its HMAC-SHA-256. Keys below 32 bytes must be
 * turned away, whatever their tag (RFC 7518 §3.2). Vectors on which onejot
 * disagrees stand in disagreements.ts.
 */

import { Buffer } from "node:buffer";
import { join } from "node:path";
import type { Message } from "./answer.ts";
import { readJson } from "./corpus.ts";
import { disagreementOn, type SignatureVector } from "./disagreements.ts";
import type { Check } from "./judge.ts";
import { UsageError } from "./options.ts";

const signatureFile = "json_web_signature_test.json";
const macFile = "hmac_sha256_test.json";

/**
 * The checks of both files. Only onejot is held to its disagreements; others
 * find them disputed.
 */
export function readWycheproof(
  directory: string,
  isOnejot: boolean,
): readonly Check[] {
  const vectors = readTests(join(directory, signatureFile)).flatMap(
    readSignatureVector,
  );
  const macs = readTests(join(directory, macFile)).map(macCheck);
  if (vectors.length > 0 && macs.length > 0) {
    return [
      ...vectors.map((vector) => signatureCheck(vector, vectors, isOnejot)),
      ...macs,
    ];
  }
  throw new UsageError(`${directory} holds no vectors for HS256.`);
}

/** A test, and the group that it stands in. */
interface Entry {
  readonly group: Readonly<Record<string, unknown>>;
  readonly test: Readonly<Record<string, unknown>>;
}

function readTests(file: string): readonly Entry[] {
  const { testGroups } = Object(readJson(file));
  if (!Array.isArray(testGroups)) {
    throw new UsageError(`${file} holds no groups of tests.`);
  }
  return testGroups.flatMap((group) => {
    const { tests } = Object(group);
    if (!Array.isArray(tests)) {
      throw new UsageError(`${file} holds a group without tests.`);
    }
    return tests.map((test: unknown) => ({ group, test: Object(test) }));
  });
}

function readSignatureVector(
  { group, test }: Entry,
): readonly SignatureVector[] {
  const { kty, alg, k } = Object(group["private"]);
  if (kty !== "oct" || alg !== "HS256") return [];
  const { jws } = test;
  if (typeof jws !== "string" || typeof k !== "string") throw misread(test);
  return [{ ...readLabels(test), jws, secret: k }];
}

function signatureCheck(
  vector: SignatureVector,
  vectors: readonly SignatureVector[],
  isOnejot: boolean,
): Check {
  const { tcId, comment, result, jws, secret } = vector;
  const disagreement = disagreementOn(vector, vectors);
  const isDisputed = disagreement !== null && !isOnejot;
  const good = isOnejot ? disagreement?.result ?? result : result;
  const [, payload = ""] = jws.split(".");
  return {
    id: `${signatureFile} ${tcId}`,
    groups: {
      wycheproof: isOnejot && disagreement !== null
        ? `${signatureFile}, listed disagreements`
        : signatureFile,
    },
    question: { verifyJws: jws, secret },
    expected: isDisputed ? "any answer" : good,
    why: disagreement === null ? `Wycheproof: ${comment}` : disagreement.reason,
    isDisputed,
    judge: (answer) => {
      if (good === "invalid") return "refused" in answer ? null : "not refused";
      return answer["payload"] === payload ? null : "not the payload";
    },
  };
}

function macCheck({ test }: Entry): Check {
  const { tcId, comment, result } = readLabels(test);
  const secret = readHex(test, "key");
  const message = readHex(test, "msg");
  const tag = readHex(test, "tag");
  const isTooShort = secret.length < 32;
  const check = {
    id: `${macFile} ${tcId}`,
    groups: { wycheproof: macFile },
    question: {
      mac: message.toString("base64url"),
      secret: secret.toString("base64url"),
    },
    isDisputed: false,
  };
  if (isTooShort) {
    const why = "RFC 7518 3.2: a key of the hash's size or larger MUST be used";
    return { ...check, expected: "misuse", why, judge: judgeShortKey };
  }
  return {
    ...check,
    expected: `${result}: ${tag.toString("base64url")}`,
    why: `Wycheproof: ${comment}`,
    judge: ({ mac }) => {
      if (typeof mac !== "string") return "no MAC";
      const truncated = Buffer.from(mac, "base64url").subarray(0, tag.length);
      return truncated.equals(tag) === (result === "valid")
        ? null
        : "another verdict";
    },
  };
}

function judgeShortKey(answer: Message): string | null {
  return "misuse" in answer || "refused" in answer ? null : "not turned away";
}

function readLabels(
  test: Entry["test"],
): Pick<SignatureVector, "tcId" | "comment" | "result"> {
  const { tcId, comment, result } = test;
  if (typeof tcId !== "number" || typeof comment !== "string") {
    throw misread(test);
  }
  if (result !== "valid" && result !== "invalid") throw misread(test);
  return { tcId, comment, result };
}

function readHex(test: Entry["test"], name: string): Buffer {
  const hex = test[name];
  if (typeof hex !== "string") throw misread(test);
  return Buffer.from(hex, "hex");
}

function misread({ tcId }: Entry["test"]): UsageError {
  return new UsageError(
    `Wycheproof's test ${tcId} has not the form that this suite knows.`,
  );
}
