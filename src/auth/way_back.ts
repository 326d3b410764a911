/**
 * The way back: where a browser goes after it has signed in. It comes from
 * outside, from a proxy or from whoever made a link.
 * Refused, with "/" in its place: whatever is not a path of the same host. A
 * path that begins with "//" names another host, and to browsers "\" is "/".
 */

/** A path of the same host, with its query; "/" in place of anything else. */
export function readWayBack(text: string | null): string {
  if (text === null || !/^\/(?!\/)[!-[\]-~]*$/.test(text)) return "/";
  return text;
}
