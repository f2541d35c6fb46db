import { PublishBatchCommand, PublishCommand, type SNSClient } from "@aws-sdk/client-sns";
import { type CallEvent, errorText } from "@plimsoll/schema";

/** What SNS takes in one call. */
export const batchLimits = { entries: 10, bytes: 250_000 };

/** SNS takes subjects of up to 100 ASCII characters. */
const subjectLength = 100;

/** SNS counts a request for each of these of what it is sent. */
const bytesPerRequest = 65_536;

/** An event as SNS is given it. */
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
 * What became of an event. `refused`: trying again as things are would come to the same. `left`: the service was away or
 * refused everyone alike, so that a later try may succeed.
 */
export type Telling =
  | { readonly kind: "told"; readonly messageId: string }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "left"; readonly reason: string };

/** Of an event that SNS does not name in its answer. */
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

/** Requests that SNS counts for these messages in one call. */
export function requestsOf(messages: readonly Message[]): number {
  return Math.ceil(messages.reduce((sum, { bytes }) => sum + bytes, 0) / bytesPerRequest);
}

/** Tells the operators of up to ten events in one call. Where SNS refuses the call for one of them, each is tried alone. */
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

/** Tells an account of its event. What SNS refuses here, while it takes the operators' messages, is the topic's own fault. */
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

/** SNS will not have this very message, whenever it is sent. All that is not known to be lasting may pass. */
function isOfEvent(name: string): boolean {
  return /^(InvalidParameter|ParameterValueInvalid|Validation|InvalidMessage|BatchRequestTooLong)/.test(name);
}

/** The topic is gone, or will not have messages of ours until someone changes it. */
function isOfTopic(name: string): boolean {
  return /^(NotFound|AuthorizationError|EndpointDisabled|InvalidSecurity|KMS(?!Throttling))/.test(name);
}
