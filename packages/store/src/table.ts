import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  type ConsumedCapacity,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateScan,
  QueryCommand,
  TransactionCanceledException,
  TransactionInProgressException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { marshall, type NativeAttributeValue, unmarshall } from "@aws-sdk/util-dynamodb";

export interface Key {
  readonly pk: string;
  readonly sk: string;
}

export type Item = Record<string, NativeAttributeValue>;

/** Capacity units that the calls of one invocation consumed, as DynamoDB reports them. */
export interface CapacityMeter {
  readUnits: number;
  writeUnits: number;
}

/** A DynamoDB table with its client. Every call adds its consumption to the meter. */
export interface Table {
  readonly client: DynamoDBClient;
  readonly name: string;
  readonly meter: CapacityMeter;
}

/** A condition on the stored item under which a write is made. */
export interface Condition {
  readonly expression: string;
  /** Values by placeholder, for example `:version`. */
  readonly values?: Item;
  /** Attributes whose names DynamoDB reserves, by placeholder, for example `#sequence`. */
  readonly names?: Record<string, string>;
}

/** The outcome of a conditional write. If it was refused, `existing` is the stored item. */
export type WriteOutcome =
  | { readonly written: true }
  | { readonly written: false; readonly existing: Item | undefined };

/** A failure of a DynamoDB request or of a stored item, other than a condition that does not hold. */
export class StoreError extends Error {
  override readonly name = "StoreError";
}

/**
 * Number of underlyings that are read or written at the same time. It is below the number of a client's connections.
 */
export const marketsAtOnce = 24;

/** Most items in one batch call of DynamoDB. */
const batchLimits = { get: 100, write: 25 };

/** Attempts to complete the unprocessed rest of a batch, after which the invocation fails and is retried as a whole. */
const batchAttempts = 8;

/**
 * First pause in milliseconds before the rest of a batch is tried again. It doubles each time, as throttling passes in
 * seconds.
 */
const firstPauseMs = 25;

/** Waits before a repeated attempt, twice as long each time. It does not wait before attempt 0. */
export async function pauseBefore(attempt: number): Promise<void> {
  if (attempt > 0) await setTimeout(firstPauseMs * 2 ** (attempt - 1));
}

const marshallOptions = { removeUndefinedValues: true };

function toAttributes(item: Item): Record<string, AttributeValue> {
  return marshall(item, marshallOptions);
}

function countRead(table: Table, consumed: ConsumedCapacity | undefined): void {
  table.meter.readUnits += consumed?.CapacityUnits ?? 0;
}

function countWrite(table: Table, consumed: ConsumedCapacity | undefined): void {
  table.meter.writeUnits += consumed?.CapacityUnits ?? 0;
}

function conditionInput(condition: Condition | undefined) {
  if (condition === undefined) return {};
  return {
    ConditionExpression: condition.expression,
    ...(condition.values === undefined ? {} : { ExpressionAttributeValues: toAttributes(condition.values) }),
    ...(condition.names === undefined ? {} : { ExpressionAttributeNames: condition.names }),
  };
}

/** Reads one item with strong consistency. */
export async function findItem(table: Table, key: Key): Promise<Item | undefined> {
  const answer = await table.client.send(
    new GetItemCommand({
      TableName: table.name,
      Key: toAttributes({ ...key }),
      ConsistentRead: true,
      ReturnConsumedCapacity: "TOTAL",
    }),
  );
  countRead(table, answer.ConsumedCapacity);
  return answer.Item && unmarshall(answer.Item);
}

/** Selects the items of a partition, their order and their number. */
export interface PartitionRange {
  readonly pk: string;
  /** Selects sort keys with this prefix. At most one of the three conditions on the sort key applies. */
  readonly skPrefix?: string;
  /** Selects sort keys below this one. */
  readonly skBefore?: string;
  /** Selects sort keys from the first of these to the second. */
  readonly skBetween?: readonly [string, string];
  readonly newestFirst?: boolean;
  readonly limit?: number;
}

function keyCondition({ pk, skPrefix, skBefore, skBetween }: PartitionRange) {
  const values = { ":pk": pk };
  if (skPrefix !== undefined) {
    return { text: "pk = :pk AND begins_with(sk, :prefix)", values: { ...values, ":prefix": skPrefix } };
  }
  if (skBetween !== undefined) {
    const [from, to] = skBetween;
    return { text: "pk = :pk AND sk BETWEEN :from AND :to", values: { ...values, ":from": from, ":to": to } };
  }
  if (skBefore !== undefined) return { text: "pk = :pk AND sk < :before", values: { ...values, ":before": skBefore } };
  return { text: "pk = :pk", values };
}

/** Reads a range of a partition with strong consistency, over all pages. */
export async function queryItems(table: Table, range: PartitionRange): Promise<Item[]> {
  const items: Item[] = [];
  const condition = keyCondition(range);
  let startKey: Record<string, AttributeValue> | undefined;
  do {
    const answer = await table.client.send(
      new QueryCommand({
        TableName: table.name,
        KeyConditionExpression: condition.text,
        ExpressionAttributeValues: toAttributes(condition.values),
        ConsistentRead: true,
        ScanIndexForward: range.newestFirst !== true,
        ReturnConsumedCapacity: "TOTAL",
        ...(range.limit === undefined ? {} : { Limit: range.limit - items.length }),
        ...(startKey === undefined ? {} : { ExclusiveStartKey: startKey }),
      }),
    );
    countRead(table, answer.ConsumedCapacity);
    for (const item of answer.Items ?? []) items.push(unmarshall(item));
    startKey = answer.LastEvaluatedKey;
  } while (startKey !== undefined && (range.limit === undefined || items.length < range.limit));
  return items;
}

/**
 * Reads every item whose sort key has a prefix with strong consistency, in no particular order. It reads the whole
 * table.
 */
export async function scanItems(table: Table, skPrefix: string): Promise<Item[]> {
  const items: Item[] = [];
  const pages = paginateScan(
    { client: table.client },
    {
      TableName: table.name,
      FilterExpression: "begins_with(sk, :prefix)",
      ExpressionAttributeValues: toAttributes({ ":prefix": skPrefix }),
      ConsistentRead: true,
      ReturnConsumedCapacity: "TOTAL",
    },
  );
  for await (const { Items = [], ConsumedCapacity } of pages) {
    countRead(table, ConsumedCapacity);
    for (const item of Items) items.push(unmarshall(item));
  }
  return items;
}

/** Reads many items with strong consistency, in no particular order. Missing items are left out. */
export async function findItems(table: Table, keys: readonly Key[]): Promise<Item[]> {
  const items: Item[] = [];
  for (let start = 0; start < keys.length; start += batchLimits.get) {
    let wanted = keys.slice(start, start + batchLimits.get).map((key) => toAttributes({ ...key }));
    for (let attempt = 0; wanted.length > 0; attempt += 1) {
      if (attempt === batchAttempts) throw new StoreError(`${wanted.length} items of ${table.name} stayed unread`);
      await pauseBefore(attempt);
      const answer = await table.client.send(
        new BatchGetItemCommand({
          RequestItems: { [table.name]: { Keys: wanted, ConsistentRead: true } },
          ReturnConsumedCapacity: "TOTAL",
        }),
      );
      for (const consumed of answer.ConsumedCapacity ?? []) countRead(table, consumed);
      for (const item of answer.Responses?.[table.name] ?? []) items.push(unmarshall(item));
      wanted = answer.UnprocessedKeys?.[table.name]?.Keys ?? [];
    }
  }
  return items;
}

/**
 * Writes one item, if the condition holds. If the client repeats a write whose answer was lost, it finds its own item
 * stored; that counts as a success.
 */
export async function putItem(table: Table, item: Item & Key, condition?: Condition): Promise<WriteOutcome> {
  const Item = toAttributes(item);
  try {
    const answer = await table.client.send(
      new PutItemCommand({
        TableName: table.name,
        Item,
        ReturnConsumedCapacity: "TOTAL",
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
        ...conditionInput(condition),
      }),
    );
    countWrite(table, answer.ConsumedCapacity);
    return { written: true };
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    if (wasRepeated(error) && isSameItem(Item, error.Item)) return { written: true };
    return { written: false, existing: error.Item && unmarshall(error.Item) };
  }
}

/** Whether the client sent the request more than once, so that an earlier try may have succeeded. */
function wasRepeated({ $metadata }: ConditionalCheckFailedException | TransactionCanceledException): boolean {
  return ($metadata.attempts ?? 1) > 1;
}

/** Whether the stored item equals the one that was to be written. */
function isSameItem(
  wanted: Record<string, AttributeValue> | undefined,
  existing: Record<string, AttributeValue> | undefined,
): boolean {
  return wanted !== undefined && existing !== undefined && isDeepStrictEqual(comparable(wanted), comparable(existing));
}

/**
 * Normalises attributes for comparison: any kind of bytes, any notation of numbers and any order of sets compare equal.
 */
function comparable(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      if (name === "N") return [name, Number(inner)];
      if (name === "SS" || name === "NS") return [name, [...(inner as string[])].sort()];
      return [name, comparable(inner)];
    }),
  );
}

/** Updates one item and returns it as it is afterwards, or undefined if the condition did not hold. */
export async function updateItem(
  table: Table,
  key: Key,
  update: { readonly expression: string; readonly values: Item; readonly condition: string },
): Promise<Item | undefined> {
  try {
    const answer = await table.client.send(
      new UpdateItemCommand({
        TableName: table.name,
        Key: toAttributes({ ...key }),
        UpdateExpression: update.expression,
        ConditionExpression: update.condition,
        ExpressionAttributeValues: toAttributes(update.values),
        ReturnValues: "ALL_NEW",
        ReturnConsumedCapacity: "TOTAL",
      }),
    );
    countWrite(table, answer.ConsumedCapacity);
    return unmarshall(answer.Attributes ?? {});
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
}

/** One part of a transaction. */
export type TransactionPart =
  /** A condition on an item that is not changed. */
  | { readonly check: Key; readonly condition: Condition }
  | { readonly put: Item & Key; readonly condition?: Condition }
  | { readonly remove: Key; readonly condition: Condition }
  | { readonly update: Key; readonly expression: string; readonly condition: Condition };

/**
 * The outcome of a transaction. `refused` holds the indices of the parts whose condition did not hold; the caller reads
 * again and decides anew.
 */
export type TransactionOutcome =
  | { readonly written: true }
  | { readonly written: false; readonly refused: readonly number[] };

/**
 * Writes all parts or none. All tries carry one token, so that DynamoDB answers a repeat with the first answer if that
 * was lost. It remembers a token for ten minutes; otherwise the transaction recognises its own items as already stored.
 */
export async function writeTogether(table: Table, parts: readonly TransactionPart[]): Promise<TransactionOutcome> {
  const items = parts.map((part) => transactItem(table.name, part));
  const ClientRequestToken = randomUUID();
  for (let attempt = 0; ; attempt += 1) {
    await pauseBefore(attempt);
    try {
      const answer = await table.client.send(
        new TransactWriteItemsCommand({ ClientRequestToken, TransactItems: items, ReturnConsumedCapacity: "TOTAL" }),
      );
      for (const consumed of answer.ConsumedCapacity ?? []) countWrite(table, consumed);
      return { written: true };
    } catch (error) {
      // An earlier try whose answer was lost is still running, so its result is awaited.
      if (error instanceof TransactionInProgressException && attempt + 1 < batchAttempts) continue;
      if (!(error instanceof TransactionCanceledException)) throw error;
      if (isPassing(error) && attempt + 1 < batchAttempts) continue;
      const refused = refusedParts(error);
      if (refused.length === 0) throw error;
      return (attempt > 0 || wasRepeated(error)) && isOwnWork(items, error)
        ? { written: true }
        : { written: false, refused };
    }
  }
}

function transactItem(TableName: string, part: TransactionPart): TransactWriteItem {
  const input = {
    TableName,
    ...conditionInput(part.condition),
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  } as const;
  if ("check" in part) {
    const ConditionExpression = part.condition.expression;
    return { ConditionCheck: { ...input, ConditionExpression, Key: toAttributes({ ...part.check }) } };
  }
  if ("put" in part) return { Put: { ...input, Item: toAttributes(part.put) } };
  if ("remove" in part) return { Delete: { ...input, Key: toAttributes({ ...part.remove }) } };
  return { Update: { ...input, Key: toAttributes({ ...part.update }), UpdateExpression: part.expression } };
}

function refusedParts({ CancellationReasons = [] }: TransactionCanceledException): number[] {
  return CancellationReasons.flatMap(({ Code }, index) => (Code === "ConditionalCheckFailed" ? [index] : []));
}

/** Whether the stored items are those of this transaction, which means that an earlier try succeeded. */
function isOwnWork(items: readonly TransactWriteItem[], error: TransactionCanceledException): boolean {
  const puts = refusedParts(error).filter((index) => items[index]?.Put !== undefined);
  return (
    puts.length > 0 &&
    puts.every((index) => isSameItem(items[index]?.Put?.Item, error.CancellationReasons?.[index]?.Item))
  );
}

/**
 * Cancellation codes after which the same write may succeed a moment later: others were writing the same items, or the
 * table was throttled.
 */
const passingCodes = new Set(["None", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"]);

function isPassing({ CancellationReasons = [] }: TransactionCanceledException): boolean {
  const codes = CancellationReasons.map(({ Code = "None" }) => Code);
  return codes.every((code) => passingCodes.has(code)) && codes.some((code) => code !== "None");
}

/** Writes and deletes many items without conditions. */
export async function writeItems(
  table: Table,
  writes: { readonly puts?: readonly (Item & Key)[]; readonly deletes?: readonly Key[] },
): Promise<void> {
  const requests = [
    ...(writes.puts ?? []).map((item) => ({ PutRequest: { Item: toAttributes(item) } })),
    ...(writes.deletes ?? []).map((key) => ({ DeleteRequest: { Key: toAttributes({ ...key }) } })),
  ];
  for (let start = 0; start < requests.length; start += batchLimits.write) {
    let wanted = requests.slice(start, start + batchLimits.write);
    for (let attempt = 0; wanted.length > 0; attempt += 1) {
      if (attempt === batchAttempts) throw new StoreError(`${wanted.length} items of ${table.name} stayed unwritten`);
      await pauseBefore(attempt);
      const answer = await table.client.send(
        new BatchWriteItemCommand({ RequestItems: { [table.name]: wanted }, ReturnConsumedCapacity: "TOTAL" }),
      );
      for (const consumed of answer.ConsumedCapacity ?? []) countWrite(table, consumed);
      wanted = (answer.UnprocessedItems?.[table.name] ?? []) as typeof wanted;
    }
  }
}
