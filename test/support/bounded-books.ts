import {
  type MarketSnapshot,
  type MethodId,
  type OptionInstrument,
  type Pool,
  type Position,
  type QuotedInstrument,
  settlementCurrency,
} from "@plimsoll/risk";
import fc from "fast-check";
import { accountWith } from "./market.ts";

/** An option of a snapshot with its quote. */
export type QuotedOption = QuotedInstrument & { readonly instrument: OptionInstrument };

/** Returns the options of a snapshot whose mark is above 0. */
export function optionsOf(snapshot: MarketSnapshot): QuotedOption[] {
  return snapshot.instruments.filter(
    (quoted): quoted is QuotedOption => quoted.instrument.kind === "option" && quoted.markPrice > 0,
  );
}

/**
 * Draws a pool of US dollars, USDC or bitcoin that bought up to six options. Its cash is 0 or more, and it may hold
 * other collateral.
 */
export function arbitraryLongBook(snapshot: MarketSnapshot): fc.Arbitrary<Pool> {
  const position = fc
    .record({ quoted: fc.constantFrom(...optionsOf(snapshot)), tenths: fc.integer({ min: 1, max: 50 }) })
    .map(({ quoted, tenths }) => bought(quoted, tenths / 10));
  return fc
    .record({
      poolCurrency: fc.constantFrom("USD", "USDC", "BTC"),
      cash: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 5_000 })),
      others: fc.oneof(
        fc.constant([]),
        fc.array(
          fc.record({ asset: fc.constantFrom("BTC", "ETH", "USDC", "USD"), amount: fc.integer({ min: 0, max: 3 }) }),
          { maxLength: 3 },
        ),
      ),
      positions: fc.array(position, { minLength: 1, maxLength: 6 }),
    })
    .map(({ poolCurrency, cash, others, positions }) =>
      accountWith({ poolCurrency, collateral: [{ asset: poolCurrency, amount: cash }, ...others], positions }),
    );
}

function bought({ instrument, markPrice }: QuotedOption, quantity: number): Position {
  return { instrumentId: instrument.instrumentId, quantity, entryPrice: markPrice };
}

/** Structures of which one unit can lose at most what it costs. */
export type Structure = "call spread" | "put spread" | "calendar" | "condor" | "butterfly";

/** The legs of one structure, each an option and how many of it. All are of one coin and settle alike. */
type Legs = readonly (readonly [QuotedOption, number])[];

export function arbitraryDebitBook(snapshot: MarketSnapshot): fc.Arbitrary<Pool> {
  const options = optionsOf(snapshot);
  return fc
    .record({
      structure: fc.constantFrom<Structure>("call spread", "put spread", "calendar", "condor", "butterfly"),
      anchor: fc.constantFrom(...options),
      picks: fc.array(fc.nat(), { minLength: 4, maxLength: 4 }),
      tenths: fc.integer({ min: 1, max: 30 }),
      cash: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 2_000 })),
    })
    .map(({ structure, anchor, picks, tenths, cash }) => {
      const legs = legsOf(structure, anchor, options, picks);
      const positions = legs.map(([quoted, count]) => bought(quoted, Number(((tenths * count) / 10).toFixed(1))));
      return accountWith({ poolCurrency: "USD", collateral: [{ asset: "USD", amount: cash }], positions });
    })
    .filter(({ positions }) => positions.length > 1);
}

function legsOf(structure: Structure, anchor: QuotedOption, options: readonly QuotedOption[], picks: number[]): Legs {
  const { instrument } = anchor;
  const isAlike = ({ instrument: other }: QuotedOption) =>
    other.underlying === instrument.underlying && settlementCurrency(other) === settlementCurrency(instrument);
  const own = options.filter(
    (option) => isAlike(option) && option.instrument.optionType === typeOf(structure, instrument),
  );
  if (structure === "calendar") {
    const twins = own
      .filter(({ instrument: other }) => other.strike === instrument.strike)
      .sort((a, b) => a.instrument.expiryMs - b.instrument.expiryMs);
    const sold = picks[0]! % Math.max(1, twins.length - 1);
    const later = twins[sold + 1];
    return later === undefined
      ? []
      : [
          [later, 1],
          [twins[sold]!, -1],
        ];
  }
  const ladder = own
    .filter(({ instrument: other }) => other.expiryMs === instrument.expiryMs)
    .sort((a, b) => a.instrument.strike - b.instrument.strike);
  const chosen = [...new Set(picks.map((pick) => pick % ladder.length))]
    .sort((a, b) => a - b)
    .map((index) => ladder[index]!);
  const [first, second, third, fourth] = chosen;
  if (second === undefined || first === undefined) return [];
  switch (structure) {
    case "call spread":
      return [
        [first, 1],
        [second, -1],
      ];
    case "put spread":
      return [
        [second, 1],
        [first, -1],
      ];
    case "butterfly": {
      if (third === undefined) return [];
      const [low, high] = [
        second.instrument.strike - first.instrument.strike,
        third.instrument.strike - second.instrument.strike,
      ];
      // With wings of unequal width the structure could lose more than it costs.
      return low === high
        ? [
            [first, 1],
            [second, -2],
            [third, 1],
          ]
        : [];
    }
    default:
      return third === undefined || fourth === undefined
        ? []
        : [
            [first, 1],
            [second, -1],
            [third, -1],
            [fourth, 1],
          ];
  }
}

function typeOf(structure: Structure, { optionType }: OptionInstrument): "call" | "put" {
  if (structure === "call spread") return "call";
  return structure === "put spread" ? "put" : optionType;
}

/**
 * Returns the least that options of one expiry pay, in US dollars. It is an independent plain sum at prices of 0, at
 * each strike and far above all strikes.
 */
export function leastPayoffUsd(snapshot: MarketSnapshot, positions: readonly Position[]): number {
  const legs = positions.map(({ instrumentId, quantity }) => {
    const quoted = snapshot.instruments.find(({ instrument }) => instrument.instrumentId === instrumentId)!;
    return { option: quoted.instrument as OptionInstrument, quantity };
  });
  const prices = [0, ...legs.map(({ option }) => option.strike), 1e9];
  return Math.min(
    ...prices.map((price) =>
      legs.reduce((sum, { option, quantity }) => {
        const inTheMoney = option.optionType === "call" ? price - option.strike : option.strike - price;
        return sum + quantity * option.contractSize * Math.max(0, inTheMoney);
      }, 0),
    ),
  );
}

/** Returns the same account under another method. */
export function by(account: Pool, methodId: MethodId): Pool {
  return { ...account, methodId };
}
