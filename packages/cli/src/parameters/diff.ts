import type { ParameterSet } from "@plimsoll/risk";
import { encodeParameters } from "@plimsoll/schema";

/** One figure that two sets differ in; null where a set has none of this name. */
export interface ParameterDifference {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** What names the entries of the lists of a set, so that a path says which it is whatever their order. */
const names = ["underlying", "asset", "severity", "set_id"];

/** The figures two parameter sets differ in, but for the version itself, in the order of the first. */
export function diffParameters(before: ParameterSet, after: ParameterSet): readonly ParameterDifference[] {
  const left = flatten(encodeParameters(before));
  const right = flatten(encodeParameters(after));
  const paths = [...new Set([...left.keys(), ...right.keys()])].filter((path) => path !== "parameters_version");
  return paths
    .filter((path) => left.get(path) !== right.get(path))
    .map((path) => ({ path, before: left.get(path) ?? null, after: right.get(path) ?? null }));
}

function flatten(value: unknown, path = "", figures = new Map<string, unknown>()): Map<string, unknown> {
  if (typeof value !== "object" || value === null) return figures.set(path, value);
  if (Array.isArray(value)) {
    for (const [index, entry] of value.entries()) flatten(entry, `${path}[${rowNameOf(entry) ?? index}]`, figures);
    return figures;
  }
  for (const [key, entry] of Object.entries(value)) flatten(entry, path === "" ? key : `${path}.${key}`, figures);
  return figures;
}

/** The name of a row in a list of a set; undefined where it has none. */
export function rowNameOf(entry: unknown): unknown {
  if (typeof entry !== "object" || entry === null) return undefined;
  const fields = entry as Record<string, unknown>;
  return names.map((name) => fields[name]).find((name) => typeof name === "string");
}
