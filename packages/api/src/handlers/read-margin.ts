import { engineVersion, findAccountRows } from "@plimsoll/app";
import { accountPools } from "@plimsoll/ledger";
import { type PriceQuality, poolKeyOf, worstQuality } from "@plimsoll/risk";
import {
  answerMarginOf,
  type MarginRow,
  type PoolMarginAnswer,
  shardOf,
  snapshotTimeMs,
  toWire,
} from "@plimsoll/schema";
import { findAccount, loadHistoryPoints, loadPending } from "@plimsoll/store";
import * as z from "zod";
import { getAccount, getHistory, getMargin, resolutions } from "../contract/routes.ts";
import { ApiProblem, notFound } from "../serve/api-problem.ts";
import { readCursor, writeCursor } from "../serve/cursor.ts";
import { answering } from "../serve/serve.ts";
import type { ReadPorts } from "./stage-ports.ts";

/** Answers what the ledger holds of an account. */
export const answerAccount = answering(getAccount, async ({ params: { id } }, { ledger, shardCount }: ReadPorts) => {
  const [stored, { gap, events }] = await Promise.all([
    findAccount(ledger, id, shardCount),
    loadPending(ledger, shardOf(id, shardCount), id),
  ]);
  if (stored === undefined && gap === null && events.length === 0) throw notFound();
  return {
    account_id: id,
    ledger_sequence: stored?.ledgerSequence ?? 0,
    waiting_sequences: events.map(({ ledgerSequence }) => ledgerSequence),
    needs_sequence: gap?.needsSequence ?? null,
    refused_sequence: gap?.refused?.sequence ?? null,
    refused_because: gap?.refused?.problem ?? stored?.problem ?? null,
    pools: stored?.account ? accountPools(stored.account).map(statedPool) : [],
  };
});

function statedPool({ poolId, poolKind, poolCurrency, methodId, ...held }: ReturnType<typeof accountPools>[number]) {
  return {
    pool_id: poolId,
    pool_kind: poolKind,
    pool_currency: poolCurrency,
    method_id: methodId,
    collateral: toWire([...held.collateral]),
    positions: toWire([...held.positions]),
    open_orders: toWire([...held.openOrders]),
  };
}

/** Answers the latest results of an account, all pools. */
export const answerMargin = answering(getMargin, async ({ params: { id } }, ports: ReadPorts) => {
  const found = await findAccountRows(ports.margin, id, ports.shardCount, ports.nowMs(), ports.memory);
  if (found === undefined) {
    const stored = await findAccount(ports.ledger, id, ports.shardCount);
    if (stored === undefined) throw notFound();
    throw new ApiProblem("no_results_yet", "The account is known and no sweep has margined it yet.", {
      retryAfterSeconds: 5,
    });
  }
  const { rows, snapshotId, parametersVersion } = found;
  const asOfMs = snapshotTimeMs(snapshotId);
  return {
    account_id: id,
    environment: ports.environment,
    standing: "binding" as const,
    snapshot_id: snapshotId,
    as_of: new Date(asOfMs).toISOString(),
    result_age_ms: Math.max(0, ports.nowMs() - asOfMs),
    parameters_version: parametersVersion,
    engine_version: engineVersion,
    pools: rows.map(poolMarginOf),
  };
});

function poolMarginOf(row: MarginRow): PoolMarginAnswer {
  const { poolId, severity, sequence, call, lateLadder } = row;
  const ladder = lateLadder?.ladder;
  const common = {
    pool_id: poolId,
    status: row.status,
    severity,
    sequence,
    call_id: call?.callId ?? null,
    call_opened_at: call === null ? null : new Date(call.openedAtMs).toISOString(),
    ...(ladder && { late_ladder: toWire([...ladder]) }),
  };
  if (row.status === "margined") {
    return { ...common, price_quality: qualityOf(row.margin), margin: answerMarginOf(row.margin) };
  }
  const { code, field, value, remedy, lastGood } = row;
  return {
    ...common,
    price_quality: null,
    refusal: { code, field, value, remedy },
    ...(lastGood && { last_good: answerMarginOf(lastGood) }),
  };
}

function qualityOf({ units }: { readonly units: readonly { readonly quality: PriceQuality }[] }): PriceQuality {
  return worstQuality(units);
}

/** Most points that one request reads of the history before they are thinned out. */
const pointsRead = 5_000;

/** The time before which the next page of the history begins, in milliseconds since 1970. */
const historyKey = z.tuple([z.int().min(0).max(Date.parse("9999-12-31T23:59:59.999Z"))]);

/** Answers the history of a pool, newest first. */
export const answerHistory = answering(getHistory, async ({ params: { id }, query }, ports: ReadPorts) => {
  const { pool_id, from, to, resolution, limit, cursor } = query;
  const list = `history ${resolution}`;
  const [before] = cursor === undefined ? [Number.POSITIVE_INFINITY] : readCursor(list, cursor, historyKey);
  const toMs = Math.min(Date.parse(to ?? "9999-12-31T00:00:00Z"), before);
  const span = { fromMs: Date.parse(from ?? "1970-01-01T00:00:00Z"), toMs, limit: pointsRead };
  const points = span.fromMs > toMs ? [] : await loadHistoryPoints(ports.margin, poolKeyOf(id, pool_id), span);
  if (points.length === 0 && (await findAccount(ports.ledger, id, ports.shardCount)) === undefined) throw notFound();
  const spanMs = resolutions[resolution];
  const kept = points.filter(({ asOf }, index) => {
    const newer = points[index - 1];
    return newer === undefined || spanMs === 0 || spanOf(asOf, spanMs) !== spanOf(newer.asOf, spanMs);
  });
  const shown = kept.slice(0, limit);
  const last = shown.at(-1);
  const isMore = last !== undefined && (kept.length > limit || points.length === pointsRead);
  return {
    account_id: id,
    pool_id,
    points: shown.map(({ poolKey: _, ...point }) => toWire(point)),
    next_cursor: isMore ? writeCursor(list, [startOf(last.asOf, spanMs) - 1]) : null,
  };
});

function spanOf(asOf: string, spanMs: number): number {
  return Math.floor(Date.parse(asOf) / spanMs);
}

/** Returns the start of the span that a point stands for, so that the next page begins before it. */
function startOf(asOf: string, spanMs: number): number {
  return spanMs === 0 ? Date.parse(asOf) : spanOf(asOf, spanMs) * spanMs;
}
