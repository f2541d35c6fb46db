import type { RejectedText } from "@plimsoll/app";
import { type Refusal, type RejectedInput, rejectedBodyLimit, rejectedInput } from "@plimsoll/schema";
import { getLink } from "./links.ts";
import { type SendOptions, sendMessages } from "./queues.ts";
import { logger, MetricUnit, metrics } from "./telemetry.ts";

/** Refusals of one message: a queue takes 256 kB, and a refusal is at most some kilobytes, each character escaped. */
const refusalsPerMessage = 50;

/** What kind of input was refused, when it came, and from whom. */
export type RejectionSource = Pick<RejectedInput, "origin" | "received_at" | "reference"> & {
  /** The whole text, where it is not one quote of many. */
  readonly body?: string;
};

/** Keeps what was refused, with its reasons, in the queue of rejects, or throws. */
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

/** Keeps an account event that was refused, or throws. */
export async function keepRejectedEvent(
  { receivedAtMs, reference, body }: RejectedText,
  refusals: readonly Refusal[],
): Promise<void> {
  const received_at = new Date(receivedAtMs).toISOString();
  await keepRejects({ origin: "account_events", received_at, reference, body }, refusals);
}

/** Time that the queue of rejects has where somebody waits for an answer. */
const keepingTimeoutMs = 2_000;

/** Keeps refusals that their sender is told of anyway: where they cannot be kept they are in the log, and cost no answer. */
export async function tryToKeepRejects(source: RejectionSource, refusals: readonly Refusal[]): Promise<void> {
  try {
    await keepRejects(source, refusals, { timeoutMs: keepingTimeoutMs });
  } catch (error) {
    logger.error("rejects not kept", { ...source, refusals, error });
    metrics.addMetric("RejectsNotKept", MetricUnit.Count, refusals.length);
  }
}

/** Bytes of an answer that refusals may fill: Lambda gives back 6 MB, in which each quotation mark is two. */
const answerBytes = 2_500_000;

/** The refusals of one request that are told and kept; of the rest only how many there are. */
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
