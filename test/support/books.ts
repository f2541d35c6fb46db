import {
  type MarketSnapshot,
  type MethodId,
  type OpenOrder,
  type Pool,
  type Position,
  type QuotedInstrument,
  settlementCurrency,
} from "@plimsoll/risk";
import fc from "fast-check";
import {
  accountWith,
  expiryInDays,
  marketSnapshot,
  quotedFuture,
  quotedOption,
  quotedPerpetual,
  underlyingState,
} from "./market.ts";

/** The seed of every property over random books. It is fixed, so that a failure is the same failure everywhere. */
export const propertySettings = { seed: 20260205, numRuns: 150 } as const;

const coins = [
  { underlying: "BTC", index: 67_985, volatility: 0.71, lot: 0.1 },
  { underlying: "ETH", index: 1_985, volatility: 0.88, lot: 1 },
] as const;

/**
 * A small chain of two coins. It has linear and inverse perpetuals and futures, and linear and inverse options of three
 * expiries.
 */
export const chain: MarketSnapshot = marketSnapshot(
  coins.map(({ underlying, index }) => underlyingState(underlying, index)),
  coins.flatMap(({ underlying, index, volatility }) => [
    quotedPerpetual({ instrumentId: `${underlying}-PERPETUAL`, underlying, settlement: "inverse" }, index * 1.0004),
    quotedPerpetual(
      { instrumentId: `${underlying}_USDC-PERPETUAL`, underlying, quoteCurrency: "USDC" },
      index * 0.9998,
    ),
    quotedFuture(
      { instrumentId: `${underlying}-27MAR26`, underlying, settlement: "inverse", expiryMs: expiryInDays(50) },
      index * 1.006,
    ),
    quotedFuture(
      { instrumentId: `${underlying}_USDC-27MAR26`, underlying, quoteCurrency: "USDC", expiryMs: expiryInDays(50) },
      index * 1.006,
    ),
    ...[0.4, 8, 141].flatMap((days) =>
      [0.6, 0.85, 1, 1.1, 1.6].flatMap((moneyness) =>
        (["call", "put"] as const).flatMap((optionType) =>
          (["inverse", "linear"] as const).map((settlement) => {
            const strike = Math.round(index * moneyness);
            const instrumentId = `${underlying}-${days}D-${strike}-${optionType}-${settlement}`;
            const quoteCurrency = settlement === "linear" ? "USDC" : "USD";
            const expiryMs = expiryInDays(days);
            return quotedOption(
              { instrumentId, underlying, optionType, strike, settlement, quoteCurrency, expiryMs },
              index * (1 + days * 0.0001),
              volatility * (1 + 0.2 * Math.abs(moneyness - 1)),
            );
          }),
        ),
      ),
    ),
  ]),
);

/** Returns how many contracts make one lot of the coin. Lots make positions of different instruments comparable. */
function lotOf({ instrument, markPrice }: QuotedInstrument): number {
  const coin = coins.find(({ underlying }) => underlying === instrument.underlying);
  if (coin === undefined) throw new Error(`no coin for ${instrument.instrumentId}`);
  const isCash = instrument.settlement === "inverse" && instrument.kind !== "option";
  return isCash ? Math.round(coin.lot * markPrice) : coin.lot;
}

/** Draws a position of up to 40 lots, long or short, entered up to 25% away from the mark. */
export function arbitraryPosition(snapshot: MarketSnapshot): fc.Arbitrary<Position> {
  return fc
    .record({
      quoted: fc.constantFrom(...snapshot.instruments),
      lots: fc.integer({ min: -40, max: 40 }),
      entryShift: fc.integer({ min: -25, max: 25 }),
    })
    .map(({ quoted, lots, entryShift }) => ({
      instrumentId: quoted.instrument.instrumentId,
      quantity: Number((lots * lotOf(quoted)).toFixed(1)),
      entryPrice: Number((quoted.markPrice * (1 + entryShift / 100)).toPrecision(8)),
    }));
}

/**
 * Returns the account without the positions that its method does not margin. Changes the pool currency if the method
 * does not take it.
 */
export function supported(account: Pool): Pool {
  const { methodId } = account;
  const isDerive = methodId.startsWith("derive");
  return {
    ...account,
    poolCurrency: isDerive && account.poolCurrency === "BTC" ? "USD" : account.poolCurrency,
    positions: account.positions.filter(({ instrumentId }) => {
      const isFuture = instrumentId.includes("27MAR26");
      if (isDerive) return !isFuture;
      return methodId !== "account_ratio" || isFuture || instrumentId.includes("PERPETUAL");
    }),
  };
}

/** Draws a pool of US dollars or of a coin, with up to eight positions. It holds some of each asset or owes it. */
export function arbitraryAccount(snapshot: MarketSnapshot, methodId: MethodId = "portfolio"): fc.Arbitrary<Pool> {
  const collateral = fc.record({
    USD: fc.integer({ min: -50_000, max: 400_000 }),
    USDC: fc.integer({ min: -20_000, max: 100_000 }),
    BTC: fc.integer({ min: -1_000, max: 5_000 }).map((thousandths) => thousandths / 1000),
    ETH: fc.integer({ min: -10, max: 100 }),
  });
  return fc
    .record({
      poolCurrency: fc.constantFrom("USD", "BTC", "USDC"),
      collateral,
      positions: fc.array(arbitraryPosition(snapshot), { maxLength: 8 }),
    })
    .map(({ poolCurrency, collateral: held, positions }) =>
      accountWith({
        poolCurrency,
        methodId,
        collateral: Object.entries(held).map(([asset, amount]) => ({ asset, amount })),
        positions,
      }),
    );
}

/**
 * Returns the account after orders are filled at their limits. It uses only the orders and the account; options are
 * paid at once.
 */
export function filledAtLimits(snapshot: MarketSnapshot, account: Pool, fills: readonly OpenOrder[]): Pool {
  const positions = fills.map(
    ({ instrumentId, quantity, price }): Position => ({ instrumentId, quantity, entryPrice: price }),
  );
  const premiums = fills.flatMap(({ instrumentId, quantity, price }) => {
    const instrument = snapshot.instruments.find(
      (quoted) => quoted.instrument.instrumentId === instrumentId,
    )?.instrument;
    if (instrument?.kind !== "option") return [];
    return [{ asset: settlementCurrency(instrument), amount: -quantity * instrument.contractSize * price }];
  });
  return {
    ...account,
    positions: [...account.positions, ...positions],
    collateral: [...account.collateral, ...premiums],
  };
}
