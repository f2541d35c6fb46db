import type { QuotedInstrument } from "../../model/index.ts";
import type { Holding, NamedScenario } from "../common/index.ts";
import {
  buildSpanBook,
  computeSpanRequirement,
  defaultSpanParameters,
  type SpanCommodityResult,
  type SpanContract,
  type SpanGrid,
} from "../span/index.ts";
import { anyInstrument, type MarginMethod, type MethodUnit, rememberByPrices } from "./margin-method.ts";
import { percentText } from "./scans.ts";

const pricedContracts = rememberByPrices(() => new Map<QuotedInstrument, SpanContract>());
const cashTwins = rememberByPrices(() => new Map<QuotedInstrument, QuotedInstrument>());

/**
 * What SPAN scans: in the coin's pool the contracts as they are; in a cash pool coin-settled ones as what they pay in cash, for
 * their coin value moves against the pool with the price.
 */
function spanHoldings(unit: MethodUnit): Holding[] {
  if (unit.poolIsCoin) return [...unit.holdings];
  const known = cashTwins(unit);
  return unit.holdings.map(({ quoted, quantity }) => {
    if (quoted.instrument.settlement === "linear") return { quoted, quantity };
    const twin = known.get(quoted) ?? cashTwin(quoted, unit.indexPrice);
    known.set(quoted, twin);
    return { quoted: twin, quantity };
  });
}

/** The linear contract that gains and loses the same US dollars; an option's mark is in coin, a future's size in dollars. */
function cashTwin(quoted: QuotedInstrument, indexPrice: number): QuotedInstrument {
  const { instrument, markPrice } = quoted;
  return instrument.kind === "option"
    ? { ...quoted, instrument: { ...instrument, settlement: "linear" }, markPrice: markPrice * indexPrice }
    : {
        ...quoted,
        instrument: { ...instrument, settlement: "linear", contractSize: instrument.contractSize / markPrice },
      };
}

/**
 * SPAN with arrays of our own, per settlement currency. Option value counts up to the risk it stands against. Collateral is
 * not scanned: its haircuts speak for it.
 */
export const spanMethod: MarginMethod = {
  version: "span-1",
  findUnsupported: anyInstrument,
  coinPoolFault: null,
  measure: (unit) => {
    const prices = new Map([[unit.underlying, unit.indexPrice]]);
    const { positions, parameters } = buildSpanBook(
      spanHoldings(unit),
      defaultSpanParameters,
      prices,
      unit.asOfMs,
      pricedContracts(unit),
    );
    const { commodities } = computeSpanRequirement(positions, parameters);
    const sums = { scan: 0, calendar: 0, minimum: 0, addition: 0, optionValue: 0, initial: 0, maintenance: 0 };
    let worst: { readonly commodity: SpanCommodityResult; readonly loss: number } | null = null;
    for (const commodity of commodities) {
      const price = settlementPriceOf(unit, commodity.currency);
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
      worstScenario: worst && describe(unit, worst.commodity.activeScenario, worst.loss, parameters.grid),
    };
  },
};

/** US dollars per unit of the currency of a combined commodity; cash twins are in US dollars. */
function settlementPriceOf({ holdings, underlying, indexPrice }: MethodUnit, currency: string): number {
  if (currency === underlying) return indexPrice;
  const held = holdings.find(
    ({ quoted: { instrument } }) => instrument.settlement === "linear" && instrument.quoteCurrency === currency,
  );
  return held?.settlementPriceUsd ?? 1;
}

function describe({ underlying }: MethodUnit, number: number, loss: number, { scenarios }: SpanGrid): NamedScenario {
  const { underlyings } = defaultSpanParameters;
  const terms = underlyings.find((entry) => entry.underlying === underlying) ?? underlyings[underlyings.length - 1]!;
  const { priceFraction, volatilityFraction } = scenarios[number - 1]!;
  const move = percentText(priceFraction * terms.priceScanRate);
  const price = priceFraction === 0 ? "unmoved" : move;
  const volatility = volatilityFraction === 0 ? "" : `, vol ${volatilityFraction > 0 ? "up" : "down"}`;
  return { scenarioId: `span-${number}`, label: `${underlying} ${price}${volatility}`, loss };
}
