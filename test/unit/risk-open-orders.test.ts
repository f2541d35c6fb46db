import {
  createMarginEngine,
  defaultParameters,
  type MarginedPool,
  type OpenOrder,
  type Pool,
  type ProjectedMargin,
} from "@plimsoll/risk";
import { describe, expect, it } from "vitest";
import { chain, filledAtLimits } from "../support/books.ts";
import { accountWith } from "../support/market.ts";

const engine = createMarginEngine(chain, defaultParameters);
const perpetual = "BTC_USDC-PERPETUAL";
const future = "BTC_USDC-27MAR26";

function project(account: Pool, orders: readonly OpenOrder[]): ProjectedMargin {
  const result = engine.projectMargin(account, orders);
  if (result.status === "not_margined") throw new Error(`${result.field} is ${result.value}`);
  return result;
}

function margin(account: Pool, fills: readonly OpenOrder[] = []): MarginedPool {
  const result = engine.margin(filledAtLimits(chain, account, fills));
  if (result.status === "not_margined") throw new Error(`${result.field} is ${result.value}`);
  return result;
}

function markOf(instrumentId: string): number {
  const quoted = chain.instruments.find(({ instrument }) => instrument.instrumentId === instrumentId);
  if (quoted === undefined) throw new Error(`no ${instrumentId}`);
  return quoted.markPrice;
}

/** An order at the mark, or so much above it. */
function order(orderId: string, instrumentId: string, quantity: number, above = 0): OpenOrder {
  return { orderId, instrumentId, quantity, price: markOf(instrumentId) + above };
}

/** Ten perpetuals bought, and as many futures sold against them. */
const hedged = accountWith({
  collateral: [{ asset: "USD", amount: 100_000 }],
  positions: [
    { instrumentId: perpetual, quantity: 10, entryPrice: markOf(perpetual) },
    { instrumentId: future, quantity: -10, entryPrice: markOf(future) },
  ],
});

describe("an order that closes beside one that opens", () => {
  const close = order("close", future, 10);
  const open = order("open", perpetual, 1);

  it("is counted as filled with it: what passes is no less than what both ask", () => {
    const both = margin(hedged, [close, open]).initialMargin;
    expect(both).toBeGreaterThan(2.5 * margin(hedged, [open]).initialMargin);
    expect(project(hedged, [close, open])).toMatchObject({
      projectedInitialMargin: both,
      worstOrderIds: ["close", "open"],
    });
  });

  it("is counted whatever it is that the other opens", () => {
    const elsewhere = order("open", "ETH_USDC-PERPETUAL", 1);
    const { projectedInitialMargin } = project(hedged, [close, elsewhere]);
    expect(projectedInitialMargin).toBeCloseTo(margin(hedged, [close, elsewhere]).initialMargin, 6);
  });

  it("is counted though the other would hedge again, as that may fill in part", () => {
    const again = order("again", "BTC-PERPETUAL", -600_000);
    expect(margin(hedged, [close, again]).initialMargin).toBeLessThan(margin(hedged, [again]).initialMargin);
    const { projectedInitialMargin, worstOrderIds } = project(hedged, [close, again]);
    expect(worstOrderIds).toEqual(["close"]);
    expect(projectedInitialMargin).toBe(margin(hedged, [close]).initialMargin);
  });

  it("raises nothing alone, and neither does one beside it that closes too", () => {
    const { initialMargin } = margin(hedged);
    expect(margin(hedged, [close]).initialMargin).toBeGreaterThan(3 * initialMargin);
    const half = order("half", perpetual, -5, -2_000);
    for (const orders of [[close], [half], [close, half]]) {
      expect(project(hedged, orders)).toMatchObject({ projectedInitialMargin: initialMargin, worstOrderIds: [] });
    }
  });
});

describe("what lies between a limit and the mark", () => {
  it("is asked for where the fill loses it", () => {
    const buy = order("buy", perpetual, 2, 1_500);
    const { initialMargin, initialMarginBalance } = margin(hedged);
    const after = margin(hedged, [buy]);
    expect(after.initialMarginBalance).toBeCloseTo(initialMarginBalance - 3_000, 6);
    expect(after.initialMargin).toBeGreaterThan(initialMargin);
    expect(project(hedged, [buy]).projectedInitialMargin).toBeCloseTo(after.initialMargin + 3_000, 6);
    const sell = order("sell", perpetual, -40, -1_500);
    expect(project(hedged, [sell]).projectedInitialMargin).toBeCloseTo(
      margin(hedged, [sell]).initialMargin + 60_000,
      6,
    );
  });

  it("is no relief where the fill gains it, of its own margin and of another's loss", () => {
    const gains = order("gains", perpetual, 2, -1_500);
    // Of the 3,000 USDC gained its haircut is asked for: that much less of it counts.
    const after = margin(hedged, [gains]).initialMargin;
    expect(project(hedged, [gains]).projectedInitialMargin).toBeCloseTo(after + 0.0015 * 3_000, 6);
    const loses = order("loses", future, -11, -1_000);
    const both = margin(hedged, [gains, loses]).initialMargin;
    expect(project(hedged, [gains, loses]).projectedInitialMargin).toBeGreaterThanOrEqual(both + 11_000);
  });

  it("is counted of each order of a side by itself: the dear one may fill and the other not", () => {
    const short = { ...hedged, positions: [{ instrumentId: perpetual, quantity: -2, entryPrice: markOf(perpetual) }] };
    const dear = order("dear", perpetual, 1, 8_000);
    const other = order("other", perpetual, 1.5);
    const needs = [[dear], [dear, other]].map((fills) => margin(short, fills).initialMargin + 8_000);
    expect(needs[0]).toBeGreaterThan(needs[1]!);
    const { projectedInitialMargin, worstOrderIds } = project(short, [other, dear]);
    expect(worstOrderIds).toEqual(["dear"]);
    expect(projectedInitialMargin).toBeCloseTo(needs[0]!, 6);
  });

  it("is counted of a buy beside the sells that fill with it", () => {
    const flat = { ...hedged, positions: [] };
    const dear = order("dear", perpetual, 0.1, 8_000);
    const sell = order("sell", perpetual, -10, 100);
    // The sells gain 1,000 USDC, of which 800 pay the loss and the rest is cut.
    const both = margin(flat, [dear, sell]).initialMargin + 800 + 0.0015 * 200;
    expect(both).toBeGreaterThan(margin(flat, [sell]).initialMargin);
    const { projectedInitialMargin, worstOrderIds } = project(flat, [dear, sell]);
    expect(worstOrderIds).toEqual(["dear", "sell"]);
    expect(projectedInitialMargin).toBeCloseTo(both, 6);
  });

  it("has nothing of a premium beside it, which pays for the option sold in its own coin", () => {
    const option = chain.instruments.find(
      ({ instrument, markPrice }) =>
        instrument.kind === "option" && instrument.settlement === "inverse" && markPrice > 0.02,
    )!.instrument.instrumentId;
    const account = accountWith({ collateral: [{ asset: "BTC", amount: 2 }] });
    const sell = order("sell", option, -1);
    const before = margin(account);
    const after = margin(account, [sell]);
    expect(after.initialMarginBalance).toBeCloseTo(before.initialMarginBalance, 6);
    const { projectedInitialMargin } = project(account, [sell]);
    expect(before.initialMarginBalance - projectedInitialMargin).toBeCloseTo(after.availableFunds, 6);
  });
});
