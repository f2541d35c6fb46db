import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import * as z from "zod";

const httpRequest = z.object({
  requestContext: z.object({ timeEpoch: z.int() }),
  body: z.string().optional(),
  isBase64Encoded: z.boolean().default(false),
});

/** What a function needs of a request of the HTTP API. */
export interface HttpRequest {
  /** The time of the gateway's clock. */
  readonly timeEpoch: number;
  readonly body: string;
}

/** Throws when an event does not come from the HTTP API. */
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
