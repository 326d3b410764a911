/**
 * StringOrURI: RFC 7515 §2, RFC 7519 §2. Any text, but one with a colon must
 * be a URI.
 *
 * A URI is taken apart at its delimiters, and each part is held against the
 * rule that RFC 3986, appendix A, gives it. The rules have their names from
 * there, and the alternatives of each pattern stand in the rule's order:
 *
 *     URI         = scheme ":" hier-part [ "?" query ] [ "#" fragment ]
 *     hier-part   = "//" authority path-abempty
 *                 / path-absolute / path-rootless / path-empty
 *     authority   = [ userinfo "@" ] host [ ":" port ]
 *     host        = IP-literal / IPv4address / reg-name
 *     IP-literal  = "[" ( IPv6address / IPvFuture ) "]"
 *     pchar       = unreserved / pct-encoded / sub-delims / ":" / "@"
 *     pct-encoded = "%" HEXDIG HEXDIG
 *     unreserved  = ALPHA / DIGIT / "-" / "." / "_" / "~"
 *     sub-delims  = "!" / "$" / "&" / "'" / "(" / ")" / "*" / "+" / "," / ";"
 *                 / "="
 *
 * An IPv6address is held to its characters, not to their order. An IPv4address
 * is a reg-name by its characters, so that no rule of its own is needed.
 */

/** ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ) */
const scheme = /^[a-z][a-z\d+.-]*$/i;

/** *( unreserved / pct-encoded / sub-delims / ":" ) */
const userinfo = /^(?:[\w.~-]|%[\da-f]{2}|[!$&'()*+,;=]|:)*$/i;

/** The characters of an IPv6address. */
const ipv6Address = /^[\da-f:.]+$/i;

/** "v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" ) */
const ipvFuture = /^v[\da-f]+\.(?:[\w.~-]|[!$&'()*+,;=]|:)+$/i;

/** *( unreserved / pct-encoded / sub-delims ) */
const regName = /^(?:[\w.~-]|%[\da-f]{2}|[!$&'()*+,;=])*$/i;

/** *DIGIT */
const port = /^\d*$/;

/** *( pchar / "/" ): what all four kinds of path have in common. */
const path = /^(?:[\w.~-]|%[\da-f]{2}|[!$&'()*+,;=]|[:@]|\/)*$/i;

/** *( pchar / "/" / "?" ), of a query and of a fragment. */
const queryOrFragment = /^(?:[\w.~-]|%[\da-f]{2}|[!$&'()*+,;=]|[:@]|[/?])*$/i;

/**
 * Says whether a value is a StringOrURI.
 *
 * @param value of any type
 * @returns true for a text without a colon, and for a URI
 */
export function isStringOrUri(value: unknown): boolean {
  if (typeof value !== "string") return false;
  return !value.includes(":") || isUri(value);
}

/** Of a text with a colon. */
function isUri(text: string): boolean {
  // A scheme has neither "?" nor "#": the first colon stands before both.
  const colon = text.indexOf(":");
  if (!scheme.test(text.slice(0, colon))) return false;
  // A query or a fragment that is absent is checked as an empty one.
  const [beforeFragment, fragment] = splitAtFirst("#", text.slice(colon + 1));
  const [hierPart, query] = splitAtFirst("?", beforeFragment);
  return isHierPart(hierPart) &&
    queryOrFragment.test(query) && queryOrFragment.test(fragment);
}

function isHierPart(text: string): boolean {
  if (!text.startsWith("//")) return path.test(text);
  const pathStart = text.indexOf("/", 2);
  if (pathStart === -1) return isAuthority(text.slice(2));
  return isAuthority(text.slice(2, pathStart)) &&
    path.test(text.slice(pathStart));
}

function isAuthority(text: string): boolean {
  const at = text.indexOf("@");
  if (at === -1) return isHostAndPort(text);
  return userinfo.test(text.slice(0, at)) && isHostAndPort(text.slice(at + 1));
}

function isHostAndPort(text: string): boolean {
  // The colons of an IP-literal stand before its closing bracket.
  const colon = text.indexOf(":", text.lastIndexOf("]") + 1);
  if (colon === -1) return isHost(text);
  return isHost(text.slice(0, colon)) && port.test(text.slice(colon + 1));
}

function isHost(text: string): boolean {
  if (!text.startsWith("[")) return regName.test(text);
  if (!text.endsWith("]")) return false;
  const address = text.slice(1, -1);
  return ipv6Address.test(address) || ipvFuture.test(address);
}

/** What stands before and after a delimiter; without it, nothing after. */
function splitAtFirst(delimiter: string, text: string): [string, string] {
  const index = text.indexOf(delimiter);
  if (index === -1) return [text, ""];
  return [text.slice(0, index), text.slice(index + 1)];
}
