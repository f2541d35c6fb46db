import { binanceAccountRatio, loanMaintenanceRates } from "../methods/account-ratio/account-ratio.ts";
import type { MaintenanceBracket } from "../methods/account-ratio/parameters.ts";
import { pmrm1MainnetParameters, pmrm2MainnetParameters, srmMainnetParameters } from "../methods/derive/shipped.ts";
import type { MethodParameters } from "../methods/method-parameters.ts";
import { bybitMajor } from "../methods/portfolio-bybit/requirement.ts";
import { deribitPmeBtc, deribitPmeEth } from "../methods/portfolio-deribit/requirement.ts";
import { okxBorrowingRates, okxCoinLists, okxDepegColumns } from "../methods/portfolio-okx/shipped.ts";
import { paradexParameters } from "../methods/portfolio-paradex/requirement.ts";
import type { SizeParameters } from "../methods/size/parameters.ts";
import { defaultSpanParameters } from "../methods/span/holdings-book.ts";
import { deribitFutureRates } from "../methods/standard/future-margin.ts";
import { deribitStandardOptions } from "../methods/standard/option-margin.ts";
import type { StandardMethodParameters } from "../methods/standard/parameters.ts";
import type { TimsClassParameters } from "../methods/tims/parameters.ts";
import { timsParameters } from "../methods/tims/shipped.ts";

const majors = ["BTC", "ETH"];

/** Rules of venues stand as published, and ours as described: what size adds is for an operator to turn on. */
const unsized = { size: [] };

/** ETH: 2 % and 1 %, and 1 % more for each 5,000 ETH, from memory of Deribit's page. Other coins: SOL's rates, no increment. */
const standard: StandardMethodParameters = {
  ...unsized,
  futures: [
    ...Object.entries(deribitFutureRates).map(([underlying, rates]) => ({ underlying, ...rates })),
    {
      underlying: "ETH",
      initial: { base: 0.02, incrementPerUnit: 0.000002 },
      maintenance: { base: 0.01, incrementPerUnit: 0.000002 },
    },
    {
      underlying: "*",
      initial: { base: 0.04, incrementPerUnit: 0 },
      maintenance: { base: 0.02, incrementPerUnit: 0 },
    },
  ],
  options: deribitStandardOptions,
  spreadRelief: "none",
};

/** A coin is no index: the limits of single stocks, and 0.375 of a share of 100 as a share of the underlying. Our scaling. */
const timsClass: TimsClassParameters = {
  underlying: "*",
  down: timsParameters.singleStock.down,
  up: timsParameters.singleStock.up,
  minimumRate: timsParameters.singleStock.minimumPerUnit / 100,
};

/** Maintenance rates by notional in US dollars, as Binance had them for BTCUSDT in 2022: from memory, not found again. */
const majorBrackets: readonly MaintenanceBracket[] = [
  { from: 0, rate: 0.004 },
  { from: 50_000, rate: 0.005 },
  { from: 250_000, rate: 0.01 },
  { from: 1_000_000, rate: 0.025 },
  { from: 10_000_000, rate: 0.05 },
  { from: 20_000_000, rate: 0.1 },
  { from: 50_000_000, rate: 0.125 },
  { from: 100_000_000, rate: 0.15 },
  { from: 200_000_000, rate: 0.25 },
  { from: 300_000_000, rate: 0.5 },
];

/**
 * 5 basis points of futures and 3 of options sold, Deribit's taker fees as remembered: a book that is hedged in full still has
 * to be unwound. Our choice.
 */
const hedgedIsNotFree: SizeParameters = {
  underlying: "*",
  openInterest: { notionalUsd: 0, lowerUsd: 0, upperUsd: 0 },
  concentration: { freeUsd: 0, ratePerMillionUsd: 0, maximumRate: 0 },
  liquidation: { futureRate: 0, optionRate: 0, impactPerRootMillionUsd: 0 },
  minimum: { futureRate: 0.0005, shortOptionRate: 0.0003 },
};

/** What ships for every method; each figure's source stands where it is written. */
export const defaultMethodParameters: MethodParameters = {
  static: unsized,
  isolated: standard,
  standard,
  span: { ...unsized, ...defaultSpanParameters },
  tims: {
    ...unsized,
    label: "TIMS, our own classes",
    pointCount: 10,
    classes: [timsClass],
    // Our choice, below the 75 % of stocks, which is from memory (docs/sources.md, TIMS).
    productGroups: [{ name: "majors", underlyings: majors, offset: 0.5 }],
    portfolioOffset: 0,
  },
  // A correlation between coins is for an operator to state: no offsets ship.
  portfolio: { size: [hedgedIsNotFree], offsets: [], floorBy: null },
  // Deribit's correlation contingency is not published: halfway between moving together and standing alone. Our choice.
  portfolioDeribit: { ...unsized, currencies: [deribitPmeBtc, deribitPmeEth], decorrelation: 0.5 },
  portfolioOkx: { ...unsized, lists: okxCoinLists, depeg: okxDepegColumns, borrowing: okxBorrowingRates },
  // The page names the fee provision without a rate: 3 basis points, options capped at an eighth of their mark. Our choice.
  portfolioParadex: { ...unsized, ...paradexParameters, feeProvisionRate: 0.0003, optionFeeCapRate: 0.125 },
  portfolioBybit: {
    ...unsized,
    coins: majors.map((underlying) => ({ ...bybitMajor, scan: { ...bybitMajor.scan, underlying } })),
  },
  derivePmrm2: { ...unsized, ...pmrm2MainnetParameters, underlyings: majors },
  // Without the charge on base held: haircuts are in the balance of all methods.
  derivePmrm1: {
    ...unsized,
    ...pmrm1MainnetParameters,
    contingency: { ...pmrm1MainnetParameters.contingency, baseRate: 0 },
    underlyings: majors,
  },
  deriveSrm: {
    ...unsized,
    depeg: srmMainnetParameters.depeg,
    markets: Object.entries(srmMainnetParameters.markets).map(([underlying, terms]) => ({ underlying, ...terms })),
  },
  accountRatio: {
    ...unsized,
    ...binanceAccountRatio,
    schedules: majors.map((underlying) => ({ underlying, brackets: majorBrackets })),
    loans: loanMaintenanceRates,
    loanLeverage: 5,
  },
  // Level and horizon as the issue asks; window, filter, slopes of volatility, beta and stress share are our own choice.
  var: {
    ...unsized,
    measure: "expected_shortfall",
    level: 0.99,
    horizonHours: 24,
    windowScenarios: 1_000,
    minimumBeyond: 3,
    simulation: "filtered",
    filter: { lambda: 0.97, minimumRatio: 0.5, maximumRatio: 3 },
    monteCarlo: {
      scenarioCount: 4_000,
      degreesOfFreedom: 4,
      seed: 1,
      impossibleCorrelations: "refuse",
      correlations: [],
    },
    volatility: { smile: "sticky_strike", risePerFall: 1.5, risePerRise: 0.5 },
    historySetId: "sample-1",
    // After 3 days lambda leaves 0.91 of what volatility now should know. 31 days: regulated banks update the data of their
    // models at least once a month (Basel Committee, Revisions to the Basel II market risk framework, 2011, 718(lxxvi)(e)).
    historyAge: { noteDays: 3, limitDays: 31 },
    stressSetId: "stress-1",
    stressShare: 0.25,
    proxies: [{ underlying: "*", proxy: "ETH", beta: 1.3 }],
  },
};
