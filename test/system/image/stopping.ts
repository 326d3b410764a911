/**
 * Stopping a container: signals reach the server, which is PID 1, and nobody's
 * half-sent request can keep it until a runtime loses patience, after ten
 * seconds, and kills it.
 */

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Checks } from "../../support/checks.ts";
import { pause } from "../../support/wait.ts";
import type { Container } from "./container.ts";

/**
 * Stops a server by a signal while logins are in flight and a request hangs.
 */
export async function checkStop(
  checks: Checks,
  { server, signal }: {
    readonly server: Container;
    readonly signal: NodeJS.Signals;
  },
): Promise<void> {
  const sentence =
    `${signal}: what is in flight is answered, what hangs is cut, it exits with 0`;
  await checks.check(sentence, async (note) => {
    const healthRequest = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    const clients = await Promise.all(
      [1, 2, 3, 4].map(() => open(server.port, healthRequest)),
    );
    // The server has all of them.
    await Promise.all(clients.map((client) => once(client, "data")));
    const hanging = await open(server.port, loginRequest(0).slice(0, 60));
    const answers = clients.map((client, index) =>
      ask(client, loginRequest(index + 1))
    );
    await pause(150);
    const { code, seconds } = await server.stop(signal);
    hanging.destroy();
    note(`after ${seconds.toFixed(1)} s`);
    for (const answer of await Promise.all(answers)) {
      assert.match(
        answer,
        /^HTTP\/1\.1 400 [^]*\r\n\r\n\{"message":"Wrong credentials"\}$/,
      );
    }
    assert.deepEqual([code, server.output.stderr], [0, ""]);
    assert.ok(seconds < 8, "that is too near to the ten seconds of a runtime");
  });
}

/**
 * A login that takes as long as any and fails; each for another account, or
 * they are throttled.
 */
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

/**
 * Sends a request and resolves to all that comes back until the other end
 * closes.
 */
async function ask(socket: Socket, text: string): Promise<string> {
  let answer = "";
  socket.setEncoding("utf8").on("data", (part: string) => answer += part);
  socket.write(text);
  await once(socket, "close");
  return answer;
}
