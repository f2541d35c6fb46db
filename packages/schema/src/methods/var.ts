import { varSimulations } from "@plimsoll/risk";
import * as z from "zod";
import { limits, symbol } from "../primitives.ts";
import { rate, sized } from "./bounds.ts";

const setId = z.string().min(1).max(64);

/** The method `var`. */
export const varMethod = z.strictObject({
  ...sized,
  measure: z.enum(["value_at_risk", "expected_shortfall"]),
  level: z.number().gt(0.5).lt(1),
  horizon_hours: z.number().positive().max(720),
  window_scenarios: z.int().min(1).max(limits.scenarios),
  minimum_beyond: z.int().min(1).max(1_000),
  simulation: z.enum(varSimulations),
  filter: z.strictObject({
    lambda: z.number().gt(0).lt(1),
    minimum_ratio: z.number().gt(0).max(1),
    maximum_ratio: z.number().min(1).max(100),
  }),
  monte_carlo: z.strictObject({
    scenario_count: z
      .int()
      .min(100)
      .max(limits.scenarios)
      .refine((count) => count % 2 === 0, "an even number: every draw comes with its mirror image"),
    degrees_of_freedom: z.number().gt(2).max(1_000),
    seed: z
      .int()
      .min(0)
      .max(2 ** 32 - 1),
    impossible_correlations: z.enum(["refuse", "repair"]),
    correlations: z
      .array(z.strictObject({ first: symbol, second: symbol, correlation: z.number().min(-1).max(1) }))
      .max(256),
  }),
  volatility: z.strictObject({
    smile: z.enum(["sticky_strike", "sticky_delta"]),
    rise_per_fall: z.number().min(0).max(20),
    rise_per_rise: z.number().min(-5).max(20),
  }),
  history_set_id: setId,
  history_age: z
    .strictObject({ note_days: z.number().min(0).max(3_650), limit_days: z.number().min(1).max(3_650) })
    .refine(({ note_days, limit_days }) => note_days <= limit_days, {
      path: ["limit_days"],
      message: "at least note_days: what is refused is noted before",
    }),
  stress_set_id: setId.nullable(),
  stress_share: rate,
  proxies: z
    .array(
      z.strictObject({
        underlying: z.union([symbol, z.literal("*")]),
        proxy: symbol,
        beta: z.number().gt(0).max(10),
      }),
    )
    .max(64),
});
