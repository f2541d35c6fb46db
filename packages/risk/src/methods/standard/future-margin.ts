import { incrementalRate } from "../size/size-charges.ts";
import type { InitialAndMaintenance } from "./option-margin.ts";
import type { StandardFutureParameters } from "./parameters.ts";

/** The margin of one future or perpetual position with its rates, in units of the underlying and in quote currency. */
export interface FutureMargin {
  readonly initialRate: number;
  readonly maintenanceRate: number;
  /** In units of the underlying, the currency of an inverse position's margin. */
  readonly base: InitialAndMaintenance;
  /** In quote currency, the currency of a linear position's margin. */
  readonly quote: InitialAndMaintenance;
}

/**
 * Computes the margin of a future or perpetual of the Deribit kind: rate = base + increment x size, margin = rate x
 * size. The margin therefore grows with the square of the size (docs/sources.md, Deribit standard margin). `sizeBase`
 * is signed units of the underlying, and `price` is in quote currency. Throws a RangeError for rates out of bounds
 * (below 0, or maintenance above initial at this size).
 */
export function futureMargin(sizeBase: number, price: number, parameters: StandardFutureParameters): FutureMargin {
  const size = Math.abs(sizeBase);
  const initialRate = incrementalRate(size, parameters.initial);
  const maintenanceRate = incrementalRate(size, parameters.maintenance);
  if (!(maintenanceRate >= 0 && initialRate >= maintenanceRate)) {
    throw new RangeError(
      `Futures margin: rates at size ${size} are ${initialRate} initial and ${maintenanceRate} maintenance; they must be at least 0, initial not below maintenance`,
    );
  }
  const base = { initial: initialRate * size, maintenance: maintenanceRate * size };
  const quote = { initial: base.initial * price, maintenance: base.maintenance * price };
  return { initialRate, maintenanceRate, base, quote };
}
