import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { answerToken, type Role, roles, routes, type ServedBy } from "@plimsoll/api";
import { apiHandler, type Handler } from "@plimsoll/runtime";
import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { type Asker, ask, createRequestsTable } from "./api.ts";
import { lambdaContext, startTestStage, type TestStage } from "./stage.ts";
import { accountState, btcQuotes, openMs, quoteBatchOf, quoteRequest, tick } from "./venue.ts";

type ApiHandlers = Readonly<Record<ServedBy, Handler<unknown, APIGatewayProxyStructuredResultV2>>>;

/** The token that stands for a trader's account at the little server. */
export const traderToken = (accountId: string) => `trader.${accountId}`;

/** Imports the real handlers of the API. Tokens are those of the little server, which verifies none. */
async function importApiHandlers(nowMs: () => number): Promise<ApiHandlers> {
  const issueToken = async ({ accountId, seconds }: { readonly accountId: string; readonly seconds: number }) => ({
    token: traderToken(accountId),
    expiresAtMs: nowMs() + seconds * 1_000,
  });
  return {
    "answer-reads": (await import("../../functions/answer-reads.ts")).handler,
    "answer-questions": (await import("../../functions/answer-questions.ts")).handler,
    "take-accounts": (await import("../../functions/take-accounts.ts")).handler,
    "describe-api": (await import("../../functions/describe-api.ts")).handler,
    "ingest-prices": (await import("../../functions/ingest-prices.ts")).handler,
    "issue-tokens": apiHandler([answerToken], () => ({ issueToken })),
  };
}

/** An HTTP server that hands requests to the handlers of the API, as the gateway does. */
export interface ApiServer {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts the server. A bearer token is the name of a role, or that of `traderToken`; a request with a signature is the
 * back end's. Signatures are not verified.
 */
async function startApiServer(handlers: ApiHandlers, nowMs: () => number): Promise<ApiServer> {
  const server = createServer((request, response) => {
    answer(request, response, handlers, nowMs()).catch((error: unknown) => response.destroy(error as Error));
  });
  // A test that keeps this process busy must not find its connection closed.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, handlers: ApiHandlers, atMs: number) {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://127.0.0.1");
  const found = routes.find(({ method, path }) => method === request.method && patternOf(path).test(pathname));
  const as = askerOf(request.headers.authorization);
  const refuse = (status: number, message: string) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ message }));
  const bytes = await buffer(request);
  if (found === undefined) return refuse(404, "Not Found");
  if (as === undefined || (as === "anyone" && found.allowed.length > 0)) return refuse(401, "Unauthorized");
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
  const answered = await ask(handlers[found.servedBy], `${request.method} ${pathname}`, {
    as,
    atMs,
    headers,
    ...(searchParams.size > 0 && { query: Object.fromEntries(searchParams) }),
    ...(bytes.length > 0 && { bytes }),
  });
  return response
    .writeHead(answered.status, { ...answered.headers })
    .end(answered.body === null ? undefined : JSON.stringify(answered.body));
}

const patternOf = (path: string) => new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`);

/** Who a header stands for; undefined if it stands for nobody, as an expired token does. */
function askerOf(authorization: string | undefined): Asker | undefined {
  if (authorization === undefined) return "anyone";
  if (authorization.startsWith("AWS4-HMAC-SHA256 ")) return "backend";
  const [, token = ""] = /^Bearer (.+)$/.exec(authorization) ?? [];
  if (token.startsWith(traderToken(""))) return { trader: token.slice(traderToken("").length) };
  return roles.find((role): role is Exclude<Role, "trader"> => role === token && role !== "trader");
}

/** A stage whose API is served, with two accounts that a sweep has margined: `safe` and `short`, which is warned. */
export interface ApiStage extends ApiServer {
  readonly stage: TestStage;
}

/** Time at which the requests of the stage arrive. */
const askedMs = openMs + 5_000;

export async function startApiStage(): Promise<ApiStage> {
  const stage = await startTestStage();
  await createRequestsTable(stage);
  const nowMs = () => askedMs;
  const handlers = await importApiHandlers(nowMs);
  const { onSchedule } = await import("../../functions/start-sweep.ts");
  const quotes = quoteRequest(quoteBatchOf(btcQuotes(70_000), openMs), openMs);
  await handlers["ingest-prices"](quotes, lambdaContext("IngestPrices"));
  for (const state of [
    accountState("safe", "100000", []),
    accountState("short", "7500", [{ id: "BTC_USD-PERPETUAL", quantity: "-1", entry: "70000" }]),
  ]) {
    await ask(handlers["take-accounts"], `PUT /v1/accounts/${state.account_id}`, { body: state, atMs: openMs });
  }
  await stage.consume("AccountEvents", (await import("../../functions/ingest-accounts.ts")).handler);
  await onSchedule(tick(openMs), lambdaContext("StartSweepOnSchedule"));
  await stage.consume("ShardWork", (await import("../../functions/compute-shard.ts")).handler, { batchSize: 1 });
  const server = await startApiServer(handlers, nowMs);
  return {
    ...server,
    stage,
    async stop() {
      await server.stop();
      await stage.stop();
    },
  };
}
