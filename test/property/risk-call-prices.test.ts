import {
  type CallPrice,
  createMarginEngine,
  defaultParameters,
  moveMarket as moveMarketBy,
  moveUnderlying,
  severityOf,
  severityRank,
} from "@plimsoll/risk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createBook } from "../../packages/risk/src/engine/book/create-book.ts";
import { createMarket, type Market, moveMarket, moveView } from "../../packages/risk/src/engine/market/market.ts";
import { type Evaluation, evaluate } from "../../packages/risk/src/engine/measure/evaluate.ts";
import { createMovedBook } from "../../packages/risk/src/engine/measure/moved-book.ts";
import type { NodePrices } from "../../packages/risk/src/engine/measure/node-prices.ts";
import { arbitraryAccount, chain, propertySettings } from "../support/books.ts";
import { mixedMarket } from "../support/whatif-books.ts";

const engine = createMarginEngine(chain, defaultParameters);
const settings = { ...propertySettings, numRuns: 60 };

function indexOf(underlying: string): number {
  const state = chain.underlyings.find((entry) => entry.underlying === underlying);
  if (state === undefined) throw new Error(`no ${underlying} in the chain`);
  return state.indexPrice;
}

/** Rank of the severity with the underlying at a price, by a snapshot built for that price alone. */
function rankAt(account: Parameters<typeof engine.margin>[0], underlying: string, price: number): number {
  const moved = moveUnderlying(chain, underlying, price / indexOf(underlying));
  const result = createMarginEngine(moved, defaultParameters).margin(account);
  if (result.status !== "margined") throw new Error(result.remedy);
  return severityRank(severityOf(result, defaultParameters.severity));
}

describe("call prices", () => {
  it("are where a severity starts: in it just beyond, not yet just before", () => {
    let found = 0;
    fc.assert(
      fc.property(arbitraryAccount(chain), (account) => {
        for (const { underlying, direction, severity, price } of engine.callPrices(account)) {
          if (price === null) continue;
          found += 1;
          const outward = direction === "up" ? 1 : -1;
          expect(rankAt(account, underlying, price * (1 + outward * 1e-8))).toBeGreaterThanOrEqual(
            severityRank(severity),
          );
          expect(rankAt(account, underlying, price * (1 - outward * 1e-8))).toBeLessThan(severityRank(severity));
        }
      }),
      settings,
    );
    expect(found).toBeGreaterThan(100);
  });

  it("are the nearest: no price of a fine grid before them has the severity", () => {
    fc.assert(
      fc.property(arbitraryAccount(chain), (account) => {
        const prices = engine.callPrices(account);
        for (const { underlying, direction } of prices) {
          const own = prices.filter((entry) => entry.underlying === underlying && entry.direction === direction);
          for (let percent = 0.5; percent < 90; percent += 7.3) {
            const price = indexOf(underlying) * (1 + (direction === "up" ? percent : -percent) / 100);
            const rank = rankAt(account, underlying, price);
            for (const entry of own) expectNotPassed(entry, price, rank);
          }
        }
      }),
      { ...settings, numRuns: 4 },
    );
  });

  it("rise with gravity in distance, and give a reason where there is no price", () => {
    fc.assert(
      fc.property(arbitraryAccount(chain), (account) => {
        const prices = engine.callPrices(account);
        for (const { price, distance, reason } of prices)
          expect(price === null).toBe(distance === null || reason !== null);
        for (const [index, entry] of prices.entries()) {
          const milder = prices[index - 1];
          if (entry.severity === "WARNING" || entry.distance === null) continue;
          expect(Math.abs(milder?.distance ?? 0)).toBeLessThanOrEqual(Math.abs(entry.distance) + 2e-9);
        }
      }),
      settings,
    );
  });
});

it("the market of a what-if is the one that call prices are searched in, stablecoins taken at par included", () => {
  const market = {
    ...mixedMarket,
    underlyings: mixedMarket.underlyings.map((state) => ({ ...state, atPar: "USDC" })),
  };
  const underlying = fc.constantFrom(...market.underlyings.map((state) => state.underlying));
  fc.assert(
    fc.property(underlying, fc.constantFrom(0.5, 0.999, 1, 1.21, 3), (moved, price) => {
      const whatIf = moveMarketBy(market, new Map([[moved, { price, volatility: 1 }]]), defaultParameters);
      expect(whatIf).toEqual(moveUnderlying(market, moved, price));
    }),
    settings,
  );
});

describe("a book at other prices of one underlying", () => {
  it("has the requirement of the moved market to the bit, at nodes and between them, and its balances", () => {
    const market = createMarket(chain, defaultParameters);
    const nodePrices: NodePrices = new Map();
    const stretch = [1.01, 1.02, 0.5];
    let compared = 0;
    fc.assert(
      fc.property(arbitraryAccount(chain), fc.double({ min: 0.02, max: 4, noNaN: true }), (account, multiple) => {
        const book = createBook(market, account);
        if ("status" in book) return;
        for (const unit of book.units) {
          const moved = createMovedBook(market, book, unit, evaluate(market, book), nodePrices);
          const expected = (at: number) => evaluate(movedMarket(market, unit.underlyingIndex, at), book);
          const between = moved.figuresAt(multiple);
          expectSameFigures(between, expected(multiple));
          for (const [node, at] of stretch.entries()) {
            expectSameFigures(moved.figuresAtNode(stretch, node), expected(at));
          }
          expect(moved.equityAt(multiple)).toBe(between.equity);
          compared += 1;
        }
      }),
      settings,
    );
    expect(compared).toBeGreaterThan(50);
  });
});

function movedMarket(market: Market, underlyingIndex: number, multiple: number): Market {
  const view = market.views[underlyingIndex];
  if (!view) throw new Error("no view of this underlying");
  return moveMarket(market, moveView(view, multiple));
}

function expectSameFigures(actual: Evaluation, expected: Evaluation): void {
  expect(actual.initialMargin).toBe(expected.initialMargin);
  expect(actual.maintenanceMargin).toBe(expected.maintenanceMargin);
  // The moved unit is added after the others, in another order than in the whole book: the last bits differ.
  const scale = 1e-13 * (1 + Math.abs(expected.equity) + expected.initialMargin);
  expect(Math.abs(actual.equity - expected.equity)).toBeLessThanOrEqual(scale);
  expect(Math.abs(actual.marginBalance - expected.marginBalance)).toBeLessThanOrEqual(scale);
}

/** A price that is not yet at the call price must not have its severity. */
function expectNotPassed(entry: CallPrice, price: number, rank: number): void {
  if (entry.reason === "already_at_or_beyond" || entry.reason === "no_exposure") return;
  const isBefore = entry.price === null || (entry.direction === "up" ? price < entry.price : price > entry.price);
  if (isBefore) expect(rank).toBeLessThan(severityRank(entry.severity));
}
