import * as z from "zod";
import type { Role } from "./caller.ts";

/** The function that serves a route, by the name of its file. Functions differ in what they may do. */
export type ServedBy =
  | "answer-reads"
  | "answer-questions"
  | "take-accounts"
  | "issue-tokens"
  | "ingest-prices"
  | "describe-api";

/** One route of the API: what it takes, what it answers and who may use it. */
export interface Route<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Answer extends z.ZodType = z.ZodType,
> {
  /** The name of the operation in the document and in clients. */
  readonly id: string;
  readonly method: "GET" | "PUT" | "POST";
  /** The path with `{names}`, for example `/v1/accounts/{id}/margin`. */
  readonly path: string;
  /** Whether the last `{name}` takes the rest of the path, since some ids have a slash that a gateway may decode. */
  readonly takesRest?: true;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** Who may use it. An empty list opens it to anyone. */
  readonly allowed: readonly Role[];
  readonly servedBy: ServedBy;
  readonly params: Params;
  readonly query: Query;
  /** Null if the route takes no body. */
  readonly body: Body | null;
  /** The status of a success: 200, or 202 for what is carried out later. */
  readonly status: 200 | 201 | 202;
  readonly answer: Answer;
  /** How much of a caller's units for a minute one request takes. */
  readonly units: number;
  /** Whether an Idempotency-Key counts. */
  readonly isIdempotent?: true;
  /** Statuses of failures that have the body of a success instead of a problem. */
  readonly failuresWithAnswer?: readonly number[];
  /** Whether an answer has an ETag, so that an unchanged one is not sent again. */
  readonly hasTag?: true;
  /** The account that a request is about; null if it is about none. A trader may ask about his own only. */
  readonly accountOf: (request: { params: z.infer<Params>; body: z.infer<Body> }) => string | null;
}

const nothing = z.strictObject({});

type Given<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType> = Omit<
  Route<P, Q, B, A>,
  "params" | "query" | "body" | "status" | "units" | "accountOf"
> &
  Partial<Pick<Route<P, Q, B, A>, "params" | "query" | "body" | "status" | "units" | "accountOf">>;

/** Builds a route. Without a schema it takes no parameters and no body; it is about no account and costs one unit. */
export function defineRoute<
  Answer extends z.ZodType,
  Params extends z.ZodType = typeof nothing,
  Query extends z.ZodType = typeof nothing,
  Body extends z.ZodType = z.ZodNever,
>(given: Given<Params, Query, Body, Answer>): Route<Params, Query, Body, Answer> {
  const plain = { params: nothing, query: nothing, body: null, status: 200, units: 1, accountOf: () => null };
  return { ...plain, ...given } as unknown as Route<Params, Query, Body, Answer>;
}
