import type { IncrementalRate } from "./parameters.ts";
/**
 * Returns the rate base + increment x |size|, so that the margin itself is quadratic in size (Deribit; docs/sources.md,
 * Deribit standard margin).
 */
export function incrementalRate(size: number, { base, incrementPerUnit }: IncrementalRate): number {
  return base + incrementPerUnit * Math.abs(size);
}

/**
 * Returns the rate max(base, base x 0.8 + factor x sqrt(|size|)). It grows with the square root of the size, as
 * market impact does (Drift; docs/sources.md, Rates that grow with size). It exceeds base only for sizes above
 * (0.2 base / factor)^2.
 */
export function squareRootRate(size: number, base: number, factor: number): number {
  return Math.max(base, base * 0.8 + factor * Math.sqrt(Math.abs(size)));
}

/**
 * Returns the initial rate scaled by open interest. It is base up to the lower cap, rises linearly to 1 at the upper
 * cap, and is 1 beyond (dYdX v4; docs/sources.md, Rates that grow with size). Equal caps make it a step. When both caps
 * are 0, the rate stays at base. Throws a RangeError unless 0 <= lower <= upper.
 */
export function openInterestRate(
  base: number,
  openInterestNotional: number,
  caps: { readonly lower: number; readonly upper: number },
): number {
  if (!(caps.lower >= 0 && caps.upper >= caps.lower)) {
    throw new RangeError(`Open interest caps are ${caps.lower} and ${caps.upper}; give 0 <= lower <= upper`);
  }
  if (caps.upper === 0 || openInterestNotional <= caps.lower) return base;
  if (openInterestNotional >= caps.upper) return 1;
  return base + (1 - base) * ((openInterestNotional - caps.lower) / (caps.upper - caps.lower));
}
