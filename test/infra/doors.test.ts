import type { RouteNode, StageGraph } from "@plimsoll/local";
import { evaluateStacks } from "@plimsoll/local";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { stages } from "../support/evaluate-stages.ts";
import { graphOf, named } from "../support/stages.ts";

/** Routes of every door, with the function behind each. */
const common = {
  "ANY /v1/{proxy+}": "AnswerReads",
  "GET /v1/accounts/{id}/cures": "AnswerQuestions",
  "GET /v1/accounts/{id}/explain": "AnswerQuestions",
  "GET /v1/accounts/{id}/ladder": "AnswerQuestions",
  "GET /v1/accounts/{id}/positions": "AnswerQuestions",
  "GET /v1/accounts/{id}/scenarios": "AnswerQuestions",
  "GET /v1/methods": "AnswerQuestions",
  "POST /v1/margin/simulate": "AnswerQuestions",
  "POST /v1/margin/simulate/batch": "AnswerQuestions",
  "POST /v1/orders/check": "AnswerQuestions",
};

/** Routes that only the back end has. */
const ofBackend = {
  "POST /v1/accounts/{id}/events": "TakeAccounts",
  "POST /v1/quotes": "IngestPrices",
  "POST /v1/tokens": "IssueTokens",
  "PUT /v1/accounts/{id}": "TakeAccounts",
};

/** Routes on which nobody is asked who he is. */
const open = { "GET /v1/health": "AnswerReads", "GET /v1/openapi.json": "DescribeApi" };

/** The routes of an API, as what each asks, its key and its function. */
function routesOf(graph: StageGraph, api: string): string[] {
  return graph.routes
    .filter((route) => route.api === api)
    .map(({ authorization, method, path, functionName }) => `${authorization} ${method} ${path} ${functionName}`)
    .sort();
}

function lines(authorization: RouteNode["authorization"], routes: Readonly<Record<string, string>>): string[] {
  return Object.entries(routes).map(([key, functionName]) => `${authorization} ${key} ${functionName}`);
}

const inputsOf = (graph: StageGraph, type: string) =>
  graph.resources.filter((resource) => resource.type === `aws:apigatewayv2/${type}`).map(({ inputs }) => inputs);

const operators = {
  PLIMSOLL_OPERATOR_ISSUER: "https://login.example.com/",
  PLIMSOLL_OPERATOR_AUDIENCE: "plimsoll-pr",
};

function evaluateWith(environment: Readonly<Record<string, string>>, stage = "pr-7"): Promise<StageGraph> {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  return evaluateStacks({ stage, bundles: "skip" });
}

afterEach(() => vi.unstubAllEnvs());

describe.each(stages)("the doors of %s", (stage) => {
  let graph: StageGraph;
  beforeAll(async () => {
    graph = await graphOf(stage);
  });

  it("ask the back end for a signature on every route but two", () => {
    const expected = [...lines("AWS_IAM", { ...common, ...ofBackend }), ...lines("NONE", open)];
    expect(routesOf(graph, "Api")).toEqual(expected.sort());
  });

  it("ask traders for a token on every route but two, and have nothing of the back end's", () => {
    expect(routesOf(graph, "TraderApi")).toEqual([...lines("CUSTOM", common), ...lines("NONE", open)].sort());
    for (const { authorization, authorizer } of graph.routes.filter(({ api }) => api === "TraderApi")) {
      const expected = { type: "REQUEST", functionName: "AuthorizeTraders", resultTtlSeconds: 60 };
      expect(authorizer).toEqual(authorization === "NONE" ? null : expected);
    }
    expect(inputsOf(graph, "authorizer:Authorizer")).toContainEqual(
      expect.objectContaining({
        authorizerType: "REQUEST",
        identitySources: ["$request.header.Authorization"],
        authorizerPayloadFormatVersion: "2.0",
        enableSimpleResponses: true,
      }),
    );
  });

  it("are two where no issuer of operators is named, and the local stage has its own", () => {
    const operatorDoor = stage === "local" ? ["OperatorApi"] : [];
    expect(graph.apis.map(({ logicalName }) => logicalName)).toEqual(["Api", ...operatorDoor, "TraderApi"]);
    expect(routesOf(graph, "OperatorApi")).toHaveLength(
      stage === "local" ? Object.keys({ ...common, ...open }).length : 0,
    );
    expect(graph.outputs.operatorApi !== undefined).toBe(stage === "local");
  });

  it("throttle by stage, on every API alike", () => {
    const [rate, burst] = stage === "production" ? [1_000, 2_000] : [50, 100];
    const settings = inputsOf(graph, "stage:Stage").map(({ defaultRouteSettings }) => defaultRouteSettings);
    expect(settings).toEqual(graph.apis.map(() => ({ throttlingRateLimit: rate, throttlingBurstLimit: burst })));
  });

  it("log what happened and not whose account, from where, or by which agent", () => {
    const logs = inputsOf(graph, "stage:Stage").map(({ accessLogSettings }) => accessLogSettings as AccessLog);
    const doors = graph.apis.map(({ logicalName }) => doorNames[logicalName]);
    expect(logs).toHaveLength(doors.length);
    for (const [index, { format, destinationArn }] of logs.entries()) {
      expect(destinationArn).toContain(`:log-group:/aws/vendedlogs/apis/plimsoll-${stage}-`);
      // API Gateway puts a number in place of each variable without quotes.
      expect(JSON.parse(format.replaceAll(/:(\$context\.\w+(\.\w+)*)/g, ':"number $1"'))).toEqual({
        requestTime: "$context.requestTime",
        requestId: "$context.requestId",
        routeKey: "$context.routeKey",
        status: "number $context.status",
        responseLatency: "number $context.responseLatency",
        integrationStatus: "$context.integration.status",
        integrationLatency: "$context.integration.latency",
        error: "$context.error.responseType",
        door: doors[index],
      });
    }
  });

  it("answer no page of another origin", () => {
    expect(graph.apis.filter(({ cors }) => cors !== null)).toEqual([]);
    expect(graph.routes.filter(({ method }) => method === "OPTIONS")).toEqual([]);
  });

  it("have one key for tokens, which signs, and whose loss is noticed in time", () => {
    const [key, ...others] = graph.keys;
    expect(others).toEqual([]);
    expect(key).toMatchObject({
      logicalName: "TokenKey1",
      keyUsage: "SIGN_VERIFY",
      keySpec: "RSA_2048",
      deletionWindowDays: stage === "production" ? 30 : 7,
    });
    const linked = (name: string, link: string) => named(graph.functions, name).environment[`SST_RESOURCE_${link}`];
    expect(JSON.parse(linked("IssueTokens", "TokenSigningKey") ?? "")).toMatchObject({ keyId: key?.keyId });
    expect(JSON.parse(linked("AuthorizeTraders", "TokenKeys") ?? "")).toMatchObject({ keyIds: [key?.keyId] });
  });

  it("and all else that a user must know are told at the end of a deployment", () => {
    const { operatorApi: _, ...outputs } = graph.outputs;
    const url = (api: string) => `https://plimsoll-${stage}-${api}Api.execute-api.us-east-1.amazonaws.com`;
    expect(outputs).toEqual({
      region: "us-east-1",
      api: url("Api"),
      traderApi: url("TraderApi"),
      accountEventsQueue: named(graph.queues, "AccountEvents").url,
      rejectsQueue: named(graph.queues, "Rejects").url,
      operatorCallsTopic: named(graph.topics, "OperatorCalls").arn,
      accountStateRequestsTopic: named(graph.topics, "AccountStateRequests").arn,
      operatorAlarmsTopic: named(graph.topics, "OperatorAlarms").arn,
      ledgerTable: named(graph.tables, "Ledger").name,
      marketTable: named(graph.tables, "Market").name,
      marginTable: named(graph.tables, "Margin").name,
    });
  });
});

interface AccessLog {
  readonly format: string;
  readonly destinationArn: string;
}

const doorNames: Readonly<Record<string, string>> = {
  Api: "backend",
  OperatorApi: "operators",
  TraderApi: "traders",
};

describe("a stage with an issuer of operators' tokens", () => {
  it("has a door that asks for those tokens, and tells functions where the roles are", async () => {
    const graph = await evaluateWith({ ...operators, PLIMSOLL_ROLES_CLAIM: "https://example.com/roles" });
    expect(routesOf(graph, "OperatorApi")).toEqual([...lines("JWT", common), ...lines("NONE", open)].sort());
    for (const { authorization, authorizer } of graph.routes.filter(({ api }) => api === "OperatorApi")) {
      const expected = { type: "JWT", issuer: "https://login.example.com/", audiences: ["plimsoll-pr"] };
      expect(authorizer).toEqual(authorization === "NONE" ? null : expected);
    }
    const settings = named(graph.functions, "AnswerReads").environment.SST_RESOURCE_StageSettings ?? "";
    expect(JSON.parse(settings)).toMatchObject({ rolesClaim: "https://example.com/roles" });
    expect(graph.outputs.operatorApi).toContain("OperatorApi");
    expect(named(graph.alarms, "OperatorApiServerErrors").metricName).toBe("5xx");
  });

  it("has none where the variables are empty, as a workflow leaves those that nobody has set", async () => {
    const unset = { PLIMSOLL_OPERATOR_ISSUER: "", PLIMSOLL_OPERATOR_AUDIENCE: "" };
    const graph = await evaluateWith({ ...unset, PLIMSOLL_ROLES_CLAIM: "", PLIMSOLL_CORS_ORIGINS: "" });
    const { routes, functions } = await graphOf("pr-7");
    expect({ routes: graph.routes, functions: graph.functions }).toEqual({ routes, functions });
  });

  it("is not the local stage's business, which signs those tokens itself", async () => {
    const graph = await evaluateWith({ ...operators, PLIMSOLL_ROLES_CLAIM: "other" }, "local");
    const given = await graphOf("local");
    expect({ routes: graph.routes, functions: graph.functions }).toEqual({
      routes: given.routes,
      functions: given.functions,
    });
  });

  it.each([
    [{ PLIMSOLL_OPERATOR_ISSUER: operators.PLIMSOLL_OPERATOR_ISSUER }, /PLIMSOLL_OPERATOR_AUDIENCE is "": set both/],
    [{ PLIMSOLL_OPERATOR_AUDIENCE: "plimsoll" }, /PLIMSOLL_OPERATOR_ISSUER is "" and .*"plimsoll": set both/],
    [
      { ...operators, PLIMSOLL_OPERATOR_ISSUER: "login" },
      /PLIMSOLL_OPERATOR_ISSUER is "login": give the issuer's address/,
    ],
    [{ ...operators, PLIMSOLL_OPERATOR_ISSUER: "http://login.example.com" }, /is "http:\/\/login.example.com": give/],
    [{ PLIMSOLL_CORS_ORIGINS: "*" }, /PLIMSOLL_CORS_ORIGINS has "\*": name each origin/],
    [{ PLIMSOLL_CORS_ORIGINS: "https://a.example, https://b.example/" }, /PLIMSOLL_CORS_ORIGINS has "https:\/\/b/],
  ])("is refused with settings that do not say what is meant: %j", async (environment, message) => {
    await expect(evaluateWith(environment)).rejects.toThrow(message);
  });
});

describe("a stage that names origins of pages", () => {
  it("answers them at the doors of operators and traders, with a preflight that asks nobody, and not at the back end's", async () => {
    const graph = await evaluateWith({
      ...operators,
      PLIMSOLL_CORS_ORIGINS: "https://desk.example.com, http://localhost:5173",
    });
    const cors = {
      allowOrigins: ["https://desk.example.com", "http://localhost:5173"],
      allowMethods: ["GET", "POST"],
      allowHeaders: ["authorization", "content-type", "if-none-match"],
      exposeHeaders: ["etag", "ratelimit", "ratelimit-policy", "retry-after"],
      maxAgeSeconds: 3_600,
    };
    expect(graph.apis).toEqual([
      { logicalName: "Api", cors: null },
      { logicalName: "OperatorApi", cors },
      { logicalName: "TraderApi", cors },
    ]);
    const preflights = graph.routes.filter(({ method }) => method === "OPTIONS");
    const preflight = { path: "/v1/{proxy+}", functionName: "DescribeApi", authorization: "NONE", authorizer: null };
    expect(preflights).toEqual([
      expect.objectContaining({ ...preflight, api: "OperatorApi" }),
      expect.objectContaining({ ...preflight, api: "TraderApi" }),
    ]);
  });
});
