/**
 * Serves page.ts to a browser and talks to it by turns: the page posts a
 * message and gets the next question for an answer. A response that is held
 * open shows when the page is gone.
 */

import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import {
  createServer,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { text } from "node:stream/consumers";

/** A page that waits for questions. */
export interface PageServer {
  readonly url: string;
  /** The first message, by which the page says which browser it is in. */
  userAgent(): Promise<string>;
  /** Resolves to the page's answer; the next question may follow then. */
  ask(question: string): Promise<string>;
}

/** A message of the page, and the response that waits for a question. */
interface Turn {
  readonly message: string;
  readonly response: ServerResponse;
}

const html = '<!doctype html><link rel="icon" href="data:,">' +
  '<script type="module" src="/test/compare/engines/page.js"></script>';

/**
 * Listens on a free port of this machine; calls `fail` if the page fails or
 * goes away.
 */
export async function servePage(
  directory: string,
  fail: (reason: string) => void,
): Promise<PageServer> {
  let turn = Promise.withResolvers<Turn>();

  function receive(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? "";
    if (path === "/turn") {
      withText(request, (message) => turn.resolve({ message, response }));
    } else if (path === "/failure") {
      withText(request, (message) => fail(`The page failed: ${message}`));
    } else if (path === "/presence") {
      response.once(
        "close",
        () => fail("The page is gone: it or its browser crashed."),
      );
      response.writeHead(200).flushHeaders();
    } else if (path === "/") {
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" })
        .end(html);
    } else {
      serveModule(directory, path, response);
    }
  }

  const server = createServer(receive).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = Object(server.address());
  return {
    url: `http://127.0.0.1:${port}/`,
    userAgent: async () => (await turn.promise).message,
    ask: async (question) => {
      const { response } = await turn.promise;
      turn = Promise.withResolvers();
      response.end(question);
      return (await turn.promise).message;
    },
  };
}

/**
 * Reads a body. One that breaks off is ignored: then the page is gone, which is
 * seen elsewhere.
 */
function withText(
  request: IncomingMessage,
  use: (message: string) => void,
): void {
  text(request).then(use, () => {});
}

function serveModule(
  directory: string,
  path: string,
  response: ServerResponse,
): void {
  const isThere = /^(?:\/\w+)+\.js$/.test(path) && existsSync(directory + path);
  if (!isThere) return void response.writeHead(404).end();
  response.writeHead(200, { "content-type": "text/javascript; charset=utf-8" });
  response.end(readFileSync(directory + path));
}
