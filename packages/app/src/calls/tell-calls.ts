import { PublishBatchCommand, PublishCommand, type SNSClient } from "@aws-sdk/client-sns";
import { type CallEvent, errorText } from "@plimsoll/schema";

/** Limits of one call to SNS. */
export const batchLimits = { entries: 10, bytes: 250_000 };

/** SNS accepts subjects of up to 100 ASCII characters. */
const subjectLength = 100;

/** SNS counts one request per this many bytes sent. */
const bytesPerRequest = 65_536;

/** An event in the form in which it is sent to SNS. */
export interface Message {
  readonly accountId: string;
  readonly bytes: number;
  readonly entry: {
    readonly Subject: string;
    readonly Message: string;
    readonly MessageAttributes: Record<string, { DataType: string; StringValue: string }>;
  };
}

/**
 * The outcome of sending an event. `refused`: another attempt would fail in the same way. `left`: the service was
 * unavailable or refused everything, so a later attempt may succeed.
 */
export type Telling =
  | { readonly kind: "told"; readonly messageId: string }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "left"; readonly reason: string };

/** The outcome of an event that the answer of SNS does not mention. */
export const noAnswer: Telling = { kind: "left", reason: "SNS does not say what became of it" };

export function messageOf(event: CallEvent): Message {
  const attribute = (StringValue: string) => ({ DataType: "String", StringValue });
  const body = JSON.stringify(event);
  return {
    accountId: event.account_id,
    bytes: Buffer.byteLength(body) + subjectLength,
    entry: {
      Subject: subjectOf(event.title),
      Message: body,
      MessageAttributes: {
        severity: attribute(event.severity),
        environment: attribute(event.environment),
        account_id: attribute(event.account_id),
      },
    },
  };
}

function subjectOf(title: string): string {
  const ascii = title.replaceAll(/[—−]/g, "-").replaceAll(/[^\x20-\x7e]/g, "?");
  return ascii.slice(0, subjectLength);
}

/** Returns the number of requests that SNS counts for sending these messages in one call. */
export function requestsOf(messages: readonly Message[]): number {
  return Math.ceil(messages.reduce((sum, { bytes }) => sum + bytes, 0) / bytesPerRequest);
}

/**
 * Sends up to ten events to the operators' topic in one call. If SNS refuses the whole call because of one of them,
 * each is sent alone.
 */
export async function tellOperators(
  sns: SNSClient,
  topicArn: string,
  messages: readonly Message[],
): Promise<readonly Telling[]> {
  const entries = messages.map(({ entry }, index) => ({ Id: String(index), ...entry }));
  try {
    const { Successful = [], Failed = [] } = await sns.send(
      new PublishBatchCommand({ TopicArn: topicArn, PublishBatchRequestEntries: entries }),
    );
    const tellings = new Map<string | undefined, Telling>();
    for (const { Id, MessageId = "" } of Successful) tellings.set(Id, { kind: "told", messageId: MessageId });
    for (const { Id, Code = "", Message, SenderFault } of Failed) {
      const kind = SenderFault && isOfEvent(Code) ? "refused" : "left";
      tellings.set(Id, { kind, reason: `${Code}: ${Message ?? ""}` });
    }
    return entries.map(({ Id }) => tellings.get(Id) ?? noAnswer);
  } catch (error) {
    const failed = failureOf(error, isOfEvent);
    if (failed.kind === "left" || messages.length === 1) return messages.map(() => failed);
    const alone = await Promise.all(messages.map((message) => tellOperators(sns, topicArn, [message])));
    return alone.flat();
  }
}

/**
 * Sends an event to the topic of its account. An error here, while the operators' topic accepts the same event, is
 * caused by the account's topic.
 */
export async function tellAccount(sns: SNSClient, topicArn: string, { entry }: Message): Promise<Telling> {
  try {
    const { MessageId = "" } = await sns.send(new PublishCommand({ TopicArn: topicArn, ...entry }));
    return { kind: "told", messageId: MessageId };
  } catch (error) {
    const failed = failureOf(error, (name) => isOfEvent(name) || isOfTopic(name));
    return { kind: failed.kind, reason: `the operators were told, the topic ${topicArn} was not: ${failed.reason}` };
  }
}

function failureOf(error: unknown, isLasting: (name: string) => boolean): Exclude<Telling, { kind: "told" }> {
  const name = error instanceof Error ? error.name : "";
  return { kind: isLasting(name) ? "refused" : "left", reason: `${name}: ${errorText(error)}` };
}

/**
 * Whether SNS refuses this message for good, whenever it is sent. Errors that are not known to be permanent count as
 * temporary.
 */
function isOfEvent(name: string): boolean {
  return /^(InvalidParameter|ParameterValueInvalid|Validation|InvalidMessage|BatchRequestTooLong)/.test(name);
}

/** Whether the topic is gone, or refuses our messages until someone changes it. */
function isOfTopic(name: string): boolean {
  return /^(NotFound|AuthorizationError|EndpointDisabled|InvalidSecurity|KMS(?!Throttling))/.test(name);
}
