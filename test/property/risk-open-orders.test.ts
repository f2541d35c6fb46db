import {
  type Account,
  createMarginEngine,
  defaultParameters,
  type OpenOrder,
  ORDER_INSTRUMENT_LIMIT,
  type ProjectedMargin,
} from "@plimsoll/risk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitraryAccount, arbitraryPosition, chain } from "../support/books.ts";
import { accountWith } from "../support/market.ts";

const settings = { seed: 20260205, numRuns: 100 } as const;
const engine = createMarginEngine(chain, defaultParameters);

function project(account: Account, orders: readonly OpenOrder[]): ProjectedMargin {
  const result = engine.projectMargin(account, orders);
  if (result.status === "not_margined") throw new Error(`${result.field} is ${result.value}`);
  return result;
}

const orders = fc.array(arbitraryPosition(chain), { maxLength: 4 }).map((positions) =>
  positions.map(
    ({ instrumentId, quantity, entryPrice }, index): OpenOrder => ({
      orderId: `order-${index}`,
      instrumentId,
      quantity,
      price: entryPrice,
    }),
  ),
);

describe("initial margin with open orders", () => {
  it("is never below the margin without, nor below that with any one more order", () => {
    fc.assert(
      fc.property(arbitraryAccount(chain), orders, (account, placed) => {
        const some = project(account, placed.slice(1));
        const all = project(account, placed);
        expect(some.projectedInitialMargin).toBeGreaterThanOrEqual(some.initialMargin);
        expect(all.projectedInitialMargin).toBeGreaterThanOrEqual(some.projectedInitialMargin);
      }),
      settings,
    );
  });

  it("is at least the margin after all orders that open have filled", () => {
    fc.assert(
      fc.property(orders, (placed) => {
        // Options paid for at their mark leave the pool's worth as it is, so that only the requirement is compared.
        const marks = new Map(chain.instruments.map((quoted) => [quoted.instrument.instrumentId, quoted.markPrice]));
        const futures = placed.filter(({ instrumentId }) => !/-(call|put)-/.test(instrumentId));
        const filled = accountWith({
          positions: futures.map(({ instrumentId, quantity }) => ({
            instrumentId,
            quantity,
            entryPrice: marks.get(instrumentId) ?? Number.NaN,
          })),
        });
        const atMark = futures.map((order) => ({ ...order, price: marks.get(order.instrumentId) ?? Number.NaN }));
        const after = engine.margin(filled);
        if (after.status === "not_margined") throw new Error(after.value);
        const sides = new Map(futures.map(({ instrumentId, quantity }) => [`${instrumentId} ${quantity > 0}`, 1]));
        const isOneSided = sides.size === new Set(futures.map(({ instrumentId }) => instrumentId)).size;
        if (!isOneSided) return;
        const slack = 1e-9 * (1 + after.initialMargin);
        expect(project(accountWith({}), atMark).projectedInitialMargin).toBeGreaterThanOrEqual(
          after.initialMargin - slack,
        );
      }),
      settings,
    );
  });

  it("an order that closes what is held never raises it, though it may take a hedge away", () => {
    fc.assert(
      fc.property(arbitraryAccount(chain), fc.double({ min: 0.1, max: 1, noNaN: true }), (account, share) => {
        const held = new Map<string, number>();
        for (const { instrumentId, quantity } of account.positions) {
          held.set(instrumentId, (held.get(instrumentId) ?? 0) + quantity);
        }
        const closing = [...held].map(([instrumentId, quantity]): OpenOrder => {
          return { orderId: instrumentId, instrumentId, quantity: -quantity * share, price: 1 };
        });
        const result = project(account, closing);
        expect(result.projectedInitialMargin).toBe(result.initialMargin);
        expect(result.worstOrderIds).toEqual([]);
      }),
      settings,
    );
    const hedged = accountWith({
      positions: [
        { instrumentId: "BTC_USDC-PERPETUAL", quantity: 1, entryPrice: 68_000 },
        { instrumentId: "BTC_USDC-27MAR26", quantity: -1, entryPrice: 68_000 },
      ],
    });
    const [long, short] = hedged.positions;
    if (long === undefined || short === undefined) throw new Error("two positions");
    const unhedged = engine.margin({ ...hedged, positions: [long] });
    const before = engine.margin(hedged);
    if (unhedged.status === "not_margined" || before.status === "not_margined") throw new Error("margined");
    expect(unhedged.initialMargin).toBeGreaterThan(before.initialMargin);
    const close = { orderId: "close", instrumentId: "BTC_USDC-27MAR26", quantity: 1, price: 68_000 };
    expect(project(hedged, [close]).projectedInitialMargin).toBe(before.initialMargin);
  });

  it("fills a side that goes beyond flat in whole, and names the worst side", () => {
    const account = accountWith({
      positions: [{ instrumentId: "BTC_USDC-PERPETUAL", quantity: 1, entryPrice: 67_971 }],
    });
    const sell = { orderId: "sell", instrumentId: "BTC_USDC-PERPETUAL", quantity: -5, price: 68_000 };
    const buy = { orderId: "buy", instrumentId: "BTC_USDC-PERPETUAL", quantity: 1, price: 67_000 };
    const both = project(account, [buy, sell]);
    // Bought, the account is long 2; sold, short 4.
    const short4 = engine.margin({
      ...account,
      positions: [...account.positions, { ...account.positions[0]!, quantity: -5, entryPrice: 68_000 }],
    });
    expect(short4).toMatchObject({ initialMargin: both.projectedInitialMargin });
  });

  it("refuses orders on more instruments than it can try, and orders in instruments it does not know", () => {
    const many = chain.instruments
      .slice(0, ORDER_INSTRUMENT_LIMIT + 1)
      .map(({ instrument: { instrumentId }, markPrice }): OpenOrder => {
        return { orderId: instrumentId, instrumentId, quantity: 1, price: markPrice };
      });
    expect(engine.projectMargin(accountWith({}), many)).toMatchObject({
      status: "not_margined",
      code: "limit_exceeded",
      field: "open_orders",
    });
    const unknown = { orderId: "x", instrumentId: "BTC-GONE", quantity: 1, price: 1 };
    expect(engine.projectMargin(accountWith({}), [unknown])).toMatchObject({ code: "instrument_not_in_snapshot" });
  });
});
