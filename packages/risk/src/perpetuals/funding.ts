import { isCurvedPerpetual, type QuotedInstrument, traitsOf } from "../model/index.ts";
import { MS_PER_HOUR } from "../numbers/time.ts";
import { fundingPayoff } from "./quoted-value.ts";

const HOURS_PER_DAY = 24;

/** How a premium becomes a rate per hour (Derive; docs/sources.md, Funding rates). */
export interface FundingParameters {
  /** Hours in which the premium would be paid off. */
  readonly convergenceHours: number;
  /** Rate per hour at no premium. */
  readonly staticHourlyRate: number;
  /** Greatest rate per hour, in either direction. */
  readonly hourlyCap: number;
}

/**
 * Premium of a perpetual over its index, a fraction: what the impact bid is above it less what the impact ask is below it.
 * `impactBid` and `impactAsk` are the prices at which the impact notional can be sold and bought.
 */
export function impactPremium(indexPrice: number, impactBid: number, impactAsk: number): number {
  return (Math.max(0, impactBid - indexPrice) - Math.max(0, indexPrice - impactAsk)) / indexPrice;
}

/** Rate per hour at a premium: spread over the convergence time, plus the static rate, capped. Longs pay a positive rate. */
export function hourlyFundingRate(premium: number, parameters: FundingParameters): number {
  const rate = premium / parameters.convergenceHours + parameters.staticHourlyRate;
  return Math.max(-parameters.hourlyCap, Math.min(parameters.hourlyCap, rate));
}

/**
 * Rate per funding interval after Binance and BitMEX, from memory (docs/sources.md, Funding rates): premium +
 * clamp(interest - premium).
 */
export interface IntervalFundingParameters {
  /** Interest of one interval, 0.0001 at both venues. */
  readonly interestRate: number;
  /** Farthest that interest pulls from the premium, 0.0005 at both. */
  readonly interestClamp: number;
  /** Greatest rate of one interval, in either direction. */
  readonly cap: number;
}

/** Share of the value that a long pays once per interval at a premium averaged over it. */
export function intervalFundingRate(premium: number, parameters: IntervalFundingParameters): number {
  const { interestRate, interestClamp, cap } = parameters;
  const pull = Math.max(-interestClamp, Math.min(interestClamp, interestRate - premium));
  return Math.max(-cap, Math.min(cap, premium + pull));
}

/** A value that holds from a time on, until the next sample. */
export interface TimedSample {
  readonly atMs: number;
  readonly value: number;
}

/**
 * Exact time-weighted average of a step function over [fromMs, toMs]: of premiums or rates for funding, of index prices for a
 * settlement window. Throws when nothing is known at `fromMs`, the samples are not in order of time or the interval is empty:
 * an average over a gap would be a guess.
 */
export function timeWeightedAverage(samples: readonly TimedSample[], fromMs: number, toMs: number): number {
  if (!(toMs > fromMs)) throw new RangeError(`Average: toMs is ${toMs}; it must be after fromMs, ${fromMs}`);
  const [first] = samples;
  if (first === undefined || first.atMs > fromMs) {
    throw new RangeError(`Average: samples[0].atMs is ${first?.atMs}; give a sample from at or before ${fromMs}`);
  }
  let sum = 0;
  for (const [index, { atMs, value }] of samples.entries()) {
    const nextMs = samples[index + 1]?.atMs ?? Number.POSITIVE_INFINITY;
    if (nextMs < atMs)
      throw new RangeError(`Average: samples[${index + 1}].atMs is ${nextMs}, before ${atMs}; sort them`);
    sum += value * Math.max(0, Math.min(nextMs, toMs) - Math.max(atMs, fromMs));
  }
  return sum / (toMs - fromMs);
}

/**
 * Funding that one long contract pays from one time to another at a rate per hour, settlement currency, negative when it
 * receives: value x rate x hours, to be added to the instrument's cumulative funding. `price` in quote currency per unit.
 */
export function accrueFunding(
  { settlement, contractSize }: { readonly settlement: "linear" | "inverse"; readonly contractSize: number },
  price: number,
  hourlyRate: number,
  fromMs: number,
  toMs: number,
): number {
  const value = settlement === "inverse" ? contractSize / price : contractSize * price;
  return value * hourlyRate * ((toMs - fromMs) / MS_PER_HOUR);
}

/**
 * Rate per hour that is assumed of a perpetual whose funding is stated without a rate, in either direction: the greatest cap that
 * we have read at a venue (Derive; docs/sources.md, Funding rates).
 */
export const UNKNOWN_HOURLY_RATE = 0.004;

/** Whether an instrument pays funding: perpetuals whose funding is stated, all perpetual options and power perpetuals. */
export function paysFunding({ instrument, funding }: QuotedInstrument): boolean {
  const traits = traitsOf(instrument);
  return traits.funding === "stated_rate" ? funding !== undefined : traits.funding !== "none";
}

/**
 * Funding that a position is expected to pay each hour at a mark and forward, settlement currency, at least 0: who receives pays
 * nothing. Where a perpetual's rate is not known, both sides are taken to pay `UNKNOWN_HOURLY_RATE`, so that a missing rate never
 * asks for less than any rate within that cap.
 */
export function hourlyFundingToPay(
  quoted: QuotedInstrument,
  quantity: number,
  markPrice: number,
  forwardPrice: number,
): number {
  const { instrument, funding } = quoted;
  if (traitsOf(instrument).funding === "stated_rate" && funding?.hourlyRate === null) {
    return Math.abs(quantity * accrueFunding(instrument, markPrice, UNKNOWN_HOURLY_RATE, 0, MS_PER_HOUR));
  }
  return Math.max(0, quantity * expectedHourlyFunding(quoted, markPrice, forwardPrice));
}

/**
 * Funding that one long contract is expected to pay each hour at a mark and forward, its own unless given, settlement
 * currency. A perpetual pays its rate on its value; a perpetual option or power perpetual mark - payoff over its funding
 * period, whatever its style. 0 for what pays no funding or states no rate.
 */
export function expectedHourlyFunding(
  quoted: QuotedInstrument,
  markPrice = quoted.markPrice,
  forwardPrice = quoted.forwardPrice,
): number {
  const { instrument, funding } = quoted;
  if (isCurvedPerpetual(instrument)) {
    const perPeriod = instrument.contractSize * (markPrice - fundingPayoff(instrument, forwardPrice));
    return perPeriod / (instrument.fundingPeriodDays * HOURS_PER_DAY);
  }
  const isStated = traitsOf(instrument).funding === "stated_rate";
  if (!isStated || funding === undefined || funding.hourlyRate === null) return 0;
  return accrueFunding(instrument, markPrice, funding.hourlyRate, 0, MS_PER_HOUR);
}

/**
 * What a position has gained by funding since it last paid, settlement currency: negative for a long while longs pay. Both
 * arguments are cumulative funding of one long contract.
 */
export function accruedFunding(quantity: number, cumulative: number, fundingIndex: number): number {
  return 0 - quantity * (cumulative - fundingIndex);
}
