import type { ParameterRules } from "../bounds.ts";
import { unsized } from "../size/parameters.ts";
import type { BorrowingRates, OkxCoinList, OkxDepegColumn, OkxParameters } from "./parameters.ts";
import { type OkxMethodParameters, okxBounds } from "./parameters.ts";

const label = (group: string) =>
  `after OKX's published rules of portfolio margin (${group}, January 2025); not the venue's own number`;

const shared = {
  // No source was found for volatility legs, vega, rate and unwinding costs, so these are our choice.
  volatilityUp: 0.4,
  volatilityDown: 0.25,
  vegaTermPoints: 5,
  rateShift: 0.05,
  unwindFutureRate: 0.001,
  unwindOptionRate: 0.002,
  // Where one published list gives both, the extreme move is twice the widest spot shock. Half of its loss then asks a
  // future for no more than the spot shock does.
  extremeLossShare: 0.5,
  thetaDays: 1,
  // OKX publishes these tiers for BTC and ETH. Using them for every other list is our choice.
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

/** The parameters of BTC and ETH (OKX announcement of 2 January 2025; docs/sources.md, OKX portfolio margin). */
export const okxMajor: OkxParameters = {
  ...shared,
  label: label("BTC and ETH"),
  spotMoves: [0.04, 0.08, 0.12],
  extremeMove: 0.24,
  basisAnnualisedMove: 0.05,
};

/** The parameters of the coins on the middle lists. */
const okxMiddle: OkxParameters = {
  ...shared,
  label: label("middle lists"),
  spotMoves: [0.06, 0.12, 0.18],
  extremeMove: 0.36,
  basisAnnualisedMove: 0.15,
};

/** The parameters of every other coin. */
const okxOther: OkxParameters = {
  ...shared,
  label: label("other coins"),
  spotMoves: [0.08, 0.16, 0.25],
  extremeMove: 0.5,
  basisAnnualisedMove: 0.3,
};

/**
 * The lists of coins that share parameters. The announcement has two middle lists that overlap in part. One is for the
 * spot shock (MR1), the other for the basis and the extreme move (MR4, MR6). The coins therefore fall into four groups
 * and the rest.
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
 * The columns of MR9. Published in what was found are the first two rates of the columns from 0.995 and 0.99, and three
 * rates of the example (0.75, 1.75, 2.5 %). Also published are 40 % from 0.8 down, and brackets that reach beyond 120
 * million (docs/sources.md, OKX portfolio margin). All other cells are our choice.
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

/**
 * The rates of MR8, which are our choice. Initial rates allow ten times leverage on dollars and five times on coins.
 * Maintenance rates are half of the initial rate on dollars and two fifths of it on coins.
 */
export const okxBorrowingRates: readonly BorrowingRates[] = [
  ...["USD", "USDC", "USDT"].map((asset) => ({ asset, initialRate: 0.1, maintenanceRate: 0.05 })),
  { asset: "*", initialRate: 0.2, maintenanceRate: 0.08 },
];

export const okxParameterRules: ParameterRules<OkxMethodParameters> = {
  bounds: okxBounds,
  shipped: { ...unsized, lists: okxCoinLists, depeg: okxDepegColumns, borrowing: okxBorrowingRates },
};
