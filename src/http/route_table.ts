/**
 * Which route a method and a path lead to: a tree of path segments.
 * Matching is exact and case-sensitive on the path as it was sent. A fixed
 * segment wins over a parameter, without a second try. Refused at registration:
 * a pattern that no path can match as it stands, a parameter named twice, a
 * route that is there already.
 */

/**
 * A route, its pattern, and in which segments, split at the slashes, its
 * parameters stand.
 */
export interface RegisteredRoute<Route> {
  readonly route: Route;
  readonly pattern: string;
  readonly places: ReadonlyMap<string, number>;
}

/** What lies behind some first segments of a path. */
class Branch<Route> {
  readonly bySegment: Map<string, Branch<Route>> = new Map();
  /** Behind a segment that is a parameter, whatever its name. */
  byParameter: Branch<Route> | null = null;
  /** The routes that end here. */
  readonly byMethod: Map<string, RegisteredRoute<Route>> = new Map();
}

/**
 * The root alone, or segments that are a parameter or text. Text is what
 * RFC 3986 §3.3 allows in a segment, without escapes, which are never decoded
 * to match, and without colons, which mark parameters.
 */
const pathPattern = /^\/$|^(?:\/(?::[A-Za-z]\w*|[\w.~!$&'()*+,;=@-]+))+$/;

/** A table of routes. */
export class RouteTable<Route> {
  readonly #root = new Branch<Route>();

  /**
   * Registers a route.
   *
   * @param path segments behind slashes; a segment like `:id` is a parameter
   * @throws {TypeError} the path is no such pattern, or the route is there
   * already
   */
  add(method: string, path: string, route: Route): void {
    if (!pathPattern.test(path)) {
      throw new TypeError(
        `Cannot add the route ${path}: its path is no pattern of segments.`,
      );
    }
    const places = new Map<string, number>();
    let branch = this.#root;
    for (const [place, segment] of path.split("/").entries()) {
      if (!segment.startsWith(":")) {
        branch = branchOfSegment(branch, segment);
        continue;
      }
      const name = segment.slice(1);
      if (places.has(name)) {
        throw new TypeError(
          `Cannot add the route ${path}: a parameter is named twice.`,
        );
      }
      places.set(name, place);
      branch = branchOfParameter(branch);
    }
    if (branch.byMethod.has(method)) {
      throw new TypeError(
        `Cannot add the route ${method} ${path}: it is there already.`,
      );
    }
    branch.byMethod.set(method, { route, pattern: path, places });
  }

  /**
   * Looks up what is registered at a path, by method; null where nothing is.
   * The way of every request: the path is walked from slash to slash, without
   * an array of its segments.
   */
  find(path: string): ReadonlyMap<string, RegisteredRoute<Route>> | null {
    let branch = this.#root;
    let start = 0;
    while (start <= path.length) {
      const slash = path.indexOf("/", start);
      const end = slash < 0 ? path.length : slash;
      const segment = path.slice(start, end);
      let next = branch.bySegment.get(segment) ?? null;
      // A parameter stands for some text: `/users/` is not `/users/:id`.
      if (next === null && segment !== "") next = branch.byParameter;
      if (next === null) return null;
      branch = next;
      start = end + 1;
    }
    return branch.byMethod.size > 0 ? branch.byMethod : null;
  }
}

/** The branch behind a fixed segment, made where it is not there yet. */
function branchOfSegment<Route>(
  { bySegment }: Branch<Route>,
  segment: string,
): Branch<Route> {
  const existing = bySegment.get(segment);
  if (existing !== undefined) return existing;
  const branch = new Branch<Route>();
  bySegment.set(segment, branch);
  return branch;
}

/** The branch behind a parameter, made where it is not there yet. */
function branchOfParameter<Route>(parent: Branch<Route>): Branch<Route> {
  parent.byParameter ??= new Branch();
  return parent.byParameter;
}
