import { worstIndex } from "../../arrays/index.ts";
import type { SpanGrid } from "./grid.ts";

/** The result of scanning one combined commodity, in its currency. Losses are positive. */
export interface SpanScan {
  readonly losses: Float64Array;
  /** The greatest loss, at least 0. */
  readonly scanRisk: number;
  /** The number of the scenario with the greatest loss, the lowest on a tie. */
  readonly activeScenario: number;
  /** The mean loss of the active scenario and its pair. If it has no pair, it is the loss of the active scenario. */
  readonly volatilityAdjustedScanRisk: number;
  /** The mean loss of the scenarios that leave the price unmoved. */
  readonly timeRisk: number;
  /** Volatility-adjusted scan risk less time risk, at least 0. It is the loss that the price move alone makes. */
  readonly priceRisk: number;
}

/**
 * Returns the sum of quantity x risk array over the positions, per scenario, in the order given. Throws a RangeError if
 * an array does not have one value for each scenario of the grid.
 */
export function sumSpanLosses(
  positions: readonly { readonly contract: { readonly losses: Float64Array }; readonly quantity: number }[],
  grid: SpanGrid,
): Float64Array {
  const losses = new Float64Array(grid.scenarios.length);
  for (const { contract, quantity } of positions) {
    if (contract.losses.length !== losses.length) {
      throw new RangeError(`SPAN: a risk array has ${contract.losses.length} values; the grid has ${losses.length}`);
    }
    for (let s = 0; s < losses.length; s += 1) losses[s] = losses[s]! + quantity * contract.losses[s]!;
  }
  return losses;
}

/**
 * Computes scan risk and its parts (docs/sources.md, SPAN: scan risk). The parts agree with public notes on HKEX's
 * SPAN-compatible PRiME. These state price risk = (loss of the active scenario + loss of its pair) / 2 - time risk.
 * They also state weighted price risk = max(price risk / |composite delta|, 0). We chose two details: time risk is the
 * mean of scenarios 1 and 2, and of scenarios that lose the same, the one with the lowest number is active.
 */
export function computeSpanScan(losses: Float64Array, grid: SpanGrid): SpanScan {
  const active = worstIndex(losses, 0, losses.length);
  const scenario = grid.scenarios[active]!;
  const worst = losses[active]!;
  const paired = scenario.pairedNumber === null ? worst : losses[scenario.pairedNumber - 1]!;
  const volatilityAdjustedScanRisk = (worst + paired) / 2;
  let unmoved = 0;
  let timeRisk = 0;
  for (const { number, priceFraction } of grid.scenarios) {
    if (priceFraction !== 0) continue;
    unmoved += 1;
    timeRisk += losses[number - 1]!;
  }
  timeRisk /= unmoved;
  return {
    losses,
    scanRisk: Math.max(0, worst),
    activeScenario: scenario.number,
    volatilityAdjustedScanRisk,
    timeRisk,
    priceRisk: Math.max(0, volatilityAdjustedScanRisk - timeRisk),
  };
}

/**
 * Returns the price risk per unit of net delta, which is what one delta of credit is worth (CME Chadv10-409). `normal`
 * divides without a limit, `scan_range_cap` caps the result at the price scan range, and `scan_range` takes that range
 * itself. Without net delta it returns 0. CME says that the net delta is rounded first but not how, so it is not
 * rounded here.
 */
export function weightedPriceRisk(
  priceRisk: number,
  netDelta: number,
  priceScanRange: number,
  method: "normal" | "scan_range_cap" | "scan_range",
): number {
  if (netDelta === 0) return 0;
  if (method === "scan_range") return priceScanRange;
  const perDelta = priceRisk / Math.abs(netDelta);
  return method === "scan_range_cap" ? Math.min(perDelta, priceScanRange) : perDelta;
}

/**
 * Returns the losses of several combined commodities scanned as one target (spread method 4), one per scenario. In each
 * scenario it is the sum of the legs' losses less `gainAllowance` times the sum of their gains (docs/sources.md, SPAN:
 * spreads between commodities: 6,200 - 0.7 x 4,800). It is negative if the allowed gains exceed the losses. Throws a
 * RangeError for an allowance outside 0 to 1.
 */
export function combineScannedLosses(legs: readonly Float64Array[], gainAllowance: number): Float64Array {
  if (!(gainAllowance >= 0 && gainAllowance <= 1)) {
    throw new RangeError(`SPAN: gain allowance is ${gainAllowance}; it must be between 0 and 1`);
  }
  const combined = new Float64Array(legs[0]?.length ?? 0);
  for (let s = 0; s < combined.length; s += 1) {
    let losses = 0;
    let gains = 0;
    for (const leg of legs) {
      const loss = leg[s]!;
      if (loss > 0) losses += loss;
      else gains -= loss;
    }
    combined[s] = losses - gainAllowance * gains;
  }
  return combined;
}
