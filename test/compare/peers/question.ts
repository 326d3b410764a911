/**
 * What the conformance suite asks, in the forms that the libraries want: a
 * policy as options, a secret as text, a time as the system's clock. What a
 * library has no option for is thrown as Unsupported, so that it counts neither
 * for nor against it.
 */

import {
  type CasePolicy,
  type Secret,
  Unsupported,
} from "../../spec/conformance/implementation.ts";

/**
 * A library's options, which it has to check itself: configuration cases hold
 * values of any type.
 */
export type Options = Readonly<Record<string, unknown>>;

/**
 * The option for each member of a policy: its name, or what makes options of
 * the value.
 */
export type OptionTable = {
  readonly [member in keyof CasePolicy]?:
    | string
    | ((value: unknown) => Options);
};

/** A policy as options; values go through as they are. */
export function optionsOf(policy: CasePolicy, table: OptionTable): Options {
  if (typeof policy !== "object" || policy === null) {
    throw new Unsupported("policy is no object");
  }
  const members = new Map(Object.entries(table));
  const options: Record<string, unknown> = {};
  for (const [member, value] of Object.entries(policy)) {
    const option = members.get(member);
    if (option === undefined) throw new Unsupported(member);
    Object.assign(
      options,
      typeof option === "string" ? { [option]: value } : option(value),
    );
  }
  return options;
}

/**
 * Seconds in the unit of a library that counts milliseconds; what is no number
 * stays what it is.
 */
export function milliseconds(seconds: unknown): unknown {
  return typeof seconds === "number" ? seconds * 1000 : seconds;
}

/**
 * The one secret: as text where its bytes are a text, because that is how a
 * program has it from its settings, and because some libraries recognize a PEM
 * in a text alone.
 */
export function secretOf(secret: Secret | string): Uint8Array | string {
  if (typeof secret === "string") return secret;
  if (!(secret instanceof Uint8Array)) throw new Unsupported("several keys");
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
      secret,
    );
  } catch {
    return secret;
  }
}

/** The bytes of the one secret. */
export function secretBytesOf(
  secret: Secret | string,
): Uint8Array<ArrayBuffer> {
  if (typeof secret === "string") return new TextEncoder().encode(secret);
  if (!(secret instanceof Uint8Array)) throw new Unsupported("several keys");
  return new Uint8Array(secret);
}

/**
 * `run` sees the policy's time as the system's clock, which is put back when it
 * has ended. For libraries that have no option for the time. A clock cannot
 * show what is no number.
 */
export async function atTimeOf<T>(
  policy: CasePolicy,
  run: () => T | Promise<T>,
): Promise<T> {
  if (!Object.hasOwn(policy, "now")) return await run();
  const seconds: unknown = policy.now;
  if (typeof seconds !== "number" || !Number.isFinite(seconds)) {
    throw new Unsupported("now");
  }
  const systemClock = Date.now;
  Date.now = () => seconds * 1000;
  try {
    return await run();
  } finally {
    Date.now = systemClock;
  }
}

/**
 * A time that an option takes for none (0) or refuses (before 1970): the clock
 * can show it.
 */
export function isUpToEpoch(seconds: unknown): boolean {
  return typeof seconds === "number" && Number.isFinite(seconds) &&
    seconds <= 0;
}
