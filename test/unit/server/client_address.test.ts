/**
 * Where a request came from: the proxies that a setting trusts, how far
 * X-Forwarded-For is believed, what throttling counts by, and what a client
 * cannot make of any of it.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createApp } from "../../../src/server/app.ts";
import {
  type AddressList,
  clientAddress,
  networksOf,
  parseAddresses,
} from "../../../src/server/client_address.ts";
import type { LogRecord } from "../../../src/http/http.ts";
import { generateKey } from "../../../src/jwt/jwt.ts";
import { openSqlite } from "../../../src/storage/sqlite.ts";
import { makeRequest } from "../../support/send.ts";

const loadBalancer = "10.0.0.1";
const client = "198.51.100.7";

/** The proxies of a list that must be well-formed. */
function trusting(text: string): AddressList {
  const proxies = parseAddresses(text);
  assert.ok(proxies !== null, text);
  return proxies;
}

const proxyList = "127.0.0.1, 10.0.0.0/8, ::1, fd00::/8";
const proxies = trusting(proxyList);

/** The address behind a trusted load balancer that sends such a header. */
function behindLoadBalancer(forwardedFor: string): string | null {
  return clientAddress({ forwardedFor, socketAddress: loadBalancer }, proxies);
}

/** What throttling counts as one client. */
function throttleKeyOf(address: string | null): string {
  return networksOf(address)?.client ?? "unknown";
}

/** Whether a peer is trusted, as it shows in whose address is told. */
function isBelieved(socketAddress: string, proxies: AddressList): boolean {
  return clientAddress({ forwardedFor: client, socketAddress }, proxies) ===
    client;
}

test("a list of proxies takes addresses and CIDRs of both families, and no more than they hold", () => {
  type Row = readonly [
    list: string,
    held: readonly string[],
    others: readonly string[],
  ];
  // deno-fmt-ignore
  const rows: readonly Row[] = [
    ["127.0.0.1", ["127.0.0.1"], ["127.0.0.2", "127.0.0.0", "::1"]],
    ["127.0.0.1/32", ["127.0.0.1"], ["127.0.0.2", "127.0.0.0"]],
    ["10.0.0.0/8",
      ["10.0.0.0", "10.255.255.255"], ["9.255.255.255", "11.0.0.0"]],
    ["10.1.2.3/8", ["10.0.0.0", "10.255.255.255"], ["11.0.0.0"]],
    ["192.0.2.128/25", ["192.0.2.128", "192.0.2.255"], ["192.0.2.127"]],
    ["fd00::/8",
      ["fd00::", "fdff::1", "FD12::1"], ["fc00::1", "fe00::1", "10.0.0.1"]],
    ["2001:DB8::1",
      ["2001:db8::1", "2001:0db8:0:0:0:0:0:1"], ["2001:db8::2", "2001:db8::"]],
    ["2001:db8::1/128", ["2001:db8::1"], ["2001:db8::2", "2001:db8::"]],
    ["2001:db8:0:80::/57",
      ["2001:db8:0:80::1", "2001:db8:0:ff::1"], ["2001:db8:0:7f::1"]],
    ["::1,10.0.0.1", ["::1", "10.0.0.1"], ["10.0.0.2"]],
    [" \t10.0.0.1 ,\n fd00::/8\n", ["10.0.0.1", "fd00::1"], ["10.0.0.2"]],
    ["10.0.0.1,10.0.0.1", ["10.0.0.1"], ["10.0.0.2"]],
  ];
  for (const [text, held, others] of rows) {
    for (const address of held) {
      assert.ok(isBelieved(address, trusting(text)), `${text} ${address}`);
    }
    for (const address of others) {
      assert.ok(!isBelieved(address, trusting(text)), `${text} ${address}`);
    }
  }
});

test("an IPv4-mapped proxy or network is the IPv4 one", () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ["::ffff:10.0.0.1", "10.0.0.1", "10.0.0.2"],
    ["::FFFF:a00:1", "10.0.0.1", "10.0.0.2"],
    ["::ffff:10.0.0.1/128", "10.0.0.1", "10.0.0.2"],
    ["0:0:0:0:0:ffff:10.0.0.0/104", "10.255.255.255", "11.0.0.0"],
  ];
  for (const [text, held, other] of rows) {
    assert.ok(isBelieved(held, trusting(text)), text);
    assert.ok(!isBelieved(other, trusting(text)), text);
  }
});

test("a list of proxies that is empty, or malformed in one place, is refused as a whole", () => {
  // deno-fmt-ignore
  const prefixes = [
    "/0", "/33", "/-1", "/", "/08", "/8.0", "/8x", "/ 8", "/1e1", "/8/8",
    "/+8", "/1000",
  ];
  // deno-fmt-ignore
  const bad = [
    "", " ", ",", "10.0.0.1,", ",10.0.0.1", "10.0.0.1,,10.0.0.2",
    "10.0.0.1 10.0.0.2",
    ...prefixes.map((prefix) => `10.0.0.0${prefix}`),
    ...prefixes.map((prefix) => `10.0.0.1, 10.0.0.0${prefix}`),
    "fd00::/129", "fd00::/-1", "fd00::/", "::/999",
    "::ffff:10.0.0.0/95", "::ffff:10.0.0.0/8", "::ffff:10.0.0.0/129",
    "/8", "/", "10.0.0.0 /8", "::1%lo", "fe80::1%eth0/64", "fe80::1%",
    "10.0.0", "10", "10.0.0.256", "010.0.0.1", "0x0a.0.0.1",
    "10.0.0.0/255.0.0.0", "1:2:3",
    "10.0.0.1-10.0.0.9", "10.0.0.*", "10.0.0.1:80", "[::1]", "[::1]:80",
    "::1::", "12345::",
    "localhost", "loopback", "proxy.example", "*", "any", "true", "none",
    "10.0.0.1;10.0.0.2",
    '"10.0.0.1"', "١٠.0.0.1", "10.0.0.1\0", "!10.0.0.1", "g::1",
    "1:2:3:4:5:6:7:8:9",
  ];
  for (const text of bad) {
    assert.equal(parseAddresses(text), null, JSON.stringify(text));
  }
});

test("without trusted proxies the client is the socket's address, whatever the header says", () => {
  // deno-fmt-ignore
  const headers = [
    null, "", "192.0.2.1", "127.0.0.1", "10.0.0.1, 192.0.2.1", "junk",
  ];
  for (const forwardedFor of headers) {
    for (const trusted of [null, proxies]) {
      const arrival = { forwardedFor, socketAddress: client };
      assert.equal(
        clientAddress(arrival, trusted),
        client,
        String(forwardedFor),
      );
    }
    const arrival = { forwardedFor, socketAddress: loadBalancer };
    assert.equal(
      clientAddress(arrival, null),
      loadBalancer,
      String(forwardedFor),
    );
  }
});

test("the socket's address is told in canonical text, or as null where it is none", () => {
  const rows: readonly (readonly [string | null, string | null])[] = [
    ["::ffff:198.51.100.7", client],
    ["::FFFF:C633:6407", client],
    ["0:0:0:0:0:ffff:198.51.100.7", client],
    ["0:0:0:0::ffff:198.51.100.7", client],
    ["2001:0DB8::0001", "2001:db8::1"],
    ["::ffff:abcd:ef", "171.205.0.239"],
    ["::ffff:ef:abcd", "0.239.171.205"],
    ["2001:db8::ffff:198.51.100.7", "2001:db8::ffff:c633:6407"],
    ["::ffff:c633:6407:1", "::ffff:c633:6407:1"],
    // For Bun this is not a host of a URL.
    ["2001:db8:1:1::198.51.100.77", "2001:db8:1:1::c633:644d"],
    ["::1", "::1"],
    ["::198.51.100.7", "::c633:6407"],
    ["::ffff:0:198.51.100.7", "::ffff:0:c633:6407"],
    ["64:ff9b::198.51.100.7", "64:ff9b::c633:6407"],
    [null, null],
    ["", null],
    ["unix", "unix"],
    ["UNIX", null],
    ["/run/onejot.sock", null],
    ["fe80::1%eth0", null],
    ["198.51.100.7:80", null],
    ["[::1]", null],
  ];
  for (const [socketAddress, expected] of rows) {
    for (const trusted of [null, proxies]) {
      const address = clientAddress(
        { forwardedFor: null, socketAddress },
        trusted,
      );
      assert.equal(address, expected, String(socketAddress));
    }
  }
});

test("a peer of unknown address is not trusted, however many networks are", () => {
  const everything = trusting("0.0.0.0/1, 128.0.0.0/1, ::/1, 8000::/1");
  for (const socketAddress of [null, "", "UNIX", "fe80::1%eth0"]) {
    assert.equal(
      clientAddress({ forwardedFor: client, socketAddress }, everything),
      null,
    );
  }
});

test("whoever comes through a Unix socket is trusted where the list says unix, and nowhere else", () => {
  const arrival = { forwardedFor: client, socketAddress: "unix" };
  const everything = "0.0.0.0/1, 128.0.0.0/1, ::/1, 8000::/1";
  assert.equal(clientAddress(arrival, trusting(everything)), "unix");
  assert.equal(clientAddress(arrival, null), "unix");
  assert.equal(clientAddress(arrival, trusting("unix")), client);
  assert.equal(clientAddress(arrival, trusting(" unix , 10.0.0.0/8")), client);
  // No header can say that one has come so.
  for (const socketAddress of ["10.0.0.1", "unix"]) {
    const address = clientAddress(
      { forwardedFor: "192.0.2.1, unix", socketAddress },
      trusting("unix, 10.0.0.0/8"),
    );
    assert.equal(address, socketAddress);
  }
});

test("behind trusted proxies the client is the right-most hop that is not one of them", () => {
  const rows: readonly (readonly [string, string])[] = [
    [client, client],
    [`${client}, 10.0.0.2`, client],
    [`${client},10.0.0.2,127.0.0.1,fd00::1`, client],
    [`203.0.113.9, ${client}`, client],
    [`203.0.113.9, ${client}, 10.0.0.2`, client],
    [`10.0.0.3, ${client}, 10.0.0.2`, client],
    [`  ${client}\t ,\t 10.0.0.2  `, client],
    [`${client}:5678, 10.0.0.2:80`, client],
    [`${client}:0`, client],
    ["2001:db8::1", "2001:db8::1"],
    ["2001:DB8:0::1, [FD00::1]:443", "2001:db8::1"],
    ["[2001:db8::1]", "2001:db8::1"],
    ["[2001:db8::1]:443, fd00::1", "2001:db8::1"],
    ["2001:db8::1:443", "2001:db8::1:443"],
    ["::ffff:198.51.100.7", client],
    ["[::ffff:c633:6407]:443", client],
  ];
  for (const [forwardedFor, expected] of rows) {
    assert.equal(behindLoadBalancer(forwardedFor), expected, forwardedFor);
  }
  const spellings = ["::ffff:10.0.0.1", "::FFFF:A00:1", "FD00:0::1", "::1"];
  for (const socketAddress of spellings) {
    assert.equal(
      clientAddress({ forwardedFor: client, socketAddress }, proxies),
      client,
    );
  }
});

test("where every hop is a trusted proxy the client is the left-most one", () => {
  const rows: Readonly<Record<string, string>> = {
    "10.0.0.2": "10.0.0.2",
    "10.0.0.4, 10.0.0.3, 127.0.0.1": "10.0.0.4",
    "[FD00::2]:443, ::1": "fd00::2",
    "::ffff:10.0.0.4,10.0.0.3": "10.0.0.4",
  };
  for (const [forwardedFor, expected] of Object.entries(rows)) {
    assert.equal(behindLoadBalancer(forwardedFor), expected, forwardedFor);
  }
});

test("a trusted proxy that sends no X-Forwarded-For counts as the client", () => {
  assert.equal(
    clientAddress({ forwardedFor: null, socketAddress: loadBalancer }, proxies),
    "10.0.0.1",
  );
  assert.equal(behindLoadBalancer(""), loadBalancer);
  assert.equal(behindLoadBalancer(" "), loadBalancer);
});

test("a hop that is no address ends the walk at the socket's address, and what is left of it is not read", () => {
  // deno-fmt-ignore
  const junk = [
    "", " ", "unknown", "_hidden", "-", "null", "localhost", "client.example",
    "1.2.3", "1",
    "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "0x1.2.3.4", "1.2.3.4:",
    "1.2.3.4:123456", "1.2.3.4:x",
    "1.2.3.4:80:80", "1.2.3.4/32", ":80", "1.2.3.4 5.6.7.8", "1.2.3.4;5.6.7.8",
    '"1.2.3.4"',
    "[1.2.3.4]", "[1.2.3.4]:80", "[::1", "::1]", "[]", "[]:80", "[:]",
    "[[::1]]", "[::1]80",
    "[::1]:x", "[::1]]:80", "::1%lo", "[fe80::1%eth0]:80", "fe80::1%25eth0",
    "1:2:3:4:5:6:7:8:80",
    "for=1.2.3.4", "http://1.2.3.4", "1.2.3.4@2.3.4.5", "1.2.3.4\0",
    "\x001.2.3.4", "1.2.3.4?",
    "::1/@2.3.4.5", "__proto__", "constructor", "ÿ", "1".repeat(16384),
    ":".repeat(16384),
  ];
  const lefts = ["", `${client}, `, "127.0.0.1, ", "10.9.9.9, 203.0.113.9, "];
  for (const hop of junk) {
    for (const left of lefts) {
      for (const right of ["", ", 10.0.0.2", ", 10.0.0.3:80, [fd00::1]"]) {
        const forwardedFor = left + hop + right;
        assert.equal(
          behindLoadBalancer(forwardedFor),
          loadBalancer,
          forwardedFor.slice(0, 80),
        );
      }
    }
  }
});

test("what a client sends of X-Forwarded-For never decides, because its proxy writes behind it", () => {
  // deno-fmt-ignore
  const forged = [
    "127.0.0.1", "10.0.0.1", "10.9.9.9", "::1", "fd00::1", "203.0.113.9",
    "0.0.0.0", "::",
    "::ffff:127.0.0.1", "::FFFF:7F00:1", "[::1]:80", "127.0.0.1:80",
    "198.51.100.8", "unknown",
    "", ",", ",,,,", "127.0.0.1,", " , 127.0.0.1", "a\tb", "%00", "fe80::1%lo",
    "[::1",
    "10.0.0.1,".repeat(40), "203.0.113.9, 10.0.0.1, 10.0.0.2",
    "x".repeat(16384),
  ];
  for (const sent of forged) {
    const headers = [
      `${sent}, ${client}`,
      `${sent},${client}:4711`,
      `${sent}, ${client}, ::1`,
    ];
    for (const proxied of headers) {
      assert.equal(behindLoadBalancer(proxied), client, proxied.slice(0, 80));
    }
    const direct = { forwardedFor: sent, socketAddress: client };
    assert.equal(clientAddress(direct, proxies), client, sent.slice(0, 80));
  }
});

test("a client that writes no two headers alike is still throttled by one key", () => {
  const keys = new Set<string>();
  for (let index = 0; index < 256; index++) {
    const headers = [
      `203.0.113.${index}`,
      `10.0.0.${index}`,
      `2001:db8:${index}::1`,
      `x${index}`,
    ];
    for (const sent of headers) {
      keys.add(throttleKeyOf(behindLoadBalancer(`${sent}, ${client}`)));
      const direct = { forwardedFor: sent, socketAddress: client };
      keys.add(throttleKeyOf(clientAddress(direct, proxies)));
    }
  }
  assert.deepEqual([...keys], [client]);
});

test("a trusted network does not take in a public address by another spelling, nor lose its own", () => {
  const spelled: Readonly<Record<string, string>> = {
    // Trusted in every spelling, so the client is left of it.
    "::ffff:10.0.0.9": "10.0.0.9",
    "::FFFF:0A00:0009": "10.0.0.9",
    "0000:0000:0000:0000:0000:ffff:0a00:0009": "10.0.0.9",
  };
  for (const [hop, address] of Object.entries(spelled)) {
    assert.equal(behindLoadBalancer(`${client}, ${hop}`), client, hop);
    assert.equal(behindLoadBalancer(hop), address, hop);
  }
  // Another address each.
  // deno-fmt-ignore
  const others = [
    "::10.0.0.9", "::ffff:0:10.0.0.9", "64:ff9b::10.0.0.9", "2002:a00:9::",
    "a00:9::",
  ];
  for (const hop of others) {
    assert.notEqual(behindLoadBalancer(`${client}, ${hop}`), client, hop);
  }
});

test("no more than 32 hops are looked at, from the right", () => {
  const hops = (count: number) => ", 10.0.0.2".repeat(count);
  assert.equal(behindLoadBalancer(`${client}${hops(31)}`), client);
  assert.equal(behindLoadBalancer(`${client}${hops(32)}`), loadBalancer);
  assert.equal(behindLoadBalancer(`10.0.0.3${hops(31)}`), "10.0.0.3");
  assert.equal(behindLoadBalancer(`10.0.0.3${hops(32)}`), loadBalancer);
});

test("a header of 16 KiB costs no more than a short one, by and large", () => {
  // deno-fmt-ignore
  const parts = [
    ",", "10.0.0.1,", " ", "1", ":", "1:", ".", "[", "[:", "]",
    "::ffff:10.0.0.1,",
  ];
  const headers = parts.flatMap((part) => {
    const longest = part.repeat(16384 / part.length);
    return [longest, `${longest}x`];
  });
  const start = performance.now();
  for (let round = 0; round < 50; round++) {
    for (const forwardedFor of headers) behindLoadBalancer(forwardedFor);
  }
  const milliseconds = (performance.now() - start) / (50 * headers.length);
  assert.ok(milliseconds < 1, String(milliseconds));
});

test("throttling counts an IPv4 address by itself, in every spelling", () => {
  const spellings = [
    "192.0.2.1",
    "::ffff:192.0.2.1",
    "::FFFF:C000:201",
    "0:0:0:0:0:ffff:c000:0201",
  ];
  for (const address of spellings) {
    assert.equal(throttleKeyOf(address), "192.0.2.1", address);
  }
  assert.equal(throttleKeyOf("192.0.2.2"), "192.0.2.2");
  assert.equal(throttleKeyOf("0.0.0.0"), "0.0.0.0");
  assert.equal(throttleKeyOf("::ffff:255.128.0.1"), "255.128.0.1");
});

test("throttling counts an IPv6 address by its /64, in one text", () => {
  // deno-fmt-ignore
  const rows: Readonly<Record<string, readonly string[]>> = {
    "2001:db8:0:1::/64": [
      "2001:db8:0:1::", "2001:db8:0:1::1", "2001:DB8:0:1::1",
      "2001:0db8:0000:0001::ffff",
      "2001:db8:0:1:0:0:0:0", "2001:db8::1:0:0:0:1",
      "2001:db8:0:1:ffff:ffff:ffff:ffff",
      "2001:db8::1:1:1:1:1", "2001:db8:0:1::192.0.2.1",
      "2001:db8:0:1:2:3:192.0.2.1",
    ],
    "2001:db8:0:0::/64": [
      "2001:db8::", "2001:db8::1", "2001:db8:0:0:1::", "2001:db8::1:0:0:1",
    ],
    "2001:db8:0:2::/64": ["2001:db8:0:2::1", "2001:db8::2:0:0:0:1"],
    "0:0:0:0::/64": [
      "::", "::1", "0:0:0:0:0:0:0:1", "::192.0.2.1", "::1:2:3:4",
      "::ffff:0:0:0",
    ],
    "0:0:0:1::/64": ["::1:0:0:0:0", "0:0:0:1::"],
    "0:2:3:4::/64": ["::2:3:4:5:6:7:8", "0:2:3:4::"],
    "0:0:3:4::/64": ["::3:4:5:6:7:8"],
    "1:0:0:0::/64": ["1::", "1::8"],
    "1:2:3:4::/64": [
      "1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:8", "1:2:3:4::", "1:2:3:4::8",
    ],
    "1:2:3:0::/64": ["1:2:3::", "1:2:3::4:5:6:7"],
    "64:ff9b:1:2::/64": [
      "64:ff9b:1:2:3::192.0.2.1", "64:ff9b:1:2:0:3:192.0.2.1",
    ],
    "64:ff9b:2:0::/64": ["64:ff9b:2::192.0.2.1"],
    "64:ff9b:0:1::/64": ["64:ff9b:0:1::192.0.2.1"],
    "64:ff9c:0:0::/64": ["64:ff9c::192.0.2.1"],
    "64:ff9b:0:0::/64": ["64:ff9b::1:192.0.2.1", "64:ff9b::1:0:192.0.2.1"],
  };
  for (const [key, addresses] of Object.entries(rows)) {
    for (const address of addresses) {
      assert.equal(throttleKeyOf(address), key, address);
    }
  }
});

test("throttling counts what NAT64 has made of an IPv4 address as that", () => {
  // deno-fmt-ignore
  const rows: Readonly<Record<string, readonly string[]>> = {
    "192.0.2.1": [
      "64:ff9b::192.0.2.1", "64:FF9B::C000:201", "64:ff9b:0:0:0:0:c000:201",
      "0064:ff9b::c000:0201",
      "64:ff9b:1::192.0.2.1", "64:ff9b:1:fffe::192.0.2.1",
      "64:ff9b:1:0:0:0:c000:201",
    ],
    "198.51.100.9": ["64:ff9b::198.51.100.9"],
    "0.0.0.9": ["64:ff9b::9"],
    "10.0.0.0": ["64:ff9b::a00:0"],
  };
  for (const [ipv4, addresses] of Object.entries(rows)) {
    for (const address of addresses) {
      assert.deepEqual(networksOf(address), networksOf(ipv4), address);
    }
  }
});

test("an IPv6 address is in a /56 and a /48, and an IPv4 one waits with its /24", () => {
  const rows: readonly (readonly [
    address: string | null,
    client: string,
    site: string | null,
    network: string,
  ])[] = [
    [
      "2001:db8:1:abcd::1",
      "2001:db8:1:abcd::/64",
      "2001:db8:1:ab00::/56",
      "2001:db8:1::/48",
    ],
    [
      "2001:db8:1:ff::",
      "2001:db8:1:ff::/64",
      "2001:db8:1:0::/56",
      "2001:db8:1::/48",
    ],
    ["::1", "0:0:0:0::/64", "0:0:0:0::/56", "0:0:0::/48"],
    ["192.0.2.77", "192.0.2.77", null, "192.0.2.0/24"],
    ["::ffff:192.0.2.77", "192.0.2.77", null, "192.0.2.0/24"],
    ["64:ff9b::192.0.2.77", "192.0.2.77", null, "192.0.2.0/24"],
    ["10.0.0.1", "10.0.0.1", null, "10.0.0.0/24"],
  ];
  for (const [address, client, site, network] of rows) {
    assert.deepEqual(networksOf(address), { client, site, network });
  }
  for (const address of [null, "junk", "unix", ""]) {
    assert.equal(networksOf(address), null);
  }
});

test("throttling counts what is no address by no address", () => {
  // deno-fmt-ignore
  const others = [
    null, "", "unknown", "junk", "fe80::1%eth0", "[::1]", "192.0.2.1:80",
    "1.2.3",
  ];
  for (const address of others) {
    assert.equal(throttleKeyOf(address), "unknown", String(address));
  }
});

test("X-Forwarded-For from a peer that is not trusted is noted in the log, and no other is", async () => {
  const rows: readonly (readonly [
    string | null,
    string | null,
    string | null,
    boolean,
  ])[] = [
    [null, client, null, false],
    [null, client, proxyList, false],
    [null, null, null, false],
    [client, loadBalancer, proxyList, false],
    [client, "::FFFF:10.0.0.1", proxyList, false],
    ["junk", "fd00::1", proxyList, false],
    [client, loadBalancer, null, true],
    [client, "192.0.2.1", proxyList, true],
    [client, null, proxyList, true],
    ["", "192.0.2.1", null, true],
  ];
  const store = openSqlite(":memory:");
  const key = await generateKey();
  for (const [forwardedFor, socketAddress, trustedProxies, expected] of rows) {
    const written: unknown[] = [];
    const log = {
      write: ({ message }: LogRecord) => written.push(message),
      flush: () => {},
    };
    const headers = forwardedFor === null
      ? {}
      : { "x-forwarded-for": forwardedFor };
    const request = makeRequest("GET /healthz", { headers });
    await createApp({ store, key, log, trustedProxies }).fetch(
      request,
      socketAddress,
    );
    const notices = written.filter((message) =>
      /TRUSTED_PROXIES/.test(String(message))
    );
    assert.equal(
      notices.length,
      Number(expected),
      `${forwardedFor} ${socketAddress}`,
    );
  }
  store.close();
});
