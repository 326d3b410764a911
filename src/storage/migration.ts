/**
 * How a schema grows, in SQLite and in PostgreSQL: by migrations, of which a
 * database remembers how many it has taken. A migration that has been released
 * is never changed; a new one is added behind it.
 * Refused: a database that has taken more than this program knows.
 */

/** The texts that lead from one version to the next, in their order. */
export type Migration = readonly TemplateStringsArray[];

/**
 * A text of a migration: one statement, or with SQLite several. It has no
 * values, and is kept as a tag takes it.
 */
export function statements(text: TemplateStringsArray): TemplateStringsArray {
  return text;
}

/**
 * The migrations that a database lacks.
 *
 * @param migrations all of them; the first makes version 1
 * @param version how many the database has taken
 * @throws {Error} it has taken more than there are
 */
export function pendingMigrations(
  migrations: readonly Migration[],
  version: number,
): readonly Migration[] {
  if (version > migrations.length) {
    throw new Error("the database is newer than this program");
  }
  return migrations.slice(version);
}
