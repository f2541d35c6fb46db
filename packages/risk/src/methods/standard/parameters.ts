import type { IncrementalRate, SizedParameters } from "../size/parameters.ts";

/** Rates of futures and perpetuals on one underlying; sizes in units of the underlying. */
export interface StandardFutureParameters {
  readonly initial: IncrementalRate;
  readonly maintenance: IncrementalRate;
}

/** Rule-based margin of short options: rates are fractions of the underlying's price. */
export interface StandardOptionParameters {
  readonly label: string;
  /** Initial rate before the out-of-the-money amount is taken off, and what it cannot fall below. */
  readonly initialRate: number;
  readonly initialMinimumRate: number;
  readonly maintenanceRate: number;
  /** Maintenance of a put is at least this share of its own mark price. */
  readonly putMaintenanceMarkRate: number;
  /** Whether the share of the mark price holds for calls too (Bybit). */
  readonly markRateForCalls: boolean;
  /** Added to maintenance: the fee of closing the position by force. */
  readonly closingFeeRate: number;
}

/** The method `standard` for one underlying. */
export interface StandardParameters {
  readonly futures: StandardFutureParameters;
  readonly options: StandardOptionParameters;
  /** `max_loss` caps the options of one expiry at the worst they can pay (Derive's SRM does; Deribit does not). */
  readonly spreadRelief: "none" | "max_loss";
}

/** The methods `standard` and `isolated`. */
export interface StandardMethodParameters extends SizedParameters {
  /** By underlying, each once; `*` serves any not listed. */
  readonly futures: readonly (StandardFutureParameters & { readonly underlying: string })[];
  readonly options: StandardOptionParameters;
  readonly spreadRelief: StandardParameters["spreadRelief"];
}
