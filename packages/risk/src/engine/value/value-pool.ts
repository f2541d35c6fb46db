import { type HaircutSchedule, valueAfterHaircutUsd } from "../../collateral/index.ts";
import type { CollateralParameters, HaircutBand } from "../../model/index.ts";
import type { Book, BookUnit } from "../book/book.ts";
import { type CurrencyValue, ledgerOf } from "./currency-value.ts";

/** The worth of a book before its requirement, in pool currency. */
export interface PoolValue {
  readonly equity: number;
  readonly marginBalance: number;
  readonly initialMarginBalance: number;
  readonly netOptionValue: number;
}

/**
 * Computes equity and both margin balances from the holdings in each currency, and from the worst worth of those that
 * are set aside.
 */
export function valuePool(book: Book, values: readonly CurrencyValue[], poolPriceUsd: number): PoolValue {
  const pool = sumPool(book, values);
  let equity = 0;
  let marginBalance = 0;
  let initialMarginBalance = 0;
  let netOptionValue = 0;
  for (const [index, currency] of book.currencies.entries()) {
    const value = values[index]!;
    const rate = value.priceUsd / poolPriceUsd;
    const gained = (value.unrealisedProfit + value.optionValue) * rate;
    equity += currency.collateral * rate + gained;
    netOptionValue += value.optionValue * rate;
    if (currency.parameters === null) {
      // The pool's own currency need not be sold to meet its requirement, so it has no haircut.
      marginBalance += currency.collateral * rate + gained;
      initialMarginBalance += currency.collateral * rate + gained;
      continue;
    }
    const counted = countCurrency(currency.collateral, currency.parameters, value, pool);
    marginBalance += counted.maintenanceUsd / poolPriceUsd;
    initialMarginBalance += counted.initialUsd / poolPriceUsd;
  }
  if (book.setAside !== null) {
    const worth = book.setAside.worstUsd / poolPriceUsd;
    equity += worth;
    marginBalance += worth;
    initialMarginBalance += worth;
  }
  return { equity, marginBalance, initialMarginBalance, netOptionValue };
}

/** The sums over all balances that the rules on one balance need. */
export interface PoolSums {
  /** The US dollars of all that is held less all that is owed, before haircuts, at least 0. */
  readonly netUsd: number;
  /**
   * Returns the US dollars that the positions lose per unit of relative fall of the named underlyings, 0 or more. Each
   * unit counts by itself, and `*` names all underlyings.
   */
  readonly fallExposureUsd: (underlyings: readonly string[]) => number;
}

export function sumPool({ currencies, units }: Book, values: readonly CurrencyValue[]): PoolSums {
  let netUsd = 0;
  for (const [index, { collateral, parameters }] of currencies.entries()) {
    const value = values[index]!;
    const net = ledgerOf(collateral, value);
    netUsd += net * (parameters === null ? value.priceUsd : net < 0 ? value.owedUsd : value.heldUsd);
  }
  const fallExposureUsd = (underlyings: readonly string[]) => {
    let exposure = 0;
    for (const unit of units) {
      if (underlyings.includes("*") || underlyings.includes(unit.underlying)) exposure += unitFallExposureUsd(unit);
    }
    return exposure;
  };
  return { netUsd: Math.max(0, netUsd), fallExposureUsd };
}

/**
 * Returns the US dollars that the positions of a unit lose per unit of relative fall. It is the index price times their
 * greatest net delta, at the present price or at any lower one. At a lower price an option has its whole size as delta
 * while it is in the money, and otherwise none. This changes only at its strike, so looking below each strike finds the
 * worst of all falls.
 */
function unitFallExposureUsd({ quantities, deltas, rows, indexPrice }: BookUnit): number {
  let delta = 0;
  let fallen = 0;
  const kinks: { readonly price: number; readonly size: number }[] = [];
  for (let position = 0; position < quantities.length; position += 1) {
    const { strikeTerms, contractSize, forwardToIndex } = rows[position]!;
    const quantity = quantities[position]!;
    const own = quantity * deltas[position]!;
    delta += own;
    if (strikeTerms === null) fallen += own;
    else {
      const { optionType, strike } = strikeTerms;
      const size = quantity * contractSize;
      const price = Math.min(indexPrice, strike / forwardToIndex);
      // Just above its strike a call has its whole delta, and just below its strike a put has.
      if (optionType === "call" && price < indexPrice) fallen += size;
      if (optionType === "put" || price < indexPrice) kinks.push({ price, size });
    }
  }
  let worst = Math.max(0, delta);
  kinks.sort((a, b) => b.price - a.price);
  let above = indexPrice;
  for (const { price, size } of kinks) {
    if (price < above) worst = Math.max(worst, fallen);
    fallen -= size;
    above = price;
  }
  return Math.max(worst, fallen) * indexPrice;
}

/** The amounts that the ledger of a currency counts for, in US dollars. A debt is negative. */
export interface CountedCurrency {
  readonly initialUsd: number;
  readonly maintenanceUsd: number;
  /** The value before haircuts, at least 0. */
  readonly heldUsd: number;
  readonly wrongWayUsd: number;
  readonly concentratedUsd: number;
}

/**
 * Returns what the ledger of one currency counts for by its parameters. The order of the balances makes no difference.
 */
export function countCurrency(
  collateral: number,
  parameters: CollateralParameters,
  value: CurrencyValue,
  pool: PoolSums,
): CountedCurrency {
  const net = ledgerOf(collateral, value);
  const heldUsd = Math.max(0, net) * value.heldUsd;
  const owedUsd = Math.min(0, net) * value.owedUsd;
  const schedules = schedulesOf(parameters, value, pool, heldUsd);
  const [initial, maintenance] = schedules;
  return {
    initialUsd: owedUsd + valueAfterHaircutUsd(heldUsd, initial.bands, initial.added),
    maintenanceUsd: owedUsd + valueAfterHaircutUsd(heldUsd, maintenance.bands, maintenance.added),
    heldUsd,
    wrongWayUsd: initial.added.onFirstUsd,
    concentratedUsd: Math.max(0, heldUsd - initial.added.onExcessFromUsd),
  };
}

/** Returns the haircuts on what a currency holds: first those for initial margin, then those for maintenance margin. */
export function schedulesOf(
  { initialBands, maintenanceBands, wrongWay, concentration }: CollateralParameters,
  { depegHaircut }: CurrencyValue,
  pool: PoolSums,
  heldUsd: number,
): readonly [HaircutSchedule, HaircutSchedule] {
  const onFirstUsd = wrongWay === null ? 0 : Math.min(heldUsd, pool.fallExposureUsd(wrongWay.underlyings));
  let onExcessFromUsd = Number.POSITIVE_INFINITY;
  if (concentration !== null) {
    const { poolShare, dailyVolumeUsd, volumeShare } = concentration;
    if (poolShare < 1) onExcessFromUsd = poolShare * pool.netUsd;
    if (dailyVolumeUsd !== null) onExcessFromUsd = Math.min(onExcessFromUsd, volumeShare * dailyVolumeUsd);
  }
  const schedule = (bands: readonly HaircutBand[], onFirst = 0, onExcess = 0): HaircutSchedule => ({
    bands,
    added: { onAll: depegHaircut, onFirst, onFirstUsd, onExcess, onExcessFromUsd },
  });
  return [
    schedule(initialBands, wrongWay?.initialHaircut, concentration?.initialHaircut),
    schedule(maintenanceBands, wrongWay?.maintenanceHaircut, concentration?.maintenanceHaircut),
  ];
}
