/**
 * Signing in and out with a browser, by a page that needs no JavaScript. What comes of it is a cookie
 * and no token. The way back is the rest of the query behind `return=`, as it stands, so that a proxy
 * need not escape it.
 */
import { createHash } from "node:crypto";
import { HttpError, readFields } from "../http/http.ts";
import { findBrowserSession, sessionCookie } from "./cookie.ts";
import { readWayBack } from "./forward_auth.ts";
import { checkPassword } from "./login.ts";
import { startSession } from "./session.ts";
import { parseEmail } from "./user.ts";
/** `GET /signin`: the form, or who is signed in and a button to sign out. */
export async function showSignIn(options, { request }) {
  const session = await findBrowserSession(options, request);
  if (session === null) {
    return page(signInForm);
  }
  return page(`<h1>Signed in</h1>
<p>You are signed in as ${escapeHtml(session.user.email)}.</p>
<form method="post" action="signout"><button>Sign out</button></form>`);
}
/** `POST /signin`: sets the cookie and goes back, or says on the page what is wrong. */
export async function signIn(options, context) {
  const { request } = context;
  const { email, password } = await readFields(request, ["email", "password"]);
  const account = await checkPassword(options, {
    email: parseEmail(email),
    password,
  }, context);
  const { value } = await startSession(options, account, context, "cookieHash");
  const [, wayBack = null] = /^[^?]*\?return=(.*)$/.exec(request.url) ?? [];
  return goTo(readWayBack(wayBack), sessionCookie(request, value));
}
/** `POST /signout`: ends the session and removes the cookie. */
export async function signOut(options, { request }) {
  const session = await findBrowserSession(options, request);
  if (session !== null) {
    const { sessionId, user } = session;
    await options.store.endSession({ id: sessionId, userId: user.id });
  }
  return goTo("signin", sessionCookie(request, null));
}
/** Shows a refusal on the page, for the person who has sent the form. */
export async function showRefusal(_context, next) {
  try {
    return await next({});
  } catch (error) {
    if (!(error instanceof HttpError)) {
      throw error;
    }
    const { "retry-after": seconds } = error.headers;
    const wait = seconds === undefined
      ? ""
      : `: try again in ${seconds} seconds`;
    const alert = `<p role="alert">${escapeHtml(error.message + wait)}.</p>`;
    return page(alert + signInForm, error);
  }
}
const style =
  "body{font:1.1em system-ui;max-width:20em;margin:15vh auto;padding:0 1em}" +
  "input,button{box-sizing:border-box;width:100%;padding:.4em;font:inherit}";
const policy =
  "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; " +
  `style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'`;
const signInForm = `<h1>Sign in</h1>
<form method="post">
<p><label>E-mail address
<input name="email" type="email" autocomplete="username" required autofocus></label></p>
<p><label>Password
<input name="password" type="password" autocomplete="current-password" required></label></p>
<p><button>Sign in</button></p>
</form>`;
function page(content, parts = {}) {
  const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Sign in</title>
<style>${style}</style>
<main>${content}</main>`;
  const headers = {
    ...parts.headers,
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": policy,
    "referrer-policy": "same-origin", // with "no-referrer" a browser sends the form as Origin: null
  };
  return new Response(html, { ...parts, headers });
}
function goTo(location, cookie) {
  return new Response(null, {
    status: 303,
    headers: { location, "set-cookie": cookie },
  });
}
function escapeHtml(text) {
  return text.replace(
    /[&<>"]/g,
    (character) => `&#${character.charCodeAt(0)};`,
  );
}
