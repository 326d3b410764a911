/**
 * elysia and its JWT plugin: with the argument "text" the secret is given as
 * the plugin's manual does it, and imported for every request; with "key" it is
 * imported once.
 */

import process from "node:process";
import { jwt } from "@elysiajs/jwt";
import { Elysia } from "elysia";
import { address, importSecret, readToken, secret } from "./serve.ts";

const key = process.argv[2] === "key" ? await importSecret() : secret;
new Elysia()
  .use(jwt({ name: "jwt", secret: key }))
  .resolve(async ({ jwt, request, status }) => {
    const claims = await jwt.verify(readToken(request));
    return claims === false ? status(401) : { claims };
  })
  .get("/get-user", ({ claims }) => ({ sub: claims.sub }))
  .listen(address);
