import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import * as z from "zod";

const httpRequest = z.object({
  requestContext: z.object({ timeEpoch: z.int() }),
  body: z.string().optional(),
  isBase64Encoded: z.boolean().default(false),
});

/** The parts of an HTTP API request that a function needs. */
export interface HttpRequest {
  /** Time of the request by the gateway's clock, in milliseconds. */
  readonly timeEpoch: number;
  readonly body: string;
}

/** Parses a request; throws if the event does not come from the HTTP API. */
export function parseHttpEvent(event: unknown): HttpRequest {
  const { requestContext, body = "", isBase64Encoded } = httpRequest.parse(event);
  return {
    timeEpoch: requestContext.timeEpoch,
    body: isBase64Encoded ? Buffer.from(body, "base64").toString("utf8") : body,
  };
}

export function jsonAnswer(statusCode: number, body: unknown): APIGatewayProxyStructuredResultV2 {
  return { statusCode, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}
