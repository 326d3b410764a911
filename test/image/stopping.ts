/**
 * Stopping a container: signals reach the server, which is PID 1, and nobody's half-sent request can
 * keep it until a runtime loses patience, after ten seconds, and kills it.
 */

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { send } from "../serve/client.ts";
import type { Checks } from "./checks.ts";
import type { Container } from "./container.ts";

/** Stops a server by a signal while logins are in flight and a request hangs. */
export async function checkStop(
  checks: Checks,
  { server, signal }: { readonly server: Container; readonly signal: NodeJS.Signals },
): Promise<void> {
  const sentence = `${signal}: what is in flight is answered, what hangs is cut, it exits with 0`;
  await checks.check(sentence, async (note) => {
    const requests = [1, 2, 3, 4].map(loginRequest);
    const logins = await Promise.all(requests.map((request) => open(server.port, request)));
    const hanging = await open(server.port, loginRequest(5).slice(0, 60));
    const answers = logins.map(readToEnd);
    await send(server, "GET /healthz"); // so it has accepted all that came before
    const { code, seconds } = await server.stop(signal);
    hanging.destroy();
    note(`after ${seconds.toFixed(1)} s`);
    for (const answer of await Promise.all(answers)) {
      assert.match(answer, /^HTTP\/1\.1 400 [^]*\r\n\r\n\{"message":"Wrong credentials"\}$/);
    }
    assert.deepEqual([code, server.output.stderr], [0, ""]);
    assert.ok(seconds < 8, "that is too near to the ten seconds of a runtime");
  });
}

/** A login that takes as long as any and fails; each for another account, or they are throttled. */
function loginRequest(number: number): string {
  const form = `email=nobody${number}@example.org&password=wrong-password`;
  return "POST /login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" +
    "Content-Type: application/x-www-form-urlencoded\r\n" +
    `Content-Length: ${form.length}\r\n\r\n${form}`;
}

async function open(port: number, text: string): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.on("error", () => {}); // a reset is an end as well
  socket.write(text);
  return socket;
}

async function readToEnd(socket: Socket): Promise<string> {
  let text = "";
  socket.setEncoding("utf8").on("data", (part: string) => text += part);
  await once(socket, "close");
  return text;
}
