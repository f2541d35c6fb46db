import { flag, label, type ObjectBounds, rate, rowsByUnderlying, underlying } from "../bounds.ts";
import { type IncrementalRate, type SizedParameters, sized } from "../size/parameters.ts";

/** The rates of futures and perpetuals on one underlying. Sizes are in units of the underlying. */
export interface StandardFutureParameters {
  readonly initial: IncrementalRate;
  readonly maintenance: IncrementalRate;
}

/** The rates of the rule-based margin of short options, as fractions of the underlying's price. */
export interface StandardOptionParameters {
  readonly label: string;
  /** The initial rate before the out-of-the-money amount is taken off, and the rate that it cannot fall below. */
  readonly initialRate: number;
  readonly initialMinimumRate: number;
  readonly maintenanceRate: number;
  /** The maintenance of a put, before its mark is added, is at least this share of the mark. */
  readonly putMaintenanceMarkRate: number;
  /** Whether that least share of the mark holds for calls too, as it does at Bybit. */
  readonly markRateForCalls: boolean;
  /** The fee of closing the position by force, which is added to maintenance margin. */
  readonly closingFeeRate: number;
}

/** The terms of the method `standard` for one underlying. */
export interface StandardParameters {
  readonly futures: StandardFutureParameters;
  readonly options: StandardOptionParameters;
  /**
   * With `max_loss`, the margin of the options of one expiry is at most the worst that they can pay. Derive's SRM does
   * this, and Deribit does not.
   */
  readonly spreadRelief: "none" | "max_loss";
}

/** The parameters of the methods `standard` and `isolated`. */
export interface StandardMethodParameters extends SizedParameters {
  /** The rates by underlying, each once. `*` serves every underlying that is not listed. */
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
