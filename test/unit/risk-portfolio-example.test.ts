import { createMarginEngine, defaultParameters, type Pool } from "@plimsoll/risk";
import { describe, expect, it } from "vitest";
import {
  accountWith,
  expiryInDays,
  marketSnapshot,
  quotedFuture,
  quotedOption,
  quotedPerpetual,
  underlyingState,
} from "../support/market.ts";

const inverse = { underlying: "BTC", settlement: "inverse" } as const;
const expiryMs = expiryInDays(30);
const snapshot = marketSnapshot(
  [underlyingState("BTC", 50_000)],
  [
    quotedPerpetual({ instrumentId: "PERPETUAL", ...inverse }, 50_000),
    quotedFuture({ instrumentId: "FUTURE", ...inverse, expiryMs: expiryInDays(73) }, 50_500),
    quotedOption({ instrumentId: "CALL", ...inverse, optionType: "call", strike: 55_000, expiryMs }, 50_200, 0.6),
    quotedOption({ instrumentId: "PUT", ...inverse, optionType: "put", strike: 40_000, expiryMs }, 50_200, 0.7),
  ],
);
const positions = [
  { instrumentId: "PERPETUAL", quantity: 100_000, entryPrice: 50_000 },
  { instrumentId: "FUTURE", quantity: -50_500, entryPrice: 50_500 },
  { instrumentId: "CALL", quantity: -3, entryPrice: 0 },
  { instrumentId: "PUT", quantity: -2, entryPrice: 0 },
];
const engine = createMarginEngine(snapshot, defaultParameters);

function rowOf(account: Partial<Pool>): number[] {
  const result = engine.margin(accountWith({ ...account, positions }));
  if (result.status !== "margined") throw new Error(`${result.field}: ${result.value}`);
  return [
    ...result.components.map(({ amount }) => amount),
    result.initialMargin,
    result.maintenanceMargin,
    result.marginBalance,
  ];
}

describe("the worked example of docs/methods/portfolio.md", () => {
  it.each([
    [{ collateral: [{ asset: "USD", amount: 40_000 }] }, [9484.8, 1135.87, 1766.73, 12387.41, 9909.93, 33770.45], 2],
    [{ collateral: [{ asset: "BTC", amount: 0.8 }] }, [13484.8, 1135.87, 1766.73, 16387.41, 13109.93, 33095.04], 2],
    [
      { poolCurrency: "BTC", collateral: [{ asset: "BTC", amount: 0.8 }] },
      [0.224617, 0.022717, 0.035335, 0.282669, 0.226135, 0.675409],
      6,
    ],
    [{ methodId: "static", collateral: [{ asset: "USD", amount: 40_000 }] }, [80000, 80000, 64000, 33770.45], 2],
  ] as const)("has the row of %j", (account, row, digits) => {
    expect(rowOf(account).map((figure) => Number(figure.toFixed(digits)))).toEqual(row);
  });

  it("loses everything at the same prices in either pool of coin", () => {
    for (const poolCurrency of ["USD", "BTC"]) {
      const prices = engine.callPrices(
        accountWith({ poolCurrency, collateral: [{ asset: "BTC", amount: 0.8 }], positions }),
      );
      const bankrupt = prices
        .filter(({ severity }) => severity === "BANKRUPT")
        .map(({ price }) => Math.round(price ?? 0));
      expect(bankrupt).toEqual([95_280, 34_705]);
    }
  });
});
