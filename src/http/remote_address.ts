/**
 * The address at the other end of a connection, out of what a runtime hands to
 * `fetch` behind the request. Nothing here names a runtime: what is looked at
 * is the shape of what came.
 * Refused: whatever has no address in a place that is known. The address is
 * then null, and never a text that was made of an object.
 */

/** Reads the address; null where it is not known. */
export function remoteAddressOf(
  request: Request,
  connection: unknown,
): string | null {
  if (typeof connection === "string") return connection;
  if (typeof connection !== "object" || connection === null) return null;
  if ("requestIP" in connection) return addressOfBun(request, connection);
  if ("remoteAddr" in connection) return hostnameOf(connection.remoteAddr);
  return null;
}

/** Bun's Server tells the address of a request that it has received. */
function addressOfBun(
  request: Request,
  server: { readonly requestIP: unknown },
): string | null {
  if (typeof server.requestIP !== "function") return null;
  try {
    const { address } = Object(server.requestIP(request));
    return typeof address === "string" ? address : null;
  } catch {
    // It throws for what is no Request of its own.
    return null;
  }
}

/** Deno's ServeHandlerInfo has a NetAddr, or the path of a Unix socket. */
function hostnameOf(remoteAddress: unknown): string | null {
  const { hostname } = Object(remoteAddress);
  return typeof hostname === "string" ? hostname : null;
}
