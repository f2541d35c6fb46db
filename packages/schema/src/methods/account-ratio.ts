import * as z from "zod";
import {
  label,
  nonNegative,
  positive,
  rate,
  refuse,
  refuseRepeats,
  refuseUnordered,
  rows,
  sized,
  underlying,
} from "./bounds.ts";

const schedule = z
  .strictObject({
    underlying,
    brackets: z
      .array(z.strictObject({ from: nonNegative, rate }))
      .min(1)
      .max(64),
  })
  .check((context) => {
    const { brackets } = context.value;
    if (brackets[0]?.from !== 0) refuse(context, ["brackets", 0, "from"], brackets[0]?.from, "0 in the first bracket");
    for (const key of ["from", "rate"] as const) {
      refuseUnordered(
        context,
        brackets.map((bracket) => bracket[key]),
        (index) => ["brackets", index, key],
      );
    }
  });

/** The method `account_ratio`. */
export const accountRatioMethod = z
  .strictObject({
    ...sized,
    label,
    warning_ratio: positive,
    reduce_only_ratio: positive,
    liquidation_ratio: z.number().min(1),
    schedules: rows(schedule).min(1),
    loans: z
      .array(z.strictObject({ leverage: z.number().min(1).max(1000), rate }))
      .min(1)
      .max(32),
    loan_leverage: z.number().min(1),
  })
  .check((context) => {
    const { warning_ratio, reduce_only_ratio, liquidation_ratio, schedules, loans, loan_leverage } = context.value;
    if (!(reduce_only_ratio >= liquidation_ratio)) {
      const allowed = `at least liquidation_ratio, which is ${liquidation_ratio}`;
      refuse(context, ["reduce_only_ratio"], reduce_only_ratio, allowed);
    }
    if (!(warning_ratio >= reduce_only_ratio)) {
      refuse(context, ["warning_ratio"], warning_ratio, `at least reduce_only_ratio, which is ${reduce_only_ratio}`);
    }
    refuseRepeats(
      context,
      schedules.map((entry) => entry.underlying),
      (index) => ["schedules", index, "underlying"],
    );
    const leverages = loans.map(({ leverage }) => leverage);
    refuseUnordered(context, leverages, (index) => ["loans", index, "leverage"]);
    if (!leverages.includes(loan_leverage)) {
      refuse(context, ["loan_leverage"], loan_leverage, `one of ${leverages.join(", ")}`);
    }
  });
