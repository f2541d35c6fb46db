/**
 * Number of times that a message is received before it is given up. A receive also counts if the function was killed or
 * an earlier message of the batch failed. AWS advises at least five; ten leaves room for those.
 */
const MAX_RECEIVE_COUNT = 10;

/**
 * The longest time that SQS keeps a message. Given-up messages and refused input wait this long for someone to look.
 */
const KEPT_SECONDS = 14 * 24 * 60 * 60;

/** A message stays hidden six times as long as its consumer may run, as AWS advises, so that retries do not overlap. */
const VISIBILITY_PER_TIMEOUT = 6;

/** Creates a queue without a consumer, for given-up messages, refused input or a stage's own calls. */
export function keepingQueue(name: string, order: QueueOrder = "none"): sst.aws.Queue {
  return new sst.aws.Queue(name, {
    fifo: fifoOf(order),
    transform: { queue: { messageRetentionSeconds: KEPT_SECONDS, ...throughputOf(order) } },
  });
}

/** The order that a queue keeps: none, or the order within each group. */
export type QueueOrder = "none" | "group";

/** Equal text within five minutes counts as the same message, so senders need no deduplication id. */
function fifoOf(order: QueueOrder) {
  return order === "group" && { contentBasedDeduplication: true };
}

/**
 * Order and deduplication apply per group, so that groups do not share one queue's limit of three hundred calls per
 * second.
 */
function throughputOf(order: QueueOrder) {
  if (order === "none") return {};
  return { deduplicationScope: "messageGroup", fifoThroughputLimit: "perMessageGroupId" };
}

/** A queue with a consumer and a dead-letter queue of its own. */
export interface WorkQueue {
  readonly queue: sst.aws.Queue;
  readonly deadLetters: sst.aws.Queue;
  /** Seconds that a received message stays hidden before it is delivered again. */
  readonly visibilitySeconds: number;
}

/** Creates a queue for a consumer that may run `consumerTimeoutSeconds`. */
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

/** Creates the link of a queue. It holds the address and grants no permission. */
export function queueLink(name: string, of: sst.aws.Queue): sst.Linkable<{ url: $util.Output<string> }> {
  return new sst.Linkable(name, { properties: { url: of.url } });
}

/** The queue of quotes and account events that did not parse or were refused, each with its reason. */
export const rejects = keepingQueue("Rejects");
export const rejectsLink = queueLink("RejectsQueue", rejects);
