import { importMarketFile } from "@plimsoll/markets";
import { toWire } from "@plimsoll/schema";
import { type Asked, ask, createRequestsTable } from "../support/api.ts";
import { memoryServices } from "../support/services.ts";
import { lambdaContext, startTestStage, testSettings } from "../support/stage.ts";
import { quoteRequest, tick } from "../support/venue.ts";
import { rounded } from "./rounded.ts";

/** Positions of the account that is asked about, and accounts beside it. */
const positionCount = 500;
const accountsBeside = 1_000;

const candidateCount = 1_000;

/** Most milliseconds of own work, and least times that a batch must be faster than single questions. */
const targets = { whatIfP99Ms: 5, marginP99Ms: 2, batchSpeedUp: 20 } as const;

const instruments = (chain: string) =>
  importMarketFile(chain).batch.quotes.filter((quote) => quote.kind === "option" || quote.kind === "future");

/**
 * Times the real handlers of the API on tables in memory: the margin of an account, what-ifs on a large account and a
 * batch of them. What is timed is the whole handler, with the tables' answers, which take no network here.
 */
export async function benchApi(chain: string) {
  const { batch } = importMarketFile(chain);
  const atMs = Date.parse(batch.observed_at);
  const stage = await startTestStage(
    testSettings,
    memoryServices(() => atMs),
  );
  await createRequestsTable(stage);
  const functions = await importHandlers();
  await functions.ingestPrices(quoteRequest(batch, atMs), lambdaContext("IngestPrices", 300_000));
  const held = instruments(chain).slice(0, positionCount);
  const large = stateOf("large", held, atMs);
  const beside = Array.from({ length: accountsBeside }, (_, index) => {
    return stateOf(`account-${index}`, held.slice(index % 400, (index % 400) + 20), atMs);
  });
  for (const state of [large, ...beside]) await stage.send("AccountEvents", state);
  await stage.consume("AccountEvents", functions.ingestAccounts);
  await functions.onSchedule(tick(atMs), lambdaContext("StartSweepOnSchedule", 300_000));
  await stage.consume("ShardWork", functions.computeShard, { batchSize: 1 });
  const fills = (index: number) => [{ instrument_id: held[index % held.length]!.instrument_id, quantity: "1" }];
  const whatIf = (index: number, call_prices: boolean): Asked => {
    return { atMs, body: { account_id: "large", changes: { fills: fills(index) }, call_prices }, name: nextName() };
  };
  let names = 0;
  const nextName = () => `backend-${names++}`;
  const read = (account: string) =>
    ask(functions.reads, `GET /v1/accounts/${account}/margin`, { atMs, name: nextName() });
  const simulate = (asked: Asked) => ask(functions.questions, "POST /v1/margin/simulate", asked);
  const margin = await times(2_000, (index) => read(`account-${index % accountsBeside}`));
  const single = await times(300, (index) => simulate(whatIf(index, false)));
  const priced = await times(40, (index) => simulate(whatIf(index, true)));
  const candidates = Array.from({ length: candidateCount }, (_, index) => ({ fills: fills(index) }));
  const batchOf = (): Asked => ({ atMs, body: { account_id: "large", candidates }, name: nextName() });
  const many = await times(3, () => ask(functions.questions, "POST /v1/margin/simulate/batch", batchOf()));
  const perCandidateMs = many.medianMs / candidateCount;
  await stage.stop();
  return {
    positions: positionCount,
    accounts: accountsBeside + 1,
    get_margin: {
      ...stated(margin),
      target_p99_ms: targets.marginP99Ms,
      meets_target: margin.p99Ms < targets.marginP99Ms,
    },
    what_if: {
      ...stated(single),
      target_p99_ms: targets.whatIfP99Ms,
      meets_target: single.p99Ms < targets.whatIfP99Ms,
    },
    what_if_with_call_prices: stated(priced),
    batch: {
      candidates: candidateCount,
      per_candidate_ms: rounded(perCandidateMs),
      // A what-if has call prices unless it says otherwise; no answer of a batch has any.
      times_faster: rounded(priced.medianMs / perCandidateMs),
      target_times_faster: targets.batchSpeedUp,
      meets_target: priced.medianMs / perCandidateMs >= targets.batchSpeedUp,
      times_faster_than_without_call_prices: rounded(single.medianMs / perCandidateMs),
    },
  };
}

async function importHandlers() {
  const [prices, accounts, sweep, shard, reads, questions] = await Promise.all([
    import("../../functions/ingest-prices.ts"),
    import("../../functions/ingest-accounts.ts"),
    import("../../functions/start-sweep.ts"),
    import("../../functions/compute-shard.ts"),
    import("../../functions/answer-reads.ts"),
    import("../../functions/answer-questions.ts"),
  ]);
  return {
    ingestPrices: prices.handler,
    ingestAccounts: accounts.handler,
    onSchedule: sweep.onSchedule,
    computeShard: shard.handler,
    reads: reads.handler,
    questions: questions.handler,
  };
}

function stateOf(accountId: string, held: ReturnType<typeof instruments>, atMs: number) {
  return toWire({
    kind: "account_state",
    schemaVersion: 1,
    accountId,
    ledgerSequence: 1,
    occurredAt: new Date(atMs).toISOString(),
    poolCurrency: "USD",
    methodId: "portfolio",
    collateral: [{ asset: "USD", amount: "3000000" }],
    positions: held.map((quote, index) => ({
      instrumentId: quote.instrument_id,
      quantity: index % 3 === 0 ? "-0.5" : "0.7",
      entryPrice: quote.mark_price,
    })),
  });
}

interface Times {
  readonly medianMs: number;
  readonly p99Ms: number;
}

/** Times that each request is made. The shortest counts, which leaves out most of what else the machine does. */
const tries = 3;

/** Times each of so many requests, after a few that do not count. Throws if one of them is not answered. */
async function times(count: number, request: (index: number) => ReturnType<typeof ask>): Promise<Times> {
  const warmUp = Math.min(count, 20);
  const taken: number[] = [];
  for (let index = 0; index < count + warmUp; index += 1) {
    let leastMs = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < tries; attempt += 1) {
      const start = performance.now();
      const { status, body } = await request(index);
      leastMs = Math.min(leastMs, performance.now() - start);
      if (status !== 200) throw new Error(`request ${index} was answered ${status}: ${JSON.stringify(body)}`);
    }
    if (index >= warmUp) taken.push(leastMs);
  }
  taken.sort((a, b) => a - b);
  return { medianMs: taken[count >> 1]!, p99Ms: taken[Math.floor(count * 0.99)]! };
}

function stated({ medianMs, p99Ms }: Times) {
  return { median_ms: rounded(medianMs), p99_ms: rounded(p99Ms) };
}
