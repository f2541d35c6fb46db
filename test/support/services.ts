import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { Clients } from "./clients.ts";
import { startEmulators } from "./emulators.ts";
import { NoAnswer } from "./faults.ts";
import { Gateway } from "./gateway.ts";
import { MemoryDynamoDB } from "./memory/dynamodb.ts";
import { MemoryMessaging } from "./memory/messaging.ts";

/** The services that a stage uses, on emulators or in this process. */
export interface Services extends Clients {
  readonly streams: DynamoDBStreamsClient;
  /** Returns the URL of a queue, by its name. */
  queueUrl(name: string): string;
  /** The gateway between the functions and SNS. */
  readonly snsGateway: Pick<Gateway, "isOpen" | "refusal" | "refused">;
  /** The environment variables that tell the clients of the functions where the services are. */
  readonly environment: Readonly<Record<string, string>>;
  /** Makes the functions' own clients use these services. */
  attach(functions: Clients): void;
  /**
   * Empties tables, streams and queues at once. Partitions for which `isKept` is true stay. Null if emptying takes
   * calls to the services.
   */
  readonly clear: ((isKept: (pk: string) => boolean) => void) | null;
  stop(): Promise<void>;
}

export async function emulatorServices(): Promise<Services> {
  const emulators = await startEmulators();
  const { dynamodbEndpoint, messagingEndpoint } = emulators;
  const snsGateway = await Gateway.open(messagingEndpoint);
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const at = (endpoint: string) => ({ region: "eu-west-1", credentials, endpoint });
  return {
    dynamodb: new DynamoDBClient(at(dynamodbEndpoint)),
    sqs: new SQSClient(at(messagingEndpoint)),
    sns: new SNSClient(at(messagingEndpoint)),
    streams: new DynamoDBStreamsClient(at(dynamodbEndpoint)),
    queueUrl: (name) => `${messagingEndpoint}/000000000000/${name}`,
    snsGateway,
    environment: {
      AWS_ENDPOINT_URL_DYNAMODB: dynamodbEndpoint,
      AWS_ENDPOINT_URL_SQS: messagingEndpoint,
      AWS_ENDPOINT_URL_SNS: snsGateway.endpoint,
    },
    attach: () => {},
    clear: null,
    async stop() {
      await snsGateway.close();
      await emulators.stop();
    },
  };
}

interface Command {
  readonly input: unknown;
}

/** Returns services in this process that follow the caller's clock. They use memory only, and nothing waits. */
export function memoryServices(nowMs: () => number): Services {
  const dynamodb = new MemoryDynamoDB(nowMs);
  const messaging = new MemoryMessaging(nowMs);
  const snsGateway: Services["snsGateway"] = { isOpen: true, refusal: "cuts the connection", refused: 0 };
  const sendTo = (service: MemoryDynamoDB | MemoryMessaging) => async (command: Command) =>
    service.answer(command.constructor.name, command.input);
  const sendToSns = async (command: Command) => {
    if (!snsGateway.isOpen) {
      snsGateway.refused += 1;
      throw new NoAnswer("SNS is away");
    }
    return messaging.answer(command.constructor.name, command.input);
  };
  const client = <Client>(send: (command: Command) => Promise<unknown>) => ({ send }) as unknown as Client;
  return {
    dynamodb: client(sendTo(dynamodb)),
    sqs: client(sendTo(messaging)),
    sns: client(sendTo(messaging)),
    streams: client(sendTo(dynamodb)),
    queueUrl: (name) => messaging.queueUrl(name),
    snsGateway,
    environment: {},
    attach(functions) {
      Object.assign(functions.dynamodb, { send: sendTo(dynamodb) });
      Object.assign(functions.sqs, { send: sendTo(messaging) });
      Object.assign(functions.sns, { send: sendToSns });
    },
    clear(isKept) {
      dynamodb.clear(isKept);
      messaging.clear();
      snsGateway.isOpen = true;
    },
    stop: async () => {},
  };
}

/** Creates a table with the keys of every table of a stage. It has a stream of new images if `isStreamed` is true. */
export async function createTable(
  { dynamodb }: Services,
  TableName: string,
  { isStreamed }: { readonly isStreamed: boolean },
): Promise<void> {
  await dynamodb.send(
    new CreateTableCommand({
      TableName,
      AttributeDefinitions: [
        { AttributeName: "pk", AttributeType: "S" },
        { AttributeName: "sk", AttributeType: "S" },
      ],
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
      BillingMode: "PAY_PER_REQUEST",
      ...(isStreamed ? { StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_IMAGE" } } : {}),
    }),
  );
}
