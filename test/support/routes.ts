/**
 * The routes of the server, as it hangs them to a router: recorded, and not
 * read out of its source.
 */

import { type Context, Metrics, type Router } from "../../src/http/http.ts";
import { hangRoutes, type ServerParts } from "../../src/server/routes.ts";
import { untyped } from "./send.ts";

/**
 * Every route, such as `PATCH /users/:id`, in the order in which they are hung.
 *
 * @param page whether the page at `/` is shown
 */
export function recordRoutes(
  { page }: { readonly page: boolean },
): readonly string[] {
  const routes: string[] = [];
  const record = (method: string) => (path: string) => {
    routes.push(`${method} ${path}`);
  };
  const recorder: Router<Context> = {
    get: record("GET"),
    post: record("POST"),
    put: record("PUT"),
    patch: record("PATCH"),
    delete: record("DELETE"),
    use: () => untyped(recorder),
    mount: () => {},
  };
  // The handlers are made, but never asked: so they need no more than this.
  const parts = untyped<ServerParts>({ metrics: new Metrics(), page });
  hangRoutes(recorder, parts);
  return routes;
}
