import {
  buildVolatilitySurface,
  DAYS_PER_YEAR,
  daysToExpiry,
  type ExpiryMarks,
  type OptionInstrument,
  type QuotedInstrument,
  type VolatilityMark,
  volatilityAt,
} from "@plimsoll/risk";

type QuotedOption = QuotedInstrument & { readonly instrument: OptionInstrument };

function isOption(quoted: QuotedInstrument): quoted is QuotedOption {
  return quoted.instrument.kind === "option";
}

/**
 * Gives options that their venue marks without a volatility that of the surface through their neighbours of one underlying,
 * and says so. Without any neighbour they stay without: what holds them is not margined, never margined as if they were calm.
 */
export function fillVolatilities(
  instruments: readonly QuotedInstrument[],
  asOfMs: number,
): readonly QuotedInstrument[] {
  const options = instruments.filter(isOption);
  if (options.every((quoted) => quoted.markVolatility !== null)) return instruments;
  const surface = buildVolatilitySurface(collectExpiries(options, asOfMs));
  return instruments.map((quoted) => {
    if (!isOption(quoted) || quoted.markVolatility !== null) return quoted;
    const volatility = volatilityAt(surface, quoted.instrument.strike, yearsOf(quoted, asOfMs));
    if (!(volatility > 0)) return quoted;
    return { ...quoted, markVolatility: volatility, volatilitySource: "surface" };
  });
}

function yearsOf({ instrument }: QuotedOption, asOfMs: number): number {
  return daysToExpiry(instrument, asOfMs) / DAYS_PER_YEAR;
}

function collectExpiries(options: readonly QuotedOption[], asOfMs: number): ExpiryMarks[] {
  const expiries = new Map<number, { timeToExpiryYears: number; forward: number; marks: VolatilityMark[] }>();
  for (const quoted of options) {
    const { markVolatility, instrument, forwardPrice } = quoted;
    if (markVolatility === null) continue;
    const mark = { strike: instrument.strike, markVolatility };
    const expiry = expiries.get(instrument.expiryMs);
    if (expiry !== undefined) expiry.marks.push(mark);
    else {
      const timeToExpiryYears = yearsOf(quoted, asOfMs);
      expiries.set(instrument.expiryMs, { timeToExpiryYears, forward: forwardPrice, marks: [mark] });
    }
  }
  return [...expiries.values()];
}
