import { cornishFisher, deltaGammaMoments, normalTail, type ProfitMoments } from "@plimsoll/risk";
import * as z from "zod";
import { notApplicable, readCase, type VectorCase, type VectorFamily } from "../case-file.ts";
import { hasInputs } from "./shapes.ts";

const probability = z.number().gt(0).lt(1);
const vector = z.union([z.number(), z.array(z.number()).min(1)]);
const matrix = z.union([z.number(), z.array(z.array(z.number()).min(1)).min(1)]);

/** Names under which cases may give one figure. The first name that a case has counts. */
const deviationNames = ["sigma", "s", "vol", "sd", "std", "stdev", "deviation"] as const;
const skewNames = ["skew", "skewness", "S"] as const;
const kurtosisNames = ["excessKurtosis", "kurtosis", "kurt", "K"] as const;

function findNumber(given: Readonly<Record<string, unknown>>, names: readonly string[]): number | undefined {
  const name = names.find((key) => typeof given[key] === "number");
  return name === undefined ? undefined : (given[name] as number);
}

/**
 * Computes moments and Cornish-Fisher figures at a level. A case gives a delta-gamma book in one or more factors, or
 * the moments of a profit.
 */
export const cornishFisherRisk: VectorFamily = {
  family: "cornish_fisher",
  handles: (caseFile) =>
    hasInputs(caseFile, "delta", "gamma") && !hasInputs(caseFile, "strike")
      ? findLevel(caseFile) !== undefined
      : findNumber(caseFile.inputs, skewNames) !== undefined &&
        findNumber(caseFile.inputs, kurtosisNames) !== undefined,
  evaluate: (caseFile) => {
    const level = findLevel(caseFile);
    if (level === undefined) return notApplicable("no level is given");
    const moments = hasInputs(caseFile, "delta", "gamma") ? momentsOfBook(caseFile) : momentsGiven(caseFile);
    const { valueAtRisk, expectedShortfall, ...rest } = cornishFisher(moments, level);
    const normal = normalTail(level);
    const { mean, variance, thirdCumulant, fourthCumulant } = moments;
    const digits = String(Number((level * 100).toFixed(6))).replace(".", "");
    const figures: Record<string, unknown> = { mean, variance };
    const assign = (value: number | boolean, names: readonly string[]) => {
      for (const name of names) figures[name] = value;
    };
    assign(rest.deviation, [...deviationNames, "sigmaP"]);
    assign(thirdCumulant, ["kappa3", "thirdCumulant", "k3"]);
    assign(fourthCumulant, ["kappa4", "fourthCumulant", "k4"]);
    assign(rest.skewness, skewNames);
    assign(rest.excessKurtosis, kurtosisNames);
    assign(0 - normal.valueAtRisk, ["z", "zNormal"]);
    assign(rest.quantile, ["zPrime", "zCf", "zCF", "zCornishFisher", "quantile"]);
    assign(valueAtRisk, ["var", `var${digits}`, "varCornishFisher", "varCf", "varCF", `varCornishFisher${digits}`]);
    assign(expectedShortfall, ["es", `es${digits}`, "esCornishFisher", "esCf", "esCF"]);
    assign(normal.valueAtRisk * rest.deviation - mean, ["varNormal", "varDeltaGammaNormal"]);
    assign(rest.isValid, ["isValid", "valid"]);
    return figures;
  },
};

function findLevel({ inputs, params }: VectorCase): number | undefined {
  const parsed = probability.safeParse(inputs.level ?? params.level);
  return parsed.success ? parsed.data : undefined;
}

function momentsOfBook(caseFile: VectorCase): ProfitMoments {
  const schema = z.object({
    delta: vector,
    gamma: matrix,
    theta: z.number().default(0),
    covariance: matrix.optional(),
    correlation: matrix.optional(),
    sigma: vector.optional(),
  });
  const { delta, gamma, theta, covariance, correlation, sigma } = readCase(caseFile, schema, z.object({})).inputs;
  const deltas = [delta].flat();
  const deviations = sigma === undefined ? [findNumber(caseFile.inputs, deviationNames) ?? Number.NaN] : [sigma].flat();
  const square = (given: number | number[][]) =>
    Array.isArray(given) ? given : deltas.map((_, i) => deltas.map((_other, j) => (i === j ? given : 0)));
  const correlationOf = (i: number, j: number) => {
    if (i === j) return 1;
    return Array.isArray(correlation) ? (correlation[i]?.[j] ?? Number.NaN) : (correlation ?? 0);
  };
  const deviationOf = (i: number) => deviations[i] ?? deviations[0] ?? Number.NaN;
  const covariances =
    covariance === undefined
      ? deltas.map((_, i) => deltas.map((_other, j) => correlationOf(i, j) * deviationOf(i) * deviationOf(j)))
      : square(covariance);
  return deltaGammaMoments({ theta, delta: deltas, gamma: square(gamma) }, covariances);
}

function momentsGiven({ inputs }: VectorCase): ProfitMoments {
  const deviation = findNumber(inputs, deviationNames) ?? 1;
  const variance = deviation * deviation;
  return {
    mean: findNumber(inputs, ["mean", "mu"]) ?? 0,
    variance,
    thirdCumulant: (findNumber(inputs, skewNames) ?? 0) * variance * deviation,
    fourthCumulant: (findNumber(inputs, kurtosisNames) ?? 0) * variance * variance,
  };
}
