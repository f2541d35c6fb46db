import type { VolatilityMoveParameters } from "../../model/scan.ts";
import type { SizedParameters } from "../size/parameters.ts";

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
