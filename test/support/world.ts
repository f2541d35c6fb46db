import type { _Record } from "@aws-sdk/client-dynamodb-streams";
import type { Message } from "@aws-sdk/client-sqs";
import { type CallEvent, callEvent, type MarginRow } from "@plimsoll/schema";
import { loadBlock } from "@plimsoll/store";
import type { Context, SQSBatchResponse } from "aws-lambda";
import { Clock } from "./clock.ts";
import { FaultInjector, noFaults } from "./faults.ts";
import { type Functions, importFunctions } from "./functions.ts";
import { emulatorServices, memoryServices } from "./services.ts";
import {
  type ConsumedQueue,
  consumedQueues,
  lambdaContext,
  queueRecord,
  type StreamedTable,
  startTestStage,
  streamedTables,
  streamRecord,
  type TestStage,
  testSettings,
} from "./stage.ts";
import { btcQuotes, openMs, quoteBatchOf, quoteRequest, tick } from "./venue.ts";

/**
 * What the network does with the messages received from a queue. A parcel is one message, or the messages of one group
 * in order.
 */
export interface Dealt {
  /** The parcels that consumers get now, in this order. Nobody gets the rest before the next round. */
  readonly now: readonly Message[][];
  /** Parcels of `now` that another consumer gets at the same time, because their visibility timeout ran out. */
  readonly twice: readonly Message[][];
}

/** What happens between a queue and its consumers. */
export interface Network {
  deal(received: Message[][]): Dealt;
  /** The number of consumers of a queue that run at once. `pick` chooses the next of their waiting calls. */
  readonly consumers: number;
  pick(count: number): number;
}

export const perfectNetwork: Network = {
  deal: (received) => ({ now: received, twice: [] }),
  consumers: 1,
  pick: () => 0,
};

/** Returns a network that reorders, delays and repeats messages at random and runs consumers side by side. */
export function troubledNetwork(random: () => number): Network {
  return {
    deal(received) {
      const shuffled = received.map((parcel) => ({ parcel, key: random() })).sort((a, b) => a.key - b.key);
      const now: Message[][] = [];
      const twice: Message[][] = [];
      for (const { parcel } of shuffled) {
        const fate = random();
        if (fate > 0.2) now.push(parcel);
        if (fate > 0.85) twice.push(parcel);
      }
      return { now, twice };
    },
    consumers: 3,
    pick: (count) => Math.floor(random() * count),
  };
}

/**
 * Tells whether a partition stays when a world begins anew: the list of underlyings, and the shipped parameters, which
 * no world changes.
 */
const isKept = (pk: string) => /^(UNDERLYING|ACTIVATION|PARAMETERS)/.test(pk);

/** Where the services of a world run. */
export type Place = "emulators" | "memory";

/** The age from which on a quote is too old to act on, in every world. */
export const quoteMaxAgeMs = 60_000;

/** The most tries at a batch before the stream goes on without it, as in the stacks. */
const streamTriesMost = 4;

/**
 * A stage whose functions run in processes that may die at any call. Its queues may repeat, reorder and delay messages,
 * and clocks may differ. The caller decides everything that happens.
 */
export class World {
  readonly stage: TestStage;
  readonly functions: Functions;
  readonly faults: FaultInjector;
  readonly clock: Clock;
  readonly place: Place;
  readonly #startCold: () => void;
  network: Network = perfectNetwork;
  /** Tells which of the given-up messages nobody sends again. */
  isHopeless: (body: unknown) => boolean = () => false;
  /** The given-up messages that were found hopeless. */
  readonly hopeless: { readonly queue: ConsumedQueue; readonly body: unknown }[] = [];
  /** How far the clock of the next processes is ahead of the true time. */
  skewMs = 0;
  /** How much of the remaining time each look at it takes. A function that is short of time leaves work to the next. */
  lookCostsMs = 0;
  /**
   * The last record of the margin table's stream that was handled. `#starts` has each stream's last record before this
   * world began.
   */
  #position: _Record | undefined;
  readonly #starts = new Map<StreamedTable, _Record | undefined>();
  #streamTries = 0;

  private constructor(
    { stage, startCold }: { readonly stage: TestStage; readonly startCold: () => void },
    functions: Functions,
    clock: Clock,
    place: Place,
  ) {
    this.place = place;
    this.stage = stage;
    this.functions = functions;
    this.faults = new FaultInjector(stage);
    this.clock = clock;
    clock.skewMs = () => this.faults.skewMs();
    this.faults.onDeath = startCold;
    this.#startCold = startCold;
  }

  static async open(shardCount: number, place: Place = "emulators"): Promise<World> {
    const clock = new Clock(openMs);
    if (place === "memory") clock.takeWaits();
    const services = place === "memory" ? memoryServices(() => clock.nowMs()) : await emulatorServices();
    const settings = { ...testSettings, stage: "sim", environment: "live", shardCount, quoteMaxAgeMs };
    const stage = await startTestStage(settings, services);
    // Imported after the stage is linked, like the functions.
    const { startCold } = await import("@plimsoll/runtime");
    return new World({ stage, startCold }, await importFunctions(), clock, place);
  }

  async close(): Promise<void> {
    this.clock.stop();
    await this.stage.stop();
  }

  /** Begins anew, with processes that have just started. */
  async clear(): Promise<void> {
    this.#startCold();
    await this.stage.clear(isKept);
    for (const table of streamedTables) {
      const before = this.#starts.get(table);
      const last = (await this.stage.readStream(before, table)).at(-1);
      // The stream in memory was emptied and begins anew.
      this.#starts.set(table, last ?? (this.place === "memory" ? undefined : before));
    }
    this.#position = this.#starts.get("Margin");
    this.hopeless.length = 0;
    this.#streamTries = 0;
    this.clock.set(openMs);
    this.#settle();
  }

  /** Ends all trouble: faults, skewed clocks, short time, and an SNS that is away. */
  #settle(): void {
    this.network = perfectNetwork;
    this.faults.plan = noFaults;
    this.skewMs = 0;
    this.lookCostsMs = 0;
    this.stage.snsGateway.isOpen = true;
  }

  /** Posts prices that a source observed some time ago. */
  async quote(price: number, { ageMs = 0, source = "venue", quotes = btcQuotes(price) } = {}): Promise<void> {
    const nowMs = this.clock.nowMs();
    const request = quoteRequest(quoteBatchOf(quotes, nowMs - ageMs, source), nowMs);
    await this.faults.run(() => this.functions.ingestPrices(request, lambdaContext("IngestPrices")), this.skewMs);
  }

  /** Runs the schedule's tick. EventBridge tries four times. Returns false if none of the tries came to its end. */
  async tick(): Promise<boolean> {
    const atMs = this.clock.nowMs();
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      const answer = await this.faults.run(async () => {
        await this.functions.onSchedule(tick(atMs), lambdaContext("StartSweepOnSchedule"));
        return "done";
      }, this.skewMs);
      if (answer !== null) return true;
    }
    return false;
  }

  /**
   * Delivers what a queue shows, once. Failed messages are shown again. Returns true if there was anything to deliver.
   */
  async deliver(queue: ConsumedQueue): Promise<boolean> {
    const handlers = {
      AccountEvents: { handler: this.functions.ingestAccounts, batchSize: 10 },
      AccountGaps: { handler: this.functions.onGap, batchSize: 10 },
      SweepRequests: { handler: this.functions.onRequest, batchSize: 10 },
      ShardWork: { handler: this.functions.computeShard, batchSize: 1 },
    };
    const { handler, batchSize } = handlers[queue];
    const received = await this.#receiveAll(queue);
    const { now, twice } = this.network.deal(inParcels(received));
    for (const message of twice.flat()) await this.stage.expose(queue, message);
    const again = twice.length === 0 ? [] : inParcels(await this.#receiveAll(queue));
    const batches = [...inBatches(now, batchSize), ...inBatches(again, batchSize)];
    const failed = new Set<Message>();
    const { consumers, pick } = this.network;
    for (let start = 0; start < batches.length; start += consumers) {
      const together = batches.slice(start, start + consumers);
      const answers = await this.faults.runTogether(
        together.map((messages) => () => invoke(handler, messages, this.lookCostsMs)),
        pick,
        this.skewMs,
      );
      for (const [index, answer] of answers.entries()) {
        for (const message of failedOf(together[index] ?? [], answer)) failed.add(message);
      }
    }
    const newest = new Map([...received, ...again.flat()].map((message) => [message.MessageId, message]));
    for (const message of batches.flat()) {
      if (failed.has(message)) continue;
      // Each message is deleted by its own receipt, which has no effect if the message was received again.
      await this.stage.finish(queue, message);
      if (newest.get(message.MessageId) === message) newest.delete(message.MessageId);
    }
    for (const message of newest.values()) await this.stage.expose(queue, message);
    return received.length > 0;
  }

  async #receiveAll(queue: ConsumedQueue): Promise<Message[]> {
    const all: Message[] = [];
    for (;;) {
      const some = await this.stage.receive(queue, 10);
      if (some.length === 0) return all;
      all.push(...some);
    }
  }

  /** Returns the records of a table's stream since this world began. */
  records(table: StreamedTable): Promise<_Record[]> {
    return this.stage.readStream(this.#starts.get(table), table);
  }

  /**
   * Hands events over in order, as the stream's poller does. It hands them over again after a failure, and skips them
   * after `streamTriesMost` tries.
   */
  async publish(): Promise<void> {
    const records = await this.stage.readStream(this.#position);
    const events = records.filter(
      ({ eventName, dynamodb }) => eventName === "INSERT" && dynamodb?.Keys?.sk?.S?.startsWith("EVENT#"),
    );
    if (events.length > 0) {
      this.#streamTries += 1;
      const answer = await this.faults.run(
        () => this.functions.publishCalls({ Records: events.map(streamRecord) }, lambdaContext("PublishCalls")),
        this.skewMs,
      );
      const isDone = answer !== null && answer.batchItemFailures.length === 0;
      if (!isDone && this.#streamTries < streamTriesMost) return;
    }
    this.#streamTries = 0;
    this.#position = records.at(-1) ?? this.#position;
  }

  /** Runs the republisher five minutes after what was committed last. */
  async republish(): Promise<void> {
    this.clock.pass(5 * 60_000);
    await this.faults.run(async () => {
      await this.functions.republishCalls(tick(this.clock.nowMs()), lambdaContext("RepublishCalls"));
      return "done";
    }, this.skewMs);
  }

  /** Runs the function that asks for the states of accounts with gaps. */
  async askForStates(): Promise<void> {
    await this.faults.run(async () => {
      await this.functions.onGapSchedule({}, lambdaContext("RequestAccountStates"));
      return "done";
    }, this.skewMs);
  }

  /**
   * Sends given-up messages again, as a person who looked at them would. Messages that can never succeed are left out.
   */
  async #redrive(): Promise<void> {
    for (const queue of consumedQueues) {
      const bodies = await this.stage.drain(`${queue}DeadLetters`);
      for (const body of bodies) {
        if (this.isHopeless(body)) this.hopeless.push({ queue, body });
        else await this.stage.send(queue, body);
      }
    }
  }

  /** Ends all trouble and delivers everything outstanding until nothing is left. */
  async heal(): Promise<void> {
    this.#settle();
    await this.#redrive();
    for (let round = 0; round < 20; round += 1) {
      // This is longer than any message is delayed.
      this.clock.pass(15_000);
      let isMoved = false;
      for (const queue of consumedQueues) isMoved = (await this.deliver(queue)) || isMoved;
      await this.publish();
      if (!isMoved) return this.republish();
    }
    throw new Error("The world does not come to rest");
  }

  async rows(shardCount: number): Promise<MarginRow[]> {
    const margin = this.stage.table("Margin");
    const blocks = await Promise.all(Array.from({ length: shardCount }, (_, shard) => loadBlock(margin, shard)));
    return blocks.flatMap(({ block }) => block?.rows ?? []);
  }

  async published(): Promise<CallEvent[]> {
    return (await this.stage.drain("Published")).map((message) => callEvent.parse(message));
  }
}

/** Groups the messages of one group into one parcel. Every other message is a parcel of its own. */
function inParcels(messages: readonly Message[]): Message[][] {
  const parcels = new Map<string | Message, Message[]>();
  for (const message of messages) {
    const name = message.Attributes?.MessageGroupId ?? message;
    parcels.set(name, [...(parcels.get(name) ?? []), message]);
  }
  return [...parcels.values()];
}

/** Packs parcels into batches of at most so many messages. No parcel is divided. */
function inBatches(parcels: readonly Message[][], size: number): Message[][] {
  const batches: Message[][] = [];
  for (const parcel of parcels) {
    const last = batches.at(-1);
    if (last !== undefined && last.length + parcel.length <= size) last.push(...parcel);
    else batches.push([...parcel]);
  }
  return batches;
}

function invoke(
  handler: (event: unknown, context: Context) => Promise<SQSBatchResponse>,
  messages: readonly Message[],
  lookCostsMs: number,
): Promise<SQSBatchResponse> {
  const Records = messages.map(({ Body = "", MessageId, Attributes }) => queueRecord(Body, MessageId, Attributes));
  return handler({ Records }, lambdaContext("worker", 30_000, lookCostsMs));
}

/** Returns the messages that failed. If the process was killed, all of its messages failed. */
function failedOf(messages: readonly Message[], answer: SQSBatchResponse | null): readonly Message[] {
  if (answer === null) return messages;
  const failed = new Set(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  return messages.filter(({ MessageId }) => failed.has(MessageId ?? ""));
}
