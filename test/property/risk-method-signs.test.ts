import {
  buildSpanBook,
  buildTimsPoints,
  bybitMajor,
  cashPool,
  computeDeribitVectors,
  computeParadexLosses,
  computePoolViewLosses,
  computeSpanRequirement,
  computeTimsPnl,
  createMarginEngine,
  defaultSpanParameters,
  deribitPmeBtc,
  type HeldInstrument,
  okxMajor,
  paradexParameters,
  priceBybitScenarios,
  priceDeribitScenarios,
  priceOkxScenarios,
  priceParadexScenarios,
  type QuotedInstrument,
} from "@plimsoll/risk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitraryPosition, chain, propertySettings } from "../support/books.ts";
import { accountWith, asOfMs } from "../support/market.ts";
import { lawParameters } from "../support/method-laws.ts";

const index = chain.underlyings.find(({ underlying }) => underlying === "BTC")?.indexPrice ?? Number.NaN;
const bitcoin = {
  ...chain,
  instruments: chain.instruments.filter(({ instrument }) => instrument.underlying === "BTC"),
};
const quotes = new Map(bitcoin.instruments.map((quoted) => [quoted.instrument.instrumentId, quoted]));
const engine = createMarginEngine(chain, lawParameters);

/** What a book on BTC gains or loses in each scenario of a method. */
const vectorsOf: Readonly<Record<string, (holdings: readonly HeldInstrument[]) => readonly number[]>> = {
  span: (holdings) => {
    const { positions, parameters } = buildSpanBook(holdings, defaultSpanParameters, new Map([["BTC", index]]), asOfMs);
    return computeSpanRequirement(positions, parameters).commodities.flatMap(({ losses }) => [...losses]);
  },
  tims: (holdings) => [...computeTimsPnl(holdings, buildTimsPoints(0.15, 0.15), index, "model", asOfMs)],
  portfolio_deribit: (holdings) => {
    const vectors = computeDeribitVectors(holdings, priceDeribitScenarios(deribitPmeBtc, asOfMs), index, "cash");
    return [...vectors.standard, ...vectors.extended];
  },
  portfolio_okx: (holdings) => [
    ...computePoolViewLosses(holdings, priceOkxScenarios("BTC", okxMajor, asOfMs), index, cashPool),
  ],
  portfolio_paradex: (holdings) => [
    ...computeParadexLosses(holdings, priceParadexScenarios(paradexParameters, asOfMs), index),
  ],
  portfolio_bybit: (holdings) => [
    ...computePoolViewLosses(holdings, priceBybitScenarios("BTC", bybitMajor, asOfMs), index, cashPool),
  ],
  portfolio: (holdings) => engine.scenarioLosses(accountOf(holdings)).flatMap(({ losses }) => [...losses]),
  var: (holdings) =>
    [...(engine.explainVar(accountOf(holdings))?.stresses ?? [])]
      .sort((a, b) => (a.scenarioId < b.scenarioId ? -1 : 1))
      .map(({ loss }) => loss),
};

/** Entered at the marks, in US dollars. */
function accountOf(holdings: readonly HeldInstrument[]) {
  return accountWith({
    positions: holdings.map(({ quoted, quantity }) => ({
      instrumentId: quoted.instrument.instrumentId,
      quantity,
      entryPrice: quoted.markPrice,
    })),
  });
}

const books = fc.array(arbitraryPosition(bitcoin), { minLength: 1, maxLength: 5 }).map((positions) =>
  positions.map(
    ({ instrumentId, quantity }): HeldInstrument => ({
      quoted: quotes.get(instrumentId) as QuotedInstrument,
      quantity,
    }),
  ),
);

describe.each(Object.entries(vectorsOf))("in the scenarios of %s", (_, vectorOf) => {
  // Derive's static discounts break it: see risk-method-counterexamples.test.ts.
  it("the short of a book has exactly the negatives of the long", () => {
    fc.assert(
      fc.property(books, (book) => {
        const short = book.map(({ quoted, quantity }) => ({ quoted, quantity: 0 - quantity }));
        const negated = vectorOf(short).map((entry) => 0 - entry);
        const long = vectorOf(book).map((entry) => 0 + entry);
        expect(long.length).toBeGreaterThan(0);
        expect(negated).toEqual(long);
      }),
      { ...propertySettings, numRuns: 40 },
    );
  });
});
