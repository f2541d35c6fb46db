import createRouter from "find-my-way";
import type { RouteNode } from "../graph/stage-graph.ts";

/** The route that serves a request. */
export interface RouteMatch {
  readonly route: RouteNode;
  /** As in the stacks, for example `GET /v1/accounts/{id}`. */
  readonly routeKey: string;
  /** Decoded values of the path's `{names}`. */
  readonly pathParameters: Readonly<Record<string, string>>;
}

/** Finds the route for a method and a path, if there is one. */
export type RouteFinder = (method: string, path: string) => RouteMatch | undefined;

/** What ANY stands for in API Gateway's HTTP API. */
const ANY = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"] as const;

/** The name of a path's `{name+}`, which takes all that is left of a path. */
const GREEDY_NAME = /\{(\w+)\+\}$/;

/**
 * Serves routes as API Gateway does: the most specific path wins, a literal segment before a `{name}` and that before a
 * `{name+}`; of routes with one path a named method goes before ANY; `$default` takes what is left.
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
  // Paths that differ in the names of their parameters only are one path.
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

/** The router writes `:name` for `{name}`, with the pattern of what it takes, and a star for what is left. */
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
