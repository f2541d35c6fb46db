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
} from "./stage.ts";
import { btcQuotes, openMs, quoteBatchOf, quoteRequest, tick } from "./venue.ts";

/** What becomes of what was received from a queue: a message, or the messages of one group in their order. */
export interface Dealt {
  /** To consumers now, in this order; the rest to nobody before the next round. */
  readonly now: readonly Message[][];
  /** Some of `now` once more, to another consumer at the same time: the time for which it is hidden ran out. */
  readonly twice: readonly Message[][];
}

/** What happens between a queue and its consumers. */
export interface Network {
  deal(received: Message[][]): Dealt;
  /** How many consumers of a queue run at once, and whose call is next of those that wait. */
  readonly consumers: number;
  pick(count: number): number;
}

export const perfectNetwork: Network = {
  deal: (received) => ({ now: received, twice: [] }),
  consumers: 1,
  pick: () => 0,
};

/** Reorders, delays and repeats, and runs consumers side by side, as a random number says. */
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

/** What stays when a world begins anew: which underlyings there are, and the parameters that ship, which no world changes. */
const isKept = (pk: string) => /^(UNDERLYING|ACTIVATION|PARAMETERS)/.test(pk);

/** Where the services of a world are. */
export type Place = "emulators" | "memory";

/** When a quote is too old to act on, in every world. */
export const quoteMaxAgeMs = 60_000;

/** Tries at a batch before the stream goes on without it, as the stacks have it. */
const streamTriesMost = 4;

/**
 * A stage whose functions run in processes that may die at any call, fed by queues that may repeat, reorder and delay, by
 * clocks that may differ. Everything that happens is decided by whoever calls.
 */
export class World {
  readonly stage: TestStage;
  readonly functions: Functions;
  readonly faults: FaultInjector;
  readonly clock: Clock;
  readonly place: Place;
  readonly #startCold: () => void;
  network: Network = perfectNetwork;
  /** What of the given up nobody sends again. */
  isHopeless: (body: unknown) => boolean = () => false;
  /** What was given up and looked at so. */
  readonly hopeless: { readonly queue: ConsumedQueue; readonly body: unknown }[] = [];
  /** The clock of the processes that run next, against the true one. */
  skewMs = 0;
  /** What each look at the time left takes of it: a function that is short of time leaves work to the next. */
  lookCostsMs = 0;
  /** The last record of the margin table's stream that was dealt with, and the last of each stream before this world began. */
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
    const settings = { stage: "sim", environment: "live", shardCount, priceTriggerBps: 50, quoteMaxAgeMs };
    const stage = await startTestStage(settings, services);
    // Like the functions after the stage is linked.
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
      // A stream that was emptied begins anew.
      this.#starts.set(table, last ?? (this.place === "memory" ? undefined : before));
    }
    this.#position = this.#starts.get("Margin");
    this.hopeless.length = 0;
    this.#streamTries = 0;
    this.clock.set(openMs);
    this.#settle();
  }

  /** No more trouble. */
  #settle(): void {
    this.network = perfectNetwork;
    this.faults.plan = noFaults;
    this.skewMs = 0;
    this.lookCostsMs = 0;
    this.stage.snsGateway.isOpen = true;
  }

  /** Prices that a source observed some time ago. */
  async quote(price: number, { ageMs = 0, source = "venue", quotes = btcQuotes(price) } = {}): Promise<void> {
    const nowMs = this.clock.nowMs();
    const request = quoteRequest(quoteBatchOf(quotes, nowMs - ageMs, source), nowMs);
    await this.faults.run(() => this.functions.ingestPrices(request, lambdaContext("IngestPrices")), this.skewMs);
  }

  /** The schedule's tick; EventBridge tries four times. False where none of them came to its end. */
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

  /** One round of deliveries of what a queue shows; what fails is shown again. True when there was anything to deliver. */
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
      // By the receipt of its own, which does nothing where the message was received again.
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

  /** What a table's stream tells of this world. */
  records(table: StreamedTable): Promise<_Record[]> {
    return this.stage.readStream(this.#starts.get(table), table);
  }

  /** The stream's poller: hands events over in order, again when that failed, and after so many tries goes on without them. */
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

  /** A run of the republisher, some minutes after what was committed last. */
  async republish(): Promise<void> {
    this.clock.pass(5 * 60_000);
    await this.faults.run(async () => {
      await this.functions.republishCalls(tick(this.clock.nowMs()), lambdaContext("RepublishCalls"));
      return "done";
    }, this.skewMs);
  }

  /** A run of the function that looks after what accounts lack. */
  async askForStates(): Promise<void> {
    await this.faults.run(async () => {
      await this.functions.onGapSchedule({}, lambdaContext("RequestAccountStates"));
      return "done";
    }, this.skewMs);
  }

  /** Someone has looked at what was given up, and sends it again but for what can never succeed. */
  async #redrive(): Promise<void> {
    for (const queue of consumedQueues) {
      const bodies = await this.stage.drain(`${queue}DeadLetters`);
      for (const body of bodies) {
        if (this.isHopeless(body)) this.hopeless.push({ queue, body });
        else await this.stage.send(queue, body);
      }
    }
  }

  /** No more trouble: everything outstanding is delivered until nothing is left. */
  async heal(): Promise<void> {
    this.#settle();
    await this.#redrive();
    for (let round = 0; round < 20; round += 1) {
      // Longer than any message is held back.
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

/** Messages of one group together, the others each alone. */
function inParcels(messages: readonly Message[]): Message[][] {
  const parcels = new Map<string | Message, Message[]>();
  for (const message of messages) {
    const name = message.Attributes?.MessageGroupId ?? message;
    parcels.set(name, [...(parcels.get(name) ?? []), message]);
  }
  return [...parcels.values()];
}

/** Batches of at most so many messages; no parcel is divided. */
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

/** A killed process fails all that it had. */
function failedOf(messages: readonly Message[], answer: SQSBatchResponse | null): readonly Message[] {
  if (answer === null) return messages;
  const failed = new Set(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  return messages.filter(({ MessageId }) => failed.has(MessageId ?? ""));
}
