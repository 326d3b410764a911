/**
 * Between the look at a token and the change that its holder asks for, there is
 * the body of the request, which may come slowly, and the work of a hash: in
 * that time they may lose what they have. Then nothing is changed any more.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { currentSecond, type UserId } from "../../../src/auth/auth.ts";
import type { SqliteStore } from "../../../src/storage/sqlite.ts";
import { authorWith, id } from "../../support/stores.ts";
import {
  makeServer,
  password,
  type Sent,
  type Server,
  tokenIsInvalid,
} from "../../support/site.ts";

const admin = "admin@example.org";
const bob = "bob@example.org";

/** A change, by the method of the store that makes it. */
type Change = readonly [
  method:
    | "addUser"
    | "changeUser"
    | "endOwnSession"
    | "endAllSessions"
    | "changePassword",
  line: string,
  sent: Sent,
];

const newPassword = { password, new_password: "another horse" };

const ofAdministrators: readonly Change[] = [
  ["addUser", "POST /users", {
    json: { email: "eve@example.org", password, is_admin: true },
  }],
  ["changeUser", "PATCH /users/2", { json: { is_admin: true } }],
  ["changeUser", "PATCH /users/2", { json: { is_disabled: true } }],
  ["changeUser", "PATCH /users/2", { json: { password: "another horse" } }],
];

const ofEverybody: readonly Change[] = [
  ["endOwnSession", "DELETE /sessions/:other", {}],
  ["endOwnSession", "POST /logout", {}],
  ["endAllSessions", "POST /logout?everywhere=1", {}],
  ["changePassword", "POST /password", { form: newPassword }],
];

/** What the author of a change may lose meanwhile. */
type Ending = (
  store: SqliteStore,
  author: { readonly userId: UserId; readonly sid: string },
) => unknown;

const endings: Readonly<Record<string, Ending>> = {
  "is disabled": (store, { userId }) => {
    return changeUser(store, userId, { isDisabled: true });
  },
  "is logged out everywhere": (store, { userId }) => {
    const tokensFrom = currentSecond() + 9;
    return store.endAllSessions({ author: authorWith(userId), tokensFrom });
  },
  "gets a password from somebody else": async (store, { userId }) => {
    const other = await store.findAccount(id(2));
    assert.ok(other !== null);
    const { passwordHash } = other;
    return await changeUser(store, userId, { passwordHash });
  },
};

const endingsOfSessions: Readonly<Record<string, Ending>> = {
  ...endings,
  "ends the session elsewhere": (store, { userId, sid }) => {
    return store.endSession({ id: sid, userId });
  },
};

const endingsOfAdministrators: Readonly<Record<string, Ending>> = {
  "is no administrator any longer": (store, { userId }) => {
    return changeUser(store, userId, { isAdmin: false });
  },
};

for (const kind of ["with a session", "without a session"] as const) {
  const lost = kind === "with a session" ? endingsOfSessions : endings;
  checkEach(kind, [...ofAdministrators, ...ofEverybody], lost);
  checkEach(kind, ofAdministrators, endingsOfAdministrators);
}

function checkEach(
  kind: "with a session" | "without a session",
  changes: readonly Change[],
  lost: Readonly<Record<string, Ending>>,
): void {
  for (const [what, end] of Object.entries(lost)) {
    for (const [method, line, sent] of changes) {
      // A token without a session has none to log out.
      if (kind === "without a session" && line === "POST /logout") continue;
      const asked = JSON.stringify(sent.json ?? {});
      test(`${line} ${asked} by a token ${kind} changes nothing where its author ${what} meanwhile`, async () => {
        let ending: () => unknown = () => {};
        const server = await makeServer({}, (store) => ({
          [method]: async (...args: readonly unknown[]) => {
            await ending();
            return await Reflect.apply(store[method], store, args);
          },
        }));
        const { id: userId } = await server.addUser(admin, { isAdmin: true });
        await server.addUser("other@example.org", { isAdmin: true });
        await server.addUser(bob);
        const own = await server.logIn(admin);
        const other = await server.logIn(admin);
        const bobs = await server.logIn(bob);
        const token = kind === "with a session"
          ? own.token
          : await server.sign({ user_id: userId });
        let left: unknown = null;
        ending = async () => {
          await end(server.store, { userId, sid: own.sid });
          left = await stateOf(server);
        };
        const request = line.replace(":other", other.sid);
        const answer = await server.ask(request, { ...sent, token });
        assert.equal(answer, tokenIsInvalid);
        assert.deepEqual(await stateOf(server), left);
        assert.ok(await server.accepts(bobs.token));
      });
    }
  }
}

/** All accounts and all sessions. */
async function stateOf({ store }: Server): Promise<unknown> {
  const users = await store.listUsers({ after: 0, limit: 9 });
  const sessions = await Promise.all(users.map((user) => {
    const first = { after: null, limit: 9, since: 0 };
    return store.listSessions({ userId: user.id, ...first });
  }));
  return { users, sessions };
}

function changeUser(
  store: SqliteStore,
  userId: UserId,
  change: Parameters<SqliteStore["changeUser"]>[0]["change"],
): unknown {
  const tokensFrom = currentSecond() + 9;
  return store.changeUser({ id: userId, change, tokensFrom, author: null });
}
