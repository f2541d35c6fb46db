import {
  createMarginEngine,
  defaultParameters,
  type MarginedPool,
  type MarketSnapshot,
  type MethodId,
  methodIds,
  moveUnderlying,
  type Pool,
  type QuotedInstrument,
  severityOf,
} from "@plimsoll/risk";
import { describe, expect, it } from "vitest";
import {
  accountWith,
  asOfMs,
  expiryInDays,
  marketSnapshot,
  quotedFuture,
  quotedOption,
  quotedPerpetual,
  underlyingState,
} from "../support/market.ts";

const index = 70_000;
const { severity: severityParameters } = defaultParameters;

function option(
  instrumentId: string,
  optionType: "call" | "put",
  strike: number,
  days: number,
  { forward = index, quoteCurrency = "USD" }: { forward?: number; quoteCurrency?: string } = {},
): QuotedInstrument {
  const terms = { instrumentId, underlying: "BTC", optionType, strike, expiryMs: expiryInDays(days), quoteCurrency };
  return quotedOption(terms, forward, 0.6);
}

function marginAt(snapshot: MarketSnapshot, account: Pool, multiple = 1): MarginedPool {
  const moved = multiple === 1 ? snapshot : moveUnderlying(snapshot, "BTC", multiple);
  const result = createMarginEngine(moved, defaultParameters).margin(account);
  if (result.status === "not_margined") throw new Error(`${result.code}: ${result.value}`);
  return result;
}

/** By each method that margins the account. */
function byMethod(snapshot: MarketSnapshot, account: Pool, multiple = 1): [MethodId, MarginedPool][] {
  const moved = multiple === 1 ? snapshot : moveUnderlying(snapshot, "BTC", multiple);
  const engine = createMarginEngine(moved, defaultParameters);
  return methodIds.flatMap((methodId): [MethodId, MarginedPool][] => {
    const result = engine.margin({ ...account, methodId });
    return result.status === "margined" && result.incomplete === undefined ? [[methodId, result]] : [];
  });
}

function severitiesOf(results: readonly [MethodId, MarginedPool][]): Record<string, string> {
  return Object.fromEntries(results.map(([methodId, result]) => [methodId, severityOf(result, severityParameters)]));
}

function all(results: readonly [MethodId, MarginedPool][], severity: string): Record<string, string> {
  return Object.fromEntries(results.map(([methodId]) => [methodId, severity]));
}

const held = (...positions: [id: string, quantity: number][]): Pick<Pool, "positions"> => ({
  positions: positions.map(([instrumentId, quantity]) => ({ instrumentId, quantity, entryPrice: 1 })),
});
const cash = (amount: number, asset = "USD") => ({ collateral: [{ asset, amount }] });

describe("a leg inside its settlement window", () => {
  const expiryMs = asOfMs + 60_000;
  const fresh = option("NEAR", "call", 50_000, 1, { forward: 50_000 });
  const near = {
    ...fresh,
    markPrice: 19_333.33,
    instrument: { ...fresh.instrument, expiryMs, settlementWindowMinutes: 30 },
  } as QuotedInstrument;
  const far = option("FAR", "call", 50_000, 22, { forward: 50_000 });
  const snapshot = {
    ...marketSnapshot([underlyingState("BTC", 50_000)], [far, near]),
    settlementAverages: [{ underlying: "BTC", expiryMs, averagePrice: 70_000 }],
  };

  it("is not covered by what still moves: most of its payout is fixed", () => {
    const results = byMethod(snapshot, accountWith(held(["NEAR", -1], ["FAR", 1])));
    expect(results.length).toBeGreaterThan(5);
    expect(results[0]?.[1].equity).toBeLessThan(-10_000);
    expect(severitiesOf(results)).toEqual(all(results, "BANKRUPT"));
  });

  it("is bounded by what is still open of it", () => {
    // 29 of 30 minutes averaged 70,000 and the last is at 50,000 or at anything else from 0 on: at least 67,666 less the strike.
    const account = accountWith({ ...held(["NEAR", 1]), ...cash(-15_000) });
    for (const [, { severityBasis }] of byMethod(snapshot, account)) expect(severityBasis?.greatestDebt).toBe(0);
  });
});

describe("expiries with forwards of their own", () => {
  const snapshot = marketSnapshot(
    [underlyingState("BTC", index)],
    [
      option("FAR", "put", 240_000, 300, { forward: 73_000 }),
      option("FAR-CALL", "call", 60_000, 300, { forward: 73_000 }),
      option("NEAR", "put", 240_000, 30, { forward: 70_300 }),
      option("NEAR-CALL", "call", 60_000, 30, { forward: 70_300 }),
    ],
  );
  const calendar = held(["NEAR", -1], ["FAR", 1]);

  it("do not cover each other in full: what is owed now is bankrupt, and cash for the most that can be owed is not", () => {
    const bare = byMethod(snapshot, accountWith(calendar));
    expect(bare[0]?.[1].equity).toBeLessThan(-1_000);
    expect(severitiesOf(bare)).toEqual(all(bare, "BANKRUPT"));
    const debt = bare[0]?.[1].severityBasis?.greatestDebt ?? 0;
    // Where the far put is just worth nothing, the near one is by its lower forward.
    expect(debt).toBeCloseTo(240_000 * (1 - 70_300 / 73_000), 6);
    const covered = byMethod(snapshot, accountWith({ ...calendar, ...cash(debt) }));
    expect(severitiesOf(covered)).toEqual(all(covered, "NORMAL"));
    for (const multiple of [0.01, 0.3, 0.9, 1.5, 3.5, 10]) {
      expect(marginAt(snapshot, accountWith(calendar), multiple).equity).toBeGreaterThanOrEqual(-debt * (1 + 1e-9));
    }
  });

  it("cover where the later forward is the better one, and our own methods ask for what it cost", () => {
    for (const methodId of ["static", "portfolio", "var"] as const) {
      const result = marginAt(snapshot, { ...accountWith(held(["NEAR-CALL", -1], ["FAR-CALL", 1])), methodId });
      expect(result.severityBasis?.greatestDebt).toBe(0);
      expect(result.initialMargin).toBeLessThanOrEqual(result.netOptionValue * (1 + 1e-9));
    }
  });
});

describe("what a debt is covered by", () => {
  it("counts stablecoins after their haircut, as they may have to be sold", () => {
    const put = option("PUT", "put", 60_000, 30);
    const snapshot = marketSnapshot([underlyingState("BTC", index)], [put]);
    const account = accountWith({ ...held(["PUT", -1]), ...cash(60_000, "DAI") });
    for (const [methodId, result] of byMethod(snapshot, account, 0.02)) {
      expect(result.severityBasis?.greatestDebt, methodId).toBeGreaterThan(1_000);
      expect(severityOf(result, severityParameters), methodId).not.toBe("NORMAL");
    }
  });

  it("takes a peg that has fallen as one that may come back", () => {
    const put = option("PUT", "put", 60_000, 30, { quoteCurrency: "USDC" });
    const snapshot = {
      ...marketSnapshot([underlyingState("BTC", index)], [put]),
      currencies: [
        { currency: "USD", priceUsd: 1 },
        { currency: "USDC", priceUsd: 0.97 },
      ],
    };
    const { severityBasis } = marginAt(snapshot, accountWith({ ...held(["PUT", -1]), ...cash(58_300) }));
    expect(severityBasis?.greatestDebt).toBeCloseTo(1_700, 6);
  });
});

describe("a small debt beside options that are paid for", () => {
  const call = option("CALL", "call", 60_000, 30);
  const snapshot = marketSnapshot(
    [underlyingState("BTC", index)],
    [call, quotedPerpetual({ instrumentId: "PERPETUAL", underlying: "BTC" }, index)].sort((a, b) =>
      a.instrument.instrumentId < b.instrument.instrumentId ? -1 : 1,
    ),
  );

  it.each([-0.01, -0.000001])("of %s dollars calls nobody under any method", (debt) => {
    const results = byMethod(snapshot, accountWith({ ...held(["CALL", 1]), ...cash(debt) }));
    expect(severitiesOf(results)).toEqual(all(results, "NORMAL"));
  });

  it("of 5,000 dollars comes to each severity in turn, and no later than without the value left out", () => {
    for (const methodId of ["portfolio", "static", "portfolio_deribit"] as const) {
      const account = { ...accountWith({ ...held(["CALL", 1]), ...cash(-5_000) }), methodId };
      const told = new Set<string>();
      for (let multiple = 1.3; multiple > 0.7; multiple -= 0.0025) {
        const result = marginAt(snapshot, account, multiple);
        told.add(severityOf(result, severityParameters));
        const plain = severityOf({ ...result, severityBasis: undefined } as never, severityParameters);
        const used = result.maintenanceMargin / result.marginBalance;
        if (result.marginBalance > 0 && used > 1.0001) {
          expect(severityOf(result, severityParameters), `${methodId} at ${multiple}: ${plain}`).not.toBe("NORMAL");
        }
      }
      expect([...told], methodId).toEqual(expect.arrayContaining(["NORMAL", "LIQUIDATION", "BANKRUPT"]));
    }
  });

  it("is not seen through positions of nothing", () => {
    const positions = [
      ...held(["CALL", 1]).positions,
      { instrumentId: "PERPETUAL", quantity: 1, entryPrice: index },
      { instrumentId: "PERPETUAL", quantity: -1, entryPrice: index },
    ];
    const results = byMethod(snapshot, accountWith({ positions, ...cash(0) }));
    expect(severitiesOf(results)).toEqual(all(results, "NORMAL"));
  });
});

describe("a spread that is paid for in the pool of another coin", () => {
  const eth = 2_000;
  const legs = [5_000, 9_000].map((strike) => {
    const terms = { instrumentId: `ETH-${strike}`, underlying: "ETH", optionType: "call", strike } as const;
    return quotedOption({ ...terms, expiryMs: expiryInDays(200) }, eth, 0.9);
  });
  const snapshot = marketSnapshot([underlyingState("BTC", index), underlyingState("ETH", eth)], legs);

  it("can owe nothing in it either, and its ladder says so too", () => {
    const engine = createMarginEngine(snapshot, defaultParameters);
    for (const methodId of methodIds) {
      const account = { ...accountWith(held(["ETH-5000", 1], ["ETH-9000", -1])), methodId, poolCurrency: "BTC" };
      const result = engine.margin(account);
      if (result.status === "not_margined") continue;
      expect(severityOf(result, severityParameters), methodId).toBe("NORMAL");
      for (const { price } of engine.callPrices(account)) expect(price, methodId).toBeNull();
    }
  });
});

describe("a future and its cover", () => {
  it("of one expiry is taken at its own forward", () => {
    const future = quotedFuture({ instrumentId: "FUTURE", underlying: "BTC", expiryMs: expiryInDays(30) }, 71_000);
    const put = option("PUT", "put", 60_000, 30, { forward: 71_000 });
    const snapshot = marketSnapshot([underlyingState("BTC", index)], [future, put]);
    const positions = [
      { instrumentId: "FUTURE", quantity: 1, entryPrice: 71_000 },
      { instrumentId: "PUT", quantity: 1, entryPrice: 0 },
    ];
    const { severityBasis } = marginAt(snapshot, accountWith({ positions, ...cash(5_000) }));
    expect(severityBasis?.greatestDebt).toBeCloseTo(71_000 - 60_000 - 5_000, 6);
  });

  it("stay so beside a calendar on another coin, whose expiries stand at forwards of their own", () => {
    const expiryMs = expiryInDays(30);
    const eth = [30, 60].map((days) => {
      const terms = { underlying: "ETH", optionType: "call", strike: 2_000, expiryMs: expiryInDays(days) } as const;
      return quotedOption({ instrumentId: `ETH-${days}`, ...terms }, 2_000, 0.9);
    });
    const instruments = [
      quotedFuture({ instrumentId: "BTC-FUTURE", underlying: "BTC", expiryMs }, 71_000),
      option("BTC-CALL", "call", 80_000, 30, { forward: 71_000 }),
      option("BTC-PUT", "put", 60_000, 30, { forward: 71_000 }),
    ];
    const order = (a: QuotedInstrument, b: QuotedInstrument) =>
      a.instrument.instrumentId < b.instrument.instrumentId ? -1 : 1;
    const underlyings = [underlyingState("BTC", index), underlyingState("ETH", 2_000)];
    const snapshot = marketSnapshot(underlyings, [...instruments, ...eth].sort(order));
    const positions = [
      { instrumentId: "BTC-FUTURE", quantity: 1, entryPrice: 71_000 },
      ...held(["BTC-PUT", 1], ["BTC-CALL", -1], ["ETH-30", -1], ["ETH-60", 1]).positions,
    ];
    const { severityBasis } = marginAt(snapshot, accountWith({ positions, ...cash(5_000) }));
    expect(severityBasis?.greatestDebt).toBeCloseTo(71_000 - 60_000 - 5_000, 6);
  });
});
