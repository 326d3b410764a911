/**
 * HttpError and what a throw becomes: the table of statuses with their words,
 * the 401 of a refused token, and a bare 500.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  HttpError,
  type HttpErrorStatus,
  toResponse,
} from "../../../src/http/http.ts";
import { generateKey, JwtError, sign, verify } from "../../../src/jwt/jwt.ts";
import { told, untyped } from "../../support/send.ts";

function noReport(): never {
  throw new Error("An HttpError was reported.");
}

/** The words of each status that has some; RFC 9110's where none are better. */
const table: Readonly<Partial<Record<HttpErrorStatus, string>>> = {
  400: "Bad request",
  401: "Auth required",
  402: "Payment required",
  403: "Forbidden",
  404: "Not found",
  405: "Method not allowed",
  406: "Not acceptable",
  407: "Proxy authentication required",
  408: "The body did not arrive in time",
  409: "Conflict",
  410: "Gone",
  411: "Length required",
  412: "Precondition failed",
  413: "The body is too large",
  414: "URI too long",
  415: "Unsupported media type",
  416: "Range not satisfiable",
  417: "Expectation failed",
  421: "Misdirected request",
  422: "Unprocessable content",
  426: "Upgrade required",
  428: "Precondition required",
  429: "Too many requests",
  431: "Request header fields too large",
  451: "Unavailable for legal reasons",
  500: "Internal server error",
  501: "Not implemented",
  502: "Bad gateway",
  503: "Busy, try again later",
  504: "Gateway timeout",
  505: "HTTP version not supported",
};

test("each status of 400 to 599 can be refused with, those that have no words with those of their class", async () => {
  for (let code = 400; code < 600; code++) {
    const status = code as HttpErrorStatus;
    const ofClass = code < 500 ? "Bad request" : "Internal server error";
    const message = table[status] ?? ofClass;
    const error = new HttpError(status);
    assert.deepEqual([error.name, error.status, error.message], [
      "HttpError",
      status,
      message,
    ]);
    assert.deepEqual(error.headers, {});
    assert.ok(error instanceof Error);
    const answer = await told(toResponse(error, noReport));
    assert.equal(answer, `${status} {"message":"${message}"}`);
  }
});

test("a status that is no refusal is misuse", () => {
  // deno-fmt-ignore
  const others = [
    200, 204, 302, 399, 600, 0, -404, 404.5, NaN, Infinity, "404", null,
    undefined, [404],
  ];
  for (const status of others) {
    assert.throws(() => new HttpError(untyped(status)), {
      name: "RangeError",
      message: "Cannot refuse a request: its status must be one of 400 to 599.",
    }, String(status));
  }
});

test("a 401 has a challenge, its own or one by default, and no other status is given one", () => {
  const own = 'ApiKey realm="x"';
  const rows: readonly (readonly [HttpError, string | null])[] = [
    [new HttpError(401), 'Bearer realm="api"'],
    [new HttpError(401, "Who?", { "x-y": "z" }), 'Bearer realm="api"'],
    [new HttpError(401, "Who?", { "www-authenticate": own }), own],
    [new HttpError(401, "Who?", { "WWW-Authenticate": own }), own],
    [new HttpError(400), null],
    [new HttpError(403), null],
    [new HttpError(407), null],
  ];
  for (const [error, challenge] of rows) {
    for (
      const response of [
        toResponse(error, noReport),
        toResponse(new Error("x"), () => error),
      ]
    ) {
      assert.equal(response.headers.get("www-authenticate"), challenge);
    }
  }
});

test("a JwtError is a refused token: 401, with the challenge of RFC 6750, and nothing of the reason", async () => {
  const key = await generateKey();
  const [expired, forged] = [
    await sign({ exp: 1 }, key),
    await sign({}, await generateKey()),
  ];
  for (const token of ["", "x", "a.b.c", expired, forged]) {
    const error = await verify(token, key).catch((error) => error);
    assert.ok(error instanceof JwtError);
    const response = toResponse(error, noReport);
    assert.equal(
      response.headers.get("www-authenticate"),
      'Bearer realm="api", error="invalid_token"',
    );
    assert.equal(await told(response), '401 {"message":"Token is invalid"}');
  }
});

test("what is like a JwtError in one thing alone is none", () => {
  const lookalikes = [
    Object.assign(new Error("x"), { name: "JwtError" }),
    Object.assign(new Error("x"), { name: "JwtError", code: 5 }),
    Object.assign(new Error("x"), { code: "expired" }),
    { name: "JwtError", code: "expired" },
  ];
  for (const lookalike of lookalikes) {
    const reported: unknown[] = [];
    const report = (error: unknown) => void reported.push(error);
    assert.equal(toResponse(lookalike, report).status, 500);
    assert.deepEqual(reported, [lookalike]);
  }
});

test("an HttpError's own message and header fields reach the client", async () => {
  const error = new HttpError(503, 'Wait, "é"', {
    "retry-after": "2",
    "x-y": "z",
  });
  const response = toResponse(error, noReport);
  assert.deepEqual([...response.headers], [
    ["content-length", "26"],
    ["content-type", "application/json"],
    ["retry-after", "2"],
    ["x-y", "z"],
  ]);
  assert.equal(await told(response), '503 {"message":"Wait, \\"é\\""}');
});

test("a kind of HttpError is an HttpError", async () => {
  class Teapot extends HttpError {}
  const answer = await told(toResponse(new Teapot(409, "Tea"), noReport));
  assert.equal(answer, '409 {"message":"Tea"}');
});

test("a refusal whose fields cannot be sent is a bare 500, and nothing is thrown", async () => {
  const unsendable: readonly Readonly<Record<string, string>>[] = [
    { "bad header": "v" },
    { "x-line": "a\nb" },
  ];
  for (const headers of unsendable) {
    const refusal = new HttpError(400, "x", headers);
    for (
      const response of [
        toResponse(refusal, noReport),
        toResponse(new Error("x"), () => refusal),
      ]
    ) {
      assert.equal(
        await told(response),
        '500 {"message":"Internal server error"}',
      );
    }
  }
});

test("whatever else is thrown is reported once and not shown", async () => {
  const lookalike = Object.assign(new Error("secret"), {
    name: "HttpError",
    status: 404,
  });
  for (
    const thrown of [
      undefined,
      null,
      0,
      "secret",
      new TypeError("secret"),
      lookalike,
      [],
      {},
    ]
  ) {
    const reported: unknown[] = [];
    const report = (error: unknown) => void reported.push(error);
    const response = toResponse(thrown, report);
    assert.deepEqual([...response.headers], [
      ["content-length", "35"],
      ["content-type", "application/json"],
    ]);
    assert.equal(
      await told(response),
      '500 {"message":"Internal server error"}',
    );
    assert.equal(reported.length, 1);
    assert.equal(reported[0], thrown);
  }
});
