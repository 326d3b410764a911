/**
 * The compose file and the file for Traefik, which are not run here: that they
 * parse, and that what they say fits onejot, its image and the other examples.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { settings } from "../../../src/server/config.ts";
import type { Checks } from "../../support/checks.ts";
import { host, readComposeFile, readExample, root } from "./examples.ts";
import { nameCharacters } from "./spoofing.ts";

export async function checkFiles(checks: Checks): Promise<void> {
  await checkCompose(checks);
  await checkTraefik(checks);
}

async function checkCompose(checks: Checks): Promise<void> {
  const compose = await checks.check("compose: it parses", readComposeFile);
  if (compose === null) return;
  const { onejot, nginx } = compose.services;
  const dockerfile = readFileSync(`${root}Dockerfile`, "utf8");
  const nginxFile = readExample("proxy/nginx.conf");
  await checks.check(
    "compose: onejot's environment are settings that onejot knows",
    () => {
      const known = settings.map(({ name }) => name);
      for (const name of Object.keys(onejot.environment)) {
        assert.ok(
          known.includes(name),
          name,
        );
      }
      assert.ok(
        nginxFile.includes(`location ${onejot.environment.PATH_PREFIX}/ {`),
      );
    },
  );
  await checks.check(
    "compose: the volume is the image's, and the database lies in it",
    () => {
      const [, volume = ""] = /^VOLUME (\S+)$/m.exec(dockerfile) ?? [];
      const [[name = "", path] = [], ...others] = onejot.volumes.map((mount) =>
        mount.split(":")
      );
      assert.deepEqual([path, others], [volume, []]);
      assert.ok(name in compose.volumes);
      assert.ok(dockerfile.includes(`DATABASE_URL=sqlite:${volume}/`));
    },
  );
  await checks.check("compose: onejot reads the secret where it is put", () => {
    const [name, ...others] = onejot.secrets;
    assert.deepEqual(others, []);
    assert.ok(name !== undefined && name in compose.secrets);
    assert.equal(onejot.environment.JWT_SECRET_FILE, `/run/secrets/${name}`);
  });
  await checks.check(
    "compose: TRUSTED_PROXIES is the address of nginx alone",
    () => {
      const { ipv4_address: address } = nginx.networks.default;
      assert.equal(onejot.environment.TRUSTED_PROXIES, address);
      const [{ subnet, ip_range: range }] =
        compose.networks.default.ipam.config;
      assert.ok(isIn(address, subnet), `${address} is not in ${subnet}`);
      // Docker gives the others the first free addresses, and nginx starts
      // last.
      assert.ok(
        range !== undefined && !isIn(address, range),
        "Docker may give it to another",
      );
      assert.ok(
        isIn(range.replace(/\/.*/, ""), subnet),
        `${range} is not in ${subnet}`,
      );
    },
  );
  await checks.check(
    "compose: nginx finds its file and its certificate",
    () => {
      const places = new Map(
        nginx.volumes.map((
          mount,
        ) => [mount.split(":")[1], mount.split(":")[0]]),
      );
      assert.equal(
        places.get("/etc/nginx/conf.d/default.conf"),
        "./nginx.conf",
      );
      for (
        const [, file = ""] of nginxFile.matchAll(
          /ssl_certificate(?:_key)? ([^;]+);/g,
        )
      ) {
        assert.ok(places.has(file.slice(0, file.lastIndexOf("/"))), file);
      }
      assert.ok(nginx.volumes.every((mount) => mount.endsWith(":ro")));
    },
  );
  await checks.check(
    "compose: nginx alone is reached from outside, where it listens",
    () => {
      const [, port = ""] = /listen (\d+) ssl;/.exec(nginxFile) ?? [];
      assert.deepEqual(nginx.ports, [`${port}:${port}`]);
      for (const [name, service] of Object.entries<object>(compose.services)) {
        assert.equal("ports" in service, name === "nginx", name);
      }
    },
  );
  await checks.check(
    "compose: nginx hands on to services that are there",
    () => {
      const targets = [
        ...nginxFile.matchAll(/proxy_pass http:\/\/([^:/;]+):(\d+);/g),
      ];
      const [, exposed] = /^EXPOSE (\d+)$/m.exec(dockerfile) ?? [];
      for (const [, service = "", port] of targets) {
        assert.ok(service in compose.services, service);
        assert.ok(nginx.depends_on.includes(service), service);
        if (service === "onejot") assert.equal(port, exposed);
      }
      assert.deepEqual(
        new Set(targets.map(([, service]) => service)),
        new Set(["onejot", "app"]),
      );
    },
  );
}

async function checkTraefik(checks: Checks): Promise<void> {
  const file = await checks.check("Traefik: it parses", () => {
    return Object(Bun.YAML.parse(readExample("proxy/traefik.yaml")));
  });
  if (file === null) return;
  const { routers, middlewares, services } = file.http;
  const { "signed-in": { forwardAuth } } = middlewares;
  await checks.check(
    "Traefik: who it is comes from onejot, in its three fields alone",
    () => {
      assert.equal(forwardAuth.address, "http://onejot:8080/forward-auth");
      assert.deepEqual(forwardAuth.authResponseHeaders, [
        "X-Auth-User-Id",
        "X-Auth-Email",
        "X-Auth-Admin",
        // onejot never answers with it: so no service gets a token.
        "Authorization",
      ]);
      // The host that a cookie has to be of is in X-Forwarded-Host.
      assert.equal(forwardAuth.trustForwardHeader, false);
    },
  );
  await checks.check(
    "Traefik: a service worker's script is not served, not even to users",
    () => {
      const { worker, app } = routers;
      assert.equal(
        worker.rule,
        `Host(\`${host}\`) && HeaderRegexp(\`Service-Worker\`, \`.+\`)`,
      );
      // Traefik asks the longer rule first.
      assert.ok(worker.rule.length > app.rule.length);
      assert.deepEqual([worker.middlewares, worker.tls], [["nobody"], {}]);
      const { ipAllowList } = middlewares.nobody;
      assert.deepEqual(ipAllowList.sourceRange, ["255.255.255.255/32"]);
    },
  );
  await checks.check(
    "Traefik: it keeps onejot's Location, a path on the same host",
    () => {
      // Otherwise it puts http://onejot:8080 before it: traefik/traefik#11313.
      assert.equal(forwardAuth.preserveLocationHeader, true);
    },
  );
  await checks.check(
    "Traefik: it takes away what a client sends with any other character",
    () => {
      // Go writes X_AUTH_EMAIL as X_auth_email; authResponseHeaders alone
      // leaves it to the service.
      const pattern: string = forwardAuth.authResponseHeadersRegex ?? "^$";
      const regExp = new RegExp(
        pattern.replace("(?i)", ""),
        pattern.includes("(?i)") ? "i" : "",
      );
      for (const first of nameCharacters) {
        for (const second of nameCharacters) {
          const name = `X${first}auth${second}email`;
          assert.ok(regExp.test(name), name);
        }
      }
      for (const name of ["Authorization", "X-Author", "Cookie"]) {
        assert.ok(
          !regExp.test(name),
          name,
        );
      }
    },
  );
  await checks.check(
    "Traefik: the host is protected but for onejot's own paths",
    () => {
      const { onejot, app } = routers;
      assert.equal(
        onejot.rule,
        `Host(\`${host}\`) && PathPrefix(\`/onejot/\`)`,
      );
      assert.equal(app.rule, `Host(\`${host}\`)`);
      assert.deepEqual([app.middlewares, "middlewares" in onejot], [[
        "signed-in",
      ], false]);
      for (const router of [onejot, app]) {
        assert.deepEqual(router.tls, {});
        assert.ok(router.service in services);
      }
      assert.equal(
        services.onejot.loadBalancer.servers[0].url,
        "http://onejot:8080",
      );
    },
  );
}

function isIn(address: string, network: string): boolean {
  const [base = "", bits] = network.split("/");
  const mask = -1 << 32 - Number(bits ?? 32);
  return (numberOf(address) & mask) === (numberOf(base) & mask);
}

function numberOf(address: string): number {
  return address.split(".").reduce((sum, part) => sum << 8 | Number(part), 0);
}
