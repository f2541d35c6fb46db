import { importMarket, snapshotOfBatch } from "@plimsoll/markets";
import {
  createMarginEngine,
  defaultParameters,
  type MarginEngine,
  type MarketSnapshot,
  type MethodId,
  methodIds,
  moveUnderlying,
  type Pool,
  severityOf,
} from "@plimsoll/risk";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { chain } from "../support/books.ts";
import { arbitraryDebitBook, arbitraryLongBook, by, leastPayoffUsd } from "../support/bounded-books.ts";

const settings = { seed: 20261130, numRuns: 60 } as const;
/** Of the index; a fall of 95 % and a rise to five times are beyond any scan. */
const multiples = [0.05, 0.5, 0.85, 1, 1.15, 2, 5] as const;
const ownMethods: readonly MethodId[] = ["static", "portfolio", "var"];

/** Engines of a market at each multiple of the price of all its coins. */
function enginesOf(snapshot: MarketSnapshot): { readonly multiple: number; readonly engine: MarginEngine }[] {
  return multiples.map((multiple) => {
    const coins = ["BTC", "ETH"];
    const moved = coins.reduce((market, coin) => moveUnderlying(market, coin, multiple), snapshot);
    return { multiple, engine: createMarginEngine(moved, defaultParameters) };
  });
}

const markets: { name: string; snapshot: MarketSnapshot; engines: ReturnType<typeof enginesOf> }[] = [];

beforeAll(async () => {
  const path = new URL("../fixtures/chains/deribit-crash-20260205T155132Z.csv.gz", import.meta.url).pathname;
  const crash = snapshotOfBatch((await importMarket(path)).batch);
  for (const [name, snapshot] of [
    ["a small chain", chain],
    ["Deribit in a crash", crash],
  ] as const) {
    markets.push({ name, snapshot, engines: enginesOf(snapshot) });
  }
}, 60_000);

/** Runs a check of accounts on every market, under every method that takes them, at every price. */
function everywhere(
  books: (snapshot: MarketSnapshot) => fc.Arbitrary<Pool>,
  check: (account: Pool, engine: MarginEngine, snapshot: MarketSnapshot, told: object) => void,
): void {
  for (const { name, snapshot, engines } of markets) {
    fc.assert(
      fc.property(books(snapshot), (book) => {
        for (const methodId of methodIds) {
          for (const { multiple, engine } of engines) {
            check(by(book, methodId), engine, snapshot, { name, methodId, multiple, book });
          }
        }
      }),
      settings,
    );
  }
}

describe("a pool that only owns options it has paid for", () => {
  it("is NORMAL at every price under every method, and our own methods ask no more than it is worth", () => {
    let margined = 0;
    everywhere(arbitraryLongBook, (account, engine, _, told) => {
      const result = engine.margin(account);
      if (result.status === "not_margined") return;
      margined += 1;
      expect(severityOf(result, defaultParameters.severity), JSON.stringify(told)).toBe("NORMAL");
      if (!ownMethods.includes(account.methodId)) return;
      // One part in 1e9: sums of the same values in another order.
      const coins = account.collateral.filter(({ asset, amount }) => amount > 0 && asset !== account.poolCurrency);
      // Coins held move as well, and are bounded by what they are worth.
      const worth = (coins.length > 0 ? result.equity : result.netOptionValue) * (1 + 1e-9);
      expect(result.initialMargin, JSON.stringify(told)).toBeLessThanOrEqual(worth);
      expect(result.maintenanceMargin).toBeLessThanOrEqual(result.initialMargin);
    });
    // All methods but the account ratio margin options.
    expect(margined).toBeGreaterThan(markets.length * settings.numRuns * (methodIds.length - 6) * multiples.length);
  });

  it("has no call price in either direction", () => {
    for (const { snapshot, engines } of markets) {
      fc.assert(
        fc.property(arbitraryLongBook(snapshot), fc.constantFrom(...methodIds), (book, methodId) => {
          const { engine } = engines[multiples.indexOf(1)]!;
          for (const { price } of engine.callPrices(by(book, methodId))) expect(price).toBeNull();
        }),
        settings,
      );
    }
  });
});

describe("a book whose loss is bounded by what it cost", () => {
  it("is asked for no more by our own methods, and is NORMAL under every method where it can owe nothing", () => {
    everywhere(arbitraryDebitBook, (account, engine, snapshot, told) => {
      const result = engine.margin(account);
      if (result.status === "not_margined") return;
      const expiries = new Set(
        account.positions.map(({ instrumentId }) => {
          const { instrument } = snapshot.instruments.find(
            (quoted) => quoted.instrument.instrumentId === instrumentId,
          )!;
          return "expiryMs" in instrument ? instrument.expiryMs : 0;
        }),
      );
      // A calendar's long leg outlives its short one, and is then worth at least as much but for the difference of their forwards.
      const isCalendar = expiries.size > 1;
      const least = isCalendar ? 0 : leastPayoffUsd(snapshot, account.positions);
      const cash = account.collateral[0]?.amount ?? 0;
      const bound = Math.max(0, result.netOptionValue - least);
      const rounding = 1e-9 * (1 + Math.abs(result.netOptionValue) + Math.abs(least));
      if (ownMethods.includes(account.methodId)) {
        expect(result.initialMargin, JSON.stringify(told)).toBeLessThanOrEqual(bound + rounding);
      }
      if (isCalendar ? result.severityBasis?.greatestDebt === 0 : cash + least >= 0) {
        expect(severityOf(result, defaultParameters.severity), JSON.stringify(told)).toBe("NORMAL");
      }
    });
  });

  it("is worth no less than its greatest debt allows, at any price", () => {
    for (const { snapshot, engines } of markets) {
      fc.assert(
        fc.property(arbitraryDebitBook(snapshot), (book) => {
          const now = engines[multiples.indexOf(1)]!.engine.margin(book);
          if (now.status === "not_margined") return;
          const debt = now.severityBasis?.greatestDebt ?? Number.POSITIVE_INFINITY;
          for (const { engine, multiple } of engines) {
            const result = engine.margin(book);
            const equity = result.status === "margined" ? result.equity : 0;
            // Marks of one expiry are not of one instant and may contradict each other by a thousandth of the notional.
            const notional =
              book.positions.reduce((sum, { quantity }) => sum + Math.abs(quantity), 0) * 70_000 * multiple;
            expect(equity, JSON.stringify({ multiple, book })).toBeGreaterThanOrEqual(-debt - 1e-3 * notional);
          }
        }),
        settings,
      );
    }
  });
});
