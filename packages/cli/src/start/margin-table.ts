import { type DynamoDBClient, GetItemCommand, paginateScan } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { bookIdOf } from "@plimsoll/risk";
import { type CallEvent, callEvent, sweepItem } from "@plimsoll/schema";
import { unpack } from "@plimsoll/store";

/** The record of a sweep in the margin table; undefined when there is none of this snapshot. */
export async function findSweepItem(client: DynamoDBClient, table: string, snapshotId: string) {
  const { Item } = await client.send(
    new GetItemCommand({ TableName: table, Key: { pk: { S: "SWEEP" }, sk: { S: snapshotId } }, ConsistentRead: true }),
  );
  return Item && sweepItem.parse(unmarshall(Item));
}

/** Every committed event of the margin table, sorted by account, pool and sequence. For local stages: it scans the table. */
export async function scanCommittedCalls(client: DynamoDBClient, table: string): Promise<CallEvent[]> {
  const events: CallEvent[] = [];
  const pages = paginateScan(
    { client },
    {
      TableName: table,
      FilterExpression: "begins_with(sk, :event)",
      ExpressionAttributeValues: { ":event": { S: "EVENT#" } },
      ConsistentRead: true,
    },
  );
  for await (const { Items = [] } of pages) {
    for (const item of Items) events.push(callEvent.parse(unpack(unmarshall(item).data)));
  }
  return events.sort(byPoolAndSequence);
}

function byPoolAndSequence(a: CallEvent, b: CallEvent): number {
  const [one, other] = [bookIdOf(a.account_id, a.pool_id), bookIdOf(b.account_id, b.pool_id)];
  if (one !== other) return one < other ? -1 : 1;
  return a.sequence - b.sequence;
}
