/**
 * The process that token.ts starts on each runtime: `token_rounds.ts RUNTIME
 * [--quick]` writes its results as JSON to stdout. Before anything is measured,
 * each contender must sign the same claims, accept a good token, and refuse one
 * that is changed or expired. Each round runs every contender once, in another
 * order.
 */

import assert from "node:assert/strict";
import process from "node:process";
import { encodeBase64url, importKey, verify } from "../../../src/jwt/jwt.ts";
import { makeRows, type Result, type Runtime } from "./result.ts";
import {
  type Contender,
  lifetimeSeconds,
  makeSigners,
  makeVerifiers,
  type Sample,
} from "./token_contenders.ts";
import { Driver } from "./token_driver.ts";

const [runtime, mode] = process.argv.slice(2);
const plan = mode === "--quick"
  ? { rounds: 2, roundMilliseconds: 5 }
  : { rounds: 9, roundMilliseconds: 100 };
const sampleCount = 10_000;
const encoder = new TextEncoder();
const secret = crypto.getRandomValues(new Uint8Array(32));
const hmac = { name: "HMAC", hash: "SHA-256" };
const cryptoKey = await crypto.subtle.importKey("raw", secret, hmac, false, [
  "sign",
]);

const results: Result[] = [];
await measureAll();
process.stdout.write(JSON.stringify(results));

async function measureAll(): Promise<void> {
  const samples: Sample[] = [];
  for (let index = 0; index < sampleCount; index++) {
    samples.push(await makeSample(index));
  }
  const signers = await makeSigners(secret);
  const verifiers = await makeVerifiers(secret, samples);
  await checkSigners(signers, samples);
  await checkVerifiers(verifiers, samples);
  for (
    const [what, contenders] of [["verify", verifiers], [
      "sign",
      signers,
    ]] as const
  ) {
    for (const inFlight of [64, 1]) {
      const flight = inFlight === 1 ? "one at a time" : `${inFlight} in flight`;
      const [one, many] = what === "verify"
        ? ["the same token", "10,000 tokens"]
        : ["the same claims", "10,000 claims sets"];
      await measure(
        `${what}, ${flight}, ${one}`,
        contenders,
        samples.slice(0, 1),
        inFlight,
      );
      await measure(
        `${what}, ${flight}, ${many}`,
        contenders,
        samples,
        inFlight,
      );
    }
  }
}

async function makeSample(
  index: number,
  changes: { exp?: number } = {},
): Promise<Sample> {
  const iat = Math.floor(Date.now() / 1000);
  const sid = encodeBase64url(crypto.getRandomValues(new Uint8Array(16)));
  const identity = { sub: String(index + 1), user_id: index + 1, sid };
  const claims = { ...identity, iat, exp: iat + lifetimeSeconds, ...changes };
  const [header, payload] = [{ alg: "HS256", typ: "JWT" }, claims]
    .map((part) => encodeBase64url(encoder.encode(JSON.stringify(part))));
  const signingInput = encoder.encode(`${header}.${payload}`);
  const mac = new Uint8Array(
    await crypto.subtle.sign("HMAC", cryptoKey, signingInput),
  );
  const token = `${header}.${payload}.${encodeBase64url(mac)}`;
  return { claims, header: `Bearer ${token}`, signingInput, mac };
}

/**
 * What each signs must be a token with these claims; the bare call gives the
 * MAC alone.
 */
async function checkSigners(
  [bare, ...signers]: readonly Contender[],
  samples: readonly Sample[],
): Promise<void> {
  const key = await importKey(secret);
  for (const sample of samples.slice(0, 10)) {
    assert.deepEqual(
      new Uint8Array(await bare?.run(sample) as ArrayBuffer),
      sample.mac,
    );
    for (const { name, run, isSynchronous } of signers) {
      const token = run(sample);
      assert.equal(token instanceof Promise, !isSynchronous, name);
      assert.deepEqual(
        await verify(String(await token), key),
        sample.claims,
        name,
      );
    }
  }
}

async function checkVerifiers(
  [bare, ...verifiers]: readonly Contender[],
  samples: readonly Sample[],
): Promise<void> {
  const [sample] = samples;
  if (bare === undefined || sample === undefined) {
    throw new Error("There is nothing to check.");
  }
  assert.equal(await bare.run(sample), true);
  assert.equal(await bare.run({ ...sample, mac: new Uint8Array(32) }), false);
  const expired = await makeSample(0, {
    exp: Math.floor(Date.now() / 1000) - 1,
  });
  const token = sample.header;
  const middleOfClaims = token.indexOf(".") + 20;
  const bad = {
    "a MAC that was changed": changeAt(token, token.length - 20),
    "a claim that was changed": changeAt(token, middleOfClaims),
    "an expired token": expired.header,
  };
  for (const { name, run, isSynchronous } of verifiers) {
    const verified = run(sample);
    assert.equal(verified instanceof Promise, !isSynchronous, name);
    const claims = Object(await verified);
    assert.deepEqual({ ...(claims.payload ?? claims) }, sample.claims, name);
    for (const [what, header] of Object.entries(bad)) {
      await assert.rejects(
        async () => await run({ ...sample, header }),
        `${name}: ${what}`,
      );
    }
  }
}

function changeAt(text: string, index: number): string {
  return text.slice(0, index) + (text[index] === "A" ? "B" : "A") +
    text.slice(index + 1);
}

/**
 * Measures one question: as many rounds as planned, after a round that warms
 * up.
 */
async function measure(
  question: string,
  contenders: readonly Contender[],
  samples: readonly Sample[],
  inFlight: number,
): Promise<void> {
  process.stderr.write(`${runtime}: ${question} `);
  const drivers = contenders.map((contender) =>
    new Driver(contender, samples, inFlight)
  );
  for (const driver of drivers) await driver.warmUp(plan.roundMilliseconds);
  const figures = contenders.map(({ name }): [string, number[]] => [name, []]);
  for (let round = 0; round < plan.rounds; round++) {
    for (const index of orderOf(round, drivers.length)) {
      figures[index]?.[1].push(await drivers[index]?.runRound() ?? NaN);
    }
    process.stderr.write(".");
  }
  process.stderr.write("\n");
  const rows = makeRows(
    figures.map(([name, rounds]) => [name, rounds.map(Math.round)]),
  );
  results.push({
    question,
    runtime: runtime as Runtime,
    unit: "operations per second",
    rows,
  });
}

/**
 * Each round begins one further, and every second one runs backwards:
 * neighbours change too.
 */
function orderOf(round: number, count: number): number[] {
  const order = Array.from(
    { length: count },
    (_, index) => (index + round) % count,
  );
  return round % 2 === 0 ? order : order.reverse();
}
