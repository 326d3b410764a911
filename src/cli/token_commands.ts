/**
 * The commands that make, check and show tokens, for people who know jwt-cli and jwt.io. The secret
 * comes from the settings, a file or a prompt without echo, never from an argument, which other users
 * of the machine could see.
 * Refused: claims that are no JSON object or are given twice, and by `verify` what the server refuses.
 */

import process from "node:process";
import type { Call, Command, Options } from "./command_line.ts";
import { UsageError } from "./command_line.ts";
import { claimTime } from "../inspect/claim_time.ts";
import { inspect, type Inspection, type Verdict } from "../inspect/inspect.ts";
import { claimNames } from "../inspect/meanings.ts";
import { printable } from "../inspect/printable.ts";
import { type Claims, type HmacKey, importKey, JwtError } from "../jwt/jwt.ts";
import { type Policy, sign, verify } from "../jwt/jwt.ts";
import { readSecrets } from "../server/secrets.ts";
import { SettingReader } from "../server/setting_reader.ts";
import { importSecrets } from "../server/start.ts";
import { CommandError, print } from "../server/fault.ts";
import { readInput, readSecret } from "./terminal.ts";

const signing = ["sub", "lifetime", "claim", "secret-file"] as const;
const checking = ["issuer", "audience", "leeway", "secret-file"] as const;

/** The commands; they need no database. */
export const tokenCommands: readonly Command<Call>[] = [
  [
    "sign [CLAIMS]",
    "make a token of JSON, as an argument or piped in",
    signToken,
    signing,
  ],
  [
    "verify [TOKEN]",
    "print a token's claims, or why it is refused",
    verifyToken,
    checking,
  ],
  ["decode [TOKEN]", "show a token, and whether it is true", decodeToken, [
    ...checking,
    "json",
  ]],
];

async function signToken(call: Call): Promise<void> {
  const lifetime = only(call.options, "lifetime");
  const options = lifetime === null
    ? {}
    : { lifetimeSeconds: parseLifetime(lifetime) };
  const claims = await readClaims(call);
  const key = await requireKey(call);
  print(await sign(claims, key, options).catch(toCommandError));
  if (options.lifetimeSeconds === undefined && !Object.hasOwn(claims, "exp")) {
    console.error(
      "This token never expires: --lifetime 15m makes one that does.",
    );
  }
}

async function verifyToken(call: Call): Promise<void> {
  const policy = readPolicy(call.options);
  const token = await readToken(call);
  const key = await requireKey(call);
  print(printable(await verify(token, key, policy).catch(toCommandError), 2));
}

async function decodeToken(call: Call): Promise<void> {
  const policy = readPolicy(call.options);
  const token = await readToken(call);
  const inspection = await inspect(token, await findKey(call), policy);
  print(
    call.options.json === undefined
      ? describe(inspection)
      : printable(inspection, 2),
  );
  if (inspection.wellFormed.answer === "no") process.exitCode = 1;
}

/** A token or a policy that is refused is told in its own words, which hold no value. */
function toCommandError(error: unknown): never {
  const isTold = error instanceof JwtError || error instanceof TypeError ||
    error instanceof RangeError;
  throw isTold ? new CommandError(error.message) : error;
}

/** From JSON and from options; a claim that both have is refused. */
async function readClaims({ argument, options }: Call): Promise<Claims> {
  const sub = only(options, "sub");
  const named = (options.claim ?? []).map(parseClaim);
  if (sub !== null) named.unshift(["sub", sub]);
  const isPiped = argument === "" && named.length === 0;
  const json = isPiped
    ? await readInput("a JSON object of claims")
    : argument || "{}";
  const entries = [...Object.entries(parseObject(json)), ...named];
  const repeated = entries.find(([name], index) =>
    entries.findIndex(([other]) => other === name) < index
  );
  if (repeated !== undefined) {
    throw new UsageError(`The claim ${printable(repeated[0])} is given twice.`);
  }
  return Object.fromEntries(entries);
}

function parseClaim(text: string): [string, unknown] {
  const end = text.indexOf("=");
  if (end < 1) throw new UsageError("--claim needs NAME=VALUE behind it.");
  const value = text.slice(end + 1);
  const parsed = parseJson(value);
  return [text.slice(0, end), parsed === undefined ? value : parsed]; // null is JSON
}

function parseObject(json: string): object {
  const value = parseJson(json);
  const isObject = typeof value === "object" && value !== null &&
    !Array.isArray(value);
  if (isObject) return value;
  throw new CommandError(
    `The claims must be a JSON object, such as '{"sub":"ada"}'.`,
  );
}

/** Undefined for what is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const unitSeconds = new Map([["", 1], ["s", 1], ["m", 60], ["h", 3600], [
  "d",
  86_400,
]]);

function parseLifetime(text: string): number {
  const [, digits = "", unit = ""] = /^(\d{1,9})([smhd]?)$/.exec(text) ?? [];
  const seconds = Number(digits) * (unitSeconds.get(unit) ?? NaN);
  if (seconds > 0) return seconds;
  throw new UsageError(
    "--lifetime needs a time behind it: 15m, 12h, 30d, or seconds.",
  );
}

function readPolicy(options: Options): Policy {
  const issuer = only(options, "issuer");
  const audience = only(options, "audience");
  const leeway = only(options, "leeway");
  if (leeway !== null && !(/^\d{1,3}$/.test(leeway) && Number(leeway) <= 300)) {
    throw new UsageError("--leeway needs seconds behind it: 0 to 300.");
  }
  return {
    ...(issuer === null ? {} : { issuer }),
    ...(audience === null ? {} : { audience }),
    ...(leeway === null ? {} : { leewaySeconds: Number(leeway) }),
  };
}

/** The value of an option that can be given once, or null. */
function only(options: Options, name: keyof Options): string | null {
  const [value, ...others] = options[name] ?? [];
  const isOne = others.length === 0 && value !== "";
  if (isOne) return value ?? null;
  throw new UsageError(`--${name} needs one value, and is given once.`);
}

async function readToken({ argument }: Call): Promise<string> {
  const text = argument === "" ? await readInput("a token") : argument;
  return text.trim().replace(/^Bearer +/i, ""); // as it stands in a header
}

async function requireKey(call: Call): Promise<HmacKey> {
  const key = await findKey(call);
  if (key !== null) return key;
  const text = await readSecret();
  return await importKey(new TextEncoder().encode(text)).catch(toCommandError);
}

/** The key of --secret-file or of the settings; null where neither is there. */
async function findKey(
  { environment, options }: Call,
): Promise<HmacKey | null> {
  const file = only(options, "secret-file");
  const reader = new SettingReader(
    file === null
      ? environment
      : (name) => name === "JWT_SECRET_FILE" ? file : undefined,
  );
  const secrets = reader.finish(readSecrets(reader));
  return secrets.length === 0 ? null : await importSecrets(secrets);
}

/** An inspection for the eyes: verdicts first, and claims that nothing proves marked as such. */
function describe({ parts, ...verdicts }: Inspection): string {
  const { wellFormed, signature, accepted } = verdicts;
  const lines = [
    line("Well-formed", wellFormed),
    line("Signature", signature),
    line("Accepted now", accepted),
  ];
  if (parts === null) return lines.join("\n");
  const isProved = signature.answer === "yes";
  const title = isProved
    ? "Claims"
    : styled("yellow", "Claims that nothing proves");
  const header = Object.entries(parts.header).map(([name, value]) =>
    row(name, value, "")
  );
  lines.push("", "Header", ...header, "", title);
  const now = Date.now() / 1000;
  for (const [name, value] of Object.entries(parts.claims)) {
    const time = claimTime(name, value, now);
    const meaning = Object.hasOwn(claimNames, name) ? claimNames[name] : "";
    lines.push(
      row(
        name,
        value,
        time === null ? meaning ?? "" : `${time.utc}, ${time.words}`,
      ),
    );
  }
  if (!Object.hasOwn(parts.claims, "exp")) {
    lines.push("  no exp: it never expires");
  }
  return lines.join("\n");
}

function line(what: string, { answer, reason }: Verdict): string {
  const colour =
    ({ yes: "green", no: "red", unknown: "yellow" } as const)[answer];
  return `${what.padEnd(14)}${styled(colour, answer.padEnd(8))} ${reason}`;
}

function row(name: string, value: unknown, meaning: string): string {
  const shown = `  ${printable(name).slice(1, -1).padEnd(10)} ${
    printable(value)
  }`;
  return meaning === ""
    ? shown
    : `${shown.padEnd(40)}  ${styled("dim", meaning)}`;
}

const colours = { green: 32, red: 31, yellow: 33, dim: 2 } as const; // ECMA-48 §8.3.117

function styled(colour: keyof typeof colours, text: string): string {
  return isColoured() ? `\u001b[${colours[colour]}m${text}\u001b[0m` : text;
}

/** On a terminal, unless NO_COLOR is there (no-color.org), which Deno may not let us see. */
function isColoured(): boolean {
  try {
    return process.stdout.isTTY === true && !process.env["NO_COLOR"];
  } catch {
    return false;
  }
}
