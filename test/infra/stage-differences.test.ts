import type { StageGraph } from "@plimsoll/local";
import { evaluateStacks } from "@plimsoll/local";
import { afterEach, describe, expect, it, vi } from "vitest";
import { graphOf, named } from "../support/stages.ts";

const tables = ["Ledger", "Margin", "Market", "Notify", "Requests"];

function settingsOf(graph: StageGraph): unknown {
  return JSON.parse(named(graph.functions, "ComputeShard").environment.SST_RESOURCE_StageSettings ?? "");
}

describe("production", () => {
  it("protects its data in every way there is", async () => {
    const graph = await graphOf("production");
    expect(graph).toMatchObject({ removal: "retain", protect: true });
    expect(graph.tables.map(({ logicalName }) => logicalName)).toEqual(tables);
    for (const table of graph.tables)
      expect(table).toMatchObject({ deletionProtection: true, pointInTimeRecovery: true });
    const retained = graph.resources.filter(({ retainOnDelete }) => retainOnDelete);
    expect(retained.map(({ logicalName }) => logicalName)).toEqual(tables.map((table) => `${table}Table`));
  });

  it("sweeps every minute and says live", async () => {
    const graph = await graphOf("production");
    expect(named(graph.schedules, "SweepSchedule")).toMatchObject({ expression: "rate(1 minute)", enabled: true });
    expect(settingsOf(graph)).toEqual({
      stage: "production",
      environment: "live",
      shardCount: 8,
      priceTriggerBps: 50,
      quoteMaxAgeMs: 60_000,
      rolesClaim: "plimsoll_roles",
      type: "sst.sst.Linkable",
    });
  });

  it("has no sink, no subscription, no expiry", async () => {
    const graph = await graphOf("production");
    expect(graph.queues.filter(({ logicalName }) => logicalName === "CallSink")).toEqual([]);
    expect(graph.topicSubscriptions).toEqual([]);
    expect(graph.tags).toEqual({ "plimsoll:stage": "production", "plimsoll:kind": "production" });
  });
});

describe("I10: a stage that is not production", () => {
  it.each(["pr-7", "local", "frank"])("%s delivers calls to its own sink and to nobody else", async (stage) => {
    const graph = await graphOf(stage);
    const topic = named(graph.topics, "OperatorCalls");
    const sink = named(graph.queues, "CallSink");
    expect(graph.topicSubscriptions).toEqual([
      { topicArn: topic.arn, protocol: "sqs", endpoint: sink.arn, rawMessageDelivery: true, filterPolicy: null },
    ]);
    const policies = graph.resources.filter(({ type }) => type === "aws:sqs/queuePolicy:QueuePolicy");
    expect(policies.map(({ inputs }) => [inputs.queueUrl, JSON.parse(String(inputs.policy))])).toEqual([
      [
        sink.url,
        {
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Action: ["sqs:SendMessage"],
              Resource: [sink.arn],
              Principal: { Service: ["sns.amazonaws.com"] },
              Condition: {
                ArnLike: {
                  "aws:SourceArn": [topic.arn, `arn:aws:sns:us-east-1:000000000000:plimsoll-${stage}-account-*`],
                },
              },
            },
          ],
        },
      ],
    ]);
  });

  it.each([
    ["pr-7", "preview:pr-7", 4],
    ["frank", "preview:frank", 4],
    ["local", "local", 8],
    // A name that looks like production's is not production.
    ["prod", "preview:prod", 4],
    ["pr-0", "preview:pr-0", 4],
  ])("%s says %s in its messages", async (stage, environment, shardCount) => {
    expect(settingsOf(await graphOf(stage))).toMatchObject({ stage, environment, shardCount });
  });

  it("names all that it shares an account with after itself", async () => {
    const graph = await graphOf("pr-7");
    const named = [
      ...graph.tables,
      ...graph.queues,
      ...graph.topics,
      ...graph.functions,
      ...graph.schedules,
      ...graph.alarms,
    ];
    expect(named.filter(({ name }) => !name.startsWith("plimsoll-pr-7-"))).toEqual([]);
  });
});

describe("preview", () => {
  it("can be removed without a trace and says when it may be", async () => {
    const graph = await graphOf("pr-7");
    expect(graph).toMatchObject({ removal: "remove", protect: false });
    for (const table of graph.tables)
      expect(table).toMatchObject({ deletionProtection: false, pointInTimeRecovery: false });
    expect(graph.resources.filter(({ retainOnDelete }) => retainOnDelete)).toEqual([]);
    const expiresInDays = (Date.parse(graph.tags["plimsoll:expires-on"] ?? "") - Date.now()) / 86_400_000;
    expect(expiresInDays).toBeGreaterThan(12);
    expect(expiresInDays).toBeLessThanOrEqual(14);
  });

  it("sweeps slowly, a personal stage by hand only", async () => {
    const preview = named((await graphOf("pr-7")).schedules, "SweepSchedule");
    expect(preview).toMatchObject({ expression: "rate(15 minutes)", enabled: true });
    const personal = named((await graphOf("frank")).schedules, "SweepSchedule");
    expect(personal).toMatchObject({ expression: "rate(15 minutes)", enabled: false });
  });

  it("looks at its parameters once a day, production once an hour, a personal stage never by itself", async () => {
    const schedules = await Promise.all(
      ["pr-7", "production", "frank"].map(async (stage) =>
        named((await graphOf(stage)).schedules, "ParameterSchedule"),
      ),
    );
    expect(schedules.map(({ expression, enabled }) => [expression, enabled])).toEqual([
      ["rate(1 day)", true],
      ["rate(1 hour)", true],
      ["rate(1 day)", false],
    ]);
  });
});

describe("logs", () => {
  it.each([
    ["production", 365],
    ["pr-7", 7],
    ["local", 1],
  ])("of %s are kept %i days", async (stage, days) => {
    const graph = await graphOf(stage);
    for (const each of graph.functions)
      expect([each.logicalName, each.logRetentionDays]).toEqual([each.logicalName, days]);
    const groups = graph.resources.filter(({ type }) => type === "aws:cloudwatch/logGroup:LogGroup");
    expect(groups).toHaveLength(graph.functions.length + graph.apis.length);
    expect(groups.filter(({ inputs }) => inputs.retentionInDays !== days)).toEqual([]);
  });
});

describe("the operators' mailbox", () => {
  afterEach(() => vi.unstubAllEnvs());

  it.each([
    ["production", [["email", "margin@example.com"]]],
    ["pr-7", [["sqs", "arn:aws:sqs:us-east-1:000000000000:plimsoll-pr-7-CallSinkQueue"]]],
  ])("is subscribed in production only: %s", async (stage, expected) => {
    vi.stubEnv("PLIMSOLL_ALARM_EMAIL", "margin@example.com");
    const graph = await evaluateStacks({ stage, bundles: "skip" });
    expect(graph.topicSubscriptions.map(({ protocol, endpoint }) => [protocol, endpoint])).toEqual(expected);
  });
});
