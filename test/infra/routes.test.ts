import { roles, routes } from "@plimsoll/api";
import type { StageGraph } from "@plimsoll/local";
import { beforeAll, describe, expect, it } from "vitest";
import { createRouteFinder } from "../../packages/local/src/triggers/http-route.ts";
import { graphOf, named } from "../support/stages.ts";

/** The door by which each role comes in. */
const doorOf = {
  backend: "Api",
  viewer: "OperatorApi",
  risk: "OperatorApi",
  admin: "OperatorApi",
  trader: "TraderApi",
};

/** A path of a route as somebody asks for it. */
const asked = (path: string) => path.replaceAll(/\{\w+\}/g, "x1");

describe("the doors and the table of routes", () => {
  let graph: StageGraph;
  beforeAll(async () => {
    graph = await graphOf("local");
  });

  const functionBehind = (door: string, method: string, path: string) => {
    const find = createRouteFinder(graph.routes.filter(({ api }) => api === door));
    const match = find(method, asked(path));
    return match && named(graph.functions, match.route.functionName).handler;
  };

  it.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))(
    "%s leads every role that may use it to the function that serves it",
    (_, { method, path, allowed, servedBy }) => {
      const doors = new Set((allowed.length === 0 ? roles : allowed).map((role) => doorOf[role]));
      const behind = [...doors].map((door) => functionBehind(door, method, path));
      expect(behind).toEqual([...doors].map(() => `functions/${servedBy}.handler`));
    },
  );

  it("leads everyone else, and to what is no route, to a function that answers with a problem", () => {
    for (const door of new Set(Object.values(doorOf))) {
      expect(functionBehind(door, "DELETE", "/v1/accounts/{id}")).toBe("functions/answer-reads.handler");
      expect(functionBehind(door, "GET", "/v1/nothing")).toBe("functions/answer-reads.handler");
    }
    expect(functionBehind("TraderApi", "PUT", "/v1/accounts/{id}")).toBe("functions/answer-reads.handler");
  });
});
