import type {
  DeriveExpiry,
  DeriveOption,
  Pmrm1Portfolio,
  Pmrm2Collateral,
  Pmrm2Portfolio,
  SrmPortfolio,
} from "@plimsoll/risk";
import fc from "fast-check";

/** The seed of every property over Derive books. It is fixed, so that a failure is the same failure everywhere. */
export const deriveRuns = { seed: 20260205, numRuns: 120 } as const;

/** Returns an ETH expiry with trusted feeds and, unless given, no options. */
export function deriveExpiry(days: number, options: readonly DeriveOption[] = []): DeriveExpiry {
  return {
    secondsToExpiry: days * 86_400,
    forwardFixedPortion: 0,
    forwardVariablePortion: 2000 * (1 + days * 0.0002),
    forwardConfidence: 1,
    rate: 0.06,
    rateConfidence: 1,
    volatilityConfidence: 1,
    options,
  };
}

/** Returns an ETH account at a spot price of 2000, with trusted feeds and nothing in it but what is given. */
export function derivePortfolio(held: Partial<Pmrm2Portfolio> = {}): Pmrm2Portfolio {
  return {
    cash: 0,
    stablePrice: 1,
    spotPrice: 2000,
    spotConfidence: 1,
    perpetual: null,
    collaterals: [],
    expiries: [],
    ...held,
  };
}

/** Returns the same account for the first portfolio manager, with base instead of collaterals. */
export function asPmrm1({ collaterals: _left, ...portfolio }: Pmrm2Portfolio, baseAmount = 0): Pmrm1Portfolio {
  return { ...portfolio, baseAmount };
}

/** Returns the same account for the standard manager. */
export function asSrm(portfolio: Pmrm2Portfolio, baseAmount = 0): SrmPortfolio {
  const { cash, stablePrice, spotPrice, spotConfidence, perpetual } = portfolio;
  return {
    cash,
    stablePrice,
    markets: [
      {
        market: "ETH",
        spotPrice,
        spotConfidence,
        baseAmount,
        perpetual,
        expiries: portfolio.expiries.map((expiry) => ({
          secondsToExpiry: expiry.secondsToExpiry,
          forwardPrice: expiry.forwardFixedPortion + expiry.forwardVariablePortion,
          forwardConfidence: expiry.forwardConfidence,
          volatilityConfidence: expiry.volatilityConfidence,
          options: expiry.options,
        })),
      },
    ],
  };
}

/** Amounts in eighths, whose sums are exact. */
const amount = fc.integer({ min: -80, max: 80 }).map((eighths) => eighths / 8);

const option = fc.record({
  strike: fc.constantFrom(1000, 1600, 1900, 2000, 2100, 2600, 5000),
  optionType: fc.constantFrom("call" as const, "put" as const),
  amount,
});

/** Returns the option with a volatility that depends on its strike alone, as in a smile. */
function withVolatility(held: { strike: number; optionType: "call" | "put"; amount: number }): DeriveOption {
  const moneyness = held.strike / 2000 - 1;
  return { ...held, markVolatility: 0.6 + 0.15 * moneyness * moneyness };
}

const expiries = fc
  .uniqueArray(fc.constantFrom(0.01, 0.5, 7, 30, 45, 300), { maxLength: 3 })
  .chain((days) =>
    fc.tuple(
      ...days.map((left) =>
        fc.array(option, { maxLength: 5 }).map((held) => deriveExpiry(left, held.map(withVolatility))),
      ),
    ),
  );

const confidence = fc.constantFrom(1, 0.9, 0.55, 0.5, 0.2, 0);

const collateral: fc.Arbitrary<Pmrm2Collateral> = fc.record({
  asset: fc.constantFrom("ETH", "WSTETH", "BTC"),
  amount: fc.integer({ min: 0, max: 80 }).map((eighths) => eighths / 8),
  price: fc.constantFrom(2000, 2300, 60_000),
  confidence,
  movesInScenarios: fc.boolean(),
  maintenanceHaircut: fc.constantFrom(0, 0.02, 0.2, 1),
  additionalInitialHaircut: fc.constantFrom(0, 0.01, 0.1),
});

/**
 * Random ETH accounts with options of up to three expiries, a perpetual, collaterals, and feeds of varying confidence.
 */
export const deriveBooks: fc.Arbitrary<Pmrm2Portfolio> = fc.record({
  cash: fc.integer({ min: -20_000, max: 20_000 }),
  stablePrice: fc.constantFrom(1, 1.25, 0.5),
  spotPrice: fc.constant(2000),
  spotConfidence: confidence,
  perpetual: fc.option(
    fc.record({
      amount,
      markPrice: fc.constant(2002),
      confidence,
      unrealisedCash: fc.integer({ min: -500, max: 500 }),
    }),
  ),
  collaterals: fc.array(collateral, { maxLength: 3 }),
  expiries,
});

/** Returns the account with all its amounts multiplied by `factor`. */
export function scaledBook(book: Pmrm2Portfolio, factor: number): Pmrm2Portfolio {
  const { perpetual } = book;
  return {
    ...book,
    cash: book.cash * factor,
    perpetual:
      perpetual === null
        ? null
        : { ...perpetual, amount: perpetual.amount * factor, unrealisedCash: perpetual.unrealisedCash * factor },
    collaterals: book.collaterals.map((held) => ({ ...held, amount: held.amount * factor })),
    expiries: book.expiries.map((expiry) => ({
      ...expiry,
      options: expiry.options.map((held) => ({ ...held, amount: held.amount * factor })),
    })),
  };
}
