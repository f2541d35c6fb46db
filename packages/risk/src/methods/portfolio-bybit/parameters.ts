import type { ScanParameters } from "../../model/scan.ts";
import { between, label, type ObjectBounds, rate, refuseRepeats, rows } from "../bounds.ts";
import { scanBounds } from "../common/scan-bounds.ts";
import { type SizedParameters, sized } from "../size/parameters.ts";

export interface BybitParameters {
  readonly label: string;
  readonly scan: ScanParameters;
  /** The shares of the index price that are charged per unit of net short options and per unit of gross futures. */
  readonly shortOptionRate: number;
  readonly grossFutureRate: number;
  /** The share of the hedged vega that is charged per day between the expiries that hedge each other. */
  readonly vegaSpreadRate: number;
  /** The share of the index price that is charged per unit of hedged delta and per year between the expiries. */
  readonly deltaSpreadRate: number;
  /** The share that is charged of the delta hedged between contracts of different stablecoins. */
  readonly stablecoinSpreadRate: number;
  readonly initialFactor: number;
}

/** The parameters of the method `portfolio_bybit`. */
export interface BybitMethodParameters extends SizedParameters {
  /**
   * The parameters of the coins, one row per `scan.underlying`. `*` serves any underlying that is not listed, and
   * without it no other underlying is margined.
   */
  readonly coins: readonly BybitParameters[];
}

const coinBounds: ObjectBounds<BybitParameters> = {
  kind: "object",
  members: {
    label,
    scan: scanBounds,
    shortOptionRate: rate,
    grossFutureRate: rate,
    vegaSpreadRate: rate,
    deltaSpreadRate: rate,
    stablecoinSpreadRate: rate,
    initialFactor: between(1, 10),
  },
};

export const bybitBounds: ObjectBounds<BybitMethodParameters> = {
  kind: "object",
  members: {
    ...sized,
    coins: rows(coinBounds, 1, (coins) =>
      refuseRepeats(
        coins.map(({ scan }) => scan.underlying),
        (index) => [index, "scan", "underlying"],
      ),
    ),
  },
};
