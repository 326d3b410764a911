/**
 * hono and its own JWT middleware, with the key imported once or not, and the
 * statement behind it.
 */

import process from "node:process";
import { Hono } from "hono";
import { jwt, type JwtVariables } from "hono/jwt";
import { importSecret, secret, serve } from "./serve.ts";
import { answerOf, findUser } from "./statement.ts";

const app = new Hono<{ Variables: JwtVariables }>();
const key = process.argv[2] === "key" ? await importSecret() : secret;
app.use(jwt({ secret: key, alg: "HS256" }));
app.get("/get-user", (context) => {
  const { sid, user_id: userId } = context.get("jwtPayload");
  const user = findUser(sid, userId);
  return user === undefined
    ? context.body(null, 401)
    : context.json(answerOf(user));
});
serve(app.fetch);
