/**
 * What the page is looked at with: a browser, and three servers of one runtime.
 * A trial; one with a secret that is known here, below a path; and one whose
 * tokens expire after some seconds.
 */

import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import {
  addUser,
  type Runtime,
  type ServerProcess,
  startServer,
  type Variables,
} from "./server.ts";

/** Where the page is looked at. */
export interface Site {
  readonly runtime: Runtime;
  readonly browser: Browser;
  readonly trial: ServerProcess;
  /** Its page is at `/onejot/`; its secret is `secret`, its account `ada`. */
  readonly production: ServerProcess;
  /** The same without a path, and with tokens for five seconds. */
  readonly quick: ServerProcess;
}

/** What somebody does there, and the sentence that it proves. */
export type Scenario = readonly [
  sentence: string,
  act: (site: Site) => Promise<void>,
];

/** The secret of the servers that have one. */
export const secret = "zmoohq8iVtP4Ocyy8RcIof4l8vL1SwxM_sp1j3EZ3io";

/** Their account. */
export const ada = {
  email: "ada@example.org",
  password: "correct horse battery staple",
};

/** The account of a trial. */
export const user = { email: "user@email.com", password: "password" };

/** Quick enough to log in often. */
export const cheap = { PASSWORD_HASH: "pbkdf2", PASSWORD_ITERATIONS: "10000" };

/** Starts all of it, hands it to a function, and ends it whatever happens. */
export async function withSite(
  { runtime, program, folder }: {
    runtime: Runtime;
    program: string;
    folder: string;
  },
  use: (site: Site) => Promise<void>,
): Promise<void> {
  const browser = await chromium.launch({
    executablePath: program,
    args: [
      "--no-sandbox",
      "--host-resolver-rules=MAP onejot.example 127.0.0.1",
    ],
  });
  const servers: ServerProcess[] = [];
  const start = async (variables: Variables) => {
    const server = await startServer(runtime, { ...cheap, ...variables });
    servers.push(server);
    return server;
  };
  const DATABASE_URL = `sqlite:${join(folder, `${runtime}.sqlite`)}`;
  const known = { ...cheap, JWT_SECRET: secret, PAGE: "on", DATABASE_URL };
  try {
    await addUser(ada.email, ada.password, known);
    await use({
      runtime,
      browser,
      trial: await start({}),
      production: await start({ ...known, PATH_PREFIX: "/onejot" }),
      quick: await start({ ...known, JWT_EXP_DELTA_SECONDS: "5" }),
    });
  } finally {
    await browser.close();
    for (const server of servers) await server.stop("SIGKILL");
  }
}
