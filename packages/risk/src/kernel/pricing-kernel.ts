import { POWERS_OF_TWO, ROOTS_OF_TWO } from "../numbers/exponential.ts";
import { createKernel, KERNEL_RESERVED_BYTES, type Kernel } from "./kernel.ts";

/** The number of scenarios that a column of the pricing kernel holds. */
export const COLUMN_SCENARIOS = 4096;

/** One figure for each scenario, in the memory of a kernel. */
export interface Column {
  readonly address: number;
  readonly values: Float64Array;
}

/** A kernel with the columns that option pricing reads and writes. */
export interface PricingKernel {
  readonly kernel: Kernel;
  readonly out: Column;
  readonly priceMultiplier: Column;
  readonly logPriceMultiplier: Column;
  /** The total volatilities, or the states that choose one of three for each scenario. */
  readonly volatility: Column;
  /**
   * The object whose moves the columns hold, or null if they may not be used again. The code that loads the columns
   * sets it.
   */
  loadedFrom: object | null;
}

let opened: PricingKernel | null = null;

/** Returns the one pricing kernel. Its columns still hold the figures of the last use. */
export function openPricingKernel(): PricingKernel {
  if (opened !== null) return opened;
  const kernel = createKernel(KERNEL_RESERVED_BYTES + 4 * 8 * COLUMN_SCENARIOS);
  const tables = new Float64Array(kernel.memory.buffer);
  tables.set(ROOTS_OF_TWO, 0);
  tables.set(POWERS_OF_TWO, ROOTS_OF_TWO.length);
  const column = (index: number): Column => {
    const address = KERNEL_RESERVED_BYTES + index * 8 * COLUMN_SCENARIOS;
    return { address, values: new Float64Array(kernel.memory.buffer, address, COLUMN_SCENARIOS) };
  };
  const [out, priceMultiplier, logPriceMultiplier, volatility] = [column(0), column(1), column(2), column(3)];
  opened = { kernel, out, priceMultiplier, logPriceMultiplier, volatility, loadedFrom: null };
  return opened;
}
