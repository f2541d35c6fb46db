import type {
  FutureInstrument,
  MarketSnapshot,
  OptionInstrument,
  PerpetualInstrument,
  Pool,
  QuotedInstrument,
  UnderlyingState,
} from "@plimsoll/risk";
import { black76Price, inverseOptionPrice } from "@plimsoll/risk";

/** The time of every snapshot made here: 5 February 2026, 12:00 UTC. */
export const asOfMs = Date.UTC(2026, 1, 5, 12);
const msPerDay = 86_400_000;

export function expiryInDays(days: number): number {
  return asOfMs + days * msPerDay;
}

/** Returns the state of an underlying with a good price in US dollars. */
export function underlyingState(underlying: string, indexPrice: number): UnderlyingState {
  return { underlying, indexPrice, quality: "good", confidenceWidth: 0.002, priceAgeMs: 0, qualityReason: null };
}

const terms = { quoteCurrency: "USD", contractSize: 1 } as const;

/** Returns an option marked at its Black-76 value. */
export function quotedOption(
  option: Pick<OptionInstrument, "instrumentId" | "underlying" | "optionType" | "strike" | "expiryMs"> &
    Partial<OptionInstrument>,
  forwardPrice: number,
  markVolatility: number,
): QuotedInstrument {
  const instrument: OptionInstrument = { kind: "option", settlement: "linear", ...terms, ...option };
  const years = (instrument.expiryMs - asOfMs) / msPerDay / 365;
  const sign = instrument.optionType === "call" ? 1 : -1;
  const price = instrument.settlement === "inverse" ? inverseOptionPrice : black76Price;
  const markPrice = price(sign, forwardPrice, instrument.strike, years, markVolatility, 1);
  return { instrument, forwardPrice, markPrice, markVolatility, volatilitySource: "mark" };
}

/**
 * Returns a perpetual marked at the given price. One contract is 1 unit of the underlying, or 1 US dollar if inverse.
 */
export function quotedPerpetual(
  perpetual: Pick<PerpetualInstrument, "instrumentId" | "underlying"> & Partial<PerpetualInstrument>,
  markPrice: number,
): QuotedInstrument {
  const instrument: PerpetualInstrument = { kind: "perpetual", settlement: "linear", ...terms, ...perpetual };
  return { instrument, forwardPrice: markPrice, markPrice, markVolatility: null, volatilitySource: null };
}

export function quotedFuture(
  future: Pick<FutureInstrument, "instrumentId" | "underlying" | "expiryMs"> & Partial<FutureInstrument>,
  markPrice: number,
): QuotedInstrument {
  const instrument: FutureInstrument = { kind: "future", settlement: "linear", ...terms, ...future };
  return { instrument, forwardPrice: markPrice, markPrice, markVolatility: null, volatilitySource: null };
}

/**
 * Returns a snapshot of these underlyings and instruments. USD, USDC and USDT are currencies at 1, and each underlying
 * is one too.
 */
export function marketSnapshot(
  underlyings: readonly UnderlyingState[],
  instruments: readonly QuotedInstrument[],
): MarketSnapshot {
  return {
    snapshotId: "snapshot-1",
    asOfMs,
    currencies: [
      ...["USD", "USDC", "USDT"].map((currency) => ({ currency, priceUsd: 1 })),
      ...underlyings.map(({ underlying, indexPrice }) => ({ currency: underlying, priceUsd: indexPrice })),
    ],
    underlyings,
    instruments: [...instruments].sort((a, b) => (a.instrument.instrumentId < b.instrument.instrumentId ? -1 : 1)),
  };
}

/** Returns an account in US dollars with cash and fills of [instrument, contracts, entry price]. */
export function accountInUsd(usd: number, ...positions: readonly (readonly [string, number, number])[]): Pool {
  return accountWith({
    collateral: [{ asset: "USD", amount: usd }],
    positions: positions.map(([instrumentId, quantity, entryPrice]) => ({ instrumentId, quantity, entryPrice })),
  });
}

/** Returns a pool in US dollars under the method `portfolio`, with nothing in it but what is given. */
export function accountWith(account: Partial<Pool>): Pool {
  return {
    accountId: "account-1",
    poolCurrency: "USD",
    methodId: "portfolio",
    ledgerSequence: 1,
    collateral: [],
    positions: [],
    ...account,
  };
}
