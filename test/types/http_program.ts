/**
 * A program of the parts of onejot/http that rest on the runtime: the forms of
 * a body, a log, metrics, header fields. It must compile with the types of a
 * browser or of any runtime, and prints an answer a line. test/system/pack
 * compiles and runs it where the package is installed.
 */

import {
  accessLog,
  createLog,
  json,
  type Log,
  measureRequests,
  Metrics,
  readBytes,
  readFields,
  readJson,
  type RootRouter,
  router,
  securityHeaders,
  withHeaders,
} from "onejot/http";
import { decodeBase64url, encodeBase64url } from "onejot/jwt";

let lines = 0;
let tellLogged = () => {};
const logged = new Promise<void>((resolve) => tellLogged = resolve);
const log: Log = createLog((text) => {
  lines += text.split("\n").length;
  if (lines === bodies.length) tellLogged();
}, "json");
const metrics = new Metrics();
const site: RootRouter = router({
  around: [measureRequests(metrics), accessLog(log), securityHeaders()],
});
site.post("/form", async ({ request }) => {
  const { name } = await readFields(request, ["name"]);
  return json(name);
});
site.post("/json", async ({ request }) => json(await readJson(request)));
site.post("/digest", async ({ request }) => {
  // Neither WebCrypto nor Response may be given bytes over memory that may be
  // shared, by newer types.
  const salt = decodeBase64url("AA");
  const bytes = await readBytes(request);
  await crypto.subtle.digest("SHA-256", salt);
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  const text = encodeBase64url(new Uint8Array(digest));
  return withHeaders(new Response(bytes), [["digest", text]]);
});

const form = new FormData();
form.set("name", "é");
const bodies = [
  ["/form", new URLSearchParams({ name: "é" })],
  ["/form", form],
  ["/json", new Blob(['{"a":[1]}'], { type: "application/json" })],
  ["/digest", "abc"],
  ["/digest", "a".repeat(16 * 1024 + 1)],
] as const;
for (const [path, body] of bodies) {
  const request = new Request(`http://localhost${path}`, {
    method: "POST",
    headers: { host: "localhost" },
    body,
  });
  const response = await site.fetch(request, "192.0.2.1");
  const { status, headers } = response;
  console.log(status, headers.get("digest"), await response.text());
}
await logged; // in batches, a moment later
