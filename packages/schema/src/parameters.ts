import type { ParameterSet } from "@plimsoll/risk";
import { z } from "zod";
import { methodId } from "./account-events.ts";
import { collateralList } from "./collateral-parameters.ts";
import { symbol } from "./primitives.ts";
import { contentHash, fromWire, hashDigitsInNames, toWire } from "./wire.ts";

const rate = z.number().min(0).max(1);
const nonNegative = z.number().min(0);

const scanParameters = z.strictObject({
  underlying: z.union([symbol, z.literal("*")]),
  price_scan_range: z.number().gt(0).lt(1),
  price_steps_per_side: z.int().min(1).max(64),
  volatility_up: z.number().min(0).max(10),
  volatility_down: z.number().min(0).lt(1),
  short_term_power: z.number().min(0).max(2),
  long_term_power: z.number().min(0).max(2),
  minimum_days_to_expiry: z.number().positive(),
  minimum_volatility_up: z.number().min(0).max(10),
  extended_moves: z.array(z.number().gt(-1).max(100)).max(64),
  extended_factor: z.number().min(0).max(10),
  extended_dampener_usd: nonNegative,
  calendar_minimum_move: rate,
  calendar_annualised_move: z.number().min(0).max(10),
  basis_rate: rate,
  short_option_rate: rate,
  static_initial_rate: rate,
  static_maintenance_rate: rate,
});

const severityRung = z
  .strictObject({
    severity: z.enum(["WARNING", "MARGIN_CALL", "REDUCE_ONLY", "LIQUIDATION"]),
    requirement: z.enum(["initial", "maintenance"]),
    enter_ratio: z.number().positive(),
    leave_ratio: z.number().positive(),
  })
  .refine((rung) => rung.leave_ratio <= rung.enter_ratio, "leave_ratio at or below enter_ratio, or calls would flap");

/** A parameter set as stored and as written in files. */
export const parameterSet = z.strictObject({
  parameters_version: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,63}$/, "1 to 64 small letters, digits, . or -"),
  scan_gives: z.enum(["initial", "maintenance"]),
  maintenance_to_initial_ratio: z.number().gt(0).max(1),
  scan: z.array(scanParameters).min(1),
  collateral: collateralList,
  severity: z.strictObject({ rungs: z.array(severityRung).min(1), clean_sweeps_to_leave: z.int().min(1) }),
  default_method_id: methodId,
  history_tolerance: nonNegative,
  /** Absent in sets from before it existed, which charged none. */
  funding_horizon_hours: z.number().min(0).max(720).default(0),
});
export type ParameterSetWire = z.infer<typeof parameterSet>;

/** Names a set by what it holds: `<name>-<digits of its content hash>`. */
export function nameParameters(name: string, content: Omit<ParameterSet, "parametersVersion">): ParameterSet {
  const { parametersVersion: _, ...unnamed } = { parametersVersion: name, ...content };
  const hash = contentHash(toWire(unnamed));
  return { ...unnamed, parametersVersion: `${name}-${hash.slice(0, hashDigitsInNames)}` };
}

export function encodeParameters(parameters: ParameterSet): ParameterSetWire {
  return parameterSet.parse(toWire(parameters));
}

/** Parses a stored parameter set; throws a ZodError when it is not one. */
export function decodeParameters(wire: unknown): ParameterSet {
  return fromWire(parameterSet.parse(wire));
}
