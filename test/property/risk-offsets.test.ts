import {
  createMarginEngine,
  defaultParameters,
  type MarginEngine,
  type MarginedPool,
  type MethodId,
  type MethodParameters,
  type Pool,
} from "@plimsoll/risk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitraryAccount, chain } from "../support/books.ts";

const settings = { seed: 20260205, numRuns: 60 } as const;
const { methods } = defaultParameters;
const creditNames: readonly string[] = ["currency_offset_credit", "inter_commodity_credit", "product_group_credit"];

function engineWith(changed: Partial<MethodParameters>): MarginEngine {
  return createMarginEngine(chain, { ...defaultParameters, methods: { ...methods, ...changed } });
}

function margined(engine: MarginEngine, account: Pool): MarginedPool {
  const result = engine.margin(account);
  if (result.status === "not_margined") throw new Error(`${account.methodId}: ${result.field} is ${result.value}`);
  return result;
}

const majors = { name: "majors", underlyings: ["BTC", "ETH"] };

/** The same method from no credit to the most, each step allowing a little more than the one before. */
const ladders: readonly (readonly [MethodId, readonly Partial<MethodParameters>[]])[] = [
  [
    "portfolio",
    [
      {},
      ...[
        { gainShare: 0, decorrelation: 0.5 },
        { gainShare: 0.5, decorrelation: 0.5 },
        { gainShare: 1, decorrelation: 0 },
      ].map((terms) => ({ portfolio: { ...methods.portfolio, offsets: [{ ...majors, ...terms }] } })),
    ],
  ],
  [
    "portfolio_deribit",
    [1, 0.5, 0].map((decorrelation) => ({ portfolioDeribit: { ...methods.portfolioDeribit, decorrelation } })),
  ],
  [
    "tims",
    [
      { tims: { ...methods.tims, productGroups: [] } },
      ...[0, 0.5, 1].map((offset) => ({ tims: { ...methods.tims, productGroups: [{ ...majors, offset }] } })),
    ],
  ],
  [
    "span",
    [0, 0.4, 0.8].map((creditRate) => ({
      span: { ...methods.span, credits: methods.span.credits.map((credit) => ({ ...credit, creditRate })) },
    })),
  ],
];

describe.each(ladders)("credits between underlyings under %s", (methodId, steps) => {
  const engines = steps.map(engineWith);

  it("a greater offset never asks more, initial stays at or above maintenance, and components add up", () => {
    fc.assert(
      fc.property(arbitraryAccount(chain, methodId), (account) => {
        const results = engines.map((engine) => margined(engine, account));
        for (const [index, result] of results.entries()) {
          const slack = 1e-9 * (1 + Math.abs(result.initialMargin));
          const before = results[index - 1] ?? result;
          expect(result.initialMargin).toBeLessThanOrEqual(before.initialMargin + slack);
          expect(result.maintenanceMargin).toBeLessThanOrEqual(before.maintenanceMargin + slack);
          expect(result.maintenanceMargin).toBeGreaterThanOrEqual(-slack);
          expect(result.initialMargin).toBeGreaterThanOrEqual(result.maintenanceMargin - slack);
          const sum = result.components.reduce((total, { amount }) => total + amount, 0);
          expect(Math.abs(sum - result.initialMargin)).toBeLessThanOrEqual(slack);
        }
      }),
      settings,
    );
  });

  it("credits nothing to a book on one underlying, and never more than its own underlying is asked", () => {
    const most = engines[engines.length - 1];
    const none = engines[0];
    if (most === undefined || none === undefined) throw new Error("no engines");
    fc.assert(
      fc.property(arbitraryAccount(chain, methodId), (account) => {
        const alone: Pool = {
          ...account,
          poolCurrency: "USD",
          collateral: [],
          positions: account.positions.filter(({ instrumentId }) => /^BTC.*(USDC|linear)/.test(instrumentId)),
        };
        expect(margined(most, alone).components.filter(({ name }) => creditNames.includes(name))).toEqual([]);
        const { components } = margined(most, account);
        for (const { underlying } of margined(none, account).units) {
          const own = components.filter((component) => component.underlying === underlying);
          const total = own.reduce((sum, { amount }) => sum + amount, 0);
          expect(total).toBeGreaterThanOrEqual(-1e-9 * own.reduce((sum, { amount }) => sum + Math.abs(amount), 1));
        }
      }),
      settings,
    );
  });
});
