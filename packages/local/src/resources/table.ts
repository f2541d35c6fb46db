import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  ResourceNotFoundException,
  type TableDescription,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import type { TableNode } from "../graph/stage-graph.ts";
import type { EmulatedResource } from "./resource.ts";

/** Thrown if a table in the data directory has other keys than the stacks declare. */
export class TableMismatchError extends Error {
  override readonly name = "TableMismatchError";
}

/** Creates a table or finds it. Its stream and its time to live are set in either case. */
export async function ensureTable(node: TableNode, client: DynamoDBClient): Promise<EmulatedResource> {
  const found = await find(node.name, client);
  if (found === undefined) await create(node, client);
  else checkKeys(node, found);
  let table = await whenActive(node.name, client);
  if (node.streamViewType !== null && table.StreamSpecification?.StreamEnabled !== true) {
    await client.send(new UpdateTableCommand({ TableName: node.name, ...streamOf(node) }));
    table = await whenActive(node.name, client);
  }
  await ensureTimeToLive(node, client);
  if (table.TableArn === undefined) throw new Error(`The DynamoDB emulator gives no ARN for table ${node.name}`);
  return {
    kind: "table",
    logicalName: node.logicalName,
    name: node.name,
    arn: table.TableArn,
    url: null,
    streamArn: node.streamViewType === null ? null : (table.LatestStreamArn ?? null),
    created: found === undefined,
  };
}

async function find(name: string, client: DynamoDBClient): Promise<TableDescription | undefined> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName: name }))).Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

async function create(node: TableNode, client: DynamoDBClient): Promise<void> {
  await client.send(
    new CreateTableCommand({
      TableName: node.name,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: keySchema(node),
      AttributeDefinitions: node.attributes.map(({ name, type }) => ({ AttributeName: name, AttributeType: type })),
      ...streamOf(node),
    }),
  );
}

function keySchema(node: TableNode) {
  const hash = { AttributeName: node.hashKey, KeyType: "HASH" as const };
  return node.rangeKey === null ? [hash] : [hash, { AttributeName: node.rangeKey, KeyType: "RANGE" as const }];
}

function streamOf(node: TableNode) {
  if (node.streamViewType === null) return {};
  return { StreamSpecification: { StreamEnabled: true, StreamViewType: node.streamViewType } };
}

async function whenActive(name: string, client: DynamoDBClient): Promise<TableDescription> {
  for (;;) {
    const table = await find(name, client);
    if (table?.TableStatus === "ACTIVE") return table;
    await sleep(5);
  }
}

function checkKeys(node: TableNode, found: TableDescription): void {
  const keys = (schema: readonly { AttributeName?: string | undefined }[] = []) =>
    schema.map(({ AttributeName }) => AttributeName).join(", ");
  if (keys(found.KeySchema) !== keys(keySchema(node))) {
    throw new TableMismatchError(
      `Table ${node.name} exists with the keys ${keys(found.KeySchema)}, but stacks/ declares ${keys(keySchema(node))}; choose another --data directory`,
    );
  }
}

async function ensureTimeToLive(node: TableNode, client: DynamoDBClient): Promise<void> {
  if (node.ttlAttribute === null) return;
  const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName: node.name }));
  // Setting it a second time is an error.
  if (TimeToLiveDescription?.TimeToLiveStatus === "ENABLED") return;
  await client.send(
    new UpdateTimeToLiveCommand({
      TableName: node.name,
      TimeToLiveSpecification: { Enabled: true, AttributeName: node.ttlAttribute },
    }),
  );
}
