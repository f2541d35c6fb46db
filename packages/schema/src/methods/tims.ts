import * as z from "zod";
import { symbol } from "../primitives.ts";
import { label, positive, rate, refuse, refuseRepeats, rows, sized, underlying } from "./bounds.ts";

const valuedClass = z.strictObject({
  underlying,
  down: z.number().gt(0).lt(1),
  up: positive.max(10),
  minimum_rate: rate,
});

const productGroup = z.strictObject({
  name: z.string().min(1).max(64),
  underlyings: z.array(symbol).min(1).max(64),
  offset: rate,
});

/** The method `tims`. */
export const timsMethod = z
  .strictObject({
    ...sized,
    label,
    point_count: z.int().min(2).max(128).multipleOf(2),
    classes: rows(valuedClass).min(1),
    product_groups: z.array(productGroup).max(64),
    portfolio_offset: rate,
  })
  .check((context) => {
    const { classes, product_groups: groups, portfolio_offset: between } = context.value;
    refuseRepeats(
      context,
      classes.map((entry) => entry.underlying),
      (index) => ["classes", index, "underlying"],
    );
    const seen = new Set<string>();
    for (const [index, { underlyings, offset }] of groups.entries()) {
      for (const [member, name] of underlyings.entries()) {
        if (seen.has(name)) {
          refuse(context, ["product_groups", index, "underlyings", member], name, "in one group, once");
        }
        seen.add(name);
      }
      if (between > offset) {
        const allowed = `at most the offset inside each group; that of group ${index} is ${offset}`;
        refuse(context, ["portfolio_offset"], between, allowed);
      }
    }
  });
