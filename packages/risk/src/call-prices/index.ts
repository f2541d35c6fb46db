export { findCallPrices, type NodeMarkets, withoutPrices } from "./call-prices.ts";
