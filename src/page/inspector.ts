/**
 * The token inspector: what is typed is shown in its three parts, decoded, with
 * three verdicts, again at every second, because time decides one of them.
 * Nothing here sends anything. A secret or a policy that cannot be used is told
 * so, and then nothing is called right or wrong by it.
 */

import { inspect, type Inspection, type Verdict } from "../inspect/inspect.ts";
import {
  encodeBase64url,
  type HmacKey,
  importKey,
  type Policy,
  sign,
} from "../jwt/jwt.ts";
import { find, make, say } from "./elements.ts";
import { showInspection } from "./show_inspection.ts";

/** The inspector, for the rest of the page. */
export interface Inspector {
  /** The token as it stands there. */
  token(): string;
  /**
   * Puts a token of this server there; the secret of an example, which did not
   * make it, goes.
   */
  setToken(token: string): void;
}

/** Brings the inspector to life. */
export function startInspector(): Inspector {
  const token = find("token", HTMLTextAreaElement);
  const secret = find("secret", HTMLInputElement);
  const inputs = [
    token,
    secret,
    find("issuer", HTMLInputElement),
    find("audience", HTMLInputElement),
    find("leeway", HTMLInputElement),
  ];
  let exampleSecret = "";
  for (const input of inputs) {
    input.addEventListener("input", () => void update());
  }
  find("example", HTMLButtonElement).addEventListener("click", async () => {
    exampleSecret = encodeBase64url(crypto.getRandomValues(new Uint8Array(32)));
    secret.value = exampleSecret;
    if (isSecureContext) token.value = await makeExample(exampleSecret);
    await update(); // where there is no token, it says why
  });
  find("clear", HTMLButtonElement).addEventListener("click", () => {
    for (const input of inputs) input.value = "";
    void update();
    token.focus();
  });
  const reveal = find("reveal", HTMLButtonElement);
  reveal.addEventListener("click", () => {
    secret.type = secret.type === "text" ? "password" : "text";
    reveal.setAttribute("aria-pressed", String(secret.type === "text"));
  });
  setInterval(() => void update(), 1000);
  void update(); // a browser may have kept what was typed
  return {
    token: () => readToken(token.value),
    setToken: (text) => {
      token.value = text;
      if (secret.value === exampleSecret) secret.value = "";
      void update();
    },
  };
}

/** A token of a made-up person, signed here. */
async function makeExample(secret: string): Promise<string> {
  // Whole seconds, which are read more easily than the fraction of `sign`.
  const iat = Math.floor(Date.now() / 1000);
  const exp = iat + 900;
  const person = { iss: "https://example.org", sub: "ada", admin: true };
  return await sign({ ...person, iat, exp }, await importSecret(secret));
}

let lastTurn = 0;

/** Shows what is typed; of two that overlap, the later one stays. */
async function update(): Promise<void> {
  colourToken(); // at once: the letters of the text area itself are not seen
  lastTurn++;
  const thisTurn = lastTurn;
  const secret = find("secret", HTMLInputElement);
  const token = readToken(find("token", HTMLTextAreaElement).value);
  const policy = readPolicy();
  const read = await readKey(secret.value);
  // Without a key that can be used, nothing is called right or wrong.
  const key = read.ok ? read.value : null;
  const { inspection, policyFault } = await inspectTyped(token, key, policy);
  if (thisTurn !== lastTurn) return;
  say(find("secret-fault", HTMLElement), read.ok ? "" : read.fault);
  secret.setAttribute("aria-invalid", String(!read.ok));
  say(find("policy-fault", HTMLElement), policyFault);
  showInspection(inspection, Date.now() / 1000);
}

/** What was made of something typed, or why it cannot be used. */
type Attempt<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly fault: string };

/**
 * Waits for what src/jwt makes of a secret or a policy. The words of its
 * TypeErrors and RangeErrors are for who typed it; a fault of ours goes on.
 */
async function attempt<Value>(making: Promise<Value>): Promise<Attempt<Value>> {
  try {
    return { ok: true, value: await making };
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) {
      return { ok: false, fault: error.message };
    }
    throw error;
  }
}

/** The key; null where no secret is typed. */
async function readKey(secret: string): Promise<Attempt<HmacKey | null>> {
  if (secret === "") return { ok: true, value: null };
  return await attempt(importSecret(secret));
}

/** The text's UTF-8 bytes are the key, as for the server. */
async function importSecret(secret: string): Promise<HmacKey> {
  if (isSecureContext) return await importKey(new TextEncoder().encode(secret));
  throw new TypeError(
    "A browser checks signatures over HTTPS and on this machine alone.",
  );
}

/** What is to be shown of a token. */
interface TypedInspection {
  /** Null where no token is typed. */
  readonly inspection: Inspection | null;
  /** Why the policy cannot be used; empty where it can. */
  readonly policyFault: string;
}

/** Inspects a token; with a policy that cannot be used, without its verdict. */
async function inspectTyped(
  token: string,
  key: HmacKey | null,
  policy: Policy,
): Promise<TypedInspection> {
  if (token === "") return { inspection: null, policyFault: "" };
  const inspected = await attempt(inspect(token, key, policy));
  if (inspected.ok) return { inspection: inspected.value, policyFault: "" };
  const inspection = await inspect(token, key);
  return {
    inspection: { ...inspection, accepted: notAsked },
    policyFault: inspected.fault,
  };
}

const notAsked: Verdict = {
  answer: "unknown",
  reason: "What is asked for cannot be used.",
};

/** As it stands in a header field, or on several lines of a mail. */
function readToken(text: string): string {
  return text.trim().replace(/^Bearer +/i, "").replace(/\s*\n\s*/g, "");
}

/** What is asked for beyond the RFC; nothing where nothing is typed. */
function readPolicy(): Policy {
  const issuer = find("issuer", HTMLInputElement).value.trim();
  const audience = find("audience", HTMLInputElement).value.trim();
  const leeway = find("leeway", HTMLInputElement).value.trim();
  let policy: Policy = {};
  if (issuer !== "") policy = { ...policy, issuer };
  if (audience !== "") policy = { ...policy, audience };
  if (leeway !== "") policy = { ...policy, leewaySeconds: Number(leeway) };
  return policy;
}

/**
 * Writes the text behind the text area, each part in its colour, with the dot
 * before it.
 */
function colourToken(): void {
  // The line feed gives an empty line its height.
  const text = `${find("token", HTMLTextAreaElement).value}\n`;
  const coloured = find("coloured", HTMLElement);
  if (coloured.textContent === text) return;
  const payloadStart = nextDot(text, 0);
  const signatureStart = nextDot(text, payloadStart + 1);
  coloured.replaceChildren(
    make("span", "header-part", text.slice(0, payloadStart)),
    make("span", "payload-part", text.slice(payloadStart, signatureStart)),
    make("span", "signature-part", text.slice(signatureStart)),
  );
}

/** Where the next dot stands, or where the text ends. */
function nextDot(text: string, start: number): number {
  const index = text.indexOf(".", start);
  return index < 0 ? text.length : index;
}
