import {
  between,
  label,
  nonNegative,
  type ObjectBounds,
  positive,
  type Refusal,
  rate,
  refuseRepeats,
  refuseUnordered,
  rows,
  underlying,
} from "../bounds.ts";
import { type SizedParameters, sized } from "../size/parameters.ts";

/**
 * One bracket of a maintenance schedule. `rate` applies to the part of a notional above `from`, up to the next bracket.
 */
export interface MaintenanceBracket {
  readonly from: number;
  readonly rate: number;
}

/**
 * The account ratios (adjusted equity / maintenance margin) at which states begin. The ratio falls to
 * 1.05 at liquidation.
 */
export interface AccountRatioParameters {
  readonly label: string;
  /** Below this ratio the account is warned. */
  readonly warningRatio: number;
  /** Below this ratio the account may only reduce its positions. */
  readonly reduceOnlyRatio: number;
  /** At or below this ratio the account is liquidated. */
  readonly liquidationRatio: number;
}

/** The maintenance rate of a debt that is borrowed at a leverage, as a share of its value. */
export interface LoanRate {
  readonly leverage: number;
  readonly rate: number;
}

/** The parameters of the method `account_ratio`. */
export interface AccountRatioMethodParameters extends AccountRatioParameters, SizedParameters {
  /**
   * The maintenance schedules, one per underlying; notionals are in US dollars. `*` serves any underlying that is not
   * listed, and without it no other underlying is margined.
   */
  readonly schedules: readonly { readonly underlying: string; readonly brackets: readonly MaintenanceBracket[] }[];
  /** The loan rates, by ascending leverage. */
  readonly loans: readonly LoanRate[];
  /** The leverage at which all accounts borrow, which must be one of those in `loans`. */
  readonly loanLeverage: number;
}

const scheduleBounds: ObjectBounds<AccountRatioMethodParameters["schedules"][number]> = {
  kind: "object",
  members: {
    underlying,
    brackets: {
      kind: "list",
      of: { kind: "object", members: { from: nonNegative, rate } },
      fewest: 1,
      most: 64,
    },
  },
  rules: ({ brackets }) => {
    const [first] = brackets;
    const start: Refusal[] =
      first?.from === 0
        ? []
        : [{ path: ["brackets", 0, "from"], value: first?.from, allowed: "0 in the first bracket" }];
    const unordered = (["from", "rate"] as const).flatMap((key) =>
      refuseUnordered(
        brackets.map((bracket) => bracket[key]),
        (index) => ["brackets", index, key],
      ),
    );
    return [...start, ...unordered];
  },
};

export const accountRatioBounds: ObjectBounds<AccountRatioMethodParameters> = {
  kind: "object",
  members: {
    ...sized,
    label,
    warningRatio: positive,
    reduceOnlyRatio: positive,
    liquidationRatio: { kind: "number", least: 1 },
    schedules: rows(scheduleBounds, 1),
    loans: {
      kind: "list",
      of: { kind: "object", members: { leverage: between(1, 1000), rate } },
      fewest: 1,
      most: 32,
    },
    loanLeverage: { kind: "number", least: 1 },
  },
  rules: ({ warningRatio, reduceOnlyRatio, liquidationRatio, schedules, loans, loanLeverage }) => {
    const refusals: Refusal[] = [];
    if (!(reduceOnlyRatio >= liquidationRatio)) {
      const allowed = `at least liquidation_ratio, which is ${liquidationRatio}`;
      refusals.push({ path: ["reduceOnlyRatio"], value: reduceOnlyRatio, allowed });
    }
    if (!(warningRatio >= reduceOnlyRatio)) {
      const allowed = `at least reduce_only_ratio, which is ${reduceOnlyRatio}`;
      refusals.push({ path: ["warningRatio"], value: warningRatio, allowed });
    }
    const names = schedules.map((entry) => entry.underlying);
    refusals.push(...refuseRepeats(names, (index) => ["schedules", index, "underlying"]));
    const leverages = loans.map(({ leverage }) => leverage);
    refusals.push(...refuseUnordered(leverages, (index) => ["loans", index, "leverage"]));
    if (!leverages.includes(loanLeverage)) {
      refusals.push({ path: ["loanLeverage"], value: loanLeverage, allowed: `one of ${leverages.join(", ")}` });
    }
    return refusals;
  },
};
