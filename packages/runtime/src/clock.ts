import type { Context, SQSRecord } from "aws-lambda";
import * as z from "zod";
import { getLink } from "./links.ts";

/** The market time that the local stage passes with an invocation, in Lambda's client context. */
const localContext = z.object({ clientContext: z.object({ custom: z.object({ local_time_ms: z.int() }) }) });

/**
 * Returns the clock of the market. It is the real clock, whatever time an event states. On the local stage the market
 * may have its own clock, which stands at the time passed with the invocation or else at the event's. That time may lie
 * in the past, as in recordings, but never ahead.
 */
export function marketClock(context: Context, statedMs: number): () => number {
  if (getLink("StageSettings").environment !== "local") return Date.now;
  const given = localContext.safeParse(context).data?.clientContext.custom.local_time_ms;
  return () => Math.min(given ?? statedMs, Date.now());
}

/**
 * Returns the real clock, but never before the times at which SQS says that the message was sent and first received. A
 * clock that is behind would take newer results of others for ones ahead of time, and replace them.
 */
export function clockAfter({ attributes }: SQSRecord): () => number {
  const knownMs = Math.max(Number(attributes.SentTimestamp), Number(attributes.ApproximateFirstReceiveTimestamp));
  return () => Math.max(Date.now(), knownMs);
}
