/**
 * A client of the proxy: curl, because its cookie engine keeps the rules of
 * `__Host-` and Secure as browsers do. It comes from an address of its own,
 * with a name and a certificate that are checked.
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { host } from "./examples.ts";
import type { Received } from "./upstream.ts";

/**
 * Where clients come from; the proxy itself speaks to onejot from 127.0.0.1.
 */
export const clientAddress = "127.0.0.5";

/** What a browser sends when a person opens a page. */
export const acceptPage =
  "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/**
 * What a browser sends with a form of the host's own page, the newer ones and
 * the older ones.
 */
export const fromOwnPage: readonly string[] = [
  "Sec-Fetch-Site: same-origin",
  `Origin: https://${host}`,
];

/** Where the proxy is, and which certificate shows that it is the host. */
export interface Entrance {
  readonly port: number;
  readonly certificate: string;
}

/** What to send, beside a path. */
export interface Sending {
  readonly method?: string;
  readonly headers?: readonly string[];
  readonly body?: string | Uint8Array;
  readonly http?: "1.1"; // otherwise what the proxy prefers
  readonly at?: string; // another host than the examples'
}

export interface Answer {
  readonly status: number; // 0 where the connection ended before there was one
  // Names in lower case.
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

export class Client {
  readonly #entrance: Entrance;
  readonly #jar: string | null;

  /** With a file for cookies it is a browser, otherwise a program. */
  constructor(entrance: Entrance, jar: string | null = null) {
    this.#entrance = entrance;
    this.#jar = jar;
  }

  /** Sends a request and follows nothing. */
  async send(
    path: string,
    { method, headers = [], body, http, at = host }: Sending = {},
  ): Promise<Answer> {
    const { port, certificate } = this.#entrance;
    const accept = this.#jar === null ? [] : [acceptPage];
    const options = [
      "--silent",
      "--show-error",
      "--include",
      "--path-as-is",
      "--globoff",
      "--max-time",
      "20",

      "--connect-to",
      `${at}:443:127.0.0.1:${port}`,
      "--cacert",
      certificate,
      "--interface",
      `host!${clientAddress}`,
      ...(http === undefined ? [] : [`--http${http}`]),
      ...(this.#jar === null
        ? []
        : ["--cookie", this.#jar, "--cookie-jar", this.#jar]),
      ...(body === undefined ? [] : ["--data-binary", "@-"]),
      ...(method === "HEAD"
        ? ["--head"]
        : method === undefined
        ? []
        : ["--request", method]),
      ...[...accept, ...headers].flatMap((header) => ["--header", header]),
    ];
    return parseAnswer(
      await curl([...options, `https://${at}${path}`], body),
    );
  }

  /**
   * What the service received of a request that must have come through to it.
   */
  async reach(path: string, sending: Sending = {}): Promise<Received> {
    const answer = await this.send(path, sending);
    assert.equal(
      answer.status,
      200,
      `${path} answered ${answer.status}: ${answer.body}`,
    );
    return JSON.parse(answer.body);
  }

  /** The value of a cookie in the jar, or null. */
  cookie(name: string): string | null {
    if (this.#jar === null || !existsSync(this.#jar)) return null;
    const lines = readFileSync(this.#jar, "utf8").split("\n").map((line) =>
      line.split("\t")
    );
    return lines.find((fields) => fields[5] === name)?.[6] ?? null;
  }
}

/** All values of a header field, in whatever case its name is. */
export function valuesOf(
  { headers }: Pick<Answer, "headers">,
  name: string,
): string[] {
  return headers.filter(([its]) => its.toLowerCase() === name).map((
    [, value],
  ) => value);
}

/** Where an answer leads, as browsers read it. */
export function locationOf(answer: Answer): URL {
  const [location = ""] = valuesOf(answer, "location");
  return new URL(location, `https://${host}/onejot/signin`);
}

async function curl(
  args: readonly string[],
  body: string | Uint8Array = "",
): Promise<Buffer> {
  const child = spawn("curl", args, { stdio: "pipe" });
  const chunks: Uint8Array[] = [];
  let complaint = "";
  child.stdout.on("data", (chunk: Uint8Array) => chunks.push(chunk));
  child.stderr.on(
    "data",
    (chunk: Uint8Array) => complaint += Buffer.from(chunk).toString(),
  );
  child.stdin.on("error", () => {}); // it may not want all of it
  child.stdin.end(body);
  const [code] = await once(child, "close");
  if (chunks.length === 0) {
    throw new Error(`curl ended with code ${code}: ${complaint}`);
  }
  return Buffer.concat(chunks);
}

/** Reads an answer of HTTP. */
export function parseAnswer(bytes: Buffer): Answer {
  const end = bytes.indexOf("\r\n\r\n");
  const [start = "", ...lines] = bytes.subarray(0, end).toString("latin1")
    .split("\r\n");
  const status = Number(/^HTTP\/[\d.]+ (\d{3})/.exec(start)?.[1] ?? 0);
  const rest = bytes.subarray(end + 4);
  // An interim one, such as 100 Continue.
  if (status > 0 && status < 200) return parseAnswer(rest);
  const headers = lines.map((line) => {
    const colon = line.indexOf(":");
    return [
      line.slice(0, colon).toLowerCase(),
      line.slice(colon + 1).trim(),
    ] as const;
  });
  return { status, headers, body: rest.toString("utf8") };
}
