import { black76Price } from "../../pricing/index.ts";
import { computeMaximumLoss } from "../common/max-loss.ts";
import { arrangeOptions, requireConfidence, requireNumber, requirePositive } from "./arrange.ts";
import type { DeriveOption, DerivePerpetual } from "./holdings.ts";
import type { SrmParameters, SrmUnderlyingParameters } from "./parameters.ts";
import { sumRequirements } from "./scan.ts";
import { yearsLeft } from "./time.ts";

/** The options of one expiry under the standard manager, which needs no interest rate. */
export interface SrmExpiry {
  readonly secondsToExpiry: number;
  /**
   * The forward price in US dollars per unit. In the settlement window it includes both the fixed
   * and the variable part.
   */
  readonly forwardPrice: number;
  readonly forwardConfidence: number;
  readonly volatilityConfidence: number;
  readonly options: readonly DeriveOption[];
}

/** Everything that an account holds on one underlying. */
export interface SrmUnderlying {
  readonly market: string;
  readonly spotPrice: number;
  readonly spotConfidence: number;
  /** The units of the underlying held as collateral, at least 0. */
  readonly baseAmount: number;
  readonly perpetual: DerivePerpetual | null;
  readonly expiries: readonly SrmExpiry[];
}

export interface SrmPortfolio {
  readonly cash: number;
  /** The price of one stablecoin in US dollars. */
  readonly stablePrice: number;
  readonly markets: readonly SrmUnderlying[];
}

/** The option margins of one expiry: its value at the marks and its two requirements. */
export interface SrmExpiryMargin {
  readonly secondsToExpiry: number;
  /** The option value at the marks. A gain is positive. */
  readonly mark: number;
  readonly initial: SrmOptionMargin;
  readonly maintenance: SrmOptionMargin;
}

/**
 * The requirement of the options of one expiry, which is positive and counts none of their value. It is the
 * lower of two margins.
 */
export interface SrmOptionMargin {
  /** The sum of the margins of the short options, each by itself. */
  readonly isolated: number;
  /** The greatest loss of the options at settlement. */
  readonly maximumLoss: number;
  /** The lower of `isolated` and `maximumLoss`. */
  readonly required: number;
}

/**
 * A named part of the initial and the maintenance requirement, in stablecoins. A positive amount adds to the
 * requirement. The part includes the share of the holdings' own value that does not count.
 */
export interface SrmComponent {
  readonly market: string;
  readonly name: "perpetual_margin" | "option_margin" | "base_haircut" | "depeg_charge" | "confidence_charge";
  readonly initial: number;
  readonly maintenance: number;
}

/**
 * The margin of one account under Derive's standard manager, in stablecoins. The signs are as in `DeriveScanResult`.
 */
export interface SrmResult {
  readonly equity: number;
  readonly initialRequirement: number;
  readonly maintenanceRequirement: number;
  readonly initialSurplus: number;
  readonly maintenanceSurplus: number;
  readonly components: readonly SrmComponent[];
  readonly markets: readonly { readonly market: string; readonly expiries: readonly SrmExpiryMargin[] }[];
}

/**
 * Computes the margin of one account under Derive's standard manager, SRM (derivexyz/v2-core; docs/sources.md, Derive
 * standard manager). It follows the published rules and is not the venue's own number. Positions are margined one by
 * one, and spreads of one expiry by their greatest loss at settlement. Nothing is netted between expiries, markets or
 * instruments. Throws a RangeError that names the field when a figure is unusable.
 */
export function computeSrm(portfolio: SrmPortfolio, parameters: SrmParameters): SrmResult {
  requireNumber("cash", portfolio.cash);
  requirePositive("stablePrice", portfolio.stablePrice);
  const depegRate = Math.max(0, parameters.depeg.threshold - portfolio.stablePrice) * parameters.depeg.factor;
  const ordered = [...portfolio.markets].sort((a, b) => (a.market < b.market ? -1 : 1));
  let equity = 0;
  const components: SrmComponent[] = [];
  const markets: SrmResult["markets"][number][] = [];
  for (const market of ordered) {
    const terms = parameters.markets[market.market];
    if (terms === undefined) {
      throw new RangeError(`Derive margin: markets has no terms for ${market.market}; add it to the SRM parameters`);
    }
    const margined = marginUnderlying(market, terms, portfolio.stablePrice, depegRate);
    equity += margined.equity;
    components.push(...margined.components);
    markets.push({ market: market.market, expiries: margined.expiries });
  }
  equity += portfolio.cash;
  return { ...sumRequirements(equity, components), components, markets };
}

interface MarginedUnderlying {
  readonly equity: number;
  readonly components: readonly SrmComponent[];
  readonly expiries: readonly SrmExpiryMargin[];
}

function marginUnderlying(
  market: SrmUnderlying,
  terms: SrmUnderlyingParameters,
  stablePrice: number,
  depegRate: number,
): MarginedUnderlying {
  const name = `markets.${market.market}`;
  const spotPrice = requirePositive(`${name}.spotPrice`, market.spotPrice);
  const spotConfidence = requireConfidence(`${name}.spotConfidence`, market.spotConfidence);
  const baseAmount = requireNumber(`${name}.baseAmount`, market.baseAmount, 0);
  const { perpetual } = market;
  const perpetualAmount = requireNumber(`${name}.perpetual.amount`, Math.abs(perpetual?.amount ?? 0));
  const unrealised = requireNumber(`${name}.perpetual.unrealisedCash`, perpetual?.unrealisedCash ?? 0);

  let perpetualNotional = 0;
  let confidenceSum = 0;
  if (perpetual !== null && perpetualAmount !== 0) {
    perpetualNotional = perpetualAmount * requirePositive(`${name}.perpetual.markPrice`, perpetual.markPrice);
    const confidence = Math.min(
      spotConfidence,
      requireConfidence(`${name}.perpetual.confidence`, perpetual.confidence),
    );
    if (confidence < terms.trust.perpetualThreshold) {
      confidenceSum += (1 - confidence) * terms.trust.confidenceRate * spotPrice * perpetualAmount;
    }
  }

  let optionMark = 0;
  let optionInitial = 0;
  let optionMaintenance = 0;
  let shortOptions = 0;
  const expiries: SrmExpiryMargin[] = [];
  const byTime = market.expiries
    .map((expiry, index) => arrangeSrmExpiry(expiry, `${name}.expiries[${index}]`))
    .sort((a, b) => a.secondsToExpiry - b.secondsToExpiry);
  for (const expiry of byTime) {
    const margin = marginExpiry(expiry, spotPrice, terms.option);
    expiries.push(margin);
    optionMark += margin.mark;
    optionInitial += margin.initial.required;
    optionMaintenance += margin.maintenance.required;
    const short = expiry.options.reduce((sum, option) => sum + Math.max(0, -option.amount), 0);
    shortOptions += short;
    const confidence = Math.min(spotConfidence, expiry.forwardConfidence, expiry.volatilityConfidence);
    if (confidence < terms.trust.optionThreshold) {
      confidenceSum += (1 - confidence) * terms.trust.confidenceRate * spotPrice * short;
    }
  }

  const baseNotional = baseAmount * spotPrice;
  const baseValue = baseNotional / stablePrice;
  const baseCounted = baseNotional * terms.base.maintenanceFactor;
  if (baseAmount !== 0 && spotConfidence < terms.trust.baseThreshold) {
    confidenceSum += (1 - spotConfidence) * terms.trust.confidenceRate * baseNotional;
  }
  const component = (part: SrmComponent["name"], initial: number, maintenance: number): SrmComponent => ({
    market: market.market,
    name: part,
    initial,
    maintenance,
  });
  return {
    equity: optionMark + unrealised + baseValue,
    expiries,
    components: [
      component(
        "perpetual_margin",
        perpetualNotional * terms.perpetual.initialRate,
        perpetualNotional * terms.perpetual.maintenanceRate,
      ),
      // Equity includes the mark, which pays for nothing under SRM, so the mark is added to the requirement.
      component("option_margin", optionInitial + optionMark, optionMaintenance + optionMark),
      component("base_haircut", baseValue - baseCounted * terms.base.initialScale, baseValue - baseCounted),
      component("depeg_charge", depegRate * spotPrice * (perpetualAmount + shortOptions), 0),
      component("confidence_charge", confidenceSum, 0),
    ],
  };
}

function arrangeSrmExpiry(expiry: SrmExpiry, field: string): SrmExpiry {
  requireNumber(`${field}.secondsToExpiry`, expiry.secondsToExpiry);
  requirePositive(`${field}.forwardPrice`, expiry.forwardPrice);
  requireConfidence(`${field}.forwardConfidence`, expiry.forwardConfidence);
  requireConfidence(`${field}.volatilityConfidence`, expiry.volatilityConfidence);
  return { ...expiry, options: arrangeOptions(expiry.options, `${field}.options`) };
}

function marginExpiry(expiry: SrmExpiry, spotPrice: number, terms: SrmUnderlyingParameters["option"]): SrmExpiryMargin {
  const years = yearsLeft(expiry.secondsToExpiry);
  let mark = 0;
  let initial = 0;
  let maintenance = 0;
  for (const option of expiry.options) {
    const sign = option.optionType === "call" ? 1 : -1;
    const price = black76Price(sign, expiry.forwardPrice, option.strike, years, option.markVolatility, 1);
    mark += price * option.amount;
    if (option.amount < 0) {
      const short = isolatedShort(option, price, spotPrice, terms);
      initial += short.initial;
      maintenance += short.maintenance;
    }
  }
  const { payoffLoss, unpairedCalls } = computeMaximumLoss(
    expiry.options.map(({ optionType, strike, amount }) => ({ optionType, strike, quantity: amount })),
  );
  const unpairedNotional = unpairedCalls * expiry.forwardPrice;
  const margin = (isolated: number, unpairedRate: number): SrmOptionMargin => {
    const maximumLoss = payoffLoss + unpairedNotional * unpairedRate;
    return { isolated, maximumLoss, required: Math.min(isolated, maximumLoss) };
  };
  return {
    secondsToExpiry: expiry.secondsToExpiry,
    mark,
    initial: margin(initial, terms.unpairedCallInitial),
    maintenance: margin(maintenance, terms.unpairedCallMaintenance),
  };
}

/** Returns the requirement of one short option by itself, including its mark. */
function isolatedShort(
  option: DeriveOption,
  price: number,
  spotPrice: number,
  terms: SrmUnderlyingParameters["option"],
): { readonly initial: number; readonly maintenance: number } {
  const amount = -option.amount;
  const mark = price * amount;
  const beyond = option.optionType === "call" ? option.strike - spotPrice : spotPrice - option.strike;
  const outOfTheMoney = Math.max(0, beyond) / spotPrice;
  const initialRate = Math.max(terms.maximumSpotRate - outOfTheMoney, terms.minimumSpotRate);
  const initial = initialRate * spotPrice * amount + mark;
  if (option.optionType === "call") {
    return { initial, maintenance: terms.callMaintenanceSpotRate * spotPrice * amount + mark };
  }
  const maintenance =
    Math.max(terms.putMaintenanceSpotRate * spotPrice * amount, terms.putMaintenanceMarkRate * mark) + mark;
  return { initial: Math.max(initial, maintenance * terms.putInitialToMaintenance), maintenance };
}
