import { chain, jsonAnswer } from "@plimsoll/runtime";
import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";

/** Answers that the route has no handler yet. */
export const handler = chain<unknown, APIGatewayProxyStructuredResultV2>(async () => {
  return jsonAnswer(501, { title: "The route is declared and not yet answered", status: 501 });
});
