import { describe, expect, it } from "vitest";
import { findRoute, parseRoutes } from "../../packages/local/src/triggers/http-route.ts";

const routes = parseRoutes(
  [
    ["ANY", "/{proxy+}"],
    ["GET", "/v1/accounts/{id}"],
    ["GET", "/v1/accounts/latest"],
    ["ANY", "/v1/accounts/latest"],
    ["POST", "/v1/quotes"],
    ["GET", "/v1/accounts/{id}/history/{day}"],
  ].map(([method = "", path = ""]) => ({ method, path, functionName: `${method} ${path}`, authorization: "NONE" })),
);

describe("routes", () => {
  it.each([
    ["GET", "/v1/accounts/a%2Fb", "GET /v1/accounts/{id}", { id: "a/b" }],
    ["GET", "/v1/accounts/latest", "GET /v1/accounts/latest", {}],
    ["PUT", "/v1/accounts/latest", "ANY /v1/accounts/latest", {}],
    ["POST", "/v1/quotes", "POST /v1/quotes", {}],
    ["GET", "/v1/accounts/7/history/5", "GET /v1/accounts/{id}/history/{day}", { id: "7", day: "5" }],
    ["DELETE", "/v1/quotes/x", "ANY /{proxy+}", { proxy: "v1/quotes/x" }],
  ])("%s %s goes to %s", (method, path, routeKey, pathParameters) => {
    expect(findRoute(routes, method, path)).toMatchObject({ routeKey, pathParameters });
  });

  it("falls back to $default, and to nothing", () => {
    const fallback = parseRoutes([
      { method: "$default", path: "$default", functionName: "Any", authorization: "NONE" },
      { method: "GET", path: "/", functionName: "Root", authorization: "NONE" },
    ]);
    expect(findRoute(fallback, "GET", "/")).toMatchObject({ routeKey: "GET /" });
    expect(findRoute(fallback, "POST", "/x/y")).toMatchObject({ routeKey: "$default" });
    expect(findRoute(routes.slice(0, 1), "GET", "/v1/quotes")).toBeUndefined();
  });
});
