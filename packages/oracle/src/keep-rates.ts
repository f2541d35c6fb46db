import { type MarketSnapshot, type QuotedInstrument, traitsOf } from "@plimsoll/risk";

/**
 * Gives a perpetual whose quote states no funding rate the rate of the previous snapshot, until a quote states one
 * again. A rate that a feed leaves out must not lower the margin. The cumulative funding is not kept, as it would be
 * out of date.
 */
export function keepRates(
  previous: MarketSnapshot | null,
  instruments: readonly QuotedInstrument[],
): readonly QuotedInstrument[] {
  if (previous === null) return instruments;
  const rates = new Map<string, number>();
  for (const { instrument, funding } of [
    ...(previous.lapsed ?? []).map(({ quoted }) => quoted),
    ...previous.instruments,
  ]) {
    if (typeof funding?.hourlyRate === "number") rates.set(instrument.instrumentId, funding.hourlyRate);
  }
  return instruments.map((quoted) => {
    const { instrument, funding } = quoted;
    if (traitsOf(instrument).funding !== "stated_rate" || typeof funding?.hourlyRate === "number") return quoted;
    const hourlyRate = rates.get(instrument.instrumentId);
    if (hourlyRate === undefined) return quoted;
    return { ...quoted, funding: { hourlyRate, cumulative: funding?.cumulative ?? null } };
  });
}
