import { baselineMethodId, defaultMethodId, methodIds, methodVersion } from "@plimsoll/risk";
import { decimal, methodId, severity, statedIncomplete, symbol, toNumber } from "@plimsoll/schema";
import * as z from "zod";
import { accountOf, marginReport, reportMargin } from "../margin/margin-report.ts";
import type { PortfolioQuestion } from "../margin/portfolio-question.ts";
import { riskProfiles } from "./risk-profile.ts";

const component = z.strictObject({ name: z.string(), underlying: symbol, amount: decimal });

const comparedMethod = z.strictObject({
  method_id: methodId,
  status: z.literal("margined"),
  /** Identifies the method, its formulas and the content of its parameters. */
  parameters: z.string(),
  initial_margin: decimal,
  maintenance_margin: decimal,
  margin_balance: decimal,
  severity,
  /** What the method could not margin in full, and how it is counted. It is absent when there is nothing. */
  incomplete: statedIncomplete.exactOptional(),
  /**
   * Notes on what the figures rest on, such as proxies or the age of a history. They are absent when there are none.
   */
  notes: marginReport.shape.methods.element.options[0].shape.notes,
  /** The initial margin of `static` divided by that of this method; null when either of them is 0. */
  capital_efficiency: z.number().nullable(),
  components: z.array(component),
  /**
   * The scenario with the greatest loss over all underlyings. It is null when the method scans nothing or no scenario
   * loses.
   */
  worst_scenario: z
    .strictObject({ underlying: symbol, scenario_id: z.string(), label: z.string(), loss: decimal })
    .nullable(),
});
export type ComparedMethod = z.infer<typeof comparedMethod>;

const [, notMargined] = marginReport.shape.methods.element.options;
export type NotMarginedMethod = z.infer<typeof notMargined>;

const profile = z.strictObject({
  underlying: symbol,
  index_price: z.number(),
  curves: z.array(
    z.strictObject({
      volatility: z.enum(["up", "unmoved", "down"]),
      points: z.array(z.strictObject({ price: z.number(), pnl: z.number() })),
    }),
  ),
});

/**
 * The JSON object that `plimsoll compare --json` prints: one portfolio under every method, and its profit over the
 * price.
 */
export const compareReport = marginReport.omit({ methods: true, pools: true }).extend({
  methods: z.array(z.discriminatedUnion("status", [comparedMethod, notMargined])).min(1),
  /** The profit over the price of each underlying. It is empty when the portfolio cannot be margined. */
  profiles: z.array(profile),
});
export type CompareReport = z.infer<typeof compareReport>;

/**
 * A loss below this share of the static margin counts as none, because rounding leaves small losses in a hedged pool.
 */
const ROUNDING_LOSS = 1e-6;

/** Margins a portfolio by every method and compares each initial margin with that of `static`. */
export function reportComparison(question: PortfolioQuestion): CompareReport {
  const { portfolio, snapshot, parameters } = question;
  const alone = { ...portfolio, open_orders: [], pools: [] };
  const { methods, pools: _, ...said } = reportMargin({ ...question, portfolio: alone, methods: methodIds });
  const baseline = methods.find(({ method_id }) => method_id === baselineMethodId);
  const baselineInitial = baseline?.status === "margined" ? toNumber(baseline.initial_margin) : 0;
  return compareReport.parse({
    ...said,
    methods: methods.map((method) => {
      if (method.status === "not_margined") return method;
      const initial = toNumber(method.initial_margin);
      const worst = method.units.flatMap(({ underlying, worst_scenario }) =>
        worst_scenario === null || toNumber(worst_scenario.loss) <= ROUNDING_LOSS * baselineInitial
          ? []
          : [{ underlying, ...worst_scenario }],
      );
      return {
        method_id: method.method_id,
        status: method.status,
        parameters: methodVersion(parameters, method.method_id),
        initial_margin: method.initial_margin,
        maintenance_margin: method.maintenance_margin,
        margin_balance: method.margin_balance,
        severity: method.severity,
        ...(method.incomplete && { incomplete: method.incomplete }),
        ...(method.notes && { notes: method.notes }),
        capital_efficiency: initial > 0 && baselineInitial > 0 ? baselineInitial / initial : null,
        components: method.components,
        worst_scenario: worst.sort((a, b) => toNumber(b.loss) - toNumber(a.loss))[0] ?? null,
      };
    }),
    profiles: riskProfiles(
      accountOf(portfolio, portfolio.account_id, defaultMethodId, snapshot),
      snapshot,
      parameters,
    ).map(({ indexPrice, ...rest }) => ({ ...rest, index_price: indexPrice })),
  });
}
