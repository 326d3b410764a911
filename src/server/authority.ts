/**
 * Where a server answers, as a URL says it.
 */

/** A host and a port as they stand in a URL, an IPv6 address in brackets. */
export function authorityOf(host: string, port: number): string {
  // RFC 3986 §3.2.2: or its colons would be taken for the port's.
  const name = host.includes(":") ? `[${host}]` : host;
  return `${name}:${port}`;
}
