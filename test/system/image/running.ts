/**
 * The image in use: it refuses to start without a secret, serves as PID 1 and
 * not as root, keeps accounts and sessions in its volume, and shares them with
 * a second container.
 */

import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  send,
  startSession,
  type Tokens,
  tokensOf,
} from "../../support/client.ts";
import type { Image } from "./buildah.ts";
import type { Checks } from "../../support/checks.ts";
import { freePort } from "../../support/port.ts";
import type { Container, ContainerHost } from "./container.ts";
import type { RunOptions } from "./namespaces.ts";

/** What is checked, and where it runs. */
export interface Trial {
  readonly checks: Checks;
  readonly image: Image;
  readonly host: ContainerHost;
}

/** A server, how it was started, and the tokens of a session that it has. */
export interface Service {
  readonly server: Container;
  readonly options: RunOptions;
  readonly tokens: Tokens;
}

const email = "ada@example.org";
const password = "correct horse battery staple";

/** Checks what the image does without a secret. */
export async function checkRefusal(
  { checks, image, host }: Trial,
): Promise<void> {
  const sentence =
    "Without a secret it ends at once, and one line says what to do";
  await checks.check(sentence, async (note) => {
    const start = performance.now();
    const { code, stdout, stderr } = await host.run(image);
    const milliseconds = performance.now() - start;
    note(`after ${milliseconds.toFixed()} ms`);
    assert.match(
      stderr,
      /^[^\n]*JWT_SECRET[^\n]*docker run[^\n]* key\b[^\n]*\n$/,
    );
    assert.deepEqual([code, stdout], [1, ""]);
    assert.ok(milliseconds < 2000, "that takes too long");
  });
}

/** Checks that the image makes secrets, and hands one on. */
export async function checkKey(
  { checks, image, host }: Trial,
): Promise<string | null> {
  return await checks.check(
    "Its command key prints a secret, with nothing set",
    async () => {
      const { code, stdout, stderr } = await host.run(image, { args: ["key"] });
      assert.match(stdout, /^[\w-]{43}\n$/);
      assert.deepEqual([code, stderr], [0, ""]);
      return stdout.trim();
    },
  );
}

/** Checks a server, and hands it on. */
export async function checkService(
  { checks, image, host }: Trial,
  options: RunOptions,
): Promise<Service | null> {
  const sentence =
    "With a secret it serves, as PID 1, not as root and with no capability";
  const server = await checks.check(sentence, async (note) => {
    const server = await host.start(image, options);
    // Or nobody can reach it.
    assert.match(server.output.stdout, /listens on http:\/\/0\.0\.0\.0:/);
    const status = new Map(
      server.status().split("\n").map((line) => {
        const [name = "", ...values] = line.split(/:?\s+/);
        return [name, values];
      }),
    );
    assert.equal(status.get("NSpid")?.[1], "1");
    for (const name of ["Uid", "Gid", "Groups"]) {
      assert.ok(!status.get(name)?.includes("0"), `root's among ${name}`);
    }
    assert.match(status.get("CapEff")?.[0] ?? "", /^0+$/);
    note(`user ${status.get("Uid")?.[0]}`);
    return server;
  });
  if (server === null) return null;

  await checks.check(
    "A second container adds an account, whose password is piped in",
    async () => {
      const { volume = "" } = options; // it needs no secret
      const args = ["user", "add", email, "--admin"];
      const added = await host.run(image, {
        volume,
        args,
        input: `${password}\n`,
      });
      const stdout = `Added user 1: ${email}, an administrator.\n`;
      assert.deepEqual(added, { code: 0, stdout, stderr: "" });
    },
  );

  const tokens = await checks.check(
    "The account logs in, and /get-user knows it",
    async () => {
      const tokens = await startSession(server, email, { password });
      await requireUser(server, tokens.token);
      return tokens;
    },
  );

  await checks.check(
    "Its health check says ok, and fails where no server runs",
    async () => {
      const command = image.config.Healthcheck.Test.slice(1);
      const healthy = await server.execute(command);
      assert.deepEqual(healthy, { code: 0, stdout: "ok\n", stderr: "" });
      const variables = { PORT: String(await freePort()) };
      const alone = await host.run(image, { entrypoint: command, variables });
      assert.match(alone.stderr, /^\S+ does not answer\.\n$/);
      assert.deepEqual([alone.code, alone.stdout], [1, ""]);
    },
  );

  return tokens && { server, options, tokens };
}

/** Checks two containers on one volume, and hands on the second. */
export async function checkSharing(
  { checks, image, host }: Trial,
  { server, options, tokens }: Service,
): Promise<Container | null> {
  const sentence =
    "A second server on the volume knows the first one's sessions, and ends them";
  return await checks.check(sentence, async () => {
    const second = await host.start(image, options);
    await requireUser(second, tokens.token);
    const { token } = await startSession(server, email, { password });
    await requireUser(second, token);
    assert.equal((await send(second, "POST /logout", { token })).status, 204);
    assert.equal((await send(server, "GET /get-user", { token })).status, 400);
    await requireUser(server, tokens.token);
    return second;
  });
}

/**
 * Checks what the volume holds after a server, and that another one goes on
 * from there.
 */
export async function checkRestart(
  { checks, image, host }: Trial,
  { options, tokens, secretFile }: Omit<Service, "server"> & {
    readonly secretFile: string;
  },
): Promise<void> {
  const { volume = "" } = options;
  await checks.check(
    "Its database is the user's alone, and all that is left",
    () => {
      assert.deepEqual(readdirSync(volume), ["onejot.sqlite"]);
      const { uid, gid, mode } = statSync(join(volume, "onejot.sqlite"));
      assert.equal(
        `${uid}:${gid} ${(mode & 0o777).toString(8)}`,
        `${image.config.User} 600`,
      );
    },
  );

  const server = await checks.check(
    "It starts with the secret in a file",
    () => {
      const inside = "/run/secrets/jwt_secret"; // where Docker has it
      const variables = { JWT_SECRET_FILE: inside };
      return host.start(image, {
        volume,
        variables,
        files: { [inside]: secretFile },
      });
    },
  );
  if (server === null) return;

  await checks.check(
    "The token from before the restart holds, and its session goes on",
    async () => {
      await requireUser(server, tokens.token);
      const form = { refresh_token: tokens.refreshToken };
      const next = tokensOf(await send(server, "POST /refresh", { form }));
      assert.equal(next.sid, tokens.sid);
      await requireUser(server, next.token);
    },
  );

  await server.stop("SIGTERM");
}

async function requireUser(server: Container, token: string): Promise<void> {
  const { status, text } = await send(server, "GET /get-user", { token });
  assert.equal(status, 200, text);
  assert.ok(text.includes(`<${email}, is_admin=True>`), text);
}
