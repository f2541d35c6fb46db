import * as z from "zod";

/** One mistake in a request: where it is, what was given, and what would have been accepted. */
const fieldProblem = z
  .strictObject({
    field: z.string().meta({ description: "JSON path in the body, or the name of a parameter or header." }),
    value: z.string().meta({ description: "What was given, cut to 200 characters." }),
    remedy: z.string().meta({ description: "What would have been accepted." }),
  })
  .meta({ id: "FieldProblem" });
export type FieldProblem = z.infer<typeof fieldProblem>;

/**
 * All kinds of problems that the API answers with. The kind of a problem is the last part of its `type`. `retry` says
 * whether the same request may succeed later.
 */
export const problemKinds = {
  malformed_request: { status: 400, title: "The request cannot be read", retry: false },
  not_authenticated: { status: 401, title: "The request does not say who is asking", retry: false },
  not_allowed: { status: 403, title: "This caller may not use this route", retry: false },
  not_found: { status: 404, title: "There is nothing here for this caller", retry: false },
  method_not_allowed: { status: 405, title: "The path does not take this method", retry: false },
  in_progress: { status: 409, title: "The same request is still being carried out", retry: true },
  too_large: { status: 413, title: "The request is too large", retry: false },
  unsupported_media_type: { status: 415, title: "The body is not JSON", retry: false },
  invalid_request: { status: 422, title: "The request breaks the contract", retry: false },
  key_reused: { status: 422, title: "The Idempotency-Key was used for another request", retry: false },
  not_margined: { status: 422, title: "The portfolio cannot be margined", retry: false },
  too_many_requests: { status: 429, title: "Too many requests", retry: true },
  no_results_yet: { status: 503, title: "There are no results yet", retry: true },
  unavailable: { status: 503, title: "The stage cannot answer now", retry: true },
} as const satisfies Record<string, { readonly status: number; readonly title: string; readonly retry: boolean }>;
export type ProblemKind = keyof typeof problemKinds;

const problemTypePrefix = "urn:plimsoll:problem:";

/** Returns the URI that names a kind of problem. */
export function problemType(kind: ProblemKind): string {
  return `${problemTypePrefix}${kind.replaceAll("_", "-")}`;
}

/** An error as RFC 9457 describes it, with one entry for each mistake in the request. */
export const problem = z
  .strictObject({
    type: z.string().meta({ description: "A URI that names the kind of problem.", example: problemType("not_found") }),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string().meta({ description: "What is wrong with this request, in a sentence." }),
    request_id: z.string().meta({ description: "The id under which the stage's log has this request." }),
    errors: z.array(fieldProblem),
  })
  .meta({ id: "Problem", description: "An error as RFC 9457 describes it." });
export type Problem = z.infer<typeof problem>;
