import {
  type MethodId,
  methodIds,
  methodIdsInSets,
  type ParameterRules,
  type ParameterSet,
  type ParametersById,
  parameterRules,
  type SizedParameters,
  scanBounds,
} from "@plimsoll/risk";
import * as z from "zod";
import { methodId } from "./account-events.ts";
import { readBounds, refuseAll, type Wire } from "./bounds.ts";
import { collateralList, pegOffsets } from "./collateral-parameters.ts";
import { jointScenarioSet } from "./joint-scenarios.ts";
import { contentHash, fromWire, hashDigitsInNames, toWire } from "./wire.ts";

const nonNegative = z.number().min(0);

const severityRung = z
  .strictObject({
    severity: z.enum(["WARNING", "MARGIN_CALL", "REDUCE_ONLY", "LIQUIDATION"]),
    requirement: z.enum(["initial", "maintenance"]),
    enter_ratio: z.number().positive(),
    leave_ratio: z.number().positive(),
  })
  .refine((rung) => rung.leave_ratio <= rung.enter_ratio, "leave_ratio at or below enter_ratio, or calls would flap");

/**
 * The schema of one method in a parameter file. Members that the file leaves out have their shipped values, as has a
 * method that is absent.
 */
function methodOf(id: MethodId): z.ZodType {
  const { bounds, shipped }: ParameterRules<SizedParameters> = parameterRules[id];
  const defaults = toWire(shipped);
  const complete = (given: unknown) => {
    if (given === undefined) return defaults;
    return typeof given === "object" && given !== null && !Array.isArray(given) ? { ...defaults, ...given } : given;
  };
  return z.preprocess(complete, readBounds(bounds));
}

type MethodsWire = { readonly [Id in MethodId]: Wire<ParametersById[Id]> };

/** Parameters of every margin method. A file names only its changes; a stored set has all of them. */
const methodParameters = z.preprocess(
  (given) => given ?? {},
  z.strictObject(Object.fromEntries(methodIdsInSets.map((id) => [id, methodOf(id)]))),
) as unknown as z.ZodType<MethodsWire>;

const fields = z.strictObject({
  parameters_version: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,63}$/, "1 to 64 small letters, digits, . or -"),
  scan_gives: z.enum(["initial", "maintenance"]),
  maintenance_to_initial_ratio: z.number().gt(0).max(1),
  scan: z.array(readBounds(scanBounds)).min(1),
  methods: methodParameters,
  collateral: collateralList,
  /** Sets from before this member existed lack it; they charged nothing for pegs. */
  peg_offsets: pegOffsets,
  severity: z.strictObject({ rungs: z.array(severityRung).min(1), clean_sweeps_to_leave: z.int().min(1) }),
  default_method_id: methodId,
  history_tolerance: nonNegative,
  /** Sets from before this member existed lack it; they charged no funding. */
  funding_horizon_hours: z.number().min(0).max(720).default(0),
  /** Sets from before this member existed lack it; they named no scenario sets. */
  scenario_sets: z.array(jointScenarioSet).max(16).default([]),
});

/** A parameter set as stored and as written in files. */
export const parameterSet = fields.check((context) => {
  const { methods, scan } = context.value;
  for (const id of methodIds) {
    const { refuseScans }: ParameterRules<SizedParameters> = parameterRules[id];
    if (refuseScans === undefined) continue;
    const refusals = refuseScans(fromWire(methods[id]), fromWire(scan));
    refuseAll(context, refusals, ["methods", id]);
  }
});
export type ParameterSetWire = z.infer<typeof parameterSet>;

/** Names a set by its content: `<name>-<first digits of the content hash>`. */
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
