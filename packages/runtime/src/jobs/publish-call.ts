import {
  IdempotencyAlreadyInProgressError,
  IdempotencyConfig,
  makeIdempotent,
} from "@aws-lambda-powertools/idempotency";
import { DynamoDBPersistenceLayer } from "@aws-lambda-powertools/idempotency/dynamodb";
import { PublishCommand, type SNSClient } from "@aws-sdk/client-sns";
import type { CallEvent } from "@plimsoll/schema";
import { findAccountTopic, type Table } from "@plimsoll/store";
import type { Context } from "aws-lambda";

export interface PublishPorts {
  readonly notify: Table;
  readonly sns: SNSClient;
  readonly operatorTopicArn: string;
}

/** SNS takes subjects of up to 100 ASCII characters. */
const subjectLength = 100;

/** Days for which a repeated event is recognised: as long as a stream keeps its records, and some more. */
const rememberedSeconds = 3 * 86_400;

/** Write units of remembering one event: two writes of less than a kilobyte, whose answers do not count them. */
const rememberingUnits = 2;

/** Publishes an event to the operators and, where it has one, to its account's topic. Returns the operators' message id. */
async function publish(event: CallEvent, { notify, sns, operatorTopicArn }: PublishPorts): Promise<string> {
  const attribute = (StringValue: string) => ({ DataType: "String", StringValue });
  const message = {
    Subject: subjectOf(event.title),
    Message: JSON.stringify(event),
    MessageAttributes: {
      severity: attribute(event.severity),
      environment: attribute(event.environment),
      account_id: attribute(event.account_id),
    },
  };
  const told = await sns.send(new PublishCommand({ TopicArn: operatorTopicArn, ...message }));
  const accountTopicArn = await findAccountTopic(notify, event.account_id);
  if (accountTopicArn !== undefined) await sns.send(new PublishCommand({ TopicArn: accountTopicArn, ...message }));
  return told.MessageId ?? "";
}

function subjectOf(title: string): string {
  const ascii = title.replaceAll(/[—−]/g, "-").replaceAll(/[^\x20-\x7e]/g, "?");
  return ascii.slice(0, subjectLength);
}

/**
 * A publisher that remembers what it has told, by event id. The memory only saves repeats: where it says that another
 * attempt is at it, that attempt may have died, and a call told twice is better than one not told.
 */
export function createPublisher(ports: PublishPorts, context: Context): (event: CallEvent) => Promise<string> {
  const config = new IdempotencyConfig({
    eventKeyJmesPath: "event_id",
    throwOnNoIdempotencyKey: true,
    expiresAfterSeconds: rememberedSeconds,
  });
  config.registerLambdaContext(context);
  const persistenceStore = new DynamoDBPersistenceLayer({
    tableName: ports.notify.name,
    keyAttr: "pk",
    sortKeyAttr: "sk",
    staticPkValue: "IDEMPOTENCY",
    expiryAttr: "ttl",
    awsSdkV3Client: ports.notify.client,
  });
  const remembered = makeIdempotent((event: CallEvent) => publish(event, ports), {
    keyPrefix: "publish-calls",
    persistenceStore,
    config,
  });
  return async (event) => {
    try {
      ports.notify.meter.writeUnits += rememberingUnits;
      return await remembered(event);
    } catch (error) {
      if (!(error instanceof IdempotencyAlreadyInProgressError)) throw error;
      const messageId = await publish(event, ports);
      await persistenceStore.saveSuccess(event, messageId);
      return messageId;
    }
  };
}
