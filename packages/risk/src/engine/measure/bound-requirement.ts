import { isMeasuredJointly, type PoolCharge } from "../../methods/margin-method.ts";
import type { UnitMeasure } from "../../methods/unit-measure.ts";
import type { SeverityBasis } from "../../model/index.ts";
import type { Book, BookUnit } from "../book/book.ts";
import { isRevalued, powerOf, settlesIn } from "../book/currency-rates.ts";
import { mayComeToOwe } from "../book/keep-known.ts";
import { areUnbounded, COVER_TOLERANCE } from "../book/loss-bounds.ts";
import type { JointCharges } from "../joint/charge-jointly.ts";
import { type CurrencyValue, ledgerOf } from "../value/currency-value.ts";
import { countCurrency, type PoolSums, type PoolValue, sumPool } from "../value/value-pool.ts";
import { chargeSetAside } from "./pool-charges.ts";

/** An amount for initial and one for maintenance margin, in pool currency. */
interface Both {
  initial: number;
  maintenance: number;
}

/**
 * The factor on the greatest debt where it decides the severity. A pool that holds more than a thousand times what it
 * can come to owe is in no danger, and a rounded fee liquidates nobody.
 */
const DEBT_MULTIPLE = 1_000;

/**
 * The share of price or strike by which marks of one expiry may contradict each other, as quotes are not of one
 * instant.
 */
const MARK_NOISE_SHARE = 1e-3;

/**
 * The part of a requirement that is within the greatest loss. `paidFor` is the part of it that stands against value
 * already paid for.
 */
interface Parts {
  readonly within: Both;
  readonly paidFor: Both;
  /** The value that is already paid for, in pool currency, at least 0. */
  readonly paidWorth: number;
}

/** A requirement that is within what the pool can lose, and the amounts that its severity rests on. */
export interface BoundRequirement {
  readonly charges: readonly PoolCharge[];
  readonly initialMargin: number;
  readonly maintenanceMargin: number;
  readonly severityBasis: SeverityBasis;
}

/**
 * Bounds the requirement of a pool by its greatest possible loss (LossBounds). The margins are bounded only under a
 * method with `isWithinLoss`; the severity basis always is. Value that is paid for and cannot be owed is taken out of
 * both sides of the basis. Such value, for example that of options bought, counts in the balance. As it can be lost, it
 * counts in the requirement too. On both sides it would bring the ratio of the two to 1 while nothing is owed. For a
 * unit that can never come to owe, this value is all that the unit is worth. For any other unit it is the option value
 * that rules add to both sides.
 */
export function boundRequirement(
  book: Book,
  values: readonly CurrencyValue[],
  value: PoolValue,
  { units, charges }: JointCharges,
  poolPriceUsd: number,
): BoundRequirement {
  const apart = chargeSetAside(book, poolPriceUsd);
  if (areUnbounded(book.lossBounds) && !units.some(hasOptionValue))
    return asAsked(value, units, [...charges, ...apart]);
  const asked = units.map(({ initial, maintenance }): Both => ({ initial, maintenance }));
  // The bound of a unit does not cover holdings that are set aside.
  const beside = sumOf(apart, nothing);
  for (const charge of charges) {
    const unit = book.units.findIndex(({ underlying }) => underlying === charge.underlying);
    add(asked[unit] ?? beside, charge);
  }
  const parts = partsOf(book, values, units, asked, poolPriceUsd);
  const full = sumOf(asked, beside);
  const atRisk = sumOf(
    parts.map(({ within }) => within),
    beside,
  );
  const paidFor = sumOf(
    parts.map((part) => part.paidFor),
    nothing,
  );
  const isOwn = book.method.isWithinLoss;
  const greatestDebt = debtBoundOf(book, values, value, poolPriceUsd);
  const paidWorth = parts.reduce((sum, { paidWorth: own }) => sum + own, 0);
  const basisOf = (kind: keyof Both, balance: number): Held => {
    // Paid value that has a debt beside it can be owed.
    const free = Math.max(0, paidFor[kind] - Math.max(0, paidWorth - balance));
    return lesser(
      { requirement: Math.max(0, atRisk[kind] - free), balance: balance - free },
      { requirement: DEBT_MULTIPLE * greatestDebt, balance },
    );
  };
  const initial = basisOf("initial", value.initialMarginBalance);
  const maintenance = basisOf("maintenance", value.marginBalance);
  return {
    charges: [
      ...charges,
      ...apart,
      ...(isOwn ? parts.flatMap((part, index) => creditOf(book.units[index]!, asked[index]!, part)) : []),
    ],
    initialMargin: isOwn ? atRisk.initial : full.initial,
    // A share of both margins may round either way in the last bit.
    maintenanceMargin: isOwn ? Math.min(atRisk.maintenance, atRisk.initial) : full.maintenance,
    severityBasis: {
      initialMargin: initial.requirement,
      initialMarginBalance: initial.balance,
      maintenanceMargin: maintenance.requirement,
      marginBalance: maintenance.balance,
      greatestDebt: greatestDebt === Number.POSITIVE_INFINITY ? null : greatestDebt,
    },
  };
}

/** A requirement and the balance that it is held against. */
interface Held {
  readonly requirement: number;
  readonly balance: number;
}

/**
 * Returns the pair whose requirement is the smaller share of its balance. The second is chosen only if its requirement
 * is below its balance, or if it requires 0 of a balance of 0 or more.
 */
function lesser(first: Held, second: Held): Held {
  if (second.requirement === 0 && second.balance >= 0) return second;
  if (!(second.requirement < second.balance)) return first;
  return first.balance <= 0 || first.requirement * second.balance > second.requirement * first.balance ? second : first;
}

/**
 * Returns the most that a pool can come to owe, which is no less than what it owes at these prices. Marks of one expiry
 * may contradict its payment by a little, and sums differ in their last bits. Such small amounts are no debt.
 */
function debtBoundOf(book: Book, values: readonly CurrencyValue[], value: PoolValue, poolPriceUsd: number): number {
  const { setAside, lossBounds } = book;
  if (setAside !== null && mayComeToOwe(setAside)) return Number.POSITIVE_INFINITY;
  const { greatestDebt } = lossBounds;
  if (value.equity >= 0 || greatestDebt >= -value.equity) return greatestDebt;
  let sizeUsd = 0;
  for (const [index, { collateral }] of book.currencies.entries()) {
    sizeUsd += Math.abs(collateral) * values[index]!.priceUsd * COVER_TOLERANCE;
  }
  for (const { quantities, rows, indexPrice } of book.units) {
    for (const [position, quantity] of quantities.entries()) {
      const { strikeTerms, contractSize } = rows[position]!;
      if (strikeTerms === null) continue;
      const notionalUsd = contractSize * Math.max(indexPrice, strikeTerms.strike);
      sizeUsd += Math.abs(quantity) * notionalUsd * MARK_NOISE_SHARE;
    }
  }
  return value.equity < -sizeUsd / poolPriceUsd ? -value.equity : greatestDebt;
}

/** Returns the requirement of a pool that nothing bounds and that has no paid value. Most pools are like this. */
function asAsked(value: PoolValue, units: readonly UnitMeasure[], charges: readonly PoolCharge[]): BoundRequirement {
  let initialMargin = 0;
  let maintenanceMargin = 0;
  for (const { initial, maintenance } of units) {
    initialMargin += initial;
    maintenanceMargin += maintenance;
  }
  for (const { initial, maintenance } of charges) {
    initialMargin += initial;
    maintenanceMargin += maintenance;
  }
  const { initialMarginBalance, marginBalance } = value;
  const severityBasis = { initialMargin, initialMarginBalance, maintenanceMargin, marginBalance, greatestDebt: null };
  return { charges, initialMargin, maintenanceMargin, severityBasis };
}

function hasOptionValue({ componentNames }: UnitMeasure): boolean {
  return componentNames.includes("option_value");
}

function add(sum: Both, { initial, maintenance }: Readonly<Both>): void {
  sum.initial += initial;
  sum.maintenance += maintenance;
}

function sumOf(amounts: readonly Both[], beside: Both): Both {
  const sum: Both = { ...beside };
  for (const amount of amounts) add(sum, amount);
  return sum;
}

/** Returns the parts of both amounts up to a limit. */
function upTo({ initial, maintenance }: Both, limit: number): Both {
  return { initial: Math.min(initial, limit), maintenance: Math.min(maintenance, limit) };
}

/** Returns the parts of both amounts from 0 up to a limit. An amount below 0 gives 0. */
function covered({ initial, maintenance }: Both, limit: number): Both {
  return { initial: Math.max(0, Math.min(initial, limit)), maintenance: Math.max(0, Math.min(maintenance, limit)) };
}

const nothing: Both = { initial: 0, maintenance: 0 };

/**
 * Returns the parts of each unit's requirement. A requirement of all units at once is bounded by the loss of all, and
 * its share of one unit may be below 0.
 */
function partsOf(
  book: Book,
  values: readonly CurrencyValue[],
  units: readonly UnitMeasure[],
  asked: readonly Both[],
  poolPriceUsd: number,
): Parts[] {
  const { leastWorths } = book.lossBounds;
  const isJoint = isMeasuredJointly(book.method);
  const worths = book.units.map((unit) => countedWorth(book, unit, values, poolPriceUsd));
  const losses = units.map((unit, index) => {
    const leastWorth = leastWorths[index]!;
    if (leastWorth === Number.NEGATIVE_INFINITY) return Number.POSITIVE_INFINITY;
    const worth = worths[index]!;
    const moved = movedBalances(book, values, [book.units[index]!], poolPriceUsd);
    return Math.max(0, worth + moved - leastWorth) + amountOf(unit, "expected_funding");
  });
  const bounded = asked.map((own, index) => (isJoint ? own : upTo(own, losses[index]!)));
  const total = sumOf(bounded, nothing);
  // A balance that moves with two coins is in the loss of both units, but it can be lost only once.
  const left = losses.includes(Number.POSITIVE_INFINITY)
    ? { ...total }
    : upTo(total, Math.max(0, greatestLoss(book, values, units, worths, poolPriceUsd)));
  const share = (kind: keyof Both) => (total[kind] > left[kind] ? left[kind] / total[kind] : 1);
  const shares: Both = { initial: share("initial"), maintenance: share("maintenance") };
  return bounded.map((amount, index) => {
    const within = {
      initial: amount.initial * shares.initial,
      maintenance: amount.maintenance * shares.maintenance,
    };
    // It is all that the unit is worth if it can never come to owe, or else the option value that rules add.
    const isPaidFor = book.lossBounds.leastByForwards[index]! >= 0;
    const paidWorth = Math.max(0, isPaidFor ? worths[index]! : amountOf(units[index]!, "option_value"));
    const own = covered(within, paidWorth);
    // A hedge between units makes the sum smaller than its parts. No more than the sum may stand against paid value.
    const paid = {
      initial: Math.min(own.initial, left.initial),
      maintenance: Math.min(own.maintenance, left.maintenance),
    };
    left.initial -= paid.initial;
    left.maintenance -= paid.maintenance;
    return { within, paidFor: paid, paidWorth };
  });
}

/** Returns the greatest loss of a pool whose units are all bounded, with the funding that it is expected to pay. */
function greatestLoss(
  book: Book,
  values: readonly CurrencyValue[],
  units: readonly UnitMeasure[],
  worths: readonly number[],
  poolPriceUsd: number,
): number {
  let loss = movedBalances(book, values, book.units, poolPriceUsd);
  for (const [index, worth] of worths.entries()) {
    loss += worth - book.lossBounds.leastWorths[index]!;
    loss += amountOf(units[index]!, "expected_funding");
  }
  return loss;
}

/**
 * Returns what moves against the pool with the prices of units, apart from their positions, in pool currency; see
 * computePoolLosses. In a coin's own pool it includes the gains of other units in other currencies.
 */
function movedBalances(
  book: Book,
  values: readonly CurrencyValue[],
  units: readonly BookUnit[],
  poolPriceUsd: number,
): number {
  const { poolCurrency } = book.pool;
  let pool: PoolSums | null = null;
  let moved = 0;
  for (const [currencyIndex, currency] of book.currencies.entries()) {
    const movers = units.filter(
      (unit) => powerOf(currency, unit.underlying) !== (unit.underlying === poolCurrency ? 1 : 0),
    );
    if (movers.length === 0) continue;
    const value = values[currencyIndex]!;
    const { priceUsd, unrealisedProfit, optionValue } = value;
    const poolIsCoin = movers.some(({ underlying }) => underlying === poolCurrency);
    const isOneLedger = movers.some((unit) => settlesIn(unit, currencyIndex));
    let held = isOneLedger || isRevalued(currency, currency.collateral, poolIsCoin) ? currency.collateral : 0;
    if (poolIsCoin && currency.currency !== poolCurrency) {
      held += unrealisedProfit + optionValue - units.reduce((sum, unit) => sum + settledIn(unit, currencyIndex), 0);
    }
    const { collateral, parameters } = currency;
    const net = ledgerOf(collateral, value);
    let heldUsd = priceUsd;
    if (held > 0 && net > 0 && parameters !== null) {
      // A held balance can lose no more than it counts for.
      pool ??= sumPool(book, values);
      heldUsd = countCurrency(collateral, parameters, value, pool).initialUsd / net;
    }
    moved += (held * heldUsd) / poolPriceUsd;
  }
  return moved;
}

/** Returns the credit that keeps a requirement of our own methods within the greatest loss of a unit. */
function creditOf({ underlying }: BookUnit, asked: Both, { within }: Parts): PoolCharge[] {
  const initial = within.initial - asked.initial;
  const maintenance = within.maintenance - asked.maintenance;
  if (initial === 0 && maintenance === 0) return [];
  return [{ name: "loss_bound_credit", underlying, initial, maintenance }];
}

/**
 * Returns what the positions of a unit are worth as they count in the balance, in pool currency. Gains in a fallen
 * stablecoin count for less.
 */
function countedWorth(book: Book, unit: BookUnit, values: readonly CurrencyValue[], poolPriceUsd: number): number {
  let worth = 0;
  for (const [segment, { currencyIndex }] of unit.segments.entries()) {
    const { priceUsd, heldUsd, depegHaircut } = values[currencyIndex]!;
    const amount = unit.profits[segment]! + unit.optionValues[segment]!;
    const isPegged = book.currencies[currencyIndex]!.parameters?.valuation.kind === "pegged";
    const counted = isPegged && amount > 0 ? heldUsd * (1 - depegHaircut) : priceUsd;
    worth += (amount * counted) / poolPriceUsd;
  }
  return worth;
}

/** Returns the profit and option value of a unit in one currency, in units of the currency. */
function settledIn(unit: BookUnit, currencyIndex: number): number {
  const segment = unit.segments.findIndex((own) => own.currencyIndex === currencyIndex);
  return segment < 0 ? 0 : unit.profits[segment]! + unit.optionValues[segment]!;
}

function amountOf({ componentNames, amounts }: UnitMeasure, name: UnitMeasure["componentNames"][number]): number {
  let amount = 0;
  for (let component = 0; component < componentNames.length; component += 1) {
    if (componentNames[component] === name) amount += amounts[component]!;
  }
  return amount;
}
