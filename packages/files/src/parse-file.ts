import { nearestWords } from "@plimsoll/risk";
import { jsonPath, valueAt } from "@plimsoll/schema";
import type * as z from "zod";
import { InputError } from "./input-error.ts";
import { describeReject, Rejects } from "./rejects.ts";

const mostRefusals = 100;

/**
 * Parses the value of a JSON file. Throws an `InputError` that names each problem with its path, and `conclusion` last
 * if it is given.
 */
export function parseFile<Schema extends z.ZodType>(
  schema: Schema,
  file: string,
  value: unknown,
  conclusion?: string,
): z.output<Schema> {
  const parsed = parseNaming(schema, value);
  if (parsed.success) return parsed.data;
  const rejects = new Rejects(file);
  addIssues(rejects, parsed.error, value);
  throw new InputError([...rejects.list.map(describeReject), ...(conclusion === undefined ? [] : [conclusion])]);
}

/**
 * Parses a value. The problem of an unknown field names the known fields nearest to it, and that of a missing field
 * names the field.
 */
export function parseNaming<Schema extends z.ZodType>(schema: Schema, value: unknown) {
  return schema.safeParse(value, { error: fieldWords });
}

function fieldWords(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.input === undefined) {
    const [name] = issue.path?.slice(-1) ?? [];
    return typeof name === "string" ? `${name} is missing` : undefined;
  }
  if (issue.code !== "unrecognized_keys") return undefined;
  const known = issue.inst !== undefined && "def" in issue.inst._zod ? membersOf(issue.inst._zod.def) : [];
  const [key, ...more] = issue.keys;
  if (key === undefined || more.length > 0) {
    return issue.keys.map((one) => `${one} is not a field that is known${nearestWords(one, known)}`).join("; ");
  }
  return `not a field that is known${nearestWords(key, known)}`;
}

/** Returns the names of the members of an object's schema. */
function membersOf(def: object): readonly string[] {
  return "shape" in def && typeof def.shape === "object" && def.shape !== null ? Object.keys(def.shape) : [];
}

/**
 * Adds each issue of a failed parse to `rejects`, at most `mostRefusals`, with its JSON path and the value found there.
 * The paths start at `base`.
 */
export function addIssues(rejects: Rejects, error: z.ZodError, value: unknown, base = "$"): void {
  for (const issue of error.issues.slice(0, mostRefusals)) {
    const [key, ...more] = issue.code === "unrecognized_keys" ? issue.keys : [];
    const path = key === undefined || more.length > 0 ? issue.path : [...issue.path, key];
    rejects.add({ path: jsonPath(base, path) }, valueAt(value, path), issue.message);
  }
}
