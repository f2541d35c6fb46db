import { type MarketSnapshot, moveUnderlying } from "@plimsoll/risk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AskedStage } from "../support/asked-stage.ts";
import { quotedPerpetual, underlyingState } from "../support/market.ts";
import { openMs } from "../support/venue.ts";
import { mixedMarket } from "../support/whatif-books.ts";

const perpetual = "BTC_USDC-PERPETUAL";
/** More than any venue has, and more than the kernel takes. */
const absurd = `9${"0".repeat(27)}`;

/** The mixed market with a coin so dear that the margin of what the kernel takes of it is above what can be stated. */
const market: MarketSnapshot = {
  ...mixedMarket,
  currencies: [...mixedMarket.currencies, { currency: "ZZZ", priceUsd: 1e12 }],
  underlyings: [...mixedMarket.underlyings, underlyingState("ZZZ", 1e12)],
  instruments: [
    ...mixedMarket.instruments,
    quotedPerpetual({ instrumentId: "ZZZ-PERPETUAL", underlying: "ZZZ" }, 1e12),
  ],
};

let stage: AskedStage;

const contents = (usd: string, quantity = "1", instrumentId = perpetual, entry = "68000") => ({
  pool_currency: "USD",
  method_id: "portfolio",
  collateral: [{ asset: "USD", amount: usd }],
  positions: [{ instrument_id: instrumentId, quantity, entry_price: entry }],
  open_orders: [{ order_id: "resting", instrument_id: perpetual, quantity: "1", price: "60000" }],
});

beforeAll(async () => {
  stage = await AskedStage.open(openMs);
  await stage.sweep(market);
  const state = { kind: "account_state", ...contents("100000") };
  await stage.tell([
    {
      accountId: "rich",
      from: 1,
      events: [{ ...state, pools: [{ pool_id: "one", pool_kind: "isolated", ...contents("100000") }] }],
    },
    { accountId: "poor", from: 1, events: [{ ...state, ...contents("3000"), open_orders: [] }] },
    { accountId: "absurd", from: 1, events: [{ ...state, ...contents("6100", absurd), open_orders: [] }] },
    {
      accountId: "huge",
      from: 1,
      events: [
        { ...state, ...contents("6100", `9${"0".repeat(17)}`, "ZZZ-PERPETUAL", `1${"0".repeat(12)}`), open_orders: [] },
      ],
    },
  ]);
});
afterAll(() => stage.close());

const order = (quantity: string, rest: object = {}) => ({
  order_id: "new",
  instrument_id: perpetual,
  quantity,
  price: "68000",
  ...rest,
});
const check = (orders: readonly object[], accountId = "rich", poolId = "cross") =>
  stage.question("POST /v1/orders/check", { account_id: accountId, pool_id: poolId, orders });

describe("an order check", () => {
  it.each([
    ["an instrument that nobody quotes", order("1", { instrument_id: "NOPE" }), "orders_not_projected", "NOPE"],
    [
      "an instrument that is quoted no more",
      order("1", { instrument_id: "GONE-FUTURE" }),
      "orders_not_projected",
      "GONE-FUTURE",
    ],
    ["more than the kernel takes", order(absurd), "orders_not_projected", "9e+27"],
    [
      "more than any margin states",
      order(`9${"0".repeat(17)}`, { instrument_id: "ZZZ-PERPETUAL", price: `1${"0".repeat(12)}` }),
      "orders_not_projected",
      "orders",
    ],
    ["prices that are blocked", order("1", { instrument_id: "SOL-PERPETUAL" }), "prices_blocked", "SOL"],
  ] as const)("refuses %s, with the reason", async (_, placed, rule, named) => {
    const { status, body } = await check([placed]);
    expect({ status, ...body }).toMatchObject({ status: 200, accepted: false, rule, projected_initial_margin: null });
    expect(body.reason).toContain(named);
  });

  it("counts an order that replaces one of its id instead of it", async () => {
    // Beside the resting buy of 1 a sale may close 1, and only one that replaces it leaves nothing to buy.
    const beside = (await check([order("1")])).body;
    const instead = (await check([order("1", { order_id: "resting" })])).body;
    expect(Number(instead.projected_initial_margin)).toBeLessThan(Number(beside.projected_initial_margin));
    expect((await check([order("-1", { order_id: "resting" })])).body).toMatchObject({ rule: "reduces_risk" });
  });

  it("asks for each order once, and for one instrument in an isolated pool, by the member of the request", async () => {
    const twice = await check([order("1"), order("1")]);
    expect(twice).toMatchObject({ status: 422, body: { errors: [{ field: "orders[1].order_id", value: "new" }] } });
    const other = await check([order("1", { instrument_id: "ETH-PERPETUAL" })], "rich", "one");
    expect(other).toMatchObject({ status: 422, body: { errors: [{ field: "orders" }] } });
    const simulated = await stage.question("POST /v1/margin/simulate", {
      account_id: "rich",
      changes: { placed_orders: [order("1"), order("1")] },
    });
    expect(simulated).toMatchObject({
      status: 422,
      body: { errors: [{ field: "changes.placed_orders[1].order_id" }] },
    });
    expect((await check([order("-1")], "rich", "one")).body).toMatchObject({ accepted: true });
  });

  it("refuses new risk to a pool that may only reduce, and takes what reduces", async () => {
    const { severity } = await stage.marginOf("poor");
    expect(["REDUCE_ONLY", "LIQUIDATION", "BANKRUPT"]).toContain(severity);
    expect((await check([order("0.1")], "poor")).body).toMatchObject({
      accepted: false,
      rule: "severity_allows_reducing_only",
    });
    expect((await check([order("-0.5"), order("-0.5", { order_id: "more" })], "poor")).body).toMatchObject({
      accepted: true,
    });
    expect((await check([order("-0.5"), order("-0.6", { order_id: "more" })], "poor")).body).toMatchObject({
      accepted: false,
    });
  });

  it("refuses new risk to a pool without figures, and takes what reduces", async () => {
    for (const accountId of ["absurd", "huge"]) {
      expect((await check([order("1")], accountId)).body, accountId).toMatchObject({
        accepted: false,
        rule: "not_margined",
      });
      const instrument_id = accountId === "huge" ? "ZZZ-PERPETUAL" : perpetual;
      expect((await check([order("-1", { instrument_id })], accountId)).body, accountId).toMatchObject({
        accepted: true,
        rule: "reduces_risk",
      });
    }
  });
});

describe("a what-if", () => {
  const trade = (fill: object, accountId = "rich") =>
    stage.question("POST /v1/margin/simulate", { account_id: accountId, changes: { fills: [fill] } });

  it("asks for the price of a trade where the mark is none that a trade can be reported at", async () => {
    const worthless = mixedMarket.instruments.find(
      ({ instrument, markPrice }) => instrument.kind === "option" && markPrice < 1e-40,
    );
    const instrument_id = worthless?.instrument.instrumentId;
    expect(instrument_id).toBeDefined();
    const refused = await trade({ instrument_id, quantity: "1" });
    expect(refused).toMatchObject({
      status: 422,
      body: { errors: [{ field: "changes.fills[0].price", value: "none" }] },
    });
    expect((await trade({ instrument_id, quantity: "1", price: "0.0001" })).status).toBe(200);
  });

  it("leaves the severity of a pool without figures where it is", async () => {
    for (const accountId of ["absurd", "huge"]) {
      const { status, body } = await trade({ instrument_id: perpetual, quantity: "1" }, accountId);
      expect(status, accountId).toBe(200);
      for (const side of [body.before, body.after]) {
        expect(side, accountId).toMatchObject({ status: "not_margined", severity: "NORMAL", settles_at: "NORMAL" });
      }
    }
  });

  it("goes on with the mark that counts as the entry price of a position", async () => {
    const state = { kind: "account_state", ...contents("100000", "1", perpetual, "0") };
    await stage.tell([{ accountId: "entered", from: 1, events: [state] }]);
    await stage.sweep(moveUnderlying(market, "BTC", 1.05));
    const transfer = { asset: "USD", amount: "1" };
    const body = { account_id: "entered", changes: { transfers: [transfer] } };
    const { after } = await stage.asked("POST /v1/margin/simulate", body);
    await stage.tell([{ accountId: "entered", from: 2, events: [{ kind: "transfer", ...transfer }] }]);
    const { margin } = await stage.marginOf("entered");
    expect(after.margin).toEqual(margin);
    // The position has gained since it was first seen.
    expect(Number(margin.equity)).toBeGreaterThan(103_000);
  });
});
