/**
 * A folder that a stranger has filled with the files by which a runtime takes
 * code or settings from where one stands. Code of the folder that runs prints a
 * mark; a setting of the folder that is taken is a secret.
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { importKey, sign } from "../../src/jwt/jwt.ts";
import { withFolder } from "./temp.ts";

/** What the folder's code prints where it runs. */
export const mark = "CODE OF THE FOLDER";

const secret = "pQ7vXz2KdR9mTf4WcY8sLhB3nGj6UaEo";

const code = `console.error("${mark}");
export default { env: {}, argv: [], exit() {}, execArgv: [] };
`;
const settings = `JWT_SECRET=${secret}
BUN_OPTIONS=--preload=./hostile.ts
NODE_OPTIONS=--require=./hostile.ts
`;
const everyModule = { "*": ["./hostile.ts"], "/*": ["./hostile.ts"] };
const compilerOptions = JSON.stringify({
  compilerOptions: {
    paths: everyModule,
    jsx: "react-jsx",
    jsxImportSource: "./hostile",
  },
});
const importMap = { "node:process": "./hostile.ts" };

/** The files, by what they are. */
const kinds: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "Bun's configuration": {
    "bunfig.toml": 'preload = ["./hostile.ts"]\n',
    ".bunfig.toml": 'preload = ["./hostile.ts"]\n',
  },
  "files of settings": {
    ".env": settings,
    ".env.local": settings,
    ".env.development": settings,
    ".env.development.local": settings,
    ".env.production": settings,
    ".env.production.local": settings,
    ".env.test": settings,
  },
  "TypeScript's configuration": {
    "tsconfig.json": compilerOptions,
    "jsconfig.json": compilerOptions,
  },
  "Deno's configuration": {
    "deno.json": JSON.stringify({
      imports: importMap,
      tasks: { key: `echo ${mark}` },
      permissions: { default: { all: true } },
      unstable: ["worker-options"],
      compilerOptions: { paths: everyModule },
    }),
    "deno.lock": "{}",
  },
  "modules": {
    "node_modules/process/index.js": code,
    "node_modules/node:process/index.js": code,
    "node_modules/fs/index.js": code,
    "key": code,
    "key.ts": code,
    "index.ts": code,
  },
};

/** A package of the folder's own; where one is installed, it has another. */
const packageJson = JSON.stringify({
  main: "./hostile.ts",
  browser: importMap,
  imports: importMap,
  scripts: { key: `echo ${mark}`, prekey: `echo ${mark}` },
});

/** Fills a folder with the files of these kinds, of all by default. */
export function fillFolder(
  folder: string,
  names: readonly string[] = Object.keys(kinds),
): void {
  const files = names.flatMap((name) => Object.entries(kinds[name] ?? {}));
  for (const [path, text] of [...files, ["hostile.ts", code]]) {
    const file = join(folder, String(path));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, String(text));
  }
}

/** Where one can stand in a folder that is full of all of it. */
export interface Places {
  readonly folder: string;
  /** A folder in it, which is empty. */
  readonly inner: string;
}

/** Hands a folder to a function that has all of it, and removes it. */
export async function withHostileFolder(
  use: (places: Places) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    fillFolder(folder);
    writeFileSync(join(folder, "package.json"), packageJson);
    const inner = join(folder, "inner");
    mkdirSync(inner);
    await use({ folder, inner });
  });
}

/** A token that the secret in the folder has made. */
export async function tokenOfFolder(): Promise<string> {
  const key = await importKey(new TextEncoder().encode(secret));
  return await sign({ sub: "mallory" }, key, { lifetimeSeconds: 3600 });
}
