/**
 * Tests of onejot/jwt for Jest and Vitest, which run each file of tests in a
 * realm of its own or with the globals of jsdom: the tests' `Object` and
 * `Uint8Array` are then not those of Node.js, of Buffer or of WebCrypto.
 * test/system/pack/test_runners.ts compiles them and has them run.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { runInNewContext } from "node:vm";
import {
  decodeBase64url,
  encodeBase64url,
  generateKey,
  importKey,
  JwtError,
  keyRing,
  rememberVerified,
  sign,
  verify,
} from "onejot/jwt";

/** The runner's. */
declare const test: (name: string, act: () => void | Promise<void>) => void;

const secret = "0123456789abcdefghijklmnopqrstuv";

type Bytes = Uint8Array<ArrayBuffer>;

const bytesOf: Readonly<Record<string, (text: string) => Bytes>> = {
  "a Buffer": (text) => Buffer.from(text),
  "a Uint8Array of this realm": (text) => new Uint8Array(Buffer.from(text)),
  "a Uint8Array of another realm": (text) => {
    return runInNewContext("new Uint8Array(bytes)", {
      bytes: Array.from(Buffer.from(text)),
    });
  },
  "what TextEncoder gives": (text) => new TextEncoder().encode(text),
  "what structuredClone gives": (text) => structuredClone(Buffer.from(text)),
};

type Copy = <T extends object>(value: T) => T;

const copyOf: Readonly<Record<string, Copy>> = {
  "objects of this realm": (value) => value,
  "objects of another realm": (value) => {
    return runInNewContext(`(${JSON.stringify(value)})`);
  },
  "what structuredClone gives": (value) => structuredClone(value),
  "objects without a prototype": (value) => {
    return Object.assign(Object.create(null), value);
  },
};

/** Declares the tests, for one environment of the runner. */
export function testIn(environment: "node" | "jsdom"): void {
  test(`this is ${environment}`, () => {
    const isJsdom = environment === "jsdom";
    assert.equal("document" in globalThis, isJsdom);
    assert.equal(Buffer.from("") instanceof Uint8Array, !isJsdom);
    assert.ok(!(runInNewContext("({})") instanceof Object));
  });

  for (const [name, make] of Object.entries(bytesOf)) {
    test(`a secret is ${name}`, async () => {
      const key = await importKey(make(secret));
      const other = await importKey(Uint8Array.from(Buffer.from(secret)));
      const token = await sign({ sub: "1" }, key, { lifetimeSeconds: 60 });
      assert.equal((await verify(token, other)).sub, "1");
      const text = encodeBase64url(make(secret));
      assert.equal(text, Buffer.from(secret).toString("base64url"));
      const decoded = decodeBase64url(text, make(secret.toUpperCase()));
      assert.equal(Buffer.from(decoded).toString(), secret);
    });
  }

  for (const [name, copy] of Object.entries(copyOf)) {
    test(`claims, a policy and options are ${name}`, async () => {
      const issuer = "https://example.com";
      const bytes = Uint8Array.from(Buffer.from(secret));
      const key = await importKey(bytes, copy({ kid: "a", issuer }));
      const claims = copy({ iss: issuer, aud: ["x"], deep: { a: [1, null] } });
      const token = await sign(claims, key, copy({ typ: "at+jwt" }));
      const policy = copy({ issuer, audience: ["x", "y"], typ: "at+jwt" });

      const ring = keyRing([key, await generateKey("b")]);
      const verified = await verify(token, ring, policy);
      assert.equal(JSON.stringify(verified), JSON.stringify(claims));
      const verifier = rememberVerified(
        ring,
        policy,
        copy({ maxCharacters: 10_000 }),
      );
      for (let time = 0; time < 2; time++) {
        const remembered = await verifier(token);
        assert.equal(JSON.stringify(remembered), JSON.stringify(claims));
      }
      await assert.rejects(
        verify(`${token.slice(0, -43)}${"A".repeat(43)}`, ring, policy),
        (error) => error instanceof JwtError && error.code === "signature",
      );
    });
  }
}
