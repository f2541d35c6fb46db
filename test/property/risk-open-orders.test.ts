import {
  type Account,
  createMarginEngine,
  defaultParameters,
  type MethodId,
  methodIds,
  type OpenOrder,
  ORDER_INSTRUMENT_LIMIT,
  type Position,
  type ProjectedMargin,
} from "@plimsoll/risk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitraryAccount, arbitraryPosition, chain } from "../support/books.ts";
import { accountWith } from "../support/market.ts";
import { unitsOfWork } from "../support/work.ts";

const settings = { seed: 20260205, numRuns: 100 } as const;
const engine = createMarginEngine(chain, defaultParameters);

function project(account: Account, orders: readonly OpenOrder[]): ProjectedMargin {
  const result = engine.projectMargin(account, orders);
  if (result.status === "not_margined") throw new Error(`${result.field} is ${result.value}`);
  return result;
}

function marginOf(account: Account): number {
  const result = engine.margin(account);
  if (result.status === "not_margined") throw new Error(`${result.field} is ${result.value}`);
  return result.initialMargin;
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
function booksUnder(methodId: MethodId): fc.Arbitrary<{ account: Account; placed: OpenOrder[] }> {
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

function heldBy({ positions }: Account, instrumentId: string): number {
  return positions
    .filter((position) => position.instrumentId === instrumentId)
    .reduce((sum, { quantity }) => sum + quantity, 0);
}

function closing(account: Account, share: number): OpenOrder[] {
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

/** The account after fills, from the orders' words alone. */
function filled(account: Account, fills: readonly OpenOrder[]): Account {
  const positions: Position[] = fills.map(({ instrumentId, quantity, price }) => ({
    instrumentId,
    quantity,
    entryPrice: price,
  }));
  const premiums = fills.flatMap(({ instrumentId, quantity, price }) => {
    const instrument = chain.instruments.find((quoted) => quoted.instrument.instrumentId === instrumentId)?.instrument;
    if (instrument?.kind !== "option") return [];
    const asset = instrument.settlement === "inverse" ? instrument.underlying : instrument.quoteCurrency;
    return [{ asset, amount: -quantity * instrument.contractSize * price }];
  });
  return {
    ...account,
    positions: [...account.positions, ...positions],
    collateral: [...account.collateral, ...premiums],
  };
}

function isNotAmong(placed: readonly OpenOrder[]): (position: Position) => boolean {
  return ({ instrumentId }) => placed.every((order) => order.instrumentId !== instrumentId);
}

/** The greatest margin over every choice of instruments and sides, tried one by one. */
function greatest(account: Account, placed: readonly OpenOrder[]): number {
  const sides = [...Map.groupBy(placed, ({ instrumentId }) => instrumentId)].map(([instrumentId, own]) =>
    [1, -1]
      .map((side) => own.filter(({ quantity }) => side * quantity > 0))
      .filter((fills) => {
        const after = heldBy(account, instrumentId) + fills.reduce((sum, { quantity }) => sum + quantity, 0);
        const isBeyondFlat = after * (fills[0]?.quantity ?? 0) > 1e-9;
        return fills.length > 0 && isBeyondFlat;
      }),
  );
  const choices = sides.reduce<OpenOrder[][]>(
    (some, own) => some.flatMap((fills) => [fills, ...own.map((side) => [...fills, ...side])]),
    [[]],
  );
  return Math.max(...choices.map((fills) => marginOf(filled(account, fills))));
}

describe.each(methodIds)("initial margin with open orders under %s", (methodId) => {
  const books = booksUnder(methodId);

  it("is the greatest over all subsets of them, tried one by one", () => {
    fc.assert(
      fc.property(books, ({ account, placed }) => {
        const expected = greatest(account, placed);
        const { projectedInitialMargin, initialMargin } = project(account, placed);
        expect(initialMargin).toBe(marginOf(account));
        // The order of summation is another one.
        expect(Math.abs(projectedInitialMargin - expected)).toBeLessThanOrEqual(1e-9 * (1 + expected));
      }),
      { ...settings, numRuns: 30 },
    );
  });

  it("is not raised by orders that only reduce positions, whatever else is ordered", () => {
    fc.assert(
      fc.property(books, fc.double({ min: 0.1, max: 1, noNaN: true }), ({ account, placed }, share) => {
        const reducing = closing(account, share);
        expect(project(account, reducing)).toMatchObject({
          projectedInitialMargin: marginOf(account),
          worstOrderIds: [],
        });
        const traded = new Set(placed.map(({ instrumentId }) => instrumentId));
        const beside = reducing.filter(({ instrumentId }) => !traded.has(instrumentId));
        expect(project(account, [...placed, ...beside])).toEqual(project(account, placed));
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
    expect(project(account, [buy, sell])).toMatchObject({
      projectedInitialMargin: marginOf(filled(account, [sell])),
      worstOrderIds: ["sell"],
    });
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
    const [btc, eth] = [ordersOn("BTC", 3), ordersOn("ETH", 3)];
    const { projectedInitialMargin } = project(account, [...btc, ...eth]);
    const apart = project(account, btc).projectedInitialMargin + project(account, eth).projectedInitialMargin;
    expect(projectedInitialMargin).toBeCloseTo(apart, 6);
    expect(engine.projectMargin(account, ordersOn("BTC", ORDER_INSTRUMENT_LIMIT + 1))).toMatchObject({
      status: "not_margined",
      code: "limit_exceeded",
      field: "open_orders",
      value: `${ORDER_INSTRUMENT_LIMIT + 1} instruments, from ${ordersOn("BTC", 1)[0]?.instrumentId} on`,
    });
  });

  it("of portfolio is found by scenario beyond that: the greatest over all subsets, tried one by one", () => {
    const many = fc.uniqueArray(
      arbitraryPosition(chain).filter(({ instrumentId, quantity }) => instrumentId.startsWith("BTC") && quantity !== 0),
      {
        minLength: 5,
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
        const account = accountWith({ collateral, positions: positions.filter(isNotAmong(placed)) });
        const { projectedInitialMargin, isExhaustive } = project(account, placed);
        expect(isExhaustive).toBe(false);
        const expected = greatest(account, placed);
        expect(Math.abs(projectedInitialMargin - expected)).toBeLessThanOrEqual(1e-9 * (1 + expected));
      }),
      { ...settings, numRuns: 15 },
    );
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
    expect(all).toMatchObject({ isExhaustive: false });
    for (const sign of [1, -1]) {
      const side = placed.filter(({ quantity }) => sign * quantity > 0);
      expect(all.projectedInitialMargin).toBeGreaterThanOrEqual(marginOf(filled(account, side)));
    }
    expect(new Set(all.worstOrderIds).size).toBe(all.worstOrderIds.length);
    const worst = placed.filter(({ orderId }) => all.worstOrderIds.includes(orderId));
    expect(marginOf(filled(account, worst))).toBeCloseTo(all.projectedInitialMargin, 6);
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
    expect(project(account, placed)).toMatchObject({ isExhaustive: false });
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
