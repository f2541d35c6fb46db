import type { PublishCommandInput } from "@aws-sdk/client-sns";
import { snsClient } from "@plimsoll/runtime";
import type { AccountStateRequest, ParameterNotice } from "@plimsoll/schema";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { announceParameters, publishStateRequest } from "../../packages/runtime/src/announce.ts";

vi.mock("sst", () => ({
  Resource: {
    OperatorAlarmsTopic: { arn: "arn:aws:sns:eu-west-1:0:alarms" },
    AccountStateRequestsTopic: { arn: "arn:aws:sns:eu-west-1:0:requests" },
  },
}));

let sent: PublishCommandInput[] = [];

beforeAll(() => {
  Object.assign(process.env, { AWS_REGION: "eu-west-1", AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" });
  // No call leaves this process.
  snsClient().middlewareStack.add(
    () => (args) => {
      sent.push(args.input as PublishCommandInput);
      return Promise.resolve({ response: {}, output: { $metadata: {} } as never });
    },
    { step: "initialize", name: "taken" },
  );
});
beforeEach(() => {
  sent = [];
});

// Seen to fail without the attribute of either: who subscribes to one stage by it would be told of another's.
describe("what is announced beside calls (I10)", () => {
  const environment = "preview:pr-7";
  const attributesOf = (kind: string) => ({
    kind: { DataType: "String", StringValue: kind },
    environment: { DataType: "String", StringValue: environment },
  });

  it("of parameters says its stage beside its text", async () => {
    await announceParameters({ kind: "parameters_activated", environment, title: "title" } as ParameterNotice);
    expect(sent).toMatchObject([
      { TopicArn: expect.stringContaining("alarms"), Message: expect.stringContaining(environment) },
    ]);
    expect(sent[0]?.MessageAttributes).toEqual(attributesOf("parameters_activated"));
  });

  it("of an account that lacks something says its stage beside its text", async () => {
    await publishStateRequest({ kind: "account_state_request", environment } as AccountStateRequest);
    expect(sent).toMatchObject([
      { TopicArn: expect.stringContaining("requests"), Message: expect.stringContaining(environment) },
    ]);
    expect(sent[0]?.MessageAttributes).toEqual(attributesOf("account_state_request"));
  });
});
