import { chain, getLink, logger, MetricUnit, metrics, verifyToken } from "@plimsoll/runtime";
import type { APIGatewaySimpleAuthorizerWithContextResult } from "aws-lambda";
import * as z from "zod";

/** The part of API Gateway's question that counts: the Authorization header, which is there before we are asked. */
const question = z.object({ identitySource: z.tuple([z.string()]) });

/** What the functions behind the door are told of the caller. */
interface Trader {
  readonly account_id: string;
  /** API Gateway keeps an answer for a minute, so that functions compare this with the time themselves. */
  readonly expires_at_ms: number;
}

type Answer = APIGatewaySimpleAuthorizerWithContextResult<Trader | Record<string, never>>;

/** Lets in who shows a token of this stage. The token itself is never logged. */
export const handler = chain<unknown, Answer>(async (event) => {
  const [credential] = question.parse(event).identitySource;
  const token = /^Bearer +(\S+)$/i.exec(credential)?.[1];
  const { environment } = getLink("StageSettings");
  const holder = token === undefined ? undefined : await verifyToken(token, { nowMs: Date.now(), environment });
  logger.info("trader asked to come in", { is_authorized: holder !== undefined });
  metrics.addMetric("TokensRefused", MetricUnit.Count, holder === undefined ? 1 : 0);
  if (holder === undefined) return { isAuthorized: false, context: {} };
  return { isAuthorized: true, context: { account_id: holder.accountId, expires_at_ms: holder.expiresAtMs } };
});
