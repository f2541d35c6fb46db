/** All holdings on one underlying. Gains and losses at the same point offset each other in full. */
export interface TimsClassGroup {
  readonly name: string;
  /** The profit at each valuation point. A gain is positive. */
  readonly pnl: Float64Array;
  /** The least charge of this group, whatever its profit (see timsMinimumCharge). */
  readonly minimumCharge: number;
}

/** Several class groups. Gains on one of them offset losses on the others at the same point in part. */
export interface TimsProductGroup {
  readonly name: string;
  /** The share of the lesser of gains and losses that offsets, 0 to 1. */
  readonly offset: number;
  readonly classGroups: readonly TimsClassGroup[];
}

/** Several product groups, which in turn offset each other at a lower share. */
export interface TimsPortfolioGroup {
  readonly name: string;
  readonly offset: number;
  readonly productGroups: readonly TimsProductGroup[];
}

export interface TimsGroupResult {
  readonly name: string;
  /** The charge at each valuation point after offsets, at least 0. */
  readonly charges: Float64Array;
  /** The greatest charge over the points, at least 0. */
  readonly scanRequirement: number;
  /** The index of the point with the greatest charge, the lowest on a tie. It is null if no point has a charge. */
  readonly worstPoint: number | null;
  readonly minimumCharge: number;
  /** The greater of scan requirement and minimum charge. */
  readonly requirement: number;
}

export interface TimsResult extends TimsGroupResult {
  readonly productGroups: readonly TimsGroupResult[];
}

/**
 * Computes the charge of one product group (docs/sources.md, TIMS). At each point it is the losses less `offset` x
 * min(gains, losses). The requirement is the charge at the worst point, and at least the sum of the minimum charges.
 * OCC's list of documents confirms class groups, product groups with offsets and portfolio groups with offsets. The
 * figures of the offsets are our choice (docs/sources.md, TIMS).
 */
export function computeTimsProductGroup(group: TimsProductGroup): TimsGroupResult {
  const charges = offsetCharges(
    group.classGroups.map(({ pnl }) => pnl),
    group.offset,
    group.name,
  );
  const minimumCharge = group.classGroups.reduce((sum, classGroup) => sum + classGroup.minimumCharge, 0);
  return finishGroup(group.name, charges, minimumCharge);
}

/**
 * Computes the requirement of a portfolio group. At each point a product group enters with its charge as a loss or, if
 * it has no charge there, with its summed gains. Gains that were refused as offsets inside a group therefore do not
 * come back a level higher. The minimum is the sum of the minimum charges of all groups.
 */
export function computeTimsRequirement(group: TimsPortfolioGroup): TimsResult {
  const productGroups = group.productGroups.map(computeTimsProductGroup);
  const pnls = group.productGroups.map(({ classGroups }, index) => {
    const { charges } = productGroups[index]!;
    return charges.map((charge, point) =>
      charge > 0 ? -charge : classGroups.reduce((sum, { pnl }) => sum + pnl[point]!, 0),
    );
  });
  const minimumCharge = productGroups.reduce((sum, result) => sum + result.minimumCharge, 0);
  return { ...finishGroup(group.name, offsetCharges(pnls, group.offset, group.name), minimumCharge), productGroups };
}

/**
 * Returns the charge at each point: the losses less the part that gains at the same point may offset. Throws a
 * RangeError for an offset outside 0 to 1 and for groups with different numbers of points.
 */
function offsetCharges(pnls: readonly Float64Array[], offset: number, name: string): Float64Array {
  if (!(offset >= 0 && offset <= 1)) throw new RangeError(`TIMS: offset of ${name} is ${offset}; it must be 0 to 1`);
  const charges = new Float64Array(pnls[0]?.length ?? 0);
  for (const pnl of pnls) {
    if (pnl.length !== charges.length) {
      throw new RangeError(`TIMS: groups of ${name} have ${pnl.length} and ${charges.length} valuation points`);
    }
  }
  for (let point = 0; point < charges.length; point += 1) {
    let gains = 0;
    let losses = 0;
    for (const pnl of pnls) {
      if (pnl[point]! > 0) gains += pnl[point]!;
      else losses -= pnl[point]!;
    }
    charges[point] = losses - offset * Math.min(gains, losses);
  }
  return charges;
}

function finishGroup(name: string, charges: Float64Array, minimumCharge: number): TimsGroupResult {
  let worst = -1;
  for (let point = 0; point < charges.length; point += 1) {
    if (charges[point]! > (worst < 0 ? 0 : charges[worst]!)) worst = point;
  }
  const scanRequirement = worst < 0 ? 0 : charges[worst]!;
  return {
    name,
    charges,
    scanRequirement,
    worstPoint: worst < 0 ? null : worst,
    minimumCharge,
    requirement: Math.max(scanRequirement, minimumCharge),
  };
}
