import { flag, label, type ObjectBounds, rate, rowsByUnderlying, underlying } from "../bounds.ts";
import { type IncrementalRate, type SizedParameters, sized } from "../size/parameters.ts";

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

const incrementalRate: ObjectBounds<IncrementalRate> = {
  kind: "object",
  members: { base: rate, incrementPerUnit: rate },
};

const futureBounds: ObjectBounds<StandardMethodParameters["futures"][number]> = {
  kind: "object",
  members: { underlying, initial: incrementalRate, maintenance: incrementalRate },
  rules: ({ initial, maintenance }) =>
    (["base", "incrementPerUnit"] as const).flatMap((key) =>
      maintenance[key] <= initial[key]
        ? []
        : [
            {
              path: ["maintenance", key],
              value: maintenance[key],
              allowed: `at most the initial one, which is ${initial[key]}`,
            },
          ],
    ),
};

const optionBounds: ObjectBounds<StandardOptionParameters> = {
  kind: "object",
  members: {
    label,
    initialRate: rate,
    initialMinimumRate: rate,
    maintenanceRate: rate,
    putMaintenanceMarkRate: rate,
    markRateForCalls: flag,
    closingFeeRate: rate,
  },
  rules: ({ initialRate, initialMinimumRate: value }) =>
    value <= initialRate
      ? []
      : [{ path: ["initialMinimumRate"], value, allowed: `at most initial_rate, which is ${initialRate}` }],
};

export const standardBounds: ObjectBounds<StandardMethodParameters> = {
  kind: "object",
  members: {
    ...sized,
    futures: rowsByUnderlying(futureBounds, 1),
    options: optionBounds,
    spreadRelief: { kind: "choice", of: ["none", "max_loss"] },
  },
};
