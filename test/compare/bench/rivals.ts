/**
 * The servers that are measured, in groups whose members do the same work. The
 * first of each group is its limit: it checks nobody's token.
 */

import type { Runtime } from "./result.ts";

/** A server that is started as a process of its own. */
export interface Rival {
  readonly name: string;
  /** The program, as a path in the project, and its arguments. */
  readonly command: readonly string[];
  /** Where it does not run on all. */
  readonly runtimes?: readonly Runtime[];
}

/** Rivals that do the same work. */
export interface Group {
  /** How its questions begin. */
  readonly name: string;
  readonly rivals: readonly Rival[];
  /** What the rivals answer, as text, to a token of the user with that id. */
  answerOf(userId: number): string;
}

const servers = "test/compare/bench/servers";

/** The runtime's server and a constant. */
export const bare: Rival = {
  name: "bare server",
  command: [`${servers}/bare.ts`],
};

/** The runtime's server and the statement that onejot runs for each request. */
export const bareStatement: Rival = {
  name: "bare server + same statement",
  command: [`${servers}/bare_statement.ts`],
};

/** The whole of onejot. */
export const onejot: Rival = {
  name: "onejot as it ships",
  command: ["src/main.ts"],
};

/** By the token alone. */
export const stateless: Group = {
  name: "stateless GET",
  rivals: [
    bare,
    { name: "onejot", command: [`${servers}/onejot.ts`, "remembered"] },
    {
      name: "onejot without a memory",
      command: [`${servers}/onejot.ts`, "verify"],
    },
    { name: "hono + hono/jwt", command: [`${servers}/hono.ts`, "text"] },
    {
      name: "hono + hono/jwt, imported key",
      command: [`${servers}/hono.ts`, "key"],
    },
    {
      name: "elysia + @elysiajs/jwt",
      command: [`${servers}/elysia.ts`, "text"],
      runtimes: ["bun"],
    },
    {
      name: "elysia + @elysiajs/jwt, imported key",
      command: [`${servers}/elysia.ts`, "key"],
      runtimes: ["bun"],
    },
    { name: "bare server + jose", command: [`${servers}/jose.ts`] },
  ],
  answerOf: (userId) => JSON.stringify({ sub: String(userId) }),
};

/** By the token and by the session that it names, in the database. */
export const asItShips: Group = {
  name: "GET as it ships",
  rivals: [
    bareStatement,
    onejot,
    {
      name: "hono + hono/jwt + same statement",
      command: [`${servers}/hono_statement.ts`, "text"],
    },
    {
      name: "hono + hono/jwt, imported key + same statement",
      command: [`${servers}/hono_statement.ts`, "key"],
    },
  ],
  answerOf: (id) => {
    return JSON.stringify({
      user: `User id=${id}: <user${id}@example.org, is_admin=False>`,
    });
  },
};
