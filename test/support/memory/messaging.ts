import { createHash } from "node:crypto";
import { NotFoundException, type PublishBatchCommandInput, type PublishCommandInput } from "@aws-sdk/client-sns";
import {
  type ChangeMessageVisibilityCommandInput,
  type CreateQueueCommandInput,
  type DeleteMessageCommandInput,
  MessageNotInflight,
  QueueDoesNotExist,
  ReceiptHandleIsInvalid,
  type ReceiveMessageCommandInput,
  type SendMessageBatchCommandInput,
  type SendMessageBatchRequestEntry,
  type SendMessageCommandInput,
} from "@aws-sdk/client-sqs";
import { InvalidRequest } from "./expressions.ts";

/** SQS's own limits. */
const messagesPerCall = 10;
const bytesPerCall = 262_144;
const longestDelaySeconds = 900;
const deduplicationMs = 300_000;
const defaultVisibilitySeconds = 30;

interface Kept {
  readonly id: string;
  readonly body: string;
  readonly groupId: string | undefined;
  readonly sentAtMs: number;
  /** The time before which nobody receives the message. */
  visibleAtMs: number;
  receives: number;
  firstReceivedAtMs: number | null;
  /** The receipt of the last receive. Earlier receipts have no effect any more. */
  receiptHandle: string | null;
}

interface Queue {
  readonly name: string;
  readonly isFifo: boolean;
  readonly attributes: Record<string, string>;
  /** Sorted in the order in which they were sent. */
  readonly messages: Kept[];
  /**
   * The time at which each deduplication id was taken. Keys begin with the group if the queue deduplicates by group.
   */
  readonly deduplicated: Map<string, number>;
}

const account = "000000000000";
const metadata = { attempts: 1, httpStatusCode: 200 };

/**
 * SQS and SNS in this process, as far as the functions and their triggers need them. It has visibility, counted
 * receives, redrive to a dead-letter queue, delays, and the order and deduplication of FIFO groups. Topics deliver to
 * queues as messages are sent. `test/functions/memory-contract.test.ts` compares it with the emulator. Messages do not
 * expire after 14 days.
 */
export class MemoryMessaging {
  readonly #nowMs: () => number;
  readonly #queues = new Map<string, Queue>();
  /** The ARNs of the queues that each topic delivers to. */
  readonly #topics = new Map<string, string[]>();
  #ids = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  queueUrl(name: string): string {
    return `https://memory/${account}/${name}`;
  }

  /** Empties the queues. */
  clear(): void {
    this.#ids = 0;
    for (const { messages, deduplicated } of this.#queues.values()) {
      messages.length = 0;
      deduplicated.clear();
    }
  }

  /** Returns the answer to a command, by the command's name and input. Errors are those of the clients. */
  answer(name: string, input: unknown): unknown {
    switch (name) {
      case "CreateQueueCommand":
        return this.#createQueue(input as CreateQueueCommandInput);
      case "SetQueueAttributesCommand":
        return this.#setAttributes(input as { QueueUrl: string; Attributes: Record<string, string> });
      case "GetQueueAttributesCommand":
        return this.#attributes(input as { QueueUrl: string });
      case "SendMessageCommand":
        return this.#send(input as SendMessageCommandInput);
      case "SendMessageBatchCommand":
        return this.#sendBatch(input as SendMessageBatchCommandInput);
      case "ReceiveMessageCommand":
        return this.#receive(input as ReceiveMessageCommandInput);
      case "DeleteMessageCommand":
        return this.#delete(input as DeleteMessageCommandInput);
      case "ChangeMessageVisibilityCommand":
        return this.#changeVisibility(input as ChangeMessageVisibilityCommandInput);
      case "CreateTopicCommand":
        return this.#createTopic(input as { Name: string });
      case "DeleteTopicCommand":
        this.#topics.delete((input as { TopicArn: string }).TopicArn);
        return {};
      case "SubscribeCommand":
        return this.#subscribe(input as { TopicArn: string; Endpoint: string });
      case "PublishCommand":
        return this.#publish(input as PublishCommandInput);
      case "PublishBatchCommand":
        return this.#publishBatch(input as PublishBatchCommandInput);
      default:
        throw new InvalidRequest(`the memory's SQS and SNS have no ${name}`);
    }
  }

  #createQueue({ QueueName = "", Attributes = {} }: CreateQueueCommandInput) {
    const isFifo = Attributes.FifoQueue === "true";
    if (isFifo !== QueueName.endsWith(".fifo")) throw new InvalidRequest("FIFO queues end in .fifo, and no others");
    const QueueUrl = this.queueUrl(QueueName);
    this.#queues.set(QueueUrl, {
      name: QueueName,
      isFifo,
      attributes: { ...Attributes },
      messages: [],
      deduplicated: new Map(),
    });
    return { QueueUrl };
  }

  #queue(url: string | undefined): Queue {
    const queue = this.#queues.get(url ?? "");
    if (queue === undefined) throw new QueueDoesNotExist({ message: `No queue ${url}`, $metadata: metadata });
    return queue;
  }

  #setAttributes({ QueueUrl, Attributes }: { QueueUrl: string; Attributes: Record<string, string> }) {
    Object.assign(this.#queue(QueueUrl).attributes, Attributes);
    return {};
  }

  #attributes({ QueueUrl }: { QueueUrl: string }) {
    const { name, messages, attributes } = this.#queue(QueueUrl);
    const nowMs = this.#nowMs();
    const count = (isCounted: (message: Kept) => boolean) => String(messages.filter(isCounted).length);
    return {
      Attributes: {
        ...attributes,
        QueueArn: `arn:aws:sqs:eu-west-1:${account}:${name}`,
        ApproximateNumberOfMessages: count(({ visibleAtMs }) => visibleAtMs <= nowMs),
        ApproximateNumberOfMessagesNotVisible: count(
          ({ visibleAtMs, receiptHandle }) => visibleAtMs > nowMs && receiptHandle !== null,
        ),
        ApproximateNumberOfMessagesDelayed: count(
          ({ visibleAtMs, receiptHandle }) => visibleAtMs > nowMs && receiptHandle === null,
        ),
      },
    };
  }

  #send(input: SendMessageCommandInput) {
    return { MessageId: this.#take(this.#queue(input.QueueUrl), input) };
  }

  #sendBatch({ QueueUrl, Entries = [] }: SendMessageBatchCommandInput) {
    const queue = this.#queue(QueueUrl);
    checkBatch(Entries, ({ MessageBody = "" }) => MessageBody);
    const Successful = Entries.map((entry) => ({ Id: entry.Id, MessageId: this.#take(queue, entry) }));
    return { Successful, Failed: [] };
  }

  #take(
    queue: Queue,
    {
      MessageBody: body = "",
      DelaySeconds,
      MessageGroupId,
      MessageDeduplicationId,
    }: Partial<SendMessageBatchRequestEntry>,
  ): string {
    if (body === "" || Buffer.byteLength(body) > bytesPerCall) throw new InvalidRequest("the body's size");
    const delaySeconds = DelaySeconds ?? Number(queue.attributes.DelaySeconds ?? 0);
    if (delaySeconds < 0 || delaySeconds > longestDelaySeconds)
      throw new InvalidRequest(`a delay of ${delaySeconds} s`);
    this.#ids += 1;
    const id = `message-${this.#ids}`;
    const nowMs = this.#nowMs();
    if (queue.isFifo) {
      if (MessageGroupId === undefined) throw new InvalidRequest("a FIFO message needs its group");
      const isByContent = queue.attributes.ContentBasedDeduplication === "true";
      const name =
        MessageDeduplicationId ?? (isByContent ? createHash("sha256").update(body).digest("hex") : undefined);
      if (name === undefined) throw new InvalidRequest("a FIFO message needs a deduplication id");
      const isByGroup = queue.attributes.DeduplicationScope === "messageGroup";
      const key = isByGroup ? `${MessageGroupId} ${name}` : name;
      const takenAtMs = queue.deduplicated.get(key);
      if (takenAtMs !== undefined && nowMs - takenAtMs < deduplicationMs) return id;
      queue.deduplicated.set(key, nowMs);
    }
    queue.messages.push({
      id,
      body,
      groupId: MessageGroupId,
      sentAtMs: nowMs,
      visibleAtMs: nowMs + delaySeconds * 1_000,
      receives: 0,
      firstReceivedAtMs: null,
      receiptHandle: null,
    });
    return id;
  }

  #receive({ QueueUrl, MaxNumberOfMessages = 1, VisibilityTimeout }: ReceiveMessageCommandInput) {
    const queue = this.#queue(QueueUrl);
    const nowMs = this.#nowMs();
    const visibleSeconds = VisibilityTimeout ?? Number(queue.attributes.VisibilityTimeout ?? defaultVisibilitySeconds);
    const redrive = redriveOf(queue);
    // Nothing of a FIFO group is received while a consumer holds a message of it.
    const blocked = new Set<string | undefined>();
    for (const { receiptHandle, visibleAtMs, groupId } of queue.isFifo ? queue.messages : []) {
      if (receiptHandle !== null && visibleAtMs > nowMs) blocked.add(groupId);
    }
    const received: Kept[] = [];
    for (const message of [...queue.messages]) {
      if (received.length === MaxNumberOfMessages) break;
      if (message.visibleAtMs > nowMs || (queue.isFifo && blocked.has(message.groupId))) continue;
      if (redrive !== null && message.receives >= redrive.most) {
        this.#giveUp(queue, message, redrive.target);
        continue;
      }
      this.#ids += 1;
      message.receives += 1;
      message.firstReceivedAtMs ??= nowMs;
      message.receiptHandle = `receipt-${this.#ids}`;
      message.visibleAtMs = nowMs + visibleSeconds * 1_000;
      received.push(message);
    }
    if (received.length === 0) return {};
    return {
      Messages: received.map(({ id, body, groupId, sentAtMs, receives, firstReceivedAtMs, receiptHandle }) => ({
        MessageId: id,
        Body: body,
        ReceiptHandle: receiptHandle ?? "",
        Attributes: {
          SentTimestamp: String(sentAtMs),
          ApproximateReceiveCount: String(receives),
          ApproximateFirstReceiveTimestamp: String(firstReceivedAtMs),
          ...(groupId === undefined ? {} : { MessageGroupId: groupId }),
        },
      })),
    };
  }

  #giveUp(queue: Queue, message: Kept, targetArn: string): void {
    queue.messages.splice(queue.messages.indexOf(message), 1);
    const target = this.#queueOf(targetArn);
    // The message keeps its id and its time.
    target.messages.push({ ...message, receives: 0, receiptHandle: null, visibleAtMs: this.#nowMs() });
  }

  #queueOf(arn: string): Queue {
    return this.#queue(this.queueUrl(arn.split(":").at(-1) ?? ""));
  }

  #held({ messages }: Queue, receiptHandle: string | undefined): Kept | undefined {
    if (receiptHandle?.startsWith("receipt-") !== true) {
      throw new ReceiptHandleIsInvalid({ message: `No receipt ${receiptHandle}`, $metadata: metadata });
    }
    return messages.find((message) => message.receiptHandle === receiptHandle);
  }

  #delete({ QueueUrl, ReceiptHandle }: DeleteMessageCommandInput) {
    const queue = this.#queue(QueueUrl);
    const message = this.#held(queue, ReceiptHandle);
    if (message !== undefined) queue.messages.splice(queue.messages.indexOf(message), 1);
    return {};
  }

  #changeVisibility({ QueueUrl, ReceiptHandle, VisibilityTimeout = 0 }: ChangeMessageVisibilityCommandInput) {
    const message = this.#held(this.#queue(QueueUrl), ReceiptHandle);
    if (message === undefined || message.visibleAtMs <= this.#nowMs()) {
      throw new MessageNotInflight({ message: `${ReceiptHandle} is not in flight`, $metadata: metadata });
    }
    message.visibleAtMs = this.#nowMs() + VisibilityTimeout * 1_000;
    return {};
  }

  #createTopic({ Name }: { Name: string }) {
    const TopicArn = `arn:aws:sns:eu-west-1:${account}:${Name}`;
    if (!this.#topics.has(TopicArn)) this.#topics.set(TopicArn, []);
    return { TopicArn };
  }

  #topic(arn: string | undefined): string[] {
    const endpoints = this.#topics.get(arn ?? "");
    if (endpoints === undefined) throw new NotFoundException({ message: "Topic does not exist", $metadata: metadata });
    return endpoints;
  }

  #subscribe({ TopicArn, Endpoint }: { TopicArn: string; Endpoint: string }) {
    const endpoints = this.#topic(TopicArn);
    if (!endpoints.includes(Endpoint)) endpoints.push(Endpoint);
    return { SubscriptionArn: `${TopicArn}:${Endpoint}` };
  }

  #publish({ TopicArn, Message }: Pick<PublishCommandInput, "TopicArn" | "Message">) {
    for (const arn of this.#topic(TopicArn)) this.#take(this.#queueOf(arn), { MessageBody: Message });
    this.#ids += 1;
    return { MessageId: `published-${this.#ids}` };
  }

  #publishBatch({ TopicArn, PublishBatchRequestEntries: entries = [] }: PublishBatchCommandInput) {
    this.#topic(TopicArn);
    checkBatch(entries, ({ Message = "" }) => Message);
    const Successful = entries.map(({ Id, Message }) => ({ Id, ...this.#publish({ TopicArn, Message }) }));
    return { Successful, Failed: [] };
  }
}

function redriveOf({ attributes }: Queue): { readonly target: string; readonly most: number } | null {
  if (attributes.RedrivePolicy === undefined) return null;
  const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(attributes.RedrivePolicy);
  return { target: deadLetterTargetArn, most: Number(maxReceiveCount) };
}

function checkBatch<Entry extends { Id?: string | undefined }>(
  entries: readonly Entry[],
  textOf: (entry: Entry) => string,
): void {
  if (entries.length === 0 || entries.length > messagesPerCall) {
    throw new InvalidRequest(`1 to ${messagesPerCall} messages in a batch, not ${entries.length}`);
  }
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length) throw new InvalidRequest("one id is given twice");
  const bytes = entries.reduce((sum, entry) => sum + Buffer.byteLength(textOf(entry)), 0);
  if (bytes > bytesPerCall) throw new InvalidRequest(`${bytes} bytes in a batch`);
}
