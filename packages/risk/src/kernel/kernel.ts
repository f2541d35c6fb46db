import { KERNEL_BYTES } from "./kernel-bytes.ts";

/**
 * The number of scenarios in a block of sums. Columns that the kernel writes have room for one block beyond their last
 * scenario.
 */
export const BLOCK_SCENARIOS = 16;

/** The bytes from the start of its memory that the kernel uses itself: the tables of exp, then its constants. */
export const KERNEL_RESERVED_BYTES = 24_576;

const PAGE_BYTES = 65_536;

/** The functions of assembly/kernel.ts. Their addresses and lengths are in bytes. */
interface KernelFunctions {
  black76(
    out: number,
    end: number,
    optionSign: number,
    forward: number,
    strike: number,
    discountFactor: number,
    logMoneyness: number,
    priceMultiplier: number,
    logPriceMultiplier: number,
    totalVolatility: number,
  ): void;
  optionRiskArray(
    out: number,
    end: number,
    optionSign: number,
    forward: number,
    strike: number,
    contractSize: number,
    isInverse: number,
    logMoneyness: number,
    up: number,
    unmoved: number,
    down: number,
    priceMultiplier: number,
    logPriceMultiplier: number,
    volatilityState: number,
    noMove: number,
  ): void;
  accumulate(sums: number, offsets: number, quantities: number, positions: number, start: number, end: number): void;
  scanBooks(
    worst: number,
    losses: number,
    books: number,
    starts: number,
    offsets: number,
    quantities: number,
    end: number,
    arrays: number,
    rows: number,
    tiles: number,
    sums: number,
    ranges: number,
  ): void;
}

/** A kernel with a memory of its own. */
export interface Kernel extends KernelFunctions {
  readonly memory: WebAssembly.Memory;
}

let compiled: WebAssembly.Module | null = null;

/**
 * Creates a kernel with a memory of at least `bytes`. Pricing needs the tables of exp at the start of that memory; see
 * `openPricingKernel`.
 */
export function createKernel(bytes: number): Kernel {
  compiled ??= new WebAssembly.Module(Uint8Array.from(atob(KERNEL_BYTES), (character) => character.charCodeAt(0)));
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE_BYTES) });
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  return { ...(exports as KernelFunctions), memory };
}

/**
 * Grows the memory of a kernel to at least `bytes`. If it has to grow, it at least doubles, and views of the old buffer
 * become invalid.
 */
export function growKernel({ memory }: Kernel, bytes: number): void {
  const size = memory.buffer.byteLength;
  if (bytes > size) memory.grow(Math.ceil((Math.max(bytes, 2 * size) - size) / PAGE_BYTES));
}
