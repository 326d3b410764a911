/**
 * Trying the server: log in, send the token, refresh it, log out. Each button sends one request, to
 * this server and without cookies, and what came back is listed. The refresh token is held in memory
 * alone, and ends with the page.
 */

import { find, make, say } from "./elements.ts";
import type { Inspector } from "./inspector.ts";

/** What came back. */
interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly retryAfter: string | null; // seconds
}

let refreshToken: string | null = null; // of the login of this page
let isWaiting = false;

/** Brings the buttons to life. */
export function startServer(inspector: Inspector): void {
  const password = find("password", HTMLInputElement);
  find("login", HTMLFormElement).addEventListener("submit", async (event) => {
    event.preventDefault();
    const fields = { email: find("email", HTMLInputElement).value, password: password.value };
    const answer = await ask("POST login", { body: new URLSearchParams(fields) }, "login-fault");
    if (answer === null) return;
    password.value = "";
    takeTokens(answer, inspector);
  });
  onClick("get-user", async () => {
    const token = inspector.token();
    const headers = { authorization: `Bearer ${token}` };
    await ask("GET get-user", token === "" ? {} : { headers });
  });
  onClick("refresh", async () => {
    const answer = await ask("POST refresh", { body: heldToken() });
    if (answer !== null) takeTokens(answer, inspector);
  });
  onClick("logout", async () => {
    if (await ask("POST logout", { body: heldToken() }) === null) return;
    refreshToken = null;
    showSession("Logged out. The token is still there: send it, and it is refused.");
  });
}

function onClick(id: string, act: () => Promise<void>): void {
  find(id, HTMLButtonElement).addEventListener("click", () => void act());
}

function heldToken(): URLSearchParams {
  return new URLSearchParams({ refresh_token: refreshToken ?? "" });
}

/** Takes what a login or a refresh gave. */
function takeTokens({ body }: Answer, inspector: Inspector): void {
  refreshToken = String(body["refresh_token"]);
  inspector.setToken(String(body["token"]));
  showSession("Logged in. The token is in the inspector, and expires there.");
}

function showSession(text: string): void {
  say(find("session", HTMLElement), text);
  for (const id of ["refresh", "logout"]) {
    find(id, HTMLButtonElement).disabled = refreshToken === null;
  }
}

/** Sends one request and lists it; null, and a sentence at the place, where it was refused. */
async function ask(
  route: string,
  init: RequestInit,
  faultId: "login-fault" | "session-fault" = "session-fault",
): Promise<Answer | null> {
  if (isWaiting) return null;
  isWaiting = true;
  const answer = await send(route, init);
  isWaiting = false;
  list(route, answer);
  const isGood = answer !== null && answer.status < 300;
  for (const id of ["login-fault", "session-fault"]) {
    say(find(id, HTMLElement), isGood || id !== faultId ? "" : faultOf(answer));
  }
  return isGood ? answer : null;
}

/** Null where there is no answer. */
async function send(route: string, init: RequestInit): Promise<Answer | null> {
  const [method = "", path = ""] = route.split(" ");
  try {
    const response = await fetch(path, { method, credentials: "omit", redirect: "error", ...init });
    const text = await response.text();
    const { status, headers } = response;
    const body = Object(text === "" ? {} : JSON.parse(text));
    return { status, body, retryAfter: headers.get("retry-after") };
  } catch {
    return null;
  }
}

function faultOf(answer: Answer | null): string {
  if (answer === null) return "The server does not answer. Is it still running?";
  const { status, body, retryAfter } = answer;
  const wait = retryAfter === null ? "" : ` Try again in ${retryAfter} seconds.`;
  return `${status}: ${String(body["message"] ?? "no message")}.${wait}`;
}

/** Adds to the list, the newest first; it keeps the last twenty. */
function list(route: string, answer: Answer | null): void {
  find("nothing-sent", HTMLElement).hidden = true;
  const isGood = answer !== null && answer.status < 300;
  const status = make("strong", isGood ? "yes" : "no", String(answer?.status ?? "no answer"));
  const body = answer === null || answer.status === 204 ? "" : describe(answer.body);
  const item = make("li", "", route.replace(" ", " /"), " ", status, make("pre", "", body));
  const exchanges = find("exchanges", HTMLOListElement);
  exchanges.prepend(item);
  if (exchanges.children.length > 20) exchanges.lastElementChild?.remove();
}

/** JSON, with long texts cut, which tokens are. */
function describe(body: Answer["body"]): string {
  const cut = (_name: string, value: unknown) => {
    const isLong = typeof value === "string" && value.length > 64;
    return isLong ? `${value.slice(0, 24)}… (${value.length} characters)` : value;
  };
  return JSON.stringify(body, cut, 2);
}
