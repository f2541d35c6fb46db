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

  // A perpetual, a call sold and a put bought at one strike: whatever the price does, they gain and lose the same.
  const hedged = (usd: string, method_id = "portfolio") => ({
    kind: "account_state",
    pool_currency: "USD",
    method_id,
    collateral: [{ asset: "USD", amount: usd }],
    positions: [
      { instrument_id: perpetual, quantity: "1", entry_price: "68000" },
      { instrument_id: "BTC-8D-67985-call-linear", quantity: "-1", entry_price: "2878" },
      { instrument_id: "BTC-8D-67985-put-linear", quantity: "1", entry_price: "2824" },
    ],
    open_orders: [],
  });
  const [sold, bought, unprotected] = ["-1", "1", "-1"].map((quantity, index) => {
    const legs = [perpetual, "BTC-8D-67985-call-linear", "BTC-8D-67985-put-linear"] as const;
    return { order_id: `leg${index}`, instrument_id: legs[index]!, quantity, price: ["68000", "2878", "2824"][index]! };
  });

  it.each(["portfolio", "span"])("refuses to break a hedge that the rest cannot pay for, under %s", async (method) => {
    const [poor, rich] = [`hedged-poor-${method}`, `hedged-rich-${method}`];
    await stage.tell([
      { accountId: poor, from: 1, events: [hedged("6000", method)] },
      { accountId: rich, from: 1, events: [hedged("60000", method)] },
    ]);
    expect((await stage.marginOf(poor)).severity).toBe("NORMAL");
    const refused = (await check([sold!], poor)).body;
    expect(refused).toMatchObject({ accepted: false, rule: "initial_margin_exceeded", reduces_risk: false });
    expect(refused.worst_order_ids).toEqual(["leg0"]);
    const { after } = await stage.asked("POST /v1/margin/simulate", {
      account_id: poor,
      changes: { fills: [{ instrument_id: perpetual, quantity: "-1", price: "68000" }] },
    });
    expect(Number(after.margin.available_funds)).toBeLessThan(0);
    expect(Number(refused.projected_initial_margin)).toBeGreaterThanOrEqual(Number(after.margin.initial_margin));
    expect((await check([sold!], rich)).body).toMatchObject({
      accepted: true,
      rule: "initial_margin_covered",
      reduces_risk: false,
    });
    // To buy back the call leaves a perpetual with a put, which can lose what the put insures and no more.
    expect((await check([bought!], poor)).body).toMatchObject({ accepted: true, rule: "initial_margin_covered" });
    // All three legs leave nothing, but one of them may fill without the others.
    const legs = (await check([sold!, bought!, unprotected!], poor)).body;
    expect(legs).toMatchObject({ accepted: false, reduces_risk: false });
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

  it("answers a batch in answers of at most 6 MB, and says where to go on", async () => {
    const legs = ["BTC-8D-67985-call-linear", "ETH-PERPETUAL", "BTC_USDC-PERPETUAL", "SOL-PERPETUAL"];
    // What is set aside is told in every result.
    const unknown = Array.from({ length: 20 }, (_, index) => `NOBODY-QUOTES-THIS-${index}`);
    const positions = [...legs, ...unknown].map((instrument_id) => ({
      instrument_id,
      quantity: "-1",
      entry_price: "1000",
    }));
    const state = { kind: "account_state", ...contents("500000"), method_id: "portfolio_okx", positions };
    await stage.tell([{ accountId: "wide", from: 1, events: [state] }]);
    const candidates = Array.from({ length: 1_000 }, () => ({ fills: [{ instrument_id: perpetual, quantity: "1" }] }));
    const { body } = await stage.question("POST /v1/margin/simulate/batch", { account_id: "wide", candidates });
    // A function's answer is an object whose body is the text of the JSON.
    const bytes = JSON.stringify({ body: JSON.stringify(body) }).length;
    expect(bytes).toBeGreaterThan(4_500_000);
    expect(bytes).toBeLessThan(6_000_000);
    expect(body.results.length).toBeLessThan(1_000);
    expect(body.next_index).toBe(body.results.length);
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
