/**
 * The address that a request came from, and what throttling counts it by.
 * X-Forwarded-For is read from the right, as far as trusted proxies wrote it,
 * and not at all where the peer is not a trusted proxy.
 * Refused: a hop that is not an IP address, and more than 32 trusted ones; the
 * request then counts as its socket's. Who writes from a trusted address can
 * claim any other.
 */

import { BlockList, isIP } from "node:net";
import type { ClientNetworks } from "../auth/auth.ts";
import { trimOptionalWhitespace } from "../http/http.ts";
import { unixPeer } from "./listening.ts";

/**
 * Addresses and networks, such as the proxies that are trusted; parseAddresses
 * makes it.
 * @internal
 */
export interface AddressList {
  // Apart: the runtimes disagree on whether ::/0 holds IPv4 addresses.
  readonly ipv4: BlockList;
  readonly ipv6: BlockList;
  /** Whether it holds whoever comes through a Unix socket. */
  readonly unix: boolean;
}

/** What is known of where a request came from, before any of it is believed. */
export interface Arrival {
  /** The value of X-Forwarded-For; null where it was not sent. */
  readonly forwardedFor: string | null;
  /** The other end of the connection; null where it has no address. */
  readonly socketAddress: string | null;
}

/**
 * Reads addresses and networks (CIDRs) between commas, and the word `unix`;
 * null where there is none or one is malformed.
 */
export function parseAddresses(text: string): AddressList | null {
  const entries = text.split(",").map((entry) => entry.trim());
  const list: AddressList = {
    ipv4: new BlockList(),
    ipv6: new BlockList(),
    unix: entries.includes(unixPeer),
  };
  for (const entry of entries) {
    if (entry === unixPeer) continue;
    const network = parseNetwork(entry);
    if (network === null) return null;
    const { address, prefix, family } = network;
    list[family].addSubnet(address, prefix, family);
  }
  return list;
}

interface Network {
  readonly address: string;
  /** How many of its first bits all addresses of the network share. */
  readonly prefix: number;
  readonly family: "ipv4" | "ipv6";
}

/**
 * Reads an address, or an address and the length of its prefix (RFC 4632 §3.1).
 */
function parseNetwork(text: string): Network | null {
  const { written, digits } = addressAndPrefix.exec(text)?.groups ?? {};
  if (written === undefined) return null;
  const address = canonicalAddress(written);
  if (address === null) return null;
  const family = familyOf(address);
  const bits = family === "ipv6" ? 128 : 32;
  // An IPv4 address in IPv6 form counts its bits there: ::ffff:10.0.0.0/104 is
  // 10.0.0.0/8.
  const mappedBits = written.includes(":") ? 128 - bits : 0;
  const prefix = digits === undefined ? bits : Number(digits) - mappedBits;
  // Not all addresses that there are: or a client chooses its own.
  if (prefix < 1 || prefix > bits) return null;
  return { address, prefix, family };
}

const addressAndPrefix = /^(?<written>[^/]*)(?:\/(?<digits>0|[1-9]\d{0,2}))?$/;

/**
 * The address that a request came from, in canonical text; "unix" where that is
 * a Unix socket, null where it is not known.
 */
export function clientAddress(
  { forwardedFor, socketAddress }: Arrival,
  proxies: AddressList | null,
): string | null {
  const peer = socketAddress === unixPeer
    ? unixPeer
    : canonicalAddress(socketAddress);
  if (forwardedFor === null || !includesAddress(peer, proxies)) return peer;
  const hops = forwardedFor.split(",");
  for (const [index, text] of hops.slice(-32).reverse().entries()) {
    const hop = addressOfHop(trimOptionalWhitespace(text));
    if (hop === null) return peer;
    const isLeftMost = index === hops.length - 1;
    // What stands left of the first hop that is not trusted, the client chose.
    if (isLeftMost || !includesAddress(hop, proxies)) return hop;
  }
  // Not the last trusted hop: the socket's is the one address that no header
  // can choose.
  return peer;
}

/**
 * What throttling counts an address by: IPv4 as it is, IPv6 by its /64, of
 * which one client has all, and by its /56 and /48, which a customer may have.
 * An IPv6 address that a translator has made of an IPv4 one is that. Null for
 * what is no address, such as a Unix socket, which all clients may share.
 */
export function networksOf(address: string | null): ClientNetworks | null {
  const canonical = canonicalAddress(address);
  if (canonical === null) return null;
  if (familyOf(canonical) === "ipv4") return networksOfIpv4(canonical);
  const groups = groupsOf(canonical);
  const ipv4 = translatedAddress(groups);
  if (ipv4 !== null) return networksOfIpv4(ipv4);
  // RFC 4291 §2.5.4: the first 64 bits name the network, in four groups.
  const [first, second, third, fourth = ""] = groups;
  const network = `${first}:${second}:${third}`;
  const site = (Number.parseInt(fourth, 16) & 0xff00).toString(16);
  return {
    client: `${network}:${fourth}::/64`,
    site: `${network}:${site}::/56`,
    network: `${network}::/48`,
  };
}

function networksOfIpv4(address: string): ClientNetworks {
  const network = address.slice(0, address.lastIndexOf("."));
  return { client: address, site: null, network: `${network}.0/24` };
}

/**
 * The IPv4 address that NAT64 has put into the last 32 bits of an IPv6 one: in
 * 64:ff9b::/96 (RFC 6052 §2.1), and below 64:ff9b:1::/48 (RFC 8215) where the
 * 32 bits before them are zero, as RFC 6052 §2.2 has them for no shorter
 * prefix.
 */
function translatedAddress(groups: readonly string[]): string | null {
  const text = groups.join(":");
  const { high, low = "" } = translated.exec(text)?.groups ?? {};
  if (high === undefined) return null;
  return hostOf(`0x${high}${low.padStart(4, "0")}`);
}

const translated =
  /^64:ff9b:(?:0:0|1:[\da-f]+):0:0:(?<high>[\da-f]+):(?<low>[\da-f]+)$/;

/**
 * The eight groups of a canonical IPv6 address, with the zeros that "::" stands
 * for.
 */
function groupsOf(address: string): readonly string[] {
  const gap = address.indexOf("::");
  if (gap === -1) return address.split(":");
  const head = splitGroups(address.slice(0, gap));
  const tail = splitGroups(address.slice(gap + 2));
  const zeros = Array<string>(8 - head.length - tail.length).fill("0");
  return [...head, ...zeros, ...tail];
}

function splitGroups(part: string): readonly string[] {
  return part === "" ? [] : part.split(":");
}

/**
 * Says whether a text is an address that a list holds; without a list, none is.
 */
export function includesAddress(
  text: string | null,
  list: AddressList | null,
): boolean {
  if (list === null) return false;
  if (text === unixPeer) return list.unix;
  const address = canonicalAddress(text);
  if (address === null) return false;
  const family = familyOf(address);
  return list[family].check(address, family);
}

/**
 * Reads 192.0.2.1, 192.0.2.1:80, 2001:db8::1, [2001:db8::1] or
 * [2001:db8::1]:80.
 */
function addressOfHop(hop: string): string | null {
  const { ipv4, ipv6 } = hopWithPort.exec(hop)?.groups ?? {};
  return canonicalAddress(ipv4 ?? ipv6 ?? hop);
}

const hopWithPort =
  /^(?:(?<ipv4>[\d.]+)|\[(?<ipv6>[^\]:]*:[^\]]*)\])(?::\d{1,5})?$/;

function familyOf(canonicalAddress: string): "ipv4" | "ipv6" {
  return canonicalAddress.includes(":") ? "ipv6" : "ipv4";
}

/**
 * The one text of an address: RFC 5952 §4 for IPv6, four decimal numbers for
 * IPv4. An IPv4-mapped address is the IPv4 one (RFC 4291 §2.5.5.2). Null for
 * what is not an address, and for one with a zone, which has a meaning on one
 * host alone (RFC 4007 §11.2).
 *
 * An IPv6 address has hundreds of spellings, and each that two parts of a
 * server read differently is a way around one of them. So nothing here
 * shortens zeros or lowers letters: the runtime's URL parser, which must give
 * a host its one text (URL Standard, "host serializer"), is the only
 * canonicaliser. It is asked twice: for the IPv6 address in brackets, and for
 * the last 32 bits of a mapped one, which it takes as one hexadecimal number
 * and gives back as four decimal ones. `isIP` has judged the text before, so
 * that nothing but an address comes to the parser. The tests of throttleKeyOf
 * and clientAddress hold both runtimes to the same texts.
 */
function canonicalAddress(text: string | null): string | null {
  if (text === null) return null;
  const version = isIP(text);
  if (version === 4) return text;
  if (version === 0 || text.includes("%")) return null;
  const address = hostOf(`[${withoutDots(text)}]`).slice(1, -1);
  const { high, low = "" } = mappedAddress.exec(address)?.groups ?? {};
  if (high === undefined) return address;
  return hostOf(`0x${high}${low.padStart(4, "0")}`);
}

const mappedAddress = /^::ffff:(?<high>[\da-f]+):(?<low>[\da-f]+)$/;

/** A host as the URL parser writes it. */
function hostOf(host: string): string {
  return new URL(`http://${host}`).hostname;
}

/**
 * An IPv6 address with its last 32 bits in hexadecimal: Bun refuses
 * 1:2:3:4::192.0.2.1 in a URL.
 */
function withoutDots(address: string): string {
  return address.replace(/[\d.]+\.\d+$/, (ipv4) => {
    const bytes = new Uint8Array(ipv4.split(".").map(Number));
    const view = new DataView(bytes.buffer);
    const high = view.getUint16(0).toString(16);
    const low = view.getUint16(2).toString(16);
    return `${high}:${low}`;
  });
}
