import type { ParameterRules } from "../bounds.ts";
import { unsized } from "../size/parameters.ts";
import type { BorrowingRates, OkxCoinList, OkxDepegColumn, OkxParameters } from "./parameters.ts";
import { type OkxMethodParameters, okxBounds } from "./parameters.ts";

const label = (group: string) =>
  `after OKX's published rules of portfolio margin (${group}, January 2025); not the venue's own number`;

const shared = {
  // Not published in what was found: volatility legs, vega, rate and unwinding costs are our choice.
  volatilityUp: 0.4,
  volatilityDown: 0.25,
  vegaTermPoints: 5,
  rateShift: 0.05,
  unwindFutureRate: 0.001,
  unwindOptionRate: 0.002,
  // The extreme move is twice the widest spot shock in each published list, so half of it leaves a future where it was.
  extremeLossShare: 0.5,
  thetaDays: 1,
  // Published for BTC and ETH; every other list takes them too, our choice.
  minimumChargeTiers: [
    { upToUsd: 250_000, multiplier: 1 },
    { upToUsd: 500_000, multiplier: 2 },
    { upToUsd: 1_000_000, multiplier: 4 },
    { upToUsd: 2_000_000, multiplier: 6 },
    { upToUsd: 3_000_000, multiplier: 8 },
    { upToUsd: 4_000_000, multiplier: 10 },
    { upToUsd: null, multiplier: 12 },
  ],
  initialFactor: 1.3,
} as const;

/** BTC and ETH (OKX announcement of 2 January 2025; docs/sources.md, OKX portfolio margin). */
export const okxMajor: OkxParameters = {
  ...shared,
  label: label("BTC and ETH"),
  spotMoves: [0.04, 0.08, 0.12],
  extremeMove: 0.24,
  basisAnnualisedMove: 0.05,
};

/** The middle list of coins. */
const okxMiddle: OkxParameters = {
  ...shared,
  label: label("middle lists"),
  spotMoves: [0.06, 0.12, 0.18],
  extremeMove: 0.36,
  basisAnnualisedMove: 0.15,
};

/** Every other coin. */
const okxOther: OkxParameters = {
  ...shared,
  label: label("other coins"),
  spotMoves: [0.08, 0.16, 0.25],
  extremeMove: 0.5,
  basisAnnualisedMove: 0.3,
};

/**
 * The announcement has two middle lists that overlap in part, one for the spot shock (MR1) and one for the basis and the
 * extreme move (MR4, MR6), so coins fall into four groups and the rest.
 */
export const okxCoinLists: readonly OkxCoinList[] = [
  { ...okxMajor, underlyings: ["BTC", "ETH"] },
  { ...okxMiddle, underlyings: ["LTC", "BCH", "ADA", "XRP"] },
  {
    ...okxMiddle,
    label: label("middle list of the spot shock"),
    extremeMove: okxOther.extremeMove,
    basisAnnualisedMove: okxOther.basisAnnualisedMove,
    underlyings: ["EOS", "OKB", "DOT", "BSV", "LINK", "FIL", "TRX", "UNI"],
  },
  {
    ...okxMiddle,
    label: label("middle list of the extreme move"),
    spotMoves: okxOther.spotMoves,
    underlyings: ["SOL", "DOGE", "PEPE", "BNB", "SHIB", "ORDI", "WLD"],
  },
  { ...okxOther, underlyings: ["*"] },
];

const depegBounds = [1_000_000, 5_000_000, 10_000_000, 50_000_000, 120_000_000, null];
const depegColumn = (fromIndexPrice: number, rates: readonly number[]): OkxDepegColumn => ({
  fromIndexPrice,
  brackets: depegBounds.map((upToUsd, index) => ({ upToUsd, rate: rates[index] ?? 1 })),
});

/**
 * MR9. Published in what was found: the first two rates of the columns from 0.995 and 0.99, three of the example (0.75,
 * 1.75, 2.5 %), 40 % from 0.8 down, and brackets that reach beyond 120 million (docs/sources.md, OKX portfolio margin).
 * All other cells are our choice.
 */
export const okxDepegColumns: readonly OkxDepegColumn[] = [
  depegColumn(0.995, [0.005, 0.01, 0.015, 0.025, 0.04, 0.06]),
  depegColumn(0.99, [0.005, 0.015, 0.02, 0.03, 0.05, 0.08]),
  depegColumn(0.98, [0.0075, 0.0175, 0.025, 0.04, 0.06, 0.1]),
  depegColumn(0.95, [0.025, 0.05, 0.075, 0.1, 0.125, 0.15]),
  depegColumn(0.9, [0.1, 0.125, 0.15, 0.175, 0.2, 0.25]),
  depegColumn(0.85, [0.2, 0.25, 0.3, 0.35, 0.4, 0.4]),
  depegColumn(0, [0.4, 0.4, 0.4, 0.4, 0.4, 0.4]),
];

/** MR8: ten times leverage on dollars and five times on coins, maintenance at half and two fifths of that. Our choice. */
export const okxBorrowingRates: readonly BorrowingRates[] = [
  ...["USD", "USDC", "USDT"].map((asset) => ({ asset, initialRate: 0.1, maintenanceRate: 0.05 })),
  { asset: "*", initialRate: 0.2, maintenanceRate: 0.08 },
];

export const okxParameterRules: ParameterRules<OkxMethodParameters> = {
  bounds: okxBounds,
  shipped: { ...unsized, lists: okxCoinLists, depeg: okxDepegColumns, borrowing: okxBorrowingRates },
};
