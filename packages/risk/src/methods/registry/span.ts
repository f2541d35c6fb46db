import type { QuotedInstrument } from "../../model/index.ts";
import type { NamedScenario } from "../common/index.ts";
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

/**
 * SPAN with arrays of our own: per settlement currency, converted at the prices of now, as SPAN converts requirements. Option
 * value counts up to the risk it stands against. Coin balances are not scanned: their haircuts speak for them.
 */
export const spanMethod: MarginMethod = {
  version: "span-1",
  findUnsupported: anyInstrument,
  coinPoolFault: null,
  measure: (unit) => {
    const prices = new Map([[unit.underlying, unit.indexPrice]]);
    const { positions, parameters } = buildSpanBook(
      unit.holdings,
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
      // Where options are worth more than the maintenance risk and less than the initial one, the former limits them harder.
      initial: Math.max(sums.initial, sums.maintenance),
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

function settlementPriceOf({ holdings, underlying }: MethodUnit, currency: string): number {
  const held = holdings.find(({ quoted: { instrument } }) =>
    instrument.settlement === "inverse" ? currency === underlying : currency === instrument.quoteCurrency,
  );
  return held?.settlementPriceUsd ?? Number.NaN;
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
