/**
 * The files of the page that a server shows at `/`: the page itself, and the very modules of src that
 * its scripts import, with their types taken away and nothing else changed. What is not named here
 * cannot be had.
 */

import type { PageFile } from "./show_page.ts";

// Imported as texts, so that on Deno no permission to read is needed.
const modules: Readonly<Record<string, () => Promise<unknown>>> = {
  "inspect/claim_time.ts": () =>
    import("../inspect/claim_time.ts", { with: { type: "text" } }),
  "inspect/inspect.ts": () =>
    import("../inspect/inspect.ts", { with: { type: "text" } }),
  "inspect/meanings.ts": () =>
    import("../inspect/meanings.ts", { with: { type: "text" } }),
  "inspect/printable.ts": () =>
    import("../inspect/printable.ts", { with: { type: "text" } }),
  "jwt/base64url.ts": () =>
    import("../jwt/base64url.ts", { with: { type: "text" } }),
  "jwt/claims.ts": () => import("../jwt/claims.ts", { with: { type: "text" } }),
  "jwt/error.ts": () => import("../jwt/error.ts", { with: { type: "text" } }),
  "jwt/jws.ts": () => import("../jwt/jws.ts", { with: { type: "text" } }),
  "jwt/jwt.ts": () => import("../jwt/jwt.ts", { with: { type: "text" } }),
  "jwt/key.ts": () => import("../jwt/key.ts", { with: { type: "text" } }),
  "jwt/policy.ts": () => import("../jwt/policy.ts", { with: { type: "text" } }),
  "jwt/remember.ts": () =>
    import("../jwt/remember.ts", { with: { type: "text" } }),
  "jwt/unsecured.ts": () =>
    import("../jwt/unsecured.ts", { with: { type: "text" } }),
  "page/elements.ts": () =>
    import("../page/elements.ts", { with: { type: "text" } }),
  "page/inspector.ts": () =>
    import("../page/inspector.ts", { with: { type: "text" } }),
  "page/page.ts": () => import("../page/page.ts", { with: { type: "text" } }),
  "page/show_inspection.ts": () =>
    import("../page/show_inspection.ts", { with: { type: "text" } }),
  "page/try_server.ts": () =>
    import("../page/try_server.ts", { with: { type: "text" } }),
};

/** Reads the files, and takes the types away as the runtime does. */
export async function readPageFiles(
  stripTypes: (source: string) => string,
): Promise<readonly PageFile[]> {
  const page = textOf(
    await import("../page/index.html", { with: { type: "text" } }),
  );
  const style = textOf(
    await import("../page/page.css", { with: { type: "text" } }),
  );
  const icon = textOf(
    await import("../page/icon.svg", { with: { type: "text" } }),
  );
  const files = [
    { path: "/", type: "text/html", text: page },
    { path: "/src/page/page.css", type: "text/css", text: style },
    { path: "/src/page/icon.svg", type: "image/svg+xml", text: icon },
  ];
  for (const [name, load] of Object.entries(modules)) {
    const text = stripTypes(textOf(await load()));
    files.push({ path: `/src/${name}`, type: "text/javascript", text });
  }
  return files;
}

function textOf(module: unknown): string {
  return String(Object(module).default);
}
