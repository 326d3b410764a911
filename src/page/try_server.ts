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
    const fields = {
      email: find("email", HTMLInputElement).value,
      password: password.value,
    };
    const answer = await ask("POST login", {
      body: new URLSearchParams(fields),
    }, "login-fault");
    if (answer === null) return;
    password.value = "";
    takeTokens(answer, inspector);
  });
  onClick("get-user", async () => {
    const token = inspector.token();
    if (/[^ -~]/.test(token)) {
      return say(find("session-fault", HTMLElement), cannotBeSent);
    }
    const headers = { authorization: `Bearer ${token}` };
    const answer = await ask("GET get-user", token === "" ? {} : { headers });
    if (answer !== null) {
      say(
        find("user", HTMLElement),
        `Accepted: ${String(answer.body["user"])}`,
      );
    }
  });
  onClick("refresh", async () => {
    const answer = await ask("POST refresh", { body: heldToken() });
    if (answer !== null) takeTokens(answer, inspector);
  });
  onClick("logout", async () => {
    if (await ask("POST logout", { body: heldToken() }) === null) return;
    refreshToken = null;
    find("get-user", HTMLButtonElement).focus(); // or the keyboard's place is lost with the button
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

function heldToken(): URLSearchParams {
  return new URLSearchParams({ refresh_token: refreshToken ?? "" });
}

/** Takes what a login or a refresh gave. */
function takeTokens({ body }: Answer, inspector: Inspector): void {
  refreshToken = String(body["refresh_token"]);
  inspector.setToken(String(body["token"]));
  const time = new Date().toLocaleTimeString("en-GB"); // or the same is said, and heard once
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
  for (const id of ["login-fault", "session-fault", "user"]) {
    say(find(id, HTMLElement), isGood || id !== faultId ? "" : faultOf(answer));
  }
  return isGood ? answer : null;
}

/** Null where there is no answer. */
async function send(route: string, init: RequestInit): Promise<Answer | null> {
  const [method = "", path = ""] = route.split(" ");
  const options = {
    method,
    credentials: "omit",
    redirect: "error",
    ...init,
  } as const;
  try {
    const response = await fetch(path, {
      ...options,
      signal: AbortSignal.timeout(30_000),
    });
    const { status, headers } = response;
    const body = Object(await response.json().catch(() => null)); // a proxy's may be no JSON
    return { status, body, retryAfter: headers.get("retry-after") };
  } catch {
    return null;
  }
}

function faultOf(answer: Answer | null): string {
  if (answer === null) {
    return "The server does not answer. Is it still running?";
  }
  const { status, body, retryAfter } = answer;
  const wait = retryAfter === null ? "" : ` Seconds to wait: ${retryAfter}.`;
  return `${status}: ${
    String(body["message"] ?? "no answer of onejot")
  }.${wait}`;
}

/** Adds to the list, the newest first; it keeps the last twenty. */
function list(route: string, answer: Answer | null): void {
  find("nothing-sent", HTMLElement).hidden = true;
  const isGood = answer !== null && answer.status < 300;
  const status = make(
    "strong",
    isGood ? "yes" : "no",
    String(answer?.status ?? "no answer"),
  );
  const body = answer === null || answer.status === 204
    ? ""
    : describe(answer.body);
  const item = make(
    "li",
    "",
    route.replace(" ", " /"),
    " ",
    status,
    make("pre", "", body),
  );
  const exchanges = find("exchanges", HTMLOListElement);
  exchanges.prepend(item);
  if (exchanges.children.length > 20) exchanges.lastElementChild?.remove();
}

/** JSON, with long texts cut, which tokens are. */
function describe(body: Answer["body"]): string {
  const cut = (_name: string, value: unknown) => {
    const isLong = typeof value === "string" && value.length > 64;
    return isLong
      ? `${value.slice(0, 24)}… (${value.length} characters)`
      : value;
  };
  return JSON.stringify(body, cut, 2);
}
