/**
 * HttpError and what a throw becomes: the table of statuses with their words,
 * and a bare 500.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  HttpError,
  type HttpErrorStatus,
  toResponse,
} from "../../../src/http/http.ts";
import { told } from "../../support/send.ts";

function noReport(): never {
  throw new Error("An HttpError was reported.");
}

test("every status has words of its own", async () => {
  const table: Readonly<Record<HttpErrorStatus, string>> = {
    400: "Bad request",
    401: "Auth required",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    408: "The body did not arrive in time",
    409: "Conflict",
    413: "The body is too large",
    415: "Unsupported media type",
    429: "Too many requests",
    503: "Busy, try again later",
  };
  for (const [key, message] of Object.entries(table)) {
    const status = Number(key) as HttpErrorStatus;
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
