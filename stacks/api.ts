import { answerQuestions, answerReads, describeApi, takeAccounts } from "./answers.ts";
import { operatorTokens, pageOrigins } from "./callers.ts";
import { ingestPrices } from "./prices.ts";
import { planStage } from "./stage.ts";
import { authorizeTraders, issueTokens } from "./tokens.ts";

const plan = planStage($app.stage);

/**
 * How a caller shows who he is: by SigV4, by a token of the operators' OIDC issuer, or by a token of ours. API Gateway
 * allows one way per route, so that there is one HTTP API, a door, for each way.
 */
type Door = "backend" | "operators" | "traders";

/** The functions behind the routes that this file declares. */
const functions = {
  AnswerReads: answerReads,
  AnswerQuestions: answerQuestions,
  TakeAccounts: takeAccounts,
  IssueTokens: issueTokens,
  DescribeApi: describeApi,
};
type FunctionName = keyof typeof functions;

interface RouteDefinition {
  readonly key: string;
  readonly function: FunctionName;
  /** The doors that have the route. By default it is all of them. */
  readonly doors?: readonly Door[];
  /** With `anyone` nobody is asked who he is. By default the caller is asked as the door does. */
  readonly callers?: "anyone";
}

/**
 * The routes of all doors, apart from `POST /v1/quotes`. Which role may use a route, and for which account, is decided
 * by the function, which answers what it does not know with a problem.
 */
const routes: readonly RouteDefinition[] = [
  { key: "ANY /v1/{proxy+}", function: "AnswerReads" },
  { key: "GET /v1/health", function: "AnswerReads", callers: "anyone" },
  { key: "GET /v1/openapi.json", function: "DescribeApi", callers: "anyone" },
  ...["scenarios", "explain", "ladder", "cures", "positions"].map((question) => ({
    key: `GET /v1/accounts/{id}/${question}`,
    function: "AnswerQuestions" as const,
  })),
  { key: "GET /v1/methods", function: "AnswerQuestions" },
  { key: "POST /v1/margin/simulate", function: "AnswerQuestions" },
  { key: "POST /v1/margin/simulate/batch", function: "AnswerQuestions" },
  { key: "POST /v1/orders/check", function: "AnswerQuestions" },
  { key: "PUT /v1/accounts/{id}", function: "TakeAccounts", doors: ["backend"] },
  { key: "POST /v1/accounts/{id}/events", function: "TakeAccounts", doors: ["backend"] },
  { key: "POST /v1/tokens", function: "IssueTokens", doors: ["backend"] },
];

/** How long API Gateway keeps what the authorizer of traders said, by token. Functions look at the expiry themselves. */
const AUTHORIZER_RESULT_TTL = "60 seconds";

/**
 * What a line of the access log holds. It names neither a caller nor an account: no address, no agent, and the key of
 * the route in place of the path. The values without quotes are numbers.
 */
const accessLogFields = {
  requestTime: '"$context.requestTime"',
  requestId: '"$context.requestId"',
  routeKey: '"$context.routeKey"',
  status: "$context.status",
  responseLatency: "$context.responseLatency",
  integrationStatus: '"$context.integration.status"',
  integrationLatency: '"$context.integration.latency"',
  error: '"$context.error.responseType"',
};

const backendApi = createApi("Api", "backend");
const operatorApi = operatorTokens && createApi("OperatorApi", "operators");
const traderApi = createApi("TraderApi", "traders");

// SST's component declares this route. Stages have it from before there were doors, and API Gateway refuses a second
// route of the same key while the first exists.
backendApi.route("POST /v1/quotes", ingestPrices.arn, { auth: { iam: true } });
addRoutes("Api", backendApi, "backend", { authorizationType: "AWS_IAM" });

if (operatorApi && operatorTokens) {
  const { issuer, audience } = operatorTokens;
  const { id } = operatorApi.addAuthorizer({ name: "Operators", jwt: { issuer, audiences: [audience] } });
  addRoutes("OperatorApi", operatorApi, "operators", { authorizationType: "JWT", authorizerId: id });
}

const { id: traderAuthorizerId } = traderApi.addAuthorizer({
  name: "Traders",
  lambda: { function: authorizeTraders.arn, response: "simple", payload: "2.0", ttl: AUTHORIZER_RESULT_TTL },
});
addRoutes("TraderApi", traderApi, "traders", { authorizationType: "CUSTOM", authorizerId: traderAuthorizerId });

/** The doors of the stage, by their names. */
export const apis: Readonly<Record<string, sst.aws.ApiGatewayV2>> = {
  Api: backendApi,
  ...(operatorApi && { OperatorApi: operatorApi }),
  TraderApi: traderApi,
};

function createApi(name: string, door: Door): sst.aws.ApiGatewayV2 {
  const format = `{${Object.entries({ ...accessLogFields, door: `"${door}"` })
    .map(([field, value]) => `"${field}":${value}`)
    .join(",")}}`;
  return new sst.aws.ApiGatewayV2(name, {
    cors: corsOf(door),
    accessLog: { retention: plan.logRetention },
    transform: {
      stage: (stage) => {
        stage.accessLogSettings = $output(stage.accessLogSettings).apply((settings) => ({
          destinationArn: "",
          ...settings,
          format,
        }));
        // The limits hold for each route. Limits of a single route are refused while that route does not exist yet.
        stage.defaultRouteSettings = {
          throttlingRateLimit: plan.requestsPerSecond,
          throttlingBurstLimit: plan.requestBurst,
        };
      },
    },
  });
}

/** The back end is a machine and no page. The other doors are open to pages that the environment names. */
function corsOf(door: Door) {
  if (door === "backend" || pageOrigins.length === 0) return false;
  return {
    allowOrigins: pageOrigins,
    allowMethods: ["GET", "POST"] as ("GET" | "POST")[],
    allowHeaders: ["authorization", "content-type", "if-none-match"],
    exposeHeaders: ["etag", "ratelimit", "ratelimit-policy", "retry-after"],
    maxAge: "1 hour" as const,
  };
}

type Authorization = Pick<aws.apigatewayv2.RouteArgs, "authorizationType" | "authorizerId">;

/** Adds the routes of a door, with one integration and one permission for each function, however many routes it has. */
function addRoutes(name: string, api: sst.aws.ApiGatewayV2, door: Door, authorization: Authorization): void {
  const { id: apiId, executionArn } = api.nodes.api;
  const targets = new Map<FunctionName, $util.Output<string>>();
  const own = routes.filter(({ doors }) => doors === undefined || doors.includes(door));
  // Otherwise the route of any method would take the preflight of a page and ask it who it is.
  const preflight: RouteDefinition = { key: "OPTIONS /v1/{proxy+}", function: "DescribeApi", callers: "anyone" };
  const all = corsOf(door) === false ? own : [...own, preflight];
  for (const { key, function: functionName, callers } of all) {
    const target = targets.get(functionName) ?? integrate(functionName);
    targets.set(functionName, target);
    new aws.apigatewayv2.Route(`${name}${routeName(key)}`, {
      apiId,
      routeKey: key,
      target,
      ...(callers === "anyone" ? { authorizationType: "NONE" } : authorization),
    });
  }

  function integrate(functionName: FunctionName): $util.Output<string> {
    const prefix = `${name}${functionName}`;
    const { arn } = functions[functionName];
    const permission = new aws.lambda.Permission(`${prefix}Permission`, {
      action: "lambda:InvokeFunction",
      function: arn,
      principal: "apigateway.amazonaws.com",
      sourceArn: $interpolate`${executionArn}/*`,
    });
    const integration = new aws.apigatewayv2.Integration(
      `${prefix}Integration`,
      { apiId, integrationType: "AWS_PROXY", integrationUri: arn, payloadFormatVersion: "2.0" },
      { dependsOn: [permission] },
    );
    return $interpolate`integrations/${integration.id}`;
  }
}

/** `GET /v1/accounts/{id}/cures` becomes `GetV1AccountsIdCures`. */
function routeName(key: string): string {
  return key
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
}
