import type { ComponentName, Instrument, ParameterSet, ScanParameters, UnderlyingState } from "../model/index.ts";
import { isCurvedPerpetual, isDatedOption } from "../model/product-traits.ts";
import type { ScenarioSet } from "../scenarios/index.ts";
import type { ParameterRules } from "./bounds.ts";
import type { HeldInstrument, NamedAmount, NamedScenario } from "./common/holding.ts";
import type { SizedParameters } from "./size/parameters.ts";
import type { BothMargins, MeasuredUnit, ScanExposure, UnitMeasure, UnitNetting } from "./unit-measure.ts";

/** A net position with its quote and the amounts in US dollars that a method needs besides. */
export interface MethodInstrument extends HeldInstrument {
  /** The price in US dollars of one unit of the currency in which the position settles. */
  readonly settlementPriceUsd: number;
  /** The gain of the position since its entry, in US dollars. It is 0 for options, whose value counts instead. */
  readonly unrealisedProfitUsd: number;
}

/** Everything that a pool holds on one underlying, at the prices of one view of that underlying. */
export interface MethodUnit {
  readonly underlying: string;
  /** The index price of the underlying in US dollars. */
  readonly indexPrice: number;
  readonly asOfMs: number;
  /**
   * The net positions, sorted by settlement currency and then by instrument id. The list is empty when only balances
   * move with the underlying.
   */
  readonly holdings: readonly MethodInstrument[];
  /** Whether the currency of the pool is the coin of this underlying. */
  readonly poolIsCoin: boolean;
  /**
   * The value in US dollars of the balances whose worth, counted in the pool's currency, moves with the underlying. In
   * a cash pool these are the balances in the coin, in the coin's own pool all other balances. The value includes
   * unrealised profit and option value, and is below 0 when balances are owed.
   */
  readonly balanceUsd: number;
  /** The same value without option value, for methods whose scan counts options at their cash value. */
  readonly balanceWithoutOptionsUsd: number;
  /**
   * An object that is the same for all pools measured at these prices. Results that depend on prices alone are
   * remembered under it.
   */
  readonly prices: object;
}

/** What a method requires for one unit, in US dollars. Requirements are positive. */
export interface MethodMeasure {
  /** The initial margin, which is never below `maintenance`. */
  readonly initial: number;
  readonly maintenance: number;
  /** The parts of the requirement, which add up to `initial`. */
  readonly components: readonly NamedAmount<ComponentName>[];
  /** The scenario with the greatest loss. Null when the method has no scenarios or none of them loses. */
  readonly worstScenario: NamedScenario | null;
  /** What the unit contributes to offsets between underlyings. Absent when it offsets no other underlying. */
  readonly netting?: UnitNetting;
}

/** An amount of one asset that the pool owes, that is, a balance below 0. */
export interface Debt {
  readonly asset: string;
  /** The amount owed in US dollars, above 0. */
  readonly valueUsd: number;
}

/** What a method requires of a pool beyond its units, in US dollars. A negative amount is a credit. */
export interface PoolCharge {
  readonly name: ComponentName;
  /** The underlying that receives the credit, or the asset that is owed. */
  readonly underlying: string;
  readonly initial: number;
  readonly maintenance: number;
}

/**
 * Returns the charges and credits between the units of one pool, and the charges for its debts. The units come in the
 * order of their names.
 */
export type PoolRule = (units: readonly MeasuredUnit[], debts: readonly Debt[]) => readonly PoolCharge[];

/**
 * The rule of a method that reads risk arrays, which all pools at the same prices share. The engine sums the arrays
 * over the positions of a unit and adds the losses of the balances that move with the underlying.
 */
export interface ArraysRule {
  readonly reads: "risk_arrays";
  /**
   * Measures one unit. `losses` has one loss per scenario of `prices.set`, in pool currency. The array may be longer
   * than the set, and the elements beyond the last scenario mean nothing.
   */
  readonly measure: (
    losses: Float64Array,
    prices: ScannedPrices,
    exposure: ScanExposure,
    poolPriceUsd: number,
  ) => UnitMeasure;
  /**
   * Returns the most that the method requires for one US dollar of a balance that moves. In a cash pool that is a
   * dollar's worth of the coin, in the coin's own pool one US dollar.
   */
  readonly askedForBalance: (set: ScenarioSet, poolIsCoin: boolean) => BothMargins;
}

/** The rule of a method that reads the positions and balances themselves, at their quotes. */
export interface HoldingsRule {
  readonly reads: "holdings";
  readonly measure: (unit: MethodUnit) => MethodMeasure;
}

/**
 * The rule of a method that requires nothing for a unit by itself. The engine revalues the whole pool in joint
 * scenarios and requires what the tail of the losses calls for.
 */
export interface JointRule {
  readonly reads: "joint_scenarios";
}

/** The rule by which a method measures what a pool holds on one underlying. */
export type UnitRule = ArraysRule | HoldingsRule | JointRule;

/** The part of an underlying's prices that a scan reads. */
export interface ScannedPrices {
  readonly state: Pick<UnderlyingState, "underlying">;
  readonly scan: ScanParameters;
  readonly set: ScenarioSet;
}

/**
 * A margin method with its parameters, as the engine calls it. Its requirement is compared with the margin balance that
 * all methods share. That balance holds collateral, unrealised profit and option value, netted by currency and after
 * haircuts. Some methods leave option value out of the balance by their own rules. They have it as the component
 * `option_value` instead, which gives the same comparison.
 *
 * Everything that the engine must know about a method is a member here, so that no other file asks for
 * the id of a method.
 */
export interface MarginMethod {
  readonly unit: UnitRule;
  /**
   * Returns in words why the method cannot margin an instrument, or null when it can. The member itself is null when
   * the method can revalue any instrument.
   */
  readonly findUnsupported: ((instrument: Instrument) => string | null) | null;
  /**
   * Returns why the method cannot margin holdings that move with the price of a coin, be they positions or balances.
   * Returns null when it can.
   */
  readonly findMissingTerms: (underlying: string) => string | null;
  /** Why the method cannot margin a pool whose currency is a coin. Null when it can. */
  readonly coinPoolFault: string | null;
  /**
   * Computes the charges and credits beyond the units. Null when the units do not offset each other and
   * debts are not charged.
   */
  readonly measurePool: PoolRule | null;
  /**
   * Whether `measurePool` charges for debts by a rule that the venue published. When true, the engine adds no
   * borrowing charge of its own for them.
   */
  readonly chargesLoans: boolean;
  /**
   * Whether the method requires margin for balances whose worth moves with a price. When false, the method looks at
   * positions only, and the engine charges a coin that is owed at the fixed rates of the scan.
   */
  readonly chargesBalances: boolean;
  /** Whether the joint scenarios set a floor: the requirement of the whole pool is then at least what they require. */
  readonly hasJointFloor: boolean;
  /**
   * Whether the requirement is limited to what the pool can lose. It is false for methods after published rules, whose
   * number stays as published.
   */
  readonly isWithinLoss: boolean;
  /**
   * Whether the requirement of a unit is the sum of the requirements of its instruments, each by itself, whatever
   * else the pool holds.
   */
  readonly isAdditive: boolean;
  /** The groups of underlyings that are measured together. `all` means that any two underlyings may be. */
  readonly measuredTogether: "all" | readonly (readonly string[])[];
  /**
   * How the engine finds the open orders whose fills would raise the requirement most. `by_scenario`: the requirement
   * is the greatest loss over the scenarios that the engine sums, with charges beside it, so that orders are chosen
   * scenario by scenario. `by_subset`: the engine tries subsets of the orders.
   */
  readonly orderSearch: "by_scenario" | "by_subset";
}

/** Default members of a method that measures each position or each unit by itself and requires nothing beyond them. */
export const plainMethod = {
  coinPoolFault: null,
  measurePool: null,
  chargesLoans: false,
  chargesBalances: true,
  hasJointFloor: false,
  isWithinLoss: false,
  isAdditive: false,
  measuredTogether: [],
  orderSearch: "by_subset",
} as const satisfies Partial<MarginMethod>;

/** Members of a method that can revalue any instrument and any balance on any underlying. */
export const supportsAll = {
  findUnsupported: null,
  findMissingTerms: () => null,
} as const satisfies Partial<MarginMethod>;

/** Returns the unit rule of a method that measures the positions and balances themselves. */
export function readsHoldings(measure: (unit: MethodUnit) => MethodMeasure): HoldingsRule {
  return { reads: "holdings", measure };
}

/**
 * Returns whether the method's requirement, or the floor under it, is measured over all underlyings of a pool at once.
 */
export function isMeasuredJointly({ unit, hasJointFloor }: MarginMethod): boolean {
  return hasJointFloor || unit.reads === "joint_scenarios";
}

/** What the registry keeps of a method. The folder of each method exports one registration. */
export interface MethodRegistration<Parameters extends SizedParameters = SizedParameters>
  extends ParameterRules<Parameters> {
  /** The version number of the method's formulas. It rises when the same parameters would give another requirement. */
  readonly formulas: number;
  /** Builds the method from its own parameters of a parameter set. It is called once per set. */
  build(own: Parameters, set: ParameterSet): MarginMethod;
  /**
   * Returns the members of the parameter set, besides the method's own parameters, on which the requirement depends.
   * They are hashed into the method's version. The member is absent when there are none.
   */
  restsOn?(own: Parameters, set: ParameterSet): object;
}

/**
 * Returns a function that calls `build` once for each set of prices. It returns the remembered result for all further
 * units at the same prices.
 */
export function rememberByPrices<Kept>(build: (unit: MethodUnit) => Kept): (unit: MethodUnit) => Kept {
  const known = new WeakMap<object, Kept>();
  return (unit) => {
    let kept = known.get(unit.prices);
    if (kept === undefined) {
      kept = build(unit);
      known.set(unit.prices, kept);
    }
    return kept;
  };
}

/**
 * Returns the positions with the quantity of each linear one multiplied by the US dollar price of its
 * settlement currency. Each position then pays in US dollars, even when its settlement currency is worth a
 * little more or less than one.
 */
export function inUsDollars({ holdings }: MethodUnit): HeldInstrument[] {
  return holdings.map(({ quoted, quantity, settlementPriceUsd }) => {
    const isLinear = quoted.instrument.settlement === "linear";
    return { quoted, quantity: isLinear ? quantity * settlementPriceUsd : quantity };
  });
}

/** Returns the value of the options at their marks in US dollars. Long options count as positive. */
export function optionValueUsd(holdings: readonly MethodInstrument[]): number {
  let value = 0;
  for (const { quoted, quantity, settlementPriceUsd } of holdings) {
    const { instrument, markPrice } = quoted;
    if (isDatedOption(instrument)) value += quantity * instrument.contractSize * markPrice * settlementPriceUsd;
  }
  return value;
}

/** Returns the row of an underlying, or else the row `*` for any underlying that is not listed. */
export function findRow<Row extends { readonly underlying: string }>(
  rows: readonly Row[],
  underlying: string,
): Row | undefined {
  return rows.find((row) => row.underlying === underlying) ?? rows.find((row) => row.underlying === "*");
}

/**
 * Returns the two support checks of a method that has terms by underlying. They accept options, futures and
 * perpetuals on the underlyings that have terms, and balances that move with these. They refuse perpetual options
 * and power perpetuals.
 */
export function supports(
  terms: string,
  hasTerms: (underlying: string) => boolean,
): { readonly [Member in "findUnsupported" | "findMissingTerms"]: NonNullable<MarginMethod[Member]> } {
  const findMissingTerms = (underlying: string) =>
    hasTerms(underlying) ? null : `${terms} have no row for ${underlying}`;
  return {
    findMissingTerms,
    findUnsupported: (instrument) =>
      isCurvedPerpetual(instrument)
        ? `${terms} have no rule for a ${instrument.kind}`
        : findMissingTerms(instrument.underlying),
  };
}
