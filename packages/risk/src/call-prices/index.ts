export { findCallPrices, withoutPrices } from "./call-prices.ts";
