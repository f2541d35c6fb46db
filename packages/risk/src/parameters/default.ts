import { defaultMethodId, defaultMethodParameters } from "../methods/parameter-rules.ts";
import type { ParameterSet, ScanParameters } from "../model/index.ts";
import { defaultCollateral } from "./default-collateral.ts";

/**
 * The far moves of Deribit PME's extended table (docs/sources.md, Deribit portfolio margin). `extendedFactor` below, on
 * their losses, is from the same source.
 */
const extendedMoves = [-0.66, -0.33, 0.5, 1, 2, 3, 4, 5] as const;

/** The parameters that the scans of all underlyings share. */
const common = {
  priceStepsPerSide: 5,
  // With Deribit's 25 % a bought straddle costs more in its last days than is required (docs/backtest).
  volatilityDown: 0.35,
  // The powers of (30 / days to expiry) and the floor of a volatility moved up are Deribit PME's. The floor of one day
  // is Paradex's.
  shortTermPower: 0.3,
  longTermPower: 0.13,
  minimumDaysToExpiry: 1,
  minimumVolatilityUp: 0.5,
  extendedMoves,
  extendedFactor: 1,
} as const;

/**
 * The price scan range is that of docs/backtest, in place of Deribit's 16 %. PME 2024 has volatility +50 % and a
 * dampener of 100,000 US dollars (docs/sources.md, Deribit portfolio margin).
 */
const btc: ScanParameters = {
  ...common,
  underlying: "BTC",
  priceScanRange: 0.1,
  volatilityUp: 0.5,
  extendedDampenerUsd: 100_000,
  // Deribit's roll shock is exp(5 % a year) - 1, at least 0.5 %. OKX moves the basis of BTC and ETH by 5 % a year too.
  calendarMinimumMove: 0.005,
  calendarAnnualisedMove: 0.05,
  // A position hedged in another expiry is unhedged once that one has expired, and the scan moves no time
  // (docs/backtest).
  basisRate: 0.02,
  // Deribit PM asks for 0.01 coin per net short option of a strike.
  shortOptionRate: 0.01,
  // The rates are our choice: the scan range with room for a volatility move, so that one outright position costs more
  // than its scan.
  staticInitialRate: 0.2,
  staticMaintenanceRate: 0.16,
};

/**
 * The price scan range is that of docs/backtest, in place of Deribit's 18 %. PME 2026 has volatility +40 % and a
 * dampener of 200,000 US dollars.
 */
const eth: ScanParameters = {
  ...btc,
  underlying: "ETH",
  priceScanRange: 0.11,
  volatilityUp: 0.4,
  extendedDampenerUsd: 200_000,
  staticInitialRate: 0.22,
  staticMaintenanceRate: 0.176,
};

/**
 * The scan of any other coin. Its range and basis are those of ETH times 1.7. That is the ratio of SOL's 99 % quantile
 * of rises over 24 hours to ETH's, 19.4 % and 11.4 %, on hourly candles since 2020 and 2019. OKX moves the basis of its
 * widest list by 30 % a year. The dampener is Deribit's default.
 */
const alt: ScanParameters = {
  ...btc,
  underlying: "*",
  priceScanRange: 0.19,
  extendedDampenerUsd: 25_000,
  calendarMinimumMove: 0.01,
  calendarAnnualisedMove: 0.3,
  basisRate: 0.035,
  shortOptionRate: 0.02,
  staticInitialRate: 0.3,
  staticMaintenanceRate: 0.24,
};

/**
 * The parameter set that ships, for BTC, ETH and any other coin. Scan ranges, volatility down and basis are the
 * cheapest tried that cover every kind of portfolio of the backtest on 99 % of all 24 hours since 2019
 * (docs/backtest/README.md). Other figures are those that venues publish, or are marked as our own choice. They are a
 * starting point for calibration, not advice.
 */
export const defaultParameters: ParameterSet = {
  parametersVersion: "default-3",
  // In Deribit PME the risk matrix gives initial margin, and maintenance margin is 0.8 of it.
  scanGives: "initial",
  maintenanceToInitialRatio: 0.8,
  scan: [btc, eth, alt],
  methods: defaultMethodParameters,
  collateral: defaultCollateral,
  pegOffsets: [],
  severity: {
    rungs: [
      { severity: "WARNING", requirement: "initial", enterRatio: 0.85, leaveRatio: 0.8 },
      { severity: "MARGIN_CALL", requirement: "initial", enterRatio: 1, leaveRatio: 0.95 },
      { severity: "REDUCE_ONLY", requirement: "maintenance", enterRatio: 0.92, leaveRatio: 0.87 },
      { severity: "LIQUIDATION", requirement: "maintenance", enterRatio: 1, leaveRatio: 0.95 },
    ],
    cleanSweepsToLeave: 2,
  },
  defaultMethodId,
  historyTolerance: 0.01,
  fundingHorizonHours: 8,
  scenarioSets: [],
};
