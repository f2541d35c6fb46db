import { type AccountCharge, isMeasuredJointly } from "../../methods/margin-method.ts";
import type { UnitMeasure } from "../../methods/unit-measure.ts";
import type { SeverityBasis } from "../../model/index.ts";
import type { Book, BookUnit } from "../book/book.ts";
import { isRevalued, powerOf, settlesIn } from "../book/currency-rates.ts";
import { mayComeToOwe } from "../book/keep-known.ts";
import { areUnbounded, COVER_TOLERANCE } from "../book/loss-bounds.ts";
import type { JointCharges } from "../joint/charge-jointly.ts";
import { type CurrencyValue, ledgerOf } from "../value/currency-value.ts";
import { countCurrency, type PoolSums, type PoolValue, sumPool } from "../value/value-pool.ts";
import { chargeSetAside } from "./account-charges.ts";

/** An amount of both requirements, pool currency. */
interface Both {
  initial: number;
  maintenance: number;
}

/**
 * A debt is taken this many times where it decides the severity: who holds more than a thousand times what he can come to owe
 * is in no danger, and a rounded fee liquidates nobody.
 */
const DEBT_MULTIPLE = 1_000;

/** By so much of price or strike may marks of one expiry contradict each other: quotes are not of one instant. */
const MARK_NOISE_SHARE = 1e-3;

/** What of a requirement is within the greatest loss, and what of that stands against value that is paid for already. */
interface Parts {
  readonly within: Both;
  readonly paidFor: Both;
  /** The value that this is of. */
  readonly paidWorth: number;
}

/** A requirement within what the pool can lose, and the amounts that its severity rests on. */
export interface BoundRequirement {
  readonly charges: readonly AccountCharge[];
  readonly initialMargin: number;
  readonly maintenanceMargin: number;
  readonly severityBasis: SeverityBasis;
}

/**
 * Bounds what is asked of a pool by its greatest possible loss (LossBounds), and takes out of both sides of its ladder what
 * cannot be owed. Value that is paid for, such as that of options bought, counts in the balance and, as it can be lost, in the
 * requirement; on both sides it would bring the ratio of the two to 1 while nothing is owed. A unit that can never come to owe
 * has no more than that in its requirement; of any other unit it is the option value that rules add to both sides.
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
  // What is set aside is not among what bounds a unit.
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
    // What is paid for and carries a debt beside it can be owed.
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
    // A share of both may round either way in the last bit.
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

/** A requirement and the balance it is held against. */
interface Held {
  readonly requirement: number;
  readonly balance: number;
}

/** The one of two that uses less of its balance; the second only where it has one and leaves some of it. */
function lesser(first: Held, second: Held): Held {
  if (second.requirement === 0 && second.balance >= 0) return second;
  if (!(second.requirement < second.balance)) return first;
  return first.balance <= 0 || first.requirement * second.balance > second.requirement * first.balance ? second : first;
}

/**
 * The most that a pool can come to owe, which is no less than what it owes at these prices. Marks of one expiry may contradict
 * what it pays by a little, and sums differ in their last bits: that is no debt.
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

/** What is asked of a pool that nothing bounds, and of which nothing is paid for: most of them. */
function asAsked(value: PoolValue, units: readonly UnitMeasure[], charges: readonly AccountCharge[]): BoundRequirement {
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

/** What a limit covers of both amounts. */
function upTo({ initial, maintenance }: Both, limit: number): Both {
  return { initial: Math.min(initial, limit), maintenance: Math.min(maintenance, limit) };
}

/** The same of amounts that may be below 0, which nothing covers. */
function covered({ initial, maintenance }: Both, limit: number): Both {
  return { initial: Math.max(0, Math.min(initial, limit)), maintenance: Math.max(0, Math.min(maintenance, limit)) };
}

const nothing: Both = { initial: 0, maintenance: 0 };

/** By unit; a requirement of all units at once is bounded by the loss of all, and its parts may be below 0. */
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
  // What moves with two coins is in the loss of both units, and can be lost once.
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
    // All that a unit is worth where it can never come to owe, else what rules add as option value.
    const isPaidFor = book.lossBounds.leastByForwards[index]! >= 0;
    const paidWorth = Math.max(0, isPaidFor ? worths[index]! : amountOf(units[index]!, "option_value"));
    const own = covered(within, paidWorth);
    // A hedge between units asks less of all than of one: no more of it than is asked in all stands against paid value.
    const paid = {
      initial: Math.min(own.initial, left.initial),
      maintenance: Math.min(own.maintenance, left.maintenance),
    };
    left.initial -= paid.initial;
    left.maintenance -= paid.maintenance;
    return { within, paidFor: paid, paidWorth };
  });
}

/** The greatest loss of a pool whose units are all bounded, with the funding it is expected to pay. */
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
 * What moves against the pool with the prices of units and is not among their positions, pool currency; see computePoolLosses.
 * In a coin's own pool the gains of other units in other currencies are among them.
 */
function movedBalances(
  book: Book,
  values: readonly CurrencyValue[],
  units: readonly BookUnit[],
  poolPriceUsd: number,
): number {
  const { poolCurrency } = book.account;
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
      // No more can be lost of what is held than it counts for.
      pool ??= sumPool(book, values);
      heldUsd = countCurrency(collateral, parameters, value, pool).initialUsd / net;
    }
    moved += (held * heldUsd) / poolPriceUsd;
  }
  return moved;
}

/** The credit that keeps a requirement of our own within the greatest loss of a unit. */
function creditOf({ underlying }: BookUnit, asked: Both, { within }: Parts): AccountCharge[] {
  const initial = within.initial - asked.initial;
  const maintenance = within.maintenance - asked.maintenance;
  if (initial === 0 && maintenance === 0) return [];
  return [{ name: "loss_bound_credit", underlying, initial, maintenance }];
}

/** What the positions of a unit are worth as they count in the balance, pool currency: gains in a fallen stablecoin count less. */
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

/** What a unit has gained in one currency, units of it. */
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
