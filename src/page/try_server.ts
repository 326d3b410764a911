/**
 * Trying the server: log in, send the token, refresh it, log out. Each button
 * sends one request, to this server and without cookies, and what came back is
 * listed. The refresh token is held in memory alone, and ends with the page.
 */

import { find, make, say } from "./elements.ts";
import type { Inspector } from "./inspector.ts";

/** A request to this server. */
interface Sending {
  readonly method: "GET" | "POST";
  /** Relative to the page, such as `login`. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: URLSearchParams;
}

/** A response, with its body as JSON: empty where it is none. */
interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  /** In seconds. */
  readonly retryAfter: string | null;
}

/** Of the login of this page. */
let refreshToken: string | null = null;
let isWaiting = false;

/** Brings the buttons to life. */
export function startServer(inspector: Inspector): void {
  const password = find("password", HTMLInputElement);
  find("login", HTMLFormElement).addEventListener("submit", async (event) => {
    event.preventDefault();
    const fields = {
      email: find("email", HTMLInputElement).value,
      password: password.value,
    };
    const body = new URLSearchParams(fields);
    const login = { method: "POST", path: "login", body } as const;
    const answer = await ask(login, "login-fault");
    if (answer === null) return;
    password.value = "";
    takeTokens(answer, inspector);
  });
  onClick("get-user", async () => {
    const token = inspector.token();
    if (/[^ -~]/.test(token)) {
      say(find("session-fault", HTMLElement), cannotBeSent);
      return;
    }
    const headers: Record<string, string> = {};
    if (token !== "") headers["authorization"] = `Bearer ${token}`;
    const answer = await ask({ method: "GET", path: "get-user", headers });
    if (answer === null) return;
    const user = String(answer.body["user"]);
    say(find("user", HTMLElement), `Accepted: ${user}`);
  });
  onClick("refresh", async () => {
    const answer = await sendRefreshToken("refresh");
    if (answer !== null) takeTokens(answer, inspector);
  });
  onClick("logout", async () => {
    const answer = await sendRefreshToken("logout");
    if (answer === null) return;
    refreshToken = null;
    // Or the keyboard's place is lost with the button.
    find("get-user", HTMLButtonElement).focus();
    showSession(
      "Logged out. The token is still there: send it, and it is refused.",
    );
  });
}

const cannotBeSent =
  "It was not sent: no header field can hold the characters of this token.";

function onClick(id: string, act: () => Promise<void>): void {
  find(id, HTMLButtonElement).addEventListener("click", () => void act());
}

function sendRefreshToken(
  path: "refresh" | "logout",
): Promise<Answer | null> {
  const body = new URLSearchParams({ refresh_token: refreshToken ?? "" });
  return ask({ method: "POST", path, body });
}

/** Takes what a login or a refresh gave. */
function takeTokens({ body }: Answer, inspector: Inspector): void {
  refreshToken = String(body["refresh_token"]);
  inspector.setToken(String(body["token"]));
  // The time makes it another text, or a screen reader would say it only once.
  const time = new Date().toLocaleTimeString("en-GB");
  showSession(
    `Logged in. The token of ${time} is in the inspector, and expires there.`,
  );
}

function showSession(text: string): void {
  say(find("session", HTMLElement), text);
  for (const id of ["refresh", "logout"]) {
    find(id, HTMLButtonElement).disabled = refreshToken === null;
  }
}

/**
 * Sends one request and lists it. Null, and a sentence at the place for faults,
 * where it was refused; null as well while another one waits.
 */
async function ask(
  sending: Sending,
  faultId: "login-fault" | "session-fault" = "session-fault",
): Promise<Answer | null> {
  if (isWaiting) return null;
  isWaiting = true;
  const answer = await send(sending);
  isWaiting = false;
  list(sending, answer);
  // The others are cleared; a fault that is there already is not said again.
  for (const id of ["login-fault", "session-fault", "user"]) {
    if (id !== faultId) say(find(id, HTMLElement), "");
  }
  const accepted = isAccepted(answer) ? answer : null;
  const fault = accepted === null ? faultOf(answer) : "";
  say(find(faultId, HTMLElement), fault);
  return accepted;
}

function isAccepted(answer: Answer | null): boolean {
  return answer !== null && answer.status < 300;
}

/** Null where there is no answer. */
async function send({ path, ...init }: Sending): Promise<Answer | null> {
  try {
    const response = await fetch(path, {
      ...init,
      credentials: "omit",
      redirect: "error",
      signal: AbortSignal.timeout(30_000),
    });
    // A proxy's body may be no JSON.
    const json: unknown = await response.json().catch(() => null);
    return {
      status: response.status,
      body: Object(json),
      retryAfter: response.headers.get("retry-after"),
    };
  } catch {
    return null;
  }
}

function faultOf(answer: Answer | null): string {
  if (answer === null) {
    return "The server does not answer. Is it still running?";
  }
  const { status, body, retryAfter } = answer;
  const message = String(body["message"] ?? "no answer of onejot");
  if (retryAfter === null) return `${status}: ${message}.`;
  return `${status}: ${message}. Seconds to wait: ${retryAfter}.`;
}

/** Adds to the list, the newest first; it keeps the last twenty. */
function list({ method, path }: Sending, answer: Answer | null): void {
  find("nothing-sent", HTMLElement).hidden = true;
  const status = make(
    "strong",
    isAccepted(answer) ? "yes" : "no",
    String(answer?.status ?? "no answer"),
  );
  const item = make(
    "li",
    "",
    `${method} /${path}`,
    " ",
    status,
    make("pre", "", describe(answer)),
  );
  const exchanges = find("exchanges", HTMLOListElement);
  exchanges.prepend(item);
  if (exchanges.children.length > 20) exchanges.lastElementChild?.remove();
}

/** The body as JSON, with long texts cut, which tokens are. */
function describe(answer: Answer | null): string {
  if (answer === null || answer.status === 204) return "";
  return JSON.stringify(answer.body, (_name, value) => cut(value), 2);
}

function cut(value: unknown): unknown {
  if (typeof value !== "string" || value.length <= 64) return value;
  return `${value.slice(0, 24)}… (${value.length} characters)`;
}
