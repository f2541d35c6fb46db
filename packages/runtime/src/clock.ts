import type { Context, SQSRecord } from "aws-lambda";
import * as z from "zod";
import { getLink } from "./links.ts";

/** What the local stage says of an invocation, in the place that Lambda has for what a caller says. */
const localContext = z.object({ clientContext: z.object({ custom: z.object({ local_time_ms: z.int() }) }) });

/**
 * The clock of the market. It is the real one, whatever an event says of its time. On the local stage a market may run on
 * a clock of its own, which stands at the time that the stage gives with an invocation, or else at the event's: both may
 * lie in the past, where recordings are, and never ahead.
 */
export function marketClock(context: Context, statedMs: number): () => number {
  if (getLink("StageSettings").environment !== "local") return Date.now;
  const given = localContext.safeParse(context).data?.clientContext.custom.local_time_ms;
  return () => Math.min(given ?? statedMs, Date.now());
}

/**
 * The real clock of the process that has a message, which cannot be before the times at which SQS says that the message was sent
 * and first received: a clock that is behind would take the results of others for ones ahead of the time, and replace them by
 * older ones.
 */
export function clockAfter({ attributes }: SQSRecord): () => number {
  const knownMs = Math.max(Number(attributes.SentTimestamp), Number(attributes.ApproximateFirstReceiveTimestamp));
  return () => Math.max(Date.now(), knownMs);
}
