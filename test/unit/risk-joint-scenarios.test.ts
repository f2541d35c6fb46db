import {
  buildJointHistory,
  drawScenarios,
  filterScenarios,
  findMoves,
  type HistoryQuestion,
  type JointScenarioSet,
  newestScenarios,
  sampleHistory,
  scaleHorizon,
  type TimeSeries,
} from "@plimsoll/risk";
import { jointScenarioSet, toWire } from "@plimsoll/schema";
import { describe, expect, it } from "vitest";

const day = 86_400_000;
const start = Date.UTC(2020, 2, 1);

function series(symbol: string, values: readonly number[], firstDay = 0): TimeSeries {
  return { symbol, values, timesMs: values.map((_, index) => start + (firstDay + index) * day) };
}

function historyOf(question: Partial<HistoryQuestion> & Pick<HistoryQuestion, "prices">) {
  return buildJointHistory({
    setId: "test",
    volatilities: [],
    horizonHours: 24,
    stepHours: 24,
    proxies: [],
    risePerFall: 1.5,
    risePerRise: 0.5,
    ...question,
  });
}

const codesOf = ({ notes }: ReturnType<typeof historyOf>) => notes.map(({ code, count }) => `${code} ${count}`);

describe("a joint history from prices", () => {
  const btc = [100, 110, 99, 120, 120];

  it("has a log return for each day and coin, named by the date it was complete", () => {
    const { set, notes } = historyOf({ prices: [series("ETH", [10, 12, 9, 9, 18]), series("BTC", btc)] });
    expect(notes).toEqual([]);
    expect(set.scenarioIds).toEqual(["2020-03-02", "2020-03-03", "2020-03-04", "2020-03-05"]);
    expect(set.underlyings.map(({ underlying }) => underlying)).toEqual(["BTC", "ETH"]);
    expect(set.underlyings[0]?.logReturns).toEqual(
      [1.1, 0.9, 120 / 99, 1].map((ratio) => expect.closeTo(Math.log(ratio), 14)),
    );
    expect(set.underlyings[1]?.volatilityLogMoves).toBe(null);
    expect(jointScenarioSet.safeParse(toWire(set)).error).toBe(undefined);
  });

  it("skips a day that one coin lacks, for all, and says so", () => {
    const eth = series("ETH", [10, 12, 9, 9, 18]);
    const gap = { ...eth, timesMs: eth.timesMs.toSpliced(2, 1), values: eth.values.toSpliced(2, 1) };
    const history = historyOf({ prices: [series("BTC", btc), gap] });
    expect(history.set.scenarioIds).toEqual(["2020-03-02", "2020-03-05"]);
    expect(codesOf(history)).toEqual(["gap_skipped 2"]);
    expect(history.notes[0]?.text).toContain("first 2020-03-03");
  });

  it("counts a repeated price once, trusts neither of two prices for one time, and drops what is no price", () => {
    const prices: TimeSeries = {
      symbol: "BTC",
      timesMs: [0, 1, 1, 2, 3, 3, 4, 5].map((index) => start + index * day),
      values: [100, 110, 110, 99, 120, 125, Number.NaN, 130],
    };
    const history = historyOf({ prices: [prices] });
    expect(codesOf(history)).toEqual([
      "duplicate_dropped 1",
      "contradiction_dropped 1",
      "unusable_value_dropped 1",
      "gap_skipped 3",
    ]);
    expect(history.set.scenarioIds).toEqual(["2020-03-02", "2020-03-03"]);
    expect(() => historyOf({ prices: [series("BTC", [0, -1])] })).toThrow("no usable value");
    expect(() => historyOf({ prices: [{ ...prices, values: [1] }] })).toThrow("8 times and 1 values");
    expect(() => historyOf({ prices: [] })).toThrow("at least one underlying");
    expect(() => historyOf({ prices: [series("BTC", [100])] })).toThrow("No scenario of 24 h");
    expect(() => historyOf({ prices: [series("BTC", btc)], stepHours: 0 })).toThrow("step 0 h");
  });

  it("keeps a spike that comes back, and names it", () => {
    const calm = Array.from({ length: 60 }, (_, index) => 100 + (index % 3));
    calm[30] = 300;
    const history = historyOf({ prices: [series("BTC", calm)] });
    expect(codesOf(history)).toEqual(["suspected_outlier_kept 1"]);
    expect(Math.max(...(history.set.underlyings[0]?.logReturns ?? []))).toBeGreaterThan(1);
  });

  it("lets a proxy stand in before a coin has prices, by name; without one the set begins with the coin", () => {
    const sol = series("SOL", [50, 60], 3);
    const rule = { underlying: "*", proxy: "BTC", beta: 1.5 };
    const history = historyOf({ prices: [series("BTC", btc), sol], proxies: [rule] });
    const [own, stand] = history.set.underlyings;
    expect(codesOf(history)).toEqual(["proxy_used 3"]);
    expect(stand?.proxy).toEqual({ underlying: "BTC", beta: 1.5, scenarioCount: 3 });
    expect(stand?.logReturns.slice(0, 3)).toEqual(own?.logReturns.slice(0, 3).map((move) => 1.5 * move));
    expect(stand?.logReturns[3]).toBeCloseTo(Math.log(60 / 50), 14);
    const alone = historyOf({ prices: [series("BTC", btc), sol] });
    expect(alone.set.scenarioIds).toEqual(["2020-03-05"]);
    // The newest scenario is the coin's own: no proxy is left in it.
    expect(newestScenarios(history.set, 1).underlyings[1]?.proxy).toBe(null);
    expect(newestScenarios(history.set, 2).underlyings[1]?.proxy?.scenarioCount).toBe(1);
  });

  // Seen to fail: the coin stood still until its proxy had prices of its own, which lowered its margin without a word.
  it("follows a proxy to the proxy's own proxy where that has no prices yet either", () => {
    const proxies = [
      { underlying: "ETH", proxy: "BTC", beta: 1.2 },
      { underlying: "SOL", proxy: "ETH", beta: 1.5 },
    ];
    const prices = [series("BTC", btc), series("ETH", [10, 11, 12], 2), series("SOL", [50, 60], 3)];
    const [own, next, last] = historyOf({ prices, proxies }).set.underlyings;
    const moves = (factor: number, from: readonly number[] = []) =>
      from.map((move) => expect.closeTo(factor * move, 14));
    expect(next?.logReturns.slice(0, 2)).toEqual(moves(1.2, own?.logReturns.slice(0, 2)));
    expect(last?.logReturns.slice(0, 2)).toEqual(moves(1.2 * 1.5, own?.logReturns.slice(0, 2)));
    expect(last?.logReturns[2]).toBeCloseTo(1.5 * Math.log(11 / 10), 14);
  });

  it("takes volatility moves from their own history, and from the rule where there is none", () => {
    const history = historyOf({ prices: [series("BTC", btc)], volatilities: [series("BTC", [50, 60, 45], 1)] });
    const moves = history.set.underlyings[0]?.volatilityLogMoves;
    const rise = Math.log(1.1);
    expect(moves).toEqual([0.5 * rise, Math.log(1.2), Math.log(0.75), 0].map((move) => expect.closeTo(move, 14)));
    expect(codesOf(history)).toEqual(["volatility_by_rule 2"]);
  });

  it("overlaps windows where the step is below the horizon, and names hours", () => {
    const hourly = {
      symbol: "BTC",
      values: [100, 101, 102, 103],
      timesMs: [0, 1, 2, 3].map((hour) => start + hour * 3_600_000),
    };
    const { set } = historyOf({ prices: [hourly], horizonHours: 2, stepHours: 1 });
    expect(set.scenarioIds).toEqual(["2020-03-01T02Z", "2020-03-01T03Z"]);
    expect(set.underlyings[0]?.logReturns[1]).toBeCloseTo(Math.log(103 / 101), 14);
  });
});

function setOf(moves: Record<string, readonly number[]>, changes: Partial<JointScenarioSet> = {}): JointScenarioSet {
  const [first] = Object.values(moves);
  return {
    setId: "made",
    kind: "historical",
    horizonHours: 24,
    stepHours: 24,
    scenarioIds: (first ?? []).map((_, s) => `day-${s}`),
    labels: null,
    weights: null,
    underlyings: Object.entries(moves).map(([underlying, logReturns]) => ({
      underlying,
      logReturns,
      volatilityLogMoves: null,
      proxy: null,
    })),
    ...changes,
  };
}

const bounds = { lambda: 0.94, minimumRatio: 0, maximumRatio: Number.POSITIVE_INFINITY };

describe("filtered scenarios", () => {
  it("rescale each coin by its own volatility on the same dates, as the recursion says", () => {
    const set = setOf({ BTC: [0.01, -0.02, 0.03], ETH: [0.05, 0.05, -0.05] });
    const [btc, eth] = filterScenarios(set, bounds).underlyings;
    const byHand = (moves: readonly number[]) => {
      let variance = moves.reduce((sum, move) => sum + move * move, 0) / moves.length;
      const before = moves.map((move) => {
        const own = Math.sqrt(variance);
        variance = 0.94 * variance + 0.06 * move * move;
        return own;
      });
      return moves.map((move, s) => expect.closeTo((move * Math.sqrt(variance)) / before[s]!, 14));
    };
    expect(btc?.logReturns).toEqual(byHand([0.01, -0.02, 0.03]));
    expect(eth?.logReturns).toEqual(byHand([0.05, 0.05, -0.05]));
  });

  it("know nothing of a window that was not complete: with overlap the forecast is a horizon old", () => {
    const moves = [0.01, 0.02, 0.03, 0.5];
    const overlapping = setOf({ BTC: moves }, { stepHours: 8 });
    const changed = setOf({ BTC: [...moves.slice(0, 2), 0.04, 0.5] }, { stepHours: 8 });
    const ratioOf = (set: JointScenarioSet) => {
      const own = set.underlyings[0]!.logReturns;
      const filtered = filterScenarios(set, bounds).underlyings[0]!.logReturns;
      // What multiplies the last move against the one before it: volatility of now drops out.
      return filtered[3]! / own[3]! / (filtered[2]! / own[2]!);
    };
    // Scenario 3 began before scenario 2 was complete. Only the mean square, the same for all, tells the sets apart.
    const scale = (set: JointScenarioSet) =>
      set.underlyings[0]!.logReturns.reduce((sum, move) => sum + move * move, 0) / 4;
    const lambda = 0.94 ** (1 / 3);
    const forecast = (set: JointScenarioSet) => {
      const own = set.underlyings[0]!.logReturns;
      return Math.sqrt((lambda * scale(set) + (1 - lambda) * own[0]! ** 2) / scale(set));
    };
    expect(ratioOf(overlapping)).toBeCloseTo(1 / forecast(overlapping), 12);
    expect(ratioOf(changed)).toBeCloseTo(1 / forecast(changed), 12);
  });

  it("keep the factor within bounds, leave a coin without variance alone, and refuse sets without an order", () => {
    const set = setOf({ BTC: [0.001, 0.001, 0.001, 0.2], USDC: [0, 0, 0, 0] });
    const filtered = filterScenarios(set, { lambda: 0.5, minimumRatio: 0.5, maximumRatio: 1.25 });
    for (const [s, move] of filtered.underlyings[0]!.logReturns.entries()) {
      const ratio = move / set.underlyings[0]!.logReturns[s]!;
      expect(ratio).toBeGreaterThanOrEqual(0.5 - 1e-12);
      expect(ratio).toBeLessThanOrEqual(1.25 + 1e-12);
    }
    expect(filtered.underlyings[1]?.logReturns).toEqual([0, 0, 0, 0]);
    expect(() => filterScenarios({ ...set, stepHours: null }, bounds)).toThrow("step_hours is null");
  });
});

const draws = {
  ...bounds,
  minimumRatio: 0.999999,
  maximumRatio: 1.000001,
  scenarioCount: 20_000,
  degreesOfFreedom: 5,
  seed: 9,
  impossibleCorrelations: "refuse" as const,
  correlations: [],
};

function drawn(history: JointScenarioSet, changes: Partial<typeof draws> | { correlations: unknown } = {}) {
  const result = drawScenarios(history, { ...draws, ...(changes as Partial<typeof draws>) });
  if (result.status !== "drawn") throw new Error(result.reason);
  return result;
}

describe("drawn scenarios", () => {
  const history = sampleHistory();
  const deviation = (moves: readonly number[]) =>
    Math.sqrt(moves.reduce((sum, move) => sum + move * move, 0) / moves.length);

  it("have the volatilities and correlations of the history, fat tails, and a mirror image each", () => {
    const { set } = drawn(history);
    for (const [index, { logReturns, volatilityLogMoves }] of set.underlyings.entries()) {
      const own = history.underlyings[index]!;
      expect(deviation(logReturns) / deviation(own.logReturns)).toBeCloseTo(1, 1);
      expect(deviation(volatilityLogMoves!) / deviation(own.volatilityLogMoves!)).toBeCloseTo(1, 1);
      for (let s = 0; s < logReturns.length; s += 2) expect(logReturns[s + 1]).toBe(0 - logReturns[s]!);
      const kurtosis =
        logReturns.reduce((sum, move) => sum + move ** 4, 0) / logReturns.length / deviation(logReturns) ** 4;
      // Student t with 5 degrees of freedom has 9, a normal has 3; a sample's kurtosis is loose.
      expect(kurtosis).toBeGreaterThan(4.5);
    }
    const correlation = ([a, b]: JointScenarioSet["underlyings"]) =>
      a!.logReturns.reduce((sum, move, s) => sum + move * b!.logReturns[s]!, 0) /
      (a!.logReturns.length * deviation(a!.logReturns) * deviation(b!.logReturns));
    expect(correlation(set.underlyings)).toBeCloseTo(correlation(history.underlyings), 1);
  });

  it("repeat for a seed and differ for another; the limit on scenarios is even", () => {
    expect(drawn(history).set).toEqual(drawn(history).set);
    expect(drawn(history, { seed: 10 }).set.underlyings[0]?.logReturns).not.toEqual(
      drawn(history).set.underlyings[0]?.logReturns,
    );
    expect(() => drawn(history, { scenarioCount: 1_001 })).toThrow("even number");
    expect(() => drawn(history, { degreesOfFreedom: 2 })).toThrow("above 2");
  });

  it("refuse impossible correlations with the place, or repair them and say by how much", () => {
    const three = setOf({ A: [0.01, -0.02, 0.01], B: [0.02, 0.01, -0.01], C: [0.03, -0.01, 0.02] });
    const stated = [
      { first: "A", second: "B", correlation: 0.9 },
      { first: "B", second: "C", correlation: 0.9 },
      { first: "A", second: "C", correlation: -0.9 },
    ];
    expect(drawScenarios(three, { ...draws, correlations: stated })).toMatchObject({
      status: "refused",
      reason: expect.stringContaining("correlations of A price, B price, C price are impossible"),
    });
    const repaired = drawScenarios(three, { ...draws, correlations: stated, impossibleCorrelations: "repair" });
    expect(repaired).toMatchObject({ status: "drawn", repairedBy: expect.closeTo(0.4, 9) });
    const asOne = [{ first: "BTC", second: "ETH", correlation: 1 }];
    expect(drawn(setOf({ BTC: [0.1, -0.1], ETH: [0.2, 0.1] }), { correlations: asOne }).repairedBy).toBe(0);
  });

  it("do not move what has no variance", () => {
    const { set } = drawn(setOf({ BTC: [0.01, -0.02], USDC: [0, 0] }));
    expect(new Set(set.underlyings[1]?.logReturns.map(Math.abs))).toEqual(new Set([0]));
  });
});

describe("moves of a set", () => {
  it("come from the coin, from its proxy, from the one for any other, or from nowhere", () => {
    const set = sampleHistory();
    const proxies = [
      { underlying: "SOL", proxy: "BTC", beta: 2 },
      { underlying: "*", proxy: "ETH", beta: 1.3 },
    ];
    expect(findMoves(set, "BTC", proxies)).toBe(set.underlyings[0]);
    expect(findMoves(set, "SOL", proxies)?.logReturns[0]).toBe(2 * set.underlyings[0]!.logReturns[0]!);
    expect(findMoves(set, "DOGE", proxies)?.proxy).toEqual({ underlying: "ETH", beta: 1.3, scenarioCount: 1_000 });
    expect(findMoves(set, "DOGE", [])).toBe(null);
    expect(findMoves(set, "DOGE", [{ underlying: "*", proxy: "XRP", beta: 1 }])).toBe(null);
  });

  it("scale with the square root of time, but a stress is what it says", () => {
    const set = sampleHistory();
    const scaled = scaleHorizon(set, 96);
    expect(scaled.underlyings[0]?.logReturns[5]).toBeCloseTo(2 * set.underlyings[0]!.logReturns[5]!, 14);
    expect(scaled.horizonHours).toBe(96);
    expect(scaleHorizon({ ...set, kind: "stress" }, 96).underlyings).toBe(set.underlyings);
  });

  it("of the history that ships pass the wire's bounds, and are the same every time", () => {
    expect(jointScenarioSet.safeParse(toWire(sampleHistory())).error).toBe(undefined);
    expect(sampleHistory().scenarioIds).toHaveLength(1_000);
    const { issues } = jointScenarioSet.safeParse(toWire({ ...sampleHistory(), weights: [0.5] })).error ?? {
      issues: [],
    };
    expect(issues.map(({ message }) => message)).toEqual([
      "1 entries; as many as there are scenarios, 1000",
      "weights add up to 0.5; probabilities add up to 1",
    ]);
  });
});
