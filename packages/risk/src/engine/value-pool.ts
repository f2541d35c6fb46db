import { type AddedHaircuts, noAddedHaircuts, valueAfterHaircutUsd } from "../collateral/index.ts";
import type { CollateralParameters, HaircutBand } from "../model/index.ts";
import type { Book, BookUnit } from "./book.ts";
import type { CurrencyValue } from "./currency-value.ts";

/** What a book is worth before anything is required of it, pool currency. */
export interface PoolValue {
  readonly equity: number;
  readonly marginBalance: number;
  readonly initialMarginBalance: number;
  readonly netOptionValue: number;
}

/** Equity and both margin balances from what is held in each currency, and from what is set aside at its worst. */
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
      // The pool's own currency meets its requirement as it is, nothing has to be sold for it: no haircut.
      marginBalance += currency.collateral * rate + gained;
      initialMarginBalance += currency.collateral * rate + gained;
      continue;
    }
    const counted = countCurrency(currency.collateral, currency.parameters, value, pool);
    const countedGain = counted.gainedUsd === null ? gained : counted.gainedUsd / poolPriceUsd;
    marginBalance += counted.maintenanceUsd / poolPriceUsd + countedGain;
    initialMarginBalance += counted.initialUsd / poolPriceUsd + countedGain;
  }
  if (book.setAside !== null) {
    const worth = book.setAside.worstUsd / poolPriceUsd;
    equity += worth;
    marginBalance += worth;
    initialMarginBalance += worth;
  }
  return { equity, marginBalance, initialMarginBalance, netOptionValue };
}

/** What the rules on one balance need to know of all the others. */
export interface PoolSums {
  /** US dollars of all that is held, before haircuts. */
  readonly heldUsd: number;
  /** US dollars per US dollar that the positions lose as the named underlyings fall, each unit by itself; 0 or more. */
  readonly fallExposureUsd: (underlyings: readonly string[]) => number;
}

export function sumPool({ currencies, units }: Book, values: readonly CurrencyValue[]): PoolSums {
  let heldUsd = 0;
  for (const [index, { collateral, parameters }] of currencies.entries()) {
    const value = values[index]!;
    heldUsd += parameters === null ? Math.max(0, collateral) * value.priceUsd : heldPart(collateral, parameters, value);
  }
  const fallExposureUsd = (underlyings: readonly string[]) => {
    let exposure = 0;
    for (const unit of units) {
      if (underlyings.includes("*") || underlyings.includes(unit.underlying)) exposure += unitFallExposureUsd(unit);
    }
    return exposure;
  };
  return { heldUsd, fallExposureUsd };
}

/**
 * Net delta of a unit's positions, or after a deep fall where that is more, times the index: the second is what writers of
 * puts far out of the money would come to hold. Puts stand for their whole size there, calls for nothing.
 */
function unitFallExposureUsd({ quantities, deltas, rows, indexPrice }: BookUnit): number {
  let delta = 0;
  let deepDelta = 0;
  for (let position = 0; position < quantities.length; position += 1) {
    const { hasStrike, contractSize, quoted } = rows[position]!;
    const quantity = quantities[position]!;
    const own = quantity * deltas[position]!;
    delta += own;
    if (!hasStrike) deepDelta += own;
    else if ("optionType" in quoted.instrument && quoted.instrument.optionType === "put") {
      deepDelta -= quantity * contractSize;
    }
  }
  return Math.max(0, delta, deepDelta) * indexPrice;
}

/** US dollars of a balance that is held, before haircuts; of a pegged asset what its own losses leave of it. */
function heldPart(collateral: number, { valuation }: CollateralParameters, value: CurrencyValue): number {
  const held = valuation.kind === "pegged" ? leftOfLedger(collateral, value).held : Math.max(0, collateral);
  return held * value.heldUsd;
}

/** Balance and gains of a pegged asset are one ledger: a loss is paid out of the balance, a debt out of the gains. */
function leftOfLedger(collateral: number, { unrealisedProfit, optionValue }: CurrencyValue) {
  const gained = unrealisedProfit + optionValue;
  const net = collateral + gained;
  return {
    held: Math.max(0, Math.min(collateral, net)),
    gained: Math.max(0, Math.min(gained, net)),
    owed: Math.min(0, net),
  };
}

/** What a balance counts for, US dollars; a debt is negative. */
export interface CountedCurrency {
  readonly initialUsd: number;
  readonly maintenanceUsd: number;
  /** What gains in a pegged asset count for beside the balance; null where they count at their mark. */
  readonly gainedUsd: number | null;
  /** The value the haircuts were taken from. */
  readonly heldUsd: number;
  readonly wrongWayUsd: number;
  readonly concentratedUsd: number;
}

/** Counts one balance by its parameters; the same whatever order balances stand in. */
export function countCurrency(
  collateral: number,
  parameters: CollateralParameters,
  value: CurrencyValue,
  pool: PoolSums,
): CountedCurrency {
  const isPegged = parameters.valuation.kind === "pegged";
  const left = isPegged ? leftOfLedger(collateral, value) : null;
  const heldUsd = heldPart(collateral, parameters, value);
  const owedUsd = (left?.owed ?? Math.min(0, collateral)) * value.owedUsd;
  const gainedUsd = left && left.gained * value.heldUsd * (1 - value.depegHaircut);
  const { wrongWay, concentration } = parameters;
  const onFirstUsd = wrongWay === null ? 0 : Math.min(heldUsd, pool.fallExposureUsd(wrongWay.underlyings));
  let onExcessFromUsd = Number.POSITIVE_INFINITY;
  if (concentration !== null) {
    const { poolShare, dailyVolumeUsd, volumeShare } = concentration;
    if (poolShare < 1) onExcessFromUsd = poolShare * pool.heldUsd;
    if (dailyVolumeUsd !== null) onExcessFromUsd = Math.min(onExcessFromUsd, volumeShare * dailyVolumeUsd);
  }
  const added: AddedHaircuts = { ...noAddedHaircuts, onAll: value.depegHaircut, onFirstUsd, onExcessFromUsd };
  const countBy = (bands: readonly HaircutBand[], onFirst: number, onExcess: number) =>
    owedUsd + valueAfterHaircutUsd(heldUsd, bands, { ...added, onFirst, onExcess });
  return {
    initialUsd: countBy(parameters.initialBands, wrongWay?.initialHaircut ?? 0, concentration?.initialHaircut ?? 0),
    maintenanceUsd: countBy(
      parameters.maintenanceBands,
      wrongWay?.maintenanceHaircut ?? 0,
      concentration?.maintenanceHaircut ?? 0,
    ),
    gainedUsd,
    heldUsd,
    wrongWayUsd: onFirstUsd,
    concentratedUsd: Math.max(0, heldUsd - onExcessFromUsd),
  };
}
