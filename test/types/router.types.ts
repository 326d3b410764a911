/**
 * Mistakes with routes and middleware that must not compile, each next to the
 * form that does. Checked by tsc and `deno check`, never run: an expected error
 * that does not come is an error itself.
 */

import {
  type AddsNothing,
  bearer,
  type Context,
  HttpError,
  json,
} from "../../src/http/http.ts";
import {
  type Handler,
  type Middleware,
  type Next,
  readFields,
  router,
} from "../../src/http/http.ts";
import { type Verifier, verify } from "../../src/jwt/jwt.ts";

interface Named {
  readonly name: string;
}

type AddsName = Middleware<Context, Named>;

const site = router();
const addName: AddsName = (_context, next) => next({ name: "a" });
const requireName: Middleware<Named, AddsNothing> = ({ name }, next) => {
  if (name === "") throw new HttpError(403);
  return next({});
};
const members = site.use(addName);
const greet: Handler<Named> = ({ name }) => new Response(name);

// The parameters are those of the path.
site.get(
  "/users/:id/posts/:post",
  ({ params }) => json([params.id, params.post]),
);
// @ts-expect-error a misspelt path parameter
site.get("/users/:id/posts/:post", ({ params }) => json(params.Id));
// @ts-expect-error a path without parameters
site.get("/users/id", ({ params }) => json(params.id));
// @ts-expect-error a parameter is text
site.get("/users/:id", ({ params }) => json(params.id.toFixed()));

// A rest is named without its star.
site.get("/files/:path*", ({ params }) => json(params.path));
site.get("/of/:user/:path*", ({ params }) => json([params.user, params.path]));
// @ts-expect-error a misspelt rest
site.get("/files/:path*", ({ params }) => json(params["path*"]));

// What is mounted is a whole router.
site.mount("/api", router());
members.mount("/members", router());
// @ts-expect-error a view, which has no fetch
site.mount("/api", members);

// A handler has what the middlewares before it added, and no more.
members.get("/name", ({ name }) => new Response(name));
members.get("/greet", greet);
members.use(requireName).get(
  "/required",
  ({ name, params }) => json([name, params]),
);
// @ts-expect-error a public route has no name
site.get("/name", ({ name }) => new Response(name));
// @ts-expect-error a handler that needs a name on a public route
site.get("/greet", greet);
// @ts-expect-error a guard that needs a name that nothing before it adds
site.use(requireName);

// What a middleware declares, it adds.
export const adding: AddsName = (_context, next) => next({ name: "a" });
// @ts-expect-error a middleware that does not add what it declares
export const addingNothing: AddsName = (_context, next) => next({});
// @ts-expect-error a middleware that adds something of another type
export const addingANumber: AddsName = (_context, next) => next({ name: 1 });
// @ts-expect-error a middleware that adds more than it declares
export const addingMore: AddsName = (_c, next) => next({ name: "a", b: "b" });

// A middleware in its place says what it adds at its next.
type NextUser = Next<{ readonly user: string }>;
site.use((_c, next: NextUser) => next({ user: "a" })).get(
  "/in",
  ({ user }) => json(user),
);
// @ts-expect-error a middleware in its place that does not add what it says
site.use((_c, next: NextUser) => next({}));
// @ts-expect-error a middleware in its place that replaces the path
site.use((_c, next: Next<{ readonly path: string }>) => next({ path: "/" }));
const addsNothing = site.use((_context, next) => next({}));
// @ts-expect-error a handler that needs what an inline middleware did not add
addsNothing.get("/inline", ({ user }: { user: string }) => json(user));

// A middleware answers or goes on.
type Plain = Middleware<Context, AddsNothing>;
export const goingOn: Plain = (_context, next) => next({});
export const answering: Plain = () => new Response();
// @ts-expect-error a middleware that neither answers nor goes on
export const idle: Plain = () => {};
// @ts-expect-error a middleware that forgets to return what next gives
export const forgetful: Plain = (_context, next) => void next({});
// @ts-expect-error a middleware that calls next without an argument
export const hasty: Plain = (_context, next) => next();

// A handler answers.
site.post("/answer", () => new Response());
site.post("/later", () => Promise.resolve(new Response()));
// @ts-expect-error a handler that returns nothing
site.post("/nothing", () => {});
// @ts-expect-error a handler that returns a value and no Response
site.post("/value", () => ({ status: 200 }));

// Nothing in a context is replaced.
const addOther: Middleware<Context, { readonly other: string }> = (_c, next) =>
  next({ other: "" });
site.use(addName).use(addOther).get(
  "/both",
  ({ name, other }) => json([name, other]),
);
const addPath: Middleware<Context, { readonly path: string }> = (_c, next) =>
  next({ path: "/" });
// @ts-expect-error the same addition twice
site.use(addName).use(addName);
// @ts-expect-error a middleware that replaces the path
site.use(addPath);
// @ts-expect-error an assignment to the context
site.get("/assign", (context) => new Response(context.path = "/"));

// What is handed a fault may say nothing, or what to answer with.
router({ onError: (error) => console.error(error) });
router({ onError: () => null });
router({ onError: () => new HttpError(503) });
// @ts-expect-error an answer that is no refusal
router({ onError: () => new Response() });
// @ts-expect-error a promise, for which no answer waits
router({ onError: () => Promise.resolve(new HttpError(503)) });

// Refusals are the statuses of 400 to 599.
export const refusal: HttpError = new HttpError(404);
export const refusals: readonly HttpError[] = [
  new HttpError(400),
  new HttpError(422),
  new HttpError(499),
  new HttpError(599),
];
// @ts-expect-error a status below them
new HttpError(399);
// @ts-expect-error a status above them
new HttpError(600);
// @ts-expect-error a number that can be any
new HttpError(Number("404"));
// @ts-expect-error a status that is no refusal
export const success: HttpError = new HttpError(200);

// Fields are those that were asked for.
const fields = await readFields(new Request("http://h"), ["email", "password"]);
export const email: string = fields.email;
// @ts-expect-error a field that was not asked for
export const other: string = fields.emial;

// A program asks by path, with what a Request takes.
const asked = site.request("/users/1", { method: "POST", body: "a" });
export const answer: Response = await asked;
// @ts-expect-error a request, which is for fetch
site.request(new Request("http://h"));

// A runtime is handed fetch as it is, whatever it calls it with.
interface BunServer {
  requestIP(request: Request): { readonly address: string } | null;
}
interface DenoInfo {
  readonly remoteAddr: { readonly hostname: string };
}
type Answer = Response | Promise<Response>;
export const onBun: (request: Request, server: BunServer) => Answer =
  site.fetch;
export const onDeno: (request: Request, info: DenoInfo) => Answer = site.fetch;
export const onWorkers: {
  fetch(request: Request, env: unknown, context: unknown): Answer;
} = site;
await site.fetch(new Request("http://h"), "192.0.2.1");
await site.fetch(new Request("http://h"), null);
await site.fetch(new Request("http://h"));

// Behind a bearer token its claims are there, of the type that was checked.
declare const verifier: Verifier;
const bearers = site.use(bearer(verifier));
bearers.get("/sub", ({ claims }) => json(claims.sub?.toUpperCase()));
// @ts-expect-error a claim that nobody has defined is of no known type
bearers.get("/role", ({ claims }) => json(claims["role"].toUpperCase()));
// @ts-expect-error a public route has no claims
site.get("/sub", ({ claims }) => json(claims));
site.use(bearer((token) => ({ id: token.length })))
  .get("/id", ({ claims }) => json(claims.id.toFixed()));
site.use(bearer((token) => token === "" ? null : Promise.resolve({ token })))
  .get("/token", ({ claims }) => json(claims.token));
// @ts-expect-error a function that also needs a key
site.use(bearer(verify));
// @ts-expect-error what a function claims is an object
site.use(bearer((token) => token.length));
