/**
 * Trying the server: log in, send the token, refresh it, log out. Each button sends one request, to
 * this server and without cookies, and what came back is listed. The refresh token is held in memory
 * alone, and ends with the page.
 */

import { find, make, say } from "./elements.ts";
import { countdown, type Inspector } from "./inspector.ts";

/** A login of this page. */
interface Session {
  readonly refreshToken: string;
  readonly expiresAt: number; // of the access token: milliseconds since 1970
}

/** What came back. */
interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly retryAfter: string | null; // seconds
}

let session: Session | null = null;
let isWaiting = false;

/** Brings the buttons to life. */
export function startServer(inspector: Inspector): void {
  const password = find("password", HTMLInputElement);
  find("login", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    const fields = { email: find("email", HTMLInputElement).value, password: password.value };
    void ask("login-fault", "POST", "login", { body: new URLSearchParams(fields) }, (answer) => {
      password.value = "";
      takeTokens(answer, inspector);
    });
  });
  onClick("get-user", () => {
    const headers = { authorization: `Bearer ${inspector.token()}` };
    return ask("session-fault", "GET", "get-user", inspector.token() === "" ? {} : { headers });
  });
  onClick("refresh", () => {
    return ask("session-fault", "POST", "refresh", { body: refreshToken() }, (answer) => {
      takeTokens(answer, inspector);
    });
  });
  onClick("logout", () => {
    return ask("session-fault", "POST", "logout", { body: refreshToken() }, () => {
      session = null;
      showSession("Logged out. The token is still there: send it, and it is refused.");
    });
  });
  setInterval(() => {
    if (session === null) return;
    const left = countdown((session.expiresAt - Date.now()) / 1000);
    if (left === "") showSession("Logged in, but the token has expired: refresh it.");
    say(find("time-left", HTMLElement), left === "" ? "" : `The token expires in ${left}.`);
  }, 500);
}

function onClick(id: string, act: () => Promise<void>): void {
  find(id, HTMLButtonElement).addEventListener("click", () => void act());
}

function refreshToken(): URLSearchParams {
  return new URLSearchParams({ refresh_token: session?.refreshToken ?? "" });
}

/** Takes what a login or a refresh gave. */
function takeTokens({ body }: Answer, inspector: Inspector): void {
  const { token, refresh_token: refreshToken, expires_in: lifetimeSeconds } = body;
  session = {
    refreshToken: String(refreshToken),
    expiresAt: Date.now() + Number(lifetimeSeconds) * 1000,
  };
  inspector.setToken(String(token));
  showSession("Logged in. The token is in the inspector.");
}

function showSession(text: string): void {
  say(find("session", HTMLElement), text);
  for (const id of ["refresh", "logout"]) {
    find(id, HTMLButtonElement).disabled = session === null;
  }
  if (session === null) say(find("time-left", HTMLElement), "");
}

/** Sends one request and lists it; a refusal is also said at the place where it was asked for. */
async function ask(
  faultId: "login-fault" | "session-fault",
  method: "GET" | "POST",
  path: string,
  init: RequestInit,
  use: (answer: Answer) => void = () => {},
): Promise<void> {
  if (isWaiting) return;
  isWaiting = true;
  const answer = await send(method, path, init);
  isWaiting = false;
  list(`${method} /${path}`, answer);
  for (const id of ["login-fault", "session-fault"]) say(find(id, HTMLElement), "");
  const isGood = answer !== null && answer.status < 300;
  if (!isGood) return say(find(faultId, HTMLElement), faultOf(answer));
  use(answer);
}

/** Null where there is no answer. */
async function send(method: string, path: string, init: RequestInit): Promise<Answer | null> {
  try {
    const response = await fetch(path, { method, credentials: "omit", redirect: "error", ...init });
    const text = await response.text();
    const body: unknown = text === "" ? {} : JSON.parse(text);
    const { status, headers } = response;
    return { status, body: { ...Object(body) }, retryAfter: headers.get("retry-after") };
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
function list(request: string, answer: Answer | null): void {
  find("nothing-sent", HTMLElement).hidden = true;
  const isGood = answer !== null && answer.status < 300;
  const status = make("strong", isGood ? "yes" : "no", String(answer?.status ?? "no answer"));
  const body = answer === null || answer.status === 204 ? "" : describe(answer.body);
  const item = make("li", "", request, " ", status, make("pre", "", body));
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
