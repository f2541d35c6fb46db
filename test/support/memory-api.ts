import { RateLimiter, type Route, routes, type ServedBy } from "@plimsoll/api";
import type { Handler } from "@plimsoll/runtime";
import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { type KmsEmulator, startKms } from "../../packages/local/src/emulators/kms.ts";
import { openKeys, type PrivateKeys } from "../../packages/local/src/keys.ts";
import { createRequestsTable } from "./api.ts";
import { memoryServices } from "./services.ts";
import { lambdaContext, startTestStage, type TestStage, testSettings } from "./stage.ts";
import { accountState, btcQuotes, openMs, quoteBatchOf, quoteRequest, tick } from "./venue.ts";

/** The accounts of the stage. `absent` has none, `fresh` came after the sweep, and `stuck` cannot be margined. */
export const accounts = {
  own: "own-7f3a",
  foreign: "foreign-9c1d",
  fresh: "fresh-2b8e",
  stuck: "stuck-8e2a",
  absent: "absent-4d6f",
} as const;

/** What only the foreign account holds, in figures and names that nothing else has. */
export const foreignMarks = ["98761.4321", "71234.5678", "0.330170917", "sealed-order-51", "sealedpool"] as const;

/** Time at which requests arrive, in milliseconds since 1970. */
export const askedMs = openMs + 5_000;

type Handlers = Readonly<Record<ServedBy, Handler<unknown, APIGatewayProxyStructuredResultV2>>>;

/** The handlers of the whole API on tables in memory, with accounts that a sweep has margined. */
export interface MemoryApi {
  readonly stage: TestStage;
  readonly handlers: Handlers;
  readonly authorize: Handler<unknown, { readonly isAuthorized: boolean; readonly context: object }>;
  readonly ingestAccounts: Parameters<TestStage["consume"]>[1];
  /** The private keys by which tokens are signed. */
  readonly keys: PrivateKeys;
  /** Gives all callers their units back. */
  forgetLimits(): void;
  stop(): Promise<void>;
}

/** Functions that only the door of the back end leads to. */
const backendOnly: readonly ServedBy[] = ["take-accounts", "issue-tokens", "ingest-prices"];

/** Returns the function that the gateway leads a request to, which is that of most reads unless a route is declared. */
export function leadsTo(method: string, path: string, isBackend: boolean): ServedBy {
  const parts = path.split("/");
  const fits = (route: Route) => {
    const pattern = route.path.split("/");
    const isAlike = pattern.every(
      (part, index) => part === parts[index] || (part.startsWith("{") && parts[index] !== ""),
    );
    return route.method === method && pattern.length === parts.length && isAlike;
  };
  const found = routes.find(fits);
  if (found === undefined || (backendOnly.includes(found.servedBy) && !isBackend)) return "answer-reads";
  return found.servedBy;
}

/** The keys of tokens: those of the stage, the first of which signs, and one of another stage. */
export const tokenKeys = { own: ["newer", "older"], other: "of-another-stage" } as const;

async function linkKeys(): Promise<{ readonly keys: PrivateKeys; readonly kms: KmsEmulator }> {
  const keyIds = [...tokenKeys.own, tokenKeys.other];
  const keys = await openKeys(keyIds, undefined);
  const nodes = keyIds.map((keyId) => ({
    logicalName: keyId,
    keyId,
    arn: `arn:aws:kms:eu-west-1:000000000000:key/${keyId}`,
    keyUsage: "SIGN_VERIFY" as const,
    keySpec: "RSA_2048" as const,
    deletionWindowDays: 7,
  }));
  const kms = await startKms(nodes, keys);
  process.env.AWS_ENDPOINT_URL_KMS = kms.endpoint;
  process.env.SST_RESOURCE_TokenSigningKey = JSON.stringify({ keyId: tokenKeys.own[0] });
  process.env.SST_RESOURCE_TokenKeys = JSON.stringify({ keyIds: tokenKeys.own });
  return { keys, kms };
}

/** Starts the API of a stage in this process. Both accounts of the sweep have a margin call and a pool of their own. */
export async function startMemoryApi(): Promise<MemoryApi> {
  const stage = await startTestStage(
    testSettings,
    memoryServices(() => askedMs),
  );
  await createRequestsTable(stage);
  const { keys, kms } = await linkKeys();
  const handlers: Handlers = {
    "answer-reads": (await import("../../functions/answer-reads.ts")).handler,
    "answer-questions": (await import("../../functions/answer-questions.ts")).handler,
    "take-accounts": (await import("../../functions/take-accounts.ts")).handler,
    "describe-api": (await import("../../functions/describe-api.ts")).handler,
    "ingest-prices": (await import("../../functions/ingest-prices.ts")).handler,
    "issue-tokens": (await import("../../functions/issue-tokens.ts")).handler,
  };
  const { handler: ingestAccounts } = await import("../../functions/ingest-accounts.ts");
  const { handler: authorize } = await import("../../functions/authorize-traders.ts");
  await handlers["ingest-prices"](
    quoteRequest(quoteBatchOf(btcQuotes(70_000), openMs), openMs),
    lambdaContext("IngestPrices"),
  );
  for (const state of [ownState, foreignState, stuckState]) await stage.send("AccountEvents", state);
  await stage.consume("AccountEvents", ingestAccounts);
  const { onSchedule } = await import("../../functions/start-sweep.ts");
  await onSchedule(tick(openMs), lambdaContext("StartSweepOnSchedule"));
  const { handler: computeShard } = await import("../../functions/compute-shard.ts");
  await stage.consume("ShardWork", computeShard, { batchSize: 1 });
  await stage.send("AccountEvents", accountState(accounts.fresh, "1000", []));
  await stage.consume("AccountEvents", ingestAccounts);
  const { warm } = await import("@plimsoll/runtime");
  return {
    stage,
    handlers,
    authorize,
    ingestAccounts,
    keys,
    forgetLimits: () => warm(RateLimiter).clear(),
    async stop() {
      await kms.stop();
      await stage.stop();
    },
  };
}

const isolated = (pool_id: string, quantity: string, entry_price: string) => ({
  pool_id,
  pool_kind: "isolated",
  pool_currency: "USD",
  method_id: "portfolio",
  collateral: [{ asset: "USD", amount: "20000" }],
  positions: [{ instrument_id: "BTC_USD-PERPETUAL", quantity, entry_price }],
});

const order = (order_id: string) => ({
  order_id,
  instrument_id: "BTC_USD-PERPETUAL",
  quantity: "-0.1",
  price: "70000",
});

const ownState = {
  ...accountState(accounts.own, "6900", [
    { id: "BTC_USD-PERPETUAL", quantity: "-1", entry: "70000" },
    { id: "BTC_USD-30D-80000-C", quantity: "0.5", entry: "1500" },
  ]),
  open_orders: [order("order-1")],
  pools: [isolated("p1", "1", "69000")],
};

const stuckState = accountState(accounts.stuck, "1000", [{ id: "ETH_USD-PERPETUAL", quantity: "1", entry: "3000" }]);

const foreignState = {
  ...accountState(accounts.foreign, "98761.4321", [
    { id: "BTC_USD-PERPETUAL", quantity: "-14.330170917", entry: "71234.5678" },
  ]),
  open_orders: [order("sealed-order-51")],
  pools: [isolated("sealedpool", "0.330170917", "71234.5678")],
};
