import { SECONDS_PER_HOUR } from "../numbers/index.ts";

/**
 * The parameters by which a Derive auction sells an account (derivexyz/v2-core; docs/sources.md, Derive auctions).
 * Shares are 0 to 1.
 */
export interface DeriveAuctionParameters {
  /** The share of the account's mark at which the auction starts, and then the share at which its fast part ends. */
  readonly startingMarkShare: number;
  readonly fastCutoffMarkShare: number;
  readonly fastLengthSeconds: number;
  readonly slowLengthSeconds: number;
  /**
   * The time in which the payout of an insolvent auction grows, in seconds. It starts at what the mark is below 0 and
   * ends at what Derive's maintenance margin is below 0.
   */
  readonly insolventLengthSeconds: number;
  /**
   * The share of the value that could be sold at the mark that goes to the security module when a solvent auction
   * starts.
   */
  readonly liquidatorFeeRate: number;
  /** The buffer above maintenance margin to which an account is liquidated, as a share of its requirement. */
  readonly bufferShare: number;
  /** The mark in stablecoins below which an account may be taken whole. */
  readonly markCutoff: number;
}

/** The published mainnet parameters (derivexyz/v2-core, scripts/config-mainnet.sol, read in the file itself). */
export const deriveAuctionMainnetParameters: DeriveAuctionParameters = {
  startingMarkShare: 0.95,
  fastCutoffMarkShare: 0.7,
  fastLengthSeconds: 900,
  slowLengthSeconds: 43_200,
  insolventLengthSeconds: SECONDS_PER_HOUR,
  liquidatorFeeRate: 0.1,
  bufferShare: 0.15,
  markCutoff: 0,
};

/**
 * An account at one moment of its auction, in stablecoins. The cash that bidders have paid is part of both `mark` and
 * `maintenanceSurplus`.
 */
export interface AuctionedAccount {
  /** The equity at the marks. */
  readonly mark: number;
  /**
   * The equity less the maintenance requirement, which Derive calls maintenance margin. It is below 0 while the account
   * is sold.
   */
  readonly maintenanceSurplus: number;
  /** The cash that earlier bidders of this auction have paid. Later bidders do not buy it. */
  readonly reservedCash: number;
}

/**
 * Returns the equity less the requirement with its buffer: maintenance surplus + buffer x (maintenance surplus - mark).
 */
export function bufferSurplus(account: AuctionedAccount, bufferShare: number): number {
  return account.maintenanceSurplus + bufferShare * (account.maintenanceSurplus - account.mark);
}

/**
 * Returns the share of the mark at which a solvent auction sells, `secondsSinceStart` after its start. It falls
 * linearly from the starting share to the cutoff in the fast part, and linearly on to 0 in the slow part. After that it
 * is 0.
 */
export function auctionMarkShare(
  secondsSinceStart: number,
  parameters: Pick<
    DeriveAuctionParameters,
    "startingMarkShare" | "fastCutoffMarkShare" | "fastLengthSeconds" | "slowLengthSeconds"
  >,
): number {
  const { startingMarkShare, fastCutoffMarkShare, fastLengthSeconds, slowLengthSeconds } = parameters;
  if (secondsSinceStart < fastLengthSeconds) {
    return startingMarkShare - (startingMarkShare - fastCutoffMarkShare) * (secondsSinceStart / fastLengthSeconds);
  }
  if (secondsSinceStart >= fastLengthSeconds + slowLengthSeconds) return 0;
  return fastCutoffMarkShare * (1 - (secondsSinceStart - fastLengthSeconds) / slowLengthSeconds);
}

/**
 * Returns the greatest portion of the account that may be sold at a share d of its mark: BM / (BM - mark d - R (1 -
 * d)). R is the reserved cash, and BM the buffer surplus, which is exactly 0 after that sale. The portion is 0 if there
 * is no shortfall, and 1 if the mark is below the cutoff.
 */
export function greatestPortion(
  account: AuctionedAccount,
  markShare: number,
  parameters: Pick<DeriveAuctionParameters, "bufferShare" | "markCutoff">,
): number {
  if (account.mark < parameters.markCutoff) return 1;
  const buffer = Math.min(0, bufferSurplus(account, parameters.bufferShare));
  if (buffer === 0) return 0;
  return buffer / (buffer - account.mark * markShare - account.reservedCash * (1 - markShare));
}

/**
 * Returns the fee that a solvent account pays when its auction starts: rate x mark of the portion that could be sold at
 * the mark.
 */
export function auctionFee(account: AuctionedAccount, parameters: DeriveAuctionParameters): number {
  return (
    greatestPortion({ ...account, reservedCash: 0 }, 1, parameters) *
    Math.abs(account.mark) *
    parameters.liquidatorFeeRate
  );
}

/** The effects of one bid. Amounts are in stablecoins. */
export interface AuctionBid {
  readonly bufferSurplus: number;
  readonly markShare: number;
  readonly greatestPortion: number;
  readonly portionTaken: number;
  /** The cash that the bidder pays to the account, at least 0. */
  readonly cashFromBidder: number;
  /** The cash that the security module pays to the bidder, at least 0. */
  readonly cashToBidder: number;
  /** The rest of the account after the bid, with the cash. */
  readonly after: AuctionedAccount;
  readonly bufferSurplusAfter: number;
  readonly terminates: boolean;
}

/**
 * Computes a bid for a portion of a solvent account. The bidder takes that portion of everything but the reserved cash,
 * and pays the share of its mark that auctionMarkShare gives. A bid for the greatest portion or more gets the greatest
 * portion, and ends the auction. Throws a RangeError if the portion is not above 0 and at most 1.
 */
export function bidOnSolventAccount(
  account: AuctionedAccount,
  secondsSinceStart: number,
  requestedPortion: number,
  parameters: DeriveAuctionParameters,
): AuctionBid {
  requirePortion(requestedPortion);
  const markShare = auctionMarkShare(secondsSinceStart, parameters);
  const greatest = greatestPortion(account, markShare, parameters);
  const portionTaken = Math.min(requestedPortion, greatest);
  const cashFromBidder = Math.max(0, (account.mark - account.reservedCash) * markShare) * portionTaken;
  const after = soldPortion(account, portionTaken, cashFromBidder);
  return {
    bufferSurplus: bufferSurplus(account, parameters.bufferShare),
    markShare,
    greatestPortion: greatest,
    portionTaken,
    cashFromBidder,
    cashToBidder: 0,
    after,
    bufferSurplusAfter: bufferSurplus(after, parameters.bufferShare),
    terminates: requestedPortion >= greatest,
  };
}

/**
 * Returns what the security module pays for taking a whole insolvent account, at least 0. It grows in time from what
 * the mark is below 0 to what the maintenance surplus is below 0.
 */
function insolventPayout(account: AuctionedAccount, secondsSinceStart: number, insolventLengthSeconds: number): number {
  if (account.maintenanceSurplus >= 0) return 0;
  const start = Math.max(0, -account.mark);
  const share = Math.min(1, secondsSinceStart / insolventLengthSeconds);
  return start + (-account.maintenanceSurplus - start) * share;
}

/**
 * Computes a bid for a portion of an insolvent account, for which the security module pays the bidder. Only a bid for
 * the whole account ends the auction. Throws a RangeError if the portion is not above 0 and at most 1.
 */
export function bidOnInsolventAccount(
  account: AuctionedAccount,
  secondsSinceStart: number,
  requestedPortion: number,
  parameters: DeriveAuctionParameters,
): AuctionBid {
  requirePortion(requestedPortion);
  const payout = insolventPayout(account, secondsSinceStart, parameters.insolventLengthSeconds);
  const after = soldPortion(account, requestedPortion, 0);
  return {
    bufferSurplus: bufferSurplus(account, parameters.bufferShare),
    markShare: 0,
    greatestPortion: 1,
    portionTaken: requestedPortion,
    cashFromBidder: 0,
    cashToBidder: payout * requestedPortion,
    after,
    bufferSurplusAfter: bufferSurplus(after, parameters.bufferShare),
    terminates: requestedPortion === 1,
  };
}

/** Returns the account after a portion of everything but the reserved cash is gone and cash has come in. */
function soldPortion(account: AuctionedAccount, portion: number, cash: number): AuctionedAccount {
  const { reservedCash } = account;
  const left = (figure: number): number => (figure - reservedCash) * (1 - portion) + reservedCash + cash;
  return {
    mark: left(account.mark),
    maintenanceSurplus: left(account.maintenanceSurplus),
    reservedCash: reservedCash + cash,
  };
}

function requirePortion(portion: number): void {
  if (!(portion > 0 && portion <= 1)) {
    throw new RangeError(`Auction: requestedPortion is ${portion}; it must be above 0 and at most 1`);
  }
}
