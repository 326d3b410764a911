/**
 * The rest of a path over raw sockets: whatever a client sends, a handler of
 * `/files/:path*` is given a text that names no other place. Bun resolves dot
 * segments before they are seen, and Deno hands them over.
 */

import assert from "node:assert/strict";
import { sendRaw } from "../../support/server_process.ts";
import { slowTest } from "../../support/slow_test.ts";
import { isBun, withSource } from "../../support/source.ts";

const source = `
import { json, router } from "onejot/http";

const site = router();
site.get("/files/:path*", ({ params }) => json(params.path));
site.get("/", () => new Response("root"));
site.get("/secret", () => new Response("secret"));
${
  isBun
    ? 'const { port } = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: site.fetch });'
    : 'const { addr: { port } } = Deno.serve({ hostname: "127.0.0.1", port: 0 }, site.fetch);'
}
console.log("port", port);
`;

slowTest("a rest names no other place, whatever a client sends", async () => {
  await withSource(source, {}, async (program) => {
    const [, port] = await program.untilPrinted(/port (\d+)/);
    const ask = async (target: string) => {
      const lines = [`GET ${target} HTTP/1.1`, "Host: h", "Connection: close"];
      const answer = await sendRaw(
        Number(port),
        [...lines, "", ""].join("\r\n"),
      );
      const [head = "", body = ""] = answer.split("\r\n\r\n");
      return `${head.split(" ")[1]} ${body}`;
    };
    const none = '404 {"message":"Not found"}';
    const table: readonly (readonly [string, string, string])[] = [
      // target, on Bun, on Deno
      ["/files/a/b.txt", '200 "a/b.txt"', '200 "a/b.txt"'],
      ["/files/a%20b/", '200 "a b/"', '200 "a b/"'],
      ["/files/", '200 ""', '200 ""'],
      ["/files/../secret", "200 secret", none],
      ["/files/%2e%2e/secret", "200 secret", none],
      ["/files/a/../b", '200 "b"', none],
      ["/files/..%2fsecret", none, none],
      ["/files/%2e%2e%2fsecret", none, none],
      ["/files/..\\secret", "200 secret", none],
      ["/files/..%5csecret", none, none],
      ["/files//etc/passwd", none, none],
      ["/files/%2Fetc/passwd", none, none],
      ["/files/a%00", none, none],
      ["/files/%61", none, none],
    ];
    for (const [target, onBun, onDeno] of table) {
      assert.equal(await ask(target), isBun ? onBun : onDeno, target);
    }
  });
});
