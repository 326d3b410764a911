/**
 * The token inspector: what is typed is shown in its three parts, decoded, with three verdicts, again
 * at every second, because time decides one of them. Nothing here sends anything. Claims that are
 * shown without a signature that holds are called what they are: nothing proves them.
 */

import {
  claimTime,
  inspect,
  type Inspection,
  printable,
  type Verdict,
} from "../inspect/inspect.ts";
import {
  encodeBase64url,
  type HmacKey,
  importKey,
  type Policy,
  sign,
} from "../jwt/jwt.ts";
import { find, make, say } from "./elements.ts";
import { meanings } from "../inspect/meanings.ts";

/** The inspector, for the rest of the page. */
export interface Inspector {
  /** The token as it stands there. */
  token(): string;
  /** Puts a token of this server there; the secret of an example, which did not make it, goes. */
  setToken(token: string): void;
}

/** Brings the inspector to life. */
export function startInspector(): Inspector {
  const token = find("token", HTMLTextAreaElement);
  const secret = find("secret", HTMLInputElement);
  const typed = [token, secret, ...policyInputs()];
  let exampleSecret = "";
  for (const input of typed) {
    input.addEventListener("input", () => void update());
  }
  find("example", HTMLButtonElement).addEventListener("click", async () => {
    exampleSecret = encodeBase64url(crypto.getRandomValues(new Uint8Array(32)));
    secret.value = exampleSecret;
    if (isSecureContext) token.value = await makeExample(exampleSecret);
    await update(); // which says why there is none, where there is none
  });
  find("clear", HTMLButtonElement).addEventListener("click", () => {
    for (const input of typed) input.value = "";
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
  const claims = { iss: "https://example.org", sub: "ada", admin: true };
  return await sign(claims, await importSecret(secret), {
    lifetimeSeconds: 900,
  });
}

let turn = 0;

/** Shows what is typed; of two that overlap, the later one stays. */
async function update(): Promise<void> {
  colour(); // at once: the letters of the text area itself are not to be seen
  const own = ++turn;
  const secret = find("secret", HTMLInputElement);
  const token = readToken(find("token", HTMLTextAreaElement).value);
  const policy = readPolicy();
  const key = secret.value === ""
    ? null
    : await importSecret(secret.value).catch(toFault);
  const usable = typeof key === "string" ? null : key; // without one, nothing is called right or wrong
  const found = token === ""
    ? null
    : await inspect(token, usable, policy).catch(toFault);
  const isUnusable = typeof found === "string";
  const inspection = isUnusable
    ? { ...await inspect(token, usable), accepted: notAsked }
    : found;
  if (own !== turn) return;
  say(find("secret-fault", HTMLElement), typeof key === "string" ? key : "");
  secret.setAttribute("aria-invalid", String(typeof key === "string"));
  say(find("policy-fault", HTMLElement), isUnusable ? found : "");
  render(inspection);
  const now = Date.now() / 1000;
  for (const showTime of times) showTime(now);
}

const notAsked: Verdict = {
  answer: "unknown",
  reason: "What is asked for cannot be used.",
};

/** As it stands in a header field, or on several lines of a mail. */
function readToken(text: string): string {
  return text.trim().replace(/^Bearer +/i, "").replace(/\s*\n\s*/g, "");
}

/** The text's UTF-8 bytes are the key, as for the server. */
async function importSecret(secret: string): Promise<HmacKey> {
  if (isSecureContext) return await importKey(new TextEncoder().encode(secret));
  throw new TypeError(
    "A browser checks signatures over HTTPS and on this machine alone.",
  );
}

/** What is asked for beyond the RFC; nothing where nothing is typed. */
function readPolicy(): Policy {
  const [issuer, audience, leeway] = policyInputs().map(({ value }) =>
    value.trim()
  );
  return {
    ...(issuer ? { issuer } : {}),
    ...(audience ? { audience } : {}),
    ...(leeway ? { leewaySeconds: Number(leeway) } : {}),
  };
}

function policyInputs(): HTMLInputElement[] {
  return ["issuer", "audience", "leeway"].map((id) =>
    find(id, HTMLInputElement)
  );
}

/** A secret or a policy that cannot be used, in the words of src/jwt. A fault of ours goes on. */
function toFault(error: unknown): string {
  if (error instanceof TypeError || error instanceof RangeError) {
    return error.message;
  }
  throw error;
}

/** Writes the text behind the text area, each part in its colour, with the dot before it. */
function colour(): void {
  const written = `${find("token", HTMLTextAreaElement).value}\n`; // for the height of an empty line
  const coloured = find("coloured", HTMLElement);
  if (coloured.textContent === written) return;
  const classes = ["header-part", "payload-part", "signature-part"];
  const parts = /^([^.]*)(\.[^.]*)?(\.[^]*)?$/.exec(written)?.slice(1) ?? [];
  coloured.replaceChildren(
    ...classes.map((name, index) => make("span", name, parts[index] ?? "")),
  );
}

/** Writes an inspection, or takes away the last one. */
function render(inspection: Inspection | null): void {
  find("no-token", HTMLElement).hidden = inspection !== null;
  for (const id of ["wellFormed", "signature", "accepted"] as const) {
    renderVerdict(id, inspection?.[id]);
  }
  const isProved = inspection?.signature.answer === "yes";
  say(
    find("claims-title", HTMLElement),
    isProved ? "Claims" : "Claims that nothing proves",
  );
  renderParts(inspection?.parts ?? null);
}

function renderVerdict(id: string, verdict: Verdict | undefined): void {
  const { answer = "", reason = "" } = verdict ?? {};
  const place = find(id, HTMLElement).lastElementChild;
  if (place?.textContent === answer + reason) return; // or it is said again
  place?.replaceChildren(make("strong", answer, answer), make("p", "", reason));
}

let shown = "";
let times: ((now: number) => void)[] = []; // each says how far away a time is

function renderParts(parts: Inspection["parts"]): void {
  const written = JSON.stringify(parts);
  if (written === shown) return; // somebody may have selected some of it
  shown = written;
  times = [];
  find("parts", HTMLElement).hidden = parts === null;
  renderMembers("header", parts?.header ?? {});
  renderMembers("claims", parts?.claims ?? {});
  if (!Object.hasOwn(parts?.claims ?? {}, "exp")) {
    find("claims", HTMLElement).append(
      row("no exp", "", [make("p", "", "It never expires.")]),
    );
  }
}

function renderMembers(id: "header" | "claims", members: object): void {
  const rows = Object.entries(members).map(([name, value]) => {
    const meaning = meanings[id].get(name);
    const below = meaning === undefined ? [] : [make("p", "", meaning)];
    if (id === "claims") below.push(...renderTime(name, value));
    return row(printable(name).slice(1, -1), printable(value, 2), below);
  });
  find(id, HTMLElement).replaceChildren(...rows);
}

function row(
  name: string,
  value: string,
  below: readonly HTMLElement[],
): HTMLElement {
  return make("div", "", make("dt", "", name), make("dd", "", value, ...below));
}

function renderTime(name: string, value: unknown): HTMLElement[] {
  const time = claimTime(name, value, 0);
  if (time === null) return [];
  const [words, countdown] = [make("span", ""), make("span", "countdown")];
  times.push((now) => { // no more than what changes, so that what is selected stays so
    say(words, claimTime(name, value, now)?.words ?? "");
    say(countdown, name === "iat" ? "" : clock(Number(value) - now));
  });
  return [make("p", "", `${time.utc}, `, words, countdown)];
}

/** " (14:59)", " (3:00:00)"; empty for what is past, or further away than a day. */
function clock(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole <= 0 || whole > 86_400) return "";
  const [hours, minutes, rest] = [whole / 3600, whole / 60 % 60, whole % 60]
    .map(Math.floor);
  const two = (count = 0) => String(count).padStart(2, "0");
  return hours === 0
    ? ` (${minutes}:${two(rest)})`
    : ` (${hours}:${two(minutes)}:${two(rest)})`;
}
