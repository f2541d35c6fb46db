import { createHash } from "node:crypto";
import { type FieldProblem, type ProblemKind, problemKinds, refusalsOf, shownValue } from "@plimsoll/schema";
import type * as z from "zod";
import type { Caller } from "../contract/caller.ts";
import type { Route } from "../contract/route.ts";
import { routes } from "../contract/routes.ts";
import { ApiProblem, notFound, problemBody } from "./api-problem.ts";
import { findRoute } from "./find-route.ts";
import { type Allowance, type RateLimiter, unitsPerMinute } from "./rate-limit.ts";
import { findJsonFault } from "./scan-json.ts";

/** Largest body in bytes. */
export const bodyLimitBytes = 1_000_000;

/** A request as the gateway hands it over. Names of headers are in small letters. */
export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  /** Null if there is none. */
  readonly body: Uint8Array | null;
  readonly requestId: string;
  readonly caller: Caller;
}

/** An answer before it is sent. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text, or an empty text for an answer without a body. */
  readonly body: string;
  /** The route of the request, or `none` if there is none for its path and method. */
  readonly routeId: string;
}

/** A request that is allowed, with its parameters and body as the contract has them. */
export interface Accepted<P, Q, B> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly caller: Caller;
  readonly headers: Readonly<Record<string, string>>;
}

/** A route with the function that answers it. */
export interface Answering<Ports> {
  readonly route: Route;
  readonly answer: (request: Accepted<never, never, never>, ports: Ports) => Promise<unknown>;
}

/** Joins a route and the function that answers it. Its result is checked against the contract before it is sent. */
export function answering<Ports, P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType>(
  route: Route<P, Q, B, A>,
  answer: (request: Accepted<z.infer<P>, z.infer<Q>, z.infer<B>>, ports: Ports) => Promise<z.input<A>>,
): Answering<Ports> {
  return { route: route as unknown as Route, answer: answer as Answering<Ports>["answer"] };
}

/** A request that must not be carried out twice. */
export interface RepeatableRequest {
  /** Identifies the request: the caller, the route and the Idempotency-Key. */
  readonly key: string;
  /** What the request asks for. Another content under the same key is refused. */
  readonly content: unknown;
}

/**
 * Carries out a request, unless it has been carried out already: then its answer is given again. Throws an ApiProblem
 * if it is being carried out, or if the key was used for another content.
 */
export type Once = (
  request: RepeatableRequest,
  work: () => Promise<unknown>,
) => Promise<{ readonly answer: unknown; readonly isRepeat: boolean }>;

/** What serving needs beside the routes. */
export interface ServePorts {
  /** The market's clock in milliseconds, which ages are measured by. */
  readonly nowMs: () => number;
  /** The real clock in milliseconds, which limits and tokens go by. */
  readonly realMs: () => number;
  readonly limiter: RateLimiter;
  /** Carries out what must not be done twice. Needed by functions whose routes take an Idempotency-Key. */
  readonly once?: Once;
  /** Receives what is no fault of the caller: the answer says only that the stage cannot answer now. */
  readonly onFailure: (error: unknown, routeId: string) => void;
}

/** Answers a request by one of the routes. It never throws: whatever goes wrong becomes a problem. */
export async function serve<Ports extends ServePorts>(
  request: ApiRequest,
  answerings: readonly Answering<Ports>[],
  ports: Ports,
): Promise<ApiAnswer> {
  let allowance: Allowance | null = null;
  let routeId = "none";
  try {
    const found = findRoute(routes, request.method, request.path);
    if (found.kind === "no_path") throw notFound();
    if (found.kind === "no_method") {
      const { methods } = found;
      throw new ApiProblem("method_not_allowed", `This path takes ${methods.join(", ")}.`, { methods });
    }
    const { route, params } = found;
    routeId = route.id;
    admit(route, request.caller, ports.realMs());
    allowance = ports.limiter.spend(request.caller.name, route.units, ports.realMs());
    if (!allowance.isWithin) throw tooMany(allowance);
    const accepted = accept(route, params, request);
    const own = answerings.find((one) => one.route.id === route.id);
    if (own === undefined) throw new Error(`${route.id} is not served here`);
    const work = () => own.answer(accepted as Accepted<never, never, never>, ports);
    const key = route.isIdempotent ? idempotencyKey(request) : null;
    if (key === null) return succeed(route, await work(), request, allowance);
    if (ports.once === undefined) throw new Error(`${route.id} needs a memory of requests`);
    const { params: inPath, body } = accepted;
    const name = `${request.caller.name} ${route.id} ${key}`;
    const { answer, isRepeat } = await ports.once({ key: name, content: { params: inPath, body } }, work);
    const answered = succeed(route, answer, request, allowance);
    return isRepeat ? { ...answered, headers: { ...answered.headers, "idempotency-replayed": "true" } } : answered;
  } catch (error) {
    return fail(error, request, routeId, allowance, ports);
  }
}

/** Checks that the caller may use the route at all. */
function admit(route: Route, caller: Caller, nowMs: number): void {
  if (route.allowed.length === 0) return;
  if (caller.roles.length === 0) throw new ApiProblem("not_authenticated", "This route needs a caller with a role.");
  if (caller.expiresAtMs !== null && caller.expiresAtMs <= nowMs) {
    throw new ApiProblem("not_authenticated", "The token has expired: ask for a new one.");
  }
  if (caller.roles.some((role) => route.allowed.includes(role))) return;
  throw new ApiProblem("not_allowed", `This route is for ${route.allowed.join(", ")}.`);
}

function tooMany({ retryAfterSeconds }: Allowance): ApiProblem {
  const detail = `At most ${unitsPerMinute} units a minute; GET /v1/limits says what costs how many.`;
  return new ApiProblem("too_many_requests", detail, { retryAfterSeconds });
}

/** Returns the Idempotency-Key of a request, or null if it has none. Throws an ApiProblem if it cannot be one. */
function idempotencyKey({ headers }: ApiRequest): string | null {
  const key = headers["idempotency-key"];
  if (key === undefined || /^[\x21-\x7e]{1,255}$/.test(key)) return key ?? null;
  const remedy = "1 to 255 visible ASCII characters, such as a UUID";
  throw new ApiProblem("malformed_request", `Idempotency-Key: ${remedy}`, {
    errors: [{ field: "Idempotency-Key", value: shownValue(key), remedy }],
  });
}

/** Parses a request by the contract of its route. Throws an ApiProblem that names each mistake. */
function accept(route: Route, params: Readonly<Record<string, string>>, request: ApiRequest) {
  const inPath = route.params.safeParse(params);
  // A path that no id can have leads to nothing.
  if (!inPath.success) throw notFound();
  const body = route.body === null ? undefined : parseBody(route.body, request);
  const about = { params: inPath.data, body };
  const accountId = route.accountOf(about as Parameters<Route["accountOf"]>[0]);
  const { caller } = request;
  if (accountId !== null && caller.accountId !== null && accountId !== caller.accountId) throw notFound();
  const query = route.query.safeParse(request.query);
  if (!query.success) throw invalid(query.error, request.query);
  return { ...about, query: query.data, caller, headers: request.headers };
}

function parseBody(schema: z.ZodType, { body, headers }: ApiRequest): unknown {
  const type = headers["content-type"] ?? "";
  if (!/^application\/json\s*(;\s*charset=["']?utf-8["']?\s*)?$/i.test(type)) {
    throw new ApiProblem("unsupported_media_type", "Send the body as application/json in UTF-8.", {
      errors: [{ field: "content-type", value: shownValue(type), remedy: "application/json" }],
    });
  }
  if (headers["content-encoding"] !== undefined && headers["content-encoding"] !== "identity") {
    throw new ApiProblem("unsupported_media_type", "Send the body without a content encoding.", {
      errors: [{ field: "content-encoding", value: shownValue(headers["content-encoding"]), remedy: "none" }],
    });
  }
  if (body === null || body.byteLength === 0) {
    throw new ApiProblem("malformed_request", "This route needs a body.");
  }
  if (body.byteLength > bodyLimitBytes) {
    throw new ApiProblem("too_large", `A body has at most ${bodyLimitBytes} bytes; this one has ${body.byteLength}.`);
  }
  const value = parseJson(body);
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw invalid(parsed.error, value);
  return parsed.data;
}

function parseJson(body: Uint8Array): unknown {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch {
    throw new ApiProblem("malformed_request", "The body is not valid UTF-8.");
  }
  const fault = findJsonFault(text);
  if (fault !== null) {
    const errors = [{ ...fault, value: shownValue(text) }];
    throw new ApiProblem("malformed_request", "The body is ambiguous or too deep.", { errors });
  }
  try {
    return JSON.parse(text);
  } catch {
    const errors = [{ field: "$", value: shownValue(text), remedy: "a JSON text" }];
    throw new ApiProblem("malformed_request", "The body is not JSON.", { errors });
  }
}

function invalid(error: z.ZodError, input: unknown): ApiProblem {
  const errors = refusalsOf(error, input).map(
    ({ path, value, problem }): FieldProblem => ({ field: path, value, remedy: problem }),
  );
  const [first] = errors;
  return new ApiProblem("invalid_request", `${first?.field ?? "$"}: ${first?.remedy ?? "see errors"}`, { errors });
}

function succeed(route: Route, answer: unknown, request: ApiRequest, allowance: Allowance): ApiAnswer {
  const parsed = route.answer.safeParse(answer);
  // A figure that is silently wrong is the worst answer of all.
  if (!parsed.success) throw new Error(`${route.id} breaks its contract: ${parsed.error.message}`);
  const body = JSON.stringify(parsed.data);
  const headers = { ...commonHeaders(request), ...limitHeaders(allowance) };
  if (route.hasTag) {
    const tag = tagOf(parsed.data);
    const isKnown = (request.headers["if-none-match"] ?? "")
      .split(",")
      .map((known) => known.trim().replace(/^W\//, ""))
      .some((known) => known === tag || known === "*");
    if (isKnown) return { status: 304, headers: { ...headers, etag: tag }, body: "", routeId: route.id };
    return { status: 200, headers: { ...headers, ...json, etag: tag }, body, routeId: route.id };
  }
  return { status: route.status, headers: { ...headers, ...json }, body, routeId: route.id };
}

const json = { "content-type": "application/json" } as const;

/** Returns the ETag of an answer. Its age is no part of it, as that changes while the answer does not. */
function tagOf(answer: unknown): string {
  const { result_age_ms: _, ...lasting } = answer as Record<string, unknown>;
  return `"${createHash("sha256").update(JSON.stringify(lasting)).digest("base64url").slice(0, 22)}"`;
}

function commonHeaders({ requestId }: ApiRequest): Record<string, string> {
  return { "cache-control": "no-store", "x-content-type-options": "nosniff", "x-request-id": requestId };
}

function limitHeaders(allowance: Allowance | null): Record<string, string> {
  if (allowance === null) return {};
  return {
    "ratelimit-policy": `"minute";q=${unitsPerMinute};w=60`,
    ratelimit: `"minute";r=${allowance.remaining};t=${allowance.resetSeconds}`,
  };
}

function fail(
  error: unknown,
  request: ApiRequest,
  routeId: string,
  allowance: Allowance | null,
  { onFailure }: ServePorts,
): ApiAnswer {
  const known = error instanceof ApiProblem;
  if (!known) onFailure(error, routeId);
  const kind: ProblemKind = known ? error.kind : "unavailable";
  const detail = known ? error.message : "The stage could not answer. Its log names the cause under request_id.";
  const retryAfterSeconds = known ? error.retryAfterSeconds : 1;
  const methods = known ? error.methods : null;
  return {
    status: problemKinds[kind].status,
    headers: {
      ...commonHeaders(request),
      ...limitHeaders(allowance),
      "content-type": "application/problem+json",
      ...(retryAfterSeconds === null ? {} : { "retry-after": String(retryAfterSeconds) }),
      ...(methods === null ? {} : { allow: methods.join(", ") }),
    },
    body: JSON.stringify(problemBody(kind, detail, request.requestId, known ? error.errors : [])),
    routeId,
  };
}
