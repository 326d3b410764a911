/**
 * The address that a request came from, and what throttling counts it by.
 * X-Forwarded-For is read from the right, as far as trusted proxies wrote it, and not at all where
 * the peer is none. A hop that is no IP address, or more than 32 trusted ones, is turned away: the
 * request then counts as its socket's. Who writes from a trusted address can claim any other.
 */

import { BlockList, isIP } from "node:net";

/**
 * Addresses and networks, such as the proxies that are trusted; parseAddresses makes it.
 * @internal
 */
export interface AddressList {
  readonly ipv4: BlockList;
  readonly ipv6: BlockList; // apart: the runtimes disagree on whether ::/0 holds IPv4 addresses
}

/** What is known of where a request came from, before any of it is believed. */
export interface Arrival {
  readonly forwardedFor: string | null; // the value of X-Forwarded-For
  readonly socketAddress: string | null; // the other end of the connection
}

/** Reads addresses and CIDRs between commas; null where there is none or one is malformed. */
export function parseAddresses(text: string): AddressList | null {
  const list: AddressList = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const entry of text.split(",")) {
    const [, written = "", digits] =
      /^([^/]*)(?:\/(0|[1-9]\d{0,2}))?$/.exec(entry.trim()) ?? [];
    const address = canonicalAddress(written);
    if (address === null) return null;
    const family = familyOf(address);
    const bits = family === "ipv6" ? 128 : 32;
    const mapping = written.includes(":") ? 128 - bits : 0; // ::ffff:10.0.0.0/104 is 10.0.0.0/8
    const prefix = digits === undefined ? bits : Number(digits) - mapping;
    if (prefix < 1 || prefix > bits) return null; // not all there are: then a client chooses
    list[family].addSubnet(address, prefix, family);
  }
  return list;
}

/** The address that a request came from, in canonical text; null where it is not known. */
export function clientAddress(
  arrival: Arrival,
  proxies: AddressList | null,
): string | null {
  const peer = canonicalAddress(arrival.socketAddress);
  if (arrival.forwardedFor === null || !includesAddress(peer, proxies)) {
    return peer;
  }
  const hops = arrival.forwardedFor.split(",");
  for (const [index, text] of hops.slice(-32).reverse().entries()) {
    const hop = addressOfHop(text.trim());
    if (hop === null) return peer;
    const isLast = index === hops.length - 1;
    if (isLast || !includesAddress(hop, proxies)) return hop; // what is left of it, the client chose
  }
  return peer; // not the last trusted hop: the socket's is the one address that no header can choose
}

/** What throttling counts by: IPv4 as it is, IPv6 by its /64, of which one client has all. */
export function throttleKeyOf(address: string | null): string {
  const canonical = canonicalAddress(address);
  if (canonical === null || familyOf(canonical) === "ipv4") {
    return canonical ?? "unknown";
  }
  const [head = [], tail = []] = canonical.split("::").map((part) =>
    part.split(":")
  );
  const zeros = Array<string>(8 - head.length - tail.length).fill("0");
  const network = [...head, ...zeros, ...tail].slice(0, 4); // RFC 4291 §2.5.4
  return `${network.map((group) => group || "0").join(":")}::/64`; // "::1" begins with an empty one
}

/** Says whether a text is an address of a list; none is of no list. */
export function includesAddress(
  text: string | null,
  list: AddressList | null,
): boolean {
  const address = canonicalAddress(text);
  if (address === null || list === null) return false;
  const family = familyOf(address);
  return list[family].check(address, family);
}

/** Reads 192.0.2.1, 192.0.2.1:80, 2001:db8::1, [2001:db8::1] or [2001:db8::1]:80. */
function addressOfHop(hop: string): string | null {
  const [, ipv4, ipv6] =
    /^(?:([\d.]+)|\[([^\]:]*:[^\]]*)\])(?::\d{1,5})?$/.exec(hop) ?? [];
  return canonicalAddress(ipv4 ?? ipv6 ?? hop);
}

function familyOf(canonicalAddress: string): "ipv4" | "ipv6" {
  return canonicalAddress.includes(":") ? "ipv6" : "ipv4";
}

/** The one text of an address (RFC 5952 §4); an IPv4-mapped one is IPv4 (RFC 4291 §2.5.5.2). */
function canonicalAddress(text: string | null): string | null {
  if (text === null || isIP(text) === 0) return null;
  if (isIP(text) === 4) return text;
  if (text.includes("%")) return null; // a zone has a meaning on one host alone (RFC 4007 §11.2)
  const inHex = text.replace(/[\d.]+\.\d+$/, (ipv4) => { // Bun: 1:2:3:4::192.0.2.1 is no URL's host
    const [a = 0, b = 0, c = 0, d = 0] = ipv4.split(".").map(Number);
    return `${(a << 8 | b).toString(16)}:${(c << 8 | d).toString(16)}`;
  });
  const address = new URL(`http://[${inHex}]`).hostname.slice(1, -1);
  const [, high, low = ""] = /^::ffff:([\da-f]+):([\da-f]+)$/.exec(address) ??
    [];
  return high === undefined
    ? address
    : new URL(`http://0x${high}${low.padStart(4, "0")}`).hostname;
}
