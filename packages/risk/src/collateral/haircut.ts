import type { HaircutBand } from "../model/index.ts";

/** Haircuts on parts of a value, added to those of its bands. */
export interface AddedHaircuts {
  /** On all of it. */
  readonly onAll: number;
  /** On its first `onFirstUsd` US dollars. */
  readonly onFirst: number;
  readonly onFirstUsd: number;
  /** On what lies above `onExcessFromUsd` US dollars. */
  readonly onExcess: number;
  readonly onExcessFromUsd: number;
}

export const noAddedHaircuts: AddedHaircuts = {
  onAll: 0,
  onFirst: 0,
  onFirstUsd: 0,
  onExcess: 0,
  onExcessFromUsd: Number.POSITIVE_INFINITY,
};

/**
 * US dollars that a balance worth `valueUsd` counts for: each part of the value is cut at the rate of its own band, like
 * income tax, and at what is added on that part, together never by more than all of it. What lies above a last band that has an
 * upper bound does not count. A liability (negative value) counts in full: owing an asset is never eased by its haircut.
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
