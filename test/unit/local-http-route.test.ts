import { describe, expect, it } from "vitest";
import { createRouteFinder } from "../../packages/local/src/triggers/http-route.ts";

const finderOf = (...routeKeys: string[]) =>
  createRouteFinder(
    routeKeys.map((routeKey) => {
      const [method = "", path = routeKey] = routeKey.split(" ");
      return { api: "Api", method, path, functionName: routeKey, authorization: "NONE", authorizer: null };
    }),
  );

const findRoute = finderOf(
  "ANY /{proxy+}",
  "GET /v1/accounts/{id}",
  "GET /v1/accounts/latest",
  "ANY /v1/accounts/latest",
  "POST /v1/quotes",
  "GET /v1/accounts/{id}/history/{day}",
  "GET /v1/accounts/{account}/pools/{rest+}",
);

describe("routes", () => {
  it.each([
    ["GET", "/v1/accounts/a%2Fb", "GET /v1/accounts/{id}", { id: "a/b" }],
    ["GET", "/v1/accounts/latest", "GET /v1/accounts/latest", {}],
    ["PUT", "/v1/accounts/latest", "ANY /v1/accounts/latest", {}],
    ["POST", "/v1/quotes", "POST /v1/quotes", {}],
    ["GET", "/v1/accounts/7/history/5", "GET /v1/accounts/{id}/history/{day}", { id: "7", day: "5" }],
    ["DELETE", "/v1/quotes/x", "ANY /{proxy+}", { proxy: "v1/quotes/x" }],
    ["GET", "/v1/accounts/7/pools/a/b", "GET /v1/accounts/{account}/pools/{rest+}", { account: "7", rest: "a/b" }],
    ["GET", "/v1/quotes", "ANY /{proxy+}", { proxy: "v1/quotes" }],
    ["GET", "/v1/accounts/latest/history", "ANY /{proxy+}", { proxy: "v1/accounts/latest/history" }],
    ["GET", `/v1/accounts/${"a".repeat(500)}`, "GET /v1/accounts/{id}", { id: "a".repeat(500) }],
    ["GET", "/v1/accounts/", "ANY /{proxy+}", { proxy: "v1/accounts/" }],
  ])("%s %s goes to %s", (method, path, routeKey, pathParameters) => {
    expect(findRoute(method, path)).toMatchObject({ routeKey, pathParameters, route: { functionName: routeKey } });
  });

  it("falls back to $default, and to nothing", () => {
    const withDefault = finderOf("$default", "GET /");
    expect(withDefault("GET", "/")).toMatchObject({ routeKey: "GET /" });
    expect(withDefault("POST", "/x/y")).toMatchObject({ routeKey: "$default", pathParameters: { proxy: "x/y" } });
    const alone = finderOf("GET /v1/accounts/latest");
    expect(alone("GET", "/v1/quotes")).toBeUndefined();
    expect(alone("POST", "/v1/accounts/latest")).toBeUndefined();
    expect(alone("GET", "/v1/accounts/latest/")).toBeUndefined();
    // What cannot be decoded is no path.
    expect(findRoute("GET", "/v1/accounts/%zz")).toBeUndefined();
  });
});
