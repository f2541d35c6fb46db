import { findCompletedSweep, loadResults } from "@plimsoll/app";
import { type PriceQuality, SECONDS_PER_DAY, type Severity, severities, severityRank } from "@plimsoll/risk";
import {
  addAmounts,
  candidatesPerBatch,
  contractLimits,
  eventsPerRequest,
  gapOf,
  type ListedPool,
  type MarginRow,
  snapshotTimeMs,
  subtractAmounts,
  tokenSecondsLimit,
} from "@plimsoll/schema";
import { getHealth, getLimits, getSummary, getTime, listAccounts, pageSizeLimit, routes } from "../contract/routes.ts";
import { ApiProblem } from "../serve/api-problem.ts";
import { compareKeys, pageOf, type SortKey } from "../serve/cursor.ts";
import { unitsPerMinute } from "../serve/rate-limit.ts";
import { answering, bodyLimitBytes } from "../serve/serve.ts";
import type { ReadPorts } from "./stage-ports.ts";

/** How long an Idempotency-Key is remembered, in seconds. */
export const idempotencySeconds = SECONDS_PER_DAY;

/** Answers the pools of all accounts, a page at a time. */
export const answerAccounts = answering(listAccounts, async ({ query }, { margin, shardCount }: ReadPorts) => {
  const { rows, unreadable } = await loadResults(margin, shardCount);
  if (unreadable.length > 0) throw new ApiProblem("unavailable", unreadable.join("; "), { retryAfterSeconds: 60 });
  const { severity, method_id, underlying, order, limit, cursor } = query;
  const listed = rows
    .map(listedPoolOf)
    .filter(
      (pool) =>
        (severity === undefined || pool.severity === severity) &&
        (method_id === undefined || pool.method_id === method_id) &&
        (underlying === undefined || pool.underlyings.includes(underlying)),
    );
  const keyOf = keysOf[order];
  listed.sort((a, b) => compareKeys(keyOf(a), keyOf(b)));
  const list = JSON.stringify([order, severity ?? null, method_id ?? null, underlying ?? null]);
  const page = pageOf(listed, { list, limit, ...(cursor !== undefined && { cursor }) }, keyOf, compareKeys);
  return { pools: [...page.entries], next_cursor: page.next_cursor };
});

/** The sort key of each order. A pool without a ratio comes first, as the gravest. Account and pool end every key. */
const keysOf: Record<"ratio" | "headroom" | "account", (pool: ListedPool) => SortKey> = {
  ratio: ({ margin_ratio, margin_balance, maintenance_margin, account_id, pool_id }) => [
    // A pool that holds nothing and needs nothing has no ratio either, and is the least grave of all.
    Number(margin_balance ?? -1) === 0 && Number(maintenance_margin) === 0 ? 0 : minus(margin_ratio),
    account_id,
    pool_id,
  ],
  headroom: ({ margin_headroom, account_id, pool_id }) => [
    margin_headroom === null ? null : Number(margin_headroom),
    account_id,
    pool_id,
  ],
  account: ({ account_id, pool_id }) => [account_id, pool_id],
};

function minus(ratio: string | null): number | null {
  return ratio === null ? null : -Number(ratio);
}

function listedPoolOf(row: MarginRow): ListedPool {
  const margin = row.status === "margined" ? row.margin : null;
  return {
    account_id: row.accountId,
    pool_id: row.poolId,
    status: row.status,
    severity: row.severity,
    call_id: row.call?.callId ?? null,
    method_id: margin?.methodId ?? null,
    pool_currency: margin?.poolCurrency ?? null,
    equity: margin?.equity ?? null,
    margin_balance: margin?.marginBalance ?? null,
    initial_margin: margin?.initialMargin ?? null,
    maintenance_margin: margin?.maintenanceMargin ?? null,
    available_funds: margin?.availableFunds ?? null,
    margin_ratio: margin?.marginRatio ?? null,
    margin_headroom: margin?.marginHeadroom ?? null,
    underlyings: margin?.units.map(({ underlying }) => underlying) ?? [],
    snapshot_id: row.status === "margined" ? row.margin.snapshotId : row.snapshotId,
    ledger_sequence: row.status === "margined" ? row.margin.ledgerSequence : row.ledgerSequence,
  };
}

/** Answers counts, money and ages of the whole stage. */
export const answerSummary = answering(getSummary, async (_, { margin, shardCount, environment, nowMs }: ReadPorts) => {
  const [{ rows, unreadable }, sweep] = await Promise.all([
    loadResults(margin, shardCount),
    findCompletedSweep(margin),
  ]);
  const pools = rows.map(listedPoolOf);
  const oldestId = pools.map(({ snapshot_id }) => snapshot_id).reduce<string | null>(least, null);
  return {
    environment,
    accounts: new Set(rows.map(({ accountId }) => accountId)).size,
    pools: rows.length,
    not_margined: rows.filter(({ status }) => status === "not_margined").length,
    incomplete: rows.filter((row) => gapOf(row)?.kind === "incomplete").length,
    open_calls: rows.filter(({ call }) => call !== null).length,
    severities: severities.map((severity) => ({
      severity,
      pools: rows.filter((row) => row.severity === severity).length,
    })),
    money: moneyOf(rows),
    oldest_result_at: oldestId === null ? null : new Date(snapshotTimeMs(oldestId)).toISOString(),
    newest_sweep_id: sweep?.snapshotId ?? null,
    newest_sweep_age_ms: sweep === undefined ? null : Math.max(0, nowMs() - snapshotTimeMs(sweep.snapshotId)),
    price_qualities: qualitiesOf(rows),
    unreadable: [...unreadable],
  };
});

function least(a: string | null, b: string): string {
  return a === null || b < a ? b : a;
}

const isCalled = (severity: Severity) => severityRank(severity) >= severityRank("MARGIN_CALL");

function moneyOf(rows: readonly MarginRow[]) {
  const margined = rows.flatMap((row) => (row.status === "margined" ? [row] : []));
  const byCurrency = Map.groupBy(margined, ({ margin }) => margin.poolCurrency);
  return [...byCurrency].sort().map(([currency, own]) => {
    const sum = (of: (row: (typeof own)[number]) => string) => own.map(of).reduce(addAmounts, "0");
    return {
      currency,
      equity: sum(({ margin }) => margin.equity),
      margin_balance: sum(({ margin }) => margin.marginBalance),
      initial_margin: sum(({ margin }) => margin.initialMargin),
      maintenance_margin: sum(({ margin }) => margin.maintenanceMargin),
      shortfall: sum(({ severity, margin }) => {
        const missing = subtractAmounts(margin.initialMargin, margin.initialMarginBalance);
        return isCalled(severity) && !missing.startsWith("-") ? missing : "0";
      }),
    };
  });
}

function qualitiesOf(rows: readonly MarginRow[]) {
  const units = rows.flatMap((row) => (row.status === "margined" ? row.margin.units : []));
  const byQuality = Map.groupBy(units, ({ quality }) => quality);
  return [...byQuality].map(([quality, own]: [PriceQuality, typeof units]) => ({
    quality,
    underlyings: [...new Set(own.map(({ underlying }) => underlying))].sort(),
  }));
}

/** Answers anyone whether the stage is up. */
export const answerHealth = answering(getHealth, async (_, { margin, nowMs }: ReadPorts) => {
  const sweep = await findCompletedSweep(margin);
  return {
    status: "up" as const,
    newest_sweep_age_ms: sweep === undefined ? null : Math.max(0, nowMs() - snapshotTimeMs(sweep.snapshotId)),
  };
});

export const answerTime = answering(getTime, async (_, { nowMs }: ReadPorts) => {
  const now = nowMs();
  return { now: new Date(now).toISOString(), now_ms: now };
});

export const answerLimits = answering(getLimits, async () => ({
  requests_per_minute: unitsPerMinute,
  request_units: routes
    .filter(({ units }) => units > 1)
    .map(({ method, path, units }) => ({ route: `${method} ${path}`, units })),
  body_bytes: bodyLimitBytes,
  candidates_per_batch: candidatesPerBatch,
  events_per_request: eventsPerRequest,
  ...contractLimits,
  page_size: pageSizeLimit,
  token_seconds: tokenSecondsLimit,
  idempotency_seconds: idempotencySeconds,
}));
