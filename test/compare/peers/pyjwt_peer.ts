/**
 * PyJWT as a peer: Debian's python3-jwt under /usr/bin/python3, in one process
 * that answers the suite's JSON lines (pyjwt_peer.py). Its answers come in the
 * order of the questions.
 */

import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Peer } from "./peer.ts";

const python = "/usr/bin/python3";

/** The program, for the suite's runner; from the repository. */
export const pyjwtCommand: string =
  `${python} test/compare/peers/pyjwt_peer.py`;

/**
 * PyJWT's version, or null where it is not installed, and then a word on that.
 */
export function findPyjwt(): string | null {
  const { status, stdout } = spawnSync(python, [
    "-c",
    "import jwt; print(jwt.__version__)",
  ], {
    encoding: "utf8",
  });
  if (status === 0) return stdout.trim();
  console.error(`PyJWT is missing for ${python}: apt-get install python3-jwt`);
  return null;
}

export function pyjwtPeer(version: string): Peer {
  const script = fileURLToPath(new URL("pyjwt_peer.py", import.meta.url));
  const child = spawn(python, [script], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })
    [Symbol.asyncIterator]();
  let last: Promise<unknown> = Promise.resolve();

  /** Asks when the question before has been answered. */
  function ask(question: object): Promise<Readonly<Record<string, unknown>>> {
    const answer = last.then(async () => {
      child.stdin.write(`${JSON.stringify(question)}\n`);
      const { done, value } = await lines.next();
      if (done) throw new Error("PyJWT's process has ended");
      return Object(JSON.parse(value));
    });
    last = answer.catch(() => {});
    return answer;
  }

  return {
    name: `PyJWT ${version}`,
    limits: {},
    sign: async (claims, secretText, kid) => {
      const { token } = await ask({ sign: claims, secretText, kid });
      if (typeof token !== "string") throw new TypeError("PyJWT gave no token");
      return token;
    },
    verify: async (token, secretText, audience) => {
      const policy = audience === null ? {} : { audience };
      const { claims, refused } = await ask({
        verify: token,
        secretText,
        policy,
      });
      if (typeof refused === "string") return null;
      if (typeof claims !== "object" || claims === null) {
        throw new TypeError("PyJWT gave no claims");
      }
      return { ...claims };
    },
    close: () => child.stdin.end(),
  };
}
