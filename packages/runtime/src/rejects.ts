import type { RejectedText } from "@plimsoll/app";
import { type Refusal, type RejectedInput, rejectedBodyLimit, rejectedInput } from "@plimsoll/schema";
import { getLink } from "./links.ts";
import { type SendOptions, sendMessages } from "./queues.ts";
import { logger, MetricUnit, metrics } from "./telemetry.ts";

/**
 * Refusals in one message. A queue accepts 256 kB, and a refusal has at most some kilobytes, even if each character is
 * escaped.
 */
const refusalsPerMessage = 50;

/** The kind of the refused input, its time of receipt and its sender. */
export type RejectionSource = Pick<RejectedInput, "origin" | "received_at" | "reference"> & {
  /** The whole text, unless the refusals are about single quotes of a batch. */
  readonly body?: string;
};

/** Sends refusals with their reasons to the queue of rejects; throws if that fails. */
async function keepRejects(
  source: RejectionSource,
  refusals: readonly Refusal[],
  options?: SendOptions,
): Promise<void> {
  const messages: RejectedInput[] = [];
  for (let start = 0; start < refusals.length; start += refusalsPerMessage) {
    messages.push(
      rejectedInput.parse({
        schema_version: 1,
        ...source,
        refusals: refusals.slice(start, start + refusalsPerMessage),
        body: source.body?.slice(0, rejectedBodyLimit) ?? null,
      }),
    );
  }
  await sendMessages(getLink("RejectsQueue").url, messages, options);
}

/** Sends a refused account event to the queue of rejects; throws if that fails. */
export async function keepRejectedEvent(
  { receivedAtMs, reference, body }: RejectedText,
  refusals: readonly Refusal[],
): Promise<void> {
  const received_at = new Date(receivedAtMs).toISOString();
  await keepRejects({ origin: "account_events", received_at, reference, body }, refusals);
}

/** Time limit of the queue of rejects in milliseconds if a sender waits for the answer. */
const keepingTimeoutMs = 2_000;

/**
 * Sends refusals to the queue of rejects that the sender is told of anyway. If that fails, they are logged, and the
 * answer is still given.
 */
export async function tryToKeepRejects(source: RejectionSource, refusals: readonly Refusal[]): Promise<void> {
  try {
    await keepRejects(source, refusals, { timeoutMs: keepingTimeoutMs });
  } catch (error) {
    logger.error("rejects not kept", { ...source, refusals, error });
    metrics.addMetric("RejectsNotKept", MetricUnit.Count, refusals.length);
  }
}

/** Most bytes of refusals in an answer. Lambda returns up to 6 MB, in which each quotation mark takes two bytes. */
const answerBytes = 2_500_000;

/** Returns the refusals of one request that fit into the answer, and the number of the others. */
export function withinAnswer(refusals: readonly Refusal[]): Refusal[] {
  let room = answerBytes;
  const shown = refusals.findIndex((refusal) => {
    room -= Buffer.byteLength(JSON.stringify(refusal));
    return room < 0;
  });
  if (shown === -1) return [...refusals];
  const rest = `${refusals.length - shown} more refusals`;
  return [...refusals.slice(0, shown), { path: "$", value: rest, problem: "fewer in one batch" }];
}
