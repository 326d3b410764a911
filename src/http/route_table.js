/**
 * Which route a method and a path lead to: a tree of path segments.
 * Matching is exact and case-sensitive on the path as it was sent. A fixed segment wins over a
 * parameter, without a second try. Refused at registration: a pattern that no path can match as it
 * stands, a parameter named twice, a route that is there already.
 */
class Node {
  /** What lies behind the next segment; behind a parameter, by null. */
  children = new Map();
  byMethod = new Map();
}
/** A table of routes. */
export class RouteTable {
  #root = new Node();
  /**
   * Registers a route.
   *
   * @param path segments behind slashes; a segment like `:id` is a parameter
   * @throws {TypeError} the path is no such pattern, or the route is there already
   */
  add(method, path, route) {
    if (!/^\/$|^(?:\/(?::[A-Za-z]\w*|[\w.~!$&'()*+,;=@-]+))+$/.test(path)) {
      throw new TypeError(
        `Cannot add the route ${path}: its path is no pattern of segments.`,
      );
    }
    const places = new Map();
    let node = this.#root;
    for (const [place, segment] of path.split("/").entries()) {
      const name = segment.startsWith(":") ? segment.slice(1) : null;
      const key = name === null ? segment : null;
      const child = node.children.get(key) ?? new Node();
      node.children.set(key, child);
      node = child;
      if (name === null) {
        continue;
      }
      if (places.has(name)) {
        throw new TypeError(
          `Cannot add the route ${path}: a parameter is named twice.`,
        );
      }
      places.set(name, place);
    }
    if (node.byMethod.has(method)) {
      throw new TypeError(
        `Cannot add the route ${method} ${path}: it is there already.`,
      );
    }
    node.byMethod.set(method, { route, pattern: path, places });
  }
  /** What is registered at a path, by method, or null. */
  find(path) {
    let node = this.#root; // walked without an array of segments, on the way of every request
    for (let start = 0, end = 0; end >= 0; start = end + 1) {
      end = path.indexOf("/", start);
      const segment = path.slice(start, end < 0 ? path.length : end);
      let child = node.children.get(segment);
      if (child === undefined && segment !== "") {
        child = node.children.get(null);
      }
      if (child === undefined) {
        return null;
      }
      node = child;
    }
    return node.byMethod.size > 0 ? node.byMethod : null;
  }
}
