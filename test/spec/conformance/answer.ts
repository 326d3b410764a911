/**
 * Answers one question of the conformance suite with a module. What the module
 * does beside its answer is watched: a fetch and a changed prototype are
 * faults. Runs wherever WebCrypto does.
 */

import type {
  CasePolicy,
  Implementation,
  NamedSecret,
  Secret,
} from "./implementation.ts";

/**
 * A question or an answer: one JSON object, as test/spec/vectors/README.md
 * defines it.
 */
export type Message = Readonly<Record<string, unknown>>;

/**
 * Answers a question. Never throws: what the implementation throws becomes the
 * answer.
 */
export async function answer(
  implementation: Implementation,
  question: Message,
): Promise<Message> {
  const watch = watchForFaults();
  let answered: Message;
  try {
    answered = await ask(implementation, question);
  } catch (error) {
    answered = fromError(implementation, error);
  }
  const fault = watch.end();
  return fault === null ? answered : { fault };
}

async function ask(
  implementation: Implementation,
  question: Message,
): Promise<Message> {
  if ("verify" in question) {
    // Or what a case puts in its place.
    const token = decodeSpecial(question["verify"]) as string;
    const policy = decodeSpecial(question["policy"] ?? {}) as CasePolicy;
    return {
      claims: await implementation.verify(
        token,
        readSecret(question["secret"]),
        policy,
      ),
    };
  }
  const secret = readBytes(question["secret"]);
  if ("sign" in question) {
    const claims = decodeSpecial(question["sign"]) as Readonly<
      Record<string, unknown>
    >;
    return { token: await implementation.sign(claims, secret) };
  }
  if ("verifyJws" in question) {
    if (implementation.verifyJws === undefined) {
      return { unsupported: "verifyJws" };
    }
    const payload = await implementation.verifyJws(
      String(question["verifyJws"]),
      secret,
    );
    return payload instanceof Uint8Array
      ? { payload: writeBytes(payload) }
      : noBytes;
  }
  if (implementation.mac === undefined) return { unsupported: "mac" };
  const mac = await implementation.mac(readBytes(question["mac"]), secret);
  return mac instanceof Uint8Array ? { mac: writeBytes(mac) } : noBytes;
}

const noBytes: Message = { fault: "what it returned is no Uint8Array" };

function fromError(implementation: Implementation, error: unknown): Message {
  if (!(error instanceof Error)) {
    return { fault: "what was thrown is no Error" };
  }
  if (error.name === "Unsupported") return { unsupported: error.message };
  if (implementation.refusal === undefined) return { refused: error.name };
  const refused = implementation.refusal(error);
  return refused === null ? { misuse: error.name } : { refused };
}

/**
 * `{"$": "NaN"}` and the like stand for what JSON cannot hold, at any depth.
 */
function decodeSpecial(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(decodeSpecial);
  const { $: special } = value as { $?: unknown };
  if (special === "undefined") return undefined;
  if (special === "NaN" || special === "Infinity" || special === "-Infinity") {
    return Number(special);
  }
  const entries = Object.entries(value).map((
    [name, member],
  ) => [name, decodeSpecial(member)]);
  return Object.fromEntries(entries);
}

function readSecret(value: unknown): Secret {
  if (!Array.isArray(value)) return readBytes(value);
  return value.map(({ kid, secret }): NamedSecret => ({
    kid,
    secret: readBytes(secret),
  }));
}

function readBytes(base64url: unknown): Uint8Array {
  const text = atob(
    String(base64url).replaceAll("-", "+").replaceAll("_", "/"),
  );
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function writeBytes(bytes: Uint8Array): string {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll(
    "=",
    "",
  );
}

/** Watches until `end` is called, which names a fault or gives null. */
function watchForFaults(): { end(): string | null } {
  const { fetch } = globalThis;
  let fetched = false;
  globalThis.fetch = Object.assign(() => {
    fetched = true;
    return Promise.reject(
      new Error("The conformance suite lets nothing be fetched."),
    );
  }, fetch);
  const before = prototypes.map(readMembers);
  return {
    end() {
      globalThis.fetch = fetch;
      if (fetched) return "it fetched something";
      const polluted = prototypes.some((prototype, index) => {
        const members = readMembers(prototype);
        const same = before[index] ?? [];
        return members.length !== same.length ||
          members.some((part, at) => part !== same[at]);
      });
      return polluted ? "it polluted a prototype" : null;
    },
  };
}

const prototypes = [
  Object,
  Array,
  Function,
  String,
  Number,
  Uint8Array,
  Promise,
]
  .map(({ prototype }): object => prototype);

/**
 * The names of all members, with their values or accessors, which are not
 * called.
 */
function readMembers(prototype: object): readonly unknown[] {
  return Reflect.ownKeys(prototype).flatMap((name) => {
    const { value, get, set } =
      Reflect.getOwnPropertyDescriptor(prototype, name) ?? {};
    return [name, value, get, set];
  });
}
