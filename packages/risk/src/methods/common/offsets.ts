import type { ComponentName } from "../../model/index.ts";
import type { PoolCharge, PoolRule, ScannedPrices } from "../margin-method.ts";
import type { OffsetGroup } from "../portfolio/parameters.ts";
import type { BothMargins, MeasuredUnit, UnitMeasure, UnitNetting } from "../unit-measure.ts";

/** The losses of a unit, which gains on other underlyings may offset. */
export interface LossNetting extends UnitNetting {
  readonly kind: "losses";
  /**
   * The loss in each scenario in US dollars. A gain is negative and stands with only the share of it that may offset.
   */
  readonly losses: Float64Array;
  /** The initial and the maintenance margin for one US dollar of worst loss. */
  readonly initialFactor: number;
  readonly maintenanceFactor: number;
}

function isLossNetting(netting: UnitNetting | null): netting is LossNetting {
  return netting?.kind === "losses";
}

/**
 * Returns one credit per unit for scan losses that do not occur together. The total credit is (1 - decorrelation)
 * x (the sum of the units' own worst losses - their worst joint loss). The units share it in proportion to their
 * own worst losses. A joint scenario combines the scenarios at the same place of all units' grids, so all prices
 * and volatilities move the same way. Gains count with the share that may offset. Throws a RangeError if the
 * grids differ in length.
 */
export function creditLosses(
  units: readonly MeasuredUnit[],
  decorrelation: number,
  name: ComponentName,
): readonly PoolCharge[] {
  const scanned = units.flatMap(({ underlying, netting }) => (isLossNetting(netting) ? [{ underlying, netting }] : []));
  if (scanned.length < 2) return [];
  const joint = new Float64Array(scanned[0]?.netting.losses.length ?? 0);
  for (const { underlying, netting } of scanned) {
    if (netting.losses.length !== joint.length) {
      throw new RangeError(
        `Offsets: ${underlying} has ${netting.losses.length} scenarios, another of its group ${joint.length}; give their scans grids of one shape`,
      );
    }
    for (let s = 0; s < joint.length; s += 1) joint[s] = joint[s]! + netting.losses[s]!;
  }
  const worsts = scanned.map(({ netting }) => worstOf(netting.losses));
  const apart = worsts.reduce((sum, worst) => sum + worst, 0);
  const saved = (1 - decorrelation) * Math.max(0, apart - worstOf(joint));
  if (!(saved > 0)) return [];
  return scanned.map(({ underlying, netting: { initialFactor, maintenanceFactor } }, index) => {
    const credit = saved * (worsts[index]! / apart);
    return { name, underlying, initial: -credit * initialFactor, maintenance: -credit * maintenanceFactor };
  });
}

function worstOf(losses: Float64Array): number {
  let worst = 0;
  for (const loss of losses) if (loss > worst) worst = loss;
  return worst;
}

/**
 * Returns the measure of a unit of the method `portfolio`, with the losses that other underlyings of its group can
 * offset. A unit whose underlying is in no group is returned unchanged.
 */
export function offsetLosses(
  measure: UnitMeasure,
  groups: readonly OffsetGroup[],
  { state: { underlying }, set }: ScannedPrices,
  losses: Float64Array,
  { initial: initialFactor, maintenance: maintenanceFactor }: BothMargins,
  poolPriceUsd: number,
): UnitMeasure {
  const group = groups.find(({ underlyings }) => underlyings.includes(underlying));
  if (group === undefined) return measure;
  const { requirement } = measure;
  const netting: LossNetting = {
    kind: "losses",
    losses: losses
      .subarray(0, set.scenarioCount)
      .map((loss) => (loss < 0 ? loss * group.gainShare : loss) * poolPriceUsd),
    initialFactor,
    maintenanceFactor,
  };
  return {
    ...measure,
    measured: {
      underlying,
      initial: requirement * initialFactor * poolPriceUsd,
      maintenance: requirement * maintenanceFactor * poolPriceUsd,
      netting,
    },
  };
}

/** Returns the rule that credits the offsets of the method `portfolio`, or null when there are no groups. */
export function offsetRule(groups: readonly OffsetGroup[]): PoolRule | null {
  if (groups.length === 0) return null;
  return (units) =>
    groups.flatMap(({ underlyings, decorrelation }) =>
      creditLosses(
        units.filter(({ underlying }) => underlyings.includes(underlying)),
        decorrelation,
        "currency_offset_credit",
      ),
    );
}
