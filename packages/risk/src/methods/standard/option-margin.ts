import type { Settlement } from "../../model/index.ts";
import type { StandardOptionParameters } from "./parameters.ts";

/** One short option, with all figures per unit of the underlying. */
export interface ShortOption {
  readonly optionType: "call" | "put";
  readonly settlement: Settlement;
  readonly strike: number;
  /** Quote currency per unit. */
  readonly underlyingPrice: number;
  /** Quote currency per unit if linear, coin per unit if inverse. It is at least 0. */
  readonly markPrice: number;
}

/** The two margins of a position in its settlement currency. A requirement is positive. */
export interface InitialAndMaintenance {
  readonly initial: number;
  readonly maintenance: number;
}

/**
 * Computes the margin of one short option, in settlement currency per unit of the underlying (docs/sources.md, Deribit
 * standard margin):
 *
 *   initial      max(initialRate - OTM / S, initialMinimumRate) x u + mark, at least the maintenance
 *   maintenance  max(maintenanceRate x u, markRate x mark) + mark + closingFeeRate x u
 *
 * OTM is max(K - S, 0) for a call and max(S - K, 0) for a put, and u is 1 coin when inverse, S when linear. The
 * markRate is `putMaintenanceMarkRate`. It counts for puts, and for calls only with `markRateForCalls`. The margin
 * contains the mark, so the balance that it is compared with must not subtract the value of short options again.
 */
export function shortOptionMargin(option: ShortOption, parameters: StandardOptionParameters): InitialAndMaintenance {
  const { optionType, strike, underlyingPrice, markPrice } = option;
  const unit = option.settlement === "inverse" ? 1 : underlyingPrice;
  const outOfTheMoney = Math.max(0, optionType === "call" ? strike - underlyingPrice : underlyingPrice - strike);
  const markCounts = optionType === "put" || parameters.markRateForCalls;
  const maintenance =
    Math.max(parameters.maintenanceRate * unit, markCounts ? parameters.putMaintenanceMarkRate * markPrice : 0) +
    markPrice +
    parameters.closingFeeRate * unit;
  const rate = Math.max(parameters.initialRate - outOfTheMoney / underlyingPrice, parameters.initialMinimumRate);
  return { initial: Math.max(rate * unit + markPrice, maintenance), maintenance };
}
