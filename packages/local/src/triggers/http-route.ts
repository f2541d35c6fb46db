import createRouter from "find-my-way";
import type { RouteNode } from "../graph/stage-graph.ts";

/** The route that serves a request. */
export interface RouteMatch {
  readonly route: RouteNode;
  /** The key as in the stacks, for example `GET /v1/accounts/{id}`. */
  readonly routeKey: string;
  /** Decoded values of the path's `{names}`. */
  readonly pathParameters: Readonly<Record<string, string>>;
}

/** Finds the route for a method and a path, if there is one. */
export type RouteFinder = (method: string, path: string) => RouteMatch | undefined;

/** The methods that ANY stands for in API Gateway's HTTP API. */
const ANY = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"] as const;

/** Finds the name of a path's `{name+}`, which matches the rest of a path. */
const GREEDY_NAME = /\{(\w+)\+\}$/;

/**
 * Builds a finder that follows API Gateway: the most specific path wins, with a literal segment before a `{name}` and
 * that before a `{name+}`. Among routes with one path, a named method comes before ANY; `$default` takes the rest.
 */
export function createRouteFinder(routes: readonly RouteNode[]): RouteFinder {
  const [fallbacks, others] = [routes.filter(isDefault), routes.filter((route) => !isDefault(route))];
  const routers = [others, fallbacks].map(routerOf);
  return (method, path) => {
    for (const router of routers) {
      const found = router.find(method as createRouter.HTTPMethod, path);
      if (found !== null) return matchOf(found.store as RouteNode, found.params);
    }
    return undefined;
  };
}

function isDefault({ path }: RouteNode): boolean {
  return path === "$default";
}

function routerOf(routes: readonly RouteNode[]) {
  const router = createRouter({ maxParamLength: Number.MAX_SAFE_INTEGER });
  // Paths that differ only in the names of their parameters count as one path.
  for (const sharing of Map.groupBy(routes, ({ path }) => path.replaceAll(/\{\w+/g, "{")).values()) {
    const named = new Set(sharing.map(({ method }) => method));
    for (const node of sharing) {
      const isAny = node.method === "ANY" || isDefault(node);
      const methods = isAny ? ANY.filter((method) => !named.has(method)) : [node.method as createRouter.HTTPMethod];
      router.on(methods, routerPath(node), () => {}, node);
    }
  }
  return router;
}

/**
 * Converts a path for the router: `{name}` becomes `:name` with the pattern that it matches, and `{name+}` becomes a
 * star.
 */
function routerPath(route: RouteNode): string {
  if (isDefault(route)) return "/*";
  return route.path
    .replaceAll(":", "::")
    .replace(GREEDY_NAME, "*")
    .replaceAll(/\{(\w+)\}/g, ":$1(^.+$)");
}

function matchOf(route: RouteNode, params: Readonly<Record<string, string | undefined>>): RouteMatch {
  const greedyName = GREEDY_NAME.exec(route.path)?.[1] ?? "proxy";
  const pathParameters = Object.entries(params).map(([name, value]) => [name === "*" ? greedyName : name, value ?? ""]);
  return {
    route,
    routeKey: isDefault(route) ? "$default" : `${route.method} ${route.path}`,
    pathParameters: Object.fromEntries(pathParameters),
  };
}
