import { DeleteMessageCommand, ReceiveMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";

/** Takes all visible messages out of a queue and returns their bodies. */
export async function receiveAll(sqs: SQSClient, url: string | null): Promise<string[]> {
  const bodies: string[] = [];
  for (;;) {
    const receive = new ReceiveMessageCommand({ QueueUrl: url ?? "", MaxNumberOfMessages: 10 });
    const { Messages = [] } = await sqs.send(receive);
    if (Messages.length === 0) return bodies;
    for (const { Body, ReceiptHandle } of Messages) {
      bodies.push(Body ?? "");
      await sqs.send(new DeleteMessageCommand({ QueueUrl: url ?? "", ReceiptHandle }));
    }
  }
}
