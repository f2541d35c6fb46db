import { createMarginEngine } from "../engine/index.ts";
import { ageMarket, moveListed, moveUnderlying } from "../engine/market/move-underlying.ts";
import type { MarginedPool, MarketSnapshot, ParameterSet, Pool, PoolResult, QuotedInstrument } from "../model/index.ts";

/** All inputs from which a result is computed. */
export interface MarginState {
  readonly snapshot: MarketSnapshot;
  readonly parameters: ParameterSet;
  readonly pool: Pool;
}

/** The steps of an attribution in their fixed order. Each step adds one kind of change to those before it. */
export const changeSteps = [
  "prices",
  "volatilities",
  "positions",
  "collateral",
  "time",
  "residual",
  "parameters",
  "method",
] as const;

export type ChangeStep = (typeof changeSteps)[number];

/** The figures whose change is explained, in pool currency. */
export type ChangeFigures = Pick<
  MarginedPool,
  "equity" | "marginBalance" | "initialMarginBalance" | "initialMargin" | "maintenanceMargin"
>;

export interface ChangeRow extends ChangeFigures {
  readonly step: ChangeStep;
  /**
   * The reason why the step has no figures of its own, or null if it has. Without figures, its change is part of the
   * next step that has some.
   */
  readonly foldedBecause: string | null;
}

/** The change between two states by step. The rows add up to the total except for rounding. */
export interface ChangeAttribution {
  readonly total: ChangeFigures;
  readonly rows: readonly ChangeRow[];
}

/**
 * Splits the change of a pool's figures by fully revaluing the states in between. The first steps are index and
 * currency prices (with forwards and marks in proportion), volatilities, positions, collateral, and time at unchanged
 * volatility. The step `residual` is everything else of the later snapshot: basis, marks away from the model, quality
 * of prices and token rates. Parameters and method come last. Effects multiply, so the order is part of the definition.
 * The result is null if either state cannot be margined.
 */
export function attributeChange(before: MarginState, after: MarginState): ChangeAttribution | null {
  const first = marginOf(before);
  const last = marginOf(after);
  if (first.status !== "margined" || last.status !== "margined") return null;
  const rows: ChangeRow[] = [];
  let known: MarginedPool = first;
  for (const [step, state] of statesBetween(before, after)) {
    const result = step === changeSteps.at(-1) ? last : marginOf(state);
    if (result.status !== "margined") {
      rows.push({ step, ...differenceOf(known, known), foldedBecause: `${result.field} is ${result.value}` });
      continue;
    }
    rows.push({ step, ...differenceOf(result, known), foldedBecause: null });
    known = result;
  }
  return { total: differenceOf(last, first), rows };
}

function marginOf({ snapshot, parameters, pool }: MarginState): PoolResult {
  return createMarginEngine(snapshot, parameters).margin(pool);
}

function differenceOf(after: ChangeFigures, before: ChangeFigures): ChangeFigures {
  return {
    equity: after.equity - before.equity,
    marginBalance: after.marginBalance - before.marginBalance,
    initialMarginBalance: after.initialMarginBalance - before.initialMarginBalance,
    initialMargin: after.initialMargin - before.initialMargin,
    maintenanceMargin: after.maintenanceMargin - before.maintenanceMargin,
  };
}

function statesBetween(before: MarginState, after: MarginState): [ChangeStep, MarginState][] {
  const prices = movePrices(withListings(before.snapshot, after.snapshot), after.snapshot);
  const volatilities = moveVolatilities(prices, after.snapshot);
  const aged = ageMarket(volatilities, after.snapshot.asOfMs);
  const { methodId, poolCurrency } = before.pool;
  const moved = { ...after.pool, methodId, poolCurrency };
  const held = { ...moved, collateral: before.pool.collateral };
  const { parameters } = before;
  return [
    ["prices", { ...before, snapshot: prices }],
    ["volatilities", { ...before, snapshot: volatilities }],
    ["positions", { snapshot: volatilities, parameters, pool: held }],
    ["collateral", { snapshot: volatilities, parameters, pool: moved }],
    ["time", { snapshot: aged, parameters, pool: moved }],
    ["residual", { snapshot: after.snapshot, parameters, pool: moved }],
    ["parameters", { ...after, pool: moved }],
    ["method", after],
  ];
}

/**
 * Adds the entries that only the other snapshot lists, with its values, since new positions need a price at every step.
 */
function withListings(snapshot: MarketSnapshot, other: MarketSnapshot): MarketSnapshot {
  const instruments = union(snapshot.instruments, other.instruments, ({ instrument }) => instrument.instrumentId);
  return {
    ...snapshot,
    currencies: union(snapshot.currencies, other.currencies, ({ currency }) => currency),
    underlyings: union(snapshot.underlyings, other.underlyings, ({ underlying }) => underlying),
    instruments: instruments.toSorted((a, b) => (a.instrument.instrumentId < b.instrument.instrumentId ? -1 : 1)),
    tokens: union(snapshot.tokens ?? [], other.tokens ?? [], ({ asset }) => asset),
    // An instrument that has expired since is listed here, and so still has a price at the step of time.
    lapsed: union(snapshot.lapsed ?? [], other.lapsed ?? [], ({ quoted }) => quoted.instrument.instrumentId),
  };
}

function union<Entry>(entries: readonly Entry[], others: readonly Entry[], nameOf: (entry: Entry) => string): Entry[] {
  const names = new Set(entries.map(nameOf));
  return [...entries, ...others.filter((entry) => !names.has(nameOf(entry)))];
}

function movePrices(snapshot: MarketSnapshot, after: MarketSnapshot): MarketSnapshot {
  const prices = new Map(after.currencies.map(({ currency, priceUsd }) => [currency, priceUsd]));
  let moved = snapshot;
  for (const { underlying, indexPrice } of after.underlyings) {
    const known = snapshot.underlyings.find((state) => state.underlying === underlying)!;
    if (known.indexPrice > 0 && indexPrice > 0)
      moved = moveUnderlying(moved, underlying, indexPrice / known.indexPrice);
  }
  return {
    ...moved,
    currencies: moved.currencies.map((entry) => ({ ...entry, priceUsd: prices.get(entry.currency) ?? entry.priceUsd })),
  };
}

function moveVolatilities(snapshot: MarketSnapshot, after: MarketSnapshot): MarketSnapshot {
  const volatilities = new Map(
    after.instruments.map((quoted) => [quoted.instrument.instrumentId, quoted.markVolatility]),
  );
  const move = (quoted: QuotedInstrument) => {
    const volatility = volatilities.get(quoted.instrument.instrumentId);
    const { markVolatility } = quoted;
    const isKnown = typeof volatility === "number" && volatility > 0 && markVolatility !== null && markVolatility > 0;
    return isKnown ? moveListed(quoted, 1, snapshot, volatility / markVolatility) : quoted;
  };
  return { ...snapshot, instruments: snapshot.instruments.map(move) };
}
