/**
 * The storage that auth needs; `storage` implements it. Times are whole seconds
 * since 1970, and the caller gives them: a store asks no clock. Every method
 * throws what the database throws when it fails; each change is made whole or
 * not at all.
 */
/** Says whether a store could not reach its database. */
export function isUnavailable(error) {
  return error instanceof Error && "code" in error &&
    error.code === "DATABASE_UNAVAILABLE";
}
