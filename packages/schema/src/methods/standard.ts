import * as z from "zod";
import { label, rate, refuse, rowsByUnderlying, sized, underlying } from "./bounds.ts";

const incrementalRate = z.strictObject({ base: rate, increment_per_unit: rate });

const futures = z
  .strictObject({ underlying, initial: incrementalRate, maintenance: incrementalRate })
  .check((context) => {
    const { initial, maintenance } = context.value;
    for (const key of ["base", "increment_per_unit"] as const) {
      if (!(maintenance[key] <= initial[key])) {
        refuse(context, ["maintenance", key], maintenance[key], `at most the initial one, which is ${initial[key]}`);
      }
    }
  });

const options = z
  .strictObject({
    label,
    initial_rate: rate,
    initial_minimum_rate: rate,
    maintenance_rate: rate,
    put_maintenance_mark_rate: rate,
    mark_rate_for_calls: z.boolean(),
    closing_fee_rate: rate,
  })
  .check((context) => {
    const { initial_rate, initial_minimum_rate } = context.value;
    if (!(initial_minimum_rate <= initial_rate)) {
      const allowed = `at most initial_rate, which is ${initial_rate}`;
      refuse(context, ["initial_minimum_rate"], initial_minimum_rate, allowed);
    }
  });

/** The methods `standard` and `isolated`. */
export const standardMethod = z.strictObject({
  ...sized,
  futures: rowsByUnderlying(futures).min(1),
  options,
  spread_relief: z.enum(["none", "max_loss"]),
});
