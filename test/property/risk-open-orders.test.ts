import {
  createMarginEngine,
  defaultParameters,
  type MarginedPool,
  type MethodId,
  methodIds,
  type OpenOrder,
  ORDER_SEARCH_LIMIT,
  ORDER_SUBSET_LIMIT,
  type Pool,
  type ProjectedMargin,
  settlementCurrency,
} from "@plimsoll/risk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitraryAccount, arbitraryPosition, chain, filledAtLimits, supported } from "../support/books.ts";
import { accountWith } from "../support/market.ts";
import { unitsOfWork } from "../support/work.ts";

const settings = { seed: 20260205, numRuns: 100 } as const;
const engine = createMarginEngine(chain, defaultParameters);

function project(account: Pool, orders: readonly OpenOrder[]): ProjectedMargin {
  const result = engine.projectMargin(account, orders);
  if (result.status === "not_margined") throw new Error(`${result.field} is ${result.value}`);
  return result;
}

function figuresOf(account: Pool): MarginedPool {
  const result = engine.margin(account);
  if (result.status === "not_margined") throw new Error(`${result.field} is ${result.value}`);
  return result;
}

function marginOf(account: Pool): number {
  return figuresOf(account).initialMargin;
}

function markOf(instrumentId: string): number {
  const quoted = chain.instruments.find(({ instrument }) => instrument.instrumentId === instrumentId);
  if (quoted === undefined) throw new Error(`no ${instrumentId}`);
  return quoted.markPrice;
}

const orders = fc.array(arbitraryPosition(chain), { maxLength: 4 }).map((positions) =>
  positions
    .filter(({ quantity }) => quantity !== 0)
    .map(
      ({ instrumentId, quantity, entryPrice }, index): OpenOrder => ({
        orderId: `order-${index}`,
        instrumentId,
        quantity,
        price: entryPrice,
      }),
    ),
);

/** Whether a method margins an instrument of the chain. */
function takes(methodId: MethodId, { instrumentId }: { readonly instrumentId: string }): boolean {
  const isFuture = instrumentId.includes("27MAR26");
  if (methodId.startsWith("derive")) return !isFuture;
  return methodId !== "account_ratio" || isFuture || instrumentId.includes("PERPETUAL");
}

/** A random account and orders that a method takes; Derive's pools are dollars. */
function booksUnder(methodId: MethodId): fc.Arbitrary<{ account: Pool; placed: OpenOrder[] }> {
  return fc.record({ account: arbitraryAccount(chain, methodId), placed: orders }).map(({ account, placed }) => ({
    account: {
      ...account,
      poolCurrency: methodId.startsWith("derive") && account.poolCurrency === "BTC" ? "USD" : account.poolCurrency,
      positions: account.positions.filter((position) => takes(methodId, position)),
    },
    placed: placed.filter((order) => takes(methodId, order)),
  }));
}

/** So many orders to sell each instrument of the chain. */
function ordersOnAll(count: number): OpenOrder[] {
  return chain.instruments.flatMap(({ instrument: { instrumentId }, markPrice: price }) =>
    Array.from({ length: count }, (_, index) => ({
      orderId: `${instrumentId}-${index}`,
      instrumentId,
      quantity: -1,
      price,
    })),
  );
}

function heldBy({ positions }: Pool, instrumentId: string): number {
  return positions
    .filter((position) => position.instrumentId === instrumentId)
    .reduce((sum, { quantity }) => sum + quantity, 0);
}

function closing(account: Pool, share: number): OpenOrder[] {
  const held = new Map(account.positions.map(({ instrumentId }) => [instrumentId, heldBy(account, instrumentId)]));
  return [...held]
    .filter(([, quantity]) => Math.abs(quantity) > 0.01)
    .map(([instrumentId, quantity]) => ({
      orderId: `close-${instrumentId}`,
      instrumentId,
      quantity: Number((-quantity * share).toFixed(6)),
      price: 1,
    }))
    .filter(({ quantity }) => quantity !== 0);
}

/** The account after fills at their limits. */
function filled(account: Pool, fills: readonly OpenOrder[]): Pool {
  return filledAtLimits(chain, account, fills);
}

/** Whether one side of an instrument's orders goes beyond flat. */
function opens(account: Pool, placed: readonly OpenOrder[]): boolean {
  return placed.some(({ instrumentId, quantity }) => {
    const side = placed.filter((one) => one.instrumentId === instrumentId && one.quantity * quantity > 0);
    const total = side.reduce((sum, one) => sum + one.quantity, 0);
    return Math.abs(total) > Math.max(0, -Math.sign(total) * heldBy(account, instrumentId)) + 1e-9;
  });
}

function* subsetsOf(placed: readonly OpenOrder[]): Generator<readonly OpenOrder[]> {
  for (let bits = 0; bits < 2 ** placed.length; bits += 1) yield placed.filter((_, index) => bits & (1 << index));
}

/** Gained by a fill at the mark, pool currency. */
function gainOf({ poolCurrency }: Pool, { instrumentId, quantity, price }: OpenOrder): number {
  const { instrument, markPrice } = chain.instruments.find((one) => one.instrument.instrumentId === instrumentId)!;
  const currency = settlementCurrency(instrument);
  const priceOf = (name: string) => chain.currencies.find((one) => one.currency === name)!.priceUsd;
  const isInverse = instrument.settlement === "inverse" && instrument.kind !== "option";
  const perContract = isInverse ? 1 / price - 1 / markPrice : markPrice - price;
  return (quantity * instrument.contractSize * perContract * priceOf(currency)) / priceOf(poolCurrency);
}

/** Initial margin after fills, and what they have taken from the balance; gains give nothing back. */
function needAfter(account: Pool, fills: readonly OpenOrder[]): number {
  const before = figuresOf(account);
  const after = figuresOf(filled(account, fills));
  const gained = fills.reduce((sum, fill) => sum + Math.max(0, gainOf(account, fill)), 0);
  const lost = before.initialMarginBalance - after.initialMarginBalance + gained;
  return after.initialMargin + Math.max(0, lost);
}

/** The greatest need over every subset of the orders, tried one by one. */
function greatest(account: Pool, placed: readonly OpenOrder[]): number {
  if (!opens(account, placed)) return marginOf(account);
  return Math.max(...[...subsetsOf(placed)].map((fills) => needAfter(account, fills)));
}

/** Orders of all kinds on what is held and on other instruments, up to a tenth away from the mark. */
function mixedOrders(account: Pool, maxLength: number): fc.Arbitrary<OpenOrder[]> {
  const kinds = fc.record({
    other: arbitraryPosition(chain),
    held: fc.nat(20),
    /** Of what is held; 0 for an order on the other instrument. */
    share: fc.constantFrom(0, 0.5, 1, 1.5),
    isAsBefore: fc.boolean(),
    shift: fc.integer({ min: -10, max: 10 }),
  });
  return fc.array(kinds, { minLength: 1, maxLength }).map((drawn) => {
    const placed: OpenOrder[] = [];
    for (const [index, { other, held, share, isAsBefore, shift }] of drawn.entries()) {
      const position = share > 0 ? account.positions[held % Math.max(1, account.positions.length)] : undefined;
      const before = isAsBefore ? placed.at(-1) : undefined;
      const { instrumentId } = position ?? before ?? other;
      const amount =
        position !== undefined
          ? -share * heldBy(account, instrumentId)
          : (before?.quantity ?? other.quantity) * (before !== undefined && shift < -4 ? -0.5 : 1);
      const quantity = Number(amount.toFixed(4));
      const price = Number((markOf(instrumentId) * (1 + shift / 100)).toPrecision(8));
      // Nobody bids for what is worth nothing.
      if (quantity === 0 || price < 1e-9 || !takes(account.methodId, { instrumentId })) continue;
      placed.push({ orderId: `order-${index}`, instrumentId, quantity, price });
    }
    return placed;
  });
}

/** A random account that a method takes, with such orders. */
function mixedBooks(methodId: MethodId, maxLength: number) {
  return arbitraryAccount(chain, methodId)
    .map(supported)
    .chain((account) => mixedOrders(account, maxLength).map((placed) => ({ account, placed })));
}

describe.each(methodIds)("initial margin with open orders under %s", (methodId) => {
  const books = booksUnder(methodId);

  it("is the greatest over all subsets of them, tried one by one", () => {
    fc.assert(
      fc.property(mixedBooks(methodId, 4), ({ account, placed }) => {
        const expected = greatest(account, placed);
        const { projectedInitialMargin, initialMargin } = project(account, placed);
        expect(initialMargin).toBe(marginOf(account));
        // The order of summation is another one.
        expect(projectedInitialMargin).toBeGreaterThanOrEqual(expected - 1e-9 * (1 + expected));
        // What a premium saves in haircuts in one group of orders pays for no loss in another.
        expect(projectedInitialMargin).toBeLessThanOrEqual(expected + 1e-3 * (1 + expected));
      }),
      { ...settings, numRuns: 30 },
    );
  });

  it("leaves no less after any fills than it says is left now", () => {
    fc.assert(
      fc.property(mixedBooks(methodId, 4), ({ account, placed }) => {
        fc.pre(opens(account, placed));
        const left = figuresOf(account).initialMarginBalance - project(account, placed).projectedInitialMargin;
        for (const fills of subsetsOf(placed)) {
          const { availableFunds, initialMargin, initialMarginBalance } = figuresOf(filled(account, fills));
          const size = 1 + initialMargin + Math.abs(initialMarginBalance) + Math.abs(left);
          expect(availableFunds).toBeGreaterThanOrEqual(left - 1e-9 * size);
        }
      }),
      { ...settings, numRuns: 30 },
    );
  });

  it("is not raised by orders that only reduce positions, however far their limits are", () => {
    fc.assert(
      fc.property(books, fc.double({ min: 0.1, max: 1, noNaN: true }), ({ account }, share) => {
        expect(project(account, closing(account, share))).toMatchObject({
          projectedInitialMargin: marginOf(account),
          worstOrderIds: [],
        });
      }),
      { ...settings, numRuns: 30 },
    );
  });

  it("is the same in any order, and never lowered by one more", () => {
    fc.assert(
      fc.property(books, ({ account, placed }) => {
        const all = project(account, placed);
        expect(project(account, placed.toReversed())).toEqual(all);
        const some = project(account, placed.slice(1));
        expect(some.projectedInitialMargin).toBeGreaterThanOrEqual(some.initialMargin);
        // A further order on a side makes that side larger in whole, which a hedge may make cheaper.
        const isAlone = placed.slice(1).every(({ instrumentId }) => instrumentId !== placed[0]?.instrumentId);
        if (isAlone) expect(all.projectedInitialMargin).toBeGreaterThanOrEqual(some.projectedInitialMargin);
      }),
      { ...settings, numRuns: 30 },
    );
  });
});

describe("initial margin with open orders", () => {
  it("does not rise when a hedge is closed, though what is left needs more", () => {
    const hedged = accountWith({
      positions: [
        { instrumentId: "BTC_USDC-PERPETUAL", quantity: 1, entryPrice: 68_000 },
        { instrumentId: "BTC_USDC-27MAR26", quantity: -1, entryPrice: 68_000 },
      ],
    });
    const before = marginOf(hedged);
    expect(marginOf({ ...hedged, positions: hedged.positions.slice(0, 1) })).toBeGreaterThan(before);
    const close = { orderId: "close", instrumentId: "BTC_USDC-27MAR26", quantity: 1, price: 68_000 };
    expect(project(hedged, [close]).projectedInitialMargin).toBe(before);
  });

  it("fills a side that goes beyond flat in whole, and names the worst side", () => {
    const account = accountWith({
      positions: [{ instrumentId: "BTC_USDC-PERPETUAL", quantity: 1, entryPrice: 67_971 }],
    });
    const sell = { orderId: "sell", instrumentId: "BTC_USDC-PERPETUAL", quantity: -5, price: 68_000 };
    const buy = { orderId: "buy", instrumentId: "BTC_USDC-PERPETUAL", quantity: 1, price: 67_000 };
    // Bought, the account is long 2; sold, short 4.
    const { projectedInitialMargin, worstOrderIds } = project(account, [buy, sell]);
    expect(worstOrderIds).toEqual(["sell"]);
    // What the sell gains above the mark is cut, and that cut is asked for.
    const { markPrice } = chain.instruments.find(({ instrument }) => instrument.instrumentId === sell.instrumentId)!;
    const cut = 0.0015 * 5 * (68_000 - markPrice);
    expect(projectedInitialMargin).toBeCloseTo(marginOf(filled(account, [sell])) + cut, 6);
  });

  it("is found for as many instruments of each underlying as can be tried, and refused beyond", () => {
    const ordersOn = (underlying: string, count: number) =>
      chain.instruments
        .filter(({ instrument }) => instrument.underlying === underlying && instrument.settlement === "linear")
        .slice(0, count)
        .map(({ instrument: { instrumentId }, markPrice }): OpenOrder => {
          return { orderId: instrumentId, instrumentId, quantity: -1, price: markPrice };
        });
    const account = accountWith({ methodId: "derive_srm" });
    const most = Math.floor(Math.log2(ORDER_SUBSET_LIMIT));
    const [btc, eth] = [ordersOn("BTC", 3), ordersOn("ETH", 3)];
    const { projectedInitialMargin } = project(account, [...btc, ...eth]);
    const apart = project(account, btc).projectedInitialMargin + project(account, eth).projectedInitialMargin;
    expect(projectedInitialMargin).toBeCloseTo(apart, 6);
    expect(project(account, ordersOn("BTC", most))).toMatchObject({ search: "every_subset" });
    expect(engine.projectMargin(account, ordersOn("BTC", most + 1))).toMatchObject({
      status: "not_margined",
      code: "limit_exceeded",
      field: "open_orders",
      value: `${most + 1} instruments, from ${ordersOn("BTC", 1)[0]?.instrumentId} on`,
    });
  });

  it("of portfolio is found by scenario beyond that: nearly the greatest over all subsets, tried one by one", () => {
    const many = fc.uniqueArray(
      arbitraryPosition(chain).filter(({ instrumentId, quantity }) => instrumentId.startsWith("BTC") && quantity !== 0),
      {
        minLength: 7,
        maxLength: 8,
        selector: (one) => one.instrumentId,
      },
    );
    fc.assert(
      fc.property(arbitraryAccount(chain), many, ({ collateral, positions }, positionsToBe) => {
        const placed = positionsToBe.map(
          ({ instrumentId, quantity, entryPrice: price }): OpenOrder => ({
            orderId: instrumentId,
            instrumentId,
            quantity,
            price,
          }),
        );
        const account = accountWith({ collateral, positions });
        fc.pre(opens(account, placed));
        const { projectedInitialMargin, search } = project(account, placed);
        expect(search).toBe("by_scenario");
        const expected = greatest(account, placed);
        // Of 300 such books one was short, by 1 %: no change of one instrument alone led on from where it stopped.
        expect(projectedInitialMargin).toBeGreaterThanOrEqual(expected * (1 - 0.01));
        expect(projectedInitialMargin).toBeLessThanOrEqual(expected + 1e-9 * (1 + expected));
      }),
      { ...settings, numRuns: 15 },
    );
  });

  it("of portfolio says where the search stopped, after no more books than it may margin", () => {
    // Each limit is beyond the mark by another share, so that how many of a side fill is a choice of its own.
    const placed = ordersOnAll(7).map((order, index) => {
      const side = index % 2 === 0 ? 1 : -1;
      const price = order.price * (1 + (side * ((index * 5) % 13)) / 100);
      return { ...order, quantity: side * (1 + (index % 4)), price };
    });
    const account = accountWith({ collateral: [{ asset: "USD", amount: 1_000_000 }] });
    const { search, tries, projectedInitialMargin, worstOrderIds } = project(account, placed);
    expect(search).toBe("search_stopped");
    // What is held, and all that was found together.
    expect(tries).toBeLessThanOrEqual(ORDER_SEARCH_LIMIT + 2);
    const worst = placed.filter(({ orderId }) => worstOrderIds.includes(orderId));
    expect(projectedInitialMargin).toBeCloseTo(needAfter(account, worst), 4);
  });

  it("of portfolio is found for a maker of every market, at no less than both sides of each alone", () => {
    const placed = chain.instruments.flatMap(
      ({ instrument: { instrumentId }, markPrice: price }, index): OpenOrder[] => [
        { orderId: `buy-${index}`, instrumentId, quantity: 1 + (index % 3), price },
        { orderId: `sell-${index}`, instrumentId, quantity: -2, price },
      ],
    );
    const account = accountWith({ collateral: [{ asset: "USD", amount: 1_000_000 }] });
    const all = project(account, placed);
    expect(all).toMatchObject({ search: "by_scenario" });
    for (const sign of [1, -1]) {
      const side = placed.filter(({ quantity }) => sign * quantity > 0);
      expect(all.projectedInitialMargin).toBeGreaterThanOrEqual(marginOf(filled(account, side)));
    }
    expect(new Set(all.worstOrderIds).size).toBe(all.worstOrderIds.length);
    const worst = placed.filter(({ orderId }) => all.worstOrderIds.includes(orderId));
    expect(needAfter(account, worst)).toBeCloseTo(all.projectedInitialMargin, 6);
  });

  it("is found for any number of instruments under a method that adds them up", () => {
    const linear = chain.instruments.filter(({ instrument }) => instrument.settlement === "linear");
    const placed = linear.flatMap(({ instrument: { instrumentId }, markPrice }, index): OpenOrder[] => {
      const order = { instrumentId, price: markPrice };
      return [
        { ...order, orderId: `buy-${index}`, quantity: 1 + (index % 3) },
        { ...order, orderId: `sell-${index}`, quantity: -2 },
      ];
    });
    const account = accountWith({ methodId: "static", collateral: [{ asset: "USD", amount: 1_000_000 }] });
    const sum = linear.reduce(
      (total, { instrument: { instrumentId } }) =>
        total +
        project(
          account,
          placed.filter((order) => order.instrumentId === instrumentId),
        ).projectedInitialMargin,
      0,
    );
    // No greatest loss bounds it then, so that it is no less than what any subset asks.
    expect(project(account, placed)).toMatchObject({ search: "each_apart" });
    expect(project(account, placed).projectedInitialMargin).toBeGreaterThanOrEqual(sum);
  });

  it("is refused before a book is margined for it, however many orders there are", () => {
    const placed = ordersOnAll(500);
    let books = 0;
    const count = () => {
      books += 1;
      return true;
    };
    const account = accountWith({ methodId: "portfolio_okx", collateral: [{ asset: "USD", amount: 1_000_000 }] });
    expect(engine.projectMargin(account, placed, count)).toMatchObject({
      code: "limit_exceeded",
      field: "open_orders",
    });
    // What is held, once.
    expect(books).toBe(1);
    const gone = Array.from({ length: 100 }, (_, index) => ({ ...placed[index]!, instrumentId: `ZZZ-GONE-${index}` }));
    expect(engine.projectMargin(accountWith({}), gone, count)).toMatchObject({
      code: "instrument_not_in_snapshot",
      field: "open_orders[0].instrument_id",
    });
    // Asked once for what is held, and once for each that is not known.
    expect(books).toBe(1 + 1 + gone.length);
  });

  it("is a whole answer or none where the work is stopped, and the same bits when there was enough time", () => {
    const placed = ordersOnAll(1);
    const account = accountWith({ collateral: [{ asset: "USD", amount: 1_000_000 }] });
    const fresh = () => createMarginEngine(chain, defaultParameters);
    const whole = fresh().projectMargin(account, placed);
    const used = fresh();
    for (const units of [0, 1, 2, 3, 10, 50, 100]) {
      const answer = used.projectMargin(account, placed, unitsOfWork(units));
      expect(answer).toEqual({ status: "stopped" });
    }
    expect(used.projectMargin(account, placed, () => true)).toEqual(whole);
    expect(used.margin(account)).toEqual(fresh().margin(account));
  });

  it("is without an order that cannot be margined, named by its place, and refused when there is no other", () => {
    const known = { orderId: "1", instrumentId: "BTC-PERPETUAL", quantity: 1, price: 70_000 };
    const unknown = { orderId: "2", instrumentId: "BTC-GONE", quantity: 1, price: 1 };
    const reason = { code: "instrument_not_in_snapshot", field: "open_orders[1].instrument_id", value: "BTC-GONE" };
    expect(project(accountWith({}), [known, unknown])).toMatchObject({
      projectedInitialMargin: project(accountWith({}), [known]).projectedInitialMargin,
      worstOrderIds: ["1"],
      leftOut: [reason],
    });
    expect(engine.projectMargin(accountWith({}), [unknown])).toMatchObject({
      status: "not_margined",
      ...reason,
      field: "open_orders[0].instrument_id",
    });
  });

  it("says to cancel an order on what has expired, not to settle a position that is not there", () => {
    const known = { orderId: "1", instrumentId: "BTC-PERPETUAL", quantity: 1, price: 70_000 };
    const expired = { orderId: "2", instrumentId: "BTC-30JAN26", quantity: 1, price: 70_000 };
    const reason = {
      code: "instrument_expired",
      remedy: "it expired on 2026-01-30 08:00 UTC: cancel the order, or use a snapshot from before its expiry",
    };
    expect(project(accountWith({}), [known, expired]).leftOut).toMatchObject([reason]);
    expect(engine.projectMargin(accountWith({}), [expired])).toMatchObject(reason);
  });
});
