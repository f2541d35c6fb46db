import {
  buildStressSet,
  createMarginEngine,
  defaultParameters,
  type JointScenarioSet,
  type MarginedPool,
  type MarketSnapshot,
  measureTail,
  normalTail,
  type ParameterSet,
  type Pool,
  sampleHistory,
  stressedSymbolsOf,
  stressHistory,
  stressPool,
  type VarMethodParameters,
} from "@plimsoll/risk";
import { decodeParameters, encodeParameters } from "@plimsoll/schema";
import { describe, expect, it } from "vitest";
import { chain } from "../support/books.ts";
import {
  accountWith,
  expiryInDays,
  marketSnapshot,
  quotedOption,
  quotedPerpetual,
  underlyingState,
} from "../support/market.ts";

/** The shipped parameters with the method `var` changed, and without stresses unless they are asked for. */
function withVar(changes: Partial<VarMethodParameters>, sets: readonly JointScenarioSet[] = []): ParameterSet {
  const { methods } = defaultParameters;
  const own = { ...methods.var, stressSetId: null, simulation: "historical" as const, ...changes };
  return { ...defaultParameters, scenarioSets: sets, methods: { ...methods, var: own } };
}

function margined(account: Pool, parameters: ParameterSet, market: MarketSnapshot = chain): MarginedPool {
  const result = createMarginEngine(market, parameters).margin(account);
  if (result.status === "not_margined") throw new Error(`${result.field} is ${result.value}: ${result.remedy}`);
  return result;
}

const perpetual = (underlying: string, quantity: number) => ({
  instrumentId: `${underlying}_USDC-PERPETUAL`,
  quantity,
  entryPrice: underlying === "BTC" ? 67_000 : 1_900,
});
const cash = [{ asset: "USD", amount: 1_000_000 }];
const varAccount = (changes: Partial<Pool>) => accountWith({ methodId: "var", collateral: cash, ...changes });
const componentsOf = ({ components }: MarginedPool) =>
  Object.fromEntries(components.map(({ name, underlying, amount }) => [`${underlying} ${name}`, amount]));

const history = sampleHistory();
const returnsOf = (underlying: string) =>
  history.underlyings.find((entry) => entry.underlying === underlying)!.logReturns;
const markOf = (instrumentId: string) =>
  chain.instruments.find(({ instrument }) => instrument.instrumentId === instrumentId)!.markPrice;

describe("the method var", () => {
  it("is the tail of a perpetual's revalued losses, with maintenance by the ratio of the set", () => {
    const account = varAccount({ positions: [perpetual("BTC", -2)] });
    const losses = Float64Array.from(
      returnsOf("BTC"),
      (move) => 2 * markOf("BTC_USDC-PERPETUAL") * (Math.exp(move) - 1),
    );
    const tail = measureTail(losses, 0.99);
    const shortfall = margined(account, withVar({}));
    expect(shortfall.initialMargin / tail.expectedShortfall).toBeCloseTo(1, 12);
    expect(shortfall.maintenanceMargin / shortfall.initialMargin).toBeCloseTo(0.8, 12);
    const quantile = margined(account, withVar({ measure: "value_at_risk", level: 0.95 }));
    expect(quantile.initialMargin / measureTail(losses, 0.95).valueAtRisk).toBeCloseTo(1, 12);
    expect(componentsOf(quantile)).toEqual({ "BTC value_at_risk": quantile.initialMargin });
    const worst = quantile.units[0]?.worstScenario;
    const day = losses.indexOf(Math.max(...losses));
    expect(worst?.scenarioId).toBe(history.scenarioIds[day]);
    expect(worst?.loss).toBeCloseTo(losses[day]!, 6);
    const reversed = { ...withVar({}), scanGives: "maintenance" as const };
    expect(margined(account, reversed).maintenanceMargin).toBeCloseTo(shortfall.initialMargin, 6);
  });

  it("moves all underlyings at once: a hedge between coins counts, and contributions tell who gives and who takes", () => {
    const long = varAccount({ positions: [perpetual("BTC", 1)] });
    const short = varAccount({ positions: [perpetual("ETH", -30)] });
    const both = varAccount({ positions: [...long.positions, ...short.positions] });
    const [a, b, joint] = [long, short, both].map((account) => margined(account, withVar({})).initialMargin);
    expect(joint).toBeLessThan(0.7 * (a! + b!));
    const result = margined(both, withVar({}));
    const parts = Object.values(componentsOf(result));
    expect(parts).toHaveLength(2);
    expect(Math.abs(parts[0]! + parts[1]! - result.initialMargin)).toBeLessThanOrEqual(1e-12 * result.initialMargin);
  });

  it("turns moves of a day into moves of its horizon by the square root of time, before revaluation", () => {
    const account = varAccount({ positions: [perpetual("BTC", 1)] });
    const losses = Float64Array.from(
      returnsOf("BTC"),
      (move) => markOf("BTC_USDC-PERPETUAL") * (1 - Math.exp(move / 2)),
    );
    const sixHours = margined(account, withVar({ horizonHours: 6 })).initialMargin;
    expect(sixHours / measureTail(losses, 0.99).expectedShortfall).toBeCloseTo(1, 12);
  });

  it("counts what the pool is counted in, and coins held against it", () => {
    const hedged = varAccount({
      collateral: [{ asset: "BTC", amount: 2 }],
      positions: [{ instrumentId: "BTC_USDC-PERPETUAL", quantity: -2, entryPrice: markOf("BTC_USDC-PERPETUAL") }],
    });
    // Two coins against two short contracts at next to the index: only the basis of 2 basis points is left.
    expect(margined(hedged, withVar({})).initialMargin).toBeLessThan(10);
    const coinPool = varAccount({ poolCurrency: "BTC", collateral: [{ asset: "BTC", amount: 2 }], positions: [] });
    expect(margined(coinPool, withVar({})).initialMargin).toBe(0);
    const dollarsInCoinPool = { ...coinPool, collateral: [{ asset: "USD", amount: 67_985 }] };
    const losses = Float64Array.from(returnsOf("BTC"), (move) => 1 - Math.exp(-move));
    const required = margined(dollarsInCoinPool, withVar({})).initialMargin;
    expect(required / measureTail(losses, 0.99).expectedShortfall).toBeCloseTo(1, 12);
  });

  it("revalues every book in each stress as the stress report does, one market at a time", () => {
    const parameters = withVar({ stressSetId: "stress-1", stressShare: 1 });
    const books: Partial<Pool>[] = [
      { positions: [perpetual("BTC", 1), perpetual("ETH", -40)] },
      {
        collateral: [
          { asset: "BTC", amount: 3 },
          { asset: "USDC", amount: 50_000 },
        ],
        positions: [{ instrumentId: "BTC-PERPETUAL", quantity: -90_000, entryPrice: 61_000 }],
      },
      {
        poolCurrency: "BTC",
        collateral: [{ asset: "BTC", amount: 3 }],
        positions: [{ instrumentId: "ETH-27MAR26", quantity: 40_000, entryPrice: 2_100 }],
      },
      {
        positions: [
          { instrumentId: "BTC-141D-67985-put-inverse", quantity: -4, entryPrice: 1 },
          { instrumentId: "ETH-8D-1985-call-linear", quantity: -9, entryPrice: 1 },
        ],
      },
    ];
    for (const book of books) {
      const account = varAccount(book);
      const engine = createMarginEngine(chain, parameters);
      const explained = engine.explainVar(account);
      const set = buildSet(explained?.stresses.length ?? 0);
      const stressed = stressPool(account, chain, parameters, set);
      if (stressed.status !== "stressed" || explained === null) throw new Error("not stressed");
      const byId = new Map(stressed.losses.map(({ scenarioId, loss }) => [scenarioId, loss]));
      expect(explained.stresses.length).toBe(byId.size);
      for (const { scenarioId, loss } of explained.stresses) {
        // Marks keep their distance from the model there; here the model's change is the loss, the same at marks of the model.
        expect(Math.abs(loss - (byId.get(scenarioId) ?? Number.NaN))).toBeLessThanOrEqual(
          1e-9 * (1 + Math.abs(stressed.equity)),
        );
      }
    }
  });
});

function buildSet(expected: number): JointScenarioSet {
  const set = buildStressSet(stressedSymbolsOf(chain, defaultParameters), stressHistory);
  if (set.scenarioIds.length !== expected) throw new Error(`${set.scenarioIds.length} stresses, ${expected} expected`);
  return set;
}

describe("volatility in joint scenarios", () => {
  const spot = 70_000;
  const smile = [0.8, 0.9, 1, 1.1, 1.2].map((moneyness) => ({
    strike: spot * moneyness,
    volatility: 0.6 - 0.8 * (moneyness - 1),
  }));
  const market = marketSnapshot(
    [underlyingState("BTC", spot)],
    smile.map(({ strike, volatility }) =>
      quotedOption(
        { instrumentId: `BTC-${strike}`, underlying: "BTC", optionType: "call", strike, expiryMs: expiryInDays(30) },
        spot,
        volatility,
      ),
    ),
  );
  /** One scenario that falls 10 %, and so many without a move that it alone is the tail. */
  const fallOnce = (volatilityLogMoves: readonly number[] | null): JointScenarioSet => ({
    ...history,
    setId: "fall",
    scenarioIds: Array.from({ length: 100 }, (_, s) => (s === 40 ? "2020-03-12" : `calm-${s}`)),
    underlyings: [
      {
        underlying: "BTC",
        logReturns: Array.from({ length: 100 }, (_, s) => (s === 40 ? Math.log(0.9) : 0)),
        volatilityLogMoves,
        proxy: null,
      },
    ],
  });
  const flat = new Array<number>(100).fill(0);
  const lossOf = (set: JointScenarioSet, changes: Partial<VarMethodParameters> = {}, strike = spot) => {
    const parameters = withVar({ historySetId: "fall", minimumBeyond: 1, ...changes }, [set]);
    const account = varAccount({ positions: [{ instrumentId: `BTC-${strike}`, quantity: 1, entryPrice: 1 }] });
    return margined(account, parameters, market).initialMargin;
  };
  const valueAt = (forward: number, strike: number, volatility: number) =>
    quotedOption(
      { instrumentId: "X", underlying: "BTC", optionType: "call", strike, expiryMs: expiryInDays(30) },
      forward,
      volatility,
    ).markPrice;

  it("sticks to strikes: the option keeps its own volatility as the forward moves", () => {
    expect(lossOf(fallOnce(flat))).toBeCloseTo(valueAt(spot, spot, 0.6) - valueAt(0.9 * spot, spot, 0.6), 6);
  });

  it("sticks to deltas: it takes the volatility of the strike as far from the moved forward", () => {
    const expected = valueAt(spot, spot, 0.6) - valueAt(0.9 * spot, spot, 0.6 * ratioAt(Math.log(1 / 0.9)));
    const rule = { ...defaultParameters.methods.var.volatility, smile: "sticky_delta" as const };
    expect(lossOf(fallOnce(flat), { volatility: rule })).toBeCloseTo(expected, 4);
    expect(expected).toBeGreaterThan(lossOf(fallOnce(flat)));
    // The smile is interpolated in total variance between its five strikes.
    function ratioAt(logMoneyness: number): number {
      const points = smile.map(({ strike, volatility }) => [Math.log(strike / spot), volatility * volatility] as const);
      const right = points.findIndex(([k]) => k >= logMoneyness);
      const [[k0, w0], [k1, w1]] = [points[right - 1]!, points[right]!];
      return Math.sqrt(w0 + ((w1 - w0) * (logMoneyness - k0)) / (k1 - k0)) / 0.6;
    }
  });

  it("follows its own history where there is one, and the rule for falls and rises where there is none", () => {
    const own = lossOf(fallOnce(flat.map((_, s) => (s === 40 ? 0.3 : 0))));
    expect(own).toBeCloseTo(valueAt(spot, spot, 0.6) - valueAt(0.9 * spot, spot, 0.6 * Math.exp(0.3)), 6);
    const byRule = lossOf(fallOnce(null));
    const rise = Math.exp(-1.5 * Math.log(0.9));
    expect(byRule).toBeCloseTo(valueAt(spot, spot, 0.6) - valueAt(0.9 * spot, spot, 0.6 * rise), 6);
  });

  it("names the scenario by its date", () => {
    const parameters = withVar({ historySetId: "fall", minimumBeyond: 1 }, [fallOnce(flat)]);
    const account = varAccount({ positions: [{ instrumentId: `BTC-${spot}`, quantity: 1, entryPrice: 1 }] });
    const engine = createMarginEngine(market, parameters);
    expect(margined(account, parameters, market).units[0]?.worstScenario?.scenarioId).toBe("2020-03-12");
    expect(engine.explainVar(account)?.tail.map(({ scenarioId, weight }) => [scenarioId, weight])).toEqual([
      ["2020-03-12", 1],
    ]);
  });
});

describe("the other simulations", () => {
  const account = varAccount({ positions: [perpetual("BTC", 3), perpetual("ETH", 20)] });

  it("delta-gamma of small linear books is near delta-normal, whose closed form is known", () => {
    const calm: JointScenarioSet = {
      ...history,
      setId: "calm",
      underlyings: history.underlyings.map((entry) => ({
        ...entry,
        logReturns: entry.logReturns.map((move) => move / 100),
        volatilityLogMoves: null,
      })),
    };
    const parameters = withVar(
      { simulation: "delta_gamma", historySetId: "calm", filter: { lambda: 0.97, minimumRatio: 1, maximumRatio: 1 } },
      [calm],
    );
    const exposures = [3 * markOf("BTC_USDC-PERPETUAL"), 20 * markOf("ETH_USDC-PERPETUAL")];
    const [btc, eth] = calm.underlyings.map(({ logReturns }) => logReturns);
    const mean = (a: readonly number[], b: readonly number[]) =>
      a.reduce((sum, move, s) => sum + move * b[s]!, 0) / a.length;
    const variance =
      exposures[0]! ** 2 * mean(btc!, btc!) +
      exposures[1]! ** 2 * mean(eth!, eth!) +
      2 * exposures[0]! * exposures[1]! * mean(btc!, eth!);
    const expected = normalTail(0.99).expectedShortfall * Math.sqrt(variance);
    const result = margined(account, parameters);
    // A log return of 0.02 % bends a price by a ten-thousandth of it.
    expect(result.initialMargin / expected).toBeCloseTo(1, 3);
    expect(result.notes?.map(({ code }) => code)).toEqual(["history_age"]);
  });

  it("delta-gamma falls back to the history where it is no quantile, and says so", () => {
    const gammaOnly = varAccount({
      positions: ["call", "put"].map((type) => ({
        instrumentId: `BTC-0.4D-67985-${type}-linear`,
        quantity: -5,
        entryPrice: 1,
      })),
    });
    const historical = margined(gammaOnly, withVar({}));
    const approximated = margined(gammaOnly, withVar({ simulation: "delta_gamma" }));
    expect(approximated.initialMargin).toBe(historical.initialMargin);
    expect(approximated.notes).toEqual([
      { code: "history_age", text: expect.stringContaining("sample-1 has no dates") },
      {
        code: "approximation_refused",
        text: expect.stringContaining("historical simulation took the place of delta-gamma"),
      },
    ]);
  });

  it("Monte Carlo gives all accounts the same draws and states its standard error", () => {
    const parameters = withVar({ simulation: "monte_carlo" });
    const engine = createMarginEngine(chain, parameters);
    const twice = varAccount({
      positions: account.positions.map((held) => ({ ...held, quantity: 2 * held.quantity })),
    });
    const [once, doubled] = [engine.margin(account), engine.margin(twice)] as MarginedPool[];
    expect(doubled!.initialMargin / once!.initialMargin).toBeCloseTo(2, 12);
    expect(once!.notes?.map(({ code }) => code)).toEqual(["history_age", "standard_error"]);
    expect(once!.notes?.[1]?.text).toMatch(/^4000 draws: standard error \d+ of \d+/);
    expect(margined(account, parameters)).toEqual(once);
  });

  it.each([
    ["a perpetual", [["BTC_USDC-PERPETUAL", -1]]],
    ["a straddle", ["call", "put"].map((side) => [`BTC-0.4D-67985-${side}-linear`, -1])],
  ] as const)("Monte Carlo states of %s the error that other seeds show", (_, held) => {
    const positions = held.map(([instrumentId, quantity]) => ({
      instrumentId: String(instrumentId),
      quantity: Number(quantity),
      entryPrice: markOf(String(instrumentId)),
    }));
    const drawn = Array.from({ length: 200 }, (_, seed) => {
      // Tails without a fourth moment state their own error loosely: 30 degrees of freedom, and 60 draws beyond.
      const monteCarlo = {
        ...defaultParameters.methods.var.monteCarlo,
        scenarioCount: 2_000,
        degreesOfFreedom: 30,
        seed,
      };
      const { initialMargin, notes } = margined(
        varAccount({ positions }),
        withVar({ simulation: "monte_carlo", level: 0.97, monteCarlo }),
      );
      return { initialMargin, stated: Number(/standard error ([0-9.]+) of/.exec(notes?.at(-1)?.text ?? "")?.[1]) };
    });
    const meanOf = (numbers: readonly number[]) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
    const mean = meanOf(drawn.map(({ initialMargin }) => initialMargin));
    const spread = Math.sqrt(meanOf(drawn.map(({ initialMargin }) => (initialMargin - mean) ** 2)));
    // The spread of 200 seeds is itself known to 5 %; three times that.
    expect(Math.abs(meanOf(drawn.map(({ stated }) => stated)) / spread - 1)).toBeLessThan(0.15);
  });

  it("filtered simulation follows volatility, within the bounds of its factor", () => {
    const bound = (ratio: number) => ({ lambda: 0.97, minimumRatio: ratio, maximumRatio: ratio });
    const plain = margined(account, withVar({})).initialMargin;
    const same = margined(account, withVar({ simulation: "filtered", filter: bound(1) })).initialMargin;
    expect(same).toBe(plain);
    const [low, high] = [0.5, 2].map(
      (ratio) => margined(account, withVar({ simulation: "filtered", filter: bound(ratio) })).initialMargin,
    );
    expect(low! / plain).toBeCloseTo(0.5, 1);
    expect(high! / plain).toBeGreaterThan(1.7);
  });
});

describe("stress and floor", () => {
  const account = varAccount({ positions: [perpetual("BTC", 1)] });

  it("asks for the share of the worst stress that the tail does not, by underlying", () => {
    const parameters = withVar({ stressSetId: "stress-1", stressShare: 1 });
    const result = margined(account, parameters);
    const worst = createMarginEngine(chain, parameters).explainVar(account)?.stresses[0];
    expect(result.initialMargin).toBeCloseTo(worst?.loss ?? Number.NaN, 6);
    expect(result.units[0]?.worstScenario).toEqual(worst);
    expect(worst?.scenarioId).toContain("2020-03-12");
    expect(margined(account, withVar({ stressSetId: "stress-1", stressShare: 0 })).initialMargin).toBe(
      margined(account, withVar({})).initialMargin,
    );
  });

  it("lets a stablecoin leave its peg, under collateral too", () => {
    const inUsdc = varAccount({ collateral: [{ asset: "USDC", amount: 100_000 }], positions: [] });
    const result = margined(inUsdc, withVar({ stressSetId: "stress-1", stressShare: 1 }));
    expect(result.components.map(({ underlying, name }) => `${underlying} ${name}`)).toEqual(["USDC stress_excess"]);
    expect(result.initialMargin).toBeGreaterThan(10_000);
    expect(margined(inUsdc, withVar({})).initialMargin).toBe(0);
  });

  it("stands as a floor under portfolio, and asks nothing where portfolio asks more", () => {
    // A range at which portfolio asks more of this account than var does.
    const scan = defaultParameters.scan.map((one) => ({ ...one, priceScanRange: 0.16 }));
    const floored = (changes: Partial<VarMethodParameters>): ParameterSet => {
      const parameters = { ...withVar(changes), scan };
      const portfolio = { ...parameters.methods.portfolio, floorBy: "var" as const };
      return { ...parameters, methods: { ...parameters.methods, portfolio } };
    };
    const asPortfolio: Pool = { ...account, methodId: "portfolio" };
    const plain = margined(asPortfolio, { ...defaultParameters, scan });
    expect(margined(asPortfolio, floored({})).initialMargin).toBe(plain.initialMargin);
    const high = floored({ stressSetId: "stress-1", stressShare: 1 });
    const floor = margined(account, high);
    const raised = margined(asPortfolio, high);
    expect(raised.initialMargin).toBeCloseTo(floor.initialMargin, 6);
    expect(raised.maintenanceMargin).toBeCloseTo(floor.maintenanceMargin, 6);
    expect(componentsOf(raised)["BTC var_floor_excess"]).toBeCloseTo(floor.initialMargin - plain.initialMargin, 6);
    expect(raised.methodVersion).not.toBe(plain.methodVersion);
    const prices = createMarginEngine(chain, high).callPrices(asPortfolio);
    expect(prices).toHaveLength(10);
  });
});

describe("what the method var cannot do has a reason", () => {
  const account = varAccount({ positions: [perpetual("BTC", 1)] });
  const refusal = (parameters: ParameterSet, of: Pool = account, market: MarketSnapshot = chain) => {
    const result = createMarginEngine(market, parameters).margin(of);
    if (result.status === "margined") throw new Error("margined");
    const { code, field, value, remedy } = result;
    return `${code} ${field}: ${value}; ${remedy}`;
  };

  it("a history too short for the level", () => {
    expect(refusal(withVar({ windowScenarios: 60 }))).toBe(
      "parameters_missing methods.var.history_set_id: sample-1: 60 scenarios, and level 0.99 needs 300; give a longer history or window, a lower level, or simulation monte_carlo",
    );
    expect(margined(account, withVar({ windowScenarios: 60, level: 0.95 })).initialMargin).toBeGreaterThan(0);
    expect(refusal(withVar({ simulation: "monte_carlo", level: 0.9999 }))).toContain("4000: level 0.9999 needs 30000");
  });

  it("a history or stress that is not there, or has no order to filter by", () => {
    expect(refusal(withVar({ historySetId: "other" }))).toContain(
      "other: no such scenario set; add the set to scenario_sets",
    );
    expect(refusal(withVar({ stressSetId: "other" }))).toContain(
      "methods.var.stress_set_id: other: no such scenario set",
    );
    const unordered = { ...history, setId: "unordered", stepHours: null };
    expect(refusal(withVar({ simulation: "filtered", historySetId: "unordered" }, [unordered]))).toContain(
      "no order in time",
    );
  });

  it("correlations that no returns could have, unless they are to be repaired", () => {
    const third = {
      ...history,
      setId: "three",
      underlyings: [...history.underlyings, { ...history.underlyings[0]!, underlying: "SOL" }],
    };
    const correlations = [
      { first: "BTC", second: "ETH", correlation: 0.95 },
      { first: "ETH", second: "SOL", correlation: 0.95 },
      { first: "BTC", second: "SOL", correlation: -0.95 },
    ];
    const monteCarlo = { ...defaultParameters.methods.var.monteCarlo, correlations };
    const asked = { simulation: "monte_carlo" as const, historySetId: "three" };
    expect(refusal(withVar({ ...asked, monteCarlo }, [third]))).toContain("are impossible: of asset");
    const repaired = withVar({ ...asked, monteCarlo: { ...monteCarlo, impossibleCorrelations: "repair" } }, [third]);
    expect(margined(account, repaired).notes?.map(({ code }) => code)).toEqual([
      "correlations_repaired",
      "history_age",
      "standard_error",
    ]);
  });

  it("a coin without a history: margined by its named proxy, refused without one", () => {
    const market = marketSnapshot(
      [underlyingState("DOGE", 0.1)],
      [quotedPerpetual({ instrumentId: "DOGE-PERP", underlying: "DOGE" }, 0.1)],
    );
    const held = varAccount({ positions: [{ instrumentId: "DOGE-PERP", quantity: 1_000_000, entryPrice: 0.1 }] });
    const result = margined(held, withVar({}), market);
    const losses = Float64Array.from(returnsOf("ETH"), (move) => 100_000 * (1 - Math.exp(1.3 * move)));
    expect(result.initialMargin / measureTail(losses, 0.99).expectedShortfall).toBeCloseTo(1, 9);
    expect(result.notes).toEqual([
      { code: "history_age", text: "sample-1 has no dates: its age is not known" },
      {
        code: "history_proxied",
        text: "DOGE moves as 1.3 x ETH in 1000 of 1000 scenarios: it has no history of its own there",
      },
    ]);
    expect(refusal(withVar({ proxies: [] }), held, market)).toContain("sample-1: no moves of DOGE; add its moves");
  });

  it("a level of 0 or 1, or any other out of bounds, is refused where it enters", () => {
    const wire = encodeParameters(defaultParameters);
    for (const level of [0, 1, 0.5, 1.2]) {
      const changed = { ...wire, methods: { ...wire.methods, var: { ...wire.methods.var, level } } };
      expect(() => decodeParameters(changed)).toThrow("level");
    }
  });

  it("an age limit below the age that is noted is refused where it enters", () => {
    const wire = encodeParameters(defaultParameters);
    const own = { ...wire.methods.var, history_age: { note_days: 5, limit_days: 4 } };
    expect(() => decodeParameters({ ...wire, methods: { ...wire.methods, var: own } })).toThrow("at least note_days");
  });

  it("a coin that never moved: nothing is required for it", () => {
    const still = {
      ...history,
      setId: "still",
      underlyings: history.underlyings.map((entry) => ({ ...entry, logReturns: entry.logReturns.map(() => 0) })),
    };
    for (const simulation of ["historical", "filtered", "monte_carlo", "delta_gamma"] as const) {
      expect(margined(account, withVar({ simulation, historySetId: "still" }, [still])).initialMargin).toBe(0);
    }
  });
});

describe("the age of a history", () => {
  const account = varAccount({ positions: [perpetual("BTC", 1)] });
  const dayMs = 86_400_000;
  /** The shipped days as if the last of them had ended so many days before the prices. */
  const endingBefore = (days: number): JointScenarioSet => ({
    ...history,
    setId: "daily-1",
    scenarioIds: history.scenarioIds.map((_, s) => {
      const time = new Date(chain.asOfMs - (days + 999 - s) * dayMs).toISOString();
      return time.slice(11, 16) === "00:00" ? time.slice(0, 10) : `${time.slice(0, 13)}Z`;
    }),
  });
  const simulations = ["historical", "filtered", "monte_carlo", "delta_gamma"] as const;
  const under = (simulation: (typeof simulations)[number], days: number, changes: Partial<VarMethodParameters> = {}) =>
    createMarginEngine(
      chain,
      withVar({ simulation, historySetId: "daily-1", ...changes }, [endingBefore(days)]),
    ).margin(account);
  const aged = ({ notes }: { readonly notes?: MarginedPool["notes"] }) =>
    notes?.filter(({ code }) => code === "history_age").map(({ text }) => text) ?? [];

  it.each(simulations)(
    "a fresh history under %s gives the figure of the same moves, and says nothing",
    (simulation) => {
      const fresh = under(simulation, 3) as MarginedPool;
      expect(fresh.initialMargin).toBe(margined(account, withVar({ simulation })).initialMargin);
      expect(aged(fresh)).toEqual([]);
    },
  );

  it("one older than a few days is named with its end and its age", () => {
    for (const simulation of simulations) {
      const note = aged(under(simulation, 10) as MarginedPool);
      expect(note).toEqual([
        simulation === "historical"
          ? "daily-1 ends 2026-01-26, 10 days before these prices: what happened since is in no scenario"
          : "daily-1 ends 2026-01-26, 10 days before these prices: volatility now is that of its end",
      ]);
    }
    expect(under("filtered", 31)).toMatchObject({ status: "margined" });
  });

  it("no volatility of now is taken from one older than the limit, and the refusal says what to do", () => {
    for (const simulation of ["filtered", "monte_carlo", "delta_gamma"] as const) {
      expect(under(simulation, 731)).toMatchObject({
        status: "not_margined",
        code: "parameters_missing",
        field: "methods.var.history_set_id",
        value: "daily-1: it ends 2024-02-05, 731 days before these prices, at most 31",
        remedy: expect.stringContaining("plimsoll scenarios"),
      });
    }
    expect(under("filtered", 32)).toMatchObject({ status: "not_margined" });
    expect(under("filtered", 731, { historyAge: { noteDays: 3, limitDays: 800 } })).toMatchObject({
      status: "margined",
    });
    const floored = withVar({ simulation: "filtered", historySetId: "daily-1" }, [endingBefore(40)]);
    const portfolio = { ...floored.methods.portfolio, floorBy: "var" as const };
    const parameters = { ...floored, methods: { ...floored.methods, portfolio } };
    expect(createMarginEngine(chain, parameters).margin({ ...account, methodId: "portfolio" })).toMatchObject({
      status: "not_margined",
      code: "parameters_missing",
    });
  });

  it("the history as it was has no volatility of now: an old one is a note at any age", () => {
    expect(aged(under("historical", 731) as MarginedPool)).toHaveLength(1);
  });

  it("one that ends after the prices knows what came, and is named", () => {
    expect(aged(under("filtered", -30) as MarginedPool)).toEqual([
      "daily-1 ends 2026-03-07, 30 days after these prices: it knows what came",
    ]);
  });

  it("a history without dates says that its age is not known", () => {
    expect(aged(margined(account, withVar({ simulation: "filtered" })))).toEqual([
      "sample-1 has no dates: its age is not known, and so not what volatility is now",
    ]);
    expect(aged(margined(account, withVar({})))).toEqual(["sample-1 has no dates: its age is not known"]);
  });
});

describe("explainVar", () => {
  it("adds up by position and by underlying, with balances, and incrementals by removal", () => {
    const account = varAccount({
      collateral: [...cash, { asset: "ETH", amount: 20 }],
      positions: [
        perpetual("BTC", 1.5),
        perpetual("ETH", -30),
        { instrumentId: "BTC-8D-67985-call-inverse", quantity: -3, entryPrice: 1 },
      ],
    });
    const engine = createMarginEngine(chain, withVar({}));
    const explained = engine.explainVar(account);
    if (explained === null) throw new Error("no explanation");
    const { figure, parts, underlyings } = explained;
    for (const list of [parts, underlyings]) {
      const gross = list.reduce((sum, { component }) => sum + Math.abs(component), 0);
      expect(Math.abs(list.reduce((sum, { component }) => sum + component, 0) - figure)).toBeLessThanOrEqual(
        1e-12 * gross,
      );
    }
    expect(parts.map(({ kind, partId }) => `${kind} ${partId}`)).toEqual([
      "position BTC-8D-67985-call-inverse",
      "position BTC_USDC-PERPETUAL",
      "position ETH_USDC-PERPETUAL",
      "balance ETH",
    ]);
    expect(margined(account, withVar({})).initialMargin).toBeCloseTo(figure, 6);
    const without = { ...account, positions: account.positions.slice(1) };
    const removed = parts.find(({ partId }) => partId === "BTC_USDC-PERPETUAL");
    expect(removed?.incremental).toBeCloseTo(figure - margined(without, withVar({})).initialMargin, 6);
    expect(removed?.marginal).toBeCloseTo((removed?.component ?? Number.NaN) / 1.5, 9);
    expect(engine.explainVar(varAccount({}))).toBe(null);
  });
});
