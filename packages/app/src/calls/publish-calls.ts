import type { SNSClient } from "@aws-sdk/client-sns";
import { MS_PER_MINUTE } from "@plimsoll/risk";
import { errorText } from "@plimsoll/schema";
import {
  deleteMarks,
  findAccountTopics,
  findMarks,
  loadEvents,
  loadMarks,
  loadMarksOf,
  type Mark,
  refuseMark,
  type StoredEvent,
  type Table,
} from "@plimsoll/store";
import type { Log } from "../log.ts";
import {
  batchLimits,
  type Message,
  messageOf,
  noAnswer,
  requestsOf,
  type Telling,
  tellAccount,
  tellOperators,
} from "./tell-calls.ts";

export interface PublishPorts {
  readonly margin: Table;
  readonly notify: Table;
  readonly sns: SNSClient;
  readonly operatorTopicArn: string;
  /** Milliseconds that this invocation still has. */
  readonly remainingMs: () => number;
  readonly log: Log;
}

export interface PublishSummary {
  readonly published: number;
  /** Events set aside for a person, because no later attempt could publish them. */
  readonly refused: number;
  /** Events that are still marked, for the next run of the republisher. */
  readonly left: number;
  /** Requests as SNS counts them for its price. */
  readonly snsRequests: number;
  /** True if SNS accepted nothing for a while, so that further attempts would only waste time. */
  readonly isAway: boolean;
}

/** Concurrent calls to SNS. */
const parallelCalls = 8;

/** Number of successive calls without an answer from SNS after which the invocation leaves the rest to the next. */
const callsBeforeAway = parallelCalls;

/** Milliseconds that must be left before a call starts. It may take three tries of three seconds with pauses. */
const reserveMs = 12_000;

/** Events that the republisher reads and publishes between two checks of the clock. */
const eventsPerRound = 200;

/** The republisher skips marks younger than this many milliseconds, as the stream has them published within seconds. */
const streamsOwnMs = MS_PER_MINUTE;

/**
 * Publishes committed events that are still marked, those of each pool in order. An event that cannot be sent yet
 * delays the later events of its own pool only, and stays marked. Throws only if nothing was sent.
 */
export async function publishCommitted(
  committed: readonly StoredEvent[],
  ports: PublishPorts,
): Promise<PublishSummary> {
  const { margin, notify } = ports;
  const waiting = await findWaiting(committed, margin);
  const accounts = new Set(waiting.flatMap(({ event }) => event?.account_id ?? []));
  const topics = await findAccountTopics(notify, [...accounts]);
  const pools = [...Map.groupBy(waiting, ({ poolKey }) => poolKey).values()].map(
    (events): Pool => ({ events: events.toSorted((a, b) => a.sequence - b.sequence), done: 0 }),
  );
  return new Publishing(pools, topics, ports).run();
}

/** Finds the given events that are still marked, with the earlier events of their pools that still wait. */
async function findWaiting(committed: readonly StoredEvent[], margin: Table): Promise<StoredEvent[]> {
  const byPool = Map.groupBy(committed, ({ poolKey }) => poolKey);
  const names = [...byPool].flatMap(([poolKey, events]) => {
    const sequences = new Set(events.flatMap(({ sequence }) => [sequence - 1, sequence]));
    return [...sequences].filter((sequence) => sequence > 0).map((sequence) => ({ poolKey, sequence }));
  });
  const marks = Map.groupBy(
    (await findMarks(margin, names)).filter(({ refusal }) => refusal === null),
    ({ poolKey }) => poolKey,
  );
  const waiting = await Promise.all(
    [...marks].map(async ([poolKey, marked]) => {
      const events = new Map(byPool.get(poolKey)?.map((event) => [event.sequence, event]));
      const known = marked.flatMap(({ sequence }) => events.get(sequence) ?? []);
      // Events are published in order, so if the one before is not waiting, none before that is either.
      if (known.length === marked.length) return known;
      const before = (await loadMarksOf(margin, poolKey)).filter(({ refusal }) => refusal === null);
      return loadEvents(margin, before);
    }),
  );
  return waiting.flat();
}

/** The events of a pool in order, and the number of them that are finished. */
interface Pool {
  readonly events: readonly StoredEvent[];
  done: number;
}

/** The next event of a pool, prepared for sending. */
interface Head {
  readonly pool: Pool;
  readonly stored: StoredEvent;
  readonly message: Message | null;
}

/** One run over several pools. Workers take pools that are ready; a pool is ready again once its event is finished. */
class Publishing {
  readonly #ready: Pool[];
  readonly #topics: ReadonlyMap<string, string>;
  readonly #ports: PublishPorts;
  readonly #total: number;
  #published = 0;
  #refused = 0;
  #snsRequests = 0;
  #unanswered = 0;

  constructor(pools: Pool[], topics: ReadonlyMap<string, string>, ports: PublishPorts) {
    this.#ready = pools;
    this.#topics = topics;
    this.#ports = ports;
    this.#total = pools.reduce((sum, { events }) => sum + events.length, 0);
  }

  get #isAway(): boolean {
    return this.#unanswered >= callsBeforeAway;
  }

  async run(): Promise<PublishSummary> {
    await Promise.all(Array.from({ length: parallelCalls }, () => this.#work()));
    return {
      published: this.#published,
      refused: this.#refused,
      left: this.#total - this.#published - this.#refused,
      snsRequests: this.#snsRequests,
      isAway: this.#isAway,
    };
  }

  async #work(): Promise<void> {
    while (this.#ready.length > 0 && !this.#isAway && this.#ports.remainingMs() > reserveMs) {
      const heads = this.#take();
      await this.#record(heads, await this.#tell(heads));
    }
  }

  /** Takes the next events of different pools, as many as one call allows. */
  #take(): Head[] {
    const heads: Head[] = [];
    let bytes = 0;
    while (heads.length < batchLimits.entries) {
      const [pool] = this.#ready;
      const stored = pool?.events[pool.done];
      if (pool === undefined || stored === undefined) break;
      const message = stored.event && messageOf(stored.event);
      bytes += message?.bytes ?? 0;
      if (heads.length > 0 && bytes > batchLimits.bytes) break;
      heads.push({ pool, stored, message });
      this.#ready.shift();
    }
    return heads;
  }

  async #tell(heads: readonly Head[]): Promise<readonly Telling[]> {
    const { sns, operatorTopicArn } = this.#ports;
    const sent = heads.flatMap(({ message }) => message ?? []);
    const answers = sent.length === 0 ? [] : await tellOperators(sns, operatorTopicArn, sent);
    this.#snsRequests += requestsOf(sent);
    if (answers.length > 0) {
      this.#unanswered = answers.every(({ kind }) => kind === "left") ? this.#unanswered + 1 : 0;
    }
    const byMessage = new Map(sent.map((message, index) => [message, answers[index]]));
    return Promise.all(
      heads.map(async ({ stored, message }): Promise<Telling> => {
        if (message === null) return { kind: "refused", reason: `the event cannot be read: ${stored.problem}` };
        const operators = byMessage.get(message) ?? noAnswer;
        const topicArn = this.#topics.get(message.accountId);
        if (operators.kind !== "told" || topicArn === undefined) return operators;
        this.#snsRequests += requestsOf([message]);
        return tellAccount(sns, topicArn, message);
      }),
    );
  }

  /** Deletes the marks of events that were published, and makes their pools ready again. */
  async #record(heads: readonly Head[], tellings: readonly Telling[]): Promise<void> {
    const { margin, log } = this.#ports;
    const outcomes = heads.map((head, index) => ({ ...head, telling: tellings[index] ?? noAnswer }));
    const told = outcomes.filter(({ telling }) => telling.kind === "told");
    try {
      await deleteMarks(
        margin,
        told.map(({ stored }) => stored),
      );
      for (const { stored, telling } of outcomes) {
        if (telling.kind === "refused") await refuseMark(margin, stored, telling.reason);
      }
    } catch (error) {
      // These events will be published again, which is better than not at all.
      log.error("marks of calls stayed", { calls: heads.length, reason: errorText(error), error });
      return;
    }
    for (const { pool, stored, telling } of outcomes) {
      logOutcome(stored, telling, log);
      if (telling.kind === "left") continue;
      if (telling.kind === "told") this.#published += 1;
      else this.#refused += 1;
      pool.done += 1;
      if (pool.done < pool.events.length) this.#ready.push(pool);
    }
  }
}

function logOutcome({ poolKey, sequence, event }: StoredEvent, telling: Telling, log: Log): void {
  const call = { event_id: event?.event_id ?? null, pool: poolKey, sequence, severity: event?.severity ?? null };
  if (telling.kind === "told") log.info("call published", { ...call, message_id: telling.messageId });
  if (telling.kind === "refused") log.error("call refused", { ...call, reason: telling.reason });
  if (telling.kind === "left") log.warn("call not published yet", { ...call, reason: telling.reason });
}

export interface RepublishSummary extends PublishSummary {
  /** Number of marks found, including young ones left to the stream. */
  readonly marked: number;
  /** Age in milliseconds of the oldest event that still waits; 0 if none does. */
  readonly oldestMs: number;
  /** Number of events that a person must look at. */
  readonly setAside: number;
}

/**
 * Publishes events that the stream's function did not: SNS was unavailable, the function failed, or a person asked for
 * them to be sent again.
 */
export async function republish(ports: PublishPorts, nowMs: () => number): Promise<RepublishSummary> {
  const marks = await loadMarks(ports.margin);
  const due = marks.filter(({ refusal, committedAtMs }) => refusal === null && nowMs() - committedAtMs >= streamsOwnMs);
  let summary: PublishSummary = { published: 0, refused: 0, left: 0, snsRequests: 0, isAway: false };
  let start = 0;
  for (; start < due.length && !summary.isAway && ports.remainingMs() > reserveMs; start += eventsPerRound) {
    const events = await loadEvents(ports.margin, due.slice(start, start + eventsPerRound));
    summary = addUp(summary, await publishCommitted(events, ports));
  }
  const after = due.length === 0 ? marks : await loadMarks(ports.margin);
  return { ...summary, marked: marks.length, ...stillThere(after, nowMs()) };
}

function addUp(a: PublishSummary, b: PublishSummary): PublishSummary {
  return {
    published: a.published + b.published,
    refused: a.refused + b.refused,
    left: a.left + b.left,
    snsRequests: a.snsRequests + b.snsRequests,
    isAway: b.isAway,
  };
}

function stillThere(marks: readonly Mark[], nowMs: number): Pick<RepublishSummary, "oldestMs" | "setAside"> {
  const waiting = marks.filter(({ refusal }) => refusal === null);
  return {
    oldestMs: Math.max(0, ...waiting.map(({ committedAtMs }) => nowMs - committedAtMs)),
    setAside: marks.length - waiting.length,
  };
}
