import {
  assessResult,
  createMarginEngine,
  defaultParameters,
  type MarketSnapshot,
  type Pool,
  severityOf,
  worstQuality,
} from "@plimsoll/risk";
import { describe, expect, it } from "vitest";
import {
  collateralSnapshot,
  engineFor,
  ethPrice,
  flatBands,
  marginedIn,
  poolState,
  solPrice,
  tokens,
  valuationOf,
  withAsset,
  wstethRate,
} from "../support/collateral.ts";
import { accountWith, expiryInDays, marketSnapshot, quotedFuture, underlyingState } from "../support/market.ts";

const engine = engineFor();

function holding(balances: Readonly<Record<string, number>>, rest: Partial<Pool> = {}): Pool {
  const collateral = Object.entries(balances).map(([asset, amount]) => ({ asset, amount }));
  return accountWith({ collateral, ...rest });
}

function at(instrumentId: string, quantity: number, entryPrice: number) {
  return [{ instrumentId, quantity, entryPrice }];
}

function row(account: Pool, asset: string, of = engine) {
  const found = of.collateral(account).find((balance) => balance.asset === asset);
  if (found === undefined) throw new Error(`no row of ${asset}`);
  return found;
}

function scanRisk(account: Pool, of = engine, underlying = "ETH"): number {
  const { components } = marginedIn(of, account);
  return components.find((part) => part.name === "scan_risk" && part.underlying === underlying)?.amount ?? 0;
}

function refusal(account: Pool, snapshot: MarketSnapshot, parameters = defaultParameters) {
  const result = createMarginEngine(snapshot, parameters).margin(account);
  if (result.status !== "not_margined") throw new Error("margined");
  return result;
}

describe("the age of the oldest price used", () => {
  const base = collateralSnapshot();
  const ages: Readonly<Record<string, number>> = { ETH: 2_000, BTC: 3_000, USDC: 4_000, WSTETH: 7_000 };
  const aged = engineFor({
    ...base,
    underlyings: [
      ...base.underlyings,
      underlyingState("USDC", 1),
      underlyingState("WSTETH", wstethRate * ethPrice),
    ].map((state) => ({ ...state, priceAgeMs: ages[state.underlying] ?? 900_000 })),
  });
  const ageOf = (balances: Readonly<Record<string, number>>, rest: Partial<Pool> = {}) =>
    aged.oldestPriceAgeMs(holding(balances, rest));

  it("is that of what the positions move with, the balances are priced through, and the pool is counted in", () => {
    const positions = at("ETH-PERPETUAL", 1, ethPrice);
    expect(ageOf({ USD: 1 })).toBe(0);
    expect(ageOf({ USD: 1 }, { positions })).toBe(2_000);
    expect(ageOf({ BTC: 1 }, { positions })).toBe(3_000);
    expect(ageOf({ USDC: 1 }, { positions })).toBe(4_000);
    expect(ageOf({ WSTETH: 1 })).toBe(7_000);
    expect(ageOf({ USDC: 0, USD: 1 }, { positions })).toBe(2_000);
    expect(ageOf({ USD: 1 }, { positions, poolCurrency: "USDC" })).toBe(4_000);
    expect(ageOf({ USD: 1 }, { positions: at("ETH_USDC-PERPETUAL", 1, ethPrice) })).toBe(4_000);
    expect(ageOf({ USD: 1 }, { positions: at("ETH-PERPETUAL", 0, ethPrice) })).toBe(0);
  });
});

describe("the two haircut schedules", () => {
  const parameters = withAsset("BTC", { ...flatBands(0.1, 0.04), movesInScenarios: false });

  it("give initial margin a balance of its own, and the severity looks at the one of its rung", () => {
    const account = holding({ BTC: 1 }, { positions: at("ETH-PERPETUAL", 150, ethPrice), methodId: "static" });
    const result = marginedIn(engineFor(undefined, parameters), account);
    expect(result.marginBalance).toBeCloseTo(60_000 * 0.96, 8);
    expect(result.initialMarginBalance).toBeCloseTo(60_000 * 0.9, 8);
    expect(result.availableFunds).toBeCloseTo(54_000 - 66_000, 8);
    expect(result.marginRatio).toBeCloseTo(52_800 / 57_600, 12);
    // 55,800 of initial margin is more than 54,000 and less than 57,600.
    const between = { ...result, initialMargin: 55_800, maintenanceMargin: 44_640 };
    expect(severityOf(between, parameters.severity)).toBe("MARGIN_CALL");
    expect(severityOf({ ...between, initialMarginBalance: 57_600 }, parameters.severity)).toBe("WARNING");
  });

  it("put the call price of each severity where its own balance meets its own requirement", () => {
    const account = holding({ BTC: 1 }, { positions: at("ETH-PERPETUAL", -40, ethPrice), methodId: "static" });
    const prices = engineFor(undefined, parameters).callPrices(account);
    const priceOf = (severity: string) =>
      prices.find((call) => call.underlying === "ETH" && call.direction === "up" && call.severity === severity)?.price;
    // Short 40 from 2,000: balance + 40 (2,000 - p) = rate x 40 p, on 54,000 for initial margin and 57,600 for maintenance.
    expect(priceOf("MARGIN_CALL")).toBeCloseTo((54_000 + 80_000) / (40 * 1.22), 4);
    expect(priceOf("LIQUIDATION")).toBeCloseTo((57_600 + 80_000) / (40 * 1.176), 4);
  });
});

describe("balances that move in the scenarios", () => {
  const short = at("ETH-PERPETUAL", -12, ethPrice);

  it("of a token that redeems into a coin cancel the risk of a short in it", () => {
    const coin = scanRisk(holding({ ETH: 12 }, { positions: short }));
    const token = scanRisk(holding({ WSTETH: 12 / wstethRate }, { positions: short }));
    expect(coin).toBeLessThan(1e-8);
    expect(token).toBeLessThan(1e-8);
    expect(scanRisk(holding({ USD: 24_000 }, { positions: short }))).toBeCloseTo(0.11 * 24_000, 8);
  });

  it("hedge both margins alike: the shape of the scan is one", () => {
    const result = marginedIn(engine, holding({ WSTETH: 5 / wstethRate }, { positions: short }));
    const bare = marginedIn(engine, holding({ USD: 24_000 }, { positions: short }));
    expect(scanRisk(holding({ WSTETH: 5 / wstethRate }, { positions: short }))).toBeCloseTo(0.11 * 7 * ethPrice, 8);
    expect(bare.initialMargin - result.initialMargin).toBeCloseTo(0.11 * 5 * ethPrice, 8);
    expect(bare.maintenanceMargin - result.maintenanceMargin).toBeCloseTo(0.8 * 0.11 * 5 * ethPrice, 8);
  });

  it("stand still when they are not to, and then hedge nothing", () => {
    const still = engineFor(undefined, withAsset("WSTETH", { movesInScenarios: false }));
    expect(scanRisk(holding({ WSTETH: 10 }, { positions: short }), still)).toBeCloseTo(0.11 * 24_000, 8);
  });

  it("count a token at no more than it is held for: a market far above redemption hedges nothing more", () => {
    const lifted = engineFor(collateralSnapshot({ WSTETH: 100 * ethPrice }));
    expect(scanRisk(holding({ WSTETH: 12 / wstethRate }, { positions: short }), lifted)).toBeLessThan(1e-8);
  });

  it("of a pool token follow the square root of the coin, in a cash pool and in the coin's own", () => {
    const fair = (2 * Math.sqrt(1_000 * 2_000_000 * ethPrice)) / 40_000;
    const worth = 100 * fair;
    const down = scanRisk(holding({ ETHUSDCLP: 100 }));
    expect(down).toBeCloseTo(worth * (1 - Math.sqrt(0.89)), 8);
    const inCoin = scanRisk(holding({ ETHUSDCLP: 100 }, { poolCurrency: "ETH" }));
    // Worst where the coin rises by 11 %: the token is then worth sqrt(1.11) / 1.11 of what it was in the coin.
    expect(inCoin).toBeCloseTo((worth / ethPrice) * (1 - 1 / Math.sqrt(1.11)), 10);
  });

  it("in the coin's own pool a token that redeems into it loses nothing against it", () => {
    const account = holding({ WSTETH: 10 }, { poolCurrency: "ETH" });
    expect(scanRisk(account)).toBe(0);
    expect(marginedIn(engine, account).equity).toBeCloseTo(10 * wstethRate, 12);
  });

  it("move call prices with the coin they stand for", () => {
    const position = at("ETH-PERPETUAL", -20, ethPrice);
    const account = holding({ WSTETH: 10, USD: 3_000 }, { positions: position });
    const up = engine.callPrices(account).find((call) => call.severity === "BANKRUPT" && call.direction === "up");
    // 12 p + 3,000 - 20 (p - 2,000) = 0
    expect(up?.price).toBeCloseTo(43_000 / 8, 3);
    for (const { underlying, direction, severity, price } of engine.callPrices(account)) {
      if (price === null || severity === "BANKRUPT") continue;
      const inside = price * (direction === "up" ? 1 + 1e-6 : 1 - 1e-6);
      const moved = collateralSnapshot({ [underlying]: inside, WSTETH: wstethRate * inside });
      const result = marginedIn(createMarginEngine(moved, defaultParameters), account);
      const ladder = ["NORMAL", "WARNING", "MARGIN_CALL", "REDUCE_ONLY", "LIQUIDATION", "BANKRUPT"];
      const found = severityOf(result, defaultParameters.severity);
      expect(ladder.indexOf(found)).toBeGreaterThanOrEqual(ladder.indexOf(severity));
    }
  });
});

describe("a stablecoin ledger", () => {
  const at98 = engineFor(collateralSnapshot({ USDC: 0.98 }));

  it("counts at par at most, whatever the market pays", () => {
    const above = engineFor(collateralSnapshot({ USDC: 1.04 }));
    const result = marginedIn(above, holding({ USDC: 1_000 }));
    expect(result.equity).toBeCloseTo(1_040, 10);
    expect(result.marginBalance).toBeCloseTo(999, 10);
    expect(result.initialMarginBalance).toBeCloseTo(998.5, 10);
    expect(row(holding({ USDC: 1_000 }), "USDC", above)).toMatchObject({ priceUsd: 1, reasons: ["par", "band"] });
  });

  it("below its peg counts at its price, less its band and its depeg haircut", () => {
    const account = holding({ USDC: 1_000 });
    expect(marginedIn(at98, account).marginBalance).toBeCloseTo(980 * (1 - 0.001 - 0.02), 9);
    expect(row(account, "USDC", at98)).toMatchObject({ reasons: ["market_price", "band", "depeg"] });
    expect(row(account, "USDC", at98).maintenanceHaircut).toBeCloseTo(0.021, 12);
  });

  it("owes a debt at par at least", () => {
    expect(marginedIn(at98, holding({ USD: 5_000, USDC: -1_000 })).marginBalance).toBeCloseTo(4_000, 10);
    const above = engineFor(collateralSnapshot({ USDC: 1.04 }));
    expect(marginedIn(above, holding({ USD: 5_000, USDC: -1_000 })).marginBalance).toBeCloseTo(3_960, 10);
  });

  it("pays a loss in the coin out of the balance in it before anything is cut", () => {
    // Ten long from 2,050: a loss of 500 USDC.
    const account = holding({ USDC: 500 }, { positions: at("ETH_USDC-PERPETUAL", 10, 2_050) });
    expect(marginedIn(at98, account).marginBalance).toBeCloseTo(0, 9);
    expect(row(account, "USDC", at98)).toMatchObject({ countedMaintenance: 0, maintenanceHaircut: 0 });
    expect(row(account, "USDC", at98).reasons).toContain("own_losses");
  });

  it("cuts a gain in the coin by its band and by the depeg haircut, as the balance that it becomes", () => {
    const account = holding({ USD: 100 }, { positions: at("ETH_USDC-PERPETUAL", 10, 1_950) });
    expect(marginedIn(at98, account).marginBalance).toBeCloseTo(100 + 500 * 0.98 * (1 - 0.02 - 0.001), 9);
    expect(marginedIn(at98, account).marginBalance).toBeCloseTo(
      marginedIn(at98, holding({ USD: 100, USDC: 500 })).marginBalance,
      9,
    );
  });

  it("is scanned by no price range, even when the snapshot quotes the coin as an underlying", () => {
    const snapshot = collateralSnapshot({ USDC: 0.999 });
    const quoted = { ...snapshot, underlyings: [...snapshot.underlyings, underlyingState("USDC", 0.999)] };
    const account = holding({ USDC: 9_000 }, { positions: at("ETH_USDC-PERPETUAL", 10, 1_950) });
    const result = marginedIn(engineFor(quoted), account);
    expect(result.units.map(({ underlying }) => underlying)).toEqual(["ETH"]);
    expect(marginedIn(engineFor(quoted), { ...account, methodId: "standard" }).status).toBe("margined");
  });
});

describe("tokens", () => {
  it("are counted at the lower of redemption and market, a rate beyond its cap not at all", () => {
    const account = holding({ WSTETH: 10 });
    expect(row(account, "WSTETH")).toMatchObject({ priceUsd: wstethRate * ethPrice });
    expect(row(account, "WSTETH").reasons).toEqual(["redemption_rate", "band", "concentration"]);
    const discounted = engineFor(collateralSnapshot({ WSTETH: 2_300 }));
    expect(row(account, "WSTETH", discounted)).toMatchObject({ priceUsd: 2_300 });
    const jumped = {
      ...collateralSnapshot({ WSTETH: 9_000 }),
      tokens: [{ kind: "redeemable", asset: "WSTETH", rate: 4 }],
    } as const;
    const { priceUsd, reasons } = row(account, "WSTETH", engineFor(jumped));
    const { anchorRate, anchorAtMs, maximumGrowthPerDay } = valuationOf("WSTETH", "redeemable");
    const days = (jumped.asOfMs - anchorAtMs) / 86_400_000;
    expect(priceUsd).toBeCloseTo(anchorRate * (1 + maximumGrowthPerDay * days) * ethPrice, 8);
    expect(reasons).toContain("rate_cap");
  });

  it("of a pool do not change with a trade in it", () => {
    const account = holding({ ETHUSDCLP: 50 });
    // A trade along the invariant: half the coins for twice the cash.
    const reserves = [
      { asset: "ETH", amount: 500 },
      { asset: "USDC", amount: 4_000_000 },
    ];
    const traded = { ...collateralSnapshot(), tokens: [{ ...poolState, reserves }] };
    expect(marginedIn(engineFor(traded), account).marginBalance).toBe(marginedIn(engine, account).marginBalance);
  });

  it.each([
    ["no state at all", { tokens: [] }, "token_state_unusable", "no redemption rate in the snapshot"],
    [
      "no market price",
      { currencies: collateralSnapshot().currencies.filter(({ currency }) => currency !== "WSTETH") },
      "currency_not_priced",
      "WSTETH",
    ],
    [
      "what it stands for blocked",
      {
        underlyings: collateralSnapshot().underlyings.map((state) =>
          state.underlying === "ETH" ? ({ ...state, quality: "blocked" } as const) : state,
        ),
      },
      "prices_blocked",
      "ETH, behind WSTETH",
    ],
    [
      "what it stands for not among the underlyings",
      {
        underlyings: collateralSnapshot().underlyings.filter(({ underlying }) => underlying !== "ETH"),
        instruments: [],
      },
      "currency_not_priced",
      "ETH, behind WSTETH",
    ],
    ["a rate of 0", { tokens: [{ kind: "redeemable", asset: "WSTETH", rate: 0 }] }, "token_state_unusable", "rate 0"],
  ] as const)("with %s are refused with the reason", (_what, change, code, value) => {
    const result = refusal(holding({ WSTETH: 1 }), { ...collateralSnapshot(), ...change });
    expect(result).toMatchObject({ code, field: "collateral[0].asset" });
    expect(result.value).toContain(value);
  });

  it("are refused as the currency of a pool", () => {
    const result = refusal(accountWith({ poolCurrency: "WSTETH" }), collateralSnapshot());
    expect(result).toMatchObject({ code: "collateral_not_accepted", field: "pool_currency", value: "WSTETH" });
  });

  it("owed under a method that scans no balance cost what an owed coin does, by their share of it", () => {
    const owed = (asset: string, amount: number) =>
      marginedIn(engine, holding({ USD: 100_000, [asset]: -amount }, { methodId: "static" })).initialMargin;
    expect(owed("ETH", 12)).toBeCloseTo(0.22 * 12 * ethPrice, 8);
    expect(owed("WSTETH", 10)).toBeCloseTo(owed("ETH", 10 * wstethRate), 8);
    // Half of it follows ether, and half of it is a stablecoin.
    expect(owed("ETHUSDCLP", 100)).toBeCloseTo(0.5 * owed("ETH", (100 * 100) / ethPrice) + 0.06 * 0.5 * 10_000, 8);
    // A borrowed stablecoin costs its depeg shock.
    expect(owed("USDC", 5_000)).toBeCloseTo(0.06 * 5_000, 9);
  });

  it("need a scan for what they move with", () => {
    const parameters = {
      ...defaultParameters,
      scan: defaultParameters.scan.filter(({ underlying }) => underlying === "BTC"),
    };
    const alone = { ...collateralSnapshot(), instruments: [] };
    expect(refusal(holding({ WSTETH: 1 }), alone, parameters)).toMatchObject({ code: "parameters_missing" });
  });

  it("carry the worst quality of the prices behind them, and hold escalation back when they matter", () => {
    const snapshot = collateralSnapshot();
    const doubtful: MarketSnapshot = {
      ...snapshot,
      underlyings: snapshot.underlyings.map((state) =>
        state.underlying === "ETH" ? { ...state, quality: "degraded" } : state,
      ),
    };
    const doubted = engineFor(doubtful, withAsset("WSTETH", { movesInScenarios: false }));
    expect(row(holding({ WSTETH: 1, USD: 1 }), "WSTETH", doubted).quality).toBe("degraded");
    expect(marginedIn(doubted, holding({ WSTETH: 1, USD: 1 })).collateralQuality).toBe("degraded");
    expect(marginedIn(doubted, holding({ WSTETH: 1e-3, USD: 1_000 })).collateralQuality).toBe("good");
    expect(marginedIn(engine, holding({ WSTETH: 1, USD: 1 })).collateralQuality).toBe("good");
  });
});

describe("a redemption rate that is faulty", () => {
  const reading = (rate: number): MarketSnapshot => ({
    ...collateralSnapshot({ WSTETH: wstethRate * ethPrice }),
    tokens: tokens.map((state) => (state.kind === "redeemable" && state.asset === "SDAI" ? { ...state, rate } : state)),
  });
  /** The severity of a sweep on this market, as a stage decides it. */
  const severityIn = (market: MarketSnapshot, account: Pool) => {
    const result = marginedIn(engineFor(market), account);
    const quality = worstQuality([...result.units, { quality: result.collateralQuality }]);
    return assessResult({ severity: "NORMAL", cleanSweeps: 0 }, result, defaultParameters.severity, quality).severity;
  };
  const severityAt = (rate: number, account: Pool) => severityIn(reading(rate), account);
  const owing = holding({ USD: 150_000, SDAI: -100_000 });
  const owned = holding({ USD: -80_000, SDAI: 100_000 });

  it("doubled, calls nobody who owes the token", () => {
    expect([severityAt(1.17, owing), severityAt(2.34, owing)]).toEqual(["NORMAL", "NORMAL"]);
    expect(row(owing, "SDAI", engineFor(reading(2.34))).reasons).toEqual(["debt", "rate_cap"]);
  });

  it("halved, halves no debt", () => {
    const due = (rate: number) => row(owing, "SDAI", engineFor(reading(rate))).countedMaintenance;
    expect(due(0.585) / due(1.17)).toBeGreaterThan(0.93);
    expect(row(owing, "SDAI", engineFor(reading(0.585))).reasons).toEqual(["debt", "rate_collapsed"]);
  });

  it("halved, warns who holds the token and does not escalate", () => {
    expect(severityAt(1.17, owned)).toBe("NORMAL");
    expect(severityAt(0.585, owned)).toBe("WARNING");
    expect(row(owned, "SDAI", engineFor(reading(0.585)))).toMatchObject({ quality: "degraded" });
  });

  it("counts when the market of the token says the same", () => {
    const fallen = (market: number): MarketSnapshot => ({
      ...collateralSnapshot({ WSTETH: market }),
      tokens: tokens.map((state) =>
        state.kind === "redeemable" && state.asset === "WSTETH" ? { ...state, rate: 0.6 } : state,
      ),
    });
    const account = holding({ USD: -15_000, WSTETH: 10 });
    const at = (market: number) => severityIn(fallen(market), account);
    expect(at(wstethRate * ethPrice)).toBe("WARNING");
    expect(at(0.59 * ethPrice)).toBe("BANKRUPT");
  });
});

describe("wrong-way collateral", () => {
  const sol = 1_000;
  const account = (instrumentId: string, quantity: number) =>
    holding({ SOL: sol, USD: 10 * sol * solPrice }, { positions: at(instrumentId, quantity, solPrice) });
  const counted = (instrumentId: string, quantity: number) =>
    row(account(instrumentId, quantity), "SOL").countedMaintenance;
  const alone = 0.9 * sol * solPrice;

  it("is cut further up to what the positions lose with the same coin", () => {
    expect(counted("SOL-PERPETUAL", -500)).toBeCloseTo(alone, 8);
    expect(counted("SOL-PERPETUAL", 400)).toBeCloseTo(alone - 0.25 * 400 * solPrice, 8);
    expect(counted("SOL-FUTURE", 5_000)).toBeCloseTo(alone - 0.25 * sol * solPrice, 8);
    expect(counted("BTC-PERPETUAL", 1)).toBeCloseTo(alone, 8);
  });

  it("sees the put writer's whole size, however small the delta", () => {
    expect(counted("SOL-100-put", -300)).toBeCloseTo(alone - 0.25 * 300 * solPrice, 8);
    expect(counted("SOL-100-put", 300)).toBeCloseTo(alone, 8);
    expect(counted("SOL-100-call", -300)).toBeCloseTo(alone, 8);
    expect(row(account("SOL-100-put", -300), "SOL").reasons).toContain("wrong_way");
  });

  it("by a star stands against positions on every underlying, as for a venue's own token", () => {
    const rule = { underlyings: ["*"], initialHaircut: 1, maintenanceHaircut: 0.5 };
    const own = engineFor(undefined, withAsset("SOL", { wrongWay: rule }));
    const { countedMaintenance, countedInitial } = row(account("BTC-PERPETUAL", 1), "SOL", own);
    expect(countedMaintenance).toBeCloseTo(alone - 0.5 * 60_000, 8);
    expect(countedInitial).toBeCloseTo(0.85 * (sol * solPrice - 60_000), 8);
  });
});

describe("concentrated collateral", () => {
  it("is cut further beyond its share of the pool", () => {
    // 150,000 of 200,000: 50,000 are beyond one half.
    const { countedMaintenance, reasons } = row(holding({ SOL: 1_000, USD: 50_000 }), "SOL");
    expect(countedMaintenance).toBeCloseTo(0.9 * 150_000 - 0.1 * 50_000, 8);
    expect(reasons).toContain("concentration");
    expect(row(holding({ SOL: 1_000, USD: 150_000 }), "SOL").countedMaintenance).toBeCloseTo(135_000, 8);
  });

  it("is cut further beyond its share of the asset's daily volume", () => {
    const rule = {
      poolShare: 1,
      dailyVolumeUsd: 400_000,
      volumeShare: 0.25,
      initialHaircut: 0.5,
      maintenanceHaircut: 0.3,
    };
    const limited = engineFor(undefined, withAsset("SOL", { concentration: rule }));
    const { countedMaintenance, countedInitial } = row(holding({ SOL: 1_000, USD: 1 }), "SOL", limited);
    expect(countedMaintenance).toBeCloseTo(0.9 * 150_000 - 0.3 * 50_000, 8);
    expect(countedInitial).toBeCloseTo(0.85 * 150_000 - 0.5 * 50_000, 8);
  });
});

describe("rows of the collateral", () => {
  it("add up to both margin balances when nothing else is in the pool", () => {
    const account = holding({ USD: 70_000, USDC: 1_000, BTC: 0.2, WSTETH: 3, ETHUSDCLP: 40, SDAI: 900, SOL: -20 });
    const rows = engine.collateral(account);
    expect(rows.map(({ asset }) => asset)).toEqual(["BTC", "ETHUSDCLP", "SDAI", "SOL", "USD", "USDC", "WSTETH"]);
    const { marginBalance, initialMarginBalance } = marginedIn(engine, account);
    const sum = (pick: (counted: (typeof rows)[number]) => number) =>
      rows.reduce((total, each) => total + pick(each), 0);
    expect(sum(({ countedMaintenance }) => countedMaintenance)).toBeCloseTo(marginBalance, 6);
    expect(sum(({ countedInitial }) => countedInitial)).toBeCloseTo(initialMarginBalance, 6);
    expect(row(account, "SOL")).toMatchObject({ reasons: ["debt"], initialHaircut: 0, countedMaintenance: -3_000 });
    expect(row(account, "USD")).toMatchObject({ reasons: ["pool_currency"], priceUsd: 1 });
  });

  it("are none for an account that cannot be margined", () => {
    expect(engine.collateral(holding({ DOGE: 1 }, { poolCurrency: "EUR" }))).toEqual([]);
    expect(tokens).toHaveLength(3);
  });

  it("name what is not accepted, which counts for nothing", () => {
    const [usd, doge] = engine.collateral(holding({ USD: 5, DOGE: 1 }));
    expect(usd).toMatchObject({ asset: "USD", countedMaintenance: 5 });
    expect(doge).toMatchObject({ asset: "DOGE", amount: 1, countedMaintenance: 0, reasons: ["not_accepted"] });
  });
});

describe("coins paid in beside options bought", () => {
  // Seen to fail: the bound on losses counted them in full, so that available funds fell by their haircut.
  it("leave available funds as they were or more, under our own methods in a coin pool", () => {
    for (const methodId of ["static", "portfolio", "var"] as const) {
      const before = marginedIn(
        engineFor(),
        holding({}, { poolCurrency: "BTC", methodId, positions: at("SOL-100-put", 2_500, 0) }),
      );
      const after = marginedIn(
        engineFor(),
        holding({ ETH: 500 }, { poolCurrency: "BTC", methodId, positions: at("SOL-100-put", 2_500, 0) }),
      );
      expect(after.availableFunds, methodId).toBeGreaterThanOrEqual(before.availableFunds - 1e-9);
      expect(after.marginHeadroom, methodId).toBeGreaterThanOrEqual(before.marginHeadroom - 1e-9);
    }
  });
});

describe("the gain of a position in a coin that stands still as collateral", () => {
  // Seen to fail: booked, it no longer stood in the bound on losses, and the pool went from NORMAL to LIQUIDATION.
  it("is bounded alike when it is booked", () => {
    const expiryMs = expiryInDays(30);
    const snapshot = marketSnapshot(
      [underlyingState("SOL", solPrice)],
      [
        quotedFuture({ instrumentId: "LINEAR", underlying: "SOL", expiryMs }, solPrice),
        quotedFuture({ instrumentId: "INVERSE", underlying: "SOL", settlement: "inverse", expiryMs }, solPrice),
      ],
    );
    const size = 1_800_000;
    const entryPrice = 165;
    const gain = size * (1 / solPrice - 1 / entryPrice);
    const cover = size / solPrice - gain / 2;
    const [open, settled] = [false, true].map((booked) => {
      const result = marginedIn(
        engineFor(snapshot),
        holding(
          { USD: 10, SOL: booked ? gain : 0 },
          {
            methodId: "static",
            positions: [
              { instrumentId: "INVERSE", quantity: -size, entryPrice: booked ? solPrice : entryPrice },
              { instrumentId: "LINEAR", quantity: cover, entryPrice: solPrice },
            ],
          },
        ),
      );
      return { severity: severityOf(result, defaultParameters.severity), ...result };
    });
    expect(open?.components.map(({ name }) => name)).toContain("loss_bound_credit");
    expect(settled?.severity).toBe(open?.severity);
    expect(settled?.initialMargin).toBeLessThanOrEqual((open?.initialMargin ?? 0) * (1 + 1e-9));
    expect(settled?.availableFunds).toBeGreaterThanOrEqual(open?.availableFunds ?? Number.NaN);
  });
});
