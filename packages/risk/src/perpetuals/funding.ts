import { isCurvedPerpetual, type QuotedInstrument, traitsOf } from "../model/index.ts";
import { MS_PER_HOUR } from "../numbers/time.ts";
import { fundingPayoff } from "./quoted-value.ts";

const HOURS_PER_DAY = 24;

/** How a premium becomes an hourly funding rate (Derive; docs/sources.md, Funding rates). */
export interface FundingParameters {
  /** Hours in which funding would pay off the premium. */
  readonly convergenceHours: number;
  /** Hourly rate at a premium of 0. */
  readonly staticHourlyRate: number;
  /** Greatest hourly rate in either direction. */
  readonly hourlyCap: number;
}

/**
 * Computes the premium of a perpetual over its index as a fraction: the excess of the impact bid above the index, minus
 * the shortfall of the impact ask below it. `impactBid` and `impactAsk` are the prices at which the impact notional can
 * be sold and bought.
 */
export function impactPremium(indexPrice: number, impactBid: number, impactAsk: number): number {
  return (Math.max(0, impactBid - indexPrice) - Math.max(0, indexPrice - impactAsk)) / indexPrice;
}

/**
 * Computes the hourly rate at a premium: the premium divided by the convergence hours, plus the static rate, capped.
 * Longs pay a positive rate.
 */
export function hourlyFundingRate(premium: number, parameters: FundingParameters): number {
  const rate = premium / parameters.convergenceHours + parameters.staticHourlyRate;
  return Math.max(-parameters.hourlyCap, Math.min(parameters.hourlyCap, rate));
}

/** A value that holds from a time until the next sample. */
export interface TimedSample {
  readonly atMs: number;
  readonly value: number;
}

/**
 * Computes the exact time-weighted average of a step function over [fromMs, toMs]: of premiums or rates for funding, or
 * of index prices for a settlement window. Throws a RangeError if no sample is at or before `fromMs`, if samples are
 * not in order of time, or if the interval is empty, since an average over a gap would be a guess.
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
 * Computes the funding that one long contract pays between two times at an hourly rate: value x rate x hours, in the
 * settlement currency, negative if it receives. It is added to the instrument's cumulative funding. `price` is in quote
 * currency per unit.
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
 * Hourly rate assumed in either direction for a perpetual whose rate is not stated. It is the greatest cap that we have
 * read at a venue (Derive; docs/sources.md, Funding rates).
 */
export const UNKNOWN_HOURLY_RATE = 0.004;

/**
 * Whether an instrument pays funding: perpetuals whose funding is stated, all perpetual options and all power
 * perpetuals.
 */
export function paysFunding({ instrument, funding }: QuotedInstrument): boolean {
  const traits = traitsOf(instrument);
  return traits.funding === "stated_rate" ? funding !== undefined : traits.funding !== "none";
}

/**
 * Computes the funding that a position is expected to pay per hour at a mark and forward, in the settlement currency.
 * It is 0 if the position receives. If a perpetual's rate is not known, both sides are assumed to pay
 * `UNKNOWN_HOURLY_RATE`, so that a missing rate never asks for less than any rate within that cap.
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
 * Computes the funding that one long contract is expected to pay per hour, in the settlement currency, at its own mark
 * and forward unless others are given. A perpetual pays its rate on its value. A perpetual option or power perpetual
 * pays mark - payoff over its funding period. It is 0 for instruments that pay no funding or state no rate.
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
 * Computes the funding that a position has gained since it last paid, in the settlement currency. It is negative for a
 * long if longs pay. `cumulative` and `fundingIndex` are cumulative funding of one long contract.
 */
export function accruedFunding(quantity: number, cumulative: number, fundingIndex: number): number {
  return 0 - quantity * (cumulative - fundingIndex);
}
