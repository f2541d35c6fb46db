export { decimalText, roundedDecimal } from "./decimal-text.ts";
export { fetchDeribit } from "./deribit-live.ts";
export type { MarketTerms } from "./dollar-prices.ts";
export { expiryText } from "./instrument-name.ts";
export { coinsAtPar, defaultSeed, loadMarket, unusedPrices } from "./load-market.ts";
export {
  type ImportedQuotes,
  importMarket,
  importMarketFile,
  livePrefix,
  peggedIn,
  plainTerms,
} from "./market-file.ts";
export type { MarketBatch } from "./quote-batch.ts";
export { type SampleAccountsOptions, sampleAccounts, sampleAccountsLimit } from "./sample/accounts.ts";
export { sampleMarket } from "./sample/market.ts";
export type { SampleAccount } from "./sample/orders.ts";
export { type Candle, dailyBarsOf, readCandles } from "./series/candles.ts";
export { readSeries, type SeriesFile } from "./series/read-series.ts";
export { snapshotOfBatch } from "./snapshot-of-batch.ts";
export { buildStressHistory } from "./stress-history/build-stress-history.ts";
