import * as z from "zod";
import { symbol } from "../primitives.ts";
import { rate, refuse, sized } from "./bounds.ts";

/** The method `static`. */
export const staticMethod = z.strictObject(sized);

const offsetGroup = z.strictObject({
  name: z.string().min(1).max(64),
  underlyings: z.array(symbol).min(2).max(64),
  gain_share: rate,
  decorrelation: rate,
});

/** The method `portfolio`. */
export const portfolioMethod = z
  .strictObject({
    ...sized,
    offsets: z.array(offsetGroup).max(64),
    /** Absent in sets from before it existed, which had no floor. */
    floor_by: z.literal("var").nullable().default(null),
  })
  .check((context) => {
    const seen = new Set<string>();
    for (const [index, { underlyings }] of context.value.offsets.entries()) {
      for (const [member, name] of underlyings.entries()) {
        if (seen.has(name)) refuse(context, ["offsets", index, "underlyings", member], name, "in one group, once");
        seen.add(name);
      }
    }
  });
