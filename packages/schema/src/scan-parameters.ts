import * as z from "zod";
import { symbol } from "./primitives.ts";

const rate = z.number().min(0).max(1);

/** Volatility moves by tenor; a floor beyond 30 days would turn the powers around. */
export const volatilityMoves = {
  volatility_up: z.number().min(0).max(10),
  volatility_down: z.number().min(0).lt(1),
  short_term_power: z.number().min(0).max(2),
  long_term_power: z.number().min(0).max(2),
  minimum_days_to_expiry: z.number().positive().max(30),
  minimum_volatility_up: z.number().min(0).max(10),
};

/** How far one underlying is scanned, see the model. */
export const scanParameters = z
  .strictObject({
    underlying: z.union([symbol, z.literal("*")]),
    price_scan_range: z.number().gt(0).lt(1),
    price_steps_per_side: z.int().min(1).max(64),
    ...volatilityMoves,
    extended_moves: z.array(z.number().gt(-1).max(100)).max(64),
    extended_factor: z.number().min(0).max(10),
    extended_dampener_usd: z.number().min(0),
    calendar_minimum_move: rate,
    calendar_annualised_move: z.number().min(0).max(10),
    basis_rate: rate,
    short_option_rate: rate,
    static_initial_rate: rate,
    static_maintenance_rate: rate,
  })
  .check((context) => {
    const { price_scan_range: range, extended_moves: moves } = context.value;
    for (const [index, move] of moves.entries()) {
      if (Math.abs(move) > range) continue;
      const message = `a move beyond the price_scan_range of ${range}, up or down`;
      context.issues.push({ code: "custom", path: ["extended_moves", index], input: move, message });
    }
    const { static_initial_rate: initial, static_maintenance_rate: maintenance } = context.value;
    if (maintenance > initial) {
      const message = `at most static_initial_rate, which is ${initial}`;
      context.issues.push({ code: "custom", path: ["static_maintenance_rate"], input: maintenance, message });
    }
  });
