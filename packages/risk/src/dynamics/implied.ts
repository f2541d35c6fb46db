import type { MarketSnapshot } from "../model/index.ts";
import { DAYS_PER_YEAR } from "../numbers/time.ts";
import { buildVolatilitySurface, collectExpiryMarks, forwardAt, volatilityAt } from "../volatility/index.ts";

/** Tenor at which the implied volatility of an underlying is read: that at which volatility moves are stated. */
const tenorDays = 30;

/**
 * At-the-money implied volatility of an underlying at 30 days, per year: that of the surface of its options' marks, at the
 * forward. Null where the snapshot has no option of it with a volatility.
 */
export function findImpliedVolatility(snapshot: MarketSnapshot, underlying: string): number | null {
  const own = snapshot.instruments.filter(({ instrument }) => instrument.underlying === underlying);
  const surface = buildVolatilitySurface(collectExpiryMarks(own, snapshot.asOfMs));
  const years = tenorDays / DAYS_PER_YEAR;
  const volatility = volatilityAt(surface, forwardAt(surface, years), years);
  return volatility > 0 ? volatility : null;
}
