import type { VectorCase } from "../case-file.ts";

/** Whether an object has all of these keys. */
export function hasKeys(value: unknown, ...keys: readonly string[]): boolean {
  return typeof value === "object" && value !== null && keys.every((key) => key in value);
}

/** Whether a case's inputs have all of these keys. */
export function hasInputs(caseFile: VectorCase, ...keys: readonly string[]): boolean {
  return hasKeys(caseFile.inputs, ...keys);
}

/** Whether a case expects any of these figures. */
export function expectsAny(caseFile: VectorCase, ...figures: readonly string[]): boolean {
  return figures.some((figure) => figure in caseFile.expected);
}

/** Keys of the first entry of `inputs.cases`, for cases that list many. */
export function hasCaseKeys(caseFile: VectorCase, ...keys: readonly string[]): boolean {
  const { cases } = caseFile.inputs;
  return Array.isArray(cases) && cases.length > 0 && hasKeys(cases[0], ...keys);
}
