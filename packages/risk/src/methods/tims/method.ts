import { gainsByReciprocal } from "../../model/product-traits.ts";
import { balancesOf, percentText } from "../common/balances.ts";
import { type HeldInstrument, prepareHoldings } from "../common/holding.ts";
import {
  findRow,
  inUsDollars,
  type MarginMethod,
  type MethodRegistration,
  type MethodUnit,
  type PoolCharge,
  plainMethod,
  readsHoldings,
  supports,
} from "../margin-method.ts";
import type { MeasuredUnit, UnitNetting } from "../unit-measure.ts";
import type { TimsMethodParameters } from "./parameters.ts";
import { computeTimsProductGroup, computeTimsRequirement, type TimsProductGroup } from "./requirement.ts";
import { timsParameterRules } from "./shipped.ts";
import { buildTimsPoints, computeTimsPnl } from "./valuation-points.ts";

/**
 * Builds the method `tims`. Each underlying is a class group with its own limits. Gains on one offset losses on another
 * of its product group at the same point in part. One requirement serves as initial and maintenance margin.
 */
function buildTimsMethod(parameters: TimsMethodParameters): MarginMethod {
  const rows = parameters.classes.map((row) => ({
    ...row,
    points: buildTimsPoints(row.down, row.up, parameters.pointCount),
  }));
  return {
    ...plainMethod,
    ...supports("TIMS classes", (underlying) => findRow(rows, underlying) !== undefined),
    unit: readsHoldings((unit) => {
      const { underlying, asOfMs } = unit;
      const { points, minimumRate } = findRow(rows, underlying)!;
      const holdings = prepareHoldings(inUsDollars(unit), asOfMs);
      const pnl = pnlOf(unit, holdings, points);
      const minimumCharge = grossUnits(holdings) * unit.indexPrice * minimumRate;
      const result = computeTimsProductGroup({
        name: underlying,
        offset: 0,
        classGroups: [{ name: underlying, pnl, minimumCharge }],
      });
      const { requirement, scanRequirement, worstPoint } = result;
      const move = worstPoint === null ? null : points[worstPoint]!;
      return {
        initial: requirement,
        maintenance: requirement,
        components: [
          { name: "scan_risk", amount: scanRequirement },
          { name: "minimum_charge", amount: requirement - scanRequirement },
        ],
        worstScenario:
          move === null
            ? null
            : { scenarioId: String(move), label: `${underlying} ${percentText(move)}`, loss: scanRequirement },
        netting: { kind: "tims", pnl, minimumCharge } satisfies TimsNetting,
      };
    }),
    measuredTogether: "all",
    measurePool: (units) => offsetGroups(units, parameters),
  };
}

/** The profit of a class group at each valuation point and its minimum charge, in US dollars. A gain is positive. */
interface TimsNetting extends UnitNetting {
  readonly kind: "tims";
  readonly pnl: Float64Array;
  readonly minimumCharge: number;
}

function isTimsNetting(netting: UnitNetting | null): netting is TimsNetting {
  return netting?.kind === "tims";
}

function pnlOf(unit: MethodUnit, holdings: readonly HeldInstrument[], points: readonly number[]): Float64Array {
  const cash = computeTimsPnl([...holdings, ...balancesOf(unit)], points, unit.indexPrice, "model", unit.asOfMs);
  // In the coin's pool a profit in cash is worth less coin at a point where the coin has risen.
  return unit.poolIsCoin ? cash.map((profit, point) => profit / (1 + points[point]!)) : cash;
}

/** Returns the units of the underlying in all holdings, longs and shorts added. */
function grossUnits(holdings: readonly HeldInstrument[]): number {
  let units = 0;
  for (const { quoted, quantity } of holdings) {
    const { instrument, markPrice } = quoted;
    const isDollars = gainsByReciprocal(instrument);
    units += Math.abs(quantity) * (isDollars ? instrument.contractSize / markPrice : instrument.contractSize);
  }
  return units;
}

/**
 * Returns a credit for each underlying of a product group whose requirement is below the sum of its members'. The
 * credit is negative, and members share it in proportion to what they ask. If `portfolioOffset` is above 0 and several
 * groups are held, the groups also offset each other at that share.
 */
function offsetGroups(
  units: readonly MeasuredUnit[],
  { productGroups, portfolioOffset }: TimsMethodParameters,
): PoolCharge[] {
  const groups = productGroups.map(({ name, underlyings, offset }) => {
    const members = units.filter(
      ({ underlying, netting }) => isTimsNetting(netting) && underlyings.includes(underlying),
    );
    const classGroups = members.flatMap(({ underlying, netting }) =>
      isTimsNetting(netting) ? [{ name: underlying, pnl: netting.pnl, minimumCharge: netting.minimumCharge }] : [],
    );
    return { members, group: { name, offset, classGroups } satisfies TimsProductGroup };
  });
  const held = groups.filter(({ members }) => members.length > 0);
  if (portfolioOffset > 0 && held.length > 1) {
    const together = { name: "portfolio", offset: portfolioOffset, productGroups: held.map(({ group }) => group) };
    const { requirement } = computeTimsRequirement(together);
    return shareCredit(
      held.flatMap(({ members }) => members),
      requirement,
    );
  }
  return held.flatMap(({ members, group }) => shareCredit(members, computeTimsProductGroup(group).requirement));
}

function shareCredit(members: readonly MeasuredUnit[], together: number): PoolCharge[] {
  const apart = members.reduce((sum, { initial }) => sum + initial, 0);
  const saved = Math.max(0, apart - together);
  if (members.length < 2 || !(saved > 0)) return [];
  return members.map(({ underlying, initial }) => {
    const credit = 0 - saved * (initial / apart);
    return { name: "product_group_credit", underlying, initial: credit, maintenance: credit };
  });
}

export const timsMethod: MethodRegistration<TimsMethodParameters> = {
  ...timsParameterRules,
  formulas: 3,
  build: buildTimsMethod,
};
