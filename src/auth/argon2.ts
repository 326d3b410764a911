/**
 * Argon2id, version 1.3 (RFC 9106), as the runtime has it built in: WebCrypto's
 * on Deno, that of node:crypto on Bun. Neither has the other's; both give the
 * same bytes, and work in another thread.
 */

import nodeCrypto from "node:crypto";
import type { Argon2idCost } from "./password_hash.ts";

/** What a hash is made with, in addition to the password. */
export interface Argon2idInput {
  readonly cost: Argon2idCost;
  readonly salt: Uint8Array<ArrayBuffer>;
  /** The length of the hash in bytes. */
  readonly length: number;
}

/** The hash of a password by Argon2id. */
export async function deriveArgon2id(
  password: Uint8Array<ArrayBuffer>,
  input: Argon2idInput,
): Promise<Uint8Array<ArrayBuffer>> {
  return withArgon2.argon2 === undefined
    ? await deriveByWebCrypto(password, input)
    : await deriveByNodeCrypto(withArgon2.argon2, { password, input });
}

/** What node:crypto has for it, where it has it. */
interface MayHaveArgon2 {
  readonly argon2?: Argon2;
}

type Argon2 = (
  algorithm: "argon2id",
  parameters: {
    readonly message: Uint8Array;
    readonly nonce: Uint8Array;
    readonly parallelism: number;
    readonly tagLength: number;
    readonly memory: number;
    readonly passes: number;
  },
  callback: (error: Error | null, hash: Uint8Array) => void,
) => void;

// Deno's module does not have it, nor do the types that Deno checks by. It is
// not imported by its name, because such an import would stop the program.
const withArgon2 = nodeCrypto as MayHaveArgon2;

function deriveByNodeCrypto(
  argon2: Argon2,
  { password, input }: {
    readonly password: Uint8Array<ArrayBuffer>;
    readonly input: Argon2idInput;
  },
): Promise<Uint8Array<ArrayBuffer>> {
  const { cost, salt, length } = input;
  const parameters = {
    message: password,
    nonce: salt,
    parallelism: cost.lanes,
    tagLength: length,
    memory: cost.memory,
    passes: cost.passes,
  };
  return new Promise((resolve, reject) => {
    argon2("argon2id", parameters, (error, hash) => {
      if (error === null) resolve(new Uint8Array(hash));
      else reject(error);
    });
  });
}

/** What WebCrypto has for it. */
interface Argon2Subtle {
  importKey(
    format: "raw-secret",
    secret: Uint8Array<ArrayBuffer>,
    algorithm: "Argon2id",
    extractable: false,
    usages: ["deriveBits"],
  ): Promise<CryptoKey>;
}

/** Modern Algorithms in the Web Cryptography API, "Argon2". */
async function deriveByWebCrypto(
  password: Uint8Array<ArrayBuffer>,
  { cost, salt, length }: Argon2idInput,
): Promise<Uint8Array<ArrayBuffer>> {
  // The types know no other formats of keys than those of 2017.
  const subtle = crypto.subtle as unknown as Argon2Subtle;
  const key = await subtle.importKey(
    "raw-secret",
    password,
    "Argon2id",
    false,
    [
      "deriveBits",
    ],
  );
  const argon2id = {
    name: "Argon2id",
    nonce: salt,
    parallelism: cost.lanes,
    memory: cost.memory,
    passes: cost.passes,
  };
  const bits = await crypto.subtle.deriveBits(argon2id, key, 8 * length);
  return new Uint8Array(bits);
}
