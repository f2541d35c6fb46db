import type { AccountCharge } from "../methods/registry/index.ts";
import type { UnitMeasure } from "../methods/unit-measure.ts";
import type { MethodId, SeverityBasis } from "../model/index.ts";
import type { Book, BookUnit } from "./book.ts";
import { type CurrencyValue, powerOf } from "./currency-value.ts";
import type { JointCharges } from "./joint/charge-jointly.ts";
import { mayComeToOwe } from "./keep-known.ts";
import { areUnbounded } from "./loss-bounds.ts";
import type { PoolValue } from "./value-pool.ts";

/** Methods of our own: they never ask more of a pool than it can lose. A preset keeps its published number. */
const ownMethods: ReadonlySet<MethodId> = new Set(["static", "portfolio", "var"]);

/** An amount of both requirements, pool currency. */
interface Both {
  initial: number;
  maintenance: number;
}

/** What of a requirement is within the greatest loss, and what of that stands against value that is paid for already. */
interface Parts {
  readonly within: Both;
  readonly paidFor: Both;
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
  isJoint: boolean,
  poolPriceUsd: number,
): BoundRequirement {
  if (areUnbounded(book.lossBounds) && !units.some(hasOptionValue)) return asAsked(value, { units, charges });
  const asked = units.map(({ initial, maintenance }): Both => ({ initial, maintenance }));
  const beside: Both = { initial: 0, maintenance: 0 };
  for (const charge of charges) {
    // What is set aside is not among what bounds a unit.
    const isSetAside = charge.name === "unpriced_holding";
    const unit = isSetAside ? -1 : book.units.findIndex(({ underlying }) => underlying === charge.underlying);
    add(asked[unit] ?? beside, charge);
  }
  const parts = partsOf(book, values, units, asked, isJoint, poolPriceUsd);
  const full = sumOf(asked, beside);
  const atRisk = sumOf(
    parts.map(({ within }) => within),
    beside,
  );
  const paidFor = sumOf(
    parts.map((part) => part.paidFor),
    nothing,
  );
  const isOwn = ownMethods.has(book.account.methodId);
  const { setAside, lossBounds } = book;
  const isBounded = lossBounds.greatestDebt !== Number.POSITIVE_INFINITY && !(setAside && mayComeToOwe(setAside));
  return {
    charges: isOwn
      ? [...charges, ...parts.flatMap((part, index) => creditOf(book.units[index]!, asked[index]!, part))]
      : charges,
    initialMargin: isOwn ? atRisk.initial : full.initial,
    // A share of both may round either way in the last bit.
    maintenanceMargin: isOwn ? Math.min(atRisk.maintenance, atRisk.initial) : full.maintenance,
    severityBasis: {
      initialMargin: Math.max(0, atRisk.initial - paidFor.initial),
      initialMarginBalance: value.initialMarginBalance - paidFor.initial,
      maintenanceMargin: Math.max(0, atRisk.maintenance - paidFor.maintenance),
      marginBalance: value.marginBalance - paidFor.maintenance,
      greatestDebt: isBounded ? lossBounds.greatestDebt : null,
    },
  };
}

/** What is asked of a pool that nothing bounds, and of which nothing is paid for: most of them. */
function asAsked(value: PoolValue, { units, charges }: Pick<JointCharges, "units" | "charges">): BoundRequirement {
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
  isJoint: boolean,
  poolPriceUsd: number,
): Parts[] {
  const { leastWorths } = book.lossBounds;
  const losses = units.map((unit, index) => {
    const leastWorth = leastWorths[index]!;
    if (leastWorth === Number.NEGATIVE_INFINITY) return Number.POSITIVE_INFINITY;
    const worth = countedWorth(book, book.units[index]!, values, poolPriceUsd);
    const moved = movedBalances(book, values, [book.units[index]!], poolPriceUsd);
    return Math.max(0, worth + moved - leastWorth) + amountOf(unit, "expected_funding");
  });
  const bounded = asked.map((own, index) => (isJoint ? own : upTo(own, losses[index]!)));
  const total = sumOf(bounded, nothing);
  // What moves with two coins is in the loss of both units, and can be lost once.
  const left = losses.includes(Number.POSITIVE_INFINITY)
    ? { ...total }
    : upTo(total, Math.max(0, greatestLoss(book, values, units, poolPriceUsd)));
  const share = (kind: keyof Both) => (total[kind] > left[kind] ? left[kind] / total[kind] : 1);
  const shares: Both = { initial: share("initial"), maintenance: share("maintenance") };
  return bounded.map((amount, index) => {
    const within = {
      initial: amount.initial * shares.initial,
      maintenance: amount.maintenance * shares.maintenance,
    };
    const own = covered(within, paidFor(book, values, units, index, poolPriceUsd));
    // A hedge between units asks less of all than of one: no more of it than is asked in all stands against paid value.
    const paid = {
      initial: Math.min(own.initial, left.initial),
      maintenance: Math.min(own.maintenance, left.maintenance),
    };
    left.initial -= paid.initial;
    left.maintenance -= paid.maintenance;
    return { within, paidFor: paid };
  });
}

/** Value of a unit that is paid for: all it is worth where it can never come to owe, else what rules add as option value. */
function paidFor(
  book: Book,
  values: readonly CurrencyValue[],
  units: readonly UnitMeasure[],
  index: number,
  poolPriceUsd: number,
): number {
  if (!(book.lossBounds.leastWorths[index]! >= 0)) return amountOf(units[index]!, "option_value");
  return countedWorth(book, book.units[index]!, values, poolPriceUsd);
}

/** The greatest loss of a pool whose units are all bounded, with the funding it is expected to pay. */
function greatestLoss(
  book: Book,
  values: readonly CurrencyValue[],
  units: readonly UnitMeasure[],
  poolPriceUsd: number,
): number {
  let loss = movedBalances(book, values, book.units, poolPriceUsd);
  for (const [index, unit] of book.units.entries()) {
    loss += countedWorth(book, unit, values, poolPriceUsd) - book.lossBounds.leastWorths[index]!;
    loss += amountOf(units[index]!, "expected_funding");
  }
  return loss;
}

/**
 * What moves against the pool with the prices of units and is not among their positions, pool currency: which balances these
 * are is what computePoolLosses says. In a coin's own pool the gains of other units in other currencies are among them.
 */
function movedBalances(
  book: Book,
  values: readonly CurrencyValue[],
  units: readonly BookUnit[],
  poolPriceUsd: number,
): number {
  const { poolCurrency } = book.account;
  let moved = 0;
  for (const [currencyIndex, currency] of book.currencies.entries()) {
    const { collateral, parameters } = currency;
    const movers = units.filter(
      (unit) => powerOf(currency, unit.underlying) !== (unit.underlying === poolCurrency ? 1 : 0),
    );
    if (movers.length === 0) continue;
    const { priceUsd, unrealisedProfit, optionValue } = values[currencyIndex]!;
    const poolIsCoin = movers.some(({ underlying }) => underlying === poolCurrency);
    let held = poolIsCoin || collateral < 0 || parameters?.movesInScenarios === true ? collateral : 0;
    if (poolIsCoin && currency.currency !== poolCurrency) {
      held += unrealisedProfit + optionValue - units.reduce((sum, unit) => sum + settledIn(unit, currencyIndex), 0);
    }
    moved += (held * priceUsd) / poolPriceUsd;
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
