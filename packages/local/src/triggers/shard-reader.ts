import {
  type _Record,
  DescribeStreamCommand,
  type DynamoDBStreamsClient,
  ExpiredIteratorException,
  GetRecordsCommand,
  GetShardIteratorCommand,
  TrimmedDataAccessException,
} from "@aws-sdk/client-dynamodb-streams";
import type { ShardPosition } from "./checkpoints.ts";

/** A shard of a stream. A parent is read to its end before its children. */
export interface Shard {
  readonly shardId: string;
  readonly parentShardId: string | undefined;
}

/** Most records in a page. DynamoDB ends a page at 1 MB, dynoxide only at this number, and an item may have 400 kB. */
const PAGE_RECORDS = 100;

/** Lists all shards of a stream that are not trimmed yet. */
export async function listShards(streamArn: string, client: DynamoDBStreamsClient): Promise<Shard[]> {
  const shards: Shard[] = [];
  let start: string | undefined;
  do {
    const command = new DescribeStreamCommand({ StreamArn: streamArn, ExclusiveStartShardId: start });
    const { StreamDescription } = await client.send(command);
    for (const { ShardId, ParentShardId } of StreamDescription?.Shards ?? []) {
      if (ShardId !== undefined) shards.push({ shardId: ShardId, parentShardId: ParentShardId });
    }
    start = StreamDescription?.LastEvaluatedShardId;
  } while (start !== undefined);
  return shards;
}

/** Reads one shard from a position onwards. */
export class ShardReader {
  readonly #client: DynamoDBStreamsClient;
  readonly #streamArn: string;
  readonly #shardId: string;
  #iterator: string | undefined;
  #after: string | null;
  #ended = false;

  constructor(client: DynamoDBStreamsClient, streamArn: string, shardId: string, position: ShardPosition) {
    this.#client = client;
    this.#streamArn = streamArn;
    this.#shardId = shardId;
    this.#after = position.after;
    this.#ended = position.finished;
  }

  /** Whether the shard is closed and read to its end. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Reads the next records, oldest first. The list is empty if there are none now. */
  async read(): Promise<_Record[]> {
    if (this.#ended) return [];
    try {
      this.#iterator ??= await this.#openIterator();
      const { Records = [], NextShardIterator } = await this.#client.send(
        new GetRecordsCommand({ ShardIterator: this.#iterator, Limit: PAGE_RECORDS }),
      );
      this.#iterator = NextShardIterator;
      // Only a closed shard ends. An EndingSequenceNumber proves nothing, as dynoxide 1.2.1 returns one for open
      // shards.
      this.#ended = NextShardIterator === undefined;
      this.#after = Records.at(-1)?.dynamodb?.SequenceNumber ?? this.#after;
      return Records;
    } catch (error) {
      if (error instanceof ExpiredIteratorException) {
        this.#iterator = undefined;
        return [];
      }
      throw error;
    }
  }

  async #openIterator(): Promise<string> {
    const place = { StreamArn: this.#streamArn, ShardId: this.#shardId };
    try {
      return await this.#iteratorAt(
        this.#after === null
          ? { ...place, ShardIteratorType: "TRIM_HORIZON" }
          : { ...place, ShardIteratorType: "AFTER_SEQUENCE_NUMBER", SequenceNumber: this.#after },
      );
    } catch (error) {
      // After more than a day without a run, older records are gone from the stream, so reading starts at the oldest
      // left.
      if (!(error instanceof TrimmedDataAccessException)) throw error;
      return this.#iteratorAt({ ...place, ShardIteratorType: "TRIM_HORIZON" });
    }
  }

  async #iteratorAt(input: ConstructorParameters<typeof GetShardIteratorCommand>[0]): Promise<string> {
    const { ShardIterator } = await this.#client.send(new GetShardIteratorCommand(input));
    if (ShardIterator === undefined) throw new Error(`The stream ${this.#streamArn} gives no iterator`);
    return ShardIterator;
  }
}
