/**
 * Which route a method and a path lead to: a tree of path segments.
 * Matching is exact and case-sensitive on the path as it was sent. A fixed
 * segment wins over a parameter, without a second try. Where that leads
 * nowhere, the rest parameter answers that stands deepest.
 * Refused at registration: a pattern that no path can match as it stands, a
 * parameter named twice, a route that is there already, and whatever would lie
 * below a place that a mounted router has for itself.
 */

import {
  isFixedPath,
  type PatternSegment,
  readPattern,
} from "./path_pattern.ts";

/**
 * A route, its pattern, and in which segments, split at the slashes, its
 * parameters stand.
 */
export interface RegisteredRoute<Route> {
  readonly route: Route;
  readonly pattern: string;
  readonly places: ReadonlyMap<string, number>;
  /** The one that stands for all from its segment on; null without one. */
  readonly rest: string | null;
}

type ByMethod<Route> = Map<string, RegisteredRoute<Route>>;

/** What lies behind some first segments of a path. */
class Branch<Route> {
  readonly bySegment: Map<string, Branch<Route>> = new Map();
  /** Behind a segment that is a parameter, whatever its name. */
  byParameter: Branch<Route> | null = null;
  /** The routes that end here. */
  readonly byMethod: ByMethod<Route> = new Map();
  /** The routes that take all that is left, behind one more slash. */
  readonly restByMethod: ByMethod<Route> = new Map();
}

/** A table of routes. */
export class RouteTable<Route> {
  readonly #root = new Branch<Route>();
  /** A route of each pattern, as a message names it: `GET /users/:id`. */
  readonly #lines = new Map<string, string>();
  /** What answers below a path, which is written with a slash at its end. */
  readonly #mounts = new Map<string, Route>();

  /**
   * Registers a route.
   *
   * @param path segments behind slashes; a segment like `:id` is a parameter,
   * and a last one like `:path*` a rest
   * @throws {TypeError} the path is no such pattern, or the route is there
   * already, or another router is mounted there
   */
  add(method: string, path: string, route: Route): void {
    const segments = readPattern(path);
    const places = placesOf(path, segments);
    this.#requireUnmounted(path);
    let branch = this.#root;
    let byMethod = branch.byMethod;
    let rest: string | null = null;
    for (const segment of segments) {
      if ("rest" in segment) {
        rest = segment.rest;
        byMethod = branch.restByMethod;
        continue; // It is the last one.
      }
      branch = "text" in segment
        ? branchOfSegment(branch, segment.text)
        : branchOfParameter(branch);
      byMethod = branch.byMethod;
    }
    if (byMethod.has(method)) {
      throw new TypeError(
        `Cannot add the route ${method} ${path}: it is there already.`,
      );
    }
    byMethod.set(method, { route, pattern: path, places, rest });
    this.#lines.set(path, `${method} ${path}`);
  }

  /**
   * Registers what answers all that is below a path, whatever its method.
   *
   * @throws {TypeError} the path has a parameter or is no pattern, or something
   * lies below it already
   */
  mount(path: string, route: Route): void {
    if (!isFixedPath(path)) {
      throw new TypeError(
        `Cannot mount a router at ${path}: write fixed segments, such as /api.`,
      );
    }
    const start = `${path}/`;
    for (const [pattern, line] of this.#lines) {
      if (!pattern.startsWith(start)) continue;
      throw new TypeError(
        `Cannot mount a router at ${path}: ${line} is there already.`,
      );
    }
    for (const mounted of this.#mounts.keys()) {
      if (!mounted.startsWith(start) && !start.startsWith(mounted)) continue;
      throw new TypeError(
        `Cannot mount a router at ${path}: another one is mounted at ` +
          `${mounted.slice(0, -1)}.`,
      );
    }
    this.#mounts.set(start, route);
  }

  /** What is mounted above a path; null where nothing is. */
  findMounted(path: string): Route | null {
    if (this.#mounts.size === 0) return null;
    for (const [start, route] of this.#mounts) {
      if (path.startsWith(start)) return route;
    }
    return null;
  }

  /**
   * Looks up what is registered at a path, by method; null where nothing is.
   * The way of every request: the path is walked from slash to slash, without
   * an array of its segments. Nothing is tried twice: the deepest rest on the
   * way is remembered while the path is walked.
   */
  find(path: string): ReadonlyMap<string, RegisteredRoute<Route>> | null {
    let branch = this.#root;
    let deepestRest: ByMethod<Route> | null = null;
    let start = 0;
    while (start <= path.length) {
      if (branch.restByMethod.size > 0) deepestRest = branch.restByMethod;
      const slash = path.indexOf("/", start);
      const end = slash < 0 ? path.length : slash;
      const segment = path.slice(start, end);
      let next = branch.bySegment.get(segment) ?? null;
      // A parameter stands for some text: `/users/` is not `/users/:id`.
      if (next === null && segment !== "") next = branch.byParameter;
      if (next === null) return deepestRest;
      branch = next;
      start = end + 1;
    }
    return branch.byMethod.size > 0 ? branch.byMethod : deepestRest;
  }

  /** No path that is below a mounted router leads to a route of this table. */
  #requireUnmounted(path: string): void {
    for (const start of this.#mounts.keys()) {
      if (!path.startsWith(start)) continue;
      throw new TypeError(
        `Cannot add the route ${path}: a router is mounted at ` +
          `${start.slice(0, -1)}, and answers all that is below.`,
      );
    }
  }
}

/** Where the parameters of a pattern stand, by name. */
function placesOf(
  path: string,
  segments: readonly PatternSegment[],
): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  for (const [place, segment] of segments.entries()) {
    if ("text" in segment) continue;
    const name = "rest" in segment ? segment.rest : segment.parameter;
    if (places.has(name)) {
      throw new TypeError(
        `Cannot add the route ${path}: a parameter is named twice.`,
      );
    }
    places.set(name, place);
  }
  return places;
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
