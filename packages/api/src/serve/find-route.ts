import type { Route } from "../contract/route.ts";

/** What a path leads to: a route with the values of its `{names}`, or nothing, or a path that has other methods. */
export type Found =
  | { readonly kind: "route"; readonly route: Route; readonly params: Readonly<Record<string, string>> }
  | { readonly kind: "no_path" }
  | { readonly kind: "no_method"; readonly methods: readonly string[] };

/**
 * Finds the route of a request. A literal part of a path comes before a `{name}`, and must be spelled as it is: the
 * gateway chooses the function by it, so that an escaped spelling would lead to a function without the route.
 */
export function findRoute(routes: readonly Route[], method: string, path: string): Found {
  const parts = path.split("/");
  const fitting = routes.flatMap((route) => {
    const pattern = route.path.split("/");
    const params = matchParts(pattern, route.takesRest ? withRest(parts, pattern.length) : parts);
    return params === null ? [] : [{ route, params }];
  });
  const literal = Math.min(...fitting.map(({ params }) => Object.keys(params).length));
  const nearest = fitting.filter(({ params }) => Object.keys(params).length === literal);
  const found = nearest.find(({ route }) => route.method === method);
  if (found !== undefined) return { kind: "route", ...found };
  if (nearest.length === 0) return { kind: "no_path" };
  return { kind: "no_method", methods: nearest.map(({ route }) => route.method) };
}

/** Joins the last parts of a path, so that there are no more than the pattern has. */
function withRest(parts: readonly string[], count: number): readonly string[] {
  return parts.length <= count ? parts : [...parts.slice(0, count - 1), parts.slice(count - 1).join("/")];
}

function matchParts(pattern: readonly string[], parts: readonly string[]): Record<string, string> | null {
  if (pattern.length !== parts.length) return null;
  const params: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const part = parts[index] ?? "";
    const name = /^\{(\w+)\}$/.exec(expected)?.[1];
    if (name === undefined) {
      if (part !== expected) return null;
      continue;
    }
    const value = decoded(part);
    if (value === null) return null;
    params[name] = value;
  }
  return params;
}

function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}
