import {
  createMarginEngine,
  defaultParameters,
  type MarginedPool,
  type MarketSnapshot,
  type NotMarginedPool,
  type ParameterSet,
  type Pool,
  type QuotedInstrument,
  type ScanParameters,
} from "@plimsoll/risk";
import { describe, expect, it } from "vitest";
import {
  accountWith,
  expiryInDays,
  marketSnapshot,
  quotedFuture,
  quotedOption,
  quotedPerpetual,
  underlyingState,
} from "../support/market.ts";

const instruments = [
  quotedPerpetual({ instrumentId: "BTC-PERPETUAL", underlying: "BTC", settlement: "inverse" }, 50_000),
  quotedPerpetual({ instrumentId: "BTC_USDC-PERPETUAL", underlying: "BTC", quoteCurrency: "USDC" }, 50_000),
  quotedFuture({ instrumentId: "BTC-73D", underlying: "BTC", expiryMs: expiryInDays(73) }, 50_000),
  quotedFuture({ instrumentId: "BTC-365D", underlying: "BTC", expiryMs: expiryInDays(365) }, 50_000),
  quotedFuture({ instrumentId: "BTC-OLD", underlying: "BTC", expiryMs: expiryInDays(0) }, 50_000),
  option("BTC-30D-50000-C", "call", 50_000),
  option("BTC-30D-50000-P", "put", 50_000),
  option("BTC-30D-90000-C", "call", 90_000),
  { ...option("BTC-30D-60000-C", "call", 60_000), markVolatility: null, volatilitySource: null },
];
const snapshot = marketSnapshot([underlyingState("BTC", 50_000), underlyingState("ETH", 2_000)], instruments);

function option(instrumentId: string, optionType: "call" | "put", strike: number): QuotedInstrument {
  const terms = {
    instrumentId,
    underlying: "BTC",
    optionType,
    strike,
    expiryMs: expiryInDays(30),
    settlement: "inverse",
  };
  return quotedOption({ ...terms, settlement: "inverse" }, 50_000, 0.6);
}

function held(...positions: [string, number][]): Pool["positions"] {
  return positions.map(([instrumentId, quantity]) => ({ instrumentId, quantity, entryPrice: 50_000 }));
}

function margined(account: Pool, parameters = defaultParameters, market = snapshot): MarginedPool {
  const result = createMarginEngine(market, parameters).margin(account);
  if (result.status !== "margined") throw new Error(`${result.field}: ${result.value}`);
  return result;
}

type Faulted = NotMarginedPool | NonNullable<MarginedPool["incomplete"]>[number];

/** Why an account has no figures, or of what it has none. */
function refused(account: Pool, market: MarketSnapshot = snapshot, parameters = defaultParameters): Faulted {
  const result = createMarginEngine(market, parameters).margin(account);
  const fault = result.status === "margined" ? result.incomplete?.[0] : result;
  if (fault === undefined) throw new Error("margined in full");
  return fault;
}

function scanning(changes: Partial<ScanParameters>): ParameterSet {
  return { ...defaultParameters, scan: defaultParameters.scan.map((scan) => ({ ...scan, ...changes })) };
}

function amounts(result: MarginedPool): Record<string, number> {
  return Object.fromEntries(result.components.map(({ name, amount }) => [name, amount]));
}

describe("the method portfolio", () => {
  it("charges an outright perpetual its scan range alone: it is never rolled", () => {
    const result = margined(accountWith({ positions: held(["BTC_USDC-PERPETUAL", 2]) }));
    expect(amounts(result)).toEqual({ scan_risk: expect.closeTo(0.1 * 100_000, 9) });
    expect(result.initialMargin).toBeCloseTo(10_000, 9);
    expect(result.maintenanceMargin).toBeCloseTo(8_000, 9);
    expect(result.units[0]?.worstScenario).toEqual({
      scenarioId: "-0.1:up",
      label: "BTC −10 %, vol up",
      loss: expect.closeTo(10_000, 9),
    });
    expect(result.units[0]?.greeks).toEqual({ delta: 2, gamma: 0, vega: 0, theta: 0 });
  });

  it("charges an outright future the roll of its expiry, of a perpetual what dated expiries hedge", () => {
    const year = Math.expm1(0.05) * 50_000;
    const outright = margined(accountWith({ positions: held(["BTC-365D", 1]) }));
    expect(amounts(outright)).toEqual({
      scan_risk: expect.closeTo(5_000, 9),
      calendar_charge: expect.closeTo(year, 8),
    });
    const calendarOf = (perpetual: number) =>
      amounts(margined(accountWith({ positions: held(["BTC-365D", 1], ["BTC_USDC-PERPETUAL", perpetual]) })))
        .calendar_charge;
    const least = 0.005 * 50_000;
    expect(calendarOf(-1)).toBeCloseTo(year + least, 8);
    expect(calendarOf(-0.4)).toBeCloseTo(year + 0.4 * least, 8);
    expect(calendarOf(-7)).toBeCloseTo(year + least, 8);
    expect(calendarOf(7)).toBeCloseTo(year, 8);
  });

  it("charges no calendar for perpetuals alone, in whatever they settle, hedged or not", () => {
    for (const positions of [
      held(["BTC_USDC-PERPETUAL", -3]),
      held(["BTC-PERPETUAL", 70_000]),
      held(["BTC_USDC-PERPETUAL", -3], ["BTC-PERPETUAL", 70_000]),
    ]) {
      for (const poolCurrency of ["USD", "BTC"]) {
        const account = accountWith({ poolCurrency, collateral: [{ asset: "BTC", amount: 5 }], positions });
        const parts = amounts(margined(account));
        expect(parts.calendar_charge).toBeUndefined();
        expect(parts.scan_risk).toBeGreaterThan(0);
      }
    }
  });

  it("gives a hedge across expiries the roll of both and the basis, but no scan risk", () => {
    const result = margined(accountWith({ positions: held(["BTC-365D", 1], ["BTC-73D", -1]) }));
    // max(0.5 %, e^(5 % a year) - 1) of the index on either side, 2 % of the hedged delta.
    const annual = Math.expm1(0.05) * 50_000;
    const fifth = Math.expm1(0.01) * 50_000;
    expect(amounts(result)).toEqual({
      calendar_charge: expect.closeTo(annual + fifth, 8),
      basis_charge: expect.closeTo(1_000, 9),
    });
    expect(result.units[0]?.worstScenario).toBeNull();
  });

  it("counts calls and puts of a strike together for the short option minimum, and reports what it adds", () => {
    const parameters = scanning({ shortOptionRate: 0.5 });
    const short = margined(accountWith({ positions: held(["BTC-30D-90000-C", -4]) }), parameters);
    expect(short.units[0]?.requirement).toBeCloseTo(0.5 * 4 * 50_000, 6);
    expect(amounts(short).short_option_minimum).toBeGreaterThan(0);
    const long = margined(accountWith({ positions: held(["BTC-30D-90000-C", 4]) }), parameters);
    expect(amounts(long).short_option_minimum).toBeUndefined();
    const straddle = margined(
      accountWith({ positions: held(["BTC-30D-50000-C", 3], ["BTC-30D-50000-P", -3]) }),
      parameters,
    );
    expect(amounts(straddle).short_option_minimum).toBeUndefined();
    const partly = margined(
      accountWith({ positions: held(["BTC-30D-50000-C", 1], ["BTC-30D-50000-P", -3]) }),
      parameters,
    );
    expect(partly.units[0]?.requirement).toBeGreaterThanOrEqual(0.5 * 2 * 50_000 - 1e-6);
  });

  it("sees far moves only through options: a naked short call costs more than the scan range shows", () => {
    const result = margined(accountWith({ positions: held(["BTC-30D-90000-C", -2_000]) }));
    expect(amounts(result).extended_scan_excess).toBeGreaterThan(amounts(result).scan_risk ?? 0);
    expect(result.units[0]?.worstScenario?.scenarioId).toMatch(/^extended:/);
  });

  it("takes collateral in coin as the hedge of a short in the same coin", () => {
    const hedged = margined(
      accountWith({ collateral: [{ asset: "BTC", amount: 1 }], positions: held(["BTC-PERPETUAL", -50_000]) }),
    );
    expect(amounts(hedged).scan_risk ?? 0).toBeLessThan(1e-9);
    const inCoin = margined(
      accountWith({
        poolCurrency: "BTC",
        collateral: [{ asset: "BTC", amount: 1 }],
        positions: held(["BTC-PERPETUAL", -50_000]),
      }),
    );
    expect(amounts(inCoin).scan_risk).toBeCloseTo(0.1 / 1.1, 12);
    const owed = margined(
      accountWith({
        collateral: [
          { asset: "BTC", amount: -1 },
          { asset: "USD", amount: 90_000 },
        ],
      }),
    );
    expect(amounts(owed).scan_risk).toBeCloseTo(5_000, 9);
  });

  it("gives maintenance from the scan, and initial by the ratio, when told so", () => {
    const reversed = { ...defaultParameters, scanGives: "maintenance" } as const;
    const result = margined(accountWith({ positions: held(["BTC_USDC-PERPETUAL", 2]) }), reversed);
    expect(result.maintenanceMargin).toBeCloseTo(10_000, 9);
    expect(result.initialMargin).toBeCloseTo(10_000 / 0.8, 9);
  });

  it("charges the confidence width of a widened price on the gross delta, to initial margin only", () => {
    const widened = {
      ...snapshot,
      underlyings: snapshot.underlyings.map(
        (state) => ({ ...state, quality: "widened", confidenceWidth: 0.01 }) as const,
      ),
    };
    const account = accountWith({ positions: held(["BTC_USDC-PERPETUAL", 2], ["BTC-73D", -1]) });
    const [good, wide] = [margined(account), margined(account, defaultParameters, widened)];
    expect(wide.initialMargin - good.initialMargin).toBeCloseTo(0.01 * 3 * 50_000, 8);
    expect(wide.maintenanceMargin).toBe(good.maintenanceMargin);
    expect(amounts(wide).confidence_charge).toBeCloseTo(1_500, 9);
  });

  it("charges a degraded price as much as a widened one", () => {
    const account = accountWith({ positions: held(["BTC_USDC-PERPETUAL", 2]) });
    const [widened, degraded] = (["widened", "degraded"] as const).map((quality) => {
      const underlyings = snapshot.underlyings.map((state) => ({ ...state, quality }));
      return margined(account, defaultParameters, { ...snapshot, underlyings }).initialMargin;
    });
    expect(degraded).toBe(widened);
    expect(degraded).toBeGreaterThan(margined(account).initialMargin);
  });

  it("lets collateral stand still when its asset is not to move, but never a debt in it", () => {
    const still = {
      ...defaultParameters,
      collateral: defaultParameters.collateral.map((entry) => ({ ...entry, movesInScenarios: false })),
    };
    const holding = (amount: number) => accountWith({ collateral: [{ asset: "BTC", amount }] });
    expect(amounts(margined(holding(1), still))).toEqual({});
    expect(amounts(margined(holding(1)))).toEqual({ scan_risk: expect.closeTo(5_000, 9) });
    expect(amounts(margined(holding(-1), still))).toEqual({ scan_risk: expect.closeTo(5_000, 9) });
  });

  it("converts the dampener for a coin's own pool at the edge of the scan on its side", () => {
    const parameters = scanning({ extendedMoves: [-0.2, 0.2], extendedDampenerUsd: 1_000 });
    const account = accountWith({ poolCurrency: "BTC", positions: held(["BTC-PERPETUAL", 50_000]) });
    const unit = createMarginEngine(snapshot, parameters).scenarioLosses(account)[0];
    // One coin of a long loses the edge's loss in either far cell; twice the range pulls by 1 x the dampener.
    expect(unit?.losses[33]).toBeCloseTo(0.1 / 0.9 - 1_000 / (50_000 * 0.9), 12);
    expect(unit?.losses[34]).toBeCloseTo(-0.1 / 1.1 + 1_000 / (50_000 * 1.1), 12);
  });

  it("adds underlyings without offset", () => {
    const both = marketSnapshot(snapshot.underlyings, [
      ...instruments,
      quotedPerpetual({ instrumentId: "ETH-PERPETUAL", underlying: "ETH" }, 2_000),
    ]);
    const result = margined(
      accountWith({ positions: held(["BTC_USDC-PERPETUAL", 1], ["ETH-PERPETUAL", -25]) }),
      defaultParameters,
      both,
    );
    expect(result.units.map(({ underlying }) => underlying)).toEqual(["BTC", "ETH"]);
    expect(result.initialMargin).toBeCloseTo(0.1 * 50_000 + 0.11 * 50_000, 8);
  });
});

describe("equity and margin balance", () => {
  it("count what each currency holds after its haircut, profit and option value included, and liabilities without", () => {
    const call = instruments.find(({ instrument }) => instrument.instrumentId === "BTC-30D-50000-C");
    const positions = [
      { instrumentId: "BTC_USDC-PERPETUAL", quantity: 2, entryPrice: 49_000 },
      { instrumentId: "BTC-30D-50000-C", quantity: -1, entryPrice: 0 },
    ];
    const collateral = [
      { asset: "USD", amount: 10_000 },
      { asset: "BTC", amount: 0.5 },
      { asset: "ETH", amount: -3 },
    ];
    const result = margined(accountWith({ collateral, positions }));
    const optionValue = -(call?.markPrice ?? Number.NaN) * 50_000;
    expect(result.netOptionValue).toBeCloseTo(optionValue, 9);
    expect(result.equity).toBeCloseTo(10_000 + 25_000 - 6_000 + 2_000 + optionValue, 8);
    // The option sold is owed in BTC and comes off the BTC held before these are cut; the profit is in USDC.
    const haircuts = (coin: number, stable: number) => coin * (25_000 + optionValue) + stable * 2_000;
    expect(result.marginBalance).toBeCloseTo(result.equity - haircuts(0.02, 0.001), 8);
    expect(result.initialMarginBalance).toBeCloseTo(result.equity - haircuts(0.03, 0.0015), 8);
    expect(result.availableFunds).toBe(result.initialMarginBalance - result.initialMargin);
    expect(result.marginHeadroom).toBe(result.marginBalance - result.maintenanceMargin);
    expect(result.marginRatio).toBe(result.maintenanceMargin / result.marginBalance);
  });

  it("leave the pool's own coin without haircut", () => {
    const result = margined(accountWith({ poolCurrency: "BTC", collateral: [{ asset: "BTC", amount: 3 }] }));
    expect(result).toMatchObject({ equity: 3, marginBalance: 3, initialMargin: 0, units: [] });
  });

  it("of an empty account are nothing, with no ratio", () => {
    expect(margined(accountWith({}))).toMatchObject({ equity: 0, initialMargin: 0, marginRatio: null, components: [] });
  });
});

describe("the method static", () => {
  it("takes its share of every position's notional, offset or not", () => {
    const result = margined(
      accountWith({
        methodId: "static",
        positions: held(["BTC-PERPETUAL", 50_000], ["BTC_USDC-PERPETUAL", -1], ["BTC-30D-50000-P", 0.5]),
      }),
    );
    expect(amounts(result)).toEqual({ static_charge: expect.closeTo(0.2 * 125_000, 8) });
    expect(result.maintenanceMargin).toBeCloseTo(0.16 * 125_000, 8);
  });
});

describe("a holding that cannot be margined", () => {
  const usd = accountWith({ collateral: [{ asset: "USD", amount: 1 }] });
  const cases: [string, Faulted, Partial<NotMarginedPool>][] = [
    [
      "an instrument the snapshot lacks",
      refused({ ...usd, positions: held(["BTC_USDC-PERPETUAL", 1], ["BTC-1JAN99", 1]) }),
      { code: "instrument_not_in_snapshot", field: "positions[1].instrument_id", value: "BTC-1JAN99" },
    ],
    [
      "an expired instrument",
      refused({ ...usd, positions: held(["BTC-OLD", 1]) }),
      { code: "instrument_expired", field: "positions[0].instrument_id", value: "BTC-OLD" },
    ],
    [
      "an option without volatility",
      refused({ ...usd, positions: held(["BTC-30D-60000-C", 1]) }),
      { code: "volatility_missing", field: "positions[0].instrument_id", value: "BTC-30D-60000-C: null" },
    ],
    [
      "a pool currency without a price",
      refused({ ...usd, poolCurrency: "EUR" }),
      { code: "currency_not_priced", field: "pool_currency", value: "EUR" },
    ],
    [
      "a settlement currency without a price",
      refused(
        { ...usd, positions: held(["BTC_USDC-PERPETUAL", 1]) },
        { ...snapshot, currencies: snapshot.currencies.filter(({ currency }) => currency !== "USDC") },
      ),
      { code: "currency_not_priced", field: "positions[0].instrument_id", value: "USDC" },
    ],
    [
      "a settlement coin whose own price is blocked",
      refused({ ...usd, positions: held(["ETH_BTC-PERPETUAL", 1]) }, withEthInBtc(withBlockedBtc())),
      { code: "prices_blocked", field: "positions[0].instrument_id", value: "BTC" },
    ],
    [
      "a settlement coin that moves but is no underlying of the snapshot",
      refused(
        { ...usd, positions: held(["ETH_BTC-PERPETUAL", 1]) },
        {
          ...withEthInBtc(snapshot),
          underlyings: snapshot.underlyings.filter(({ underlying }) => underlying === "ETH"),
        },
      ),
      { code: "currency_not_priced", field: "positions[0].instrument_id", value: "BTC" },
    ],
    [
      "collateral that is not accepted",
      refused({
        ...usd,
        collateral: [
          { asset: "USD", amount: 1 },
          { asset: "DOGE", amount: 1 },
        ],
      }),
      { code: "collateral_not_accepted", field: "collateral[1].asset", value: "DOGE" },
    ],
    [
      "an underlying without parameters",
      refused({ ...usd, positions: held(["BTC_USDC-PERPETUAL", 1]) }, snapshot, {
        ...defaultParameters,
        scan: defaultParameters.scan.filter(({ underlying }) => underlying === "ETH"),
      }),
      { code: "parameters_missing", field: "positions[0].instrument_id", value: "BTC" },
    ],
    [
      "a blocked price of a position",
      refused({ ...usd, positions: held(["BTC_USDC-PERPETUAL", 1]) }, withBlockedBtc()),
      { code: "prices_blocked", field: "positions[0].instrument_id", value: "BTC" },
    ],
    [
      "a blocked price of collateral",
      refused({ ...usd, collateral: [{ asset: "BTC", amount: 1 }] }, withBlockedBtc()),
      { code: "prices_blocked", field: "collateral[0].asset", value: "BTC" },
    ],
    [
      "a quantity that is no number",
      refused({ ...usd, positions: held(["BTC_USDC-PERPETUAL", Number.NaN]) }),
      { code: "limit_exceeded", field: "positions[0].quantity", value: "NaN" },
    ],
    [
      "an entry price of zero",
      refused({ ...usd, positions: [{ instrumentId: "BTC-PERPETUAL", quantity: 1, entryPrice: 0 }] }),
      { code: "limit_exceeded", field: "positions[0].entry_price", value: "0" },
    ],
    [
      "an infinite amount",
      refused({ ...usd, collateral: [{ asset: "USD", amount: Number.POSITIVE_INFINITY }] }),
      { code: "limit_exceeded", field: "collateral[0].amount", value: "Infinity" },
    ],
  ];

  it.each(cases)("because of %s says so, with field, value and remedy", (_, result, expected) => {
    expect(result).toMatchObject(expected);
    expect(result.remedy.length).toBeGreaterThan(10);
  });

  it("does not stand in the way of the next one", () => {
    const engine = createMarginEngine(snapshot, defaultParameters);
    const healthy = accountWith({ positions: held(["BTC_USDC-PERPETUAL", 1]) });
    const before = JSON.stringify(engine.margin(healthy));
    engine.margin(accountWith({ positions: held(["BTC-OLD", 1]) }));
    expect(JSON.stringify(engine.margin(healthy))).toBe(before);
  });

  function withEthInBtc(market: MarketSnapshot): MarketSnapshot {
    const cross = quotedPerpetual({ instrumentId: "ETH_BTC-PERPETUAL", underlying: "ETH", quoteCurrency: "BTC" }, 0.04);
    return { ...market, instruments: [...market.instruments, cross] };
  }

  function withBlockedBtc(): MarketSnapshot {
    return {
      ...snapshot,
      underlyings: snapshot.underlyings.map((state) =>
        state.underlying === "BTC" ? { ...state, quality: "blocked" as const } : state,
      ),
    };
  }
});

describe("a snapshot that breaks its contract", () => {
  it("is refused with the place", () => {
    const unsorted = { ...snapshot, instruments: [...snapshot.instruments].reverse() };
    expect(() => createMarginEngine(unsorted, defaultParameters)).toThrow(/instruments\[1\]/);
  });
});
