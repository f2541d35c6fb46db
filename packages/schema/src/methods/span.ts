import * as z from "zod";
import { symbol } from "../primitives.ts";
import { label, positive, rate, refuse, refuseRepeats, rows, sized, underlying } from "./bounds.ts";

const commodity = z.strictObject({
  underlying,
  price_scan_rate: z.number().gt(0).lt(1),
  volatility_scan_range: z.number().min(0).max(10),
  volatility_scan_kind: z.enum(["relative", "absolute"]),
  look_ahead_years: z.number().min(0).max(1),
  calendar_rate: rate,
  short_option_minimum_rate: rate,
  initial_to_maintenance_ratio: z.number().min(1).max(10),
});

const credit = z
  .strictObject({
    priority: z.int().min(1),
    method: z.enum(["delta", "scanning"]),
    is_super: z.boolean(),
    credit_rate: rate,
    legs: z
      .array(z.strictObject({ underlying: symbol, side: z.enum(["A", "B"]), notional_per_spread: positive }))
      .min(2)
      .max(4),
  })
  .check((context) => {
    const { legs } = context.value;
    refuseRepeats(
      context,
      legs.map((leg) => leg.underlying),
      (index) => ["legs", index, "underlying"],
    );
    if (new Set(legs.map(({ side }) => side)).size === 1) {
      refuse(context, ["legs", 1, "side"], legs[1]?.side, "the other side of the first leg: a spread has both");
    }
  });

/** The method `span`. */
export const spanMethod = z
  .strictObject({
    ...sized,
    label,
    extreme_multiplier: z.number().min(1).max(100),
    covered_fraction: z.number().gt(0).max(1),
    limit_net_option_value: z.boolean(),
    underlyings: rows(commodity).min(1),
    credits: z.array(credit).max(64),
  })
  .check((context) => {
    const { underlyings, credits } = context.value;
    const names = underlyings.map((entry) => entry.underlying);
    refuseRepeats(context, names, (index) => ["underlyings", index, "underlying"]);
    for (const [index, { legs }] of credits.entries()) {
      for (const [leg, { underlying: name }] of legs.entries()) {
        if (names.includes(name) || names.includes("*")) continue;
        refuse(context, ["credits", index, "legs", leg, "underlying"], name, `one of ${names.join(", ")}`);
      }
    }
    // A wider extreme on an inverse contract would take its price to 0 or below.
    for (const [index, { price_scan_rate: scan }] of underlyings.entries()) {
      if (scan * context.value.extreme_multiplier < 1) continue;
      const allowed = `below 1 / extreme_multiplier, which is ${1 / context.value.extreme_multiplier}`;
      refuse(context, ["underlyings", index, "price_scan_rate"], scan, allowed);
    }
  });
