import type {
  CollateralParameters,
  ConcentrationRule,
  DepegTier,
  HaircutBand,
  PeggedValuation,
  WrongWayRule,
} from "../model/index.ts";

/**
 * Derive charges 2 x (0.99 - price) in its standard manager and 4 x in its portfolio manager (docs/sources.md,
 * Stablecoins below their peg). It is our choice to apply the milder rule first and the stricter one from 0.95 on. At
 * 0.80 the two tiers add up to 0.68, where OKX's table has 0.40.
 */
const depegTiers: readonly DepegTier[] = [
  { belowPrice: 0.99, factor: 2 },
  { belowPrice: 0.95, factor: 2 },
];

/**
 * The shock is our choice. From 10 to 14 March 2023 a million USDC held against as many USDT owed lost 10.4 % at the
 * worst hourly close on Kraken. The two charges of 6 % together cover that loss.
 */
const depegShock = { initial: 0.06, maintenance: 0.048 };

const pegged: PeggedValuation = { kind: "pegged", depegTiers, depegShock };

/** It is our choice that initial haircuts are 1.5 times the maintenance haircuts. */
const INITIAL_TIMES = 1.5;

function schedules(...maintenance: readonly (readonly [upToUsd: number | null, haircut: number])[]) {
  const bandsOf = (times: number): HaircutBand[] =>
    maintenance.map(([upToUsd, haircut]) => ({ upToUsd, haircut: Math.min(1, haircut * times) }));
  return { initialBands: bandsOf(INITIAL_TIMES), maintenanceBands: bandsOf(1) };
}

/**
 * The haircut of a quarter is our choice. It lies above the scan range of other coins, and applies to the part that
 * stands against exposure of the same direction.
 */
const wrongWayWith = (underlying: string): WrongWayRule => ({
  underlyings: [underlying],
  initialHaircut: 0.25,
  maintenanceHaircut: 0.25,
});

/** The limit of half of the pool is our choice. There is no limit by volume until the venue supplies its own figure. */
const concentration: ConcentrationRule = {
  poolShare: 0.5,
  dailyVolumeUsd: null,
  volumeShare: 0.1,
  initialHaircut: 0.15,
  maintenanceHaircut: 0.1,
};

const plain = { valuation: { kind: "market" }, wrongWay: null, concentration: null } as const;

const stablecoin = { valuation: pegged, movesInScenarios: false, wrongWay: null, concentration: null } as const;

const SECONDS = 1_000;

/** Lido's own sanity checker refused reports in which the balance of its validators fell by more than 5 % at once. */
const MAXIMUM_FALL = 0.05;

/**
 * The collateral that the shipped parameters accept. BIT.com cuts USDT by 0.1 % and BTC by 2 %. Bands that widen with
 * size follow OKX's discount tiers. Where a comment names no source, the figure is our own choice and a starting point
 * for calibration.
 */
export const defaultCollateral: readonly CollateralParameters[] = [
  { asset: "USD", ...plain, ...schedules([null, 0]), movesInScenarios: false },
  { asset: "USDC", ...stablecoin, ...schedules([10_000_000, 0.001], [50_000_000, 0.01], [null, 0.05]) },
  { asset: "USDT", ...stablecoin, ...schedules([10_000_000, 0.001], [50_000_000, 0.02], [null, 0.1]) },
  // Derive's standard manager counts DAI for 92.5 %, sDAI for 87.5 % (docs/sources.md, Derive standard manager). The
  // shock is our choice, since other coins back DAI.
  {
    asset: "DAI",
    ...stablecoin,
    valuation: { ...pegged, depegShock: { initial: 0.1, maintenance: 0.08 } },
    ...schedules([5_000_000, 0.075], [25_000_000, 0.15], [null, 0.4]),
  },
  {
    asset: "BTC",
    ...plain,
    ...schedules([10_000_000, 0.02], [50_000_000, 0.05], [null, 0.15]),
    movesInScenarios: true,
  },
  {
    asset: "ETH",
    ...plain,
    ...schedules([5_000_000, 0.03], [25_000_000, 0.08], [null, 0.2]),
    movesInScenarios: true,
  },
  {
    asset: "SOL",
    ...plain,
    ...schedules([2_000_000, 0.1], [10_000_000, 0.2], [null, 0.5]),
    movesInScenarios: false,
    wrongWay: wrongWayWith("SOL"),
    concentration,
  },
  {
    asset: "WSTETH",
    // Aave's capped ratio adapter allows at most 9.68 % a year. Its anchor of 15 February 2024, 1.1572, was replaced by
    // the rate read on 7 January 2026. At the actual 2.99 % a year, the old anchor had left 11 % of room.
    valuation: {
      kind: "redeemable",
      redeemsInto: "ETH",
      isTraded: true,
      anchorRate: 1.223767905094668,
      anchorAtMs: 1_767_755_099 * SECONDS,
      maximumGrowthPerDay: 0.0968 / 365,
      maximumFall: MAXIMUM_FALL,
    },
    // Derive's standard manager counts it for 80 %, and for initial margin 0.9375 of that. Above 2 million the figures
    // are OKX's tiers for BETH.
    initialBands: [
      { upToUsd: 2_000_000, haircut: 0.25 },
      { upToUsd: 8_000_000, haircut: 0.5 },
      { upToUsd: null, haircut: 1 },
    ],
    maintenanceBands: [
      { upToUsd: 2_000_000, haircut: 0.2 },
      { upToUsd: 8_000_000, haircut: 0.5 },
      { upToUsd: null, haircut: 1 },
    ],
    movesInScenarios: true,
    wrongWay: null,
    concentration,
  },
  {
    asset: "SDAI",
    // Aave's capped ratio adapter has 1.1557 on 21 April 2025, and allows at most 9.69 % a year from there.
    valuation: {
      kind: "redeemable",
      redeemsInto: "DAI",
      isTraded: false,
      anchorRate: 1.155737072956268,
      anchorAtMs: 1_745_242_379 * SECONDS,
      maximumGrowthPerDay: 0.0969 / 365,
      maximumFall: MAXIMUM_FALL,
    },
    ...schedules([5_000_000, 0.125], [25_000_000, 0.25], [null, 1]),
    movesInScenarios: false,
    wrongWay: null,
    concentration: null,
  },
  {
    asset: "ETHUSDCLP",
    valuation: {
      kind: "pool_token",
      parts: [
        { asset: "ETH", weight: 0.5 },
        { asset: "USDC", weight: 0.5 },
      ],
    },
    ...schedules([1_000_000, 0.2], [5_000_000, 0.4], [null, 1]),
    movesInScenarios: true,
    wrongWay: null,
    concentration,
  },
];
