/**
 * The pages for people who sign in with a browser: HTML without JavaScript,
 * with a style of its own. They are texts in a module, and not files of their
 * own, so that whoever imports onejot/auth has them, also as JavaScript, and
 * needs no permission to read.
 * Refused: by its content security policy a browser runs and loads nothing but
 * this style. What comes from outside is escaped.
 */

import { createHash } from "node:crypto";
import type { ResponseParts } from "../http/http.ts";

const style =
  "body{font:1.1em system-ui;max-width:20em;margin:15vh auto;padding:0 1em}" +
  "input,button{box-sizing:border-box;width:100%;padding:.4em;font:inherit}";
const styleHash = createHash("sha256").update(style).digest("base64");

const contentSecurityPolicy = [
  "default-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  `style-src 'sha256-${styleHash}'`,
].join("; ");

const signInForm = `<h1>Sign in</h1>
<form method="post">
<p><label>E-mail address
<input name="email" type="email" autocomplete="username" required autofocus></label></p>
<p><label>Password
<input name="password" type="password" autocomplete="current-password" required></label></p>
<p><button>Sign in</button></p>
</form>`;

/** The form to sign in. */
export function renderSignIn(): Response {
  return renderHtml(signInForm);
}

/**
 * The form to sign in, below what is wrong: a sentence without its full stop.
 */
export function renderRefusedSignIn(
  fault: string,
  parts: ResponseParts,
): Response {
  const alert = `<p role="alert">${escapeHtml(fault)}.</p>`;
  return renderHtml(alert + signInForm, parts);
}

/** Who is signed in, and a button to sign out. */
export function renderSignedIn(email: string): Response {
  return renderHtml(`<h1>Signed in</h1>
<p>You are signed in as ${escapeHtml(email)}.</p>
<form method="post" action="signout"><button>Sign out</button></form>`);
}

function renderHtml(content: string, parts: ResponseParts = {}): Response {
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
    "content-security-policy": contentSecurityPolicy,
    // With "no-referrer" a browser sends the form with Origin: null.
    "referrer-policy": "same-origin",
  };
  return new Response(html, { ...parts, headers });
}

function escapeHtml(text: string): string {
  return text.replace(
    /[&<>"]/g,
    (character) => `&#${character.charCodeAt(0)};`,
  );
}
