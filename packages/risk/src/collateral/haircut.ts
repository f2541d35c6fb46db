import type { CollateralParameters, DepegShock, DepegTier, HaircutBand } from "../model/index.ts";

/** Haircuts on parts of a value, in addition to those of its bands. All are fractions. */
export interface AddedHaircuts {
  /** Haircut on the whole value. */
  readonly onAll: number;
  /** Haircut on the first `onFirstUsd` US dollars. */
  readonly onFirst: number;
  readonly onFirstUsd: number;
  /** Haircut on the part above `onExcessFromUsd` US dollars. */
  readonly onExcess: number;
  readonly onExcessFromUsd: number;
}

/** All haircuts on a held asset, for one of the two margins. */
export interface HaircutSchedule {
  readonly bands: readonly HaircutBand[];
  readonly added: AddedHaircuts;
}

export const noAddedHaircuts: AddedHaircuts = {
  onAll: 0,
  onFirst: 0,
  onFirstUsd: 0,
  onExcess: 0,
  onExcessFromUsd: Number.POSITIVE_INFINITY,
};

/**
 * Computes the US dollars that a balance worth `valueUsd` counts for. Each part of the value is cut at the rate of its
 * own band, like income tax, and by the haircuts added on that part, together by at most all of it. What lies above a
 * bounded last band does not count. A liability (negative value) counts in full, as a haircut must not reduce a debt.
 */
export function valueAfterHaircutUsd(
  valueUsd: number,
  bands: readonly HaircutBand[],
  added: AddedHaircuts = noAddedHaircuts,
): number {
  if (valueUsd <= 0) return valueUsd;
  const { onAll, onFirst, onFirstUsd, onExcess, onExcessFromUsd } = added;
  let counted = 0;
  let from = 0;
  for (const band of bands) {
    const bandEnd = band.upToUsd === null ? valueUsd : Math.min(valueUsd, band.upToUsd);
    while (from < bandEnd) {
      let upTo = bandEnd;
      if (onFirstUsd > from) upTo = Math.min(upTo, onFirstUsd);
      if (onExcessFromUsd > from) upTo = Math.min(upTo, onExcessFromUsd);
      const haircut =
        band.haircut + onAll + (from < onFirstUsd ? onFirst : 0) + (from >= onExcessFromUsd ? onExcess : 0);
      counted += (upTo - from) * (1 - Math.min(1, haircut));
      from = upTo;
    }
  }
  return counted;
}

/**
 * Computes the share of a balance's value that moves with its price in the scenarios. The scenarios may charge up to
 * `asked` US dollars per US dollar. Each dollar moves in full, unless it counts for less than that under one of the schedules; then it moves in
 * proportion, so that no dollar is charged more than it counts for. The result is 1 for a value of 0 or less.
 */
export function movingShare(
  valueUsd: number,
  limits: readonly { readonly schedule: HaircutSchedule; readonly asked: number }[],
): number {
  if (!(valueUsd > 0)) return 1;
  const ends = limits.flatMap(({ schedule: { bands, added } }) => [
    ...bands.map(({ upToUsd }) => upToUsd ?? valueUsd),
    added.onFirstUsd,
    added.onExcessFromUsd,
  ]);
  const bounds = [...new Set([...ends, valueUsd])].filter((end) => end > 0 && end <= valueUsd).sort((a, b) => a - b);
  let moving = 0;
  let from = 0;
  for (const upTo of bounds) {
    const share = (counted: number, asked: number) =>
      asked > 0 ? Math.min(1, Math.max(0, counted) / ((upTo - from) * asked)) : 1;
    let least = 1;
    for (const { schedule, asked } of limits) {
      const { bands, added } = schedule;
      const counted = valueAfterHaircutUsd(upTo, bands, added) - valueAfterHaircutUsd(from, bands, added);
      least = Math.min(least, share(counted, asked));
    }
    moving += (upTo - from) * least;
    from = upTo;
  }
  return moving / valueUsd;
}

/**
 * Returns the greatest haircut on any dollar held, for initial and for maintenance margin, without what a price below a
 * peg adds.
 */
export function greatestHaircuts(parameters: CollateralParameters): {
  readonly initial: number;
  readonly maintenance: number;
} {
  const known = greatest.get(parameters);
  if (known !== undefined) return known;
  const { initialBands, maintenanceBands, wrongWay, concentration } = parameters;
  const ofBands = (bands: readonly HaircutBand[]) =>
    bands.at(-1)?.upToUsd === null ? Math.max(...bands.map(({ haircut }) => haircut)) : 1;
  const haircuts = {
    initial: ofBands(initialBands) + (wrongWay?.initialHaircut ?? 0) + (concentration?.initialHaircut ?? 0),
    maintenance:
      ofBands(maintenanceBands) + (wrongWay?.maintenanceHaircut ?? 0) + (concentration?.maintenanceHaircut ?? 0),
  };
  greatest.set(parameters, haircuts);
  return haircuts;
}

const greatest = new WeakMap<CollateralParameters, ReturnType<typeof greatestHaircuts>>();

/** The price in US dollars that a pegged asset should have. */
export const PAR = 1;

/**
 * Computes the haircut added for a stablecoin below its tiers: the sum of factor x (belowPrice - price), at most 1. It
 * is continuous in the price, and never smaller at a lower one. The form is Derive's depeg contingency, (threshold -
 * price) x factor (docs/sources.md, Stablecoins below their peg).
 */
export function depegHaircut(priceUsd: number, tiers: readonly DepegTier[]): number {
  let haircut = 0;
  for (const { belowPrice, factor } of tiers) haircut += factor * Math.max(0, belowPrice - priceUsd);
  return Math.min(1, haircut);
}

/** Returns the depeg shock of a pegged asset, or null for any other asset. */
export function depegShockOf(parameters: CollateralParameters | undefined): DepegShock | null {
  return parameters?.valuation.kind === "pegged" ? parameters.valuation.depegShock : null;
}
