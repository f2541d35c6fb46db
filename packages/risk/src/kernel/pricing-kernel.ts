import { POWERS_OF_TWO, ROOTS_OF_TWO } from "../numbers/exponential.ts";
import { createKernel, KERNEL_RESERVED_BYTES, type Kernel } from "./kernel.ts";

/** Scenarios that a column of the pricing kernel holds. */
export const COLUMN_SCENARIOS = 4096;

/** Figures by scenario in the memory of a kernel. */
export interface Column {
  readonly address: number;
  readonly values: Float64Array;
}

/** A kernel with the columns that options are priced from and into. */
export interface PricingKernel {
  readonly kernel: Kernel;
  readonly out: Column;
  readonly priceMultiplier: Column;
  readonly logPriceMultiplier: Column;
  /** Total volatilities, or the states that say which one a scenario has. */
  readonly volatility: Column;
  /** What the columns were loaded from, if they may be used again; set by whoever loads them. */
  loadedFrom: object | null;
}

let opened: PricingKernel | null = null;

/** The one pricing kernel; its columns hold what the last use left. */
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
