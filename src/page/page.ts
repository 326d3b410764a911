/**
 * The page's start: the inspector, and what tries the server. Refused by the
 * browser, as the server asks it to: scripts and styles that are not this
 * server's, requests to anywhere else.
 */

import { startInspector } from "./inspector.ts";
import { startServer } from "./try_server.ts";

startServer(startInspector());
