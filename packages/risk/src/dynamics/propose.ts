import type { CollateralParameters, HaircutBand, ParameterSet, ScanParameters } from "../model/index.ts";
import { followNumber, type NumberField, type NumberMove, type VolatilityView } from "./follow-number.ts";
import type { DynamicsPolicy, NumberRule, UnderlyingRule } from "./policy.ts";
import { type ProposalInputs, viewImplied, viewPrices } from "./views.ts";

/** A parameter set that follows the market, without a version yet, and the move of each number that has a rule. */
export interface ParameterProposal {
  readonly content: Omit<ParameterSet, "parametersVersion">;
  readonly moves: readonly NumberMove[];
}

/**
 * Proposes price scan ranges, volatility scans and first haircuts that follow volatility, by one rule per number. All
 * other parameters stay unchanged. Throws a RangeError for an invalid policy.
 */
export function proposeParameters(inputs: ProposalInputs): ParameterProposal {
  const { current, dayAgo, policy } = inputs;
  checkPolicy(policy, current);
  const moves: NumberMove[] = [];
  const follow = (
    now: { subject: string; field: NumberField; value: number },
    rule: NumberRule,
    view: VolatilityView,
  ) => {
    const move = followNumber(
      { ...now, dayAgo: findNumber(dayAgo, now.subject, now.field) ?? now.value },
      rule,
      view,
      policy,
    );
    moves.push(move);
    return move.to;
  };
  const scan = current.scan.map((parameters): ScanParameters => {
    const rule = findRule(policy, parameters.underlying);
    if (rule === undefined) return parameters;
    const subject = parameters.underlying;
    const prices = viewPrices(subject, rule.proxy, inputs);
    const implied = viewImplied(subject, inputs);
    const { priceScanRange, volatilityUp } = parameters;
    return {
      ...parameters,
      priceScanRange: follow(
        { subject, field: "price_scan_range", value: priceScanRange },
        rule.priceScanRange,
        prices,
      ),
      volatilityUp: follow({ subject, field: "volatility_up", value: volatilityUp }, rule.volatilityUp, implied),
    };
  });
  const collateral = current.collateral.map((parameters): CollateralParameters => {
    const rule = policy.haircuts.find(({ asset }) => asset === parameters.asset);
    const first = parameters.maintenanceBands[0];
    if (rule === undefined || first === undefined) return parameters;
    const proxy = findRule(policy, parameters.asset)?.proxy ?? null;
    const view = viewPrices(parameters.asset, proxy, inputs);
    const now = { subject: parameters.asset, field: "haircut", value: first.haircut } as const;
    return shiftBands(parameters, follow(now, rule.haircut, view) - first.haircut);
  });
  const { parametersVersion: _, ...rest } = current;
  return { content: { ...rest, scan, collateral }, moves };
}

/** Finds a number of a parameter set, or undefined if the set does not have the subject. */
export function findNumber(parameters: ParameterSet, subject: string, field: NumberField): number | undefined {
  if (field === "haircut") {
    return parameters.collateral.find(({ asset }) => asset === subject)?.maintenanceBands[0]?.haircut;
  }
  const scan = parameters.scan.find(({ underlying }) => underlying === subject);
  return field === "price_scan_range" ? scan?.priceScanRange : scan?.volatilityUp;
}

function findRule({ underlyings }: DynamicsPolicy, underlying: string): UnderlyingRule | undefined {
  return (
    underlyings.find((rule) => rule.underlying === underlying) ?? underlyings.find((rule) => rule.underlying === "*")
  );
}

/**
 * Moves every band of both schedules by the same amount, so that initial haircuts stay at or above maintenance.
 * Haircuts stay between 0 and 1.
 */
function shiftBands(parameters: CollateralParameters, distance: number): CollateralParameters {
  if (distance === 0) return parameters;
  const shift = (band: HaircutBand): HaircutBand => {
    const haircut = Math.min(1, Math.max(0, band.haircut + distance));
    return { ...band, haircut: Math.round(haircut * 1e6) / 1e6 };
  };
  const { initialBands, maintenanceBands } = parameters;
  return { ...parameters, initialBands: initialBands.map(shift), maintenanceBands: maintenanceBands.map(shift) };
}

function checkPolicy(policy: DynamicsPolicy, current: ParameterSet): void {
  const refuse = (field: string, value: number, allowed: string): never => {
    throw new RangeError(`Dynamics policy: ${field} is ${value}; it must be ${allowed}`);
  };
  const { increaseLimit, decreaseLimitPerDay, tolerance, stressedWeight, buffer } = policy;
  if (!(increaseLimit > 0)) refuse("increaseLimit", increaseLimit, "a fraction above 0");
  if (!(decreaseLimitPerDay > 0 && decreaseLimitPerDay < 1)) {
    refuse("decreaseLimitPerDay", decreaseLimitPerDay, "a fraction above 0 and below 1");
  }
  if (!(tolerance >= 0 && tolerance < increaseLimit)) refuse("tolerance", tolerance, "from 0 and below increaseLimit");
  if (stressedWeight !== null && !(stressedWeight >= 0 && stressedWeight <= 1)) {
    refuse("stressedWeight", stressedWeight, "a fraction from 0 to 1, or null");
  }
  if (buffer !== null && !(buffer.fraction >= 0 && buffer.releaseAbove > 0)) {
    refuse("buffer.releaseAbove", buffer.releaseAbove, "above 0, with a fraction of 0 or more");
  }
  const bounded: [string, NumberRule, number][] = [
    ...current.scan.flatMap(({ underlying, extendedMoves }): [string, NumberRule, number][] => {
      const rule = findRule(policy, underlying);
      if (rule === undefined) return [];
      const nearest = Math.min(1, ...extendedMoves.map((move) => Math.abs(move)));
      return [
        [`${underlying} price_scan_range`, rule.priceScanRange, nearest],
        [`${underlying} volatility_up`, rule.volatilityUp, Number.POSITIVE_INFINITY],
      ];
    }),
    ...policy.haircuts.map(({ asset, haircut }): [string, NumberRule, number] => [`${asset} haircut`, haircut, 1]),
  ];
  for (const [name, { floor, cap, tailMultiplier, horizonDays }, below] of bounded) {
    if (!(floor >= 0 && floor <= cap)) refuse(`${name} floor`, floor, `from 0 to its cap of ${cap}`);
    // The price scan range must stay below the extended moves, so that those lie outside the grid.
    if (!(cap < below)) refuse(`${name} cap`, cap, `below ${below}, its nearest extended move`);
    if (!(tailMultiplier > 0)) refuse(`${name} tailMultiplier`, tailMultiplier, "above 0");
    if (!(horizonDays > 0)) refuse(`${name} horizonDays`, horizonDays, "above 0");
  }
}
