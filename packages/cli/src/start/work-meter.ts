import type { FunctionStatistics, StageGraph } from "@plimsoll/local";
import * as z from "zod";
import { noUsage } from "../cost/cost-of.ts";
import type { Usage } from "../cost/price-list.ts";
import type { Timings } from "./session-events.ts";
import type { WorkDone } from "./stage-port.ts";

/** What a log line of a function says of its work. Other lines and fields are ignored. */
const workLine = z.object({
  message: z.string(),
  read_units: z.number().optional(),
  write_units: z.number().optional(),
  milliseconds: z.record(z.string(), z.number()).optional(),
  sns_requests: z.number().optional(),
  applied: z.number().optional(),
  duplicate: z.number().optional(),
  parked: z.number().optional(),
  refused: z.number().optional(),
  shards: z.number().optional(),
  outcome: z.string().optional(),
  sweep_requested_for: z.array(z.string()).optional(),
});
type WorkLine = z.infer<typeof workLine>;

const noTimings: Timings = { reading_ms: 0, pricing_ms: 0, accumulating_ms: 0, writing_ms: 0, publishing_ms: 0 };

/** The number of messages that one send takes. */
const messagesPerSend = 10;

/**
 * Counts what AWS would charge for, from what the functions report. Units and phases come from their log lines, time
 * and memory from the stage's statistics. A queue costs one send (of up to ten messages), one receive and one delete
 * for each batch.
 */
export class WorkMeter {
  readonly #shardCount: number;
  #usage: Record<keyof Usage, number> = { ...noUsage };
  #timings: Record<keyof Timings, number> = { ...noTimings };
  #accountEvents = 0;
  #invocations = new Map<string, { readonly invocations: number; readonly totalDurationMs: number }>();

  constructor(shardCount: number) {
    this.#shardCount = shardCount;
  }

  /** Takes in a line that a function printed. */
  readonly addLine = (line: string): void => {
    this.#usage.logBytes += Buffer.byteLength(line) + 1;
    if (!line.startsWith("{")) return;
    const parsed = workLine.safeParse(parseOrNothing(line));
    if (parsed.success) this.#addWork(parsed.data);
  };

  /** The number of account events that the ledger has dealt with so far. */
  get accountEvents(): number {
    return this.#accountEvents;
  }

  /** Counts the sends that the session itself makes. */
  addSends(messages: number): void {
    this.#usage.sqsRequests += Math.ceil(messages / messagesPerSend);
  }

  /** Returns the work done since it was last taken. */
  take(statistics: Readonly<Record<string, FunctionStatistics>>, graph: StageGraph): WorkDone {
    this.#addInvocations(statistics, graph);
    const done = {
      usage: this.#usage,
      timings: this.#timings,
      peakRssBytes: statistics.ComputeShard?.peakRssBytes ?? 0,
    };
    this.#usage = { ...noUsage };
    this.#timings = { ...noTimings };
    return done;
  }

  #addWork(work: WorkLine): void {
    this.#usage.readUnits += work.read_units ?? 0;
    this.#usage.writeUnits += work.write_units ?? 0;
    for (const [phase, milliseconds] of Object.entries(work.milliseconds ?? {})) {
      const name = `${phase}_ms`;
      if (name in this.#timings) this.#timings[name as keyof Timings] += milliseconds;
    }
    switch (work.message) {
      case "sweep requested":
        if (work.outcome === "started") this.addSends(this.#shardCount);
        break;
      case "account events ingested":
        this.#accountEvents += (work.applied ?? 0) + (work.duplicate ?? 0) + (work.parked ?? 0) + (work.refused ?? 0);
        this.addSends(work.shards ?? 0);
        break;
      case "quotes ingested":
        this.#usage.httpRequests += 1;
        this.#usage.sqsRequests += work.sweep_requested_for?.length ?? 0;
        break;
      case "calls published":
        this.#usage.snsPublishes += work.sns_requests ?? 0;
        break;
    }
  }

  #addInvocations(statistics: Readonly<Record<string, FunctionStatistics>>, graph: StageGraph): void {
    const queues = new Set(graph.queues.map(({ arn }) => arn));
    const consumers = new Set(graph.eventSources.filter(({ sourceArn }) => queues.has(sourceArn)).map(nameOf));
    const scheduled = new Set(graph.schedules.map(nameOf));
    for (const { logicalName, memoryMb } of graph.functions) {
      const now = statistics[logicalName] ?? { invocations: 0, totalDurationMs: 0 };
      const before = this.#invocations.get(logicalName) ?? { invocations: 0, totalDurationMs: 0 };
      this.#invocations.set(logicalName, now);
      const invocations = now.invocations - before.invocations;
      this.#usage.lambdaRequests += invocations;
      this.#usage.lambdaGbSeconds += ((now.totalDurationMs - before.totalDurationMs) / 1_000) * (memoryMb / 1_024);
      if (consumers.has(logicalName)) this.#usage.sqsRequests += 2 * invocations;
      if (scheduled.has(logicalName)) this.#usage.schedulerInvocations += invocations;
    }
  }
}

function nameOf({ functionName }: { readonly functionName: string }): string {
  return functionName;
}

function parseOrNothing(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
