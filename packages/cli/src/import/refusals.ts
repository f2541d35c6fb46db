import type { z } from "zod";
import type { Rejects } from "./rejects.ts";

const mostRefusals = 100;

/** Adds each issue of a failed parse with its JSON path and the value found there. */
export function addIssues(rejects: Rejects, error: z.ZodError, value: unknown): void {
  for (const issue of error.issues.slice(0, mostRefusals)) {
    rejects.add({ path: jsonPath(issue.path) }, valueAt(value, issue.path), issue.message);
  }
}

function jsonPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => `${text}${typeof key === "number" ? `[${key}]` : `.${String(key)}`}`, "$");
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, key) => {
    return typeof inner === "object" && inner !== null ? (inner as Record<PropertyKey, unknown>)[key] : undefined;
  }, value);
}
