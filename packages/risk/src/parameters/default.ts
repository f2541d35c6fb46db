import { defaultMethodId, defaultMethodParameters } from "../methods/parameter-rules.ts";
import type { ParameterSet, ScanParameters } from "../model/index.ts";
import { defaultCollateral } from "./default-collateral.ts";

/**
 * Deribit PME: the far moves of the extended table and the share of their loss that counts
 * (docs/sources.md, Deribit portfolio margin).
 */
const extendedMoves = [-0.66, -0.33, 0.5, 1, 2, 3, 4, 5] as const;

/** What the scans of all underlyings share. */
const common = {
  priceStepsPerSide: 5,
  // docs/backtest: with Deribit's 25 % the last days of a bought straddle cost more than is asked.
  volatilityDown: 0.35,
  // Deribit PME: powers of (30 / days to expiry), and the floor of a volatility moved up; Paradex: the floor of one day.
  shortTermPower: 0.3,
  longTermPower: 0.13,
  minimumDaysToExpiry: 1,
  minimumVolatilityUp: 0.5,
  extendedMoves,
  extendedFactor: 1,
} as const;

/**
 * The range of docs/backtest, for Deribit's 16 %; PME 2024: volatility +50 %, dampener 100,000 US dollars
 * (docs/sources.md, Deribit portfolio margin).
 */
const btc: ScanParameters = {
  ...common,
  underlying: "BTC",
  priceScanRange: 0.1,
  volatilityUp: 0.5,
  extendedDampenerUsd: 100_000,
  // Deribit's roll shock: at least 0.5 %, else exp(5 % a year) - 1; OKX moves the basis of BTC and ETH by 5 % a year too.
  calendarMinimumMove: 0.005,
  calendarAnnualisedMove: 0.05,
  // docs/backtest: what is hedged in another expiry stands alone once that has expired, and the scan moves no time.
  basisRate: 0.02,
  // Deribit PM: 0.01 coin per net short option of a strike.
  shortOptionRate: 0.01,
  // Our choice: the scan range and a volatility move's worth, so that one outright position costs more than its scan.
  staticInitialRate: 0.2,
  staticMaintenanceRate: 0.16,
};

/** The range of docs/backtest, for Deribit's 18 %; PME 2026: volatility +40 %, dampener 200,000 US dollars. */
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
 * Any other coin: range and basis of ETH times 1.7, the ratio of SOL's 99 % quantile of rises over 24 hours to ETH's on hourly
 * candles since 2020 and 2019 (19.4 % and 11.4 %). OKX moves the basis of its widest list by 30 % a year; Deribit's default dampener.
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
 * The parameter set that ships, for BTC, ETH and any other coin. Scan ranges, volatility down and basis are the cheapest tried with which every
 * kind of portfolio of the backtest is covered on 99 % of all 24 hours since 2019 (docs/backtest/README.md); other figures are those
 * that venues publish, or marked as our own choice: a start to calibrate from, not advice.
 */
export const defaultParameters: ParameterSet = {
  parametersVersion: "default-3",
  // Deribit PME: the risk matrix gives initial margin, maintenance is 0.8 of it.
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
