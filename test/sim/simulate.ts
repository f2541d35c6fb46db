import assert from "node:assert/strict";
import { type AttributeValue, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { CreateTopicCommand, DeleteTopicCommand, SubscribeCommand } from "@aws-sdk/client-sns";
import { marshall } from "@aws-sdk/util-dynamodb";
import { type Instrument, poolKeyOf } from "@plimsoll/risk";
import {
  type AccountEvent,
  accountEvent,
  accountStateRequest,
  callEvent,
  clockToleranceMs,
  rejectedInput,
  shardOf,
  snapshotTimeMs,
  toWire,
} from "@plimsoll/schema";
import {
  findAccount,
  findNewestCompletedSweep,
  getSnapshot,
  loadMarks,
  loadPending,
  restoreMark,
  saveAccountTopic,
} from "@plimsoll/store";
import {
  checkBadPricesEscalateNothing,
  checkEnvironment,
  checkGoesOn,
  checkNewerWins,
  checkNobodyForgotten,
  checkOneEventPerTransition,
  checkPublished,
  checkRowsRecompute,
  checkToldInOrder,
  eventsByBook,
  loadPools,
  orderedItems,
} from "../support/checkers.ts";
import { ExchangeBook } from "../support/exchange.ts";
import { type FaultPlan, noFaults } from "../support/faults.ts";
import { seeded } from "../support/seeded.ts";
import { type ConsumedQueue, consumedQueues, type TableName } from "../support/stage.ts";
import { btcQuotes, iso } from "../support/venue.ts";
import { perfectNetwork, quoteMaxAgeMs, troubledNetwork, type World } from "../support/world.ts";
import {
  type AccountId,
  accountIds,
  type Deed,
  type Delivery,
  type History,
  type Incident,
  type Round,
  subscribers,
  type Topic,
  topics,
} from "./history.ts";

export const shardCount = 2;

const perpetualId = "BTC_USD-PERPETUAL";
const callStrike = 70_000;
const callId = `BTC_USD-30D-${callStrike}-C`;

/** Returns the two instruments that the accounts of a world hold, as the venue defines them. */
function definitions(expiryMs: number): ReadonlyMap<string, Instrument> {
  const base = { underlying: "BTC", settlement: "linear", quoteCurrency: "USD", contractSize: 1 } as const;
  return new Map<string, Instrument>([
    [perpetualId, { kind: "perpetual", instrumentId: perpetualId, ...base }],
    [callId, { kind: "option", instrumentId: callId, ...base, optionType: "call", strike: callStrike, expiryMs }],
  ]);
}

const quotedIds = new Set([undefined, perpetualId, callId]);

/** Returns the quotes of the index price and of the marks of those two instruments. */
function quotesAt(price: number): Record<string, unknown>[] {
  return btcQuotes(price, [callStrike]).filter(({ instrument_id }) =>
    quotedIds.has(instrument_id as string | undefined),
  );
}

/** A message that no function can process. */
const poison = { schema_version: 1, account_id: "nobody", snapshot_id: 7 };
const isPoison = (body: unknown) => JSON.stringify(body) === JSON.stringify(poison);

/** The changes that make an item of each kind unreadable. */
const poisoned: Record<Extract<Incident, { kind: "poisoned" }>["what"], Record<string, unknown>> = {
  account: { data: new Uint8Array([1]) },
  gap: { refused: "POISONED" },
  state: { severity: "POISONED" },
  results: { data: new Uint8Array([1]) },
  unpublished: { committed_at_ms: "POISONED" },
  marks: { data: new Uint8Array([1]) },
};

/** A time that is longer than any clock of a history is off. */
const clocksAgreeAfterMs = 45 * 60_000;

/**
 * Makes the processes learn what they keep for good, before any history. Then a seed's world is the same whenever it is
 * simulated.
 */
export async function warmUp(world: World): Promise<void> {
  await world.clear();
  world.clock.pass(-4 * clocksAgreeAfterMs);
  await world.quote(70_000, { quotes: quotesAt(70_000) });
  await world.tick();
  await world.deliver("ShardWork");
}

/**
 * Simulates a history in a world and heals the world. Throws an AssertionError if something that must never break has
 * broken.
 */
export async function simulate(world: World, history: History): Promise<void> {
  const life = new Life(world);
  await life.begin();
  for (const round of history) await life.live(round);
  await life.checkPoisoned();
  await life.checkHealed();
}

/** One world from its beginning to its end. */
class Life {
  readonly #world: World;
  readonly #books: ReadonlyMap<AccountId, ExchangeBook>;
  readonly #instruments: ReadonlyMap<string, Instrument>;
  /** Events that have not reached the queue yet. */
  #late: AccountEvent[] = [];
  #price = 70_000;
  #isScheduled = true;
  /** The newest sequence of each account that has reached the queue. */
  readonly #arrived = new Map<AccountId, number>();
  /** States as they were before they were last poisoned, by partition key. */
  readonly #unharmed = new Map<string, Record<string, unknown>>();
  readonly #poisonedAccounts = new Set<AccountId>();
  /**
   * The queues to which poison was sent, one entry per message. `#refused` holds the account events that must be
   * refused.
   */
  readonly #poisons: ConsumedQueue[] = [];
  readonly #refused: { readonly accountId: AccountId; readonly sequence: number; readonly text: string }[] = [];
  /** The times at which the posted quotes were observed. */
  readonly #observedMs: number[] = [];
  #faults = 0;
  #isClockWrong = false;
  #isPoisoned = false;
  #isTickLost = false;

  constructor(world: World) {
    this.#world = world;
    this.#instruments = definitions(
      Date.parse(String(btcQuotes(1).find(({ expiry }) => expiry !== undefined)?.expiry)),
    );
    this.#books = new Map(accountIds.map((id) => [id, new ExchangeBook(id, 0, this.#instruments)]));
  }

  get #stage() {
    return this.#world.stage;
  }

  #book(accountId: AccountId): ExchangeBook {
    const book = this.#books.get(accountId);
    assert(book !== undefined);
    return book;
  }

  /** Sets up four accounts near the edge of a call. Two of them subscribe to their own topics. */
  async begin(): Promise<void> {
    await this.#world.clear();
    this.#world.isHopeless = isPoison;
    this.#faults = this.#world.faults.total;
    await this.#restoreTopics();
    for (const accountId of subscribers) await this.#subscribe(accountId);
    const quantities: Record<AccountId, string> = { ada: "1", bo: "-1", cy: "2", dee: "0" };
    for (const [accountId, book] of this.#books) {
      const state = this.#initialState(quantities[accountId], accountId === "cy");
      await this.#send(book.add(state));
    }
    await this.#quoteBoth();
  }

  #initialState(quantity: string, hasPool: boolean): Record<string, unknown> {
    const position = { instrument_id: perpetualId, quantity, entry_price: "70000" };
    const contents = {
      pool_currency: "USD",
      method_id: "portfolio",
      collateral: [{ asset: "USD", amount: quantity === "2" ? "30000" : "16500" }],
      positions: quantity === "0" ? [] : [position],
    };
    const pool = { ...contents, pool_id: "apart", pool_kind: "isolated", positions: [{ ...position, quantity: "1" }] };
    return {
      kind: "account_state",
      occurred_at: iso(this.#world.clock.nowMs()),
      ...contents,
      pools: hasPool ? [{ ...pool, collateral: [{ asset: "USD", amount: "14000" }] }] : [],
    };
  }

  async #subscribe(accountId: (typeof subscribers)[number]): Promise<void> {
    const TopicArn = await this.#topicOf(accountId);
    await saveAccountTopic(this.#stage.table("Notify"), accountId, TopicArn);
  }

  async #topicOf(topic: Topic): Promise<string> {
    const isOfOperators = topic === "operators";
    const Name = isOfOperators ? "OperatorCalls" : `account-${topic}`;
    const { TopicArn = "" } = await this.#stage.ownSns.send(new CreateTopicCommand({ Name }));
    const Endpoint = await this.#stage.arnOf(isOfOperators ? "Published" : "ToldAccounts");
    const subscription = { TopicArn, Protocol: "sqs", Endpoint, Attributes: { RawMessageDelivery: "true" } };
    await this.#stage.ownSns.send(new SubscribeCommand(subscription));
    return TopicArn;
  }

  /** Creates deleted topics again with their subscriptions. The other topics stay as they are. */
  async #restoreTopics(): Promise<void> {
    for (const topic of topics) await this.#topicOf(topic);
  }

  async #send(event: AccountEvent | undefined): Promise<void> {
    if (event === undefined) return;
    await this.#stage.send("AccountEvents", event);
    const accountId = event.account_id as AccountId;
    this.#arrived.set(accountId, Math.max(this.#arrived.get(accountId) ?? 0, event.ledger_sequence));
  }

  async #quoteBoth(): Promise<void> {
    for (const source of ["venue", "second"]) await this.#quote(this.#price, source, 0);
  }

  async #quote(price: number, source: string, ageMs: number): Promise<void> {
    this.#observedMs.push(this.#world.clock.nowMs() - ageMs);
    await this.#world.quote(price, { source, ageMs, quotes: quotesAt(price) });
  }

  async live(round: Round): Promise<void> {
    const world = this.#world;
    world.clock.pass(round.waitSeconds * 1_000);
    for (const incident of round.incidents) await this.#happen(incident);
    await this.#act(round);
    world.faults.plan = planOf(round);
    // The emulators date their streams by the real time, so a check could not tell what is ahead of the simulated time.
    const skewMs = world.place === "memory" ? round.skewMs : 0;
    world.skewMs = skewMs;
    this.#isClockWrong ||= skewMs !== 0;
    this.#isPoisoned ||= round.incidents.some(({ kind }) => kind === "poisoned");
    world.lookCostsMs = round.lookCostsMs;
    for (const { source, movePercent, errorPercent, ageSeconds } of round.quotes) {
      this.#price = Math.round(this.#price * (1 + movePercent / 100));
      const said = Math.round(this.#price * (1 + errorPercent / 100));
      await this.#quote(said, source, ageSeconds * 1_000);
    }
    if (round.isTick && this.#isScheduled && !(await world.tick())) this.#isTickLost = true;
    for (const delivery of round.deliveries) await this.#deliver(delivery, skewMs);
    if (round.publishing !== "none") await world.publish();
    if (round.publishing === "stream_and_schedule" && this.#isScheduled) await world.republish();
    if (round.asksForStates && this.#isScheduled) await world.askForStates();
    world.faults.plan = noFaults;
    world.skewMs = 0;
    world.lookCostsMs = 0;
  }

  async #deliver({ queue, networkSeed }: Delivery, skewMs: number): Promise<void> {
    // SQS's own times mostly correct a worker whose clock is behind, see clockAfter. They do not where the worker gets
    // a message that another had before. It may then replace newer results until the next sweep.
    this.#world.skewMs = queue === "ShardWork" ? Math.max(skewMs, -clockToleranceMs) : skewMs;
    this.#world.network = networkSeed === 0 ? perfectNetwork : troubledNetwork(seeded(networkSeed));
    await this.#world.deliver(queue);
  }

  async #act({ deeds }: Round): Promise<void> {
    const before = this.#late;
    this.#late = [];
    for (const { accountId, deed, fate } of deeds) {
      const event = this.#book(accountId).add(this.#eventOf(accountId, deed));
      if (event === undefined || fate === "lost") continue;
      if (fate === "late") this.#late.push(event);
      else await this.#send(event);
      if (fate === "twice") await this.#send(event);
    }
    // Late events come after events that were sent later.
    for (const event of before) await this.#send(event);
  }

  #eventOf(accountId: AccountId, deed: Deed): Record<string, unknown> {
    const occurred_at = iso(this.#world.clock.nowMs());
    switch (deed.kind) {
      case "transfer":
        return { kind: "transfer", occurred_at, asset: "USD", amount: String(deed.amount || 1) };
      case "pool_transfer": {
        const between = { from_pool_id: "cross", to_pool_id: "apart" };
        return { kind: "pool_transfer", occurred_at, asset: "USD", amount: String(deed.amount), ...between };
      }
      case "fill": {
        const instrument_id = deed.instrument === "call" ? callId : perpetualId;
        const price = deed.instrument === "call" ? "4800" : String(this.#price);
        return { kind: "fill", occurred_at, instrument_id, quantity: String(deed.quantity), price, order_id: null };
      }
      case "orders": {
        const order = { order_id: "o-1", instrument_id: perpetualId, quantity: String(deed.quantity), price: "69000" };
        const change = deed.quantity === 0 ? { cancelled_order_ids: ["o-1"] } : { placed: [order] };
        return { kind: "orders", occurred_at, ...change };
      }
      case "state":
        return this.#stateNow(accountId);
    }
  }

  /** Returns the state of the account as the exchange has it. */
  #stateNow(accountId: AccountId): Record<string, unknown> {
    const account = toWire(this.#book(accountId).now ?? {});
    return { ...account, kind: "account_state", schema_version: 1, occurred_at: iso(this.#world.clock.nowMs()) };
  }

  async #happen(incident: Incident): Promise<void> {
    switch (incident.kind) {
      case "sns":
        this.#stage.snsGateway.isOpen = incident.isWorking;
        return;
      case "schedule":
        this.#isScheduled = incident.isWorking;
        return;
      case "topic_deleted":
        await this.#stage.ownSns.send(new DeleteTopicCommand({ TopicArn: await this.#topicOf(incident.topic) }));
        return;
      case "poisoned_message":
        this.#poisons.push(incident.queue);
        await this.#stage.send(incident.queue, poison);
        return;
      case "refused_event":
        await this.#sendRefused(incident.accountId);
        return;
      case "poisoned":
        await this.#poison(incident);
    }
  }

  /** Sends an event of the exchange that names its account and sequence, but whose amount cannot be read. */
  async #sendRefused(accountId: AccountId): Promise<void> {
    const sequence = this.#book(accountId).sequence + 1;
    const transfer = { kind: "transfer", occurred_at: iso(this.#world.clock.nowMs()), asset: "USD", amount: "1e3" };
    const event = { schema_version: 1, account_id: accountId, ledger_sequence: sequence, ...transfer };
    this.#refused.push({ accountId, sequence, text: JSON.stringify(event) });
    await this.#stage.send("AccountEvents", event);
  }

  async #poison({ what, accountId }: Incident & { kind: "poisoned" }): Promise<void> {
    const shard = String(shardOf(accountId, shardCount)).padStart(3, "0");
    const [table, pk, sk] = {
      account: ["Ledger", `SHARD#${shard}`, `ACCOUNT#${accountId}`] as const,
      gap: ["Ledger", `PENDING#${shard}`, `${accountId}#GAP`] as const,
      state: ["Margin", `ACCOUNT#${accountId}`, "STATE"] as const,
      results: ["Margin", `SHARD#${shard}`, "LATEST"] as const,
      unpublished: ["Margin", "UNPUBLISHED#", `BOOK#${accountId}#`] as const,
      marks: ["Market", "MARKS#BTC", "venue"] as const,
    }[what];
    const items = await this.#stage.scan(table);
    const item = items.find((one) => String(one.pk).startsWith(pk) && String(one.sk).startsWith(sk));
    if (item === undefined) return;
    if (what === "account") this.#poisonedAccounts.add(accountId);
    // A state is restored by hand. The exchange, the next sweep and the next quote restore the other items.
    if (what === "state" && item.severity !== "POISONED") this.#unharmed.set(String(item.pk), item);
    await this.#put(table, { ...item, ...poisoned[what] });
  }

  async #put(TableName: TableName, item: Record<string, unknown>): Promise<void> {
    const Item = marshall(item) as Record<string, AttributeValue>;
    await this.#stage.table(TableName).client.send(new PutItemCommand({ TableName, Item }));
  }

  async #sweep(): Promise<void> {
    this.#world.clock.pass(60_000);
    await this.#quoteBoth();
    await this.#world.tick();
    await this.#world.heal();
  }

  /**
   * Checks I2 and I9 while poisoned items are still there. Every account has a result or a reason, and accounts without
   * poison have results.
   */
  async checkPoisoned(): Promise<void> {
    const world = this.#world;
    world.clock.pass(clocksAgreeAfterMs);
    for (const event of this.#late) await this.#send(event);
    this.#late = [];
    this.#isScheduled = true;
    await world.heal();
    await this.#checkNothingOutstanding();
    if (this.#unharmed.size === 0 && this.#poisonedAccounts.size === 0) return;
    await this.#sweep();
    const rows = await world.rows(shardCount);
    const snapshotId = await this.#newestSnapshot();
    const stored = (await this.#stage.scan("Ledger")).filter(({ sk }) => String(sk).startsWith("ACCOUNT#"));
    const accounts = stored.map(({ sk }) => String(sk).slice("ACCOUNT#".length));
    assert.deepEqual([...new Set(rows.map((row) => row.accountId))].sort(), accounts.toSorted(), "accounts with a row");
    const poisonedBooks = new Set([...this.#unharmed.keys()].map((pk) => pk.slice("ACCOUNT#".length)));
    for (const row of rows) {
      const restsOn = row.status === "margined" ? row.margin.snapshotId : row.snapshotId;
      assert.equal(restsOn, snapshotId, `what ${row.accountId} rests on`);
      const isPoisoned =
        this.#poisonedAccounts.has(row.accountId as AccountId) ||
        poisonedBooks.has(poolKeyOf(row.accountId, row.poolId));
      if (!isPoisoned) assert.equal(row.status, "margined", `${row.accountId} beside the poisoned`);
    }
  }

  /**
   * Checks I2 before a new sweep. Once every message is delivered, a row rests on what the ledger now holds of its
   * account. Histories with poison are left out, and so are those with wrong clocks, where a message may name a
   * snapshot in vain.
   */
  async #checkNothingOutstanding(): Promise<void> {
    if (this.#isClockWrong || this.#isPoisoned) return;
    const pools = await loadPools(this.#stage, shardCount);
    for (const row of await this.#world.rows(shardCount)) {
      const poolKey = poolKeyOf(row.accountId, row.poolId);
      const held = pools.get(poolKey)?.account.ledgerSequence;
      const restsOn = row.status === "margined" ? row.margin.ledgerSequence : row.ledgerSequence;
      if (held !== undefined) assert.equal(restsOn, held, `the sequence that the row of ${poolKey} rests on`);
    }
    // A tick that is lost for good leaves its snapshot to the next tick.
    if (this.#isTickLost) return;
    const snapshotId = await this.#newestSnapshot();
    const completed = await findNewestCompletedSweep(this.#stage.table("Margin"));
    assert.equal(completed ?? "", snapshotId, "the newest sweep that is through");
  }

  async #newestSnapshot(): Promise<string> {
    const ids = (await this.#stage.scan("Market")).filter(({ pk }) => pk === "SNAPSHOT").map(({ sk }) => String(sk));
    return ids.sort().at(-1) ?? "";
  }

  /** Checks everything that must hold once poisoned items are repaired and the exchange has answered. */
  async checkHealed(): Promise<void> {
    const restored = await this.#repair();
    await this.#sweep();
    if (await this.#answerRequests()) await this.#sweep();
    await this.#checkLedger();
    const items = await this.#stage.scan("Margin");
    const rows = await this.#world.rows(shardCount);
    const pools = await loadPools(this.#stage, shardCount);
    const open = rows.filter(({ call }) => call !== null).map((row) => poolKeyOf(row.accountId, row.poolId));
    checkNobodyForgotten(rows, [...new Set([...pools.keys(), ...open])], await this.#newestSnapshot());
    const ofMargin = await this.#world.records("Margin");
    checkNewerWins(ofMargin);
    checkGoesOn(await this.#world.records("Ledger"), orderedItems.accounts);
    if (!this.#isClockWrong) {
      checkGoesOn(ofMargin, orderedItems.completed);
      const ofMarket = await this.#world.records("Market");
      checkGoesOn(ofMarket, orderedItems.quotes);
      checkGoesOn(ofMarket, orderedItems.anchors);
      await this.#checkOldPricesAreBlocked();
    }
    checkOneEventPerTransition(items, rows);
    await checkBadPricesEscalateNothing(items, this.#stage);
    const published = await this.#world.published();
    checkEnvironment(published, "live");
    checkPublished(items, published, this.#world.faults.total - this.#faults + restored);
    await this.#checkSubscribers(items);
    await checkRowsRecompute(rows, pools, this.#stage);
    await this.#checkDeadLetters();
  }

  /** Repairs what only a person can. Returns how many events had been set aside. */
  async #repair(): Promise<number> {
    for (const item of this.#unharmed.values()) {
      const held = (await this.#stage.scan("Margin")).find(({ pk, sk }) => pk === item.pk && sk === item.sk);
      // A change of severity that was decided from the results alone may have repaired the state already.
      if (held?.severity === "POISONED") await this.#put("Margin", item);
    }
    for (const accountId of this.#poisonedAccounts) {
      await this.#send(this.#book(accountId).add(this.#stateNow(accountId)));
    }
    await this.#restoreTopics();
    const margin = this.#stage.table("Margin");
    const setAside = (await loadMarks(margin)).filter(({ refusal }) => refusal !== null);
    for (const mark of setAside) await restoreMark(margin, mark, this.#world.clock.nowMs() - 60_000);
    return setAside.length;
  }

  /**
   * Makes the ledger ask for the accounts that it knows to be incomplete, and answers with the accounts as they stand.
   * Returns true if it asked.
   */
  async #answerRequests(): Promise<boolean> {
    // This is the longest time from one request to the next.
    this.#world.clock.pass(60 * 60_000);
    await this.#world.askForStates();
    const requests = (await this.#stage.drain("StateRequests")).map((message) => accountStateRequest.parse(message));
    const asked = new Set(requests.map(({ account_id }) => account_id));
    for (const { accountId, sequence } of this.#refused) {
      const isMended = (this.#arrived.get(accountId) ?? 0) >= sequence;
      assert(isMended || asked.has(accountId), `${accountId} was not asked about, and event ${sequence} was refused`);
    }
    for (const accountId of asked) {
      const book = this.#books.get(accountId as AccountId);
      if (book !== undefined) await this.#send(accountEvent.parse(this.#stateNow(book.accountId as AccountId)));
    }
    return requests.length > 0;
  }

  /**
   * Checks that every account is what the exchange had at some sequence. No event that has arrived is missing, and
   * nothing waits.
   */
  async #checkLedger(): Promise<void> {
    const ledger = this.#stage.table("Ledger");
    for (const [accountId, book] of this.#books) {
      const stored = await findAccount(ledger, accountId, shardCount);
      const arrived = this.#arrived.get(accountId) ?? 0;
      assert(stored?.account, `${accountId}, of which ${arrived} events have come: ${stored?.problem ?? "not there"}`);
      const held = stored.account.ledgerSequence;
      assert(held >= arrived, `${accountId} is at ${held}, and ${arrived} has arrived`);
      assert.deepEqual(stored.account, book.at(stored.account.ledgerSequence), `the account of ${accountId}`);
      const pending = await loadPending(ledger, shardOf(accountId, shardCount), accountId);
      assert.deepEqual(pending, { gap: null, events: [] }, `what ${accountId} waits for`);
    }
  }

  /** Checks I4 for an account's own topic: it gets all events of that account, no others, and in order. */
  async #checkSubscribers(items: readonly Record<string, unknown>[]): Promise<void> {
    const told = (await this.#stage.drain("ToldAccounts")).map((message) => callEvent.parse(message));
    checkToldInOrder(told);
    const own = (id: string) => subscribers.some((accountId) => accountId === id);
    const committed = [...eventsByBook(items).values()].flat().filter(({ account_id }) => own(account_id));
    const toldIds = new Set(told.map(({ event_id }) => event_id));
    assert.deepEqual(
      [...toldIds].sort(),
      committed.map(({ event_id }) => event_id).sort(),
      "what subscribers are told",
    );
  }

  /** Checks I9. The given-up messages are exactly the poisoned ones, and refused input is kept with its reasons. */
  async #checkDeadLetters(): Promise<void> {
    const rejects = (await this.#stage.drain("Rejects")).map((message) => rejectedInput.parse(message));
    const bodies = rejects.flatMap(({ origin, body }) => (origin === "account_events" ? (body ?? []) : []));
    for (const { text } of this.#refused) assert(bodies.includes(text), `${text} is not among the rejects`);
    for (const queue of consumedQueues) {
      const given = await this.#stage.drain(`${queue}DeadLetters`);
      const others = given.filter((body) => !isPoison(body));
      assert.deepEqual(others, [], `dead letters of ${queue}`);
      const poisons = this.#poisons.filter((one) => one === queue).length;
      if (queue === "AccountEvents") {
        assert(poisons === 0 || bodies.includes(JSON.stringify(poison)), "the poison is not among the rejects");
      } else {
        const looked = this.#world.hopeless.filter((one) => one.queue === queue).length;
        assert.equal(given.length + looked, poisons, `poisons of ${queue} that were given up`);
      }
    }
  }

  /** Checks I5: a snapshot of a time at which no quote was fresh blocks its price. */
  async #checkOldPricesAreBlocked(): Promise<void> {
    const ids = (await this.#stage.scan("Market")).filter(({ pk }) => pk === "SNAPSHOT").map(({ sk }) => String(sk));
    for (const id of ids) {
      const asOfMs = snapshotTimeMs(id);
      if (this.#observedMs.some((atMs) => atMs <= asOfMs && asOfMs - atMs <= quoteMaxAgeMs)) continue;
      const { underlyings } = await getSnapshot(this.#stage.table("Market"), id);
      for (const { quality } of underlyings)
        assert.equal(quality, "blocked", `the price of ${id}, without a fresh quote`);
    }
  }
}

/** Returns a plan with the faults of a round, which happen at reads and writes alike. */
function planOf({ faults }: Round): FaultPlan {
  const left = [...faults];
  let calls = left[0]?.after ?? 0;
  return {
    reads: true,
    next() {
      const [first] = left;
      if (first === undefined) return null;
      if (calls > 0) {
        calls -= 1;
        return null;
      }
      left.shift();
      calls = left[0]?.after ?? 0;
      return first.fault;
    },
  };
}
