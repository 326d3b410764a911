/**
 * StringOrURI: RFC 7515 §2, RFC 7519 §2. Any text, but one with a colon must
 * be a URI. It is a rule for who signs: no verifier is told to look.
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
 *     IPv6address = 8 h16, with ":" between them; "::" stands for one or more
 *                   of them, and an IPv4address for the last two
 *     h16         = 1*4HEXDIG
 *     pchar       = unreserved / pct-encoded / sub-delims / ":" / "@"
 *     pct-encoded = "%" HEXDIG HEXDIG
 *     unreserved  = ALPHA / DIGIT / "-" / "." / "_" / "~"
 *     sub-delims  = "!" / "$" / "&" / "'" / "(" / ")" / "*" / "+" / "," / ";"
 *                 / "="
 *
 * RFC 3986 writes IPv6address out in nine lines; the one here says the same. As
 * a host, an IPv4address is also a reg-name, so that it needs no rule there.
 */

/** ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ) */
const scheme = /^[a-z][a-z\d+.-]*$/i;

/** *( unreserved / pct-encoded / sub-delims / ":" ) */
const userinfo = /^(?:[\w.~-]|%[\da-f]{2}|[!$&'()*+,;=]|:)*$/i;

/** 1*4HEXDIG */
const h16 = /^[\da-f]{1,4}$/i;

/** 0 to 255, without a zero in front. */
const decOctet = /^(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])$/;

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
  // The colons of an IP-literal stand before its closing bracket. Where there
  // is no bracket, -1 lets the search begin at the start.
  const colon = text.indexOf(":", text.lastIndexOf("]"));
  if (colon === -1) return isHost(text);
  return isHost(text.slice(0, colon)) && port.test(text.slice(colon + 1));
}

function isHost(text: string): boolean {
  if (!text.startsWith("[")) return regName.test(text);
  if (!text.endsWith("]")) return false;
  const address = text.slice(1, -1);
  return isIpv6Address(address) || ipvFuture.test(address);
}

function isIpv6Address(text: string): boolean {
  // An IPv4address at the end is as good as two groups.
  const lastStart = text.lastIndexOf(":") + 1;
  const groups = isIpv4Address(text.slice(lastStart))
    ? `${text.slice(0, lastStart)}0:0`
    : text;
  const [left = "", right, more] = groups.split("::");
  if (right === undefined) return countGroups(left) === 8;
  if (more !== undefined) return false;
  return countGroups(left) + countGroups(right) < 8;
}

/** How many groups of 16 bits a text has; Infinity where it has others. */
function countGroups(text: string): number {
  if (text === "") return 0;
  const groups = text.split(":");
  return groups.every((group) => h16.test(group)) ? groups.length : Infinity;
}

function isIpv4Address(text: string): boolean {
  const octets = text.split(".");
  return octets.length === 4 && octets.every((octet) => decOctet.test(octet));
}

/** What stands before and after a delimiter; without it, nothing after. */
function splitAtFirst(delimiter: string, text: string): [string, string] {
  const index = text.indexOf(delimiter);
  if (index === -1) return [text, ""];
  return [text.slice(0, index), text.slice(index + 1)];
}
