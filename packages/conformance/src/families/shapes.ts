import * as z from "zod";
import { readCase, type VectorCase } from "../case-file.ts";

/** Tells whether an object has all of these keys. */
export function hasKeys(value: unknown, ...keys: readonly string[]): boolean {
  return typeof value === "object" && value !== null && keys.every((key) => key in value);
}

/** Tells whether a case's inputs have all of these keys. */
export function hasInputs(caseFile: VectorCase, ...keys: readonly string[]): boolean {
  return hasKeys(caseFile.inputs, ...keys);
}

/** Tells whether a case gives one item with all of these keys, or a list of such items under `cases`. */
export function hasItems(caseFile: VectorCase, ...keys: readonly string[]): boolean {
  return hasInputs(caseFile, ...keys) || hasCaseKeys(caseFile, ...keys);
}

/**
 * Returns the figures of each item of a case. They are lists in the order of `cases`, or single figures if the inputs
 * are one item.
 */
export function figuresOfItems<Item extends z.ZodType>(
  caseFile: VectorCase,
  item: Item,
  compute: (given: z.infer<Item>) => Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  if (!("cases" in caseFile.inputs)) return { ...compute(readCase(caseFile, item, z.object({})).inputs) };
  const { cases } = readCase(caseFile, z.object({ cases: z.array(item).min(1) }), z.object({})).inputs;
  const computed = cases.map((given) => compute(given));
  const names = Object.keys(computed[0] ?? {});
  return Object.fromEntries(names.map((name) => [name, computed.map((figures) => figures[name])]));
}

/** Tells whether `inputs.cases` lists items with all of these keys. */
export function hasCaseKeys(caseFile: VectorCase, ...keys: readonly string[]): boolean {
  const { cases } = caseFile.inputs;
  return Array.isArray(cases) && cases.length > 0 && hasKeys(cases[0], ...keys);
}
