/**
 * Which route a method and a path lead to: a tree of path segments.
 * Matching is exact and case-sensitive on the path as it was sent. A fixed segment wins over a
 * parameter, without a second try. Refused at registration: a pattern that no path can match as it
 * stands, a parameter named twice, a route that is there already.
 */

/** A route that answers to a path: what was registered, and the values of its parameters. */
export interface Match<Route> {
  /** What is registered at that path, by method. */
  readonly byMethod: ReadonlyMap<string, RegisteredRoute<Route>>;
  /** The segments that stand in the places of parameters, not decoded. */
  readonly segments: readonly string[];
}

/** A route and the names of its parameters, in the order of the path. */
export interface RegisteredRoute<Route> {
  readonly route: Route;
  readonly names: readonly string[];
}

interface Node<Route> {
  readonly fixed: Map<string, Node<Route>>;
  parameter: Node<Route> | null;
  readonly byMethod: Map<string, RegisteredRoute<Route>>;
}

/** A table of routes. */
export class RouteTable<Route> {
  readonly #root: Node<Route> = emptyNode();

  /**
   * Registers a route.
   *
   * @param path segments behind slashes; a segment like `:id` is a parameter
   * @throws {TypeError} the path is no such pattern, or the route is there already
   */
  add(method: string, path: string, route: Route): void {
    if (!/^\/$|^(?:\/(?::[A-Za-z]\w*|[\w.~!$&'()*+,;=@-]+))+$/.test(path)) {
      throw new TypeError(`Cannot add the route ${path}: its path is no pattern of segments.`);
    }
    const names: string[] = [];
    let node = this.#root;
    for (const segment of path.slice(1).split("/")) {
      if (segment.startsWith(":")) names.push(segment.slice(1));
      node = childFor(node, segment);
    }
    if (new Set(names).size !== names.length) {
      throw new TypeError(`Cannot add the route ${path}: a parameter is named twice.`);
    }
    if (node.byMethod.has(method)) {
      throw new TypeError(`Cannot add the route ${method} ${path}: it is there already.`);
    }
    node.byMethod.set(method, { route, names });
  }

  /** What is registered at a path, or null. */
  find(path: string): Match<Route> | null {
    const segments: string[] = [];
    let node = this.#root;
    for (let start = 1; start > 0;) {
      const end = path.indexOf("/", start);
      const segment = path.slice(start, end < 0 ? path.length : end);
      let child = node.fixed.get(segment);
      if (child === undefined) {
        if (node.parameter === null || segment === "") return null;
        child = node.parameter;
        segments.push(segment);
      }
      node = child;
      start = end + 1; // 0 behind the last segment
    }
    return node.byMethod.size === 0 ? null : { byMethod: node.byMethod, segments };
  }
}

function childFor<Route>(node: Node<Route>, segment: string): Node<Route> {
  if (segment.startsWith(":")) return node.parameter ??= emptyNode();
  const child = node.fixed.get(segment) ?? emptyNode();
  node.fixed.set(segment, child);
  return child;
}

function emptyNode<Route>(): Node<Route> {
  return { fixed: new Map(), parameter: null, byMethod: new Map() };
}
