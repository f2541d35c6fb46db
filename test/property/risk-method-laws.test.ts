import { createMarginEngine, methodIds, type Pool } from "@plimsoll/risk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitraryAccount, chain, supported } from "../support/books.ts";
import {
  homogeneousParameters,
  lawChain,
  lawEngine,
  lawParameters,
  marginBy,
  scanningMethods,
  scanRiskOf,
  sizedParameters,
  slackOf,
  wideningOf,
} from "../support/method-laws.ts";

const settings = { seed: 20260205, numRuns: 40 } as const;
const plain = lawEngine(lawParameters);
const sized = lawEngine(sizedParameters);
const homogeneous = lawEngine(homogeneousParameters);
const atPar = createMarginEngine(chain, homogeneousParameters);

/** Part of the opposite of every position. */
function oppositeOf({ positions }: Pool, share: number): Pool["positions"] {
  return positions.map((held) => ({ ...held, quantity: -share * held.quantity }));
}

describe.each(methodIds)("under %s", (methodId) => {
  const accounts = arbitraryAccount(lawChain, methodId).map(supported);
  /** Positions alone, in US dollars. */
  const books = accounts.map((account): Pool => ({ ...account, poolCurrency: "USD", collateral: [] }));

  it.each([
    ["as it ships", plain],
    ["charged for size", sized],
  ])("initial margin is not below maintenance, nor that below nothing, %s", (_, engine) => {
    fc.assert(
      fc.property(accounts, (account) => {
        const { initialMargin, maintenanceMargin } = marginBy(engine, account);
        expect(maintenanceMargin).toBeGreaterThanOrEqual(-slackOf(engine, account));
        expect(initialMargin).toBeGreaterThanOrEqual(maintenanceMargin - slackOf(engine, account));
      }),
      settings,
    );
  });

  it("a book and its balances scaled scale what is asked, without what grows with size", () => {
    fc.assert(
      fc.property(accounts, fc.constantFrom(0.01, 0.5, 3, 1000), (account, factor) => {
        const scaled = marginBy(homogeneous, {
          ...account,
          collateral: account.collateral.map((held) => ({ ...held, amount: factor * held.amount })),
          positions: account.positions.map((held) => ({ ...held, quantity: factor * held.quantity })),
        });
        const one = marginBy(homogeneous, account);
        const slack = factor * slackOf(homogeneous, account);
        expect(Math.abs(scaled.initialMargin - factor * one.initialMargin)).toBeLessThanOrEqual(slack);
        expect(Math.abs(scaled.maintenanceMargin - factor * one.maintenanceMargin)).toBeLessThanOrEqual(slack);
        expect(Math.abs(scanRiskOf(scaled) - factor * scanRiskOf(one))).toBeLessThanOrEqual(slack);
      }),
      settings,
    );
  });

  it("neither the order nor the pieces of fills change a bit of the result, nor does a fresh engine (I11)", () => {
    const records = accounts.chain((account) => {
      const pieces = account.positions.flatMap((held) =>
        [0.5, 0.25, 0.25].map((share) => ({ ...held, quantity: share * held.quantity })),
      );
      return fc.record({
        account: fc.constant(account),
        positions: fc.shuffledSubarray(pieces, { minLength: pieces.length }),
        collateral: fc.shuffledSubarray([...account.collateral], { minLength: account.collateral.length }),
      });
    });
    fc.assert(
      fc.property(records, ({ account, positions, collateral }) => {
        const expected = JSON.stringify(marginBy(sized, account));
        const recorded = { ...account, positions, collateral };
        expect(JSON.stringify(marginBy(sized, recorded))).toBe(expected);
        expect(JSON.stringify(marginBy(lawEngine(sizedParameters), recorded))).toBe(expected);
      }),
      { ...settings, numRuns: 20 },
    );
  });

  it("a book closed by its opposite needs nothing", () => {
    fc.assert(
      fc.property(books, (book) => {
        const closed = { ...book, positions: [...book.positions, ...oppositeOf(book, 1)] };
        expect(marginBy(sized, closed)).toMatchObject({ initialMargin: 0, maintenanceMargin: 0 });
      }),
      settings,
    );
  });
});

const widenings = scanningMethods.flatMap((methodId) => {
  const sets = wideningOf(methodId);
  return sets === null ? [] : [[methodId, ...sets] as const];
});

// SPAN's grid is no parameter: risk-methods-parts.test.ts adds to it.
it.each(widenings)("under %s more scenarios beside the same ones never find less", (methodId, narrow, wide) => {
  const [few, more] = [lawEngine(narrow), lawEngine(wide)];
  fc.assert(
    fc.property(arbitraryAccount(lawChain, methodId).map(supported), (account) => {
      const found = scanRiskOf(marginBy(few, account));
      expect(scanRiskOf(marginBy(more, account))).toBeGreaterThanOrEqual(found - slackOf(few, account));
    }),
    settings,
  );
});

describe.each(scanningMethods)("scan risk under %s", (methodId) => {
  const books = arbitraryAccount(lawChain, methodId).map(
    (account): Pool => ({ ...supported(account), poolCurrency: "USD", collateral: [] }),
  );

  it("never rises with an offsetting position (I11)", () => {
    const share = fc.integer({ min: 0, max: 16 }).map((sixteenths) => sixteenths / 16);
    fc.assert(
      fc.property(books, share, (book, part) => {
        const offset = { ...book, positions: [...book.positions, ...oppositeOf(book, part)] };
        const before = marginBy(homogeneous, book);
        expect(scanRiskOf(marginBy(homogeneous, offset))).toBeLessThanOrEqual(
          scanRiskOf(before) + slackOf(homogeneous, book),
        );
      }),
      settings,
    );
  });

  // At par: off it, a loss in a stablecoin costs more where more of it is owed.
  it("of two books together is not above that of both apart", () => {
    fc.assert(
      fc.property(books, books, (first, second) => {
        const together = { ...first, positions: [...first.positions, ...second.positions] };
        const apart = [first, second].map((book) => scanRiskOf(marginBy(atPar, book)) + slackOf(atPar, book));
        expect(scanRiskOf(marginBy(atPar, together))).toBeLessThanOrEqual(apart.reduce((sum, risk) => sum + risk));
      }),
      settings,
    );
  });
});
