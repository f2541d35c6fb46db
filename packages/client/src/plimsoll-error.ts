/** One mistake in a request: where it is, what was given, and what would have been accepted. */
export interface FieldProblem {
  readonly field: string;
  readonly value: string;
  readonly remedy: string;
}

interface Failure {
  readonly status: number;
  readonly kind: string;
  readonly detail: string;
  readonly errors?: readonly FieldProblem[];
  readonly requestId?: string | null;
  readonly retryAfterSeconds?: number | null;
  readonly cause?: unknown;
}

/** Says that a request was not answered as it was meant. The message is the detail. */
export class PlimsollError extends Error {
  override readonly name = "PlimsollError";
  /** The status of the answer; 0 if there was none. */
  readonly status: number;
  /**
   * The kind of problem, such as `not_found` or `invalid_request`. It is `gateway` if API Gateway answered before the
   * stage was asked, `unreadable` if the answer is not one of a stage, and `no_answer` if there was none.
   */
  readonly kind: string;
  /** What is wrong, in a sentence. */
  readonly detail: string;
  /** The mistakes in the request, field by field. */
  readonly errors: readonly FieldProblem[];
  /** The id under which the stage's log has the request; null if the answer names none. */
  readonly requestId: string | null;
  /** Seconds after which the same request may succeed; null if the answer does not say. */
  readonly retryAfterSeconds: number | null;

  constructor({ status, kind, detail, errors = [], requestId = null, retryAfterSeconds = null, cause }: Failure) {
    super(detail, { cause });
    this.status = status;
    this.kind = kind;
    this.detail = detail;
    this.errors = errors;
    this.requestId = requestId;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Reads the header Retry-After in seconds. It is null if there is none, or if it names no number. */
export function retryAfterSeconds({ headers }: Response): number | null {
  const text = headers.get("retry-after") ?? "";
  return /^\d{1,6}$/.test(text) ? Number(text) : null;
}

const problemTypePrefix = "urn:plimsoll:problem:";

/** Reads what an answer that is no success says: a problem of the stage, or the gateway's own message. */
export async function readFailure(response: Response): Promise<PlimsollError> {
  const { status } = response;
  const common = { status, retryAfterSeconds: retryAfterSeconds(response), requestId: requestIdOf(response) };
  const body = asObject(await response.text().catch(() => ""));
  const { type, detail, errors, message, rejected } = body;
  if (typeof type === "string" && type.startsWith(problemTypePrefix)) {
    return new PlimsollError({
      ...common,
      kind: type.slice(problemTypePrefix.length).replaceAll("-", "_"),
      detail: typeof detail === "string" ? detail : `status ${status}`,
      errors: Array.isArray(errors) ? errors.filter(isFieldProblem) : [],
    });
  }
  if (Array.isArray(rejected)) {
    const refused = rejected.map(({ path, value, problem }) => ({ field: path, value, remedy: problem }));
    return new PlimsollError({
      ...common,
      kind: "quotes_refused",
      detail: "no quote of the batch was taken",
      errors: refused.filter(isFieldProblem),
    });
  }
  if (typeof message === "string") return new PlimsollError({ ...common, kind: "gateway", detail: message });
  return new PlimsollError({ ...common, kind: "unreadable", detail: `status ${status} without a problem` });
}

/** The stage and API Gateway name a request by headers of their own. */
function requestIdOf({ headers }: Response): string | null {
  return headers.get("x-request-id") ?? headers.get("apigw-requestid");
}

function asObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function isFieldProblem(value: unknown): value is FieldProblem {
  if (typeof value !== "object" || value === null) return false;
  const { field, value: given, remedy } = value as Partial<Record<keyof FieldProblem, unknown>>;
  return [field, given, remedy].every((text) => typeof text === "string");
}
