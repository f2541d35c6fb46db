import type { ArraysRule, MethodInstrument, MethodMeasure, MethodUnit, UnitRule } from "../../methods/margin-method.ts";
import { confidenceCharge, type UnitExposure, type UnitMeasure } from "../../methods/unit-measure.ts";
import type { Book, BookUnit } from "../book/book.ts";
import { isRevalued, powerOf } from "../book/currency-rates.ts";
import { getRow, type Market, type UnderlyingView } from "../market/market.ts";
import { type CurrencyValue, ledgerOf, unrealisedProfit } from "../value/currency-value.ts";

/** Builds a unit of a book in the form that methods which margin holdings read. */
export function buildMethodUnit(
  market: Market,
  book: Book,
  unit: BookUnit,
  view: UnderlyingView,
  values: readonly CurrencyValue[],
): MethodUnit {
  const holdings: MethodInstrument[] = [];
  for (const { currencyIndex, start, end } of unit.segments) {
    const settlementPriceUsd = values[currencyIndex]!.priceUsd;
    for (let position = start; position < end; position += 1) {
      const row = getRow(market, view, unit.instrumentIndexes[position]!);
      holdings.push({
        quoted: row.quoted,
        quantity: unit.quantities[position]!,
        settlementPriceUsd,
        unrealisedProfitUsd: row.isPaidFor
          ? 0
          : unrealisedProfit(unit, position, row, row.markPrice) * settlementPriceUsd,
      });
    }
  }
  const poolIsCoin = book.pool.poolCurrency === unit.underlying;
  let balanceUsd = 0;
  let balanceWithoutOptionsUsd = 0;
  for (const [index, currency] of book.currencies.entries()) {
    const power = powerOf(currency, unit.underlying);
    const share = poolIsCoin ? 1 - power : power;
    if (share === 0) continue;
    const { priceUsd, unrealisedProfit, optionValue, movingShare } = values[index]!;
    if (!isRevalued(currency, ledgerOf(currency.collateral, values[index]!), poolIsCoin)) continue;
    const balance = currency.collateral + unrealisedProfit;
    balanceWithoutOptionsUsd += share * balance * priceUsd * movingShare;
    balanceUsd += share * (balance + optionValue) * priceUsd * movingShare;
  }
  return {
    underlying: unit.underlying,
    indexPrice: view.indexPrice,
    asOfMs: market.snapshot.asOfMs,
    holdings,
    poolIsCoin,
    balanceUsd,
    balanceWithoutOptionsUsd,
    prices: view,
  };
}

const nothingAsked: MethodMeasure = { initial: 0, maintenance: 0, components: [], worstScenario: null };

/** Returns what a method asks of a unit, in pool currency, with the confidence charge that all methods share. */
export function measureMethodUnit(
  rule: Exclude<UnitRule, ArraysRule>,
  unit: MethodUnit,
  exposure: UnitExposure,
  poolPriceUsd: number,
): UnitMeasure {
  const { initial, maintenance, components, worstScenario, netting } =
    rule.reads === "holdings" ? rule.measure(unit) : nothingAsked;
  const confidence = confidenceCharge(exposure);
  return {
    requirement: initial / poolPriceUsd,
    initial: initial / poolPriceUsd + confidence,
    maintenance: maintenance / poolPriceUsd,
    componentNames: [...components.map(({ name }) => name), "confidence_charge"],
    amounts: [...components.map(({ amount }) => amount / poolPriceUsd), confidence],
    worstScenario: worstScenario === null ? -1 : 0,
    worstLoss: worstScenario === null ? 0 : worstScenario.loss / poolPriceUsd,
    ...(netting && { measured: { underlying: unit.underlying, initial, maintenance, netting } }),
    ...(worstScenario && { scenarios: { ids: [worstScenario.scenarioId], labels: [worstScenario.label] } }),
  };
}
