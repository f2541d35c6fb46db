import {
  type ComponentName,
  createMarginEngine,
  defaultParameters,
  type MarginedPool,
  type MethodParameters,
  type Pool,
} from "@plimsoll/risk";
import { describe, expect, it } from "vitest";
import { chain } from "../support/books.ts";
import { accountWith, marketSnapshot, quotedPerpetual, underlyingState } from "../support/market.ts";

const { methods } = defaultParameters;

function margined(account: Pool, changed: Partial<MethodParameters> = {}, snapshot = chain): MarginedPool {
  const parameters = { ...defaultParameters, methods: { ...methods, ...changed } };
  const result = createMarginEngine(snapshot, parameters).margin(account);
  if (result.status === "not_margined") throw new Error(`${result.field} is ${result.value}`);
  return result;
}

function sumOf(result: MarginedPool, name: ComponentName, underlying?: string): number {
  return result.components
    .filter((component) => component.name === name && (underlying ?? component.underlying) === component.underlying)
    .reduce((sum, { amount }) => sum + amount, 0);
}

const collateral = [{ asset: "USD", amount: 1_000_000 }];
const longBtc = { instrumentId: "BTC_USDC-PERPETUAL", quantity: 1, entryPrice: 68_000 };
const shortEth = { instrumentId: "ETH_USDC-PERPETUAL", quantity: -34, entryPrice: 2_000 };
const bookOf = (methodId: Pool["methodId"], positions: Pool["positions"]) =>
  accountWith({ methodId, collateral, positions });

describe("credits between the underlyings of one account", () => {
  // A dollar of BTC against a dollar of ETH at 50 %: the credit of each leg is half of its weighted price risk per delta.
  it("SPAN forms the spreads of its table, dollar for dollar, and credits each leg", () => {
    const pair = bookOf("span", [longBtc, shortEth]);
    const together = margined(pair);
    const btcNotional = 67_985;
    const ethNotional = 34 * 1_985;
    const matched = Math.min(btcNotional, ethNotional);
    // Price risk of a perpetual is its scan range times its delta; the initial ratio is 1.1.
    expect(sumOf(together, "inter_commodity_credit", "BTC")).toBeCloseTo(-0.5 * 1.1 * matched * 0.16, 6);
    expect(sumOf(together, "inter_commodity_credit", "ETH")).toBeCloseTo(-0.5 * 1.1 * matched * 0.18, 6);
    const apart =
      margined(bookOf("span", [longBtc])).initialMargin + margined(bookOf("span", [shortEth])).initialMargin;
    expect(together.initialMargin).toBeCloseTo(apart + sumOf(together, "inter_commodity_credit"), 6);
  });

  it("SPAN credits nothing where both sides are long, nor without a table", () => {
    const sameSide = margined(bookOf("span", [longBtc, { ...shortEth, quantity: 34 }]));
    expect(sumOf(sameSide, "inter_commodity_credit")).toBe(0);
    const without = margined(bookOf("span", [longBtc, shortEth]), { span: { ...methods.span, credits: [] } });
    expect(without.components.map(({ name }) => name)).not.toContain("inter_commodity_credit");
  });

  it("SPAN spreads legs in one settlement currency first, then across; scanning needs one currency", () => {
    const inUsd = { instrumentId: "BTC-PERPETUAL", quantity: 68_000, entryPrice: 68_000 };
    const [credit] = methods.span.credits;
    if (credit === undefined) throw new Error("no credit ships for span");
    const scanning = {
      span: { ...methods.span, credits: [{ ...credit, method: "scanning" as const, creditRate: 0.7 }] },
    };
    // Coin-settled contracts are scanned as what they pay in US dollars, ETH here settles in USDC.
    const across = bookOf("span", [inUsd, shortEth]);
    expect(sumOf(margined(across), "inter_commodity_credit")).toBeLessThan(0);
    expect(sumOf(margined(across, scanning), "inter_commodity_credit")).toBe(0);
    // 16 % of BTC is lost where 70 % of 18 % of ETH is won, and the other way round; the worse of the two remains.
    const pair = margined(bookOf("span", [longBtc, shortEth]), scanning);
    const btc = 0.16 * 67_985;
    const eth = 0.18 * 34 * 1_985;
    const apart = 1.1 * (btc + eth);
    const together = 1.1 * Math.max(btc - 0.7 * eth, eth - 0.7 * btc);
    expect(sumOf(pair, "inter_commodity_credit")).toBeCloseTo(together - apart, 6);
    // Half of the ETH is spread against the BTC in USDC, what is left of it against the BTC in US dollars.
    const both = margined(bookOf("span", [{ ...longBtc, quantity: 0.5 }, { ...inUsd, quantity: 34_000 }, shortEth]));
    const whole = margined(bookOf("span", [longBtc, shortEth]));
    const ratio = sumOf(both, "inter_commodity_credit", "ETH") / sumOf(whole, "inter_commodity_credit", "ETH");
    expect(ratio).toBeCloseTo(1, 2);
  });

  it("TIMS nets gains against losses at the same point by the offset of the product group", () => {
    const together = margined(bookOf("tims", [longBtc, shortEth]));
    // At 15 % down BTC loses and ETH gains, at 15 % up the other way round; half of the lesser offsets.
    const btc = 0.15 * 67_985 * 0.9998;
    const eth = 0.15 * 34 * 1_985 * 0.9998;
    const worst = Math.max(btc, eth) - 0.5 * Math.min(btc, eth);
    expect(together.initialMargin).toBeCloseTo(worst, 6);
    expect(sumOf(together, "product_group_credit")).toBeCloseTo(worst - btc - eth, 6);
  });

  it("TIMS offsets product groups among each other only by the portfolio's share", () => {
    const groups = [
      { name: "bitcoin", underlyings: ["BTC"], offset: 1 },
      { name: "ether", underlyings: ["ETH"], offset: 1 },
    ];
    const account = bookOf("tims", [longBtc, shortEth]);
    const none = margined(account, { tims: { ...methods.tims, productGroups: groups, portfolioOffset: 0 } });
    const some = margined(account, { tims: { ...methods.tims, productGroups: groups, portfolioOffset: 0.3 } });
    expect(sumOf(none, "product_group_credit")).toBe(0);
    const btc = 0.15 * 67_985 * 0.9998;
    const eth = 0.15 * 34 * 1_985 * 0.9998;
    expect(some.initialMargin).toBeCloseTo(Math.max(btc, eth) - 0.3 * Math.min(btc, eth), 6);
  });

  it("Deribit's gains offset other currencies by pnl_offset, blended by the decorrelation", () => {
    const account = bookOf("portfolio_deribit", [longBtc, shortEth]);
    const at = (decorrelation: number) =>
      margined(account, { portfolioDeribit: { ...methods.portfolioDeribit, decorrelation } });
    expect(sumOf(at(1), "currency_offset_credit")).toBe(0);
    // ETH gains 18 % of its notional at the edge where BTC loses 16 %, of which 60 % offsets; BTC's gains offset nothing,
    // so the worst joint cell is that of a rise, where ETH alone loses.
    const btc = 0.16 * 67_985 * 0.9998;
    const eth = 0.18 * 34 * 1_985 * 0.9998;
    const joint = Math.max(btc - 0.6 * eth, eth);
    expect(sumOf(at(0), "currency_offset_credit")).toBeCloseTo(joint - btc - eth, 4);
    expect(sumOf(at(0.5), "currency_offset_credit")).toBeCloseTo((joint - btc - eth) / 2, 4);
    expect(at(0).maintenanceMargin).toBeCloseTo(0.8 * at(0).initialMargin, 4);
  });

  it("portfolio has no credit until an operator states one, and then by scenario", () => {
    const account = bookOf("portfolio", [longBtc, shortEth]);
    expect(sumOf(margined(account), "currency_offset_credit")).toBe(0);
    const offsets = [{ name: "majors", underlyings: ["BTC", "ETH"], gainShare: 0.5, decorrelation: 0 }];
    const result = margined(account, { portfolio: { ...methods.portfolio, offsets } });
    const btc = 0.1 * 67_985 * 0.9998;
    const eth = 0.11 * 34 * 1_985 * 0.9998;
    expect(sumOf(result, "currency_offset_credit")).toBeCloseTo(
      Math.max(btc, eth) - 0.5 * Math.min(btc, eth) - btc - eth,
      4,
    );
    expect(result.initialMargin).toBeCloseTo(
      margined(account).initialMargin + sumOf(result, "currency_offset_credit"),
      6,
    );
  });

  it("a credit leaves each underlying the least it is to be asked for", () => {
    const offsets = [{ name: "majors", underlyings: ["BTC", "ETH"], gainShare: 1, decorrelation: 0 }];
    const [row] = methods.portfolio.size;
    if (row === undefined) throw new Error("no size ships for portfolio");
    const size = [{ ...row, minimum: { futureRate: 0.05, shortOptionRate: 0.05 } }];
    const result = margined(bookOf("portfolio", [longBtc, shortEth]), {
      portfolio: { ...methods.portfolio, offsets, size },
    });
    const least = 0.05 * (67_985 + 34 * 1_985);
    expect(result.initialMargin).toBeGreaterThanOrEqual(least * (1 - 1e-9));
    expect(result.maintenanceMargin).toBeGreaterThanOrEqual(least * (1 - 1e-9));
    expect(sumOf(result, "currency_offset_credit")).toBeLessThan(0);
  });
});

describe("OKX and the account ratio ask for what is owed", () => {
  const owing = [
    { asset: "USD", amount: 500_000 },
    { asset: "USDT", amount: -100_000 },
  ];

  it("MR8: shares of the debt in both margins, by asset", () => {
    const result = margined(accountWith({ methodId: "portfolio_okx", collateral: owing }));
    expect(result.components).toEqual([{ name: "borrowing_margin", underlying: "USDT", amount: 10_000 }]);
    expect([result.initialMargin, result.maintenanceMargin]).toEqual([10_000, 5_000]);
  });

  it("the account ratio: the maintenance rate of the leverage, at the ratios of warning and liquidation", () => {
    const at = (loanLeverage: number) =>
      margined(accountWith({ methodId: "account_ratio", collateral: owing }), {
        accountRatio: { ...methods.accountRatio, loanLeverage },
      });
    expect(at(3).maintenanceMargin).toBeCloseTo(1.05 * 0.1 * 100_000, 8);
    expect(at(5).maintenanceMargin).toBeCloseTo(1.05 * 0.08 * 100_000, 8);
    expect(at(10).initialMargin).toBeCloseTo(1.5 * 0.05 * 100_000, 8);
  });

  it("MR9: a hedge between stablecoins costs more as the weaker one falls", () => {
    const quoted = (quoteCurrency: string) =>
      quotedPerpetual({ instrumentId: `BTC_${quoteCurrency}-PERPETUAL`, underlying: "BTC", quoteCurrency }, 67_985);
    const market = marketSnapshot([underlyingState("BTC", 67_985)], [quoted("USDC"), quoted("USDT")]);
    const hedge = bookOf("portfolio_okx", [
      { instrumentId: "BTC_USDC-PERPETUAL", quantity: 10, entryPrice: 67_985 },
      { instrumentId: "BTC_USDT-PERPETUAL", quantity: -10, entryPrice: 67_985 },
    ]);
    const at = (priceUsd: number) => {
      const currencies = market.currencies.map((row) => (row.currency === "USDT" ? { ...row, priceUsd } : row));
      return sumOf(margined(hedge, {}, { ...market, currencies }), "okx_stablecoin");
    };
    expect(at(1)).toBeCloseTo(10 * 67_985 * 0.005, 6);
    // 0.992 is in the column from 0.99, 0.985 in that from 0.98; the side in USDT is worth less, so less is hedged.
    expect(at(0.992)).toBeCloseTo(10 * 67_985 * 0.992 * 0.005, 6);
    expect(at(0.985)).toBeCloseTo(10 * 67_985 * 0.985 * 0.0075, 6);
    expect(at(0.8)).toBeCloseTo(10 * 67_985 * 0.8 * 0.4, 6);
    const bybit = margined({ ...hedge, methodId: "portfolio_bybit" }, {}, market);
    expect(sumOf(bybit, "stablecoin_spread_contingency")).toBeCloseTo(10 * 67_985 * 0.005, 6);
  });

  it("coins stand in the lists of the announcement", () => {
    const rates = (underlying: string) => {
      const market = marketSnapshot(
        [underlyingState(underlying, 100)],
        [quotedPerpetual({ instrumentId: "P", underlying, quoteCurrency: "USD" }, 100)],
      );
      const account = bookOf("portfolio_okx", [{ instrumentId: "P", quantity: 1, entryPrice: 100 }]);
      return sumOf(margined(account, {}, market), "okx_core_risk");
    };
    // Spot shock, or half of the extreme move where that is more.
    expect(["ETH", "XRP", "DOT", "SOL", "TON"].map(rates).map((risk) => Number(risk.toFixed(6)))).toEqual([
      12, 18, 25, 25, 25,
    ]);
  });
});
