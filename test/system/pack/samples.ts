/**
 * The programs that are compiled and run in each project, and what they print:
 * the README's example of the library, one of all that the package exports, and
 * one each of onejot/jwt and of onejot/http, for programs that have no more.
 */

import { readFileSync } from "node:fs";
import { root } from "./programs.ts";

const readme = read("README.md");
const readmeExample = /^```ts\n([^]*?)^```$/m.exec(readme)?.[1] ?? "";
const [, comment] = /console\.log\(.*\); \/\/ (.*)\n/.exec(readmeExample) ?? [];

/** The files of a project that has them all. */
export const sampleFiles: Readonly<
  Record<
    "package.json" | "example.ts" | "server.ts" | "jwt.ts" | "http.ts",
    string
  >
> = {
  "package.json": '{ "private": true, "type": "module" }\n',
  "example.ts": readmeExample,
  "server.ts": read("test/types/server_program.ts"),
  "jwt.ts": read("test/types/jwt_program.ts"),
  "http.ts": read("test/types/http_program.ts"),
};

/** What the README's example prints, as its comment says. */
export const examplePrints: string = `${comment}\n`;

/** What the one of all that is exported prints. */
export const serverPrints: string =
  `{"user":"User id=1: <ada@example.org, is_admin=True>"}
"hello, ada@example.org"
true
"ada@example.org"
`;

/** What the one of onejot/jwt prints: it throws where something is wrong. */
export const jwtPrints = "";

/** What the one of onejot/http prints; the digest is that of FIPS 180-2 B.1. */
export const httpPrints: string = `200 null "é"
200 null "é"
200 null {"a":[1]}
200 ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0 abc
413 null {"message":"The body is too large"}
`;

function read(path: string): string {
  return readFileSync(`${root}${path}`, "utf8");
}
