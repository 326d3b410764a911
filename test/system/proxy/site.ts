/**
 * A whole site: the service, onejot, and one of the examples' proxies in front
 * of both.
 */

import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import type { Checks } from "../../support/checks.ts";
import { freePort } from "../../support/port.ts";
import { pause } from "../../support/wait.ts";
import { Client, type Entrance, fromOwnPage, type Sending } from "./client.ts";
import { Onejot, password, type Runtime } from "./onejot.ts";
import type { Processes } from "./processes.ts";
import {
  caddyConfiguration,
  host,
  nginxConfiguration,
  type Places,
} from "./examples.ts";
import type { Upstream } from "./upstream.ts";

export type Proxy = "nginx" | "Caddy";

/** A user, as the service is told of one. */
export interface Identity {
  readonly "x-auth-user-id": string;
  readonly "x-auth-email": string;
  readonly "x-auth-admin": string;
}

/** The paths of two files. */
interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/** The accounts: an administrator and two users. */
export const ada: Identity = identity("1", "ada@example.org", "true");
export const bob: Identity = identity("2", "bob@example.org", "false");
export const eve: Identity = identity("3", "eve@example.org", "false");

export class Site {
  readonly proxy: Proxy;
  readonly onejot: Onejot;
  readonly upstream: Upstream;
  readonly entrance: Entrance;
  readonly folder: string;
  readonly #name: string;
  readonly #processes: Processes;
  readonly #checks: Checks;
  #jars = 0;

  constructor(
    checks: Checks,
    parts: {
      proxy: Proxy;
      onejot: Onejot;
      upstream: Upstream;
      entrance: Entrance;
      processes: Processes;
    },
    { name, folder }: { name: string; folder: string },
  ) {
    this.#checks = checks;
    this.#name = name;
    this.#processes = parts.processes;
    this.folder = folder;
    this.entrance = parts.entrance;
    this.proxy = parts.proxy;
    this.onejot = parts.onejot;
    this.upstream = parts.upstream;
  }

  /** Runs a check of this site. */
  async check(sentence: string, act: () => Promise<unknown>): Promise<void> {
    await this.#checks.check(`${this.#name}: ${sentence}`, act);
  }

  /** A program, which keeps no cookies. */
  program(): Client {
    return new Client(this.entrance);
  }

  /** A browser without cookies. */
  browser(): Client {
    return new Client(
      this.entrance,
      join(this.folder, `cookies-${this.#jars++}`),
    );
  }

  /** A browser in which somebody has signed in. */
  async signedIn(user: Identity): Promise<Client> {
    const browser = this.browser();
    const { status, body } = await browser.send(
      "/onejot/signin",
      signInOf(user),
    );
    if (status !== 303) {
      throw new Error(`Signing in answered ${status}: ${body}`);
    }
    return browser;
  }

  /** The secret of a fresh session's cookie. */
  async cookieOf(user: Identity): Promise<string> {
    return (await this.signedIn(user)).cookie("__Host-onejot") ?? "";
  }

  /** A fresh access token. */
  async tokenOf(user: Identity): Promise<string> {
    const { status, body } = await this.program().send(
      "/onejot/login",
      loginOf(user),
    );
    if (status !== 200) {
      throw new Error(`The login answered ${status}: ${body}`);
    }
    return JSON.parse(body).token;
  }

  /** A certificate for whatever host of the tests is beside the proxy. */
  async makeCertificate(): Promise<Certificate> {
    const folder = mkdtempSync(join(this.folder, "beside-"));
    return await makeCertificate(this.#processes, folder);
  }

  /** The same site behind a proxy whose example lacks these texts. */
  async without(...texts: readonly string[]): Promise<Site> {
    const { proxy, onejot, upstream } = this;
    const processes = this.#processes;
    const folder = mkdtempSync(join(this.folder, "without-"));
    const entrance = await startProxy[proxy](processes, {
      folder,
      port: await freePort(),
      onejotPort: onejot.port,
      appPort: upstream.port,
      without: texts,
    });
    const parts = { proxy, onejot, upstream, entrance, processes };
    return new Site(this.#checks, parts, { name: this.#name, folder });
  }
}

/** What the form of the page sends. */
export function signInOf(user: Identity, given: string = password): Sending {
  return { ...loginOf(user, given), headers: fromOwnPage };
}

/** What a program sends to log in. */
export function loginOf(
  { "x-auth-email": email }: Identity,
  given: string = password,
): Sending {
  const body = new URLSearchParams({ email, password: given }).toString();
  return { method: "POST", body };
}

/** What a site is made of. */
export interface Parts {
  readonly proxy: Proxy;
  readonly runtime: Runtime; // of onejot
  readonly processes: Processes;
  readonly upstream: Upstream;
}

/** Starts a site in a folder that is there. */
export async function startSite(
  checks: Checks,
  { proxy, runtime, processes, upstream }: Parts,
  { name, folder }: { readonly name: string; readonly folder: string },
): Promise<Site> {
  const onejot = new Onejot(processes, {
    runtime,
    folder,
    port: await freePort(),
  });
  await onejot.setUp();
  await onejot.addUser(ada["x-auth-email"], "--admin");
  await onejot.addUser(bob["x-auth-email"]);
  await onejot.addUser(eve["x-auth-email"]);
  const ports = {
    onejotPort: onejot.port,
    appPort: upstream.port,
    port: await freePort(),
  };
  const entrance = await startProxy[proxy](processes, { ...ports, folder });
  const site = { proxy, onejot, upstream, entrance, processes };
  return new Site(checks, site, { name, folder });
}

const startProxy = { nginx: startNginx, Caddy: startCaddy };

async function startNginx(
  processes: Processes,
  places: Places,
): Promise<Entrance> {
  const { folder, port } = places;
  const { PATH = "" } = process.env;
  const file = `${folder}/nginx.conf`;
  const { certificate } = await makeCertificate(processes, folder);
  writeFileSync(file, nginxConfiguration(places));
  await processes.serve(["nginx", "-e", "stderr", "-p", folder, "-c", file], {
    PATH: `${PATH}:/usr/sbin`, // Debian has it there
  }, port);
  return { port, certificate };
}

/** Makes app.pem and app.key in a folder, for all hosts of the tests. */
async function makeCertificate(
  processes: Processes,
  folder: string,
): Promise<Certificate> {
  const { PATH = "" } = process.env;
  const certificate = `${folder}/app.pem`;
  const key = `${folder}/app.key`;
  await processes.run([
    "openssl",
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",

    "-nodes",
    "-days",
    "2",
    "-subj",
    `/CN=${host}`,
    "-addext",
    "subjectAltName=DNS:*.example.org",
    "-keyout",
    key,
    "-out",
    certificate,
  ], { PATH });
  return { certificate, key };
}

async function startCaddy(
  processes: Processes,
  places: Places,
): Promise<Entrance> {
  const { folder, port } = places;
  const { PATH = "" } = process.env;
  const file = `${folder}/Caddyfile`;
  writeFileSync(file, caddyConfiguration(places));
  const env = {
    PATH,
    HOME: folder,
    XDG_DATA_HOME: folder,
    XDG_CONFIG_HOME: folder,
  };
  await processes.serve(
    ["caddy", "run", "--config", file, "--adapter", "caddyfile"],
    env,
    port,
  );
  const entrance = {
    port,
    certificate: `${folder}/caddy/pki/authorities/local/root.crt`,
  };
  // It makes its certificate in the background.
  for (let attempt = 0; attempt < 200; attempt++) {
    const isReady = await new Client(entrance).send("/").then(
      () => true,
      () => false,
    );
    if (isReady) return entrance;
    await pause(25);
  }
  throw new Error("Caddy has no certificate");
}

function identity(id: string, email: string, isAdmin: string): Identity {
  return {
    "x-auth-user-id": id,
    "x-auth-email": email,
    "x-auth-admin": isAdmin,
  };
}
