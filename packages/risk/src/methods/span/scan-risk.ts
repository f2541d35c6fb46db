import { worstIndex } from "../../arrays/index.ts";
import type { SpanGrid } from "./grid.ts";

/** What the scan of one combined commodity says. Losses positive, in its currency. */
export interface SpanScan {
  readonly losses: Float64Array;
  /** Greatest loss, at least 0. */
  readonly scanRisk: number;
  /** Number of the scenario with the greatest loss, the lowest on a tie. */
  readonly activeScenario: number;
  /** Mean of the active scenario and its pair; the active one alone when it has none. */
  readonly volatilityAdjustedScanRisk: number;
  /** Mean of the scenarios that leave the price where it is. */
  readonly timeRisk: number;
  /** Volatility-adjusted scan risk less time risk, at least 0: what the price alone does. */
  readonly priceRisk: number;
}

/** Sum of quantity x array over the positions, per scenario, in the order given. */
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
 * Scan risk and its parts (docs/sources.md, SPAN: scan risk). The parts agree with HKEX's SPAN-compatible PRiME as
 * noted in public: price risk = (loss of the active scenario + loss of its pair) / 2 - time risk, and weighted price
 * risk = max(price risk / |composite delta|, 0). That time risk is the mean of scenarios 1 and 2, and that a tie goes
 * to the lowest number, is from memory, not found in a source.
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
 * Price risk per unit of net delta: what one delta of credit is worth (CME Chadv10-409). `normal` divides as it is,
 * `scan_range_cap` caps at the price scan range, `scan_range` takes the range itself; 0 without net delta. CME says the net
 * delta is rounded first and not how; it is not rounded here.
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
 * Losses of several combined commodities scanned as one target (spread method 4): in each scenario the legs' losses,
 * less `gainAllowance` of the other legs' gains, at least minus what the gains alone allow
 * (docs/sources.md, SPAN: spreads between commodities: 6,200 - 0.7 x 4,800).
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
