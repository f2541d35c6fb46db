import type { ParameterSet } from "@plimsoll/risk";
import { encodeParameters, rowNameOf, rowNaming } from "@plimsoll/schema";

/** One figure in which two sets differ. It is null where a set has none of this name. */
export interface ParameterDifference {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/**
 * Returns the figures in which two parameter sets differ, in the order of the first one. The version itself is left
 * out.
 */
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

/**
 * The path of a list in a set, and what names the rows that another set no longer has in it, such as `{"asset":"BTC"}`.
 */
export interface GoneRows {
  readonly list: string;
  readonly rows: readonly Readonly<Record<string, string>>[];
}

/** Returns the named rows that `after` lacks of each list of `before`. Both are sets in their wire form. */
export function goneRows(before: unknown, after: unknown, path = ""): readonly GoneRows[] {
  if (Array.isArray(before) && Array.isArray(after)) {
    const kept = new Set(after.map(rowNameOf));
    const rows = before
      .filter((row) => !kept.has(rowNameOf(row)))
      .map(rowNaming)
      .filter((row) => row !== undefined);
    return rows.length === 0 ? [] : [{ list: path, rows }];
  }
  if (typeof before !== "object" || before === null || typeof after !== "object" || after === null) return [];
  const others = new Map(Object.entries(after));
  return Object.entries(before).flatMap(([key, entry]) =>
    goneRows(entry, others.get(key), path === "" ? key : `${path}.${key}`),
  );
}
