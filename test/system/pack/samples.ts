/**
 * The programs that are compiled and run in each project, and what they print:
 * the README's example of the library, and one of all that the package exports.
 */

import { readFileSync } from "node:fs";
import { root } from "./programs.ts";

const readme = readFileSync(`${root}README.md`, "utf8");
const readmeExample = /^```ts\n([^]*?)^```$/m.exec(readme)?.[1] ?? "";
const [, comment] = /console\.log\(.*\); \/\/ (.*)\n/.exec(readmeExample) ?? [];

/** The files of a project that has both. */
export const sampleFiles: Readonly<
  Record<"package.json" | "example.ts" | "server.ts", string>
> = {
  "package.json": '{ "private": true, "type": "module" }\n',
  "example.ts": readmeExample,
  "server.ts": readFileSync(`${root}test/types/server_program.ts`, "utf8"),
};

/** What the README's example prints, as its comment says. */
export const examplePrints: string = `${comment}\n`;

/** What the other one prints. */
export const serverPrints: string =
  `{"user":"User id=1: <ada@example.org, is_admin=True>"}
"hello, ada@example.org"
true
"ada@example.org"
`;
