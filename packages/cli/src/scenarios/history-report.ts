import { type JointHistory, measureTail, type ParameterSet } from "@plimsoll/risk";
import { nameParameters } from "@plimsoll/schema";
import type { Paint } from "../output/terminal.ts";

/** Renders a history for people: what it spans, each coin's tail losses and worst scenario, and notes on its data. */
export function historyText({ set, notes }: JointHistory, paint: Paint): string {
  const count = set.scenarioIds.length;
  const level = 0.99;
  const lines = [
    `${set.setId}: ${count} scenarios of ${set.horizonHours} h, every ${set.stepHours} h, ${set.scenarioIds[0]} to ${set.scenarioIds[count - 1]}`,
    "",
    ...set.underlyings.map(({ underlying, logReturns, volatilityLogMoves }) => {
      const fall = measureTail(
        Float64Array.from(logReturns, (move) => 1 - Math.exp(move)),
        level,
      );
      const worst = logReturns.indexOf(Math.min(...logReturns));
      const volatility = volatilityLogMoves === null ? "volatility by the rule" : "volatility of its own";
      const figures = `99 % value at risk of a long ${percent(fall.valueAtRisk)}, expected shortfall ${percent(fall.expectedShortfall)}`;
      return `  ${underlying.padEnd(6)}${figures}; worst ${set.scenarioIds[worst]}; ${volatility}`;
    }),
    ...(notes.length === 0 ? [] : ["", ...notes.map(({ text }) => `  ${paint.yellow("note")}  ${text}`)]),
  ];
  return `${lines.join("\n")}\n`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

/** Returns a parameter set with the history among its scenario sets, on which the method `var` is then measured. */
export function withHistory(parameters: ParameterSet, { set }: JointHistory): ParameterSet {
  const { parametersVersion, scenarioSets, methods, ...rest } = parameters;
  const others = scenarioSets.filter(({ setId }) => setId !== set.setId);
  return nameParameters(parametersVersion.replace(/-[0-9a-f]{12}$/, ""), {
    ...rest,
    scenarioSets: [...others, set],
    methods: { ...methods, var: { ...methods.var, historySetId: set.setId } },
  });
}
