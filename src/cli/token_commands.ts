/**
 * The commands that make, check and show tokens, for people who know jwt-cli
 * and jwt.io. The secret comes from the settings, a file or a prompt without
 * echo, never from an argument, which other users of the machine could see.
 * Refused: claims that are not a JSON object, are given twice or have a number
 * that a double does not hold; and by `verify` what the server refuses.
 */

import process from "node:process";
import { inspect, readParts } from "../inspect/inspect.ts";
import { printable } from "../inspect/printable.ts";
import { describeRefusal } from "../inspect/refusal_words.ts";
import { numbersIn, parseAsWritten } from "../inspect/written_number.ts";
import {
  type Claims,
  type HmacKey,
  importKey,
  JwtError,
  type Policy,
  sign,
  verify,
} from "../jwt/jwt.ts";
import { CommandError } from "../server/fault.ts";
import { importSecrets, readSecrets } from "../server/secrets.ts";
import { type Environment, SettingReader } from "../server/setting_reader.ts";
import { print } from "../server/standard_output.ts";
import {
  type Argument,
  type Call,
  type Command,
  type OptionName,
  type OptionValues,
  UsageError,
} from "./command.ts";
import {
  describeChangedNumbers,
  describeInspection,
} from "./inspection_text.ts";
import { readInput, readSecret } from "./terminal.ts";

const token: Argument = { name: "TOKEN", isRequired: false };
const policyOptions = ["issuer", "audience", "leeway"] as const;

/** The commands; they need no database. */
export const tokenCommands: readonly Command<Call>[] = [
  {
    words: ["sign"],
    argument: { name: "CLAIMS", isRequired: false },
    options: ["sub", "lifetime", "claim", "secret-file"],
    meaning: "make a token of JSON, as an argument or piped in",
    run: signToken,
  },
  {
    words: ["verify"],
    argument: token,
    options: [...policyOptions, "secret-file"],
    meaning: "print a token's claims, or why it is refused",
    run: verifyToken,
  },
  {
    words: ["decode"],
    argument: token,
    options: [...policyOptions, "secret-file", "json"],
    meaning: "show a token, and whether it is true",
    run: decodeToken,
  },
];

async function signToken(call: Call): Promise<void> {
  const text = singleValue(call.options, "lifetime");
  const lifetime = text === null ? {} : lifetimeOf(parseLifetime(text));
  const given = await readClaims(call);
  if (Object.keys(lifetime).some((name) => Object.hasOwn(given, name))) {
    throw new CommandError("Cannot sign: iat or exp is there.");
  }
  const claims = { ...given, ...lifetime };
  const key = await requireKey(call);
  await print(await sign(claims, key).catch(toCommandError));
  if (!Object.hasOwn(claims, "exp")) {
    hint("This token never expires: --lifetime 15m makes one that does.");
  }
}

/** Whole seconds, which are read more easily than `sign`'s fractions. */
function lifetimeOf(seconds: number): { iat: number; exp: number } {
  const iat = Math.floor(Date.now() / 1000);
  return { iat, exp: iat + seconds };
}

async function verifyToken(call: Call): Promise<void> {
  const policy = readPolicy(call.options);
  const token = await readToken(call);
  const key = await requireKey(call);
  await verify(token, key, policy).catch((error: unknown) => {
    if (!(error instanceof JwtError)) return toCommandError(error);
    throw new CommandError(describeRefusal(error, { token, policy }));
  });
  const { claims } = readParts(token); // the same text, with its digits
  await print(printable(claims, 2));
  hint(describeChangedNumbers(claims));
}

async function decodeToken(call: Call): Promise<void> {
  const policy = readPolicy(call.options);
  const token = await readToken(call);
  const inspection = await inspect(token, await findKey(call), policy);
  if (call.options.json === undefined) {
    await print(describeInspection(inspection));
  } else {
    await print(printable(inspection, 2));
    const { header = {}, claims = {} } = inspection.parts ?? {};
    hint(describeChangedNumbers(header, claims));
  }
  if (inspection.wellFormed.answer === "no") process.exitCode = 1;
}

/**
 * Claims, a policy or a secret that cannot be used are told in the library's
 * own words, which hold no value.
 */
function toCommandError(error: unknown): never {
  const isTold = error instanceof TypeError || error instanceof RangeError;
  throw isTold ? new CommandError(error.message) : error;
}

/**
 * Says it on standard error, because the output may go into a pipe; nothing for
 * an empty text.
 */
function hint(text: string): void {
  if (text !== "") console.error(text);
}

/** The claims of JSON and of options; one that both have is refused. */
async function readClaims({ argument, options }: Call): Promise<Claims> {
  const subject = singleValue(options, "sub");
  const claimsOfOptions = (options.claim ?? []).map(parseClaim);
  if (subject !== null) claimsOfOptions.unshift(["sub", subject]);
  const json = await readJson(argument, claimsOfOptions.length > 0);
  const claims = [...readMembers(json), ...claimsOfOptions];
  const names = new Set<string>();
  for (const [name] of claims) {
    if (names.has(name)) {
      throw new UsageError(`The claim ${printable(name)} is given twice.`);
    }
    names.add(name);
  }
  return Object.fromEntries(claims);
}

/**
 * The argument, or what is piped in; an empty object where options say it all.
 */
async function readJson(
  argument: string,
  hasOtherClaims: boolean,
): Promise<string> {
  if (argument !== "") return argument;
  if (hasOtherClaims) return "{}";
  return await readInput("a JSON object of claims");
}

function parseClaim(text: string): [name: string, value: unknown] {
  const end = text.indexOf("=");
  if (end < 1) throw new UsageError("--claim needs NAME=VALUE behind it.");
  const name = text.slice(0, end);
  const written = text.slice(end + 1);
  const value = parseJson(written);
  if (value === undefined) return [name, written];
  requireKeptNumbers(name, parseAsWritten(written));
  return [name, value];
}

function readMembers(json: string): [name: string, value: unknown][] {
  const value = parseJson(json);
  const isObject = typeof value === "object" && value !== null &&
    !Array.isArray(value);
  if (!isObject) {
    throw new CommandError(
      `The claims must be a JSON object, such as '{"sub":"ada"}'.`,
    );
  }
  const written: object = Object(parseAsWritten(json));
  for (const [name, member] of Object.entries(written)) {
    requireKeptNumbers(name, member);
  }
  return Object.entries(value);
}

/**
 * What is signed is what was meant: digits that a double does not hold are
 * refused, at any depth.
 */
function requireKeptNumbers(name: string, written: unknown): void {
  const isKept = numbersIn(written).every((number) => {
    // JSON.stringify writes -0 as 0.
    return number.isKept && !Object.is(number.value, -0);
  });
  if (isKept) return;
  throw new UsageError(
    `The claim ${printable(name)} has a number that would be signed as ` +
      "another one: write it as a text, in double quotes.",
  );
}

/** What JSON says; undefined for what is not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const lifetimeForm = /^(?<digits>\d{1,9})(?<unit>[smhd]?)$/;

const secondsOfUnit: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["s", 1],
  ["m", 60],
  ["h", 3600],
  ["d", 86_400],
]);

/** Reads 15m, 12h, 30d or seconds, as seconds. */
function parseLifetime(text: string): number {
  const { digits = "0", unit = "" } = lifetimeForm.exec(text)?.groups ?? {};
  const seconds = Number(digits) * (secondsOfUnit.get(unit) ?? 0);
  if (seconds > 0) return seconds;
  throw new UsageError(
    "--lifetime needs a time behind it: 15m, 12h, 30d, or seconds.",
  );
}

/**
 * What the options ask of a token. The policy of verify() takes no null for
 * "nothing".
 */
function readPolicy(options: OptionValues): Policy {
  const policy: { -readonly [M in keyof Policy]: Policy[M] } = {};
  const issuer = singleValue(options, "issuer");
  if (issuer !== null) policy.issuer = issuer;
  const audience = singleValue(options, "audience");
  if (audience !== null) policy.audience = audience;
  const leeway = singleValue(options, "leeway");
  if (leeway !== null) policy.leewaySeconds = parseLeeway(leeway);
  return policy;
}

function parseLeeway(text: string): number {
  const seconds = Number(text);
  if (/^\d{1,3}$/.test(text) && seconds <= 300) return seconds;
  throw new UsageError("--leeway needs seconds behind it: 0 to 300.");
}

/**
 * The value of an option that can be given once; null where it is not given.
 */
function singleValue(options: OptionValues, name: OptionName): string | null {
  const values = options[name];
  if (values === undefined) return null;
  const [value = "", ...others] = values;
  if (value !== "" && others.length === 0) return value;
  throw new UsageError(`--${name} needs one value, and is given once.`);
}

/** The token, also as it stands in a header field, behind "Bearer". */
async function readToken({ argument }: Call): Promise<string> {
  const text = argument === "" ? await readInput("a token") : argument;
  return text.trim().replace(/^Bearer +/i, "");
}

async function requireKey(call: Call): Promise<HmacKey> {
  const key = await findKey(call);
  if (key !== null) return key;
  const text = await readSecret();
  return await importKey(new TextEncoder().encode(text)).catch(toCommandError);
}

/**
 * The key of --secret-file or else of the settings; null where neither is
 * there.
 */
async function findKey(
  { environment, options }: Call,
): Promise<HmacKey | null> {
  const file = singleValue(options, "secret-file");
  const reader = new SettingReader(
    file === null ? environment : onlySecretFile(file),
  );
  const secrets = reader.finish(readSecrets(reader));
  return secrets.length === 0 ? null : await importSecrets(secrets);
}

/** An environment in which nothing is set but the file of the secret. */
function onlySecretFile(file: string): Environment {
  return (name) => name === "JWT_SECRET_FILE" ? file : undefined;
}
