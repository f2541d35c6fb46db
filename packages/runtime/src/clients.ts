import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { CapacityMeter, Table } from "@plimsoll/store";
import { getLink } from "./links.ts";

/** One client per service and process, so that connections and credentials outlive an invocation. */
const clients: { dynamodb?: DynamoDBClient; kms?: KMSClient; sqs?: SQSClient; sns?: SNSClient } = {};

export function dynamodbClient(): DynamoDBClient {
  clients.dynamodb ??= new DynamoDBClient({});
  return clients.dynamodb;
}

export function sqsClient(): SQSClient {
  clients.sqs ??= new SQSClient({});
  return clients.sqs;
}

/**
 * Timeouts of SNS in milliseconds, so that it cannot hold up an invocation. What is not published in time is published
 * later.
 */
const snsTimeouts = { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true };

export function snsClient(): SNSClient {
  clients.sns ??= new SNSClient({ requestHandler: snsTimeouts });
  return clients.sns;
}

/** Timeouts of KMS in milliseconds. A caller waits for the answer, so that a lost request is soon tried again. */
const kmsTimeouts = { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true };

export function kmsClient(): KMSClient {
  clients.kms ??= new KMSClient({ requestHandler: kmsTimeouts });
  return clients.kms;
}

/** Opens a linked table whose calls add to a meter. */
export function openTable(
  link: "LedgerTable" | "MarketTable" | "MarginTable" | "NotifyTable",
  meter: CapacityMeter,
): Table {
  return { client: dynamodbClient(), name: getLink(link).name, meter };
}

export function startMeter(): CapacityMeter {
  return { readUnits: 0, writeUnits: 0 };
}
