/**
 * The page at `/`: its own files, and the very modules of src that its scripts
 * import, with their types taken away and nothing else changed. A file is read
 * when it is first asked for. The browser is told to run and to ask nothing
 * that is not this server's.
 * Refused: any other file. What is not named here cannot be had, and no text of
 * a request becomes a path.
 */

import type { Context, Handler } from "../http/http.ts";
import { stripTypesWithBun } from "./bun.ts";
import { stripTypesWithDeno } from "./deno.ts";

/** A file, and the path below the root that it is answered at. */
export interface PageFile {
  /** Such as `/src/page/page.css`. */
  readonly path: string;
  /** The media type; JavaScript is what becomes of a module in TypeScript. */
  readonly type:
    | "text/html"
    | "text/css"
    | "image/svg+xml"
    | "text/javascript";
  /** Imports it as a text: on Deno that needs no permission to read. */
  readonly load: () => Promise<unknown>;
}

/**
 * The modules, each below src and with the import of its text. These paths, and
 * the three below, lead by way of the folder `src`: so they are the same from
 * here and from the JavaScript of a package's `dist`.
 */
const modules: Readonly<Record<string, () => Promise<unknown>>> = {
  "inspect/claim_time.ts": () =>
    import("../../src/inspect/claim_time.ts", { with: { type: "text" } }),
  "inspect/inspect.ts": () =>
    import("../../src/inspect/inspect.ts", { with: { type: "text" } }),
  "inspect/meanings.ts": () =>
    import("../../src/inspect/meanings.ts", { with: { type: "text" } }),
  "inspect/printable.ts": () =>
    import("../../src/inspect/printable.ts", { with: { type: "text" } }),
  "inspect/refusal_words.ts": () =>
    import("../../src/inspect/refusal_words.ts", { with: { type: "text" } }),
  "inspect/written_number.ts": () =>
    import("../../src/inspect/written_number.ts", { with: { type: "text" } }),
  "jwt/base64url.ts": () =>
    import("../../src/jwt/base64url.ts", { with: { type: "text" } }),
  "jwt/claims.ts": () =>
    import("../../src/jwt/claims.ts", { with: { type: "text" } }),
  "jwt/error.ts": () =>
    import("../../src/jwt/error.ts", { with: { type: "text" } }),
  "jwt/given.ts": () =>
    import("../../src/jwt/given.ts", { with: { type: "text" } }),
  "jwt/json_copy.ts": () =>
    import("../../src/jwt/json_copy.ts", { with: { type: "text" } }),
  "jwt/jws.ts": () =>
    import("../../src/jwt/jws.ts", { with: { type: "text" } }),
  "jwt/jwt.ts": () =>
    import("../../src/jwt/jwt.ts", { with: { type: "text" } }),
  "jwt/key.ts": () =>
    import("../../src/jwt/key.ts", { with: { type: "text" } }),
  "jwt/policy.ts": () =>
    import("../../src/jwt/policy.ts", { with: { type: "text" } }),
  "jwt/remember.ts": () =>
    import("../../src/jwt/remember.ts", { with: { type: "text" } }),
  "jwt/unsecured.ts": () =>
    import("../../src/jwt/unsecured.ts", { with: { type: "text" } }),
  "jwt/uri.ts": () =>
    import("../../src/jwt/uri.ts", { with: { type: "text" } }),
  "page/elements.ts": () =>
    import("../../src/page/elements.ts", { with: { type: "text" } }),
  "page/inspector.ts": () =>
    import("../../src/page/inspector.ts", { with: { type: "text" } }),
  "page/page.ts": () =>
    import("../../src/page/page.ts", { with: { type: "text" } }),
  "page/show_inspection.ts": () =>
    import("../../src/page/show_inspection.ts", { with: { type: "text" } }),
  "page/try_server.ts": () =>
    import("../../src/page/try_server.ts", { with: { type: "text" } }),
};

/** All of the page's files. */
export const pageFiles: readonly PageFile[] = [
  {
    path: "/",
    type: "text/html",
    load: () => import("../../src/page/index.html", { with: { type: "text" } }),
  },
  {
    path: "/src/page/page.css",
    type: "text/css",
    load: () => import("../../src/page/page.css", { with: { type: "text" } }),
  },
  {
    path: "/src/page/icon.svg",
    type: "image/svg+xml",
    load: () => import("../../src/page/icon.svg", { with: { type: "text" } }),
  },
  ...Object.entries(modules).map(fileOfModule),
];

function fileOfModule(
  [name, load]: readonly [string, () => Promise<unknown>],
): PageFile {
  return { path: `/src/${name}`, type: "text/javascript", load };
}

/** Answers with a file, which is read at the first request, and once. */
export function showPageFile(file: PageFile): Handler<Context> {
  const headers = {
    "content-type": `${file.type}; charset=utf-8`,
    "content-security-policy": contentSecurityPolicy,
  };
  let text: string | null = null;
  return async () => {
    // Two first requests at once may both read it, which does no harm. After a
    // read that fails the next request tries again; but Deno itself remembers
    // that a file was not there.
    text ??= await readPageFile(file);
    return new Response(text, { headers });
  };
}

const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

async function readPageFile({ type, load }: PageFile): Promise<string> {
  const text = String(Object(await load()).default);
  return type === "text/javascript" ? stripTypes(text) : text;
}

/** A module without its types, as the runtime itself takes them away. */
function stripTypes(source: string): string {
  const script = stripTypesWithBun(source) ?? stripTypesWithDeno(source);
  if (script !== null) return script;
  throw new TypeError("Cannot show the page: this is neither Bun nor Deno.");
}
