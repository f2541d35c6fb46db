import { createMarginEngine, defaultParameters, type MarginedPool, type Pool } from "@plimsoll/risk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitraryAccount, arbitraryPosition, chain } from "../support/books.ts";
import { accountWith } from "../support/market.ts";

const settings = { seed: 20260205, numRuns: 40 } as const;
const { methods } = defaultParameters;

function engineOf(changes: Partial<typeof methods.var>) {
  const own = { ...methods.var, stressSetId: null, ...changes };
  return createMarginEngine(chain, { ...defaultParameters, methods: { ...methods, var: own } });
}

const engine = engineOf({});
const lower = engineOf({ level: 0.95 });
const stressed = createMarginEngine(chain, defaultParameters);

function margined(account: Pool, by = engine): MarginedPool {
  const result = by.margin(account);
  if (result.status === "not_margined") throw new Error(`${result.field} is ${result.value}`);
  return result;
}

/** Positions at their marks in a dollar pool: no gain, so that what is required scales with them alone. */
const books = fc.array(arbitraryPosition(chain), { maxLength: 6 }).map((positions) =>
  accountWith({
    methodId: "var",
    positions: positions.map((position) => ({
      ...position,
      entryPrice: chain.instruments.find(({ instrument }) => instrument.instrumentId === position.instrumentId)!
        .markPrice,
    })),
  }),
);
const scaleOf = (...results: readonly MarginedPool[]) =>
  1e-9 * (1 + results.reduce((sum, { initialMargin }) => sum + Math.abs(initialMargin), 0));

describe("the requirement of var", () => {
  it("of two books together is at most the two apart: expected shortfall is sub-additive, and a stress too", () => {
    fc.assert(
      fc.property(books, books, (a, b) => {
        for (const by of [engine, stressed]) {
          const together = margined({ ...a, positions: [...a.positions, ...b.positions] }, by);
          const [first, second] = [margined(a, by), margined(b, by)];
          const apart = first.initialMargin + second.initialMargin;
          expect(together.initialMargin).toBeLessThanOrEqual(apart + scaleOf(first, second));
        }
      }),
      settings,
    );
  });

  it("doubles with the book, rises with the level and with the share of the stress", () => {
    fc.assert(
      fc.property(books, (book) => {
        const once = margined(book);
        const positions = book.positions.map((position) => ({ ...position, quantity: 2 * position.quantity }));
        const twice = margined({ ...book, positions });
        expect(Math.abs(twice.initialMargin - 2 * once.initialMargin)).toBeLessThanOrEqual(scaleOf(twice));
        expect(margined(book, lower).initialMargin).toBeLessThanOrEqual(once.initialMargin + scaleOf(once));
        expect(margined(book, stressed).initialMargin).toBeGreaterThanOrEqual(once.initialMargin - scaleOf(once));
      }),
      settings,
    );
  });

  it("has components that add up to initial margin, and parts of its explanation that add up to the tail", () => {
    fc.assert(
      fc.property(arbitraryAccount(chain, "var"), (account) => {
        const result = margined(account, stressed);
        const amounts = result.components.map(({ amount }) => amount);
        const gross = amounts.reduce((sum, amount) => sum + Math.abs(amount), 0);
        const total = amounts.reduce((sum, amount) => sum + amount, 0);
        expect(Math.abs(total - result.initialMargin)).toBeLessThanOrEqual(1e-12 * (1 + gross));
        const explained = stressed.explainVar(account);
        if (explained === null) return;
        for (const list of [explained.parts, explained.underlyings]) {
          const parts = list.map(({ component }) => component);
          const size = parts.reduce((sum, part) => sum + Math.abs(part), 0);
          const sum = parts.reduce((added, part) => added + part, 0);
          expect(Math.abs(sum - explained.figure)).toBeLessThanOrEqual(1e-12 * size + 1e-12);
        }
      }),
      settings,
    );
  });
});
