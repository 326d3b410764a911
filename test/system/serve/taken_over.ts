/**
 * The server as it ships, with one handler that a stranger has taken over: run
 * it on Deno in place of src/main.ts. The handler tries what a stranger would,
 * and so does this module before the server starts, when nothing has been given
 * up yet. `GET /taken-over` answers what was tried, by name, at both times:
 * "refused", "allowed", or how it failed otherwise.
 */

import "./taken_over_handler.ts";

// Not beside the other one, which awaits: the server would not wait for it.
await import("../../../src/main.ts");
