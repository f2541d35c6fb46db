import type { MarketSnapshot } from "@plimsoll/risk";
import * as z from "zod";
import { limits, symbol } from "./primitives.ts";
import { storedInstrument } from "./products.ts";
import { contentHash, fromWire, hashDigitsInNames, toWire } from "./wire.ts";

const price = z.number().positive();

const fundingState = z.strictObject({ hourly_rate: z.number().nullable(), cumulative: z.number().nullable() });

export const settlementAverage = z.strictObject({ underlying: symbol, expiry_ms: z.int(), average_price: price });

export const quotedInstrument = z.strictObject({
  instrument: storedInstrument,
  forward_price: price,
  mark_price: z.number().min(0),
  mark_volatility: z.number().positive().nullable(),
  volatility_source: z.enum(["mark", "surface"]).nullable(),
  funding: fundingState.exactOptional(),
});

/** The redemption rate or the reserves behind a protocol token. */
export const tokenState = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("redeemable"), asset: symbol, rate: price }),
  z.strictObject({
    kind: z.literal("pool_token"),
    asset: symbol,
    reserves: z
      .array(z.strictObject({ asset: symbol, amount: price }))
      .min(2)
      .max(8),
    total_supply: price,
  }),
]);

export const priceQuality = z.enum(["good", "widened", "degraded", "blocked"]);

/** An id that sorts by time: `20260205T155132535Z-` and the first digits of the content hash. */
export const snapshotId = z
  .string()
  .regex(/^\d{8}T\d{9}Z-[0-9a-f]{12}$/, "a snapshot id such as 20260205T155132535Z-0123456789ab");

/**
 * A pinned snapshot as it is stored. Its prices are the doubles that the kernel computes with, so that results
 * recompute to the bit.
 */
export const marketSnapshot = z.strictObject({
  snapshot_id: snapshotId,
  as_of_ms: z.int(),
  currencies: z.array(z.strictObject({ currency: symbol, price_usd: price })),
  underlyings: z.array(
    z.strictObject({
      underlying: symbol,
      index_price: price,
      quality: priceQuality,
      confidence_width: z.number().min(0),
      price_age_ms: z.int().min(0),
      quality_reason: z.string().nullable(),
      at_par: symbol.exactOptional(),
    }),
  ),
  instruments: z.array(quotedInstrument).max(limits.instrumentsPerSnapshot),
  settlement_averages: z.array(settlementAverage).max(limits.instrumentsPerSnapshot).exactOptional(),
  tokens: z.array(tokenState).max(limits.collateralTokens).exactOptional(),
  /** Redemption rates that earlier snapshots read, one per day. The rates of this snapshot are checked against them. */
  token_rates: z
    .array(
      z.strictObject({
        asset: symbol,
        rates: z
          .array(z.strictObject({ at_ms: z.int(), rate: price }))
          .min(1)
          .max(7),
      }),
    )
    .max(limits.collateralTokens)
    .exactOptional(),
  /**
   * Instruments without a current mark, with their last one, sorted by id. An expired one has its settlement price once
   * it is known.
   */
  lapsed: z
    .array(
      z.strictObject({
        quoted: quotedInstrument,
        index_price: price,
        marked_at_ms: z.int(),
        settlement_price: price.exactOptional(),
      }),
    )
    .max(limits.lapsedInstruments)
    .exactOptional(),
});
export type MarketSnapshotWire = z.infer<typeof marketSnapshot>;

/** Formats a time in digits: `20260205T155132535Z`. */
export function compactTime(timeMs: number): string {
  return new Date(timeMs).toISOString().replaceAll(/[-:.]/g, "");
}

/** Reads the time at the start of a snapshot's id, in milliseconds since 1970. */
export function snapshotTimeMs(snapshotId: string): number {
  const [, date, time, milliseconds] = /^(\d{8})T(\d{6})(\d{3})Z/.exec(snapshotId) ?? [];
  const day = date?.replace(/(....)(..)(..)/, "$1-$2-$3");
  return Date.parse(`${day}T${time?.replace(/(..)(..)(..)/, "$1:$2:$3")}.${milliseconds}Z`);
}

/**
 * The most by which the clocks of a stage's machines may differ, in milliseconds. A snapshot farther ahead comes from a
 * wrong clock.
 */
export const clockToleranceMs = 1_000;

/**
 * Returns the lowest snapshot id that is ahead of the clock. A snapshot from there on was pinned by a wrong clock and
 * does not count as newer than others.
 */
export function firstIdAhead(nowMs: number): string {
  return compactTime(nowMs + clockToleranceMs + 1);
}

export function isAhead(snapshotId: string, nowMs: number): boolean {
  return snapshotId >= firstIdAhead(nowMs);
}

/** Gives a snapshot its id, which its time and content determine. */
export function nameSnapshot(content: Omit<MarketSnapshot, "snapshotId">): MarketSnapshot {
  const { asOfMs, currencies, underlyings, instruments, settlementAverages, tokens, tokenRates, lapsed } = content;
  const unnamed = {
    asOfMs,
    currencies,
    underlyings,
    instruments,
    ...(settlementAverages && { settlementAverages }),
    ...(tokens && { tokens }),
    ...(tokenRates && { tokenRates }),
    ...(lapsed && { lapsed }),
  };
  const digits = contentHash(toWire(unnamed)).slice(0, hashDigitsInNames);
  return { snapshotId: `${compactTime(asOfMs)}-${digits}`, ...unnamed };
}

export function encodeSnapshot(snapshot: MarketSnapshot): MarketSnapshotWire {
  return marketSnapshot.parse(toWire(snapshot));
}

/** Parses a stored snapshot; throws a ZodError when it is not one. */
export function decodeSnapshot(wire: unknown): MarketSnapshot {
  return fromWire(marketSnapshot.parse(wire));
}
