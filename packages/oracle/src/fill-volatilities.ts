import {
  buildVolatilitySurface,
  collectExpiryMarks,
  DAYS_PER_YEAR,
  daysToExpiry,
  isQuotedOption,
  type OptionInstrument,
  type Quoted,
  type QuotedInstrument,
  volatilityAt,
} from "@plimsoll/risk";

/**
 * Gives options that their venue marks without a volatility that of the surface through their neighbours of one underlying,
 * and says so. Without any neighbour they stay without: what holds them is not margined, never margined as if they were calm.
 */
export function fillVolatilities(
  instruments: readonly QuotedInstrument[],
  asOfMs: number,
): readonly QuotedInstrument[] {
  const options = instruments.filter(isQuotedOption);
  if (options.every((quoted) => quoted.markVolatility !== null)) return instruments;
  const surface = buildVolatilitySurface(collectExpiryMarks(options, asOfMs));
  return instruments.map((quoted) => {
    if (!isQuotedOption(quoted) || quoted.markVolatility !== null) return quoted;
    const volatility = volatilityAt(surface, quoted.instrument.strike, yearsOf(quoted, asOfMs));
    if (!(volatility > 0)) return quoted;
    return { ...quoted, markVolatility: volatility, volatilitySource: "surface" };
  });
}

function yearsOf({ instrument }: Quoted<OptionInstrument>, asOfMs: number): number {
  return daysToExpiry(instrument, asOfMs) / DAYS_PER_YEAR;
}
