import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { AlarmNode, StageGraph } from "@plimsoll/local";
import { beforeAll, describe, expect, it } from "vitest";
import { stages } from "../support/evaluate-stages.ts";
import { graphOf, named } from "../support/stages.ts";

const root = join(import.meta.dirname, "..", "..");

function sources(folder: string): string {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.parentPath.includes("node_modules"))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"))
    .join("\n");
}

describe.each(stages)("alarms of %s", (stage) => {
  let graph: StageGraph;
  beforeAll(async () => {
    graph = await graphOf(stage);
  });

  const on = (metricName: string) => graph.alarms.filter((alarm) => alarm.metricName === metricName);
  const dimensionsOf = (alarms: readonly AlarmNode[]) => alarms.map(({ dimensions }) => dimensions);
  /** Functions that report failed records and succeed, so that Lambda counts no error. */
  const batchFunctions = () =>
    new Set(
      graph.eventSources.filter((source) => source.reportBatchItemFailures).map(({ functionName }) => functionName),
    );
  const workQueues = () =>
    graph.queues.filter(({ arn }) => graph.eventSources.some(({ sourceArn }) => sourceArn === arn));
  const byName = <Node>(nodes: readonly Node[], key: string) =>
    expect.arrayContaining(nodes.map((node) => expect.objectContaining({ [key]: (node as { name: string }).name })));

  /** Exactly these nodes have an alarm of the metric, each from the first in a minute. */
  function expectFromTheFirst(metricName: string, key: string, nodes: readonly { readonly name: string }[]) {
    const alarms = on(metricName);
    expect(nodes.length).toBeGreaterThan(0);
    expect(dimensionsOf(alarms)).toEqual(byName(nodes, key));
    expect(alarms).toHaveLength(nodes.length);
    for (const alarm of alarms) {
      expect(alarm).toMatchObject({
        threshold: 1,
        comparison: "GreaterThanOrEqualToThreshold",
        periodSeconds: 60,
        evaluationPeriods: 1,
        treatMissingData: "notBreaching",
      });
    }
  }

  it("tell of each queue that keeps what was given up, from the first message", () => {
    const deadLetters = workQueues().map(({ redrive }) => {
      const queue = graph.queues.find(({ arn }) => arn === redrive?.deadLetterArn);
      if (queue === undefined) throw new Error("a work queue without dead letters");
      return queue;
    });
    expectFromTheFirst("ApproximateNumberOfMessagesVisible", "QueueName", deadLetters);
  });

  it("tell of each work queue whose oldest message is older than a whole retry", () => {
    const alarms = on("ApproximateAgeOfOldestMessage");
    expect(alarms.map(({ dimensions, threshold }) => [dimensions.QueueName, threshold]).sort()).toEqual(
      workQueues()
        .map(({ name, visibilityTimeoutSeconds }) => [name, visibilityTimeoutSeconds])
        .sort(),
    );
    for (const alarm of alarms) expect(alarm).toMatchObject({ namespace: "AWS/SQS", statistic: "Maximum" });
  });

  it("tell of the errors of each function: batches report theirs, but not when they are killed or out of time", () => {
    expectFromTheFirst("Errors", "FunctionName", graph.functions);
  });

  it("tell of the failed records of each function that reports them, under the name it has on AWS", () => {
    const reporting = graph.functions.filter(({ logicalName }) => batchFunctions().has(logicalName));
    expectFromTheFirst("FailedRecords", "function_name", reporting);
    for (const { namespace, dimensions } of on("FailedRecords")) {
      expect(namespace).toBe("Plimsoll");
      expect(dimensions).toMatchObject({ service: "plimsoll", stage });
    }
  });

  it("tell of each function that AWS throttles", () => {
    expectFromTheFirst("Throttles", "FunctionName", graph.functions);
  });

  it("tell of each stream whose events wait", () => {
    const streams = new Set(graph.tables.flatMap(({ streamArn }) => streamArn ?? []));
    const readers = graph.eventSources.filter(({ sourceArn }) => streams.has(sourceArn));
    expect(readers.length).toBeGreaterThan(0);
    expect(dimensionsOf(on("IteratorAge"))).toEqual(
      readers.map(({ functionName }) => ({ FunctionName: named(graph.functions, functionName).name })),
    );
    for (const alarm of on("IteratorAge")) expect(alarm).toMatchObject({ threshold: 120_000, statistic: "Maximum" });
  });

  it("tell of each API's server errors", () => {
    const ids = graph.apis.map(({ logicalName }) => ({ ApiId: `plimsoll-${stage}-${logicalName}Api` }));
    expect(ids.length).toBeGreaterThan(1);
    expect(dimensionsOf(on("5xx")).toSorted((a, b) => ((a.ApiId ?? "") < (b.ApiId ?? "") ? -1 : 1))).toEqual(ids);
    for (const alarm of on("5xx")) {
      expect(alarm).toMatchObject({ namespace: "AWS/ApiGateway", threshold: 1, statistic: "Sum" });
    }
  });

  it("tell of an API that answers for its own faults, which Lambda does not count, from the first", () => {
    expect(named(graph.alarms, "ApiFailures")).toMatchObject({
      namespace: "Plimsoll",
      metricName: "ApiFailures",
      dimensions: { service: "plimsoll", stage },
      statistic: "Sum",
      threshold: 1,
      comparison: "GreaterThanOrEqualToThreshold",
      periodSeconds: 60,
      evaluationPeriods: 1,
      treatMissingData: "notBreaching",
    });
  });

  it("tell of each topic whose messages do not arrive", () => {
    expectFromTheFirst("NumberOfNotificationsFailed", "TopicName", graph.topics);
  });

  it("tell of an old sweep and an unpublished call, and in production of no word of either", () => {
    const silence = stage === "production" ? "breaching" : "notBreaching";
    expect(named(graph.alarms, "SweepAge")).toMatchObject({
      metricName: "SweepAgeSeconds",
      threshold: stage === "pr-7" ? 2_700 : 180,
      treatMissingData: silence,
    });
    expect(named(graph.alarms, "UnpublishedCallAge")).toMatchObject({
      metricName: "UnpublishedCallAgeSeconds",
      threshold: 180,
      treatMissingData: silence,
    });
    expect(named(graph.alarms, "CallsSetAside")).toMatchObject({ threshold: 1, treatMissingData: "notBreaching" });
  });

  it("tell of prices and accounts without naming any", () => {
    const minutes = stage === "pr-7" ? 1 : 3;
    const expected = [
      ["PriceAge", "PriceAgeSeconds", 900, minutes],
      ["PricesUnusable", "PricesUnusable", 1, minutes],
      ["AccountsNotMargined", "AccountsNotMargined", 1, 1],
      ["AccountsIncomplete", "AccountsIncomplete", 1, 1],
    ] as const;
    for (const [name, metricName, threshold, evaluationPeriods] of expected) {
      expect(named(graph.alarms, name)).toMatchObject({
        metricName,
        threshold,
        evaluationPeriods,
        statistic: "Maximum",
        dimensions: { service: "plimsoll", stage },
        treatMissingData: "notBreaching",
      });
    }
  });

  it("on figures of ours watch what the code writes", () => {
    const code = sources("functions") + sources("packages/runtime/src");
    const metrics = new Set(graph.alarms.filter(({ namespace }) => namespace === "Plimsoll").map((a) => a.metricName));
    expect([...metrics].filter((name) => !code.includes(`addMetric("${name}"`))).toEqual([]);
  });

  it("are told to the operators' own topic, when they begin and when they end", () => {
    const topic = named(graph.topics, "OperatorAlarms");
    expect(graph.alarms.filter(({ actions }) => actions.join() !== topic.arn)).toEqual([]);
    const inputs = graph.resources.filter(({ type }) => type === "aws:cloudwatch/metricAlarm:MetricAlarm");
    for (const { inputs: alarm } of inputs) expect(alarm.okActions).toEqual([topic.arn]);
  });
});
