import type { MarketSnapshot } from "../model/index.ts";
import { DAYS_PER_YEAR } from "../numbers/time.ts";
import { buildVolatilitySurface, collectExpiryMarks, forwardAt, volatilityAt } from "../volatility/index.ts";

/** Tenor in days at which the implied volatility is read. Volatility moves are stated for the same tenor. */
const tenorDays = 30;

/**
 * Finds the implied volatility of an underlying at 30 days and at the forward, per year, on the surface of its options'
 * marks. It is null if the snapshot has no option of it with a volatility.
 */
export function findImpliedVolatility(snapshot: MarketSnapshot, underlying: string): number | null {
  const own = snapshot.instruments.filter(({ instrument }) => instrument.underlying === underlying);
  const surface = buildVolatilitySurface(collectExpiryMarks(own, snapshot.asOfMs));
  const years = tenorDays / DAYS_PER_YEAR;
  const volatility = volatilityAt(surface, forwardAt(surface, years), years);
  return volatility > 0 ? volatility : null;
}
