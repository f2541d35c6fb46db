import type { ParameterSet, ScanParameters } from "../model/index.ts";
import { defaultCollateral } from "./default-collateral.ts";
import { defaultMethodParameters } from "./default-methods.ts";

/** Deribit PME: the far moves of the extended table and the share of their loss that counts (METHODS 3.3 item 3). */
const extendedMoves = [-0.66, -0.33, 0.5, 1, 2, 3, 4, 5] as const;

/** What the scans of all underlyings share. */
const common = {
  priceStepsPerSide: 5,
  volatilityDown: 0.25,
  // Deribit PME: powers of (30 / days to expiry), and the floor of a volatility moved up; Paradex: the floor of one day.
  shortTermPower: 0.3,
  longTermPower: 0.13,
  minimumDaysToExpiry: 1,
  minimumVolatilityUp: 0.5,
  extendedMoves,
  extendedFactor: 1,
} as const;

/** Deribit PME 2024: 16 %, volatility +50 % / -25 %, dampener 100,000 US dollars (METHODS 3.2, 3.3). */
const btc: ScanParameters = {
  ...common,
  underlying: "BTC",
  priceScanRange: 0.16,
  volatilityUp: 0.5,
  extendedDampenerUsd: 100_000,
  // Deribit's roll shock: at least 0.5 %, else exp(5 % a year) - 1; OKX moves the basis of BTC and ETH by 5 % a year too.
  calendarMinimumMove: 0.005,
  calendarAnnualisedMove: 0.05,
  // Our choice: half the roll of one leg again for delta hedged in another expiry.
  basisRate: 0.0025,
  // Deribit PM: 0.01 coin per net short option of a strike.
  shortOptionRate: 0.01,
  // Our choice: the scan range and a volatility move's worth, so that one outright position costs more than its scan.
  staticInitialRate: 0.2,
  staticMaintenanceRate: 0.16,
};

/** Deribit PME 2026: 18 %, volatility +40 % / -25 %, dampener 200,000 US dollars. */
const eth: ScanParameters = {
  ...btc,
  underlying: "ETH",
  priceScanRange: 0.18,
  volatilityUp: 0.4,
  extendedDampenerUsd: 200_000,
  staticInitialRate: 0.22,
  staticMaintenanceRate: 0.176,
};

/** Any other coin: OKX's widest list scans 25 % and moves the basis by 30 % a year; Deribit's default dampener. */
const alt: ScanParameters = {
  ...btc,
  underlying: "*",
  priceScanRange: 0.25,
  extendedDampenerUsd: 25_000,
  calendarMinimumMove: 0.01,
  calendarAnnualisedMove: 0.3,
  basisRate: 0.005,
  shortOptionRate: 0.02,
  staticInitialRate: 0.3,
  staticMaintenanceRate: 0.24,
};

/**
 * The parameter set that ships, for BTC, ETH and any other coin. The figures are those venues publish, or marked as our
 * own choice: a start to calibrate from, not advice.
 */
export const defaultParameters: ParameterSet = {
  parametersVersion: "default-1",
  // Deribit PME: the risk matrix gives initial margin, maintenance is 0.8 of it.
  scanGives: "initial",
  maintenanceToInitialRatio: 0.8,
  scan: [btc, eth, alt],
  methods: defaultMethodParameters,
  collateral: defaultCollateral,
  severity: {
    rungs: [
      { severity: "WARNING", requirement: "initial", enterRatio: 0.85, leaveRatio: 0.8 },
      { severity: "MARGIN_CALL", requirement: "initial", enterRatio: 1, leaveRatio: 0.95 },
      { severity: "REDUCE_ONLY", requirement: "maintenance", enterRatio: 0.92, leaveRatio: 0.87 },
      { severity: "LIQUIDATION", requirement: "maintenance", enterRatio: 1, leaveRatio: 0.95 },
    ],
    cleanSweepsToLeave: 2,
  },
  defaultMethodId: "portfolio",
  historyTolerance: 0.01,
  fundingHorizonHours: 8,
  scenarioSets: [],
};
