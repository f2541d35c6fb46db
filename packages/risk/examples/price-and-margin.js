// Prices an option and margins a small portfolio, with nothing but this package: `node packages/risk/examples/price-and-margin.js`.
import { black76Greeks, black76Price, createMarginEngine, defaultParameters, impliedVolatility } from "@plimsoll/risk";

const dayMs = 86_400_000;
const asOfMs = Date.UTC(2026, 1, 5, 12);
const expiryMs = asOfMs + 50 * dayMs;

// A call (+1) on a forward of 71,000 with a strike of 80,000, 50 days, 55 % a year, a discount factor of 1: US dollars per coin.
const [forward, strike, years, volatility] = [71_000, 80_000, 50 / 365, 0.55];
const premium = black76Price(1, forward, strike, years, volatility, 1);
const { delta } = black76Greeks(1, forward, strike, years, volatility, 1);
const implied = impliedVolatility(1, premium, forward, strike, years, 1);

// One immutable view of the market. Prices are in the quote currency for each unit of the underlying.
const terms = { underlying: "BTC", settlement: "linear", quoteCurrency: "USD", contractSize: 1 };
const snapshot = {
  snapshotId: "example",
  asOfMs,
  currencies: [
    { currency: "USD", priceUsd: 1 },
    { currency: "BTC", priceUsd: 70_000 },
  ],
  underlyings: [
    {
      underlying: "BTC",
      indexPrice: 70_000,
      quality: "good",
      confidenceWidth: 0.002,
      priceAgeMs: 0,
      qualityReason: null,
    },
  ],
  // Sorted by their ids.
  instruments: [
    {
      instrument: { ...terms, instrumentId: "BTC-CALL", kind: "option", optionType: "call", strike, expiryMs },
      forwardPrice: forward,
      markPrice: premium,
      markVolatility: volatility,
      volatilitySource: "mark",
    },
    {
      instrument: { ...terms, instrumentId: "BTC-PERPETUAL", kind: "perpetual" },
      forwardPrice: 70_000,
      markPrice: 70_000,
      markVolatility: null,
      volatilitySource: null,
    },
  ],
};

// Two calls written, half covered by a perpetual, on 60,000 dollars.
const account = {
  accountId: "alice",
  poolCurrency: "USD",
  methodId: "portfolio",
  ledgerSequence: 1,
  collateral: [{ asset: "USD", amount: 60_000 }],
  positions: [
    { instrumentId: "BTC-CALL", quantity: -2, entryPrice: premium },
    { instrumentId: "BTC-PERPETUAL", quantity: 1, entryPrice: 70_000 },
  ],
};

const engine = createMarginEngine(snapshot, defaultParameters);
const margins = Object.fromEntries(
  ["portfolio", "span", "static"].map((methodId) => {
    const result = engine.margin({ ...account, methodId });
    // An account that cannot be margined says which field of it is at fault.
    if (result.status !== "margined") throw new Error(`${result.field} is ${result.value}`);
    const { initialMargin, maintenanceMargin, marginBalance } = result;
    return [methodId, { initialMargin, maintenanceMargin, marginBalance }];
  }),
);

console.log(JSON.stringify({ premium, delta, impliedVolatility: implied.volatility, margins }, null, 2));
