import type * as z from "zod";
import type { Refusal } from "./quotes.ts";

/** Most characters shown of a refused value or its path. */
const shownLimit = 200;

/** Most problems listed of one input. Further ones are only counted. */
const problemsPerInput = 20;

/** Formats a value for a refusal. */
export function shownValue(value: unknown): string {
  const text = typeof value === "string" ? value : jsonOf(value);
  return text.length > shownLimit ? `${text.slice(0, shownLimit)}…` : text;
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "nothing";
  } catch {
    // JSON is read to any depth, but written only as deep as the stack goes.
    return "a value that is nested too deeply to be shown";
  }
}

/** Parses a JSON text, or returns refusals if it is not valid. */
export function readJson(text: string): { readonly value: unknown } | { readonly refusals: Refusal[] } {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return { refusals: [{ path: "$", value: shownValue(text), problem: "a JSON text" }] };
  }
}

/** Converts the issues of a failed parse to refusals, one per JSON path. The paths start at `base`. */
export function refusalsOf(error: z.ZodError, input: unknown, base = ""): Refusal[] {
  const refusals = new Map<string, Refusal>();
  const places = error.issues.flatMap(placesOf);
  for (const { place, problem } of places) {
    const path = shownValue(jsonPath(base, place));
    if (refusals.has(path)) continue;
    if (refusals.size === problemsPerInput) {
      const rest = `${places.length - problemsPerInput} more problems`;
      return [...refusals.values(), { path: base === "" ? "$" : base, value: rest, problem: "one without them" }];
    }
    refusals.set(path, { path, value: shownValue(valueAt(input, place)), problem: shownValue(problem) });
  }
  return [...refusals.values()];
}

function placesOf(issue: z.core.$ZodIssue): { readonly place: readonly PropertyKey[]; readonly problem: string }[] {
  if (issue.code !== "unrecognized_keys") return [{ place: issue.path, problem: issue.message }];
  const problem = "a field of the contract: this one is not";
  return issue.keys.map((key) => ({ place: [...issue.path, key], problem }));
}

/**
 * Formats a path below a base, for example `quotes[2].instrument_id` below "" or `$.quotes[2]` below `$`. `$` is the
 * whole value.
 */
export function jsonPath(base: string, path: readonly PropertyKey[]): string {
  const text = path.reduce<string>(
    (text, key) => (typeof key === "number" ? `${text}[${key}]` : `${text}${text === "" ? "" : "."}${String(key)}`),
    base,
  );
  return text === "" ? "$" : text;
}

/** Returns the value at a path, or undefined if there is none. */
export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === "object" && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  );
}
