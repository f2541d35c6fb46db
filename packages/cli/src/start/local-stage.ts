import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { findAccountsBehind, findSweepProgress, loadResults } from "@plimsoll/app";
import { InputError } from "@plimsoll/files/input-error";
import {
  evaluateStacks,
  LOCAL_TIME_HEADER,
  type LocalStage,
  NotIdleError,
  STAGE_LOG,
  startLocalStage,
} from "@plimsoll/local";
import type { MarketBatch } from "@plimsoll/markets";
import { SECONDS_PER_DAY, SECONDS_PER_HOUR } from "@plimsoll/risk";
import {
  type AccountStateEvent,
  type CallEvent,
  callEvent,
  errorText,
  type MarginRow,
  quoteBatchAnswer,
} from "@plimsoll/schema";
import { findControls, getSnapshot, loadMarks, saveControls, scanEvents, type Table } from "@plimsoll/store";
import * as z from "zod";
import type { Emit } from "./session-events.ts";
import { localCredentials, stageEnvironment, urlOf } from "./stage-environment.ts";
import type { Idleness, Patience, Stage } from "./stage-port.ts";
import { WorkMeter } from "./work-meter.ts";

/**
 * How the schedules of a stage run. A session ticks the sweep by itself, on the market's clock. Otherwise all of them
 * follow the real clock.
 */
export type Schedules = "by the session" | "by the clock";

export interface LocalStageChoice {
  /** The folder that keeps the stage's state. Null keeps nothing between runs. */
  readonly dataDirectory: string | null;
  /** The port of the quotes API; 0 takes a free one. */
  readonly port: number;
  readonly schedules?: Schedules;
  /** Whether the emulators have the ports that follow that of the API. Otherwise they have free ones. */
  readonly emulatorPorts?: "following" | "free";
  readonly emit: Emit;
}

const stageName = "local";

/**
 * Evaluates the app's own stacks and runs them on this machine. Throws an `InputError` if the stage does not start.
 */
export async function openLocalStage({
  dataDirectory,
  port,
  schedules = "by the session",
  emulatorPorts = "free",
  emit,
}: LocalStageChoice): Promise<Stage> {
  const began = performance.now();
  emit({ kind: "step", text: "evaluating the stacks and starting the emulators" });
  // Lines that are printed before the stage is up do not count, because its work begins with the first request.
  let addLine = (_line: string): void => {};
  const failures = new Set<string>();
  try {
    const local = await startLocalStage({
      graph: evaluateStacks({ stage: stageName, onProgress: (text) => emit({ kind: "step", text }) }),
      schedules: schedules === "by the clock" ? "clock" : "manual",
      // These schedules act on how long a call or an account waits, which is real time whatever the market's clock
      // says.
      byClock: ["AccountGapSchedule", "RepublishSchedule"],
      apiPort: port,
      ...(emulatorPorts === "following" && { emulatorPorts: { dynamodb: port + 1, messaging: port + 2 } }),
      ...(dataDirectory === null ? {} : { dataDir: dataDirectory }),
      onLog: (functionName, line) => {
        if (functionName !== STAGE_LOG) addLine(line);
        addFailure(failures, functionName, line);
        const problem = problemIn(functionName, line);
        if (problem !== null) emit({ kind: "note", text: problem });
      },
    });
    const { tables, queues, topics, functions } = local.graph;
    emit({
      kind: "done",
      text:
        `stage ${stageName} is up after ${((performance.now() - began) / 1_000).toFixed(1)} s: ${functions.length} functions, ` +
        `${tables.length} tables, ${queues.length} queues, ${topics.length} topics (DynamoDB by ${local.dynamodb} at ${local.endpoints.dynamodb})`,
    });
    const { stage, meter, market } = wireStage(local, failures);
    await allowOnePerson(market);
    addLine = meter.addLine;
    return stage;
  } catch (cause) {
    // An emulator that does not start gives its reason in several lines.
    throw new InputError(`the local stage does not start: ${errorText(cause)}`.split("\n"), { cause });
  }
}

/**
 * Returns the problem that a line of the log states, or null. A function's errors are problems, and so are its lines
 * that are not JSON. Its warnings are not.
 */
function problemIn(functionName: string, line: string): string | null {
  // Of the stage's own lines, only one matters here: that its --data cannot be written.
  if (functionName === STAGE_LOG) return line.includes("FileError: ") ? line : null;
  const level = /"level":"(ERROR|WARN|CRITICAL)"/.exec(line)?.[1];
  if (level === undefined) return line.startsWith("{") ? null : `${functionName}: ${line}`;
  return level === "WARN" ? null : `${functionName}: ${line.slice(0, 600)}`;
}

/**
 * How many failures are kept until someone asks for them. A stage that fails at everything must not fill the memory.
 */
const failuresKept = 20;

/** Keeps the reason why a function failed: its own words or, where it was killed, those of the stage. */
function addFailure(failures: Set<string>, functionName: string, line: string): void {
  if (failures.size >= failuresKept) return;
  if (functionName === STAGE_LOG) {
    if (/^(queue|stream) .* (failed over|given up)/.test(line)) failures.add(line);
  } else if (line.startsWith("{") && line.includes('"message failed"')) {
    failures.add(failureLine.parse(JSON.parse(line)).reason);
  }
}

const failureLine = z.object({ reason: z.string() });

/** Lets one person put parameters into effect on this machine, unless the stage's operators have set controls. */
async function allowOnePerson(market: Table): Promise<void> {
  if ((await findControls(market)) !== undefined) return;
  const limits = { automatic: false, maximumIncrease: 0, maximumDecrease: 0, bounds: [] };
  await saveControls(market, { limits, policy: null, peopleRequired: 1 }, 0, "plimsoll start", Date.now());
}

function wireStage(local: LocalStage, failures: Set<string>) {
  const common = { region: local.region, credentials: localCredentials };
  const dynamodb = new DynamoDBClient({ ...common, endpoint: local.endpoints.dynamodb });
  const sqs = new SQSClient({ ...common, endpoint: local.endpoints.sqs });
  const table = (logicalName: string): Table => ({
    client: dynamodb,
    name: local.resolve(logicalName).name,
    meter: { readUnits: 0, writeUnits: 0 },
  });
  const market = table("Market");
  const margin = table("Margin");
  const shardCount = shardCountOf(local);
  const meter = new WorkMeter(shardCount);
  const receive = receiver(sqs, urlOf(local, "CallSink"));
  const stage: Stage = {
    name: local.graph.stage,
    apiUrl: local.apiUrl,
    environment: stageEnvironment(local),
    shardCount,
    scheduleSeconds: scheduleSecondsOf(local),
    setClock: (marketClock) => local.setClock(marketClock),
    postQuotes: (batch, atMs) => postQuotes(local, batch, atMs),
    sendAccounts: async (events) => {
      meter.addSends(events.length);
      await sendAccounts(sqs, urlOf(local, "AccountEvents"), events);
    },
    countAccountEvents: () => meter.accountEvents,
    tick: async (atMs) => {
      const schedule = sweepSchedule(local)?.logicalName;
      for (const { result } of await local.tick(new Date(atMs).toISOString(), schedule)) {
        if (!result.ok) throw new InputError(`the sweep did not start: ${result.error.errorMessage}`);
      }
    },
    waitUntilIdle: (patience) => waitUntilIdle(local, patience),
    takeFailures: () => {
      const taken = [...failures];
      failures.clear();
      return taken;
    },
    findSweep: () => findSweepProgress(market, margin, Date.now()),
    getSnapshot: (snapshotId) => getSnapshot(market, snapshotId),
    loadResults: (onUnreadable) => loadRows(margin, shardCount, onUnreadable),
    receiveCalls: receive,
    countPublications: () => local.statistics().PublishCalls?.invocations ?? 0,
    loadCommittedCalls: () => scanEvents(margin),
    countUnpublished: async () => (await loadMarks(margin)).length,
    takeWorkDone: async () => meter.take(local.statistics(), local.graph),
    countDeadLetters: async () => Object.values(local.deadLetters()).reduce((sum, count) => sum + count, 0),
    findAccountsBehind: () => findAccountsBehind(table("Ledger"), shardCount),
    stop: async () => {
      dynamodb.destroy();
      sqs.destroy();
      await local.stop();
    },
  };
  return { stage, meter, market };
}

async function waitUntilIdle(local: LocalStage, patience: Patience): Promise<Idleness> {
  try {
    return { isIdle: true, underWay: [], waiting: await local.waitUntilIdle(patience) };
  } catch (error) {
    if (!(error instanceof NotIdleError)) throw error;
    return { isIdle: false, underWay: error.underWay, waiting: error.waiting };
  }
}

function shardCountOf(local: LocalStage): number {
  const { SST_RESOURCE_StageSettings: settings = "{}" } = local.environmentOf("ComputeShard");
  return Number(JSON.parse(settings).shardCount);
}

/** Finds the schedule of the sweep. The stage has other schedules as well. */
function sweepSchedule(local: LocalStage) {
  return local.graph.schedules.find(({ logicalName }) => logicalName === "SweepSchedule");
}

const unitSeconds: Readonly<Record<string, number>> = { minute: 60, hour: SECONDS_PER_HOUR, day: SECONDS_PER_DAY };

function scheduleSecondsOf(local: LocalStage): number {
  const expression = sweepSchedule(local)?.expression ?? "";
  const [, count = "1", unit = "minute"] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  return Number(count) * (unitSeconds[unit] ?? 60);
}

async function postQuotes({ apiUrl, tokens }: LocalStage, batch: MarketBatch, atMs: number) {
  const response = await fetch(`${apiUrl}/v1/quotes`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${tokens.backend}`,
      "content-type": "application/json",
      [LOCAL_TIME_HEADER]: new Date(atMs).toISOString(),
    },
    body: JSON.stringify(batch),
  });
  const text = await response.text();
  const answer = quoteBatchAnswer.safeParse(parseJson(text));
  // An answer in which all quotes are refused is an answer too.
  if (answer.success) return answer.data;
  throw new InputError(`POST /v1/quotes answered ${response.status}: ${text}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The most that SQS takes in one call. */
const sendLimits = { messages: 10, bytes: 250_000 };
const parallelSends = 8;

/** Sends account events. Each event goes in the group of its account, whose order the queue keeps. */
async function sendAccounts(sqs: SQSClient, url: string, events: readonly AccountStateEvent[]): Promise<void> {
  const calls = inCalls(events.map((event) => ({ groupId: event.account_id, body: JSON.stringify(event) })));
  const send = async () => {
    for (let call = calls.shift(); call !== undefined; call = calls.shift()) {
      const entries = call.map(({ groupId, body }, index) => {
        return { Id: String(index), MessageBody: body, MessageGroupId: groupId };
      });
      const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries: entries }));
      if (Failed.length > 0)
        throw new InputError(`the account queue took ${Failed.length} messages less: ${Failed[0]?.Message}`);
    }
  };
  await Promise.all(Array.from({ length: parallelSends }, send));
}

interface GroupedMessage {
  readonly groupId: string;
  readonly body: string;
}

function inCalls(messages: readonly GroupedMessage[]): GroupedMessage[][] {
  const calls: GroupedMessage[][] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = Buffer.byteLength(message.body);
    const last = calls.at(-1);
    if (last === undefined || last.length === sendLimits.messages || bytes + size > sendLimits.bytes) {
      calls.push([message]);
      bytes = size;
    } else {
      last.push(message);
      bytes += size;
    }
  }
  return calls;
}

async function loadRows(
  margin: Table,
  shardCount: number,
  onUnreadable: (problem: string) => void = (problem) => {
    throw new InputError(problem);
  },
): Promise<MarginRow[]> {
  const { rows, unreadable } = await loadResults(margin, shardCount);
  for (const problem of unreadable) onUnreadable(problem);
  return rows.sort((a, b) => (a.accountId < b.accountId ? -1 : 1));
}

/**
 * Returns a function that empties a queue of published calls. It gives each event id once, however often it was
 * published.
 */
function receiver(sqs: SQSClient, url: string): () => Promise<CallEvent[]> {
  const seen = new Set<string>();
  return async () => {
    const events: CallEvent[] = [];
    for (;;) {
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10 }));
      if (Messages.length === 0) return events;
      for (const { Body = "" } of Messages) {
        const event = callEvent.parse(JSON.parse(Body));
        if (!seen.has(event.event_id)) events.push(event);
        seen.add(event.event_id);
      }
      const entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries: entries }));
    }
  };
}
