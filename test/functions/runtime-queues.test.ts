import type { SendMessageBatchCommandInput } from "@aws-sdk/client-sqs";
import { sendMessages, sqsClient } from "@plimsoll/runtime";
import { beforeAll, describe, expect, it } from "vitest";

/** What the queue answers to a call; the entries that it does not name as failed have been taken. */
type Answer = (input: SendMessageBatchCommandInput) => {
  Failed?: { Id?: string; SenderFault: boolean; Code: string }[];
};

let answer: Answer = () => ({});
let calls: (readonly string[])[] = [];

beforeAll(() => {
  Object.assign(process.env, { AWS_REGION: "eu-west-1", AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" });
  // No call leaves this process.
  sqsClient().middlewareStack.add(
    () => (args) => {
      const input = args.input as SendMessageBatchCommandInput;
      calls.push((input.Entries ?? []).map(({ MessageBody = "" }) => MessageBody));
      return Promise.resolve({ response: {}, output: { $metadata: {}, ...answer(input) } as never });
    },
    { step: "initialize", name: "answered" },
  );
});

function sent(messages: readonly number[], answered: Answer): Promise<void> {
  calls = [];
  answer = answered;
  return sendMessages("https://queue.invalid/0/Q", messages);
}

describe("messages that the queue did not take", () => {
  it("are sent again, and only those (I2)", async () => {
    await sent([1, 2, 3], ({ Entries = [] }) =>
      calls.length === 1 ? { Failed: [{ Id: Entries[1]?.Id ?? "", SenderFault: false, Code: "InternalError" }] } : {},
    );
    expect(calls).toEqual([["1", "2", "3"], ["2"]]);
  });

  it("in the end are an error, so that whoever asked comes again (I2)", async () => {
    const never: Answer = ({ Entries = [] }) => ({
      Failed: [{ Id: Entries[0]?.Id ?? "", SenderFault: false, Code: "InternalError" }],
    });
    await expect(sent([1, 2], never)).rejects.toThrow("1 messages were not taken: InternalError");
    expect(calls).toHaveLength(4);
  });
});
