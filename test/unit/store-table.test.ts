import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  type DynamoDBClient,
  type QueryCommand,
} from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { describe, expect, it } from "vitest";
import { findItems, type Item, queryItems, type Table, writeItems } from "../../packages/store/src/table.ts";

/** A table whose client is answered by a function, call after call. */
function tableOf(answer: (command: unknown, call: number) => unknown): Table {
  let calls = 0;
  const send = (command: unknown) => {
    calls += 1;
    return Promise.resolve(answer(command, calls));
  };
  return { client: { send } as unknown as DynamoDBClient, name: "T", meter: { readUnits: 0, writeUnits: 0 } };
}

const keyOf = (index: number) => ({ pk: "P", sk: `ITEM#${index}` });
const names = (items: readonly Item[]) => items.map(({ sk }) => String(sk)).sort();
const wanted = [1, 2, 3].map(keyOf);

// What DynamoDB leaves undone it says in its answer, and only there.
describe("an answer of DynamoDB that is not the whole", () => {
  it("of a partition is read on, page after page (I2)", async () => {
    const pages = [[1, 2], [3], []];
    const table = tableOf((command, call) => {
      const { ExclusiveStartKey } = (command as QueryCommand).input;
      expect(ExclusiveStartKey).toEqual(call === 1 ? undefined : marshall({ page: call - 1 }));
      const Items = pages[call - 1]?.map((index) => marshall(keyOf(index)));
      return { Items, ...(call < pages.length && { LastEvaluatedKey: marshall({ page: call }) }) };
    });
    expect(names(await queryItems(table, { pk: "P" }))).toEqual(names(wanted));
  });

  it("of many items is asked for again (I2)", async () => {
    const table = tableOf((command) => {
      if (!(command instanceof BatchGetItemCommand)) throw new Error("another command");
      const [first, ...rest] = command.input.RequestItems?.T?.Keys ?? [];
      return { Responses: { T: [first] }, UnprocessedKeys: rest.length === 0 ? {} : { T: { Keys: rest } } };
    });
    expect(names(await findItems(table, wanted))).toEqual(names(wanted));
  });

  it("of many writes is sent again (I2)", async () => {
    const written: unknown[] = [];
    const table = tableOf((command) => {
      if (!(command instanceof BatchWriteItemCommand)) throw new Error("another command");
      const [first, ...rest] = command.input.RequestItems?.T ?? [];
      written.push(first?.PutRequest?.Item?.sk?.S);
      return { UnprocessedItems: rest.length === 0 ? {} : { T: rest } };
    });
    await writeItems(table, { puts: wanted });
    expect(written).toEqual(names(wanted));
  });

  it("and never becomes it is an error, not fewer items", async () => {
    const reading = tableOf((command) => ({ UnprocessedKeys: (command as BatchGetItemCommand).input.RequestItems }));
    const writing = tableOf((command) => ({ UnprocessedItems: (command as BatchWriteItemCommand).input.RequestItems }));
    await Promise.all([
      expect(findItems(reading, [keyOf(1)])).rejects.toThrow("1 items of T stayed unread"),
      expect(writeItems(writing, { puts: [keyOf(1)] })).rejects.toThrow("1 items of T stayed unwritten"),
    ]);
  });
});
