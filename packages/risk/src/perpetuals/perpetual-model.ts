import type { CurvedPerpetual, ScanParameters } from "../model/index.ts";
import type { ScenarioSet } from "../scenarios/index.ts";
import type { PerpetualOptionValue } from "./perpetual-option.ts";

/** Volatility per year in the scenarios of a set: at rest, and after its moves up and down. */
export interface ScannedVolatility {
  readonly none: number;
  readonly up: number;
  readonly down: number;
  /** By scenario. */
  readonly column: Float64Array;
}

/**
 * How one kind of perpetual that bends with the price is valued, without interest. Prices are per unit of contract size, in the
 * quote currency whatever it settles in. Written as methods, so that the model of one kind passes for a model of all.
 */
export interface PerpetualModel<Product extends CurvedPerpetual> {
  /** Mean life in days, the tenor that volatility moves are scaled by. */
  meanLifeDays(instrument: Product): number;
  /** Price and Greeks at an index price and a volatility per year. */
  value(instrument: Product, index: number, volatility: number): PerpetualOptionValue;
  /** The price alone. */
  price(instrument: Product, index: number, volatility: number): number;
  /** What funding measures the mark against, in the unit of the mark. */
  fundingPayoff(instrument: Product, index: number): number;
  /** The mark, in its own unit, after the index went from `index` to `multiplier` times it. */
  movedMark(instrument: Product, markPrice: number, index: number, volatility: number, multiplier: number): number;
  /** Writes the price in each scenario of a set to out[offset ...]. */
  writePrices(
    out: Float64Array,
    offset: number,
    instrument: Product,
    index: number,
    set: ScenarioSet,
    volatility: ScannedVolatility,
  ): void;
  /** Why the terms give no value in the scenarios, in words; null when they do. */
  findFault(instrument: Product, volatility: number, scan: ScanParameters): string | null;
}

/** Price in the unit of the instrument's mark: quote currency when linear, coin when inverse. */
export function inMarkUnit({ settlement }: CurvedPerpetual, price: number, index: number): number {
  return settlement === "inverse" ? price / index : price;
}
