import { readFileSync } from "node:fs";
import { createMarginEngine, defaultParameters, type OpenOrder, type Pool, severityOf } from "@plimsoll/risk";
import { describe, expect, it } from "vitest";
import { accountWith, marketSnapshot, quotedPerpetual, underlyingState } from "../support/market.ts";
import { exampleAccount, exampleSnapshot } from "../support/method-examples.ts";

const page = readFileSync(new URL("../../docs/methods/orders.md", import.meta.url), "utf8");

/** The orders of the example, each at the mark. */
const orders: Readonly<Record<string, OpenOrder>> = {
  A: order("A", "BTC-80000-call", -1),
  B: order("B", "BTC-80000-call", 2),
  C: order("C", "BTC-PERPETUAL", 1),
  D: order("D", "BTC-60000-put", -3),
};

function order(orderId: string, instrumentId: string, quantity: number): OpenOrder {
  const quoted = exampleSnapshot.instruments.find((one) => one.instrument.instrumentId === instrumentId);
  if (quoted === undefined) throw new Error(`no ${instrumentId}`);
  return { orderId, instrumentId, quantity, price: quoted.markPrice };
}

function orderTable(): string {
  const engine = createMarginEngine(exampleSnapshot, defaultParameters);
  const rows = ["", "B", "A", "C", "D", "A, C", "A, B, C, D"].map((names) => {
    const open = names === "" ? [] : names.split(", ").flatMap((name) => orders[name] ?? []);
    const projected = engine.projectMargin(exampleAccount("portfolio"), open);
    if (projected.status === "not_margined") throw new Error(projected.value);
    const { initialMargin, projectedInitialMargin, worstOrderIds } = projected;
    return [names || "none", initialMargin.toFixed(2), projectedInitialMargin.toFixed(2), worstOrderIds.join(", ")];
  });
  return tableOf(["open orders", "initial margin", "projected", "worst subset"], rows);
}

const short = { instrumentId: "BTC-PERPETUAL", quantity: -1, entryPrice: 70_000 };
const pools: readonly [string, Pool][] = [
  ["cross", accountWith({ collateral: [{ asset: "USD", amount: 100_000 }] })],
  ["isolated", accountWith({ collateral: [{ asset: "USD", amount: 20_000 }], positions: [short] })],
  ["one pool", accountWith({ collateral: [{ asset: "USD", amount: 120_000 }], positions: [short] })],
];

function poolTable(): string {
  const rows = [70_000, 85_000, 95_000].flatMap((price) => {
    const perpetual = { instrumentId: "BTC-PERPETUAL", underlying: "BTC" };
    const market = marketSnapshot([underlyingState("BTC", price)], [quotedPerpetual(perpetual, price)]);
    const engine = createMarginEngine(market, defaultParameters);
    return pools.map(([name, account]) => {
      const result = engine.margin(account);
      if (result.status === "not_margined") throw new Error(result.value);
      const { equity, initialMargin, maintenanceMargin } = result;
      const severity = severityOf(result, defaultParameters.severity);
      const figures = [equity, initialMargin, maintenanceMargin].map((amount) => amount.toFixed(2));
      return [price.toLocaleString("en-US"), name, ...figures, severity];
    });
  });
  return tableOf(["BTC", "pool", "equity", "initial margin", "maintenance margin", "severity"], rows);
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

describe("the page on open orders and pools", () => {
  it("has the orders of its example computed", () => {
    expect(page).toContain(orderTable());
  });

  it("has the pools of its example computed", () => {
    expect(page).toContain(poolTable());
  });
});
