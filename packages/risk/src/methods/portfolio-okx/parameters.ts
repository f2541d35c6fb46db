import {
  between,
  label,
  type NumberBounds,
  type ObjectBounds,
  positive,
  type Refusal,
  rate,
  refuseOpenTiers,
  refuseRepeats,
  refuseSharedMembers,
  refuseUnordered,
  rows,
  underlying,
} from "../bounds.ts";
import { type SizedParameters, sized } from "../size/parameters.ts";

/** One tier of the size multiplier of the minimum charge (MR7). */
export interface OkxMinimumChargeTier {
  /** The upper bound of the raw charge in US dollars. It is null for the last tier, which has no bound. */
  readonly upToUsd: number | null;
  readonly multiplier: number;
}

/** One bracket of the charge on amounts hedged between stablecoins (MR9). */
export interface DepegBracket {
  readonly upToUsd: number | null;
  readonly rate: number;
}

export interface OkxParameters {
  readonly label: string;
  /** The price moves of the spot shock on either side, as fractions. They ascend and do not include 0. */
  readonly spotMoves: readonly number[];
  /** The relative volatility moves at 30 days to expiry. Both are positive. */
  readonly volatilityUp: number;
  readonly volatilityDown: number;
  readonly extremeMove: number;
  /** The share of the loss at the extreme move that counts, 0 to 1. */
  readonly extremeLossShare: number;
  readonly thetaDays: number;
  /** The volatility points (0.01) by which two tenors can move apart at 30 days. MR3 charges hedged vega for them. */
  readonly vegaTermPoints: number;
  readonly basisAnnualisedMove: number;
  readonly rateShift: number;
  /** Fees and slippage of unwinding, as shares of the index price per unit of the underlying. */
  readonly unwindFutureRate: number;
  readonly unwindOptionRate: number;
  readonly minimumChargeTiers: readonly OkxMinimumChargeTier[];
  readonly initialFactor: number;
}

/** The parameters that several coins share. `*` stands for every coin that no list names. */
export interface OkxCoinList extends OkxParameters {
  readonly underlyings: readonly string[];
}

/**
 * The charge on amounts hedged between two quote currencies while the weaker of them is worth `fromIndexPrice` or more.
 */
export interface OkxDepegColumn {
  /** The lowest price of the weaker currency at which the column applies, in US dollars per unit. */
  readonly fromIndexPrice: number;
  readonly brackets: readonly DepegBracket[];
}

/** The parameters of the method `portfolio_okx`. */
export interface OkxMethodParameters extends SizedParameters {
  readonly lists: readonly OkxCoinList[];
  /** The columns of MR9, from the highest price down to 0. */
  readonly depeg: readonly OkxDepegColumn[];
  /** The rates of MR8 by asset. `*` serves every asset that is not listed. */
  readonly borrowing: readonly BorrowingRates[];
}

/** The margin of a borrowed asset, as shares of its value. */
export interface BorrowingRates {
  readonly asset: string;
  readonly initialRate: number;
  readonly maintenanceRate: number;
}

const spotMove: NumberBounds = { kind: "number", above: 0, below: 1 };

const listBounds: ObjectBounds<OkxCoinList> = {
  kind: "object",
  members: {
    underlyings: { kind: "list", of: underlying, fewest: 1, most: 256 },
    label,
    spotMoves: { kind: "list", of: spotMove, fewest: 1, most: 16 },
    volatilityUp: between(0, 10),
    volatilityDown: { kind: "number", least: 0, below: 1 },
    extremeMove: spotMove,
    extremeLossShare: rate,
    thetaDays: between(0, 30),
    vegaTermPoints: between(0, 100),
    basisAnnualisedMove: between(0, 10),
    rateShift: rate,
    unwindFutureRate: rate,
    unwindOptionRate: rate,
    minimumChargeTiers: {
      kind: "list",
      of: {
        kind: "object",
        members: { upToUsd: { kind: "nullable", of: positive }, multiplier: between(1, 1000) },
      },
      fewest: 1,
      most: 32,
    },
    initialFactor: between(1, 10),
  },
  rules: ({ spotMoves, extremeMove, minimumChargeTiers: tiers }) => {
    const refusals = refuseUnordered(spotMoves, (index) => ["spotMoves", index]);
    const widest = spotMoves[spotMoves.length - 1] ?? 0;
    if (!(extremeMove > widest)) {
      const allowed = `above the widest spot move of ${widest}`;
      refusals.push({ path: ["extremeMove"], value: extremeMove, allowed });
    }
    const tops = tiers.map((tier) => tier.upToUsd);
    refusals.push(...refuseOpenTiers(tops, (index) => ["minimumChargeTiers", index, "upToUsd"]));
    for (let index = 1; index < tiers.length; index += 1) {
      const before = tiers[index - 1]?.multiplier ?? 0;
      const value = tiers[index]?.multiplier ?? 0;
      if (value >= before) continue;
      const allowed = `at least the ${before} of the tier before`;
      refusals.push({ path: ["minimumChargeTiers", index, "multiplier"], value, allowed });
    }
    return refusals;
  },
};

const depegBounds: ObjectBounds<OkxDepegColumn> = {
  kind: "object",
  members: {
    fromIndexPrice: rate,
    brackets: {
      kind: "list",
      of: { kind: "object", members: { upToUsd: { kind: "nullable", of: positive }, rate } },
      fewest: 1,
      most: 32,
    },
  },
  rules: ({ brackets }) =>
    refuseOpenTiers(
      brackets.map((bracket) => bracket.upToUsd),
      (index) => ["brackets", index, "upToUsd"],
    ),
};

const borrowingBounds: ObjectBounds<BorrowingRates> = {
  kind: "object",
  members: { asset: underlying, initialRate: between(0, 10), maintenanceRate: rate },
  rules: ({ initialRate, maintenanceRate }) =>
    maintenanceRate <= initialRate
      ? []
      : [
          {
            path: ["maintenanceRate"],
            value: maintenanceRate,
            allowed: `at most initial_rate, which is ${initialRate}`,
          },
        ],
};

export const okxBounds: ObjectBounds<OkxMethodParameters> = {
  kind: "object",
  members: {
    ...sized,
    lists: rows(listBounds, 1),
    depeg: { kind: "list", of: depegBounds, fewest: 1, most: 32 },
    borrowing: rows(borrowingBounds, 0),
  },
  rules: ({ lists, depeg, borrowing }) => {
    const refusals: Refusal[] = refuseSharedMembers(lists, "lists", "in one list, once");
    refusals.push(
      ...refuseUnordered(
        depeg.map((column) => -column.fromIndexPrice),
        (index) => ["depeg", index, "fromIndexPrice"],
      ),
    );
    const lowest = depeg[depeg.length - 1]?.fromIndexPrice;
    if (lowest !== 0) {
      const allowed = "0 in the last column, for any price";
      refusals.push({ path: ["depeg", depeg.length - 1, "fromIndexPrice"], value: lowest, allowed });
    }
    const assets = borrowing.map(({ asset }) => asset);
    if (!assets.includes("*")) {
      refusals.push({ path: ["borrowing"], value: assets.join(", "), allowed: 'one entry for "*": any other asset' });
    }
    refusals.push(...refuseRepeats(assets, (index) => ["borrowing", index, "asset"]));
    return refusals;
  },
};
