import type { Debt, PoolCharge } from "../../methods/margin-method.ts";
import type { SizeParameters } from "../../methods/size/parameters.ts";
import type { UnitMeasure } from "../../methods/unit-measure.ts";
import type { ParameterSet } from "../../model/index.ts";
import type { Book } from "../book/book.ts";
import type { CurrencyValue } from "../value/currency-value.ts";
import { chargePegs } from "./peg-charges.ts";

/** Returns the size parameters for an underlying under the method of a book, or undefined if size costs nothing. */
export function findSize({ method: { size } }: Book, underlying: string): SizeParameters | undefined {
  return size.find((row) => row.underlying === underlying) ?? size.find((row) => row.underlying === "*");
}

/**
 * Computes the charges and credits of a book beyond its units, in pool currency. A credit is cut so that its unit keeps
 * the least requirement that it must have. Both margins are cut by the same share.
 */
export function chargePool(
  parameters: ParameterSet,
  book: Book,
  values: readonly CurrencyValue[],
  units: readonly UnitMeasure[],
  poolPriceUsd: number,
): readonly PoolCharge[] {
  const rule = book.method.measurePool;
  const pegs = chargePegs(parameters, book, values, poolPriceUsd);
  if (rule === null) return pegs;
  const measured = units.flatMap((unit) => unit.measured ?? []);
  const charges = rule(measured, findDebts(book, values)).map((charge) => {
    const initial = charge.initial / poolPriceUsd;
    const maintenance = charge.maintenance / poolPriceUsd;
    const unit = initial < 0 || maintenance < 0 ? units[indexOf(book, charge.underlying)] : undefined;
    const share =
      unit === undefined
        ? 1
        : Math.min(shareLeft(unit, "initial", initial), shareLeft(unit, "maintenance", maintenance));
    return { ...charge, initial: initial * share, maintenance: maintenance * share };
  });
  return pegs.length === 0 ? charges : [...charges, ...pegs];
}

/** Returns the requirement for holdings that are set aside, by underlying, in pool currency. Nothing offsets it. */
export function chargeSetAside({ setAside }: Book, poolPriceUsd: number): readonly PoolCharge[] {
  if (setAside === null) return [];
  return [...Map.groupBy(setAside.holdings, ({ underlying }) => underlying)].map(([underlying, holdings]) => ({
    name: "unpriced_holding",
    underlying,
    initial: holdings.reduce((sum, { initialUsd }) => sum + initialUsd, 0) / poolPriceUsd,
    maintenance: holdings.reduce((sum, { maintenanceUsd }) => sum + maintenanceUsd, 0) / poolPriceUsd,
  }));
}

function indexOf({ units }: Book, underlying: string): number {
  return units.findIndex((unit) => unit.underlying === underlying);
}

/** Returns the share of a credit that a unit can take, 0 to 1. */
function shareLeft(unit: UnitMeasure, kind: "initial" | "maintenance", credit: number): number {
  const free = Math.max(0, unit[kind] - (unit.least?.[kind] ?? 0));
  return -credit > free ? free / -credit : 1;
}

/**
 * Lists the balances below 0, which are loans in the published methods that charge for debts. What positions have lost
 * is in equity, and is no loan until it is booked.
 */
function findDebts(book: Book, values: readonly CurrencyValue[]): Debt[] {
  return book.currencies.flatMap(({ currency, collateral }, index) =>
    collateral < 0 ? [{ asset: currency, valueUsd: 0 - collateral * values[index]!.priceUsd }] : [],
  );
}
