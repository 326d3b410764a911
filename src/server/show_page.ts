/**
 * Answers with a file of the page at `/`, each at its own path; there is no way from a request to any
 * other file. The browser is told to run and to ask nothing that is not this server's.
 */

/**
 * A file, for the path below the root that it is answered at.
 * @internal
 */
export interface PageFile {
  /** Such as `/src/page/page.css`. */
  readonly path: string;
  /** The media type. */
  readonly type: string;
  /** The file. */
  readonly text: string;
}

/** Answers with a file. */
export function showFile({ type, text }: PageFile): Response {
  return new Response(text, {
    headers: {
      "content-type": `${type}; charset=utf-8`,
      "content-security-policy": policy,
    },
  });
}

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
  "require-trusted-types-for 'script'; trusted-types 'none'";
