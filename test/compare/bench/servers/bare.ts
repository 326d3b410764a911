/**
 * The limit without a database: the runtime's server answers a constant to
 * anybody.
 */

import { serve } from "./serve.ts";

const headers = { "content-type": "application/json" };

serve(() => new Response('{"sub":"10000"}', { headers }));
