import type { StageGraph } from "@plimsoll/local";
import { beforeAll, describe, expect, it } from "vitest";
import { stages } from "../support/evaluate-stages.ts";
import { graphOf, named, sourceOf } from "../support/stages.ts";

/** AWS's advice for the visibility of a queue that feeds a function. */
const VISIBILITY_PER_TIMEOUT = 6;
const KEPT_SECONDS = 14 * 24 * 60 * 60;

describe.each(stages)("stage %s", (stage) => {
  let graph: StageGraph;
  beforeAll(async () => {
    graph = await graphOf(stage);
  });

  it("has the four tables with the same keys and expiry, and one of requests by their id", () => {
    const [requests, ...tables] = graph.tables.toSorted((one) => (one.logicalName === "Requests" ? -1 : 0));
    expect(tables.map(({ logicalName }) => logicalName)).toEqual(["Ledger", "Margin", "Market", "Notify"]);
    for (const table of tables) {
      expect(table).toMatchObject({ hashKey: "pk", rangeKey: "sk" });
      expect(table.attributes).toEqual([
        { name: "pk", type: "S" },
        { name: "sk", type: "S" },
      ]);
    }
    expect(requests).toMatchObject({ hashKey: "id", rangeKey: null, attributes: [{ name: "id", type: "S" }] });
    for (const table of graph.tables) {
      expect(table.ttlAttribute).toBe("ttl");
      expect(table.name).toBe(`plimsoll-${stage}-${table.logicalName}Table`);
    }
  });

  it("is paid by request", () => {
    const modes = graph.resources
      .filter(({ type }) => type === "aws:dynamodb/table:Table")
      .map(({ inputs }) => inputs.billingMode);
    expect(modes).toEqual(Array(5).fill("PAY_PER_REQUEST"));
  });

  it("streams the margin table only, with what was written", () => {
    const streams = graph.tables.map(({ logicalName, streamViewType, streamArn }) => [
      logicalName,
      streamViewType,
      streamArn !== null,
    ]);
    expect(streams).toEqual([
      ["Ledger", null, false],
      ["Margin", "NEW_IMAGE", true],
      ["Market", null, false],
      ["Notify", null, false],
      ["Requests", null, false],
    ]);
  });

  it("gives each consumed queue a dead-letter queue of its own, which keeps messages for 14 days", () => {
    const consumed = graph.queues.filter(({ arn }) => graph.eventSources.some(({ sourceArn }) => sourceArn === arn));
    expect(consumed.map(({ logicalName }) => logicalName)).toEqual([
      "AccountEvents",
      "AccountGaps",
      "ShardWork",
      "SweepRequests",
    ]);
    for (const { logicalName, redrive } of consumed) {
      const deadLetters = named(graph.queues, `${logicalName}DeadLetters`);
      expect(redrive).toEqual({ deadLetterArn: deadLetters.arn, maxReceiveCount: 10 });
      expect(deadLetters.messageRetentionSeconds).toBe(KEPT_SECONDS);
    }
  });

  it("keeps for 14 days what no function consumes, and gives none of it up", () => {
    const kept = graph.queues.filter(({ arn }) => !graph.eventSources.some(({ sourceArn }) => sourceArn === arn));
    expect(kept.map(({ logicalName }) => logicalName).filter((name) => name !== "CallSink")).toEqual([
      "AccountEventsDeadLetters",
      "AccountGapsDeadLetters",
      "Rejects",
      "ShardWorkDeadLetters",
      "SweepRequestsDeadLetters",
    ]);
    for (const queue of kept) expect(queue).toMatchObject({ messageRetentionSeconds: KEPT_SECONDS, redrive: null });
  });

  it("keeps the order of account events by account, in their dead letters too, and of no other queue's", () => {
    const ordered = graph.queues.filter(({ fifo }) => fifo);
    expect(ordered.map(({ logicalName }) => logicalName).sort()).toEqual(["AccountEvents", "AccountEventsDeadLetters"]);
    for (const { name, contentBasedDeduplication } of ordered) {
      expect(name).toMatch(/\.fifo$/);
      // By content: a corrected event of the same sequence is another message.
      expect(contentBasedDeduplication).toBe(true);
    }
    const queues = graph.resources.filter(({ type, inputs }) => type === "aws:sqs/queue:Queue" && inputs.fifoQueue);
    expect(queues).toHaveLength(2);
    for (const { inputs } of queues) {
      expect(inputs).toMatchObject({ deduplicationScope: "messageGroup", fifoThroughputLimit: "perMessageGroupId" });
    }
  });

  it("hides a message for at least six times the time that its consumer may run, and its batching window", () => {
    const tooShort = graph.eventSources.flatMap(({ sourceArn, functionName, maximumBatchingWindowSeconds }) => {
      const queue = graph.queues.find(({ arn }) => arn === sourceArn);
      const { timeoutSeconds } = named(graph.functions, functionName);
      const neededSeconds = VISIBILITY_PER_TIMEOUT * timeoutSeconds + maximumBatchingWindowSeconds;
      return queue && queue.visibilityTimeoutSeconds < neededSeconds ? [queue.logicalName] : [];
    });
    expect(tooShort).toEqual([]);
  });

  it("reports failures by item on every event source", () => {
    expect(graph.eventSources.filter(({ reportBatchItemFailures }) => !reportBatchItemFailures)).toEqual([]);
    expect(graph.eventSources.map(({ functionName }) => functionName).sort()).toEqual([
      "ComputeShard",
      "IngestAccounts",
      "PublishCalls",
      "RequestAccountStatesOnGap",
      "StartSweepOnRequest",
    ]);
  });

  it("feeds account events in tens and shard work one by one", () => {
    expect(sourceOf(graph, "IngestAccounts")).toMatchObject({
      sourceArn: named(graph.queues, "AccountEvents").arn,
      batchSize: 10,
      filterPatterns: [],
    });
    expect(sourceOf(graph, "ComputeShard")).toMatchObject({
      sourceArn: named(graph.queues, "ShardWork").arn,
      batchSize: 1,
      filterPatterns: [],
      maximumConcurrency: stage === "production" ? 8 : 2,
    });
    expect(sourceOf(graph, "StartSweepOnRequest").sourceArn).toBe(named(graph.queues, "SweepRequests").arn);
  });

  it("publishes from the margin stream inserted events only, from the oldest, and is soon past what it fails over", () => {
    const source = sourceOf(graph, "PublishCalls");
    expect(source).toMatchObject({
      sourceArn: named(graph.tables, "Margin").streamArn,
      startingPosition: "TRIM_HORIZON",
      batchSize: 100,
      maximumRetryAttempts: 3,
      bisectBatchOnFunctionError: true,
      parallelizationFactor: 1,
      // The events stay in the table, marked as unpublished.
      onFailureArn: null,
    });
    expect(source.filterPatterns.map((pattern) => JSON.parse(pattern) as unknown)).toEqual([
      { eventName: ["INSERT"], dynamodb: { Keys: { sk: { S: [{ prefix: "EVENT#" }] } } } },
    ]);
  });

  it("starts sweeps, parameters, the report, republishing and the look at account gaps on schedules that carry their own time and are tried again", () => {
    expect(graph.schedules.map(({ logicalName, functionName }) => [logicalName, functionName]).sort()).toEqual([
      ["AccountGapSchedule", "RequestAccountStatesOnSchedule"],
      ["ParameterSchedule", "ProposeParameters"],
      ["RepublishSchedule", "RepublishCalls"],
      ["ResponsivenessSchedule", "ReportResponsiveness"],
      ["SweepSchedule", "StartSweepOnSchedule"],
    ]);
    for (const schedule of graph.schedules) {
      expect(schedule.maximumRetryAttempts).toBe(3);
      expect(JSON.parse(schedule.input ?? "")).toEqual({ scheduled_time: "<aws.scheduler.scheduled-time>" });
    }
  });

  it("republishes as often as it sweeps, in runs that do not overlap", () => {
    const republish = named(graph.schedules, "RepublishSchedule");
    expect(republish).toMatchObject({
      expression: named(graph.schedules, "SweepSchedule").expression,
      enabled: named(graph.schedules, "SweepSchedule").enabled,
    });
    expect(named(graph.functions, republish.functionName).timeoutSeconds).toBeLessThan(60);
  });

  it("has seventeen functions of one make", () => {
    expect(graph.functions.map(({ logicalName, handler }) => [logicalName, handler])).toEqual([
      ["AnswerQuestions", "functions/answer-questions.handler"],
      ["AnswerReads", "functions/answer-reads.handler"],
      ["AuthorizeTraders", "functions/authorize-traders.handler"],
      ["ComputeShard", "functions/compute-shard.handler"],
      ["DescribeApi", "functions/describe-api.handler"],
      ["IngestAccounts", "functions/ingest-accounts.handler"],
      ["IngestPrices", "functions/ingest-prices.handler"],
      ["IssueTokens", "functions/issue-tokens.handler"],
      ["ProposeParameters", "functions/propose-parameters.handler"],
      ["PublishCalls", "functions/publish-calls.handler"],
      ["ReportResponsiveness", "functions/report-responsiveness.handler"],
      ["RepublishCalls", "functions/republish-calls.handler"],
      ["RequestAccountStatesOnGap", "functions/request-account-states.onGap"],
      ["RequestAccountStatesOnSchedule", "functions/request-account-states.onSchedule"],
      ["StartSweepOnRequest", "functions/start-sweep.onRequest"],
      ["StartSweepOnSchedule", "functions/start-sweep.onSchedule"],
      ["TakeAccounts", "functions/take-accounts.handler"],
    ]);
    for (const each of graph.functions) {
      expect(each).toMatchObject({ runtime: "nodejs24.x", architecture: "arm64", logFormat: "JSON" });
    }
    expect(named(graph.functions, "ComputeShard")).toMatchObject({ timeoutSeconds: 60, memoryMb: 1_769 });
    expect(named(graph.functions, "AnswerQuestions")).toMatchObject({ timeoutSeconds: 25, memoryMb: 1_769 });
  });
});
