/**
 * What several files of this folder read and compare of the table of users.
 */

import type { Email, User, UserId } from "../auth/auth.ts";
import { flag, number, text } from "./rows.ts";
import type { Row } from "./sql.ts";

/** Reads the columns of a user: `id`, `email` and `is_admin`. */
export function readUser(row: Row): User {
  // The casts: what is stored here was an id and an address when it was added.
  return {
    id: number(row, "id") as UserId,
    email: text(row, "email") as Email,
    isAdmin: flag(row, "is_admin"),
  };
}

/**
 * A time as the databases compare it, a whole number. A token's `iat` may be
 * any finite number, such as 1e308, which no column holds, or -0.5. All times
 * before 1970 are alike: a token of then is too old for everybody.
 */
export function storable(time: number): number {
  return Math.floor(Math.max(-1, Math.min(time, Number.MAX_SAFE_INTEGER)));
}
