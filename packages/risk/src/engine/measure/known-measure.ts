import type { UnitMeasure } from "../../methods/unit-measure.ts";
import type { Book, BookUnit } from "../book/book.ts";
import { isOffPar, powerOf, settlesIn } from "../book/currency-rates.ts";
import type { CurrencyValue } from "../value/currency-value.ts";

/** A book at the prices of a market, with the values of its currencies and the measures of its units. */
export interface MeasuredBook {
  readonly book: Book;
  readonly values: readonly CurrencyValue[];
  /** What the method requires of each unit, before joint scenarios add to it. They are parallel to the book's units. */
  readonly measures: readonly UnitMeasure[];
}

/**
 * Returns the measure of a unit that `known` shares with a book at the same prices, or null if the unit must be measured
 * anew. Besides its positions, a measure reads the balances that move with the underlying, with what is gained in them.
 * Of a currency that positions settle in it reads the price, which is the same, and off its par also what is held in it.
 * Currencies have the same places in both books, or no unit would be shared.
 */
export function findKnownMeasure(
  { book, values }: Omit<MeasuredBook, "measures">,
  unit: BookUnit,
  known: MeasuredBook,
): UnitMeasure | null {
  const place = known.book.units.indexOf(unit);
  if (place < 0) return null;
  const poolPower = book.pool.poolCurrency === unit.underlying ? 1 : 0;
  for (const [index, currency] of book.currencies.entries()) {
    const value = values[index]!;
    const moves = powerOf(currency, unit.underlying) !== poolPower;
    if (!moves && !(isOffPar(currency, value) && settlesIn(unit, index))) continue;
    if (currency !== known.book.currencies[index] || !isSameValue(value, known.values[index]!)) return null;
  }
  return known.measures[place]!;
}

/** Returns whether a currency of which as much is held is worth the same. At the same prices its rates are. */
function isSameValue(a: CurrencyValue, b: CurrencyValue): boolean {
  return (
    Object.is(a.unrealisedProfit, b.unrealisedProfit) &&
    Object.is(a.optionValue, b.optionValue) &&
    Object.is(a.movingShare, b.movingShare)
  );
}
