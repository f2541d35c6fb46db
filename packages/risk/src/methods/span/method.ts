import type { QuotedInstrument } from "../../model/index.ts";
import { isDatedOption } from "../../model/product-traits.ts";
import { percentText } from "../common/balances.ts";
import type { HeldInstrument, NamedScenario } from "../common/holding.ts";
import {
  findRow,
  type MarginMethod,
  type MethodRegistration,
  type MethodUnit,
  type PoolCharge,
  plainMethod,
  readsHoldings,
  rememberByPrices,
  supports,
} from "../margin-method.ts";
import type { MeasuredUnit, UnitNetting } from "../unit-measure.ts";
import type { SpanGrid } from "./grid.ts";
import { buildSpanBook, spreadsOf } from "./holdings-book.ts";
import type { SpanContract, SpanParameters, SpanPosition } from "./model.ts";
import type { SpanMethodParameters } from "./parameters.ts";
import { computeSpanRequirement, type SpanCommodityResult } from "./requirement.ts";
import { spanParameterRules } from "./shipped.ts";

const cashTwins = rememberByPrices(() => new Map<QuotedInstrument, QuotedInstrument>());

/**
 * Returns the holdings that SPAN scans. In the coin's own pool these are the contracts as they are. In a cash pool, a
 * linear contract takes the place of each coin-settled one, because the coin itself changes its value against the pool.
 */
function spanHoldings(unit: MethodUnit): HeldInstrument[] {
  if (unit.poolIsCoin) return [...unit.holdings];
  const known = cashTwins(unit);
  return unit.holdings.map(({ quoted, quantity }) => {
    if (quoted.instrument.settlement === "linear") return { quoted, quantity };
    const twin = known.get(quoted) ?? cashTwin(quoted, unit.indexPrice);
    known.set(quoted, twin);
    return { quoted: twin, quantity };
  });
}

/**
 * Returns the linear contract that gains and loses the same US dollars as an inverse one. The mark of an inverse option
 * is in coin, and the size of an inverse future is in US dollars.
 */
function cashTwin(quoted: QuotedInstrument, indexPrice: number): QuotedInstrument {
  const { instrument, markPrice } = quoted;
  return isDatedOption(instrument)
    ? { ...quoted, instrument: { ...instrument, settlement: "linear" }, markPrice: markPrice * indexPrice }
    : {
        ...quoted,
        instrument: { ...instrument, settlement: "linear", contractSize: instrument.contractSize / markPrice },
      };
}

/**
 * Builds the method `span` with risk arrays of our own, per settlement currency. Spreads between the combined
 * commodities of a pool earn credits. Option value counts up to the risk that it stands against. Collateral is not
 * scanned, because its haircuts cover its risk.
 */
function buildSpanMethod(venue: SpanMethodParameters): MarginMethod {
  const pricedContracts = rememberByPrices(() => new Map<QuotedInstrument, SpanContract>());
  return {
    ...plainMethod,
    ...supports("SPAN parameters", (name) => findRow(venue.underlyings, name) !== undefined),
    unit: readsHoldings((unit) => {
      const prices = new Map([[unit.underlying, unit.indexPrice]]);
      const known = pricedContracts(unit);
      const { positions, parameters } = buildSpanBook(spanHoldings(unit), venue, prices, unit.asOfMs, known);
      const { commodities } = computeSpanRequirement(positions, parameters);
      const sums = { scan: 0, calendar: 0, minimum: 0, addition: 0, optionValue: 0, initial: 0, maintenance: 0 };
      const settlementPrices = new Map<string, number>();
      let worst: { readonly commodity: SpanCommodityResult; readonly loss: number } | null = null;
      for (const commodity of commodities) {
        const price = settlementPriceOf(unit, commodity.currency);
        settlementPrices.set(commodity.combinedCommodity, price);
        sums.scan += commodity.scanRisk * price;
        sums.calendar += commodity.intraCharge * price;
        sums.minimum += (commodity.riskMaintenance - commodity.commodityRisk) * price;
        sums.addition += (commodity.riskInitial - commodity.riskMaintenance) * price;
        const initial = commodity.totalInitial + commodity.netOptionValue;
        sums.optionValue += (initial - commodity.riskInitial) * price;
        sums.initial += initial * price;
        sums.maintenance += (commodity.totalMaintenance + commodity.netOptionValue) * price;
        const loss = commodity.scanRisk * price;
        if (loss > (worst?.loss ?? 0)) worst = { commodity, loss };
      }
      const { indexPrice } = unit;
      const spanNetting: SpanNetting = { kind: "span", positions, parameters, indexPrice, prices: settlementPrices };
      return {
        initial: sums.initial,
        maintenance: sums.maintenance,
        components: [
          { name: "scan_risk", amount: sums.scan },
          { name: "calendar_charge", amount: sums.calendar },
          { name: "short_option_minimum", amount: sums.minimum },
          { name: "initial_addition", amount: sums.addition },
          { name: "option_value", amount: sums.optionValue },
        ],
        worstScenario: worst && describe(unit, worst.commodity.activeScenario, worst.loss, parameters.grid, venue),
        netting: spanNetting,
      };
    }),
    chargesBalances: false,
    measuredTogether: venue.credits.length === 0 ? [] : "all",
    measurePool: venue.credits.length === 0 ? null : (units) => creditSpreads(units, venue),
  };
}

/** The combined commodities of a unit, kept so that they can be margined again together with those of other units. */
interface SpanNetting extends UnitNetting {
  readonly kind: "span";
  readonly positions: readonly SpanPosition[];
  readonly parameters: SpanParameters;
  readonly indexPrice: number;
  /** The US dollars per unit of the currency of each combined commodity, by its name. */
  readonly prices: ReadonlyMap<string, number>;
}

function isSpanNetting(netting: UnitNetting | null): netting is SpanNetting {
  return netting?.kind === "span";
}

/**
 * Returns for each underlying how much less its commodities ask once spreads with those of other underlyings are
 * formed. The amounts are in US dollars, and a credit is negative.
 */
function creditSpreads(units: readonly MeasuredUnit[], venue: SpanMethodParameters): PoolCharge[] {
  const held = units.flatMap(({ netting, ...unit }) => (isSpanNetting(netting) ? [{ ...unit, ...netting }] : []));
  const grid = held[0]?.parameters.grid;
  if (grid === undefined || held.length < 2) return [];
  const commodities = held.flatMap(({ parameters }) => parameters.commodities);
  const indexPrices = new Map(held.map(({ underlying, indexPrice }) => [underlying, indexPrice]));
  const interSpreads = spreadsOf(venue, commodities, indexPrices);
  if (interSpreads.length === 0) return [];
  const positions = held.flatMap((unit) => unit.positions);
  const together = computeSpanRequirement(positions, { grid, commodities, interSpreads }).commodities;
  return held.map(({ underlying, initial, maintenance, prices }) => {
    const sums = { initial: -initial, maintenance: -maintenance };
    for (const commodity of together) {
      const price = prices.get(commodity.combinedCommodity);
      if (price === undefined) continue;
      sums.initial += (commodity.totalInitial + commodity.netOptionValue) * price;
      sums.maintenance += (commodity.totalMaintenance + commodity.netOptionValue) * price;
    }
    return { name: "inter_commodity_credit", underlying, ...sums };
  });
}

/**
 * Returns the US dollars per unit of the currency of a combined commodity. Contracts made by `cashTwin` are in US
 * dollars.
 */
function settlementPriceOf({ holdings, underlying, indexPrice }: MethodUnit, currency: string): number {
  if (currency === underlying) return indexPrice;
  const held = holdings.find(
    ({ quoted: { instrument } }) => instrument.settlement === "linear" && instrument.quoteCurrency === currency,
  );
  return held?.settlementPriceUsd ?? 1;
}

function describe(
  { underlying }: MethodUnit,
  number: number,
  loss: number,
  { scenarios }: SpanGrid,
  { underlyings }: SpanMethodParameters,
): NamedScenario {
  const { priceScanRate } = findRow(underlyings, underlying)!;
  const { priceFraction, volatilityFraction } = scenarios[number - 1]!;
  const move = percentText(priceFraction * priceScanRate);
  const price = priceFraction === 0 ? "unmoved" : move;
  const volatility = volatilityFraction === 0 ? "" : `, vol ${volatilityFraction > 0 ? "up" : "down"}`;
  return { scenarioId: `span-${number}`, label: `${underlying} ${price}${volatility}`, loss };
}

export const spanMethod: MethodRegistration<SpanMethodParameters> = {
  ...spanParameterRules,
  formulas: 3,
  build: buildSpanMethod,
};
