import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SQSClient } from "@aws-sdk/client-sqs";
import { type LocalStage, startLocalStage } from "@plimsoll/local";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { hasDynamoDbLocal, only } from "../support/local/emulators.ts";
import { marginApp, SHARDS } from "../support/local/margin-app.ts";
import { receiveAll } from "../support/local/messages.ts";
import { descendantsOf, isAlive } from "../support/local/processes.ts";
import { Workshop } from "../support/local/stage.ts";
import type { StageCommand } from "../support/local/stage-process.ts";

type Emulator = "dynoxide" | "dynamodb-local";

const everyEvent = Array.from({ length: SHARDS }, (_, shard) => `ACCOUNT#${shard}/EVENT#1`);
const instant = "2026-02-05T12:00:00Z";

const javaIsHere = await hasDynamoDbLocal();

let workshop: Workshop;
let dataDir: string;
let child: ChildProcess | undefined;
let stage: LocalStage | undefined;
let run = 0;

beforeAll(async () => {
  workshop = await Workshop.open();
});

beforeEach(() => {
  workshop.forget();
  run += 1;
  dataDir = join(workshop.path, `data-${run}`);
});

afterEach(async () => {
  child?.kill("SIGKILL");
  await stage?.stop();
  stage = undefined;
});

afterAll(() => workshop.close());

async function ask(command: StageCommand, expected: string): Promise<void> {
  const answer = once(child as ChildProcess, "message");
  child?.send(command);
  expect((await answer)[0]).toBe(expected);
}

/** Starts the app in a process of its own and ticks its schedule. */
async function sweepInChild(emulator: Emulator): Promise<void> {
  child = fork(join(import.meta.dirname, "../support/local/stage-process.ts"));
  await ask({ start: marginApp(workshop), dataDir, emulator }, "started");
  await ask({ tick: instant }, "ticked true");
}

async function traceShows(...lines: string[]): Promise<void> {
  await expect.poll(() => workshop.trace(), { timeout: 60_000 }).toEqual(expect.arrayContaining(lines));
}

/** Kills the process as nothing can prevent, and waits until all it started is gone too. */
async function killChild(): Promise<void> {
  const pid = child?.pid ?? 0;
  const family = descendantsOf(pid);
  expect(family.length).toBeGreaterThan(2);
  child?.kill("SIGKILL");
  await expect.poll(() => [pid, ...family].filter(isAlive), { timeout: 10_000 }).toEqual([]);
}

async function startAgain(emulator: Emulator): Promise<LocalStage> {
  stage = await startLocalStage({
    graph: marginApp(workshop),
    dataDir,
    schedules: "manual",
    concurrency: 1,
    installed: only(emulator),
  });
  return stage;
}

async function publishedEvents(running: LocalStage): Promise<string[]> {
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const sqs = new SQSClient({ region: running.region, endpoint: running.endpoints.sqs, credentials });
  const bodies = await receiveAll(sqs, running.resolve("CallSink").url);
  sqs.destroy();
  return bodies.toSorted();
}

async function dieBetweenTransactionAndPublish(emulator: Emulator): Promise<void> {
  workshop.closeGate("publish");
  await sweepInChild(emulator);
  await traceShows("gate publish", ...everyEvent.map((_, shard) => `computed ${shard}`));
  await killChild();
  expect(workshop.trace("published")).toEqual([]);
  workshop.openGate("publish");
  const again = await startAgain(emulator);
  await again.waitUntilIdle();
  expect(await publishedEvents(again)).toEqual(everyEvent);
}

describe("a local stage that is killed", () => {
  it("between a transaction and its publish loses and doubles nothing after a restart", async () => {
    await dieBetweenTransactionAndPublish("dynoxide");
  });

  it.runIf(javaIsHere)("keeps that promise on DynamoDB Local too", async () => {
    await dieBetweenTransactionAndPublish("dynamodb-local");
  });

  it("between two shards of a sweep loses and doubles nothing after a restart", async () => {
    workshop.closeGate("publish");
    workshop.closeGate("compute-3");
    await sweepInChild("dynoxide");
    await traceShows("computed 2", "gate compute-3");
    await killChild();
    expect(workshop.trace("computed")).toHaveLength(3);
    workshop.openGate("publish");
    workshop.openGate("compute-3");
    // The message in flight would stay hidden for ten minutes, were it not given back.
    const again = await startAgain("dynoxide");
    await again.waitUntilIdle({ timeoutMs: 60_000 });
    expect(workshop.trace("computed").toSorted()).toEqual(everyEvent.map((_, shard) => `computed ${shard}`));
    expect(await publishedEvents(again)).toEqual(everyEvent);
  });
});

describe("a data directory", () => {
  it("keeps what was done, and does none of it again", async () => {
    const first = await startAgain("dynoxide");
    expect(first.resolve("Margin").created).toBe(true);
    await first.tick(instant);
    await first.waitUntilIdle();
    await first.stop();
    expect(workshop.trace("published")).toHaveLength(SHARDS);
    workshop.forget();
    const second = await startAgain("dynoxide");
    expect(second.resolve("Margin").created).toBe(false);
    await second.waitUntilIdle();
    expect(workshop.trace()).toEqual([]);
    expect(await publishedEvents(second)).toEqual(everyEvent);
  });

  it("serves one stage at a time, and says so", async () => {
    await startAgain("dynoxide");
    await expect(
      startLocalStage({ graph: marginApp(workshop), dataDir, schedules: "manual", installed: only("dynoxide") }),
    ).rejects.toThrow(/--data .*data-.* is in use by another local stage; stop that one or choose another directory/);
  });

  it("is refused for another emulator than wrote it", async () => {
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(join(dataDir, "emulator"), "dynamodb-local");
    await expect(startAgain("dynoxide")).rejects.toThrow(
      /was written with dynamodb-local, but this machine now offers dynoxide/,
    );
  });

  it("is freed of an emulator that an earlier run left behind, and of no other process", async () => {
    const database = join(dataDir, "dynamodb");
    mkdirSync(database, { recursive: true });
    const idle = (...marks: string[]) =>
      spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)", ...marks], { detached: true, stdio: "ignore" });
    const [left, other] = [idle(database), idle()];
    try {
      writeFileSync(join(database, "emulator.pid"), String(left.pid));
      await (await startAgain("dynoxide")).stop();
      await expect.poll(() => left.signalCode).toBe("SIGKILL");
      writeFileSync(join(database, "emulator.pid"), String(other.pid));
      await (await startAgain("dynoxide")).stop();
      expect(isAlive(other.pid ?? 0)).toBe(true);
    } finally {
      left.kill("SIGKILL");
      other.kill("SIGKILL");
    }
  });
});
