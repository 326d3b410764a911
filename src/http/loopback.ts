/**
 * Which Hosts name this machine. It matters where something is allowed because
 * it comes from here: a page whose name its owner has made point to 127.0.0.1
 * (DNS rebinding) also comes from here, but its Host is that name.
 */

/**
 * Says whether a Host names this machine, whatever the port: `localhost`, an
 * IPv4 address that begins with 127, or `[::1]`.
 */
export function isLoopbackHost(host: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/.test(host);
}
