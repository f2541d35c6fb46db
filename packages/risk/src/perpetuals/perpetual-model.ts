import type { CurvedPerpetual, ScanParameters } from "../model/index.ts";
import type { ScenarioSet } from "../scenarios/index.ts";
import type { PerpetualOptionValue } from "./perpetual-option.ts";

/** Volatility per year in the scenarios of a set: unchanged, and after moves up and down. */
export interface ScannedVolatility {
  readonly none: number;
  readonly up: number;
  readonly down: number;
  /** One value per scenario. */
  readonly column: Float64Array;
}

/**
 * The valuation of one kind of perpetual whose price is a curve of the index, without interest. Prices are per unit of
 * contract size in quote currency, whatever the settlement. The members are methods, since TypeScript then accepts the
 * model of one kind for all kinds.
 */
export interface PerpetualModel<Product extends CurvedPerpetual> {
  /** Returns the mean life in days. Volatility moves are scaled by this tenor. */
  meanLifeDays(instrument: Product): number;
  /** Computes price and Greeks at an index price and a volatility per year. */
  value(instrument: Product, index: number, volatility: number): PerpetualOptionValue;
  /** Computes the price alone. */
  price(instrument: Product, index: number, volatility: number): number;
  /** Returns the payoff that funding compares the mark with, in the unit of the mark. */
  fundingPayoff(instrument: Product, index: number): number;
  /** Returns the mark in its own unit after the index moved from `index` to `multiplier` times that. */
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
  /** Says in words why the terms give no value in the scenarios, or returns null if they do. */
  findFault(instrument: Product, volatility: number, scan: ScanParameters): string | null;
}

/** Converts a price to the unit of the instrument's mark: quote currency if linear, coin if inverse. */
export function inMarkUnit({ settlement }: CurvedPerpetual, price: number, index: number): number {
  return settlement === "inverse" ? price / index : price;
}
