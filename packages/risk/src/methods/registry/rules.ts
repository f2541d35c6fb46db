import type { MaintenanceBracket, StandardFutureParameters, StandardParameters } from "../../model/index.ts";
import { binanceAccountRatio, bracketedMaintenance } from "../account-ratio/index.ts";
import { computeStandardRequirement, deribitFutureRates, deribitStandardOptions } from "../standard/index.ts";
import {
  anyInstrument,
  type MarginMethod,
  type MethodHolding,
  type MethodMeasure,
  type MethodUnit,
  onlyUnderlyings,
  optionValueUsd,
} from "./margin-method.ts";

/** Any other coin: Deribit's rates of SOL without the increment, whose unit would be another coin's. Our choice. */
const otherFutures: StandardFutureParameters = {
  initial: { base: 0.04, incrementPerUnit: 0 },
  maintenance: { base: 0.02, incrementPerUnit: 0 },
};

/** 2 % and 1 %, and 1 % more for each 5,000 ETH: from memory of Deribit's page, not found again. */
const ethFutures: StandardFutureParameters = {
  initial: { base: 0.02, incrementPerUnit: 0.000002 },
  maintenance: { base: 0.01, incrementPerUnit: 0.000002 },
};

function standardParameters(underlying: string): StandardParameters {
  const futures = underlying === "ETH" ? ethFutures : (deribitFutureRates[underlying] ?? otherFutures);
  return { futures, options: deribitStandardOptions, spreadRelief: "none" };
}

/** Rule-based margin after Deribit's standard margin, each position by itself, in one pool. */
export const standardMethod: MarginMethod = {
  version: "standard-1",
  findUnsupported: anyInstrument,
  coinPoolFault: null,
  measure: (unit) => {
    const rules = sumRules(unit.underlying, unit.holdings);
    const value = optionValueUsd(unit.holdings);
    return {
      initial: rules.initial + value,
      maintenance: rules.maintenance + value,
      components: [
        { name: "futures_margin", amount: rules.futures },
        { name: "short_option_margin", amount: rules.options },
        { name: "option_value", amount: value },
      ],
      worstScenario: null,
    };
  },
};

/**
 * The standard rules with a wall around each position: what one has gained beyond its own requirement pays for no other. The
 * gain that is locked is a component, so that the balance all methods share can stay.
 */
export const isolatedMethod: MarginMethod = {
  version: "isolated-1",
  findUnsupported: anyInstrument,
  coinPoolFault: null,
  measure: (unit) => {
    const totals = { initial: 0, maintenance: 0, futures: 0, options: 0, value: 0, locked: 0 };
    for (const holding of unit.holdings) {
      const rules = sumRules(unit.underlying, [holding]);
      const value = optionValueUsd([holding]);
      const gain = holding.unrealisedProfitUsd;
      const initial = rules.initial + value;
      totals.initial += Math.max(initial, gain);
      totals.maintenance += Math.max(rules.maintenance + value, gain);
      totals.futures += rules.futures;
      totals.options += rules.options;
      totals.value += value;
      totals.locked += Math.max(0, gain - initial);
    }
    return {
      initial: totals.initial,
      maintenance: totals.maintenance,
      components: [
        { name: "futures_margin", amount: totals.futures },
        { name: "short_option_margin", amount: totals.options },
        { name: "option_value", amount: totals.value },
        { name: "locked_profit", amount: totals.locked },
      ],
      worstScenario: null,
    };
  },
};

function sumRules(underlying: string, holdings: readonly MethodHolding[]) {
  const prices = new Map(
    holdings.map(({ quoted, settlementPriceUsd }) => {
      const { settlement, quoteCurrency } = quoted.instrument;
      return [settlement === "inverse" ? underlying : quoteCurrency, settlementPriceUsd];
    }),
  );
  const sums = { initial: 0, maintenance: 0, futures: 0, options: 0 };
  for (const { currency, initial, maintenance, components } of computeStandardRequirement(
    holdings,
    standardParameters(underlying),
  )) {
    const price = prices.get(currency) ?? Number.NaN;
    sums.initial += initial * price;
    sums.maintenance += maintenance * price;
    for (const { name, amount } of components) {
      if (name === "futures_margin") sums.futures += amount * price;
      else sums.options += amount * price;
    }
  }
  return sums;
}

/** Maintenance rates by notional in US dollars, as Binance had them for BTCUSDT in 2022: from memory, not found again. */
const majorBrackets: readonly MaintenanceBracket[] = [
  { from: 0, rate: 0.004 },
  { from: 50_000, rate: 0.005 },
  { from: 250_000, rate: 0.01 },
  { from: 1_000_000, rate: 0.025 },
  { from: 10_000_000, rate: 0.05 },
  { from: 20_000_000, rate: 0.1 },
  { from: 50_000_000, rate: 0.125 },
  { from: 100_000_000, rate: 0.15 },
  { from: 200_000_000, rate: 0.25 },
  { from: 300_000_000, rate: 0.5 },
];

const ratioUnderlyings = onlyUnderlyings(["BTC", "ETH"], "maintenance brackets");

/**
 * After Binance's unified ratio (adjusted equity / maintenance margin): maintenance is what makes liquidation start at its
 * ratio of 1.05, initial what makes the warning start at 1.5. Each contract has brackets of its own; nothing offsets.
 */
export const accountRatioMethod: MarginMethod = {
  version: "account-ratio-1",
  findUnsupported: (instrument) =>
    instrument.kind === "option"
      ? "the account ratio after Binance covers futures and perpetuals, no options"
      : ratioUnderlyings(instrument),
  coinPoolFault: null,
  measure: ({ holdings }: MethodUnit): MethodMeasure => {
    let brackets = 0;
    for (const { quoted, quantity, settlementPriceUsd } of holdings) {
      const { instrument, markPrice } = quoted;
      // An inverse contract states its size in US dollars already.
      const perContract = instrument.settlement === "inverse" ? 1 : markPrice * settlementPriceUsd;
      brackets += bracketedMaintenance(quantity * instrument.contractSize * perContract, majorBrackets);
    }
    const { warningRatio, liquidationRatio } = binanceAccountRatio;
    const initial = warningRatio * brackets;
    return {
      initial,
      maintenance: liquidationRatio * brackets,
      components: [
        { name: "maintenance_brackets", amount: brackets },
        { name: "initial_addition", amount: initial - brackets },
      ],
      worstScenario: null,
    };
  },
};
