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

/** What volatility does in a scenario; the two skew moves tilt the wings and leave the money where it is. */
export type DeriveVolatilityMove = "up" | "none" | "down" | "linear_skew" | "absolute_skew";

export interface DeriveScenario {
  /** Multiplier of the price: 1.18 is 18 % up. */
  readonly priceMultiplier: number;
  readonly volatilityMove: DeriveVolatilityMove;
  /** Share of the profit or loss that counts, 1 on the main grid. */
  readonly dampening: number;
}

/** The charge for a forward that moves against its spot. */
export interface DeriveBasisParameters {
  /** Multipliers of the moving part of the forward, above and below 1. */
  readonly upMultiplier: number;
  readonly downMultiplier: number;
  /** The worse of the two moves counts with constantFactor + annualFactor x years. */
  readonly constantFactor: number;
  readonly annualFactor: number;
}

/** Surcharge for feeds that are not trusted, and for a stablecoin below its peg. */
export interface DeriveTrustParameters {
  /** A confidence below this is charged (1 - confidence) x confidenceRate of the notional: a jump at the threshold. */
  readonly confidenceThreshold: number;
  readonly confidenceRate: number;
  /** Below this US dollar price of the stablecoin the initial factor grows by the difference x pegFactor. */
  readonly pegThreshold: number;
  readonly pegFactor: number;
}

/** How far the wings of the volatility smile are tilted (docs/sources.md, Derive portfolio managers; PMRM_2 only). */
export interface DeriveSkewParameters {
  /** Greatest relative change of a volatility: cap + capPerRootYear x sqrt(years), for each of the two tilts. */
  readonly linearCap: number;
  readonly linearCapPerRootYear: number;
  readonly absoluteCap: number;
  readonly absoluteCapPerRootYear: number;
  /** Log-moneyness at which the cap is reached: at least minimumWidth, else widthScale x sqrt(years) x volatility. */
  readonly minimumWidth: number;
  readonly widthScale: number;
  /** The volatility of that width: volatilityConstant + volatilityPerRootYear x sqrt(years). */
  readonly volatilityConstant: number;
  readonly volatilityPerRootYear: number;
}

export interface Pmrm1Parameters {
  /** Volatility moves up, none or down; dampening 1. */
  readonly scenarios: readonly DeriveScenario[];
  /** Without a floor on volatility moved up: minimumVolatilityUp is 0. */
  readonly volatility: VolatilityMoveParameters;
  readonly basis: DeriveBasisParameters;
  /** An expiry that is worth something in a scenario counts with base x exp(-years x (rate x multiplier + addend)). */
  readonly discount: {
    readonly ownedBase: number;
    readonly ownedRateMultiplier: number;
    readonly ownedRateAddend: number;
  };
  /** Rates of the spot notional charged in both requirements: perpetuals, base held, naked short options. */
  readonly contingency: {
    readonly perpetualRate: number;
    readonly baseRate: number;
    readonly optionRate: number;
  };
  readonly trust: DeriveTrustParameters;
  /** Initial margin holds this share of worst loss and contingencies together; maintenance margin holds them once. */
  readonly initialFactor: number;
}

/** Static discounts of shocked expiry values, by base and annual rate. */
export interface Pmrm2DiscountParameters {
  /** Owned: base x exp(-years x (rate x multiplier + addend)). */
  readonly ownedBase: number;
  readonly ownedRateMultiplier: number;
  readonly ownedRateAddend: number;
  /** Owed: base x exp(+years x (rate x multiplier + addend)), at most the undiscounted value. */
  readonly owedBase: number;
  readonly owedRateMultiplier: number;
  readonly owedRateAddend: number;
}

/** Rates of notional charged beside the scan; the initial ones are on top of the maintenance ones. */
export interface Pmrm2ContingencyParameters {
  readonly perpetualMaintenanceRate: number;
  readonly perpetualAdditionalInitialRate: number;
  /** Of the spot notional of naked short options. */
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
  /** Share of the worst loss that each requirement holds. */
  readonly initialFactor: number;
  readonly maintenanceFactor: number;
}

/** Terms of one market. */
export interface SrmMarketParameters {
  /** Rates of the perpetual's notional at its own price. */
  readonly perpetual: { readonly initialRate: number; readonly maintenanceRate: number };
  readonly option: {
    /** Short options, initial: max(maximumSpotRate - out-of-the-money share, minimumSpotRate) of spot, plus the mark. */
    readonly maximumSpotRate: number;
    readonly minimumSpotRate: number;
    /** Short options, maintenance: this of spot plus the mark; puts at least putMarkRate of their mark plus the mark. */
    readonly callMaintenanceSpotRate: number;
    readonly putMaintenanceSpotRate: number;
    readonly putMaintenanceMarkRate: number;
    /** Initial margin of a short put is at least this times its maintenance margin. */
    readonly putInitialToMaintenance: number;
    /** Shares of the forward that a call short beyond the calls held can lose at most, for the bounded-loss margin. */
    readonly unpairedCallInitial: number;
    readonly unpairedCallMaintenance: number;
  };
  /** A confidence below its threshold charges (1 - confidence) x rate of the spot notional to initial margin. */
  readonly trust: {
    readonly perpetualThreshold: number;
    readonly optionThreshold: number;
    readonly baseThreshold: number;
    readonly confidenceRate: number;
  };
  /** Base held counts with maintenanceFactor, for initial margin further times initialScale. */
  readonly base: { readonly maintenanceFactor: number; readonly initialScale: number };
}

export interface SrmParameters {
  /** Below this stablecoin price initial margin charges (threshold - price) x factor of the spot notional of perpetuals and short options. */
  readonly depeg: { readonly threshold: number; readonly factor: number };
  /** By market name; a market without terms is an error. */
  readonly markets: Readonly<Record<string, SrmMarketParameters>>;
}

/** The method `derive_pmrm_2`; no other underlying is margined. */
export interface Pmrm2MethodParameters extends Pmrm2Parameters, SizedParameters {
  readonly underlyings: readonly string[];
}

/** The method `derive_pmrm_1`; no other underlying is margined. */
export interface Pmrm1MethodParameters extends Pmrm1Parameters, SizedParameters {
  readonly underlyings: readonly string[];
}

/** The method `derive_srm`; an underlying without terms is not margined. */
export interface SrmMethodParameters extends SizedParameters {
  readonly depeg: SrmParameters["depeg"];
  /** By underlying, each once. */
  readonly markets: readonly (SrmMarketParameters & { readonly underlying: string })[];
}

/** Strictly above 0, to `most`. */
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
