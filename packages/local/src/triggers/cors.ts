import type { IncomingMessage } from "node:http";
import type { ApiNode, CorsNode } from "../graph/stage-graph.ts";

/** What the APIs of a stage allow the page that sent a request. Undefined if they allow it nothing. */
export function corsFor(request: IncomingMessage, apis: readonly ApiNode[]): CorsNode | undefined {
  const { origin } = request.headers;
  if (origin === undefined) return undefined;
  return apis.map(({ cors }) => cors).find((cors) => cors?.allowOrigins.includes(origin)) ?? undefined;
}

/** Whether a browser asks what a page may do, before it sends the page's request. */
export function isPreflight({ method, headers }: IncomingMessage): boolean {
  return method === "OPTIONS" && headers["access-control-request-method"] !== undefined;
}

/** Headers of an answer to a page that is allowed. */
export function corsHeaders({ headers }: IncomingMessage, { exposeHeaders }: CorsNode): Record<string, string> {
  return {
    "access-control-allow-origin": headers.origin ?? "",
    "access-control-expose-headers": exposeHeaders.join(","),
    vary: "origin",
  };
}

/** Headers of the answer to a preflight. */
export function preflightHeaders(request: IncomingMessage, cors: CorsNode): Record<string, string> {
  return {
    ...corsHeaders(request, cors),
    "access-control-allow-methods": cors.allowMethods.join(","),
    "access-control-allow-headers": cors.allowHeaders.join(","),
    "access-control-max-age": String(cors.maxAgeSeconds),
  };
}
