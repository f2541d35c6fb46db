import type { RouteNode } from "../graph/stage-graph.ts";

/** A route with its path as segments. */
export interface ParsedRoute {
  readonly node: RouteNode;
  readonly segments: readonly string[];
}

/** The route that serves a request. */
export interface RouteMatch {
  readonly route: RouteNode;
  /** As in the stacks, for example `GET /v1/accounts/{id}`. */
  readonly routeKey: string;
  /** Decoded values of the path's `{names}`. */
  readonly pathParameters: Readonly<Record<string, string>>;
}

/** Splits the paths of routes, the most specific first, as API Gateway prefers them. */
export function parseRoutes(routes: readonly RouteNode[]): ParsedRoute[] {
  return routes
    .map((node) => ({ node, segments: node.path === "$default" ? ["{proxy+}"] : node.path.split("/").slice(1) }))
    .sort((left, right) => specificity(right) - specificity(left));
}

/** Finds the route for a method and a path, if there is one. */
export function findRoute(routes: readonly ParsedRoute[], method: string, path: string): RouteMatch | undefined {
  const segments = path.split("/").slice(1);
  for (const { node, segments: pattern } of routes) {
    if (node.method !== method && node.method !== "ANY" && node.path !== "$default") continue;
    const pathParameters = matchSegments(pattern, segments);
    if (pathParameters === undefined) continue;
    const routeKey = node.path === "$default" ? "$default" : `${node.method} ${node.path}`;
    return { route: node, routeKey, pathParameters };
  }
  return undefined;
}

function matchSegments(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const [, greedyName] = /^\{(.+)\+\}$/.exec(part) ?? [];
    if (greedyName !== undefined) {
      parameters[greedyName] = segments.slice(index).map(decode).join("/");
      return segments.length > index ? parameters : undefined;
    }
    const segment = segments[index];
    if (segment === undefined) return undefined;
    const [, name] = /^\{(.+)\}$/.exec(part) ?? [];
    if (name === undefined ? part !== segment : segment === "") return undefined;
    if (name !== undefined) parameters[name] = decode(segment);
  }
  return segments.length === pattern.length ? parameters : undefined;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** Literal segments count most, a greedy one least; a named method goes before ANY, and $default comes last. */
function specificity({ node, segments }: ParsedRoute): number {
  if (node.path === "$default") return -1;
  const weight = segments.reduce(
    (sum, segment) => sum + (/^\{.+\+\}$/.test(segment) ? 1 : /^\{/.test(segment) ? 3 : 4),
    0,
  );
  return weight * 2 + (node.method === "ANY" ? 0 : 1);
}
