/**
 * One band of a tiered schedule. Its haircut applies to the part of the value between the previous band's bound and its
 * own.
 */
export interface HaircutBand {
  /** The upper bound of the band in US dollars, or null for the last band. */
  readonly upToUsd: number | null;
  /** The share of the value that does not count, from 0 to 1. */
  readonly haircut: number;
}

/**
 * How one unit of an asset is priced. `market` takes the snapshot's price as it is. `pegged` is a US-dollar stablecoin,
 * which never counts above par. `redeemable` is a token that a protocol redeems at its own rate, such as staked coins
 * or interest-bearing shares. `pool_token` is a share of a constant-product or weighted pool. It counts at its fair
 * price, never at the value of the pool's reserves at the moment.
 */
export type CollateralValuation = MarketValuation | PeggedValuation | RedeemableValuation | PoolTokenValuation;

export interface MarketValuation {
  readonly kind: "market";
}

export interface PeggedValuation {
  readonly kind: "pegged";
  /**
   * The added haircut is the sum over these tiers of factor x max(0, belowPrice - price), so it rises as the price
   * falls.
   */
  readonly depegTiers: readonly DepegTier[];
  readonly depegShock: DepegShock;
}

/**
 * The shares that both margins ask for because a peg may break either way. They apply to the value borrowed in the
 * stablecoin, and to the value held in it that stands against debts.
 */
export interface DepegShock {
  readonly initial: number;
  readonly maintenance: number;
}

/** Two stablecoins of which one, when held, pays for a debt in the other. */
export interface PegOffset {
  readonly first: string;
  readonly second: string;
  /** The share, from 0 to 1, of the smaller of the two amounts for which no depeg is charged. */
  readonly share: number;
}

export interface DepegTier {
  /** The price, in US dollars per unit and at most 1, below which the tier begins. */
  readonly belowPrice: number;
  /** The share of the value that is cut for each US dollar that the price is below `belowPrice`. */
  readonly factor: number;
}

export interface RedeemableValuation {
  readonly kind: "redeemable";
  /** The asset that the token is redeemed for, itself priced by the market or pegged. */
  readonly redeemsInto: string;
  /**
   * Whether the token has a market, whose price then caps the rate. If so, a snapshot without that price refuses the
   * token.
   */
  readonly isTraded: boolean;
  /** The rate counts up to anchorRate x (1 + maximumGrowthPerDay x days since anchorAtMs). */
  readonly anchorRate: number;
  readonly anchorAtMs: number;
  readonly maximumGrowthPerDay: number;
  /**
   * The greatest fall of the rate that is believed, from 0 to 1. It is a share of the anchor rate, and of the rate of
   * the days before.
   */
  readonly maximumFall: number;
}

export interface PoolTokenValuation {
  readonly kind: "pool_token";
  /**
   * The pool's assets, each priced by the market or pegged, with weights above 0 that add up to 1. Two weights of one
   * half describe a constant-product pool.
   */
  readonly parts: readonly PoolPart[];
}

export interface PoolPart {
  readonly asset: string;
  readonly weight: number;
}

/**
 * An extra haircut on the part of a balance that stands against exposure of the same direction. That part is the value
 * held, up to the exposure of the positions on `underlyings` to a fall of these. The exposure is their greatest net
 * delta, now or after any fall, in US dollars.
 */
export interface WrongWayRule {
  /** The underlyings together with which the asset falls, or `"*"` for all of them. */
  readonly underlyings: readonly string[];
  readonly initialHaircut: number;
  readonly maintenanceHaircut: number;
}

/**
 * An extra haircut on the part of a balance above a limit. The limit is a share of the pool's holdings less its debts,
 * or a share of the asset's daily volume, whichever is lower.
 */
export interface ConcentrationRule {
  /** The share of the pool's holdings less its debts above which the extra haircut applies, or 1 for no such limit. */
  readonly poolShare: number;
  /** The asset's volume in US dollars a day, or null when it is not known and sets no limit. */
  readonly dailyVolumeUsd: number | null;
  /** The share of that daily volume above which the extra haircut applies. */
  readonly volumeShare: number;
  readonly initialHaircut: number;
  readonly maintenanceHaircut: number;
}

/**
 * How much of a balance counts. Each US dollar of its value is cut by the sum of the haircuts that apply to it: its
 * band, the depeg tiers and the two rules. That sum is at most the whole dollar. Debts are never cut.
 */
export interface CollateralParameters {
  readonly asset: string;
  readonly valuation: CollateralValuation;
  /**
   * The haircut bands behind the balance for initial margin. No part of the value has a lower haircut here than for
   * maintenance.
   */
  readonly initialBands: readonly HaircutBand[];
  readonly maintenanceBands: readonly HaircutBand[];
  /**
   * Whether balances of this asset move with its price in the scenarios, so that coin collateral hedges short calls.
   */
  readonly movesInScenarios: boolean;
  readonly wrongWay: WrongWayRule | null;
  readonly concentration: ConcentrationRule | null;
}
