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
 * Fills in missing volatilities of options from the volatility surface of their neighbours on the same underlying, and
 * marks them as such. An option without neighbours keeps none: it is then refused by the margin method instead of
 * counting as calm.
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
