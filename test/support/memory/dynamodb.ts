import {
  type AttributeValue,
  type BatchGetItemCommandInput,
  type BatchWriteItemCommandInput,
  ConditionalCheckFailedException,
  type CreateTableCommandInput,
  type DeleteItemCommandInput,
  type GetItemCommandInput,
  IdempotentParameterMismatchException,
  type PutItemCommandInput,
  type QueryCommandInput,
  ResourceNotFoundException,
  type ScanCommandInput,
  TransactionCanceledException,
  type TransactWriteItem,
  type TransactWriteItemsCommandInput,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import type { _Record, GetRecordsCommandInput, GetShardIteratorCommandInput } from "@aws-sdk/client-dynamodb-streams";
import { type Attributes, compileWrite, InvalidRequest, type Placeholders } from "./expressions.ts";

/** DynamoDB's own limits. */
const itemBytes = 400_000;
const pageBytes = 1_000_000;
const transactionItems = 100;
const batchItems = { get: 100, write: 25 };

/** How long DynamoDB remembers a transaction by its token. */
const tokenMs = 600_000;

interface Partition {
  /** Sorted in ascending order. */
  readonly sortKeys: string[];
  readonly items: Map<string, Attributes>;
}

interface MemoryTable {
  /** The attributes of its key: of a table without a sort key, the partition key alone. */
  readonly keyNames: readonly string[];
  readonly partitions: Map<string, Partition>;
  /** The records of the table's stream, or null if the table has no stream. */
  readonly stream: _Record[] | null;
}

interface WriteInput {
  readonly TableName: string | undefined;
  readonly ConditionExpression?: string | undefined;
  readonly ExpressionAttributeValues?: Attributes | undefined;
  readonly ExpressionAttributeNames?: Record<string, string> | undefined;
  readonly ReturnValuesOnConditionCheckFailure?: string | undefined;
}

/** One write that is examined before it is carried out. */
interface Prepared {
  readonly table: MemoryTable;
  readonly pk: string;
  readonly sk: string;
  readonly before: Attributes | undefined;
  readonly holds: boolean;
  /** The item after the write. Undefined deletes the item, and null leaves it as it is. */
  readonly after: Attributes | undefined | null;
}

const metadata = { attempts: 1, httpStatusCode: 200 };

/**
 * DynamoDB and its streams in this process, as far as the store needs them: conditions, updates, transactions with
 * tokens, batches, and consistent reads in order and in pages. Streams carry new images.
 * `test/functions/memory-contract.test.ts` compares it with the emulator. Reads are always consistent. Sort keys
 * compare as JavaScript strings, which for the ASCII of our keys is DynamoDB's byte order. Nothing expires, capacity is
 * not counted, and words that DynamoDB reserves are taken as names.
 */
export class MemoryDynamoDB {
  readonly #nowMs: () => number;
  readonly #tables = new Map<string, MemoryTable>();
  readonly #tokens = new Map<string, { readonly text: string; readonly atMs: number }>();
  #sequence = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Empties the tables and their streams. Partitions for which `isKept` is true stay. */
  clear(isKept: (pk: string) => boolean): void {
    this.#tokens.clear();
    this.#sequence = 0;
    for (const [name, { keyNames, partitions, stream }] of this.#tables) {
      const kept = [...partitions].filter(([pk]) => isKept(pk));
      this.#tables.set(name, { keyNames, partitions: new Map(kept), stream: stream && [] });
    }
  }

  /** Returns the answer to a command, by the command's name and input. Errors are those of the client. */
  answer(name: string, input: unknown): unknown {
    switch (name) {
      case "GetItemCommand":
        return this.#get(input as GetItemCommandInput);
      case "QueryCommand":
        return this.#query(input as QueryCommandInput);
      case "BatchGetItemCommand":
        return this.#batchGet(input as BatchGetItemCommandInput);
      case "PutItemCommand":
        return this.#put(input as PutItemCommandInput);
      case "UpdateItemCommand":
        return this.#update(input as UpdateItemCommandInput);
      case "DeleteItemCommand":
        return this.#delete(input as DeleteItemCommandInput);
      case "TransactWriteItemsCommand":
        return this.#transact(input as TransactWriteItemsCommandInput);
      case "BatchWriteItemCommand":
        return this.#batchWrite(input as BatchWriteItemCommandInput);
      case "ScanCommand":
        return this.#scan(input as ScanCommandInput);
      case "CreateTableCommand":
        return this.#create(input as CreateTableCommandInput);
      case "DescribeTableCommand":
        return { Table: { LatestStreamArn: (input as { TableName: string }).TableName } };
      case "DescribeStreamCommand":
        return { StreamDescription: { Shards: [{ ShardId: "shard" }] } };
      case "GetShardIteratorCommand":
        return this.#iterator(input as GetShardIteratorCommandInput);
      case "GetRecordsCommand":
        return this.#records(input as GetRecordsCommandInput);
      default:
        throw new InvalidRequest(`the memory's DynamoDB has no ${name}`);
    }
  }

  #table(name: string | undefined): MemoryTable {
    const table = this.#tables.get(name ?? "");
    if (table === undefined) {
      throw new ResourceNotFoundException({ message: `Requested resource not found: ${name}`, $metadata: metadata });
    }
    return table;
  }

  #create({ TableName = "", KeySchema = [], StreamSpecification }: CreateTableCommandInput) {
    const stream = StreamSpecification?.StreamEnabled === true ? [] : null;
    const keyNames = KeySchema.map(({ AttributeName = "" }) => AttributeName);
    this.#tables.set(TableName, { keyNames, partitions: new Map(), stream });
    return {};
  }

  #get({ TableName, Key }: GetItemCommandInput) {
    const table = this.#table(TableName);
    const { pk, sk } = keyOf(Key, table);
    return { Item: find(table, pk, sk) };
  }

  #query(input: QueryCommandInput) {
    const { partitions } = this.#table(input.TableName);
    const values = input.ExpressionAttributeValues ?? {};
    const condition = compileWrite({ condition: input.KeyConditionExpression }, { values, names: {} });
    const partition = partitions.get(values[":pk"]?.S ?? "");
    if (partition === undefined) return { Items: [] };
    const sortKeys = input.ScanIndexForward === false ? partition.sortKeys.toReversed() : partition.sortKeys;
    const start = input.ExclusiveStartKey === undefined ? 0 : sortKeys.indexOf(keyOf(input.ExclusiveStartKey).sk) + 1;
    const Items: Attributes[] = [];
    let bytes = 0;
    for (let index = start; index < sortKeys.length; index += 1) {
      const item = partition.items.get(sortKeys[index] ?? "");
      if (item === undefined || !condition.holds(item)) continue;
      Items.push(item);
      bytes += sizeOf(item);
      if (Items.length === input.Limit || bytes >= pageBytes) {
        return { Items, LastEvaluatedKey: { pk: item.pk as AttributeValue, sk: item.sk as AttributeValue } };
      }
    }
    return { Items };
  }

  #batchGet({ RequestItems = {} }: BatchGetItemCommandInput) {
    const wanted = Object.entries(RequestItems).flatMap(([name, { Keys = [] }]) =>
      Keys.map((key) => ({ name, ...keyOf(key) })),
    );
    refuseRepeats(wanted, batchItems.get);
    const Responses: Record<string, Attributes[]> = {};
    for (const { name, pk, sk } of wanted) {
      const item = find(this.#table(name), pk, sk);
      if (item !== undefined) Responses[name] = [...(Responses[name] ?? []), item];
    }
    return { Responses, UnprocessedKeys: {} };
  }

  #put(input: PutItemCommandInput) {
    this.#writeOne(this.#preparePut(input), input);
    return { $metadata: metadata };
  }

  #update(input: UpdateItemCommandInput) {
    const prepared = this.#prepareUpdate(input);
    this.#writeOne(prepared, input);
    return input.ReturnValues === "ALL_NEW" ? { Attributes: prepared.after } : {};
  }

  #delete(input: DeleteItemCommandInput) {
    this.#writeOne({ ...this.#prepare(input, input.Key).prepared, after: undefined }, input);
    return {};
  }

  #preparePut(input: WriteInput & { readonly Item: Attributes | undefined }): Prepared {
    const item = stored(input.Item ?? {});
    const { prepared } = this.#prepare(input, item);
    return { ...prepared, after: item };
  }

  #prepareUpdate(
    input: WriteInput & { readonly Key: Attributes | undefined; readonly UpdateExpression?: string | undefined },
  ): Prepared {
    const { prepared, change } = this.#prepare(input, input.Key, input.UpdateExpression);
    if (!prepared.holds) return prepared;
    return { ...prepared, after: stored(change(prepared.before ?? { ...input.Key })) };
  }

  #prepare(input: WriteInput, Key: Attributes | undefined, update?: string) {
    const table = this.#table(input.TableName);
    const { pk, sk } = keyOf(Key, table);
    const before = find(table, pk, sk);
    const placeholders: Placeholders = {
      values: input.ExpressionAttributeValues ?? {},
      names: input.ExpressionAttributeNames ?? {},
    };
    const { holds, change } = compileWrite({ condition: input.ConditionExpression, update }, placeholders);
    const prepared: Prepared = { table, pk, sk, before, holds: holds(before), after: null };
    return { prepared, change };
  }

  #writeOne(prepared: Prepared, { ReturnValuesOnConditionCheckFailure: returned }: WriteInput): void {
    if (prepared.holds) {
      this.#carryOut(prepared);
      return;
    }
    throw new ConditionalCheckFailedException({
      message: "The conditional request failed",
      $metadata: { ...metadata, httpStatusCode: 400 },
      ...(returned === "ALL_OLD" && prepared.before !== undefined ? { Item: prepared.before } : {}),
    });
  }

  #transact({ TransactItems: items = [], ClientRequestToken: token }: TransactWriteItemsCommandInput) {
    const text = JSON.stringify(items);
    const known = token === undefined ? undefined : this.#tokens.get(token);
    if (known !== undefined && this.#nowMs() - known.atMs < tokenMs) {
      if (known.text === text) return {};
      const message = "The token was used for another transaction";
      throw new IdempotentParameterMismatchException({ message, $metadata: metadata });
    }
    const writes = items.map((item) => this.#prepareItem(item));
    refuseRepeats(
      writes.map(({ pk, sk }, index) => ({ name: tableNameOf(items[index]), pk, sk })),
      transactionItems,
    );
    if (writes.some(({ holds }) => !holds)) {
      throw new TransactionCanceledException({
        message: "Transaction cancelled",
        $metadata: { ...metadata, httpStatusCode: 400 },
        CancellationReasons: writes.map(({ holds, before }, index) => {
          if (holds) return { Code: "None" };
          const isReturned = returnedOf(items[index]) === "ALL_OLD" && before !== undefined;
          return { Code: "ConditionalCheckFailed", ...(isReturned ? { Item: before } : {}) };
        }),
      });
    }
    for (const write of writes) this.#carryOut(write);
    if (token !== undefined) this.#tokens.set(token, { text, atMs: this.#nowMs() });
    return {};
  }

  #prepareItem({ ConditionCheck, Put, Delete, Update }: TransactWriteItem): Prepared {
    if (ConditionCheck !== undefined) return this.#prepare(ConditionCheck, ConditionCheck.Key).prepared;
    if (Put !== undefined) return this.#preparePut(Put);
    if (Delete !== undefined) return { ...this.#prepare(Delete, Delete.Key).prepared, after: undefined };
    if (Update !== undefined) return this.#prepareUpdate(Update);
    throw new InvalidRequest("a part of a transaction is empty");
  }

  #batchWrite({ RequestItems = {} }: BatchWriteItemCommandInput) {
    const writes = Object.entries(RequestItems).flatMap(([name, requests]) =>
      requests.map(({ PutRequest, DeleteRequest }) => {
        const item = PutRequest?.Item && stored(PutRequest.Item);
        return { name, after: item, ...keyOf(item ?? DeleteRequest?.Key) };
      }),
    );
    refuseRepeats(writes, batchItems.write);
    for (const { name, pk, sk, after } of writes) {
      const table = this.#table(name);
      this.#carryOut({ table, pk, sk, before: find(table, pk, sk), holds: true, after });
    }
    return { UnprocessedItems: {} };
  }

  #scan({ TableName }: ScanCommandInput) {
    const { partitions } = this.#table(TableName);
    return { Items: [...partitions.values()].flatMap(({ items }) => [...items.values()]) };
  }

  #carryOut({ table, pk, sk, before, after }: Prepared): void {
    if (after === null) return;
    if (after === undefined) remove(table, pk, sk);
    else insert(table, pk, sk, after);
    if (table.stream === null || isSame(before, after)) return;
    this.#sequence += 1;
    table.stream.push({
      eventName: before === undefined ? "INSERT" : after === undefined ? "REMOVE" : "MODIFY",
      dynamodb: {
        Keys: { pk: { S: pk }, sk: { S: sk } },
        SequenceNumber: String(this.#sequence).padStart(21, "0"),
        ApproximateCreationDateTime: new Date(this.#nowMs()),
        ...(after === undefined ? {} : { NewImage: after }),
      },
    } as _Record);
  }

  #iterator({ StreamArn, ShardIteratorType, SequenceNumber }: GetShardIteratorCommandInput) {
    const after = ShardIteratorType === "AFTER_SEQUENCE_NUMBER" ? SequenceNumber : "";
    return { ShardIterator: `${StreamArn} ${after}` };
  }

  #records({ ShardIterator = "" }: GetRecordsCommandInput) {
    const [name, after = ""] = ShardIterator.split(" ");
    const stream = this.#table(name).stream ?? [];
    const Records = stream.filter((record) => (record.dynamodb?.SequenceNumber ?? "") > after);
    const last = Records.at(-1)?.dynamodb?.SequenceNumber ?? after;
    return { Records, NextShardIterator: `${name} ${last}` };
  }
}

function tableNameOf(item: TransactWriteItem | undefined): string {
  return partOf(item)?.TableName ?? "";
}

function returnedOf(item: TransactWriteItem | undefined): string | undefined {
  return partOf(item)?.ReturnValuesOnConditionCheckFailure;
}

function partOf(item: TransactWriteItem | undefined): WriteInput | undefined {
  return item?.ConditionCheck ?? item?.Put ?? item?.Delete ?? item?.Update;
}

const ownKey = { keyNames: ["pk", "sk"] } as const;

/** Returns the key of an item. In a table without a sort key every item has the same one here. */
function keyOf(attributes: Attributes | undefined, { keyNames }: Pick<MemoryTable, "keyNames"> = ownKey) {
  const [pk = "", sk = ""] = keyNames.map((name) => attributes?.[name]?.S ?? "");
  if (pk === "" || (sk === "" && keyNames.length > 1)) throw new InvalidRequest(`the key needs ${keyNames.join(", ")}`);
  return { pk, sk };
}

function refuseRepeats(
  named: readonly { readonly name: string; readonly pk: string; readonly sk: string }[],
  most: number,
): void {
  if (named.length === 0 || named.length > most) throw new InvalidRequest(`1 to ${most} items, not ${named.length}`);
  const distinct = new Set(named.map(({ name, pk, sk }) => JSON.stringify([name, pk, sk])));
  if (distinct.size < named.length) throw new InvalidRequest("one item is named twice");
}

function find({ partitions }: MemoryTable, pk: string, sk: string): Attributes | undefined {
  return partitions.get(pk)?.items.get(sk);
}

function insert({ partitions }: MemoryTable, pk: string, sk: string, item: Attributes): void {
  let partition = partitions.get(pk);
  if (partition === undefined) {
    partition = { sortKeys: [], items: new Map() };
    partitions.set(pk, partition);
  }
  if (!partition.items.has(sk)) partition.sortKeys.splice(placeOf(partition.sortKeys, sk), 0, sk);
  partition.items.set(sk, item);
}

function remove({ partitions }: MemoryTable, pk: string, sk: string): void {
  const partition = partitions.get(pk);
  if (partition?.items.delete(sk) === true) partition.sortKeys.splice(placeOf(partition.sortKeys, sk), 1);
}

/** Returns the index at which a sort key is, or at which it belongs. */
function placeOf(sortKeys: readonly string[], wanted: string): number {
  let low = 0;
  let high = sortKeys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sortKeys[middle] ?? "") < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Returns an item as it is kept. Throws an InvalidRequest if the item has more bytes than an item may have. */
function stored(item: Attributes): Attributes {
  const bytes = sizeOf(item);
  if (bytes > itemBytes) throw new InvalidRequest(`Item size has exceeded the maximum allowed size: ${bytes}`);
  return item;
}

function sizeOf(item: Attributes): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(item)) bytes += name.length + valueSize(value);
  return bytes;
}

function valueSize(value: AttributeValue): number {
  if (value.B !== undefined) return value.B.byteLength;
  if (value.S !== undefined) return value.S.length;
  if (value.N !== undefined) return value.N.length;
  return JSON.stringify(value).length;
}

function isSame(before: Attributes | undefined, after: Attributes | undefined): boolean {
  if (before === after) return true;
  if (before === undefined || after === undefined) return false;
  const names = Object.keys(after);
  return (
    names.length === Object.keys(before).length &&
    names.every((name) => isSameValue(before[name], after[name] as AttributeValue))
  );
}

function isSameValue(a: AttributeValue | undefined, b: AttributeValue): boolean {
  if (a === b) return true;
  if (a === undefined) return false;
  if (a.B !== undefined && b.B !== undefined) return Buffer.compare(a.B, b.B) === 0;
  return JSON.stringify(a) === JSON.stringify(b);
}
