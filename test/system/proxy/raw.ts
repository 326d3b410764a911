/**
 * Requests that curl does not send: bytes as they are, HTTP/2 with spaces around
 * a value, a handshake that names another host than Host does.
 */

import { once } from "node:events";
import { connect as connectByHttp2 } from "node:http2";
import { connect, type TLSSocket } from "node:tls";
import { type Answer, type Entrance, parseAnswer } from "./client.ts";
import { host } from "./examples.ts";

/** A request for `/` of the host. */
export interface RawRequest {
  readonly fields: readonly string[]; // a character for each byte
  readonly handshake?: string | null; // null: it names no host
}

/** Sends it by HTTP/1.1. The fields stand before Host. */
export async function sendRaw(
  entrance: Entrance,
  { fields, handshake = host }: RawRequest,
): Promise<Answer> {
  const socket = await connectTo(entrance, handshake, "http/1.1");
  const own = [`Host: ${host}`, "Connection: close"];
  const lines = ["GET / HTTP/1.1", ...fields, ...own, "", ""];
  socket.write(lines.join("\r\n"), "latin1");
  const chunks: Uint8Array[] = [];
  socket.on("data", (chunk: Uint8Array) => chunks.push(chunk));
  await once(socket, "close");
  return parseAnswer(Buffer.concat(chunks));
}

/** Sends it by HTTP/2, with one field. */
export async function sendByHttp2(
  entrance: Entrance,
  [name, value]: readonly [name: string, value: string],
): Promise<Pick<Answer, "status" | "body">> {
  const socket = await connectTo(entrance, host, "h2");
  const session = connectByHttp2(`https://${host}`, {
    createConnection: () => socket,
  });
  try {
    const stream = session.request({ ":path": "/", [name]: value });
    let body = "";
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => body += text);
    stream.end();
    const [[fields]] = await Promise.all([
      once(stream, "response"),
      once(stream, "end"),
    ]);
    return { status: Number(fields[":status"]), body };
  } finally {
    session.destroy();
  }
}

async function connectTo(
  { port }: Entrance,
  servername: string | null,
  protocol: "http/1.1" | "h2",
): Promise<TLSSocket> {
  const socket = connect({
    host: "127.0.0.1",
    port,
    servername: servername ?? "",
    ALPNProtocols: [protocol],
    rejectUnauthorized: false, // curl looks at the certificate
  });
  socket.on("error", () => {}); // the proxy may hang up
  await once(socket, "secureConnect");
  return socket;
}
