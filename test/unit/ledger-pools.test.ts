import { applyEvent, type LedgerAccount, type LedgerEvent, type LedgerOutcome } from "@plimsoll/ledger";
import type { Instrument } from "@plimsoll/risk";
import { describe, expect, it } from "vitest";

const linear = { underlying: "BTC", settlement: "linear", quoteCurrency: "USD", contractSize: 0.1 } as const;
const instruments = new Map<string, Instrument>(
  ["P", "Q"].map((instrumentId) => [instrumentId, { kind: "perpetual", instrumentId, ...linear }]),
);
const limits = {
  positionsPerAccount: 3,
  openOrdersPerAccount: 3,
  poolsPerAccount: 2,
  collateralAssets: 2,
  firstLedgerSequence: 1_000,
  ledgerSequenceJump: 100,
};

const opened: LedgerAccount = {
  accountId: "a",
  poolCurrency: "USD",
  methodId: "portfolio",
  ledgerSequence: 1,
  collateral: [{ asset: "USD", amount: "1000.000000000000000001" }],
  positions: [],
  openOrders: [],
  pools: [],
};

type Change = LedgerEvent extends infer Event
  ? Event extends LedgerEvent
    ? Omit<Event, "accountId" | "ledgerSequence">
    : never
  : never;

function attempt(account: LedgerAccount, change: Change): LedgerOutcome {
  const event = { ...change, accountId: "a", ledgerSequence: account.ledgerSequence + 1 } as LedgerEvent;
  return applyEvent(account, event, (id) => instruments.get(id), limits);
}

function apply(account: LedgerAccount, ...changes: readonly Change[]): LedgerAccount {
  return changes.reduce((held, change) => {
    const outcome = attempt(held, change);
    if (outcome.kind !== "applied") throw new Error(JSON.stringify(outcome));
    return outcome.account;
  }, account);
}

function open(poolId: string, poolKind: "cross" | "isolated" = "isolated"): Change {
  return { kind: "pool_opened", poolId, poolKind, poolCurrency: "USD", methodId: "static" };
}

function move(amount: string, fromPoolId: string, toPoolId: string): Change {
  return { kind: "pool_transfer", asset: "USD", amount, fromPoolId, toPoolId };
}

function fill(
  poolId: string,
  quantity: string,
  price: string,
  orderId: string | null = null,
  instrumentId = "P",
): Change {
  return { kind: "fill", poolId, instrumentId, quantity, price, orderId };
}

function order(orderId: string, quantity: string, instrumentId = "P") {
  return { orderId, instrumentId, quantity, price: "70000" };
}

function orders(poolId: string, placed: readonly ReturnType<typeof order>[], cancelledOrderIds: string[] = []): Change {
  return { kind: "orders", poolId, placed, cancelledOrderIds };
}

describe("pools", () => {
  it("hold what is moved to them, to the last decimal", () => {
    const moved = apply(opened, open("P"), move("0.000000000000000001", "cross", "P"), move("400", "cross", "P"));
    expect(moved.collateral).toEqual([{ asset: "USD", amount: "600" }]);
    expect(moved.pools).toEqual([
      {
        poolId: "P",
        poolKind: "isolated",
        poolCurrency: "USD",
        methodId: "static",
        collateral: [{ asset: "USD", amount: "400.000000000000000001" }],
        positions: [],
        openOrders: [],
      },
    ]);
  });

  it("have positions of their own: a loss is paid by the pool that made it", () => {
    const funded = apply(opened, open("P"), move("100", "cross", "P"), fill("cross", "1", "70000"));
    const lost = apply(funded, fill("P", "10", "70000"), fill("P", "-10", "69000"));
    expect(lost.collateral).toEqual(funded.collateral);
    expect(lost.positions).toEqual(funded.positions);
    expect(lost.pools[0]).toMatchObject({ collateral: [{ asset: "USD", amount: "-900" }], positions: [] });
  });

  it("of kind isolated hold one instrument, in positions and orders together; of kind cross any number", () => {
    const isolated = apply(opened, open("P"), fill("P", "1", "70000"));
    const other = fill("P", "1", "70000", null, "Q");
    expect(attempt(isolated, other)).toMatchObject({ kind: "refused", field: "pool_id", value: "P, Q in P" });
    expect(attempt(isolated, orders("P", [order("1", "1", "Q")]))).toMatchObject({ kind: "refused", field: "pool_id" });
    const cross = apply(opened, open("P", "cross"), fill("P", "1", "70000"), other);
    expect(cross.pools[0]?.positions).toHaveLength(2);
  });

  it.each([
    ["that is not open", fill("X", "1", "1"), "pool_id", "X"],
    ["that is not open, to take from", move("1", "X", "cross"), "from_pool_id", "X"],
    ["that is not open, to give to", move("1", "cross", "X"), "to_pool_id", "X"],
    ["to itself", move("1", "P", "P"), "to_pool_id", "P"],
    ["twice", open("P"), "pool_id", "P"],
    ["while something is in it", { kind: "pool_closed", poolId: "P" } as const, "pool_id", "P"],
  ])("are refused %s", (_, change, field, value) => {
    const account = apply(opened, open("P"), move("1", "cross", "P"));
    expect(attempt(account, change)).toMatchObject({ kind: "refused", field, value });
  });

  it("go when they are closed, and make room below the limit", () => {
    const two = apply(opened, open("P"), open("Q"));
    expect(attempt(two, open("R"))).toMatchObject({ kind: "refused", field: "pools", value: "3" });
    const one = apply(two, { kind: "pool_closed", poolId: "P" });
    expect(one.pools.map(({ poolId }) => poolId)).toEqual(["Q"]);
    expect(apply(one, open("R")).pools.map(({ poolId }) => poolId)).toEqual(["Q", "R"]);
  });

  it("count together against the positions of an account", () => {
    const { pools } = apply(opened, open("P"), fill("P", "1", "70000"));
    const positions = ["A", "B", "C"].map((instrumentId) => ({ instrumentId, quantity: "1", entryPrice: "1" }));
    const state = { ...opened, kind: "account_state", positions, pools } as const;
    expect(attempt(opened, { ...state, positions: positions.slice(1) })).toMatchObject({ kind: "applied" });
    expect(attempt(opened, state)).toMatchObject({ kind: "refused", field: "positions", value: "4" });
  });

  it("of a state are sorted, and refused by name where something stands twice", () => {
    const { pools } = apply(opened, open("P"), open("Q"));
    const state = { ...opened, kind: "account_state", pools: pools.toReversed() } as const;
    expect(attempt(opened, state)).toMatchObject({ account: { pools } });
    const twice = { ...state, pools: [pools[0]!, pools[0]!] };
    expect(attempt(opened, twice)).toMatchObject({ kind: "refused", field: "pools[1].pool_id", value: "P" });
    const placed = { ...state, pools: [{ ...pools[0]!, openOrders: [order("1", "1"), order("1", "2")] }] };
    expect(attempt(opened, placed)).toMatchObject({ kind: "refused", field: "pools[0].open_orders[1].order_id" });
  });
});

describe("open orders", () => {
  it("are placed, replaced by their id and cancelled", () => {
    const placed = apply(opened, orders("cross", [order("2", "3"), order("1", "-1")]));
    expect(placed.openOrders).toEqual([order("1", "-1"), order("2", "3")]);
    const replaced = apply(placed, orders("cross", [order("2", "5")], ["1"]));
    expect(replaced.openOrders).toEqual([order("2", "5")]);
    expect(apply(replaced, orders("cross", [], ["2", "gone already"])).openOrders).toEqual([]);
  });

  it("are less by what fills them, at the same sequence as the position", () => {
    const placed = apply(opened, orders("cross", [order("1", "3"), order("2", "-2")]));
    const part = apply(placed, fill("cross", "1.5", "70000", "1"));
    expect(part).toMatchObject({ openOrders: [order("1", "1.5"), order("2", "-2")], positions: [{ quantity: "1.5" }] });
    expect(apply(part, fill("cross", "1.5", "70000", "1")).openOrders).toEqual([order("2", "-2")]);
    expect(apply(part, fill("cross", "9", "70000", "1")).openOrders).toEqual([order("2", "-2")]);
    expect(apply(part, fill("cross", "1", "70000", "never rested")).openOrders).toEqual(part.openOrders);
  });

  it("are refused a fill of the other side or of another instrument", () => {
    const placed = apply(opened, orders("cross", [order("1", "3")]));
    expect(attempt(placed, fill("cross", "-1", "70000", "1"))).toMatchObject({ kind: "refused", field: "order_id" });
    expect(attempt(placed, fill("cross", "1", "70000", "1", "Q"))).toMatchObject({
      kind: "refused",
      field: "order_id",
    });
  });

  it("are refused named twice, and beyond their number in all pools together", () => {
    const twice = orders("cross", [order("1", "3"), order("1", "4")]);
    expect(attempt(opened, twice)).toMatchObject({ kind: "refused", field: "placed[1].order_id", value: "1" });
    const both = orders("cross", [order("1", "3")], ["1"]);
    expect(attempt(opened, both)).toMatchObject({ kind: "refused", field: "placed[0].order_id", value: "1" });
    const three = apply(
      opened,
      open("P"),
      orders("P", [order("1", "1"), order("2", "1")]),
      orders("cross", [order("1", "1")]),
    );
    expect(attempt(three, orders("cross", [order("2", "1")]))).toMatchObject({ kind: "refused", field: "open_orders" });
  });
});
