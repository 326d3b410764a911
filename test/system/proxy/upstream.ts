/**
 * The service behind the proxy: it answers every request with what it has
 * received, as JSON, but for those that it has a file for. It reads the bytes
 * itself, because a runtime's server would join and rename header fields.
 */

import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  type AddressInfo,
  createServer,
  type Server,
  type Socket,
} from "node:net";

/** What the service has received. */
export interface Received {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly bytes: number; // of the body
  readonly sha256: string; // of the body
}

/** What the service has at a path. */
export interface ServedFile {
  readonly type: string;
  readonly text: string;
}

export class Upstream {
  /** How many requests have come through so far. */
  requests = 0;
  /** What it has, by path. */
  readonly files: Map<string, ServedFile> = new Map();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((socket) => this.#serve(socket));
  }

  /** Starts it on a free port of this machine. */
  static async start(): Promise<Upstream> {
    const upstream = new Upstream();
    await once(upstream.#server.listen(0, "127.0.0.1"), "listening");
    return upstream;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port; // it listens on TCP
  }

  #serve(socket: Socket): void {
    const chunks: Uint8Array[] = [];
    let isAnswered = false;
    let isAwaited = false;
    socket.on("error", () => {}); // a proxy may give up
    socket.on("data", (chunk: Uint8Array) => {
      chunks.push(chunk);
      const { head, body } = splitMessage(Buffer.concat(chunks));
      if (head === null || isAnswered) return;
      if (!isAwaited && /^expect:/im.test(head)) {
        isAwaited = true;
        socket.write("HTTP/1.1 100 Continue\r\n\r\n");
      }
      const content = readBody(head, body);
      if (content === null) return;
      isAnswered = true;
      this.requests++;
      const received = describe(head, content);
      const { type, text } = this.files.get(received.target) ??
        { type: "application/json", text: JSON.stringify(received) };
      socket.end(
        `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nConnection: close\r\n` +
          `Content-Length: ${text.length}\r\n\r\n${text}`,
      );
    });
  }
}

function splitMessage(
  bytes: Buffer,
): { readonly head: string | null; readonly body: Buffer } {
  const end = bytes.indexOf("\r\n\r\n");
  const head = end < 0 ? null : bytes.subarray(0, end).toString("latin1");
  return { head, body: bytes.subarray(end + 4) };
}

/** The body, or null where it is not all there. */
function readBody(head: string, body: Buffer): Buffer | null {
  if (!/^transfer-encoding: *chunked/im.test(head)) {
    const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
    return body.length < length ? null : body.subarray(0, length);
  }
  const parts: Buffer[] = [];
  for (let start = 0;;) {
    const end = body.indexOf("\r\n", start);
    if (end < 0) return null;
    const size = Number.parseInt(
      body.subarray(start, end).toString("latin1"),
      16,
    );
    if (body.length < end + 4 + size) return null;
    if (size === 0) return Buffer.concat(parts);
    parts.push(body.subarray(end + 2, end + 2 + size));
    start = end + 4 + size;
  }
}

function describe(head: string, body: Buffer): Received {
  const [start = "", ...lines] = head.split("\r\n");
  const [method = "", target = ""] = start.split(" ");
  const headers = lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
  });
  const sha256 = createHash("sha256").update(body).digest("hex");
  return { method, target, headers, bytes: body.length, sha256 };
}
