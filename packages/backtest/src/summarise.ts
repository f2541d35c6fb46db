import { medianOf } from "./measure.ts";
import type { BacktestReport, ContenderResult, ContenderSummary, PortfolioResult } from "./report-schema.ts";

const testLevel = 0.05;
const increaseNames = ["peak_to_trough", "increase_1_day", "increase_5_days", "increase_20_days"] as const;

/** Summarises all portfolios together, for each contender. */
export function summarise(portfolios: readonly PortfolioResult[], level: number): ContenderSummary[] {
  const names = portfolios[0]?.contenders.map(({ name }) => name) ?? [];
  return names.map((name, index) => {
    const own = portfolios.map(({ contenders }) => contenders[index]!);
    const kupiecRejects = own.filter(({ kupiec }) => kupiec !== null && kupiec.p_value < testLevel);
    const hasTooMany = ({ sampled_exceptions, sampled_observations }: ContenderResult) =>
      sampled_exceptions > sampled_observations * (1 - level);
    const lights = own.map(({ traffic_light }) => traffic_light?.zone ?? "untested");
    return {
      name,
      ...pooledCoverage(own),
      average_margin_usd: mean(own.map(({ average_margin_usd }) => average_margin_usd)),
      average_margin_share: mean(own.map(({ average_margin_share }) => average_margin_share)),
      portfolios_at_level: own.filter(({ coverage }) => coverage !== null && coverage >= level).length,
      portfolios_below_level: own.filter(({ coverage }) => coverage !== null && coverage < level).length,
      kupiec_too_many: kupiecRejects.filter(hasTooMany).length,
      kupiec_too_few: kupiecRejects.filter((result) => !hasTooMany(result)).length,
      independence_rejected: rejected(own, "independence"),
      conditional_coverage_rejected: rejected(own, "conditional_coverage"),
      zones: Object.fromEntries(
        (["green", "yellow", "red", "untested"] as const).map((zone) => [
          zone,
          lights.filter((light) => light === zone).length,
        ]),
      ) as ContenderSummary["zones"],
      worst_shortfall: worstShortfall(own),
      procyclicality: overPortfolios(own, medianOf),
      worst_procyclicality: overPortfolios(own, (values) => (values.length === 0 ? null : Math.max(...values))),
      liquidations: pooledLiquidations(own),
      not_margined: pooledRefusals(own),
    };
  });
}

/** Summarises the portfolios of each kind, for each contender. */
export function summariseKinds(portfolios: readonly PortfolioResult[]): BacktestReport["kinds"] {
  const kinds = [...new Set(portfolios.map(({ kind }) => kind))];
  return kinds.map((kind) => {
    const ofKind = portfolios.filter((portfolio) => portfolio.kind === kind);
    const names = ofKind[0]?.contenders.map(({ name }) => name) ?? [];
    return {
      kind,
      portfolios: ofKind.length,
      contenders: names.map((name, index) => {
        const own = ofKind.map(({ contenders }) => contenders[index]!);
        return {
          name,
          ...pooledCoverage(own),
          average_margin_share: mean(own.map(({ average_margin_share }) => average_margin_share)),
          worst_shortfall: worstShortfall(own),
        };
      }),
    };
  });
}

function pooledCoverage(own: readonly ContenderResult[]) {
  const observations = own.reduce((sum, result) => sum + result.observations, 0);
  const exceptions = own.reduce((sum, result) => sum + result.exceptions, 0);
  return { observations, exceptions, coverage: observations === 0 ? null : 1 - exceptions / observations };
}

function rejected(own: readonly ContenderResult[], test: "independence" | "conditional_coverage"): number {
  return own.filter((result) => (result[test]?.p_value ?? 1) < testLevel).length;
}

function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** Returns the shortfall that is greatest in US dollars, or null if there is none. */
function worstShortfall(own: readonly ContenderResult[]): ContenderResult["worst_shortfall"] {
  return own.reduce<ContenderResult["worst_shortfall"]>((worst, { worst_shortfall: one }) => {
    if (one === null) return worst;
    return worst === null || one.shortfall_usd > worst.shortfall_usd ? one : worst;
  }, null);
}

function overPortfolios(own: readonly ContenderResult[], pick: (values: readonly number[]) => number | null) {
  const picked = increaseNames.map((name) => {
    const values = own.map(({ procyclicality }) => procyclicality[name]).filter((value) => value !== null);
    return [name, pick(values)] as const;
  });
  return Object.fromEntries(picked) as ContenderSummary["procyclicality"];
}

/**
 * Adds up the liquidations of all portfolios. The median lead is that of the portfolios' medians, because single leads
 * are not kept.
 */
function pooledLiquidations(own: readonly ContenderResult[]): ContenderSummary["liquidations"] {
  const total = (name: "count" | "unwarned" | "bankrupt") =>
    own.reduce((sum, { liquidations }) => sum + liquidations[name], 0);
  const leads = own.map(({ liquidations }) => liquidations.median_lead_hours).filter((lead) => lead !== null);
  const shortest = own.map(({ liquidations }) => liquidations.shortest_lead_hours).filter((lead) => lead !== null);
  return {
    count: total("count"),
    unwarned: total("unwarned"),
    bankrupt: total("bankrupt"),
    median_lead_hours: medianOf(leads),
    shortest_lead_hours: shortest.length === 0 ? null : Math.min(...shortest),
  };
}

function pooledRefusals(own: readonly ContenderResult[]): Record<string, number> {
  const pooled = new Map<string, number>();
  for (const { not_margined } of own) {
    for (const [code, count] of Object.entries(not_margined)) pooled.set(code, (pooled.get(code) ?? 0) + count);
  }
  return Object.fromEntries([...pooled].sort(([a], [b]) => (a < b ? -1 : 1)));
}
