import { type QuotedInstrument, settlementCurrency } from "../../model/index.ts";
import { type HeldInstrument, prepareHoldings } from "../common/holding.ts";
import { buildSpanGrid } from "./grid.ts";
import type {
  SpanCommodityParameters,
  SpanContract,
  SpanInterSpread,
  SpanParameters,
  SpanPosition,
  SpanSpreadLeg,
} from "./model.ts";
import type { SpanUnderlyingParameters, SpanVenueParameters } from "./parameters.ts";
import { buildSpanContract } from "./risk-array.ts";

/** The positions and parameters that computeSpanRequirement takes. */
export interface SpanBook {
  readonly positions: readonly SpanPosition[];
  readonly parameters: SpanParameters;
}

/**
 * Builds SPAN positions from holdings, with risk arrays of our own. Each underlying with one settlement currency is a
 * combined commodity in that currency, such as `BTC/BTC` or `BTC/USDC`. Linear and inverse contracts therefore offset
 * each other in spreads only. The calendar table has one row, for any expiry against any other. Contracts that are in
 * `known` were priced before for the same snapshot and parameters, and are not priced again. New ones are added to it.
 * Throws a RangeError for an underlying without an index price or parameters (`*` serves any).
 */
export function buildSpanBook(
  holdings: readonly HeldInstrument[],
  venue: SpanVenueParameters,
  indexPrices: ReadonlyMap<string, number>,
  asOfMs: number,
  known: Map<QuotedInstrument, SpanContract> = new Map(),
): SpanBook {
  const grid = buildSpanGrid(venue.extremeMultiplier, venue.coveredFraction);
  const commodities = new Map<string, SpanCommodityParameters>();
  const positions = prepareHoldings(holdings, asOfMs).map(({ quoted, quantity }): SpanPosition => {
    const { underlying } = quoted.instrument;
    const currency = settlementCurrency(quoted.instrument);
    const terms = findTerms(venue, underlying);
    const indexPrice = indexPrices.get(underlying);
    if (indexPrice === undefined || !(indexPrice > 0)) {
      throw new RangeError(`SPAN: no index price of ${underlying}; it is ${indexPrice}`);
    }
    const name = `${underlying}/${currency}`;
    if (!commodities.has(name))
      commodities.set(name, commodityOf(name, currency, terms, venue, underlying, indexPrice));
    const range = { ...terms, priceScanRange: terms.priceScanRate * indexPrice };
    const contract = known.get(quoted) ?? buildSpanContract(quoted, name, grid, range, asOfMs);
    known.set(quoted, contract);
    return { contract, quantity };
  });
  const list = [...commodities.values()];
  return { positions, parameters: { grid, commodities: list, interSpreads: spreadsOf(venue, list, indexPrices) } };
}

/**
 * Returns the credits of a venue as spreads between the given combined commodities. Each choice of a settlement
 * currency per leg makes one spread, and those whose legs share a currency come first within a credit. A scanning
 * spread exists only where its legs share one. The deltas of a leg are its notional over the index price.
 */
export function spreadsOf(
  { credits }: Pick<SpanVenueParameters, "credits">,
  commodities: readonly SpanCommodityParameters[],
  indexPrices: ReadonlyMap<string, number>,
): SpanInterSpread[] {
  const choices = credits.flatMap(({ legs, ...credit }) => {
    let built: (readonly SpanSpreadLeg[])[] = [[]];
    for (const { underlying, side, notionalPerSpread } of legs) {
      const price = indexPrices.get(underlying) ?? Number.NaN;
      const own = commodities.filter(({ combinedCommodity }) => combinedCommodity.startsWith(`${underlying}/`));
      built = built.flatMap((before) =>
        own.map(({ combinedCommodity }) => [
          ...before,
          { combinedCommodity, tier: 0, period: null, deltaPerSpread: notionalPerSpread / price, side },
        ]),
      );
    }
    const currencies = (chosen: readonly SpanSpreadLeg[]) =>
      new Set(chosen.map(({ combinedCommodity }) => combinedCommodity.slice(combinedCommodity.indexOf("/")))).size;
    return built
      .filter((chosen) => credit.method !== "scanning" || currencies(chosen) === 1)
      .sort((a, b) => currencies(a) - currencies(b))
      .map((chosen) => ({ ...credit, legs: chosen }));
  });
  return choices.sort((a, b) => a.priority - b.priority).map((spread, index) => ({ ...spread, priority: index + 1 }));
}

function findTerms(venue: SpanVenueParameters, underlying: string): SpanUnderlyingParameters {
  const terms =
    venue.underlyings.find((entry) => entry.underlying === underlying) ??
    venue.underlyings.find((entry) => entry.underlying === "*");
  if (terms === undefined) throw new RangeError(`SPAN: no parameters for ${underlying}; add them, or some for *`);
  if (!(terms.priceScanRate > 0 && terms.priceScanRate < 1)) {
    throw new RangeError(
      `SPAN: priceScanRate of ${underlying} is ${terms.priceScanRate}; it must be above 0 and below 1`,
    );
  }
  return terms;
}

function commodityOf(
  name: string,
  currency: string,
  terms: SpanUnderlyingParameters,
  venue: SpanVenueParameters,
  underlying: string,
  indexPrice: number,
): SpanCommodityParameters {
  const unit = currency === underlying ? 1 : indexPrice;
  const leg = (side: "A" | "B") => ({ combinedCommodity: name, tier: 0, period: null, deltaPerSpread: 1, side });
  return {
    combinedCommodity: name,
    currency,
    priceScanRange: terms.priceScanRate * unit,
    weightedPriceRiskMethod: "scan_range_cap",
    intraTiers: [],
    interTiers: [],
    intraSpreads: [
      { priority: 1, chargeMethod: "flat", charge: terms.calendarRate * unit, legs: [leg("A"), leg("B")] },
    ],
    deliveryRates: [],
    shortOptionMinimumRate: terms.shortOptionMinimumRate * unit,
    shortOptionMinimumMethod: "gross",
    initialToMaintenanceRatio: terms.initialToMaintenanceRatio,
    limitNetOptionValue: venue.limitNetOptionValue,
  };
}
