import type { HaircutBand } from "../model/index.ts";

/**
 * US dollars that a balance worth `valueUsd` counts for: each part of the value is cut at the rate of its own band, like
 * income tax. What lies above a last band that has an upper bound does not count. A liability (negative value) counts in
 * full: owing an asset is never eased by its haircut.
 */
export function valueAfterHaircutUsd(valueUsd: number, bands: readonly HaircutBand[]): number {
  if (valueUsd <= 0) return valueUsd;
  let counted = 0;
  let from = 0;
  for (const band of bands) {
    const upTo = band.upToUsd === null ? valueUsd : Math.min(valueUsd, band.upToUsd);
    if (upTo > from) counted += (upTo - from) * (1 - band.haircut);
    from = Math.max(from, upTo);
  }
  return counted;
}
