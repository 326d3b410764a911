/**
 * What browsers alone can show: what a hostile service at a protected host, and
 * a hostile host beside it, can do to who signs in there.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { createServer, type Server } from "node:tls";
import type { StartChromium, Window } from "./chromium.ts";
import { host } from "./examples.ts";
import { password } from "./onejot.ts";
import { ada, bob, type Identity, type Site } from "./site.ts";
import { takeOver } from "./spoofing.ts";

const origin = `https://${host}`;

/** A host of the same site, which is somebody else's. */
const sibling = "sibling.example.org";

export async function checkInChromium(
  site: Site,
  start: StartChromium,
): Promise<void> {
  await checkWorker(site, start);
  await checkOrigin(site, start);
  await checkSwitches(site, start);
  await checkPlantedCookies(site, start);
}

/**
 * A worker that keeps what is typed, as a hostile service has it. It works below
 * all paths of the host, and so on onejot's page, too.
 */
const worker = `
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => {
  event.waitUntil(clients.claim());
});
self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method === "POST") event.respondWith(keep(request));
});
async function keep(request) {
  const typed = await request.clone().text();
  const cache = await caches.open("typed");
  await cache.put("/typed", new Response(typed));
  return await fetch(request);
}
`;

/** The ways to register it. */
const registrations: readonly object[] = [
  {},
  { updateViaCache: "all" },
  { updateViaCache: "none" },
  { type: "module" },
  { scope: "/onejot/" },
];

async function checkWorker(site: Site, start: StartChromium): Promise<void> {
  await site.check(
    "no service at the host has a worker that sees what is typed (Chromium)",
    async () => {
      await withService(site, start, async (window) => {
        await signIn(window, bob);
        await window.visit(`${origin}/service`);
        for (const options of registrations) {
          const outcome = await register(window, options);
          assert.match(outcome, /^TypeError: .* \(403\)/, outcome);
          assert.equal(await countWorkers(window), "0");
        }
        await signInAgain(window, bob);
        assert.equal(await whatWasTyped(window), "");
      });
    },
  );
}

/** The limit of the design, as the operator's guide and SECURITY.md say it. */
async function checkOrigin(site: Site, start: StartChromium): Promise<void> {
  await site.check(
    "a page of the service can read what is typed on onejot's page, as is said",
    async () => {
      await withService(site, start, async (window) => {
        await signIn(window, bob);
        await window.forgetCookies();
        const typed = await window.run(`new Promise((resolve) => {
          const opened = open("/onejot/signin");
          opened.onload = () => {
            const field = opened.document.querySelector("[name=password]");
            field.oninput = () => resolve(field.value);
            field.value = "typed";
            field.dispatchEvent(new Event("input"));
          };
        })`);
        assert.equal(typed, "typed");
      });
    },
  );
}

/**
 * What the examples' own lines hold, without those lines: so no check passes for
 * another reason.
 */
async function checkSwitches(site: Site, start: StartChromium): Promise<void> {
  const { refusal, removal } = switches[site.proxy];
  await site.check(
    "without the example's line against it, a worker sees the password",
    async () => {
      const open = await site.without(refusal);
      await withService(open, start, async (window) => {
        await signIn(window, bob);
        await window.visit(`${origin}/service`);
        assert.equal(await register(window, {}), "registered");
        assert.equal(await countWorkers(window), "1");
        await signInAgain(window, bob);
        const typed = new URLSearchParams(await whatWasTyped(window));
        assert.equal(typed.get("password"), password);
      });
    },
  );
  await site.check(
    "without the example's line against it, a service gets the token and acts",
    async () => {
      const open = await site.without(removal);
      const token = `Bearer ${await open.tokenOf(ada)}`;
      const headers = [`Authorization: ${token}`];
      const received = await open.program().reach("/", { headers });
      assert.ok(JSON.stringify(received).includes(token));
      assert.equal(await takeOver(open, received), 201);
    },
  );
}

/** The lines that an operator may take away, as the examples have them. */
const switches = {
  nginx: {
    refusal: `  if ($http_service_worker) {
    return 403;
  }
`,
    removal: "proxy_set_header Authorization $service_authorization;",
  },
  Caddy: {
    refusal: "respond @worker 403",
    removal: "request_header @token -Authorization",
  },
} as const;

/**
 * Names that are the cookie's but for a byte before or behind it. For a browser
 * they are others, to which no rule of `__Host-` applies, so that any host of
 * the site may set them for all of it.
 */
const plantedNames: readonly string[] = allBytes().flatMap((byte) => [
  `${byte}__Host-onejot`,
  `${byte} __Host-onejot`,
  `__Host-onejot${byte}`,
]);

/** With more of them, a request would be too long for a proxy. */
const namesAtOnce = 60;

async function checkPlantedCookies(
  site: Site,
  start: StartChromium,
): Promise<void> {
  await site.check(
    "no cookie of a host beside it signs a browser in, or keeps it out (Chromium)",
    async () => {
      const pages = await servePlanter(site, await site.cookieOf(bob));
      const { port } = pages.address() as AddressInfo; // it listens on TCP
      const hosts = { [sibling]: port, [host]: site.entrance.port };
      const chromium = await start(hosts);
      try {
        let planted = 0;
        for (let at = 0; at < plantedNames.length; at += namesAtOnce) {
          const window = await chromium.open();
          await window.visit(`https://${sibling}/${at}`);
          planted += await window.countCookies();
          await window.visit(`${origin}/`);
          assert.equal(new URL(window.address()).pathname, "/onejot/signin");
          await signIn(window, ada);
          const shown = await window.visit(`${origin}/`);
          assert.ok(shown.includes(ada["x-auth-email"]), `from ${at}`);
          assert.ok(!shown.includes(bob["x-auth-email"]), `from ${at}`);
          await window.close();
        }
        // It takes all that begin with a byte beyond ASCII, such as A0.
        assert.ok(planted >= 2 * 128, `the browser took ${planted}`);
      } finally {
        await chromium.close();
        pages.close();
      }
    },
  );
}

/** Those that a field of HTTP can have. */
function allBytes(): string[] {
  const bytes = Array.from({ length: 255 }, (_, index) => index + 1);
  return bytes
    .filter((byte) => byte < 0x20 || byte > 0x7e)
    .filter((byte) => byte !== 0x0a && byte !== 0x0d)
    .map((byte) => String.fromCharCode(byte));
}

/**
 * The host beside it: at `/60` it sets the cookies from the 60th name on for the
 * whole site, with the session of somebody who wants to be taken for others.
 */
async function servePlanter(site: Site, secret: string): Promise<Server> {
  const { certificate, key } = await site.makeCertificate();
  const files = { cert: readFileSync(certificate), key: readFileSync(key) };
  const server = createServer(files, (socket) => {
    socket.on("error", () => {}); // the browser may hang up
    socket.once("data", (head: Uint8Array) => {
      const [, target = "0"] = Buffer.from(head).toString().split(/ \/?/, 2);
      const first = Number.parseInt(target);
      const names = plantedNames.slice(first, first + namesAtOnce);
      const attributes = "Domain=example.org; Path=/; Secure";
      const fields = names.map((name) => {
        return `Set-Cookie: ${name}=${secret}; ${attributes}`;
      });
      const start = "HTTP/1.1 200 OK\r\nContent-Type: text/html";
      const rest = "Connection: close\r\n\r\n<title>sibling</title><body>";
      const lines = [start, ...fields, rest];
      socket.end(Buffer.from(lines.join("\r\n"), "latin1"));
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return server;
}

/** Opens a window at a site whose service is a hostile one. */
async function withService(
  { upstream, entrance }: Site,
  start: StartChromium,
  use: (window: Window) => Promise<void>,
): Promise<void> {
  const page = "<!doctype html><title>service</title><body>the service";
  upstream.files.set("/service", { type: "text/html", text: page });
  upstream.files.set("/sw.js", { type: "text/javascript", text: worker });
  const chromium = await start({ [host]: entrance.port });
  try {
    await use(await chromium.open());
  } finally {
    await chromium.close();
    upstream.files.clear();
  }
}

async function signIn(window: Window, user: Identity): Promise<void> {
  await window.visit(`${origin}/onejot/signin?return=/service`);
  await window.submit({ email: user["x-auth-email"], password });
  assert.equal(window.address(), `${origin}/service`);
}

/** As it comes when the session has ended; whatever a worker has, it keeps. */
async function signInAgain(window: Window, user: Identity): Promise<void> {
  await window.forgetCookies();
  await signIn(window, user);
}

/** In the page of the service: what comes of it. */
async function register(window: Window, options: object): Promise<string> {
  const given = JSON.stringify(["/sw.js", options]);
  return await window.run(`
    navigator.serviceWorker.register(...${given})
      .then(() => navigator.serviceWorker.ready)
      .then(() => "registered", String)`);
}

async function countWorkers(window: Window): Promise<string> {
  return await window.run(`
    navigator.serviceWorker.getRegistrations()
      .then((registrations) => registrations.length)`);
}

/** What a worker has kept. */
async function whatWasTyped(window: Window): Promise<string> {
  return await window.run(`
    caches.match("/typed")
      .then((kept) => kept === undefined ? "" : kept.text())`);
}
