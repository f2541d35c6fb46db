import type { AccountCharge } from "../methods/registry/index.ts";
import type { UnitMeasure } from "../methods/unit-measure.ts";
import type { MethodId, SeverityBasis } from "../model/index.ts";
import type { Book, BookUnit } from "./book.ts";
import { type CurrencyValue, powerOf } from "./currency-value.ts";
import type { JointCharges } from "./joint/charge-jointly.ts";
import type { PoolValue } from "./value-pool.ts";

/** Methods of our own: they never ask more of a pool than it can lose. A preset keeps its published number. */
const ownMethods: ReadonlySet<MethodId> = new Set(["static", "portfolio", "var"]);

/** An amount of both requirements, pool currency. */
interface Both {
  initial: number;
  maintenance: number;
}

/** What of a requirement is beyond the greatest loss, and what of the rest stands against value that is paid for already. */
interface Parts {
  readonly beyondLoss: Both;
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
  const asked = units.map(({ initial, maintenance }): Both => ({ initial, maintenance }));
  const beside: Both = { initial: 0, maintenance: 0 };
  for (const charge of charges) {
    const unit = book.units.findIndex(({ underlying }) => underlying === charge.underlying);
    add(asked[unit] ?? beside, charge);
  }
  const parts = isJoint
    ? boundTogether(book, values, units, asked, poolPriceUsd)
    : asked.map((own, index) => boundUnit(book, values, units, own, index, poolPriceUsd));
  const initialMargin = asked.reduce((sum, { initial }) => sum + initial, beside.initial);
  const maintenanceMargin = asked.reduce((sum, { maintenance }) => sum + maintenance, beside.maintenance);
  const beyond = sumOf(parts, "beyondLoss");
  const paidFor = sumOf(parts, "paidFor");
  const atRisk = { initial: initialMargin - beyond.initial, maintenance: maintenanceMargin - beyond.maintenance };
  const isOwn = ownMethods.has(book.account.methodId);
  const { greatestDebt } = book.lossBounds;
  return {
    charges: isOwn ? [...charges, ...parts.flatMap((part, index) => creditOf(book.units[index]!, part))] : charges,
    initialMargin: isOwn ? atRisk.initial : initialMargin,
    maintenanceMargin: isOwn ? atRisk.maintenance : maintenanceMargin,
    severityBasis: {
      initialMargin: Math.max(0, atRisk.initial - paidFor.initial),
      initialMarginBalance: value.initialMarginBalance - paidFor.initial,
      maintenanceMargin: Math.max(0, atRisk.maintenance - paidFor.maintenance),
      marginBalance: value.marginBalance - paidFor.maintenance,
      greatestDebt: greatestDebt === Number.POSITIVE_INFINITY ? null : greatestDebt,
    },
  };
}

function add(sum: Both, { initial, maintenance }: Readonly<Both>): void {
  sum.initial += initial;
  sum.maintenance += maintenance;
}

function sumOf(parts: readonly Parts[], name: keyof Parts): Both {
  const sum: Both = { initial: 0, maintenance: 0 };
  for (const part of parts) add(sum, part[name]);
  return sum;
}

/** By how much both requirements are above a limit. */
function above(asked: Both, limit: number): Both {
  return { initial: Math.max(0, asked.initial - limit), maintenance: Math.max(0, asked.maintenance - limit) };
}

/** What a limit covers of both requirements, without what is beyond the greatest loss. */
function within({ initial, maintenance }: Both, beyond: Both, limit: number): Both {
  return {
    initial: Math.max(0, Math.min(initial - beyond.initial, limit)),
    maintenance: Math.max(0, Math.min(maintenance - beyond.maintenance, limit)),
  };
}

const nothing: Both = { initial: 0, maintenance: 0 };

function boundUnit(
  book: Book,
  values: readonly CurrencyValue[],
  units: readonly UnitMeasure[],
  asked: Both,
  index: number,
  poolPriceUsd: number,
): Parts {
  const unit = book.units[index]!;
  const leastWorth = book.lossBounds.leastWorths[index]!;
  const ruled = amountOf(units[index]!, "option_value");
  if (leastWorth === Number.NEGATIVE_INFINITY) return { beyondLoss: nothing, paidFor: within(asked, nothing, ruled) };
  const beyondLoss = above(asked, greatestLoss(book, values, units[index]!, index, poolPriceUsd));
  const paid = leastWorth >= 0 ? countedWorth(book, unit, values, poolPriceUsd) : ruled;
  return { beyondLoss, paidFor: within(asked, beyondLoss, paid) };
}

/** A requirement of all units at once is bounded by all their losses; its parts may be below 0, and their sum counts. */
function boundTogether(
  book: Book,
  values: readonly CurrencyValue[],
  units: readonly UnitMeasure[],
  asked: readonly Both[],
  poolPriceUsd: number,
): Parts[] {
  const { leastWorths } = book.lossBounds;
  let loss = 0;
  for (const [index, unit] of units.entries()) {
    loss +=
      leastWorths[index] === Number.NEGATIVE_INFINITY
        ? Infinity
        : greatestLoss(book, values, unit, index, poolPriceUsd);
  }
  const total: Both = { initial: 0, maintenance: 0 };
  for (const own of asked) add(total, own);
  const beyond = above(total, loss);
  const left: Both = { initial: total.initial - beyond.initial, maintenance: total.maintenance - beyond.maintenance };
  return asked.map((own, index) => {
    const share = (kind: keyof Both) => (beyond[kind] > 0 ? (beyond[kind] * own[kind]) / total[kind] : 0);
    const beyondLoss = { initial: share("initial"), maintenance: share("maintenance") };
    const paid = leastWorths[index]! >= 0 ? countedWorth(book, book.units[index]!, values, poolPriceUsd) : 0;
    const paidFor = within(own, beyondLoss, paid);
    const taken = {
      initial: Math.min(paidFor.initial, left.initial),
      maintenance: Math.min(paidFor.maintenance, left.maintenance),
    };
    left.initial -= taken.initial;
    left.maintenance -= taken.maintenance;
    return { beyondLoss, paidFor: taken };
  });
}

/** The credit that keeps a requirement of our own within the greatest loss of a unit. */
function creditOf({ underlying }: BookUnit, { beyondLoss }: Parts): AccountCharge[] {
  const { initial, maintenance } = beyondLoss;
  if (initial === 0 && maintenance === 0) return [];
  return [{ name: "loss_bound_credit", underlying, initial: -initial, maintenance: -maintenance }];
}

/** The greatest loss of a unit from what it is worth and counts for now, with the funding it is expected to pay; at least 0. */
function greatestLoss(
  book: Book,
  values: readonly CurrencyValue[],
  measure: UnitMeasure,
  index: number,
  poolPriceUsd: number,
): number {
  const unit = book.units[index]!;
  const poolIsCoin = book.account.poolCurrency === unit.underlying;
  let worth = countedWorth(book, unit, values, poolPriceUsd);
  for (const [currencyIndex, currency] of book.currencies.entries()) {
    const { collateral, parameters } = currency;
    const { priceUsd, unrealisedProfit, optionValue } = values[currencyIndex]!;
    if (powerOf(currency, unit.underlying) === (poolIsCoin ? 1 : 0)) continue;
    const moves = poolIsCoin || collateral < 0 || parameters?.movesInScenarios === true;
    let held = moves ? collateral : 0;
    // In the coin's own pool the gains of other units move against the coin with the balances; its own are counted already.
    if (poolIsCoin) held += unrealisedProfit + optionValue - settledIn(unit, currencyIndex);
    worth += (held * priceUsd) / poolPriceUsd;
  }
  return Math.max(0, worth - book.lossBounds.leastWorths[index]!) + amountOf(measure, "expected_funding");
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
