/**
 * The example of more than one machine: its nginx.conf, in a real nginx in
 * front of two onejots on one database; and its compose.yaml, which is not run
 * here: that what it says fits onejot and nginx.
 */

import { testSecret } from "../../support/server_process.ts";
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { request } from "node:https";
import { text } from "node:stream/consumers";
import process from "node:process";
import { settings } from "../../../src/server/config.ts";
import type { Checks } from "../../support/checks.ts";
import { freePort } from "../../support/port.ts";
import { withFolder } from "../../support/temp.ts";
import { Processes } from "../proxy/processes.ts";
import {
  nginxMainFile,
  readExample,
  replace,
  root,
} from "../proxy/examples.ts";
import type { Cluster } from "./cluster.ts";

interface Answer {
  readonly status: number;
  readonly body: string;
}

interface Service {
  readonly environment: Readonly<Record<string, string>>;
  readonly networks: { readonly default: { readonly ipv4_address: string } };
}

const account = {
  email: "ada@example.org",
  password: "correct horse battery staple",
};

/** Runs the example on a database of its own. */
export async function checkBalanced(
  checks: Checks,
  cluster: Cluster,
): Promise<void> {
  await checks.check(
    "the compose file of two servers fits onejot and nginx",
    fitCompose,
  );
  await withFolder(async (folder) => {
    const processes = new Processes();
    try {
      const url = cluster.createDatabase();
      await checkSite(checks, processes, { folder, url });
    } finally {
      await processes.close();
    }
  });
}

function fitCompose(): void {
  const compose = Object(Bun.YAML.parse(readExample("postgres/compose.yaml")));
  const services: Readonly<Record<string, Service>> = compose.services;
  const { "onejot-a": one, "onejot-b": other, postgres, nginx } = services;
  assert.deepEqual(one, other);
  const known = settings.map(({ name }) => name);
  assert.deepEqual(
    Object.keys(one?.environment ?? {}).filter((name) => !known.includes(name)),
    [],
  );
  const { POSTGRES_USER: user, POSTGRES_PASSWORD: password } =
    postgres?.environment ?? {};
  // The image makes a database by the name of the user.
  assert.equal(
    one?.environment["DATABASE_URL"],
    `postgres://${user}:${password}@postgres/${user}`,
  );
  const address = nginx?.networks.default.ipv4_address ?? "";
  assert.equal(one?.environment["TRUSTED_PROXIES"], address);
  const [{ subnet, ip_range: range }] = compose.networks.default.ipam.config;
  assert.match(subnet, /^172\.31\.0\.0\/24$/);
  // So that no other service gets nginx's address.
  assert.match(range, /^172\.31\.0\.128\/25$/);
  assert.match(address, /^172\.31\.0\.2$/);
}

async function checkSite(
  checks: Checks,
  processes: Processes,
  { folder, url }: { readonly folder: string; readonly url: string },
): Promise<void> {
  const { PATH = "", HOME = "" } = process.env;
  const variables = {
    PATH,
    HOME,
    DATABASE_URL: url,
    HOST: "127.0.0.1",
    TRUSTED_PROXIES: "127.0.0.1",
    JWT_SECRET: testSecret,
    PASSWORD_HASH: "pbkdf2",
    PASSWORD_ITERATIONS: "10000",
  };
  const onejot = ["bun", `${root}src/main.ts`];
  await processes.run(
    [...onejot, "user", "add", account.email],
    variables,
    account.password,
  );
  const ports = [await freePort(), await freePort()] as const;
  const start = (port: number) =>
    processes.serve(onejot, { ...variables, PORT: String(port) }, port);
  const one = await start(ports[0]);
  await start(ports[1]);
  const port = await freePort();
  await startNginx(processes, { folder, port, ports });

  const tokens = await checks.check(
    "behind the example's nginx a login holds at both",
    async () => {
      const { token, refresh_token: refreshToken } = await logIn(port);
      for (let count = 0; count < 6; count++) {
        assert.equal(
          await statusOfUser(port, token),
          200,
        );
      }
      return { token, refreshToken };
    },
  );
  if (tokens === null) return;
  await checks.check(
    "both servers were asked, by whoever is behind nginx",
    async () => {
      for (const own of ports) {
        const response = await fetch(`http://127.0.0.1:${own}/metrics`);
        assert.match(
          await response.text(),
          /route="\/get-user",status="200"\} [1-9]/,
        );
      }
      const { body } = await send(port, "/sessions", {
        authorization: `Bearer ${tokens.token}`,
      });
      assert.equal(JSON.parse(body).sessions[0].address, "127.0.0.1");
    },
  );
  await checks.check(
    "with one server gone, nginx asks the other, and nobody notices",
    async () => {
      await processes.stop(one);
      for (let count = 0; count < 6; count++) {
        assert.equal(await statusOfUser(port, tokens.token), 200);
      }
      const form = { refresh_token: tokens.refreshToken };
      const { status, body } = await send(port, "/refresh", {}, form);
      assert.equal(status, 200, body);
      const { token } = JSON.parse(body);
      const headers = { authorization: `Bearer ${token}` };
      assert.equal((await send(port, "/logout", headers, {})).status, 204);
      assert.equal(await statusOfUser(port, token), 400);
    },
  );
}

async function startNginx(
  processes: Processes,
  { folder, port, ports }: {
    readonly folder: string;
    readonly port: number;
    readonly ports: readonly [number, number];
  },
): Promise<void> {
  const { PATH = "" } = process.env;
  // deno-fmt-ignore: an option a line
  const options = [
    "-x509", "-nodes",
    "-days", "2",
    "-subj", "/CN=auth.example.org",
    "-newkey", "ec",
    "-pkeyopt", "ec_paramgen_curve:prime256v1",
    "-keyout", `${folder}/auth.key`,
    "-out", `${folder}/auth.pem`,
  ];
  await processes.run(["openssl", "req", ...options], { PATH });
  const included = replace(readExample("postgres/nginx.conf"), {
    "listen 443 ssl": `listen 127.0.0.1:${port} ssl`,
    "/etc/nginx/tls/auth.pem": `${folder}/auth.pem`,
    "/etc/nginx/tls/auth.key": `${folder}/auth.key`,
    "onejot-a:8080": `127.0.0.1:${ports[0]}`,
    "onejot-b:8080": `127.0.0.1:${ports[1]}`,
  });
  writeFileSync(`${folder}/nginx.conf`, nginxMainFile(folder, included));
  await processes.serve(["nginx", "-p", folder, "-c", `${folder}/nginx.conf`], {
    PATH,
  }, port);
}

async function logIn(
  port: number,
): Promise<{ token: string; refresh_token: string }> {
  const { status, body } = await send(port, "/login", {}, account);
  assert.equal(status, 200, body);
  return JSON.parse(body);
}

async function statusOfUser(port: number, token: string): Promise<number> {
  return (await send(port, "/get-user", { authorization: `Bearer ${token}` }))
    .status;
}

/**
 * A POST where there is a form; the certificate is nobody's that this machine
 * knows.
 */
function send(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>>,
  form: Readonly<Record<string, string>> | null = null,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const sent = form === null ? "" : new URLSearchParams(form).toString();
  const formHeaders = sent === ""
    ? {}
    : { "content-type": "application/x-www-form-urlencoded" };
  const outgoing = request({
    host: "127.0.0.1",
    port,
    path,
    servername: "auth.example.org",
    rejectUnauthorized: false,
    method: form === null ? "GET" : "POST",
    headers: { ...headers, host: "auth.example.org", ...formHeaders },
  }, async (response) => {
    resolve({ status: response.statusCode ?? 0, body: await text(response) });
  });
  outgoing.on("error", reject).end(sent);
  return promise;
}
