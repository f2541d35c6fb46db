import {
  black76Greeks,
  black76Price,
  type CurrencyPrice,
  type Instrument,
  inverseOptionPrice,
  isDated,
  isDatedOption,
  type MarketSnapshot,
  MS_PER_DAY,
  MS_PER_YEAR,
  type OptionInstrument,
  type QuotedInstrument,
  type UnderlyingState,
} from "@plimsoll/risk";
import { type PriceHistory, qualityNames } from "./history.ts";
import { atTheMoneyVolatility, type SurfaceModel, smileVolatility } from "./surface.ts";

/** The market at one grid point of a history. Its answers are computed from the figures of that point alone. */
export interface MarketAt {
  readonly timeMs: number;
  /** The index price in US dollars; NaN where there is no usable price. */
  readonly indexOf: (underlying: string) => number;
  /** Whether the price quality is neither degraded nor blocked. */
  readonly isBelieved: (underlying: string) => boolean;
  /** The at-the-money volatility of an expiry, per year; NaN before enough history is known. */
  readonly atTheMoney: (underlying: string, expiryMs: number) => number;
  readonly quote: (instrument: Instrument) => QuotedInstrument;
  /** The delta of one contract, in units of the underlying. */
  readonly deltaOf: (instrument: Instrument) => number;
  /** Builds the snapshot for the engine. The instruments must be sorted by id. */
  readonly snapshot: (instruments: readonly Instrument[]) => MarketSnapshot;
}

/**
 * Returns the market at grid point `at`. A future stands at the index price, because no carry is modelled. A perpetual
 * stands at its mark where there is one. An option stands at its Black-76 price with the volatility of the surface
 * model.
 */
export function marketAt(history: PriceHistory, at: number, model: SurfaceModel): MarketAt {
  const timeMs = history.startMs + at * history.gridMs;
  const byName = new Map(history.underlyings.map((one) => [one.underlying, one]));
  const known = new Map<string, number>();

  const indexOf = (underlying: string) => byName.get(underlying)?.index[at] ?? Number.NaN;

  const atTheMoney = (underlying: string, expiryMs: number) => {
    const key = `${underlying} ${expiryMs}`;
    const cached = known.get(key);
    if (cached !== undefined) return cached;
    const { level, longRun } = byName.get(underlying)!;
    const volatility = atTheMoneyVolatility(level[at]!, longRun[at]!, (expiryMs - timeMs) / MS_PER_DAY, model);
    known.set(key, volatility);
    return volatility;
  };

  const volatilityOf = (option: OptionInstrument, forward: number) => {
    const years = (option.expiryMs - timeMs) / MS_PER_YEAR;
    return smileVolatility(atTheMoney(option.underlying, option.expiryMs), forward, option.strike, years, model);
  };

  const quote = (instrument: Instrument): QuotedInstrument => {
    const forwardPrice = indexOf(instrument.underlying);
    const plain = { instrument, forwardPrice, markVolatility: null, volatilitySource: null };
    if (isDatedOption(instrument)) {
      const years = (instrument.expiryMs - timeMs) / MS_PER_YEAR;
      const markVolatility = volatilityOf(instrument, forwardPrice);
      const price = instrument.settlement === "inverse" ? inverseOptionPrice : black76Price;
      const sign = instrument.optionType === "call" ? 1 : -1;
      const markPrice = price(sign, forwardPrice, instrument.strike, years, markVolatility, 1);
      return { ...plain, markPrice, markVolatility, volatilitySource: "surface" };
    }
    const mark = isDated(instrument) ? forwardPrice : byName.get(instrument.underlying)!.perpetual[at]!;
    return { ...plain, markPrice: Number.isNaN(mark) ? forwardPrice : mark };
  };

  return {
    timeMs,
    indexOf,
    isBelieved: (underlying) => (byName.get(underlying)?.quality[at] ?? 3) < qualityNames.indexOf("degraded"),
    atTheMoney,
    quote,
    deltaOf: (instrument) => {
      if (!isDatedOption(instrument)) return instrument.contractSize;
      const forward = indexOf(instrument.underlying);
      const years = (instrument.expiryMs - timeMs) / MS_PER_YEAR;
      const sign = instrument.optionType === "call" ? 1 : -1;
      const volatility = volatilityOf(instrument, forward);
      return instrument.contractSize * black76Greeks(sign, forward, instrument.strike, years, volatility, 1, 0).delta;
    },
    snapshot: (instruments) => {
      const currencies: CurrencyPrice[] = [{ currency: "USD", priceUsd: 1 }];
      const underlyings: UnderlyingState[] = [];
      for (const { underlying, index, quality, confidenceWidth } of history.underlyings) {
        const name = qualityNames[quality[at]!]!;
        if (name !== "blocked") currencies.push({ currency: underlying, priceUsd: index[at]! });
        underlyings.push({
          underlying,
          indexPrice: index[at]!,
          quality: name,
          confidenceWidth: confidenceWidth[at]!,
          priceAgeMs: 0,
          qualityReason: name === "good" ? null : `${name} at this hour of the history`,
        });
      }
      const quoted = instruments.filter(({ underlying }) => !Number.isNaN(indexOf(underlying))).map(quote);
      return {
        snapshotId: new Date(timeMs).toISOString(),
        asOfMs: timeMs,
        currencies,
        underlyings,
        instruments: quoted,
      };
    },
  };
}
