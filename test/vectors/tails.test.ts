import { describe, expect, it } from "vitest";
import { computedFigures, fixtureCase, notPassed, runCaseJson } from "../support/vector-case.ts";

const cases = [
  "historical_simulation_var_es",
  "ewma_variance_path",
  "filtered_historical_simulation",
  "delta_normal_two_assets",
  "normal_var_es_constants",
  "vega_lognormal_es_risk_factors",
];

describe("tails, volatilities and filtered returns", () => {
  it.each(cases)("%s", (name) => {
    const report = runCaseJson(fixtureCase(name));
    expect(notPassed(report)).toEqual([]);
    expect(report.figures.length).toBeGreaterThan(0);
  });

  it("reads losses as well as profits, and a level among the parameters", () => {
    const json = fixtureCase("historical_simulation_var_es");
    json.inputs = { losses: (json.inputs.pnl as number[]).map((profit) => -profit) };
    json.params.level = 0.9;
    expect(notPassed(runCaseJson(json))).toEqual([]);
  });

  it("makes the forecasts of filtered returns itself where only an initial variance is given", () => {
    const json = fixtureCase("filtered_historical_simulation");
    const { returns } = json.inputs;
    json.inputs = { returns, initialVariance: 0.0004 };
    expect(notPassed(runCaseJson(json))).toEqual([]);
    json.params.ratioCap = 0.5;
    json.expected = { scaledReturns: (returns as number[]).map((move) => move / 2) };
    expect(notPassed(runCaseJson(json))).toEqual([]);
  });

  it("takes a correlation matrix or a covariance for the one correlation of two assets", () => {
    const json = fixtureCase("delta_normal_two_assets");
    json.inputs.correlation = [
      [1, 0.8],
      [0.8, 1],
    ];
    expect(notPassed(runCaseJson(json))).toEqual([]);
    const { correlation: _, dailyVol: _v, ...rest } = json.inputs;
    json.inputs = {
      ...rest,
      covariance: [
        [0.0016, 0.0016],
        [0.0016, 0.0025],
      ],
    };
    expect(notPassed(runCaseJson(json))).toEqual([]);
  });

  it("knows Student t tails where degrees of freedom are given", () => {
    const json = fixtureCase("normal_var_es_constants");
    json.inputs = { levels: [0.99], nu: 4, sigma: 1 };
    json.expected = { var: [0], es: [0] };
    // 3.747 is the 99 % point of any table for 4 degrees of freedom; its variance is 2.
    expect((computedFigures(json)["var[0]"] as number) * Math.SQRT2).toBeCloseTo(3.747, 3);
  });
});

describe("Cornish-Fisher", () => {
  /** One factor: the figures by hand from the cumulants (docs/sources.md, Parametric tails). */
  const [delta, gamma, sigma, level, z] = [50, -400, 0.04, 0.99, -2.3263478740408408];
  const variance = delta ** 2 * sigma ** 2 + (gamma ** 2 * sigma ** 4) / 2;
  const sd = Math.sqrt(variance);
  const skew = (3 * delta ** 2 * gamma * sigma ** 4 + gamma ** 3 * sigma ** 6) / sd ** 3;
  const kurtosis = (12 * delta ** 2 * gamma ** 2 * sigma ** 6 + 3 * gamma ** 4 * sigma ** 8) / sd ** 4;
  const zPrime =
    z + ((z * z - 1) * skew) / 6 + ((z ** 3 - 3 * z) * kurtosis) / 24 - ((2 * z ** 3 - 5 * z) * skew * skew) / 36;
  const json = {
    name: "cornish_fisher_one_factor",
    inputs: { delta, gamma, sigma, level },
    expected: {
      mean: (gamma * sigma ** 2) / 2,
      variance,
      sd,
      skew,
      excessKurtosis: kurtosis,
      z,
      zPrime,
      var99: -((gamma * sigma ** 2) / 2 + zPrime * sd),
    },
    tolerance: { relative: 1e-12 },
  };

  it("has the moments and the quantile of one factor", () => {
    const report = runCaseJson(json as unknown as ReturnType<typeof fixtureCase>);
    expect(report.family).toBe("cornish_fisher");
    expect(notPassed(report)).toEqual([]);
  });

  it("reads the same book as two factors of which one is still, and its moments alone", () => {
    const inputs = {
      delta: [delta, 0],
      gamma: [
        [gamma, 0],
        [0, 0],
      ],
      covariance: [
        [sigma ** 2, 0],
        [0, 0],
      ],
      level,
    };
    const { mean } = json.expected;
    const { sd: _, skew: _s, excessKurtosis: _k, ...rest } = json.expected;
    const many = { ...json, inputs, expected: rest };
    expect(notPassed(runCaseJson(many as unknown as ReturnType<typeof fixtureCase>))).toEqual([]);
    const moments = { ...json, inputs: { mean, sd, skewness: skew, excessKurtosis: kurtosis, level } };
    expect(notPassed(runCaseJson(moments as unknown as ReturnType<typeof fixtureCase>))).toEqual([]);
  });
});
