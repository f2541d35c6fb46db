import type { Pool } from "@plimsoll/risk";
import fc from "fast-check";
import { collateralSnapshot, ethPrice, wstethRate } from "./collateral.ts";
import { accountWith } from "./market.ts";

/** The approximate price of one unit of each asset, in US dollars. */
export const sizes: Readonly<Record<string, number>> = {
  USD: 1,
  USDC: 1,
  DAI: 1,
  BTC: 60_000,
  ETH: ethPrice,
  SOL: 150,
  WSTETH: wstethRate * ethPrice,
  SDAI: 1.17,
  ETHUSDCLP: 100,
};
export const assets = Object.keys(sizes);

/** Balances worth up to 20 million US dollars, so that every haircut band is reached. One in four is a debt. */
const balances = fc.uniqueArray(
  fc.record({
    asset: fc.constantFrom(...assets),
    valueUsd: fc.oneof(
      { weight: 3, arbitrary: fc.integer({ min: 0, max: 20_000_000 }) },
      { weight: 1, arbitrary: fc.integer({ min: -500_000, max: 0 }) },
    ),
  }),
  { selector: ({ asset }) => asset, maxLength: 6 },
);

const positions = fc.array(
  fc.record({
    instrumentId: fc.constantFrom(
      ...collateralSnapshot().instruments.map(({ instrument: { instrumentId } }) => instrumentId),
    ),
    quantity: fc.integer({ min: -200, max: 200 }),
    entryPrice: fc.constantFrom(100, 1_900, 2_100, 61_000),
  }),
  { maxLength: 4 },
);

/** Accounts in cash and coin pools, with balances of every kind, debts and positions. */
export const accounts = fc
  .record({ balances, positions, poolCurrency: fc.constantFrom("USD", "USDC", "ETH", "BTC") })
  .map(
    ({ balances: held, ...rest }): Pool =>
      accountWith({
        ...rest,
        // Nine digits make the balances decimals that can be split exactly.
        collateral: held.map(({ asset, valueUsd }) => ({
          asset,
          amount: Number((valueUsd / (sizes[asset] ?? Number.NaN)).toPrecision(9)),
        })),
      }),
  );

/** The market with its stablecoins on and off their pegs. */
export const snapshots = fc
  .record({ USDC: fc.constantFrom(0.8, 0.93, 0.985, 0.999, 1, 1.04), DAI: fc.constantFrom(0.9, 1, 1.01) })
  .map((prices) => collateralSnapshot(prices));

/** Returns the rounding error that is allowed, in the pool currency. Sums of balances reach a few hundred million. */
export function slack(account: Pool): number {
  const gross = account.collateral.reduce((sum, { asset, amount }) => sum + Math.abs(amount) * (sizes[asset] ?? 0), 1);
  const pool = sizes[account.poolCurrency] ?? 1;
  return (1e-11 * gross) / pool;
}

/** Returns the account with more of an asset, or with less if the amount is negative. */
export function withBalance(account: Pool, asset: string, amount: number): Pool {
  return { ...account, collateral: [...account.collateral, { asset, amount }] };
}
