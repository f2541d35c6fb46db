import { chain, getLink, issueToken, jsonAnswer, logger, MetricUnit, metrics, parseHttpEvent } from "@plimsoll/runtime";
import { tokenAnswer, tokenRequest } from "@plimsoll/schema";
import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";

/** Handles `POST /v1/tokens`: it signs a token with which a trader reaches one account for a while. */
export const handler = chain<unknown, APIGatewayProxyStructuredResultV2>(async (event) => {
  const { account_id, seconds } = tokenRequest.parse(JSON.parse(parseHttpEvent(event).body));
  const { environment } = getLink("StageSettings");
  const { token, expiresAtMs } = await issueToken({ accountId: account_id, seconds, nowMs: Date.now(), environment });
  const expires_at = new Date(expiresAtMs).toISOString();
  logger.info("token issued", { account_id, expires_at });
  metrics.addMetric("TokensIssued", MetricUnit.Count, 1);
  return jsonAnswer(201, tokenAnswer.parse({ token, account_id, expires_at }));
});
