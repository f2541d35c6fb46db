import { isMeasuredJointly, type PoolCharge } from "../../methods/margin-method.ts";
import { type BothMargins, scanFactors, type UnitMeasure } from "../../methods/unit-measure.ts";
import { type JointPart, measureVar, type VarRequirement } from "../../methods/var/requirement.ts";
import type { ComponentName, MarginNote } from "../../model/index.ts";
import type { Book } from "../book/book.ts";
import { findJointMarket, isJointFault, type JointMarket } from "../market/joint-market.ts";
import type { Market } from "../market/market.ts";
import type { CurrencyValue } from "../value/currency-value.ts";
import { computeJointParts } from "./joint-losses.ts";
import type { JointSums } from "./joint-sums.ts";

/** The measures of a book's units and its charges, with what joint scenarios add to them, in pool currency. */
export interface JointCharges {
  readonly units: readonly UnitMeasure[];
  readonly charges: readonly PoolCharge[];
  readonly notes: readonly MarginNote[];
}

/**
 * Adds what the joint scenarios require, by underlying. Under a method that reads them, that is the figure of the tail
 * and what the stress asks beyond it. Under a method with a floor, it is the excess of the floor over what the method
 * itself asks. `asked` are the method's own charges beyond the units, and the sums of `kept` are not taken again.
 */
export function chargeJointly(
  market: Market,
  book: Book,
  values: readonly CurrencyValue[],
  units: readonly UnitMeasure[],
  asked: readonly PoolCharge[],
  poolPriceUsd: number,
  kept?: JointSums,
): JointCharges {
  if (!isMeasuredJointly(book.method)) return { units, charges: asked, notes: [] };
  const joint = findJointMarket(market);
  if (isJointFault(joint)) throw new RangeError(`${joint.field} is ${joint.value}: check the book with createBook`);
  const parts = computeJointParts({ market, book, joint, values, poolPriceUsd }, kept);
  const required = measureVar(parts, joint);
  const factors = scanFactors(market.parameters);
  const notes = [...required.notes, ...proxyNotes(book, joint)];
  if (book.method.unit.reads === "joint_scenarios") {
    const charge = (name: ComponentName, amounts: readonly number[]) =>
      parts.map(({ underlying }, index) => scaled(name, underlying, amounts[index]!, factors));
    const own = [
      ...charge(joint.parameters.measure, required.tailContributions),
      ...charge("stress_excess", required.stressContributions),
    ].filter(({ initial }) => initial !== 0);
    return { units: nameWorst(book, units, parts, required, joint), charges: [...asked, ...own], notes };
  }
  return { units, charges: [...asked, ...floorCharges(parts, required, units, asked, factors)], notes };
}

function scaled(name: ComponentName, underlying: string, amount: number, factors: BothMargins): PoolCharge {
  return { name, underlying, initial: amount * factors.initial, maintenance: amount * factors.maintenance };
}

/** Returns what a floor asks beyond both margins of a method. It is shared out by what each part adds to the floor. */
function floorCharges(
  parts: readonly JointPart[],
  { tailRequirement, stressExcess, tailContributions, stressContributions }: VarRequirement,
  units: readonly UnitMeasure[],
  asked: readonly PoolCharge[],
  factors: BothMargins,
): PoolCharge[] {
  const floor = tailRequirement + stressExcess;
  if (!(floor > 0)) return [];
  const missing = (kind: keyof BothMargins) =>
    Math.max(0, floor * factors[kind] - [...units, ...asked].reduce((sum, entry) => sum + entry[kind], 0));
  const [initial, maintenance] = [missing("initial"), missing("maintenance")];
  if (initial === 0 && maintenance === 0) return [];
  return parts.map(({ underlying }, index) => {
    const share = (tailContributions[index]! + stressContributions[index]!) / floor;
    return { name: "var_floor_excess", underlying, initial: initial * share, maintenance: maintenance * share };
  });
}

/** Returns the units with the scenario that is worst for the whole book, and with their own losses in it. */
function nameWorst(
  { units: bookUnits }: Book,
  units: readonly UnitMeasure[],
  parts: readonly JointPart[],
  { worstScenario, tailContributions, stressContributions }: VarRequirement,
  joint: JointMarket,
): UnitMeasure[] {
  return units.map((unit, index) => {
    const part = parts.findIndex(({ underlying }) => underlying === bookUnits[index]!.underlying);
    if (part < 0) return unit;
    const requirement = tailContributions[part]! + stressContributions[part]!;
    const loss = worstScenario < 0 ? 0 : parts[part]!.losses[worstScenario]!;
    if (!(loss > 0)) return { ...unit, requirement };
    const scenarios = { ids: [joint.ids[worstScenario]!], labels: [joint.labels[worstScenario]!] };
    return { ...unit, requirement, worstScenario: 0, worstLoss: loss, scenarios };
  });
}

function proxyNotes(book: Book, joint: JointMarket): MarginNote[] {
  return book.units.flatMap(({ underlying }): MarginNote[] => {
    const proxy = joint.columnsOf(underlying)?.proxy ?? null;
    if (proxy === null) return [];
    const share = `${proxy.scenarioCount} of ${joint.history.scenarioIds.length} scenarios`;
    const text = `${underlying} moves as ${proxy.beta} x ${proxy.underlying} in ${share}: it has no history of its own there`;
    return [{ code: "history_proxied", text }];
  });
}
