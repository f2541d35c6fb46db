import fc from "fast-check";
import { type Fault, faultKinds } from "../support/faults.ts";
import type { ConsumedQueue } from "../support/stage.ts";

/** The accounts that subscribe to their own calls. */
export const subscribers = ["ada", "bo"] as const;

/** The topics that may be deleted: a subscriber's own, or the operators'. */
export const topics = [...subscribers, "operators"] as const;
export type Topic = (typeof topics)[number];

/** The accounts of the exchange. */
export const accountIds = ["ada", "bo", "cy", "dee"] as const;
export type AccountId = (typeof accountIds)[number];

/** An action of an account. Quantities are in contracts and amounts in US dollars. */
export type Deed =
  | { readonly kind: "transfer" | "pool_transfer"; readonly amount: number }
  | { readonly kind: "fill"; readonly quantity: number; readonly instrument: "perpetual" | "call" }
  | { readonly kind: "orders"; readonly quantity: number }
  | { readonly kind: "state" };

/** What happens to an event on its way from the exchange to the queue. */
export type Fate = "arrives" | "twice" | "late" | "lost";

/**
 * The items that may be made unreadable. They are an account of the ledger, its gap, its committed state, its shard's
 * results, the mark of an event, and a source's marks.
 */
const poisonedItems = ["account", "gap", "state", "results", "unpublished", "marks"] as const;
type PoisonedItem = (typeof poisonedItems)[number];

/** Something that a person or an accident does to the stage. Lasting damage is undone at the end. */
export type Incident =
  | { readonly kind: "sns" | "schedule"; readonly isWorking: boolean }
  | { readonly kind: "topic_deleted"; readonly topic: Topic }
  /** An event with the next ledger sequence of the account, whose amount cannot be read. */
  | { readonly kind: "refused_event"; readonly accountId: AccountId }
  | {
      readonly kind: "poisoned";
      readonly what: PoisonedItem;
      readonly accountId: AccountId;
    }
  | {
      readonly kind: "poisoned_message";
      readonly queue: ConsumedQueue;
    };

/** A source's quote. `movePercent` moves the true price, and `errorPercent` only the price that this quote states. */
export interface Quote {
  readonly source: "venue" | "second";
  readonly movePercent: number;
  readonly errorPercent: number;
  readonly ageSeconds: number;
}

/** One delivery of a queue. What the network does with the messages follows from the seed; 0 means no trouble. */
export interface Delivery {
  readonly queue: ConsumedQueue;
  readonly networkSeed: number;
}

/** Some minutes of a world: what happens, in this order, and which calls of the functions go wrong. */
export interface Round {
  readonly waitSeconds: number;
  readonly incidents: readonly Incident[];
  readonly deeds: readonly { readonly accountId: AccountId; readonly deed: Deed; readonly fate: Fate }[];
  readonly quotes: readonly Quote[];
  readonly isTick: boolean;
  readonly deliveries: readonly Delivery[];
  readonly publishing: "none" | "stream" | "stream_and_schedule";
  readonly asksForStates: boolean;
  /** The calls that go wrong. `after` counts the calls between one fault and the next. */
  readonly faults: readonly { readonly after: number; readonly fault: Fault }[];
  /** How much of its thirty seconds each look of a worker at the remaining time takes. 0 means plenty of time. */
  readonly lookCostsMs: number;
  /** How far the clocks of this round's functions are ahead of the true time. */
  readonly skewMs: number;
}

export type History = readonly Round[];

const roundsMost = 7;

const accountId = fc.constantFrom(...accountIds);

const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("transfer" as const), amount: fc.integer({ min: -6_000, max: 9_000 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("fill" as const),
      quantity: fc.constantFrom(1, -1, 2, -2),
      instrument: fc.constantFrom("perpetual" as const, "perpetual" as const, "call" as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("pool_transfer" as const), amount: fc.integer({ min: 1, max: 4_000 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("orders" as const), quantity: fc.constantFrom(0, 1, -1) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("state" as const) }) },
);

const fate = fc.oneof(
  { weight: 7, arbitrary: fc.constant("arrives" as const) },
  { weight: 1, arbitrary: fc.constantFrom<Fate>("twice", "late", "lost") },
);

const incident: fc.Arbitrary<Incident> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("sns" as const), isWorking: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("schedule" as const), isWorking: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("topic_deleted" as const), topic: fc.constantFrom(...topics) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("refused_event" as const), accountId }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("poisoned" as const),
      what: fc.constantFrom(...poisonedItems),
      accountId,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("poisoned_message" as const),
      queue: fc.constantFrom(
        "ShardWork" as const,
        "SweepRequests" as const,
        "AccountGaps" as const,
        "AccountEvents" as const,
      ),
    }),
  },
);

const quote: fc.Arbitrary<Quote> = fc.record({
  source: fc.constantFrom("venue" as const, "venue" as const, "second" as const),
  movePercent: fc.oneof(fc.constant(0), fc.integer({ min: -9, max: 9 })),
  errorPercent: fc.oneof(
    { weight: 6, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.constantFrom(-60, -8, 3, 12) },
  ),
  ageSeconds: fc.oneof(
    { weight: 5, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.constantFrom(20, 50, 90, 1_200) },
  ),
});

const delivery: fc.Arbitrary<Delivery> = fc.record({
  queue: fc.oneof(
    { weight: 4, arbitrary: fc.constant("ShardWork" as const) },
    { weight: 2, arbitrary: fc.constant("AccountEvents" as const) },
    { weight: 2, arbitrary: fc.constant("SweepRequests" as const) },
    { weight: 1, arbitrary: fc.constant("AccountGaps" as const) },
  ),
  networkSeed: fc.oneof({ weight: 1, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: fc.nat(2 ** 31 - 1) }),
});

const round: fc.Arbitrary<Round> = fc.record({
  waitSeconds: fc.constantFrom(1, 5, 12, 40, 60, 60, 90, 400),
  incidents: fc.array(incident, { maxLength: 2 }),
  deeds: fc.array(fc.record({ accountId, deed, fate }), { maxLength: 3 }),
  quotes: fc.array(quote, { maxLength: 3 }),
  isTick: fc.oneof(fc.constant(true), fc.boolean()),
  deliveries: fc.array(delivery, { minLength: 1, maxLength: 4 }),
  publishing: fc.constantFrom("none" as const, "stream" as const, "stream_and_schedule" as const),
  asksForStates: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  faults: fc.array(fc.record({ after: fc.nat(25), fault: fc.constantFrom(...faultKinds) }), { maxLength: 4 }),
  lookCostsMs: fc.oneof(
    { weight: 8, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.constantFrom(400, 1_500, 4_000, 9_000) },
  ),
  skewMs: fc.oneof(
    { weight: 6, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.constantFrom(400, -400, 3_000, -3_000, 120_000, -120_000, 2_400_000, -2_400_000) },
  ),
});

/** Draws histories of a world. Shrinking a history gives shorter ones with less trouble. */
export const histories: fc.Arbitrary<History> = fc.array(round, { minLength: 1, maxLength: roundsMost, size: "max" });
