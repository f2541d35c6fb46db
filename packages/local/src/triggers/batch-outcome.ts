import type { InvocationResult } from "../sandbox/function-pool.ts";

/** The records of a batch that must be tried again. */
export type BatchOutcome =
  | { readonly kind: "succeeded" }
  | { readonly kind: "failed"; readonly identifiers: ReadonlySet<string> };

/**
 * Reads a function's answer to a batch as Lambda does. Without `ReportBatchItemFailures` only an error counts. With it,
 * the listed records failed; an answer that is malformed or names an unknown record fails the whole batch.
 */
export function readBatchOutcome(
  result: InvocationResult,
  batch: readonly string[],
  reportBatchItemFailures: boolean,
): BatchOutcome {
  if (!result.ok) return { kind: "failed", identifiers: new Set(batch) };
  if (!reportBatchItemFailures) return { kind: "succeeded" };
  const failures = batchItemFailures(result.payload);
  if (failures === undefined || !failures.every((identifier) => batch.includes(identifier))) {
    return { kind: "failed", identifiers: new Set(batch) };
  }
  return failures.length === 0 ? { kind: "succeeded" } : { kind: "failed", identifiers: new Set(failures) };
}

/** Returns the reported identifiers, or undefined if the answer is malformed. An absent or empty list reports none. */
function batchItemFailures(payload: unknown): string[] | undefined {
  if (payload === null || payload === undefined) return [];
  if (typeof payload !== "object") return undefined;
  const list: unknown = "batchItemFailures" in payload ? payload.batchItemFailures : null;
  if (list === null || list === undefined) return [];
  if (!Array.isArray(list)) return undefined;
  const identifiers = list.map((item: unknown) =>
    typeof item === "object" && item !== null && "itemIdentifier" in item ? item.itemIdentifier : undefined,
  );
  return identifiers.every((identifier) => typeof identifier === "string") ? identifiers : undefined;
}
