import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { type Endpoints, LOCAL_CREDENTIALS } from "./environment.ts";

/** The stage's own clients for its emulators. */
export interface Clients {
  readonly dynamodb: DynamoDBClient;
  readonly streams: DynamoDBStreamsClient;
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
  destroy(): void;
}

/** Creates clients with the same region and keys that the sandboxes use. */
export function createClients(endpoints: Endpoints, region: string): Clients {
  const common = { region, credentials: LOCAL_CREDENTIALS };
  const dynamodb = new DynamoDBClient({ ...common, endpoint: endpoints.dynamodb });
  const streams = new DynamoDBStreamsClient({ ...common, endpoint: endpoints.dynamodb });
  const sqs = new SQSClient({ ...common, endpoint: endpoints.sqs });
  const sns = new SNSClient({ ...common, endpoint: endpoints.sns });
  return {
    dynamodb,
    streams,
    sqs,
    sns,
    destroy() {
      for (const client of [dynamodb, streams, sqs, sns]) client.destroy();
    },
  };
}
