import type { ParameterRules } from "../bounds.ts";
import { unsized } from "../size/parameters.ts";
import type { VarMethodParameters } from "./parameters.ts";
import { varBounds } from "./parameters.ts";

/**
 * The parameters of the method `var` that ship. Window, filter, slopes of volatility, beta and stress share are our own
 * choice.
 */
export const varShipped: VarMethodParameters = {
  ...unsized,
  measure: "expected_shortfall",
  level: 0.99,
  horizonHours: 24,
  windowScenarios: 1_000,
  minimumBeyond: 3,
  simulation: "filtered",
  filter: { lambda: 0.97, minimumRatio: 0.5, maximumRatio: 3 },
  monteCarlo: {
    scenarioCount: 4_000,
    degreesOfFreedom: 4,
    seed: 1,
    impossibleCorrelations: "refuse",
    correlations: [],
  },
  volatility: { smile: "sticky_strike", risePerFall: 1.5, risePerRise: 0.5 },
  historySetId: "sample-1",
  // After 3 days lambda leaves 0.91 of what the volatility of now should reflect. The limit is 31 days because
  // regulated banks update the data of their models at least once a month (Basel Committee, Revisions to the Basel II
  // market risk framework, 2011, 718(lxxvi)(e)).
  historyAge: { noteDays: 3, limitDays: 31 },
  stressSetId: "stress-1",
  stressShare: 0.25,
  proxies: [{ underlying: "*", proxy: "ETH", beta: 1.3 }],
};

export const varParameterRules: ParameterRules<VarMethodParameters> = {
  bounds: varBounds,
  shipped: varShipped,
};
