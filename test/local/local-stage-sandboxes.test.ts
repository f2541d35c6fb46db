import { type LocalStage, startLocalStage } from "@plimsoll/local";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isAlive } from "../support/local/processes.ts";
import { graphOf, queueNode, Workshop } from "../support/local/stage.ts";

let workshop: Workshop;
let stage: LocalStage;
const lines: string[] = [];
const jobs = queueNode("Jobs");

beforeAll(async () => {
  workshop = await Workshop.open();
  const linked = { SST_RESOURCE_Jobs: JSON.stringify({ url: jobs.url }), QUEUES: `${jobs.arn},${jobs.url}` };
  stage = await startLocalStage({
    graph: graphOf({
      queues: [jobs],
      functions: [
        workshop.functionNode("Echo", "echo", {}, linked),
        workshop.functionNode("Misbehave", "misbehave", { timeoutSeconds: 60 }),
        workshop.functionNode("Hang", "misbehave", { timeoutSeconds: 1 }),
        workshop.functionNode("Missing", "noSuchExport"),
      ],
    }),
    schedules: "manual",
    concurrency: 2,
    onLog: (name, line) => lines.push(`${name}: ${line}`),
  });
});

afterAll(async () => {
  await stage.stop();
  workshop.close();
});

async function payloadOf(functionName: string, event: unknown): Promise<Record<string, unknown>> {
  const result = await stage.invoke(functionName, event);
  if (!result.ok) throw new Error(`${functionName} failed: ${JSON.stringify(result.error)}`);
  return result.payload as Record<string, unknown>;
}

describe("a sandbox", () => {
  it("sees its function's environment with the emulators' addresses, and nothing of ours", async () => {
    process.env.PLIMSOLL_TEST_SECRET = "of the parent";
    const { environment, functionName, timezoneOffset, remainingMs } = await payloadOf("Echo", {});
    const { sqs, sns, dynamodb } = stage.endpoints;
    const queue = stage.resolve("Jobs");
    expect(queue.url).toBe(`${sqs}/000000000000/${jobs.name}`);
    expect(environment).toMatchObject({
      SST_RESOURCE_Jobs: JSON.stringify({ url: queue.url }),
      QUEUES: `${queue.arn},${queue.url}`,
      AWS_ENDPOINT_URL_SQS: sqs,
      AWS_ENDPOINT_URL_SNS: sns,
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb,
      AWS_REGION: "eu-central-1",
      AWS_LAMBDA_FUNCTION_NAME: "test-Echo",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "256",
      AWS_ACCESS_KEY_ID: "local",
    });
    expect(environment).toEqual(stage.environmentOf("Echo"));
    expect(functionName).toBe("test-Echo");
    expect(timezoneOffset).toBe(0);
    expect(remainingMs).toBeGreaterThan(0);
    expect(remainingMs).toBeLessThanOrEqual(5_000);
  });

  it("is kept warm and reused, and says what an invocation took", async () => {
    const { pid } = await payloadOf("Echo", 1);
    const before = stage.statistics().Echo;
    const again = await stage.invoke("Echo", 2);
    expect(again).toMatchObject({ ok: true, initMs: null, payload: { pid, event: 2 } });
    expect(again.peakRssBytes).toBeGreaterThan(30e6);
    expect(again.peakRssBytes).toBeLessThan(512e6);
    const after = stage.statistics().Echo;
    expect(after?.invocations).toBe((before?.invocations ?? 0) + 1);
    expect(after?.coldStarts).toBe(1);
    expect(after?.totalDurationMs).toBeGreaterThan(before?.totalDurationMs ?? 0);
  });

  it("runs one invocation at a time, and no more sandboxes start than the concurrency allows", async () => {
    const nap = () => payloadOf("Misbehave", { action: "sleep", milliseconds: 60 });
    const pids = (await Promise.all(Array.from({ length: 8 }, nap))).map(({ pid }) => pid);
    expect(new Set(pids).size).toBe(2);
  });

  it("turns an error of the handler into a failed invocation with the place in the source, and lives on", async () => {
    const { pid } = await payloadOf("Misbehave", {});
    const result = await stage.invoke("Misbehave", { action: "throw" });
    expect(result).toMatchObject({ ok: false, error: { errorType: "RangeError", errorMessage: "refused on purpose" } });
    if (result.ok) throw new Error("unreachable");
    expect(result.error.stackTrace.join("\n")).toContain("test/support/local/handlers.ts:");
    const pids = await Promise.all([payloadOf("Misbehave", {}), payloadOf("Misbehave", {})]);
    expect(pids.map((payload) => payload.pid)).toContain(pid);
  });

  it("is killed at its timeout even in a busy loop, and replaced", async () => {
    const { pid } = await payloadOf("Hang", {});
    const result = await stage.invoke("Hang", { action: "hang" });
    expect(result).toMatchObject({
      ok: false,
      error: { errorType: "Sandbox.Timedout", errorMessage: "Task timed out after 1.00 seconds" },
    });
    expect(stage.statistics().Hang).toMatchObject({ timeouts: 1, errors: 1 });
    expect(lines).toContain("Hang: Sandbox.Timedout: Task timed out after 1.00 seconds");
    await expect.poll(() => isAlive(Number(pid))).toBe(false);
    expect((await payloadOf("Hang", {})).pid).not.toBe(pid);
  });

  it("fails an invocation in which its process ends, and is replaced", async () => {
    const result = await stage.invoke("Misbehave", { action: "exit" });
    expect(result).toMatchObject({
      ok: false,
      error: { errorType: "Runtime.ExitError", errorMessage: "Runtime exited with error: exit status 3" },
    });
    expect(await payloadOf("Misbehave", {})).toHaveProperty("pid");
  });

  it("has the memory of its function and no more", async () => {
    expect(await payloadOf("Misbehave", { action: "allocate", megabytes: 60 })).toMatchObject({ arrays: 480 });
    const result = await stage.invoke("Misbehave", { action: "allocate", megabytes: 600 });
    expect(result).toMatchObject({ ok: false, error: { errorType: "Runtime.ExitError" } });
  });

  it("has its output heard line by line before its answer is given", async () => {
    await payloadOf("Misbehave", { action: "print" });
    expect(lines).toContain('Misbehave: {"_aws":{"CloudWatchMetrics":[]},"Accounts":3}');
    expect(lines).toContain("Misbehave: second line");
  });

  it("that cannot load its handler says what is missing", async () => {
    const result = await stage.invoke("Missing", {});
    expect(result).toMatchObject({ ok: false });
    if (result.ok) throw new Error("unreachable");
    expect(result.error.errorMessage).toMatch(/exports no function noSuchExport; it exports .*misbehave/);
  });

  it("is asked for by a name that the stacks know", async () => {
    await expect(stage.invoke("Eco", {})).rejects.toThrow(/declare no function Eco; there are Echo, Misbehave/);
    expect(() => stage.resolve("Job")).toThrow(/no table, queue or topic Job; there are Jobs/);
  });

  it("ends with the stage though it runs", async () => {
    const { pid } = await payloadOf("Echo", {});
    const running = stage.invoke("Misbehave", { action: "sleep", milliseconds: 60_000 });
    await expect.poll(() => stage.statistics().Misbehave?.invocations).toBeGreaterThan(0);
    const beganMs = performance.now();
    await stage.stop();
    // Some 1.6 s on an idle machine; the sleep is of a minute.
    expect(performance.now() - beganMs).toBeLessThan(20_000);
    expect(await running).toMatchObject({ ok: false });
    await expect.poll(() => isAlive(Number(pid))).toBe(false);
    expect(await stage.invoke("Echo", {})).toMatchObject({ ok: false, error: { errorType: "Sandbox.Stopped" } });
    await expect(fetch(stage.endpoints.dynamodb)).rejects.toThrow();
  });
});
