import type { UnitMeasure } from "../../methods/unit-measure.ts";
import type { ComponentName, ParameterSet } from "../../model/index.ts";
import { hourlyFundingToPay } from "../../perpetuals/index.ts";
import type { Book, BookUnit } from "../book/book.ts";
import { powerOf } from "../book/currency-rates.ts";
import type { MovedPrices } from "../market/market.ts";
import { borrowedOf, type CurrencyValue } from "../value/currency-value.ts";

/** A part of both margins that is asked for beside what a method measures, in pool currency. */
interface SharedCharge {
  readonly name: ComponentName;
  readonly initial: number;
  readonly maintenance: number;
}

/**
 * Computes the funding that the positions of a unit are expected to pay within the horizon, in pool currency, at least
 * 0. Positions in one instrument are netted. Funding that one instrument receives pays for no other, since their rates
 * part when it matters.
 */
function expectedFundingCharge(
  unit: BookUnit,
  view: MovedPrices,
  values: readonly CurrencyValue[],
  poolPriceUsd: number,
  horizonHours: number,
): SharedCharge {
  let charge = 0;
  if (horizonHours > 0) {
    for (const { currencyIndex, start, end } of unit.segments) {
      const rate = values[currencyIndex]!.priceUsd / poolPriceUsd;
      for (let position = start; position < end; position += 1) {
        const { quoted, forwardToIndex, paysFunding } = unit.rows[position]!;
        if (!paysFunding) continue;
        const forwardPrice = forwardToIndex * view.indexPrice;
        charge +=
          hourlyFundingToPay(quoted, unit.quantities[position]!, unit.markPrices[position]!, forwardPrice) * rate;
      }
    }
  }
  charge *= horizonHours;
  return { name: "expected_funding", initial: charge, maintenance: charge };
}

/** Returns a measure with a charge added to both of its margins and to its components. */
function addCharge(measure: UnitMeasure, { name, initial, maintenance }: SharedCharge): UnitMeasure {
  if (initial === 0 && maintenance === 0) return measure;
  return {
    ...measure,
    initial: measure.initial + initial,
    maintenance: measure.maintenance + maintenance,
    componentNames: [...measure.componentNames, name],
    amounts: [...measure.amounts, initial],
  };
}

/**
 * Computes the charge for borrowed assets whose worth in the pool moves with the unit's underlying. It applies under
 * methods that look at positions only, where a loan would cost nothing although its price can rise. The charge takes
 * the rates of `static` on what is owed, which is our choice. The debt itself counts in full in equity; the charge is
 * for its price. In the coin's own pool all other debts move against it.
 */
function borrowingCharge(
  book: Book,
  unit: BookUnit,
  { scan }: MovedPrices,
  values: readonly CurrencyValue[],
  poolPriceUsd: number,
): SharedCharge {
  let owed = 0;
  if (!book.method.chargesBalances) {
    const poolPower = book.pool.poolCurrency === unit.underlying ? 1 : 0;
    for (const [index, currency] of book.currencies.entries()) {
      const borrowed = borrowedOf(currency.collateral, values[index]!);
      const share = Math.abs(powerOf(currency, unit.underlying) - poolPower);
      if (borrowed > 0) owed += share * borrowed * (values[index]!.priceUsd / poolPriceUsd);
    }
  }
  return {
    name: "borrowing_charge",
    initial: owed * scan.staticInitialRate,
    maintenance: owed * scan.staticMaintenanceRate,
  };
}

/** Returns a measure with the charges that all methods share. */
export function addSharedCharges(
  measure: UnitMeasure,
  { fundingHorizonHours }: ParameterSet,
  book: Book,
  unit: BookUnit,
  view: MovedPrices,
  values: readonly CurrencyValue[],
  poolPriceUsd: number,
): UnitMeasure {
  const funded = addCharge(measure, expectedFundingCharge(unit, view, values, poolPriceUsd, fundingHorizonHours));
  return addCharge(funded, borrowingCharge(book, unit, view, values, poolPriceUsd));
}
