import { settlementCurrency } from "../../model/index.ts";
import { isDatedOption } from "../../model/product-traits.ts";
import { type HeldInstrument, type NamedAmount, netHoldings } from "../common/holding.ts";
import { computeInverseMaximumLoss, computeMaximumLoss, type PayoffLeg } from "../common/max-loss.ts";
import { futureMargin } from "./future-margin.ts";
import { type InitialAndMaintenance, shortOptionMargin } from "./option-margin.ts";
import type { StandardFutureParameters, StandardOptionParameters, StandardParameters } from "./parameters.ts";

export type StandardComponentName = "futures_margin" | "short_option_margin" | "spread_relief";

/** The requirement in one settlement currency of one underlying. The components add up to the initial margin. */
export interface StandardRequirement extends InitialAndMaintenance {
  readonly underlying: string;
  readonly currency: string;
  readonly components: readonly NamedAmount<StandardComponentName>[];
}

/**
 * Computes the standard margin of holdings on one underlying, per settlement currency (docs/sources.md, Deribit
 * standard margin). Each future or perpetual is margined by its own size, and each short option by its rule. A long
 * option needs no margin beyond its premium, and its value covers no other position. Linear and inverse contracts do
 * not offset each other, nor do futures and options. With spread relief, the margin of the options of one expiry is at
 * most their worst payoff. There is no relief if uncovered short calls (linear) or puts (inverse) leave that payoff
 * unbounded.
 */
export function computeStandardRequirement(
  holdings: readonly HeldInstrument[],
  parameters: StandardParameters,
): StandardRequirement[] {
  const currencies = [...new Set(holdings.map(({ quoted }) => settlementCurrency(quoted.instrument)))].sort();
  return currencies.map((currency) => {
    const held = netHoldings(holdings.filter(({ quoted }) => settlementCurrency(quoted.instrument) === currency));
    const futures = sumMargins(held.filter(isFuture).map((holding) => marginOfFuture(holding, parameters.futures)));
    const options = held.filter((holding) => !isFuture(holding));
    const isolated = sumMargins(options.map((holding) => marginOfOption(holding, parameters.options)));
    const relieved =
      parameters.spreadRelief === "none"
        ? isolated
        : sumMargins(byExpiry(options).map((leg) => relieve(leg, parameters)));
    return {
      underlying: held[0]!.quoted.instrument.underlying,
      currency,
      initial: futures.initial + relieved.initial,
      maintenance: futures.maintenance + relieved.maintenance,
      components: [
        { name: "futures_margin", amount: futures.initial },
        { name: "short_option_margin", amount: isolated.initial },
        { name: "spread_relief", amount: relieved.initial - isolated.initial },
      ],
    };
  });
}

function marginOfFuture(
  { quoted, quantity }: HeldInstrument,
  parameters: StandardFutureParameters,
): InitialAndMaintenance {
  const { instrument, markPrice } = quoted;
  const inverse = instrument.settlement === "inverse";
  const sizeBase = (quantity * instrument.contractSize) / (inverse ? markPrice : 1);
  const margin = futureMargin(sizeBase, markPrice, parameters);
  return inverse ? margin.base : margin.quote;
}

function marginOfOption(
  { quoted, quantity }: HeldInstrument,
  parameters: StandardOptionParameters,
): InitialAndMaintenance {
  const { instrument, forwardPrice, markPrice } = quoted;
  if (!isDatedOption(instrument) || quantity >= 0) return { initial: 0, maintenance: 0 };
  const { optionType, settlement, strike } = instrument;
  const perUnit = shortOptionMargin(
    { optionType, settlement, strike, underlyingPrice: forwardPrice, markPrice },
    parameters,
  );
  const units = -quantity * instrument.contractSize;
  return { initial: units * perUnit.initial, maintenance: units * perUnit.maintenance };
}

/**
 * Returns the lesser of the options' own margins and the worst payoff of their expiry. If that payoff is unbounded, it
 * returns their own margins.
 */
function relieve(options: readonly HeldInstrument[], parameters: StandardParameters): InitialAndMaintenance {
  const isolated = sumMargins(options.map((holding) => marginOfOption(holding, parameters.options)));
  const inverse = options[0]!.quoted.instrument.settlement === "inverse";
  const legs = options.map(payoffLeg);
  const { payoffLoss, unpairedCalls } = inverse ? computeInverseMaximumLoss(legs) : computeMaximumLoss(legs);
  if (unpairedCalls > 0) return isolated;
  return {
    initial: Math.min(isolated.initial, payoffLoss),
    maintenance: Math.min(isolated.maintenance, payoffLoss),
  };
}

function payoffLeg({ quoted, quantity }: HeldInstrument): PayoffLeg {
  const { instrument } = quoted;
  if (!isDatedOption(instrument)) throw new TypeError(`${instrument.instrumentId} is not an option`);
  return {
    optionType: instrument.optionType,
    strike: instrument.strike,
    quantity: quantity * instrument.contractSize,
  };
}

function byExpiry(options: readonly HeldInstrument[]): HeldInstrument[][] {
  const expiries = new Map<number, HeldInstrument[]>();
  for (const holding of options) {
    const { instrument } = holding.quoted;
    if (!isDatedOption(instrument)) continue;
    const held = expiries.get(instrument.expiryMs) ?? [];
    held.push(holding);
    expiries.set(instrument.expiryMs, held);
  }
  return [...expiries].sort(([a], [b]) => a - b).map(([, held]) => held);
}

function isFuture({ quoted }: HeldInstrument): boolean {
  return !isDatedOption(quoted.instrument);
}

function sumMargins(margins: readonly InitialAndMaintenance[]): InitialAndMaintenance {
  return {
    initial: margins.reduce((sum, margin) => sum + margin.initial, 0),
    maintenance: margins.reduce((sum, margin) => sum + margin.maintenance, 0),
  };
}
