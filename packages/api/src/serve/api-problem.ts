import { type FieldProblem, type Problem, type ProblemKind, problemKinds, problemType } from "@plimsoll/schema";

/** Thrown where a request cannot be answered as it was meant. It becomes an RFC 9457 problem. */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem";
  readonly kind: ProblemKind;
  readonly errors: readonly FieldProblem[];
  /** Seconds after which the request may succeed; null if the caller cannot know. */
  readonly retryAfterSeconds: number | null;
  /** The methods that the path takes instead; null unless the method is what is wrong. */
  readonly methods: readonly string[] | null;

  constructor(
    kind: ProblemKind,
    detail: string,
    {
      errors = [],
      retryAfterSeconds = null,
      methods = null,
    }: {
      errors?: readonly FieldProblem[];
      retryAfterSeconds?: number | null;
      methods?: readonly string[] | null;
    } = {},
  ) {
    super(detail);
    this.kind = kind;
    this.errors = errors;
    this.retryAfterSeconds = retryAfterSeconds;
    this.methods = methods;
  }
}

/** Builds the body of a problem. */
export function problemBody(
  kind: ProblemKind,
  detail: string,
  requestId: string,
  errors: readonly FieldProblem[],
): Problem {
  const { status, title } = problemKinds[kind];
  return { type: problemType(kind), title, status, detail, request_id: requestId, errors: [...errors] };
}

/** The answer to everything that a caller must not know of, and to what does not exist. Both look the same. */
export function notFound(): ApiProblem {
  return new ApiProblem("not_found", "There is no such thing, or this caller may not see it.");
}
