import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type MessagingEmulator, startMessaging } from "../../packages/local/src/emulators/messaging.ts";

let directory: string;
let emulator: MessagingEmulator | undefined;
let sqs: SQSClient;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "plimsoll-messaging-"));
});
afterEach(async () => {
  await emulator?.stop();
  emulator = undefined;
  rmSync(directory, { recursive: true, force: true });
});

/** Ends the emulator, whatever is in flight, and starts it again on what it kept. */
async function restart(): Promise<void> {
  await emulator?.stop();
  emulator = await startMessaging(directory);
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  sqs = new SQSClient({ region: "eu-west-1", endpoint: emulator.endpoint, credentials });
}

const url = (name: string) => emulator?.queueUrl(name) ?? "";

async function createQueue(name: string, visibilitySeconds: number): Promise<void> {
  const fifo: Record<string, string> = name.endsWith(".fifo")
    ? { FifoQueue: "true", ContentBasedDeduplication: "true" }
    : {};
  const deadLetters = name.replace("Work", "Dead");
  await sqs.send(new CreateQueueCommand({ QueueName: deadLetters, Attributes: fifo }));
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: url(deadLetters), AttributeNames: ["QueueArn"] }),
  );
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: Attributes?.QueueArn, maxReceiveCount: 3 });
  const attributes = { ...fifo, VisibilityTimeout: String(visibilitySeconds), RedrivePolicy };
  await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
}

async function send(name: string, body: string): Promise<void> {
  const group = name.endsWith(".fifo") ? { MessageGroupId: "g" } : {};
  await sqs.send(new SendMessageCommand({ QueueUrl: url(name), MessageBody: body, ...group }));
}

async function receive(name: string) {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: url(name),
      MaxNumberOfMessages: 10,
      MessageSystemAttributeNames: ["All"],
    }),
  );
  return Messages;
}

// Seen to fail with the receives of an ended process counted: the fourth restart finds the message in the dead letters.
describe("messages in flight when the process ends", () => {
  it.each(["Work", "Work.fifo"])(
    "are at once as if never received, in their order, twenty times over (%s)",
    async (name) => {
      await restart();
      await createQueue(name, 600);
      for (const body of ["first", "second", "third"]) await send(name, body);
      for (let kill = 1; kill <= 20; kill += 1) {
        const [message] = await receive(name);
        expect(message?.Attributes?.ApproximateReceiveCount, `after ${kill - 1} kills`).toBe("1");
        await restart();
      }
      const bodies: string[] = [];
      for (let messages = await receive(name); messages.length > 0; messages = await receive(name)) {
        for (const { Body = "", ReceiptHandle } of messages) {
          bodies.push(Body);
          await sqs.send(new DeleteMessageCommand({ QueueUrl: url(name), ReceiptHandle }));
        }
      }
      expect(bodies).toEqual(["first", "second", "third"]);
      expect(await receive(name.replace("Work", "Dead"))).toEqual([]);
    },
  );

  it("are so too when their visibility has ended before the next start", async () => {
    await restart();
    await createQueue("Work", 1);
    await send("Work", "only");
    for (let kill = 1; kill <= 5; kill += 1) {
      const [message] = await receive("Work");
      expect(message?.Attributes?.ApproximateReceiveCount).toBe("1");
      await emulator?.stop();
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      await restart();
    }
  });

  it("keep the failures that they had before", async () => {
    await restart();
    await createQueue("Work", 1);
    await send("Work", "poison");
    await receive("Work");
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect((await receive("Work"))[0]?.Attributes?.ApproximateReceiveCount).toBe("2");
    await restart();
    expect((await receive("Work"))[0]?.Attributes?.ApproximateReceiveCount).toBe("2");
  });
});
