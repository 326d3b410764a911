/**
 * The runtime's server with jose, whose key is imported once, and with nothing
 * else.
 */

import { errors, jwtVerify } from "jose";
import { importSecret, readToken, serve } from "./serve.ts";

const key = await importSecret();

serve(async (request) => {
  try {
    const { payload } = await jwtVerify(readToken(request), key, {
      algorithms: ["HS256"],
    });
    return Response.json({ sub: payload.sub });
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) throw error;
    return new Response(null, { status: 401 });
  }
});
