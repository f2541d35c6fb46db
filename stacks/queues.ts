/**
 * Receives of a message before it is given up. A receive counts without an outcome too: one whose function was killed, or that
 * follows a failure in its batch. AWS advises at least five; ten leave room for those.
 */
const MAX_RECEIVE_COUNT = 10;

/** The longest SQS keeps a message: given-up and refused input waits this long for someone to look. */
const KEPT_SECONDS = 14 * 24 * 60 * 60;

/** AWS's advice: a message stays hidden six times as long as its consumer may run, so that retries do not overlap. */
const VISIBILITY_PER_TIMEOUT = 6;

/** A queue that nothing consumes: given-up messages, refused input, a stage's own sink. */
export function keepingQueue(name: string, order: QueueOrder = "none"): sst.aws.Queue {
  return new sst.aws.Queue(name, {
    fifo: fifoOf(order),
    transform: { queue: { messageRetentionSeconds: KEPT_SECONDS, ...throughputOf(order) } },
  });
}

/** What a queue keeps in order: nothing, or the messages of each group. */
export type QueueOrder = "none" | "group";

/** Senders need no deduplication id: the same text within five minutes is the same message. Another content never is. */
function fifoOf(order: QueueOrder) {
  return order === "group" && { contentBasedDeduplication: true };
}

/** Order and deduplication go by group alone, so that groups do not share one queue's three hundred calls a second. */
function throughputOf(order: QueueOrder) {
  if (order === "none") return {};
  return { deduplicationScope: "messageGroup", fifoThroughputLimit: "perMessageGroupId" };
}

/** A consumed queue with a dead-letter queue of its own. */
export interface WorkQueue {
  readonly queue: sst.aws.Queue;
  readonly deadLetters: sst.aws.Queue;
  /** How long a message stays hidden from its next try. */
  readonly visibilitySeconds: number;
}

/** A queue for a consumer that may run `consumerTimeoutSeconds`. */
export function workQueue(name: string, consumerTimeoutSeconds: number, order: QueueOrder = "none"): WorkQueue {
  const deadLetters = keepingQueue(`${name}DeadLetters`, order);
  const visibilitySeconds = VISIBILITY_PER_TIMEOUT * consumerTimeoutSeconds;
  const queue = new sst.aws.Queue(name, {
    fifo: fifoOf(order),
    visibilityTimeout: `${visibilitySeconds} seconds`,
    dlq: { queue: deadLetters.arn, retry: MAX_RECEIVE_COUNT },
    transform: { queue: throughputOf(order) },
  });
  return { queue, deadLetters, visibilitySeconds };
}

/** The link of a queue: its address, no permission. */
export function queueLink(name: string, of: sst.aws.Queue): sst.Linkable<{ url: $util.Output<string> }> {
  return new sst.Linkable(name, { properties: { url: of.url } });
}

/** Quotes and account events that did not parse or were refused, each with its reason. */
export const rejects = keepingQueue("Rejects");
export const rejectsLink = queueLink("RejectsQueue", rejects);
