/** One band of a tiered schedule: the haircut applies to the part of the value between the previous bound and this. */
export interface HaircutBand {
  /** Upper bound of the band in US dollars; null for the last. */
  readonly upToUsd: number | null;
  /** Share of the value that does not count, 0 to 1. */
  readonly haircut: number;
}

/**
 * How one unit of an asset is priced. `market` takes the snapshot's price as it is; `pegged` is a US-dollar stablecoin that never
 * counts above par; `redeemable` is a token redeemed at a protocol's rate (staked coins, interest-bearing shares); `pool_token` is
 * a share of a constant-product or weighted pool at its fair price, never at its spot reserves.
 */
export type CollateralValuation = MarketValuation | PeggedValuation | RedeemableValuation | PoolTokenValuation;

export interface MarketValuation {
  readonly kind: "market";
}

export interface PeggedValuation {
  readonly kind: "pegged";
  /** Added haircut = sum over the tiers of factor x max(0, belowPrice - price): it rises as the price falls. */
  readonly depegTiers: readonly DepegTier[];
  readonly depegShock: DepegShock;
}

/** Share of what is borrowed, and of what is held against debts, that both margins ask for since a peg may break either way. */
export interface DepegShock {
  readonly initial: number;
  readonly maintenance: number;
}

/** Two stablecoins of which one held pays for a debt in the other. */
export interface PegOffset {
  readonly first: string;
  readonly second: string;
  /** Share of the smaller of the two that no depeg is charged for, 0 to 1. */
  readonly share: number;
}

export interface DepegTier {
  /** US dollars per unit below which the tier begins, at most 1. */
  readonly belowPrice: number;
  /** Share of the value per US dollar that the price is below. */
  readonly factor: number;
}

export interface RedeemableValuation {
  readonly kind: "redeemable";
  /** What it is redeemed for: an asset at its market price or pegged. */
  readonly redeemsInto: string;
  /** Whether it has a market whose price caps the rate; then a snapshot without that price refuses it. */
  readonly isTraded: boolean;
  /** The rate counts up to anchorRate x (1 + maximumGrowthPerDay x days since anchorAtMs). */
  readonly anchorRate: number;
  readonly anchorAtMs: number;
  readonly maximumGrowthPerDay: number;
  /** Share of the anchor, and of what the rate was in the days before, that it is believed to fall by at most: 0 to 1. */
  readonly maximumFall: number;
}

export interface PoolTokenValuation {
  readonly kind: "pool_token";
  /** Assets at their market price or pegged, weights above 0 that add up to 1; two halves are a constant-product pool. */
  readonly parts: readonly PoolPart[];
}

export interface PoolPart {
  readonly asset: string;
  readonly weight: number;
}

/**
 * Extra haircut on the part of a balance that stands against exposure of the same direction: the value held, up to what the
 * positions on `underlyings` lose with when these fall (their greatest net delta, now or after any fall; US dollars).
 */
export interface WrongWayRule {
  /** Underlyings the asset falls together with; `"*"` for all. */
  readonly underlyings: readonly string[];
  readonly initialHaircut: number;
  readonly maintenanceHaircut: number;
}

/** Extra haircut on the part of a balance beyond a share of what the pool holds less what it owes, or of the asset's daily volume. */
export interface ConcentrationRule {
  /** Share of what the pool holds less what it owes above which it hardens; 1 for no such limit. */
  readonly poolShare: number;
  /** US dollars a day; null when it is not known and does not limit. */
  readonly dailyVolumeUsd: number | null;
  /** Share of that volume above which it hardens. */
  readonly volumeShare: number;
  readonly initialHaircut: number;
  readonly maintenanceHaircut: number;
}

/**
 * What a balance counts for. Each US dollar of its value is cut at the sum of what applies to it (its band, the depeg tiers, the
 * two rules), never by more than all of it. Debts are never cut.
 */
export interface CollateralParameters {
  readonly asset: string;
  readonly valuation: CollateralValuation;
  /** Bands of the balance that initial margin is held against; nowhere below those of maintenance. */
  readonly initialBands: readonly HaircutBand[];
  readonly maintenanceBands: readonly HaircutBand[];
  /** Whether balances of this asset move with its price in the scenarios (coin collateral hedges short calls). */
  readonly movesInScenarios: boolean;
  readonly wrongWay: WrongWayRule | null;
  readonly concentration: ConcentrationRule | null;
}
