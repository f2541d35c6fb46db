/** How a Derive auction sells an account (derivexyz/v2-core; docs/sources.md, Derive auctions). Shares are 0 to 1. */
export interface DeriveAuctionParameters {
  /** Share of the account's mark at which the auction starts, and at which the fast part ends. */
  readonly startingMarkShare: number;
  readonly fastCutoffMarkShare: number;
  readonly fastLengthSeconds: number;
  readonly slowLengthSeconds: number;
  /** Time in which the payout of an insolvent auction grows from the negative mark to the maintenance margin. */
  readonly insolventLengthSeconds: number;
  /** Share of what could be sold at the mark that goes to the security module when a solvent auction starts. */
  readonly liquidatorFeeRate: number;
  /** How much more than maintenance margin an account is liquidated to, as a share of its requirement. */
  readonly bufferShare: number;
  /** An account with a mark below this may be taken whole. */
  readonly markCutoff: number;
}

/** Published mainnet parameters (derivexyz/v2-core, scripts/config-mainnet.sol, read in the file itself). */
export const deriveAuctionMainnetParameters: DeriveAuctionParameters = {
  startingMarkShare: 0.95,
  fastCutoffMarkShare: 0.7,
  fastLengthSeconds: 900,
  slowLengthSeconds: 43_200,
  insolventLengthSeconds: 3600,
  liquidatorFeeRate: 0.1,
  bufferShare: 0.15,
  markCutoff: 0,
};

/** An account at one moment of its auction, in stablecoins; the cash that bidders have paid is part of both figures. */
export interface AuctionedAccount {
  /** Equity at the marks. */
  readonly mark: number;
  /** Equity less the maintenance requirement, below 0 while the account is sold: Derive's maintenance margin. */
  readonly maintenanceSurplus: number;
  /** Cash paid by earlier bidders of this auction, which later ones do not buy. */
  readonly reservedCash: number;
}

/** Equity less the requirement with its buffer: maintenance surplus + buffer x (maintenance surplus - mark). */
export function bufferSurplus(account: AuctionedAccount, bufferShare: number): number {
  return account.maintenanceSurplus + bufferShare * (account.maintenanceSurplus - account.mark);
}

/**
 * Share of the mark at which a solvent auction sells after so many seconds: from the starting share to the cutoff in the fast
 * part, then to 0 in the slow one, both linear; 0 afterwards.
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
 * Greatest portion of the account that may be sold at a share of its mark: BM / (BM - mark d - R (1 - d)), after which the
 * buffer surplus BM is exactly 0. 0 when there is no shortfall, 1 when the mark is below the cutoff.
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

/** Fee that a solvent account pays when its auction starts: rate x mark of the portion that could be sold at the mark. */
export function auctionFee(account: AuctionedAccount, parameters: DeriveAuctionParameters): number {
  return (
    greatestPortion({ ...account, reservedCash: 0 }, 1, parameters) *
    Math.abs(account.mark) *
    parameters.liquidatorFeeRate
  );
}

/** What one bid does; amounts in stablecoins. */
export interface AuctionBid {
  readonly bufferSurplus: number;
  readonly markShare: number;
  readonly greatestPortion: number;
  readonly portionTaken: number;
  /** Paid by the bidder to the account, at least 0. */
  readonly cashFromBidder: number;
  /** Paid by the security module to the bidder, at least 0. */
  readonly cashToBidder: number;
  /** The account afterwards: what is left of it, with the cash. */
  readonly after: AuctionedAccount;
  readonly bufferSurplusAfter: number;
  readonly terminates: boolean;
}

/**
 * A bid for a portion of a solvent account: the bidder takes that share of everything but the reserved cash, for the share of
 * its mark that the clock gives. Asking for more than the greatest portion gets that portion, and ends the auction.
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
 * What the security module pays for taking a whole insolvent account, at least 0: grows in time from what its mark is short of
 * 0 to what its maintenance margin is short of 0.
 */
function insolventPayout(account: AuctionedAccount, secondsSinceStart: number, insolventLengthSeconds: number): number {
  if (account.maintenanceSurplus >= 0) return 0;
  const start = Math.max(0, -account.mark);
  const share = Math.min(1, secondsSinceStart / insolventLengthSeconds);
  return start + (-account.maintenanceSurplus - start) * share;
}

/** A bid for a portion of an insolvent account; the security module pays the bidder, and the whole account ends the auction. */
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

/** What is left when a portion of everything but the reserved cash is gone and cash has come in. */
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
