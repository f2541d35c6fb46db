import type { VolatilityMoveParameters } from "../../model/scan.ts";
import {
  between,
  type ListBounds,
  type ObjectBounds,
  type Refusal,
  rate,
  refuseRepeats,
  rowsByUnderlying,
  symbol,
} from "../bounds.ts";
import { volatilityMoves } from "../common/scan-bounds.ts";
import { type SizedParameters, sized } from "../size/parameters.ts";

/**
 * The volatility move of a scenario. The two skew moves change volatilities away from the money and leave volatility at
 * the money unchanged.
 */
export type DeriveVolatilityMove = "up" | "none" | "down" | "linear_skew" | "absolute_skew";

export interface DeriveScenario {
  /** The multiplier of the price: 1.18 is 18 % up. */
  readonly priceMultiplier: number;
  readonly volatilityMove: DeriveVolatilityMove;
  /** The share of the profit or loss that counts, which is 1 on the main grid. */
  readonly dampening: number;
}

/** The parameters of the charge for a forward that moves against its spot price. */
export interface DeriveBasisParameters {
  /** The multipliers of the moving part of the forward: at least 1 upwards, at most 1 downwards. */
  readonly upMultiplier: number;
  readonly downMultiplier: number;
  /** The loss of the worse of the two moves is multiplied by constantFactor + annualFactor x years. */
  readonly constantFactor: number;
  readonly annualFactor: number;
}

/** The parameters of the surcharges for feeds that are not trusted, and for a stablecoin below its peg. */
export interface DeriveTrustParameters {
  /**
   * A confidence below this threshold costs (1 - confidence) x confidenceRate x notional. The charge therefore
   * jumps at the threshold.
   */
  readonly confidenceThreshold: number;
  readonly confidenceRate: number;
  /**
   * When the stablecoin's price in US dollars is below pegThreshold, the initial factor grows by
   * pegFactor x the difference.
   */
  readonly pegThreshold: number;
  readonly pegFactor: number;
}

/** The parameters of the skew moves (docs/sources.md, Derive portfolio managers; PMRM_2 only). */
export interface DeriveSkewParameters {
  /** The greatest relative change of a volatility: cap + capPerRootYear x sqrt(years), for each of the two tilts. */
  readonly linearCap: number;
  readonly linearCapPerRootYear: number;
  readonly absoluteCap: number;
  readonly absoluteCapPerRootYear: number;
  /** The log-moneyness at which the cap is reached: max(minimumWidth, widthScale x sqrt(years) x volatility). */
  readonly minimumWidth: number;
  readonly widthScale: number;
  /** The volatility in that width: volatilityConstant + volatilityPerRootYear x sqrt(years). */
  readonly volatilityConstant: number;
  readonly volatilityPerRootYear: number;
}

export interface Pmrm1Parameters {
  /** The scenarios, in which volatility moves up, stays or moves down. Their dampening is 1. */
  readonly scenarios: readonly DeriveScenario[];
  /** The volatility moves. PMRM has no floor on volatility moved up, so minimumVolatilityUp is 0. */
  readonly volatility: VolatilityMoveParameters;
  readonly basis: DeriveBasisParameters;
  /**
   * When the value of an expiry in a scenario is positive, it is multiplied by base x exp(-years x (rate x
   * multiplier + addend)).
   */
  readonly discount: {
    readonly ownedBase: number;
    readonly ownedRateMultiplier: number;
    readonly ownedRateAddend: number;
  };
  /**
   * The rates of the spot notional that are charged in both requirements: for perpetuals, for the underlying held, and
   * for naked short options.
   */
  readonly contingency: {
    readonly perpetualRate: number;
    readonly baseRate: number;
    readonly optionRate: number;
  };
  readonly trust: DeriveTrustParameters;
  /**
   * The factor by which initial margin multiplies the worst loss and contingencies together. Maintenance
   * margin counts them once.
   */
  readonly initialFactor: number;
}

/** The parameters of the static discounts on the shocked value of an expiry, by base and annual rate. */
export interface Pmrm2DiscountParameters {
  /** The factor on a value that is owned: base x exp(-years x (rate x multiplier + addend)). */
  readonly ownedBase: number;
  readonly ownedRateMultiplier: number;
  readonly ownedRateAddend: number;
  /**
   * The factor on a value that is owed: base x exp(+years x (rate x multiplier + addend)), up to the
   * undiscounted value.
   */
  readonly owedBase: number;
  readonly owedRateMultiplier: number;
  readonly owedRateAddend: number;
}

/**
 * The rates of the spot notional that are charged beside the scan. Initial margin has the additional initial rates on
 * top of the maintenance rates.
 */
export interface Pmrm2ContingencyParameters {
  readonly perpetualMaintenanceRate: number;
  readonly perpetualAdditionalInitialRate: number;
  /** The rates of the spot notional of naked short options. */
  readonly optionMaintenanceRate: number;
  readonly optionAdditionalInitialRate: number;
}

export interface Pmrm2Parameters {
  readonly scenarios: readonly DeriveScenario[];
  readonly volatility: VolatilityMoveParameters;
  readonly skew: DeriveSkewParameters;
  readonly basis: DeriveBasisParameters;
  readonly discount: Pmrm2DiscountParameters;
  readonly contingency: Pmrm2ContingencyParameters;
  readonly trust: DeriveTrustParameters;
  /** The share of the worst loss that counts in each requirement. */
  readonly initialFactor: number;
  readonly maintenanceFactor: number;
}

/** The terms of one underlying, which Derive calls a market. */
export interface SrmUnderlyingParameters {
  /** The rates of the perpetual's notional at the perpetual's own price. */
  readonly perpetual: { readonly initialRate: number; readonly maintenanceRate: number };
  readonly option: {
    /**
     * The initial margin of a short option: max(maximumSpotRate - out-of-the-money share, minimumSpotRate) x
     * spot, plus the mark.
     */
    readonly maximumSpotRate: number;
    readonly minimumSpotRate: number;
    /**
     * The maintenance margin of a short option: its spot rate x spot, plus the mark. For a put, putMaintenanceMarkRate
     * x mark replaces the first term when it is greater.
     */
    readonly callMaintenanceSpotRate: number;
    readonly putMaintenanceSpotRate: number;
    readonly putMaintenanceMarkRate: number;
    /** The initial margin of a short put is at least this number times its maintenance margin. */
    readonly putInitialToMaintenance: number;
    /**
     * The shares of the forward that one call sold beyond the calls held can lose at most. They apply to the margin by
     * the greatest loss at settlement.
     */
    readonly unpairedCallInitial: number;
    readonly unpairedCallMaintenance: number;
  };
  /** A confidence below its threshold adds (1 - confidence) x confidenceRate x spot notional to initial margin. */
  readonly trust: {
    readonly perpetualThreshold: number;
    readonly optionThreshold: number;
    readonly baseThreshold: number;
    readonly confidenceRate: number;
  };
  /**
   * The value of the underlying held counts with maintenanceFactor. For initial margin it is further
   * multiplied by initialScale.
   */
  readonly base: { readonly maintenanceFactor: number; readonly initialScale: number };
}

export interface SrmParameters {
  /**
   * When the stablecoin's price is below threshold, initial margin adds (threshold - price) x factor x the spot
   * notional of perpetuals and short options.
   */
  readonly depeg: { readonly threshold: number; readonly factor: number };
  /** The terms by market name. Margining a market without terms is an error. */
  readonly markets: Readonly<Record<string, SrmUnderlyingParameters>>;
}

/** The parameters of the method `derive_pmrm_2`. It margins only the underlyings listed. */
export interface Pmrm2MethodParameters extends Pmrm2Parameters, SizedParameters {
  readonly underlyings: readonly string[];
}

/** The parameters of the method `derive_pmrm_1`. It margins only the underlyings listed. */
export interface Pmrm1MethodParameters extends Pmrm1Parameters, SizedParameters {
  readonly underlyings: readonly string[];
}

/** The parameters of the method `derive_srm`. It margins only underlyings that have terms. */
export interface SrmMethodParameters extends SizedParameters {
  readonly depeg: SrmParameters["depeg"];
  /** The terms, one row per underlying. */
  readonly markets: readonly (SrmUnderlyingParameters & { readonly underlying: string })[];
}

/** Returns the bounds of a number above 0 and at most `most`. */
const upTo = (most: number) => ({ kind: "number", above: 0, most }) as const;

const scenarioBounds: ObjectBounds<DeriveScenario> = {
  kind: "object",
  members: {
    priceMultiplier: between(0, 100),
    volatilityMove: { kind: "choice", of: ["up", "none", "down", "linear_skew", "absolute_skew"] },
    dampening: rate,
  },
};

const isSkew = ({ volatilityMove }: DeriveScenario) => volatilityMove.endsWith("skew");

function refuseScenarios(scenarios: readonly DeriveScenario[]): Refusal[] {
  const isUnmoved = scenarios.some(
    ({ priceMultiplier, volatilityMove }) => priceMultiplier === 1 && volatilityMove === "none",
  );
  const refusals: Refusal[] = isUnmoved
    ? []
    : [{ path: [], value: `${scenarios.length} scenarios`, allowed: "with one that moves nothing" }];
  for (const [index, scenario] of scenarios.entries()) {
    const { priceMultiplier: value } = scenario;
    if (!isSkew(scenario) || value === 1) continue;
    refusals.push({ path: [index, "priceMultiplier"], value, allowed: "1, for a skew move leaves the price" });
  }
  return refusals;
}

const scenarios: ListBounds<DeriveScenario> = {
  kind: "list",
  of: scenarioBounds,
  fewest: 1,
  most: 1024,
  rules: refuseScenarios,
};

const volatility: ObjectBounds<VolatilityMoveParameters> = { kind: "object", members: volatilityMoves };

const basis: ObjectBounds<DeriveBasisParameters> = {
  kind: "object",
  members: {
    upMultiplier: between(1, 10),
    downMultiplier: upTo(1),
    constantFactor: between(0, 100),
    annualFactor: between(0, 100),
  },
};

const trust: ObjectBounds<DeriveTrustParameters> = {
  kind: "object",
  members: {
    confidenceThreshold: rate,
    confidenceRate: between(0, 100),
    pegThreshold: rate,
    pegFactor: between(0, 100),
  },
};

const owned: ObjectBounds<Pmrm1Parameters["discount"]>["members"] = {
  ownedBase: upTo(1),
  ownedRateMultiplier: between(0, 10),
  ownedRateAddend: between(0, 10),
};

const underlyings: ListBounds<string> = {
  kind: "list",
  of: symbol,
  fewest: 1,
  most: 256,
  rules: (names) => refuseRepeats(names, (index) => [index]),
};

export const pmrm2Bounds: ObjectBounds<Pmrm2MethodParameters> = {
  kind: "object",
  members: {
    ...sized,
    underlyings,
    scenarios,
    volatility,
    skew: {
      kind: "object",
      members: {
        linearCap: between(0, 10),
        linearCapPerRootYear: between(-10, 10),
        absoluteCap: between(0, 10),
        absoluteCapPerRootYear: between(-10, 10),
        minimumWidth: upTo(10),
        widthScale: between(0, 100),
        volatilityConstant: between(0, 10),
        volatilityPerRootYear: between(0, 10),
      },
    },
    basis,
    discount: {
      kind: "object",
      members: {
        ...owned,
        owedBase: between(1, 10),
        owedRateMultiplier: between(0, 10),
        owedRateAddend: between(0, 10),
      },
    },
    contingency: {
      kind: "object",
      members: {
        perpetualMaintenanceRate: rate,
        perpetualAdditionalInitialRate: rate,
        optionMaintenanceRate: rate,
        optionAdditionalInitialRate: rate,
      },
    },
    trust,
    initialFactor: upTo(10),
    maintenanceFactor: upTo(10),
  },
  rules: ({ initialFactor, maintenanceFactor: value }) =>
    value > initialFactor
      ? [{ path: ["maintenanceFactor"], value, allowed: `at most initial_factor, which is ${initialFactor}` }]
      : [],
};

export const pmrm1Bounds: ObjectBounds<Pmrm1MethodParameters> = {
  kind: "object",
  members: {
    ...sized,
    underlyings,
    scenarios: {
      ...scenarios,
      rules: (list) => {
        const allowed = "without skew moves, which PMRM does not have";
        return [...refuseScenarios(list), ...(list.some(isSkew) ? [{ path: [], value: list, allowed }] : [])];
      },
    },
    volatility,
    basis,
    discount: { kind: "object", members: owned },
    contingency: { kind: "object", members: { perpetualRate: rate, baseRate: rate, optionRate: rate } },
    trust,
    initialFactor: between(1, 10),
  },
};

const marketBounds: ObjectBounds<SrmMethodParameters["markets"][number]> = {
  kind: "object",
  members: {
    underlying: symbol,
    perpetual: { kind: "object", members: { initialRate: rate, maintenanceRate: rate } },
    option: {
      kind: "object",
      members: {
        maximumSpotRate: rate,
        minimumSpotRate: rate,
        callMaintenanceSpotRate: rate,
        putMaintenanceSpotRate: rate,
        putMaintenanceMarkRate: rate,
        putInitialToMaintenance: between(1, 10),
        unpairedCallInitial: between(0, 10),
        unpairedCallMaintenance: between(0, 10),
      },
    },
    trust: {
      kind: "object",
      members: {
        perpetualThreshold: rate,
        optionThreshold: rate,
        baseThreshold: rate,
        confidenceRate: between(0, 100),
      },
    },
    base: { kind: "object", members: { maintenanceFactor: rate, initialScale: rate } },
  },
  rules: ({ perpetual, option }) => {
    const pairs = [
      [["perpetual", "maintenanceRate"], perpetual.maintenanceRate, "initial_rate", perpetual.initialRate],
      [["option", "minimumSpotRate"], option.minimumSpotRate, "maximum_spot_rate", option.maximumSpotRate],
      [
        ["option", "callMaintenanceSpotRate"],
        option.callMaintenanceSpotRate,
        "minimum_spot_rate",
        option.minimumSpotRate,
      ],
      [
        ["option", "unpairedCallMaintenance"],
        option.unpairedCallMaintenance,
        "unpaired_call_initial",
        option.unpairedCallInitial,
      ],
    ] as const;
    return pairs.flatMap(([path, value, name, bound]) =>
      value > bound ? [{ path, value, allowed: `at most ${name}, which is ${bound}` }] : [],
    );
  },
};

export const srmBounds: ObjectBounds<SrmMethodParameters> = {
  kind: "object",
  members: {
    ...sized,
    depeg: { kind: "object", members: { threshold: rate, factor: between(0, 100) } },
    markets: rowsByUnderlying(marketBounds, 1),
  },
};
