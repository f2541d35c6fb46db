import {
  type FutureInstrument,
  type Instrument,
  isDated,
  isDeltaOne,
  isQuotedOption,
  type MarketSnapshot,
  MS_PER_DAY,
  type OptionInstrument,
  type ParameterSet,
  type PerpetualInstrument,
  type Quoted,
  type QuotedInstrument,
  settlementCurrency,
} from "@plimsoll/risk";

/** The instruments of one underlying that settle in one currency, arranged by kind, expiry and strike. */
export interface ChainView {
  readonly underlying: string;
  /** US dollars per unit. */
  readonly indexPrice: number;
  /** The currency that the instruments settle in: the coin itself, or the currency that they are quoted in. */
  readonly settlesIn: string;
  /** The price of one unit of `settlesIn`, in US dollars. */
  readonly settlementPriceUsd: number;
  readonly perpetual: Quoted<PerpetualInstrument> | null;
  /** Sorted by expiry, nearest first. */
  readonly futures: readonly Quoted<FutureInstrument>[];
  /** Sorted by expiry, nearest first. An expiry is listed only if it has at least five calls and five puts. */
  readonly expiries: readonly OptionExpiry[];
}

export interface OptionExpiry {
  readonly expiryMs: number;
  readonly days: number;
  readonly forwardPrice: number;
  /** The mark volatility of the strike nearest to the forward, as a fraction per year. */
  readonly volatility: number;
  /** Sorted by strike, ascending. */
  readonly calls: readonly Quoted<OptionInstrument>[];
  readonly puts: readonly Quoted<OptionInstrument>[];
}

const fewestStrikes = 5;

/**
 * Returns the coin-settled instruments of a snapshot by underlying. If there are none, returns those that settle in US
 * dollars or in a stablecoin with a price, by underlying and currency. Leaves out options that have no volatility or no
 * value.
 */
export function chainViews(snapshot: MarketSnapshot, parameters: ParameterSet): ChainView[] {
  const inverse = viewsOf(snapshot, "inverse", () => true);
  if (inverse.length > 0) return inverse;
  const stable = new Set(["USD"]);
  for (const { asset, valuation } of parameters.collateral) if (valuation.kind === "pegged") stable.add(asset);
  return viewsOf(snapshot, "linear", (currency) => stable.has(currency));
}

function viewsOf(
  snapshot: MarketSnapshot,
  settlement: Instrument["settlement"],
  accepts: (currency: string) => boolean,
): ChainView[] {
  const pricesUsd = new Map(snapshot.currencies.map(({ currency, priceUsd }) => [currency, priceUsd]));
  const chains = Map.groupBy(
    snapshot.instruments.filter(({ instrument }) => instrument.settlement === settlement),
    ({ instrument }) => `${instrument.underlying} ${settlementCurrency(instrument)}`,
  );
  return [...chains.values()].flatMap((quoted): ChainView[] => {
    const { instrument } = quoted[0]!;
    const { underlying } = instrument;
    const settlesIn = settlementCurrency(instrument);
    const settlementPriceUsd = pricesUsd.get(settlesIn);
    const indexPrice = snapshot.underlyings.find((state) => state.underlying === underlying)?.indexPrice;
    if (indexPrice === undefined || settlementPriceUsd === undefined || !accepts(settlesIn)) return [];
    return [
      {
        underlying,
        indexPrice,
        settlesIn,
        settlementPriceUsd,
        perpetual: quoted.find(isPerpetual) ?? null,
        futures: quoted.filter(isFuture).sort((a, b) => a.instrument.expiryMs - b.instrument.expiryMs),
        expiries: optionExpiries(quoted.filter(isQuotedOption), snapshot.asOfMs),
      },
    ];
  });
}

function optionExpiries(options: readonly Quoted<OptionInstrument>[], asOfMs: number): OptionExpiry[] {
  const usable = options.filter(({ markVolatility, markPrice }) => markVolatility !== null && markPrice > 0);
  const byExpiry = Map.groupBy(usable, ({ instrument }) => instrument.expiryMs);
  return [...byExpiry]
    .sort(([a], [b]) => a - b)
    .map(([expiryMs, quoted]) => {
      const byStrike = quoted.sort((a, b) => a.instrument.strike - b.instrument.strike);
      const nearest = byStrike.reduce((best, option) => (distance(option) < distance(best) ? option : best));
      return {
        expiryMs,
        days: (expiryMs - asOfMs) / MS_PER_DAY,
        forwardPrice: nearest.forwardPrice,
        volatility: nearest.markVolatility!,
        calls: byStrike.filter(({ instrument }) => instrument.optionType === "call"),
        puts: byStrike.filter(({ instrument }) => instrument.optionType === "put"),
      };
    })
    .filter(({ calls, puts }) => calls.length >= fewestStrikes && puts.length >= fewestStrikes);
}

function distance({ instrument, forwardPrice }: Quoted<OptionInstrument>): number {
  return Math.abs(instrument.strike - forwardPrice);
}

function isFuture(quoted: QuotedInstrument): quoted is Quoted<FutureInstrument> {
  return isDeltaOne(quoted.instrument) && isDated(quoted.instrument);
}

function isPerpetual(quoted: QuotedInstrument): quoted is Quoted<PerpetualInstrument> {
  return isDeltaOne(quoted.instrument) && !isDated(quoted.instrument);
}
