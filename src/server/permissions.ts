/**
 * What the server needs of the machine, as Deno's options: to listen where the
 * settings say, to read the settings, the files of secrets and the database's
 * file, and to write to the latter.
 * Nothing else is allowed, and no code from elsewhere is loaded. Refused: a
 * path that an option cannot carry. What is wrong with the settings is left to
 * the server to tell, which gets nothing by it.
 */

import { reachOf } from "./authority.ts";
import { readReach, settings } from "./config.ts";
import { CommandError } from "./fault.ts";
import type { Environment } from "./setting_reader.ts";

/** Options of `deno run` with which these settings work, and no more does. */
export function permissionsOf(environment: Environment): readonly string[] {
  const { places, database, secretFiles } = readReach(environment);
  const sockets = places.flatMap((place) =>
    "path" in place ? [place.path] : []
  );
  const writable = database === null ? sockets : [...sockets, database];
  const readable = [...writable, ...secretFiles];
  readable.forEach(requirePlainPath);
  return [
    // Whatever is not allowed fails, and nobody is asked.
    "--no-prompt",
    // Or a deno.json around src could name other modules.
    "--no-config",
    "--no-lock",
    // All code is in src.
    "--no-remote",
    "--no-npm",
    ...allow("env", settings.map(({ name }) => name)),
    ...allow("net", places.map(reachOf)),
    ...allow("read", readable),
    ...allow("write", writable),
  ];
}

/** An option; none where there is nothing to allow, or it would allow all. */
function allow(kind: string, values: readonly string[]): readonly string[] {
  if (values.length === 0) return [];
  return [`--allow-${kind}=${[...new Set(values)].join(",")}`];
}

/**
 * Commas separate what an option allows, and a shell parts the options at white
 * space.
 */
function requirePlainPath(path: string): void {
  if (!/[\s,]/.test(path)) return;
  throw new CommandError(
    "Cannot print permissions: a path in the settings has a comma or white space.",
  );
}
