import type { ComponentName } from "../../model/index.ts";
import type { AccountCharge, AccountRule, MeasuredUnit } from "../margin-method.ts";
import type { OffsetGroup } from "../portfolio/parameters.ts";

/**
 * Credit for scan losses that do not come together: what the units lose at their own worst scenarios less what they lose in
 * the worst joint one, times 1 - decorrelation, shared by their losses. A joint scenario is the scenario of the same place in
 * each unit's grid, so all prices and volatilities move the same way; gains stand with the share that may offset.
 */
export function creditLosses(
  units: readonly MeasuredUnit[],
  decorrelation: number,
  name: ComponentName,
): readonly AccountCharge[] {
  const scanned = units.flatMap(({ underlying, netting }) =>
    netting?.kind === "losses" ? [{ underlying, netting }] : [],
  );
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

/** The group of an underlying; undefined when it offsets nothing. */
export function findOffsetGroup(groups: readonly OffsetGroup[], underlying: string): OffsetGroup | undefined {
  return groups.find(({ underlyings }) => underlyings.includes(underlying));
}

/** The offsets that the method `portfolio` is given. */
export function offsetRule(groups: readonly OffsetGroup[]): AccountRule | null {
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
