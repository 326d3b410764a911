/**
 * The token inspector: what is typed is shown in its three parts, decoded, with three verdicts, again
 * at every second, because time decides one of them. Nothing here sends anything. Claims that are
 * shown without a signature that holds are called what they are: nothing proves them.
 */

import { claimTime, inspect, type Inspection, printable, type Verdict } from "../inspection.ts";
import { encodeBase64url, type HmacKey, importKey, type Policy, sign } from "../jwt/jwt.ts";
import { find, make, say } from "./elements.ts";
import { claimMeanings, headerMeanings } from "./meanings.ts";

/** The inspector, for the rest of the page. */
export interface Inspector {
  /** The token as it stands there. */
  token(): string;
  /** Puts a token there; a secret that belongs to another goes. */
  setToken(token: string): void;
}

/** Brings the inspector to life. */
export function startInspector(): Inspector {
  const token = find("token", HTMLTextAreaElement);
  const secret = find("secret", HTMLInputElement);
  const typed = [token, secret, ...policyInputs()];
  for (const input of typed) input.addEventListener("input", () => void update());
  find("example", HTMLButtonElement).addEventListener("click", async () => {
    secret.value = encodeBase64url(crypto.getRandomValues(new Uint8Array(32)));
    if (isSecureContext) token.value = await makeExample(secret.value);
    await update(); // which says why there is none, where there is none
  });
  find("clear", HTMLButtonElement).addEventListener("click", () => {
    for (const input of typed) input.value = "";
    void update();
    token.focus();
  });
  const reveal = find("reveal", HTMLButtonElement);
  reveal.addEventListener("click", () => {
    const isShown = secret.type === "text";
    secret.type = isShown ? "password" : "text";
    reveal.setAttribute("aria-pressed", String(!isShown));
    say(reveal, isShown ? "Show" : "Hide");
  });
  setInterval(() => void update(), 1000);
  void update(); // a browser may have kept what was typed
  return {
    token: () => readToken(token.value),
    setToken: (text) => {
      token.value = text;
      secret.value = "";
      void update();
    },
  };
}

/** A token of a made-up person, signed here. */
async function makeExample(secret: string): Promise<string> {
  const claims = { iss: "https://example.org", sub: "ada", admin: true };
  return await sign(claims, await importSecret(secret), { lifetimeSeconds: 900 });
}

let turn = 0;
let shown = "";

/** Shows what is typed; of two that overlap, the later one stays. */
async function update(): Promise<void> {
  const own = ++turn;
  const token = readToken(find("token", HTMLTextAreaElement).value);
  const key = await readKey();
  const inspection = token === "" ? null : await inspect(token, key, readPolicy()).catch(toFault);
  if (own !== turn) return;
  colour();
  say(find("policy-fault", HTMLElement), typeof inspection === "string" ? inspection : "");
  const state = JSON.stringify([inspection, token]);
  if (state !== shown) render(typeof inspection === "string" ? null : inspection);
  shown = state;
  updateTimes();
}

/** As it stands in a header field, or on several lines of a mail. */
function readToken(text: string): string {
  return text.trim().replace(/^Bearer +/i, "").replace(/\s*\n\s*/g, "");
}

/** The key of the secret, or null: then no signature is called right or wrong. */
async function readKey(): Promise<HmacKey | null> {
  const secret = find("secret", HTMLInputElement);
  const key = secret.value === "" ? null : await importSecret(secret.value).catch(toFault);
  const fault = typeof key === "string" ? key : "";
  say(find("secret-fault", HTMLElement), fault);
  secret.setAttribute("aria-invalid", String(fault !== ""));
  return typeof key === "string" ? null : key;
}

/** The text's UTF-8 bytes are the key, as for the server. */
async function importSecret(secret: string): Promise<HmacKey> {
  if (isSecureContext) return await importKey(new TextEncoder().encode(secret));
  throw new TypeError("A browser checks signatures over HTTPS and on this machine alone.");
}

/** What is asked for beyond the RFC; nothing where nothing is typed. */
function readPolicy(): Policy {
  const [issuer, audience, leeway] = policyInputs().map(({ value }) => value.trim());
  return {
    ...(issuer ? { issuer } : {}),
    ...(audience ? { audience } : {}),
    ...(leeway ? { leewaySeconds: Number(leeway) } : {}),
  };
}

function policyInputs(): HTMLInputElement[] {
  return ["issuer", "audience", "leeway"].map((id) => find(id, HTMLInputElement));
}

/** A secret or a policy that cannot be used, in the words of src/jwt. A fault of ours goes on. */
function toFault(error: unknown): string {
  if (error instanceof TypeError || error instanceof RangeError) return error.message;
  throw error;
}

/** Writes the text behind the text area, each part in its colour. */
function colour(): void {
  const written = `${find("token", HTMLTextAreaElement).value}\n`; // for the height of an empty line
  const coloured = find("coloured", HTMLElement);
  if (coloured.textContent === written) return;
  const classes = ["header-part", "payload-part", "signature-part"];
  const parts = written.split(".").map((part, index) => make("span", classes[index] ?? "", part));
  coloured.replaceChildren(...parts.flatMap((part, index) => index === 0 ? [part] : [".", part]));
}

/** Writes an inspection, or takes away the last one. */
function render(inspection: Inspection | null): void {
  renderVerdict("well-formed", inspection?.wellFormed);
  renderVerdict("signature", inspection?.signature);
  renderVerdict("accepted", inspection?.accepted);
  const isProved = inspection?.signature.answer === "yes";
  const isShown = inspection?.parts != null;
  const title = isShown && !isProved ? "Claims that nothing proves" : "Claims";
  say(find("claims-title", HTMLElement), title);
  const { header = {}, claims = {} } = inspection?.parts ?? {};
  renderMembers("header", header, headerMeanings);
  renderMembers("claims", claims, claimMeanings);
  if (isShown && !Object.hasOwn(claims, "exp")) {
    find("claims", HTMLElement).append(row("no exp", "", ["It never expires."]));
  }
}

function renderVerdict(id: string, verdict: Verdict | undefined): void {
  const place = find(id, HTMLElement).lastElementChild;
  if (verdict === undefined) return place?.replaceChildren("–");
  const { answer, reason } = verdict;
  place?.replaceChildren(make("strong", answer, answer), make("p", "", reason));
}

function renderMembers(
  id: "header" | "claims",
  members: object,
  meanings: ReadonlyMap<string, string>,
): void {
  const rows = Object.entries(members).map(([name, value]) => {
    const isTime = id === "claims" && claimTime(name, value, 0) !== null;
    const meaning = meanings.get(name);
    const sentences = meaning === undefined ? [] : [meaning];
    const time = make("p", "time");
    time.dataset["name"] = name;
    time.dataset["seconds"] = String(value);
    return row(
      printable(name).slice(1, -1),
      printable(value, 2),
      isTime ? [...sentences, time] : sentences,
    );
  });
  find(id, HTMLElement).replaceChildren(...rows);
}

function row(name: string, value: string, below: readonly (string | HTMLElement)[]): HTMLElement {
  const paragraphs = below.map((each) => typeof each === "string" ? make("p", "", each) : each);
  return make("div", "", make("dt", "", name), make("dd", "", value, ...paragraphs));
}

/** Says of each time how far away it is. */
function updateTimes(): void {
  const now = Date.now() / 1000;
  for (const element of document.querySelectorAll<HTMLElement>("#claims .time")) {
    const { name = "", seconds = "" } = element.dataset;
    const time = claimTime(name, Number(seconds), now);
    const clock = countdown(Number(seconds) - now);
    const left = clock === "" || name === "iat"
      ? []
      : [" (", make("span", "countdown", clock), ")"];
    if (time !== null) element.replaceChildren(`${time.utc}, ${time.words}`, ...left);
  }
}

/** "14:59", "3:00:00"; empty for what is past, or further away than a day. */
function countdown(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole <= 0 || whole > 86_400) return "";
  const [hours, minutes, rest] = [whole / 3600, whole / 60 % 60, whole % 60].map(Math.floor);
  const two = (count = 0) => String(count).padStart(2, "0");
  return hours === 0 ? `${minutes}:${two(rest)}` : `${hours}:${two(minutes)}:${two(rest)}`;
}
