import {
  chiSquareCritical,
  christoffersenIndependence,
  conditionalCoverageTest,
  countTransitions,
  type ExceptionTransitions,
  kupiecAcceptedExceptions,
  kupiecTest,
  type RatioTest,
  trafficLight,
} from "@plimsoll/risk";
import * as z from "zod";
import { readCase, type VectorCase, type VectorFamily } from "../case-file.ts";
import { hasInputs, hasKeys } from "./shapes.ts";

const count = z.int().min(0);
const probability = z.number().gt(0).lt(1);
const oneOrMore = <Item extends z.ZodType>(item: Item) => z.union([item, z.array(item).min(1)]);

const defaultTestLevel = 0.05;

/** The significance level of the tests, 0.05 unless the case states `testLevel`. */
const levelParams = z.object({ testLevel: probability.default(defaultTestLevel) });

/** Computes how many exceptions Kupiec's test accepts, for each probability and number of observations. */
export const kupiecRegions: VectorFamily = {
  family: "kupiec_regions",
  handles: (caseFile) => hasInputs(caseFile, "T", "p") && !exceptionsKey(caseFile) && !hasTransitions(caseFile),
  evaluate: (caseFile) => {
    const schema = z.object({ T: oneOrMore(count.min(1)), p: oneOrMore(probability) });
    const { inputs, params } = readCase(caseFile, schema, levelParams);
    const accepted: Record<string, unknown> = {};
    for (const p of [inputs.p].flat()) {
      for (const observations of [inputs.T].flat()) {
        const region = kupiecAcceptedExceptions(observations, p, params.testLevel);
        accepted[`${p}|${observations}`] = region === null ? null : [region.least, region.most];
      }
    }
    return { acceptedFailuresInclusive: accepted, critical: chiSquareCritical(params.testLevel, 1) };
  },
};

/** Applies Kupiec's test and the Basel traffic light to a number of exceptions, or to each of a list of them. */
export const exceptionCounts: VectorFamily = {
  family: "exception_counts",
  handles: (caseFile) => hasInputs(caseFile, "T", "p") && exceptionsKey(caseFile) !== undefined,
  evaluate: (caseFile) => {
    const key = exceptionsKey(caseFile) ?? "exceptions";
    const { inputs, params } = readCase(caseFile, z.object({ T: count.min(1), p: probability }), levelParams);
    const given = readCase(caseFile, z.object({ [key]: oneOrMore(count) }), z.object({})).inputs[key]!;
    const rows = [given].flat().map((exceptions): Record<string, unknown> => {
      const light = trafficLight(exceptions, inputs.T, inputs.p);
      const kupiec = kupiecTest(exceptions, inputs.T, inputs.p);
      return { ...light, ...ratioFigures("pof", kupiec, 1, params.testLevel) };
    });
    if (!Array.isArray(given)) return { ...rows[0] };
    const names = Object.keys(rows[0] ?? {});
    return Object.fromEntries(names.map((name) => [name, rows.map((row): unknown => row[name])]));
  },
};

/**
 * Applies Christoffersen's tests to a sequence of exceptions or to its transition counts. If the case gives `p`, it
 * adds the test of conditional coverage.
 */
export const christoffersen: VectorFamily = {
  family: "christoffersen",
  handles: (caseFile) => hasTransitions(caseFile) || sequenceKey(caseFile) !== undefined,
  evaluate: (caseFile) => {
    const key = sequenceKey(caseFile);
    const flags = z.array(z.union([z.literal(0), z.literal(1), z.boolean().transform(Number)])).min(2);
    const schema = z.object({
      n00: count.optional(),
      n01: count.optional(),
      n10: count.optional(),
      n11: count.optional(),
      p: probability.optional(),
      T: count.min(1).optional(),
      ...(key === undefined ? {} : { [key]: flags }),
    });
    const params = levelParams.extend({ p: probability.optional() });
    const read = readCase(caseFile, schema, params);
    const { n00 = 0, n01 = 0, n10 = 0, n11 = 0 } = read.inputs;
    const sequence = key === undefined ? null : ((read.inputs as Record<string, unknown>)[key] as number[]);
    const transitions: ExceptionTransitions = sequence === null ? { n00, n01, n10, n11 } : countTransitions(sequence);
    const level = read.params.testLevel;
    const independence = christoffersenIndependence(transitions);
    const figures = { ...transitions, ...shares(transitions), ...ratioFigures("ind", independence, 1, level) };
    const p = read.inputs.p ?? read.params.p;
    if (p === undefined) return figures;
    // A sequence has one more observation than transitions. Transition counts alone do not tell whether the first one
    // was an exception.
    const exceptions = sequence?.reduce((sum, flag) => sum + flag, 0) ?? transitions.n01 + transitions.n11;
    const counted = transitions.n00 + transitions.n01 + transitions.n10 + transitions.n11;
    const kupiec = kupiecTest(exceptions, sequence?.length ?? read.inputs.T ?? counted, p);
    const joint = conditionalCoverageTest(kupiec, independence);
    return { ...figures, ...ratioFigures("pof", kupiec, 1, level), ...ratioFigures("cc", joint, 2, level) };
  },
};

function shares({ n00, n01, n10, n11 }: ExceptionTransitions) {
  const share = (met: number, all: number) => (all === 0 ? null : met / all);
  return { pi01: share(n01, n00 + n01), pi11: share(n11, n10 + n11), pi: share(n01 + n11, n00 + n01 + n10 + n11) };
}

/**
 * Returns one test under the names in use: `LR_pof`, `lrPof`, `pValuePof`, `rejectPof`. Kupiec's test also gets names
 * without `pof`.
 */
function ratioFigures(name: "pof" | "ind" | "cc", test: RatioTest, degreesOfFreedom: number, level: number) {
  const { likelihoodRatio, pValue } = test;
  const reject = pValue < level;
  const capital = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  const named = {
    [`LR_${name}`]: likelihoodRatio,
    [`lr${capital}`]: likelihoodRatio,
    [`pValue${capital}`]: pValue,
    [`reject${capital}`]: reject,
    [`critical${capital}`]: chiSquareCritical(level, degreesOfFreedom),
  };
  return name === "pof" ? { ...named, LR: likelihoodRatio, likelihoodRatio, pValue, reject } : named;
}

function exceptionsKey({ inputs }: VectorCase): string | undefined {
  return ["exceptions", "failures", "x"].find((key) => {
    const given = inputs[key];
    return typeof given === "number" || (Array.isArray(given) && !isFlags(given));
  });
}

function sequenceKey({ inputs }: VectorCase): string | undefined {
  return ["sequence", "hits", "exceptions", "failures", "violations"].find((key) => isFlags(inputs[key]));
}

/**
 * Tells whether a value is a sequence of zeros and ones. A list of two, such as [0, 1], is taken for counts instead.
 */
function isFlags(given: unknown): boolean {
  return (
    Array.isArray(given) &&
    given.length > 2 &&
    given.every((flag) => flag === 0 || flag === 1 || typeof flag === "boolean")
  );
}

function hasTransitions({ inputs }: VectorCase): boolean {
  return hasKeys(inputs, "n00", "n01", "n10", "n11");
}
