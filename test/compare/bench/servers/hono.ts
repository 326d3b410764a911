/**
 * hono and its own JWT middleware: with the argument "text" the secret is given
 * as hono's manual does it, and imported for every request; with "key" it is
 * imported once.
 */

import process from "node:process";
import { Hono } from "hono";
import { jwt, type JwtVariables } from "hono/jwt";
import { importSecret, secret, serve } from "./serve.ts";

const app = new Hono<{ Variables: JwtVariables }>();
const key = process.argv[2] === "key" ? await importSecret() : secret;
app.use(jwt({ secret: key, alg: "HS256" }));
app.get(
  "/get-user",
  (context) => context.json({ sub: context.get("jwtPayload").sub }),
);
serve(app.fetch);
