import {
  covarianceOf,
  deltaNormal,
  effectiveObservations,
  ewmaVariances,
  filterReturns,
  interpolatedQuantile,
  logNormalFactors,
  measureTail,
  normalTail,
  studentTailFigures,
} from "@plimsoll/risk";
import * as z from "zod";
import { notApplicable, readCase, type VectorFamily } from "../case-file.ts";
import { figuresOfItems, hasInputs, hasItems, hasKeys } from "./shapes.ts";

const none = z.object({});
const numbers = z.array(z.number()).min(1);
const probability = z.number().gt(0).lt(1);

/** Computes value at risk and expected shortfall of observed profits or losses. */
export const historicalTail: VectorFamily = {
  family: "historical_tail",
  handles: (caseFile) =>
    (hasInputs(caseFile, "pnl") || hasInputs(caseFile, "losses")) &&
    (hasLevel(caseFile.inputs) || hasLevel(caseFile.params)),
  evaluate: (caseFile) => {
    const schema = z.object({ pnl: numbers.optional(), losses: numbers.optional(), level: probability.optional() });
    const { inputs, params } = readCase(caseFile, schema, z.object({ level: probability.optional() }));
    const losses = Float64Array.from(inputs.losses ?? inputs.pnl?.map((profit) => 0 - profit) ?? []);
    const level = inputs.level ?? params.level ?? Number.NaN;
    const { valueAtRisk, expectedShortfall, scenariosBeyond } = measureTail(losses, level);
    return {
      sortedLosses: Array.from(losses).sort((a, b) => b - a),
      varDiscrete: valueAtRisk,
      esTailMean: expectedShortfall,
      tailCount: scenariosBeyond,
      varLinearInterp: interpolatedQuantile(losses, level),
      ...named(level, valueAtRisk, expectedShortfall),
    };
  },
};

function hasLevel(given: Readonly<Record<string, unknown>>): boolean {
  return hasKeys(given, "level");
}

/** Returns the figures under plain names and under names with the level in them, such as `var99`. */
function named(level: number, valueAtRisk: number, expectedShortfall: number): Record<string, number> {
  const digits = String(Number((level * 100).toFixed(6))).replace(".", "");
  return {
    var: valueAtRisk,
    es: expectedShortfall,
    [`var${digits}`]: valueAtRisk,
    [`es${digits}`]: expectedShortfall,
  };
}

/** Computes a path of exponentially weighted variances, and how many observations carry 99% of the weight. */
export const ewmaPath: VectorFamily = {
  family: "ewma",
  handles: (caseFile) => hasInputs(caseFile, "returns", "initialVariance"),
  evaluate: (caseFile) => {
    const schema = z.object({ returns: numbers, initialVariance: z.number() });
    const { inputs, params } = readCase(caseFile, schema, z.object({ lambda: probability }));
    const variance = ewmaVariances(inputs.returns, params.lambda, inputs.initialVariance);
    const others = Object.keys(caseFile.expected).flatMap((key) => {
      const digits = /^effectiveObservations99_0(\d+)$/.exec(key)?.[1];
      return digits === undefined ? [] : [[key, effectiveObservations(Number(`0.${digits}`), 0.99)] as const];
    });
    return {
      variance,
      vol: variance.map((entry) => Math.sqrt(entry)),
      effectiveObservations99: effectiveObservations(params.lambda, 0.99),
      ...Object.fromEntries(others),
    };
  },
};

/** Rescales returns to the current volatility. The forecasts are given, or are made from an initial variance. */
export const filteredReturns: VectorFamily = {
  family: "filtered_returns",
  handles: (caseFile) =>
    hasInputs(caseFile, "returns") &&
    (hasInputs(caseFile, "sigmaAtEachReturn", "sigmaNow") || "scaledReturns" in caseFile.expected),
  evaluate: (caseFile) => {
    const schema = z.object({
      returns: numbers,
      sigmaAtEachReturn: numbers.optional(),
      sigmaNow: z.number().optional(),
      initialVariance: z.number().optional(),
    });
    const bounds = z.object({
      lambda: probability.optional(),
      ratioFloor: z.number().default(0),
      ratioCap: z.number().default(Number.POSITIVE_INFINITY),
      sigmaNowFloor: z.number().default(0),
    });
    const { inputs, params } = readCase(caseFile, schema, bounds);
    const { returns, initialVariance } = inputs;
    const path =
      initialVariance === undefined || params.lambda === undefined
        ? null
        : ewmaVariances(returns, params.lambda, initialVariance).map((variance) => Math.sqrt(variance));
    const before = inputs.sigmaAtEachReturn ?? path;
    const now = inputs.sigmaNow ?? path?.[returns.length];
    if (before === null || now === undefined)
      return notApplicable("neither forecasts nor an initial variance are given");
    const scaledReturns = filterReturns(returns, before, now, {
      minimumRatio: params.ratioFloor,
      maximumRatio: params.ratioCap,
      minimumVolatilityNow: params.sigmaNowFloor,
    });
    return { scaledReturns, sigmaAtEachReturn: before, sigmaNow: now };
  },
};

/** Computes the risk of exposures to normal returns. */
export const deltaNormalRisk: VectorFamily = {
  family: "delta_normal",
  handles: (caseFile) =>
    hasInputs(caseFile, "exposures") && (hasInputs(caseFile, "dailyVol") || hasInputs(caseFile, "covariance")),
  evaluate: (caseFile) => {
    const matrix = z.array(numbers).min(1);
    const schema = z.object({
      exposures: numbers,
      dailyVol: numbers.optional(),
      correlation: z.union([z.number(), matrix]).default(0),
      covariance: matrix.optional(),
      level: probability,
    });
    const { exposures, dailyVol, correlation, covariance, level } = readCase(caseFile, schema, none).inputs;
    const correlations = Array.isArray(correlation)
      ? correlation
      : exposures.map((_, i) => exposures.map((_other, j) => (i === j ? 1 : correlation)));
    const risk = deltaNormal(exposures, covariance ?? covarianceOf(dailyVol ?? [], correlations), level);
    return {
      sigma: risk.deviation,
      componentVar: risk.componentValuesAtRisk,
      componentEs: risk.componentShortfalls,
      ...named(level, risk.valueAtRisk, risk.expectedShortfall),
    };
  },
};

/** Computes standard normal tails at a list of levels, or Student t tails if the degrees of freedom are given. */
export const tailConstants: VectorFamily = {
  family: "tail_constants",
  handles: (caseFile) => hasInputs(caseFile, "levels"),
  evaluate: (caseFile) => {
    const schema = z.object({
      levels: z.array(probability).min(1),
      degreesOfFreedom: z.number().optional(),
      nu: z.number().optional(),
      sigma: z.number().default(1),
    });
    const { levels, degreesOfFreedom, nu, sigma } = readCase(caseFile, schema, none).inputs;
    const degrees = degreesOfFreedom ?? nu;
    const figures = levels.map((level) => {
      if (degrees !== undefined) return studentTailFigures(level, degrees, sigma);
      const { valueAtRisk, expectedShortfall } = normalTail(level);
      return { valueAtRisk: sigma * valueAtRisk, expectedShortfall: sigma * expectedShortfall };
    });
    return {
      var: figures.map(({ valueAtRisk }) => valueAtRisk),
      es: figures.map(({ expectedShortfall }) => expectedShortfall),
    };
  },
};

const logNormalItem = z.object({
  riskAversion: probability,
  tauYears: z.number(),
  mu: z.number(),
  sigma: z.number(),
});

/** Computes the expected shortfall of a log-normal price, as a share of the price. */
export const logNormalTail: VectorFamily = {
  family: "log_normal_tail",
  handles: (caseFile) => hasItems(caseFile, "riskAversion", "tauYears", "sigma"),
  evaluate: (caseFile) =>
    figuresOfItems(caseFile, logNormalItem, ({ riskAversion, tauYears, mu, sigma }) => ({
      ...logNormalFactors(riskAversion, tauYears, mu, sigma),
    })),
};
