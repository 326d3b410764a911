/**
 * The way back: where a browser goes after it has signed in. It comes from
 * outside, from a proxy or from whoever made a link.
 * Refused, with "/" in its place: whatever is not a path of the same host, and
 * what is longer than proxies let through. A path that begins with "//" names
 * another host, and to browsers "\" is "/".
 */

/**
 * The greatest length: with it, the answer's header stays below the 4 KiB that
 * nginx takes by default. Half a path would be another page: so it is not cut.
 */
const maxLength = 2048;

/** A path of the same host, with its query; "/" in place of anything else. */
export function readWayBack(text: string | null): string {
  if (text === null || text.length > maxLength) return "/";
  return /^\/(?!\/)[!-[\]-~]*$/.test(text) ? text : "/";
}
