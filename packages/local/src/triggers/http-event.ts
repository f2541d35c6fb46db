import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { RouteMatch } from "./http-route.ts";

/** A request and the route that serves it. */
export interface RequestParts {
  readonly request: IncomingMessage;
  readonly url: URL;
  readonly body: Buffer;
  readonly match: RouteMatch;
  /** Time of arrival in milliseconds since 1970. */
  readonly timeMs: number;
}

/**
 * A header that only the local server supports: the past time, in ISO 8601 UTC, at which a replayed request is to
 * arrive.
 */
export const LOCAL_TIME_HEADER = "x-plimsoll-local-time";

/** Bodies of these types are passed on as text and all others in base64, as by API Gateway. */
const TEXT_TYPE = /^(?:text\/|application\/(?:json|javascript|xml|.*\+json|x-www-form-urlencoded))/;

/** The account in which the local stage pretends to be. */
export const ACCOUNT_ID = "000000000000";

/** Builds API Gateway's event of payload format 2.0. `authorizer` is what the function is told of the caller. */
export function toHttpEvent(parts: RequestParts, authorizer: object): object {
  const { body, request } = parts;
  const isText = TEXT_TYPE.test(request.headers["content-type"] ?? "text/plain");
  const { requestContext, ...event } = commonEvent(parts);
  const isAnyone = Object.keys(authorizer).length === 0;
  return {
    ...event,
    requestContext: { ...requestContext, ...(isAnyone ? {} : { authorizer }) },
    ...(body.length === 0 ? {} : { body: body.toString(isText ? "utf8" : "base64") }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

/** Builds API Gateway's question to a Lambda authorizer, in payload format 2.0. It has no body. */
export function toAuthorizerEvent(parts: RequestParts): object {
  const { request, url } = parts;
  const routeArn = `arn:aws:execute-api:local:${ACCOUNT_ID}:local/$default/${request.method}${url.pathname}`;
  return {
    ...commonEvent(parts),
    type: "REQUEST",
    routeArn,
    identitySource: request.headersDistinct.authorization ?? [],
  };
}

/** The part that events for functions and for authorizers have in common. */
function commonEvent({ request, url, match, timeMs }: RequestParts) {
  const headers = joinHeaders(request);
  const cookies = headers.cookie?.split(/;\s*/);
  delete headers.cookie;
  const method = request.method ?? "GET";
  return {
    version: "2.0",
    routeKey: match.routeKey,
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    ...(cookies === undefined ? {} : { cookies }),
    headers,
    ...(url.search === "" ? {} : { queryStringParameters: joinQuery(url.searchParams) }),
    requestContext: {
      accountId: ACCOUNT_ID,
      apiId: "local",
      domainName: headers.host ?? "localhost",
      domainPrefix: "local",
      http: {
        method,
        path: url.pathname,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress ?? "127.0.0.1",
        userAgent: headers["user-agent"] ?? "",
      },
      requestId: randomUUID(),
      routeKey: match.routeKey,
      stage: "$default",
      time: new Date(timeMs).toISOString(),
      timeEpoch: timeMs,
    },
    ...(Object.keys(match.pathParameters).length === 0 ? {} : { pathParameters: match.pathParameters }),
  };
}

/** Writes a function's answer: as an HTTP response if it has a status, otherwise as JSON with status 200. */
export function writeHttpResult(response: ServerResponse, payload: unknown): void {
  if (typeof payload !== "object" || payload === null || !("statusCode" in payload)) {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(typeof payload === "string" ? payload : JSON.stringify(payload));
    return;
  }
  const { statusCode, headers, cookies, body, isBase64Encoded } = payload as {
    statusCode: number;
    headers?: Record<string, string | number | boolean>;
    cookies?: string[];
    body?: string;
    isBase64Encoded?: boolean;
  };
  for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, String(value));
  if (cookies !== undefined) response.setHeader("set-cookie", cookies);
  response.writeHead(statusCode);
  response.end(Buffer.from(body ?? "", isBase64Encoded === true ? "base64" : "utf8"));
}

/**
 * Returns the time of arrival of a request in milliseconds: its local time header if present, otherwise now. It is NaN
 * if the header is not a time.
 */
export function arrivalMs(request: IncomingMessage, nowMs: number): number {
  const header = request.headersDistinct[LOCAL_TIME_HEADER]?.[0];
  return header === undefined ? nowMs : Date.parse(header);
}

function joinHeaders(request: IncomingMessage): Record<string, string> {
  const joined = Object.entries(request.headersDistinct).map(([name, values]) => [
    name,
    (values ?? []).join(name === "cookie" ? "; " : ","),
  ]);
  return Object.fromEntries(joined);
}

function joinQuery(parameters: URLSearchParams): Record<string, string> {
  return Object.fromEntries([...new Set(parameters.keys())].map((name) => [name, parameters.getAll(name).join(",")]));
}
