import { findQuoteFault, isAssetFault, PAR, priceAsset } from "../../collateral/index.ts";
import {
  type Assumption,
  type CollateralBalance,
  expiryMsOf,
  gainsByReciprocal,
  hasStrike,
  type IncompleteReason,
  type Instrument,
  type Position,
  priceCurrency,
  type QuotedInstrument,
  type ScanParameters,
  settlementCurrency,
  traitsOf,
} from "../../model/index.ts";
import { inversePnl, linearPnl, payoff } from "../../pricing/index.ts";
import { isUsablePrice, MAGNITUDE_LIMIT } from "../market/instrument-facts.ts";
import { findScanParameters, findUnderlying, isPegged, type Market } from "../market/market.ts";
import { moveQuotedInstrument } from "../market/move-underlying.ts";
import { type HoldingFault, isUsableEntry } from "./pool-faults.ts";
import { movingCoins } from "./scanned-coins.ts";

/**
 * A holding that a book cannot hold as it is, with what is known of it, from the worst to the best that may be true.
 */
export interface SetAsideHolding {
  readonly reason: Omit<IncompleteReason, "worth">;
  /** The underlying of a position, or the asset of a balance. Where neither is known it is the instrument id. */
  readonly underlying: string;
  /**
   * `worstUsd` and `bestUsd` are the least and the most that it may be worth beyond what the book counts of it, in US
   * dollars. The least is at most 0.
   */
  readonly worstUsd: number;
  readonly bestUsd: number;
  /** The notional in US dollars that may hedge other holdings. It is 0 if the holding hedges nothing. */
  readonly hedgeUsd: number;
  /**
   * The requirement by the rates of `static`, in US dollars; for options that were sold the scan range is added. It is
   * 0 if the holding can lose nothing more.
   */
  readonly initialUsd: number;
  readonly maintenanceUsd: number;
  /**
   * Whether its price is known and only its method has no rule for it. Its requirement then counts as one that rules
   * ask for.
   */
  readonly isMethodFault: boolean;
}

type Known = Omit<SetAsideHolding, "reason"> & Pick<IncompleteReason, "assumed" | "price">;

/**
 * Returns a holding that adds nothing to the figures and has no requirement. By default nothing can be computed of it.
 */
export function nothingKnown(underlying: string, assumed: Assumption = "nothing_known"): Known {
  return { underlying, ...noRequirement, worstUsd: 0, bestUsd: 0, assumed, price: null };
}

/**
 * The price in US dollars that no contract and no coin is assumed to exceed if it has no price. It is so high that an
 * unpriced holding of some size leaves nothing proven.
 */
const DEAREST_USD = 1e6;

/** The factor by which a refused price may be wrong. */
const REFUSED_MULTIPLE = 10;

/** Returns a holding that is left out, and that may be worth or hedge anything that its size allows. */
function unknownOf(underlying: string, size: number): Known {
  const mostUsd = dearestOf(size);
  return { ...nothingKnown(underlying), bestUsd: mostUsd, hedgeUsd: mostUsd };
}

function dearestOf(size: number): number {
  return Math.min(Math.abs(size) * DEAREST_USD, MAGNITUDE_LIMIT);
}

const noRequirement = { hedgeUsd: 0, initialUsd: 0, maintenanceUsd: 0, isMethodFault: false };

/**
 * Returns what is known of all fills of one instrument that the book cannot hold. An option that was bought is worth 0
 * at worst. Anything else is worth its last good mark, unmoved or moved with the index since, whichever is worse. The
 * mark is then moved against the holder by the scan range, and no gain counts. At best it is moved in the holder's
 * favour. With a method fault the mark is sound, so it counts as it is.
 */
export function knownOfPositions(market: Market, fills: readonly Position[], isMethodFault: boolean): Known {
  const [{ instrumentId }] = fills as [Position];
  const net = fills.reduce((sum, { quantity }) => sum + quantity, 0);
  const last = findLastQuote(market, instrumentId);
  if (last === null) return unknownOf(instrumentId, net);
  const { quoted, indexPrice, marks, bestMarks } = last;
  const { instrument } = quoted;
  const { isPaidFor } = traitsOf(instrument);
  const { underlying, contractSize } = instrument;
  const size = net * contractSize;
  const settlement = findPriceRange(market, settlementCurrency(instrument));
  if (settlement === null || marks.length === 0) return unknownOf(underlying, size);
  const scan = scanOfContract(market, instrument);
  const width = isMethodFault ? 0 : scan.priceScanRange;
  const gainsAt = (some: readonly number[]) =>
    some.flatMap((mark) => [mark * (1 - width), mark * (1 + width)]).map((mark) => gainAt(fills, quoted, mark));
  const least = Math.min(...gainsAt(marks));
  const most = Math.max(...gainsAt(bestMarks));
  // A gain that is in doubt is no balance to hold a requirement against.
  const worstUsd = Math.min(0, least * settlement.highUsd);
  const notionalUsd = notionalOf(market, instrument, indexPrice, Math.max(...marks), settlement.highUsd);
  const sizeUsd = Math.abs(size) * notionalUsd;
  // A contract on the ratio of two prices may hedge holdings on either of the two.
  const hedgeUsd = scan.isOfRatio ? 2 * sizeUsd : sizeUsd;
  const knownUsd = most * (most < 0 ? settlement.lowUsd : settlement.highUsd);
  // Only the order of magnitude of a refused price is known. An option that was sold is no gain at any price.
  const isSoldOption = isPaidFor && net <= 0;
  const bestUsd = last.isBlocked && !isMethodFault ? (isSoldOption ? 0 : REFUSED_MULTIPLE * sizeUsd) : knownUsd;
  const price = marks[0]!;
  if (!(Math.abs(worstUsd) + Math.abs(bestUsd) <= MAGNITUDE_LIMIT)) return unknownOf(underlying, size);
  if (isPaidFor && net >= 0) {
    const boughtUsd = Math.max(0, bestUsd);
    const bought = { worstUsd: 0, bestUsd: boughtUsd, isMethodFault, assumed: "counts_for_nothing", price } as const;
    return { underlying, ...noRequirement, ...bought, hedgeUsd };
  }
  // An option that was sold moves with its underlying, and not by a share of a mark that may be close to 0.
  const isAlive = expiryMsOf(instrument) > market.asOfMs;
  const moveRate = hasStrike(instrument) && isAlive && !isMethodFault ? width : 0;
  return {
    underlying,
    worstUsd,
    bestUsd,
    hedgeUsd,
    initialUsd: (scan.staticInitialRate + moveRate) * sizeUsd,
    maintenanceUsd: (scan.staticMaintenanceRate + moveRate) * sizeUsd,
    isMethodFault,
    assumed: isMethodFault ? "static_rates" : "last_good_mark_widened",
    price,
  };
}

/**
 * Returns what is known of a position that the book holds without its unpaid funding. The funding is in doubt by no
 * more than the scan range of the position's notional.
 */
export function knownOfFunding(market: Market, { quantity }: Position, quoted: QuotedInstrument): Known {
  const { instrument, markPrice } = quoted;
  const { underlying, contractSize } = instrument;
  const settlement = findPriceRange(market, settlementCurrency(instrument))!;
  const notionalUsd = notionalOf(market, instrument, quoted.forwardPrice, markPrice, settlement.highUsd);
  const worstUsd = 0 - scanOf(market, underlying).priceScanRange * Math.abs(quantity) * contractSize * notionalUsd;
  return { underlying, ...noRequirement, worstUsd, bestUsd: 0, assumed: "funding_not_counted", price: markPrice };
}

/**
 * Returns what is known of a balance that the book cannot hold. One that is held counts for nothing; at best, if its
 * asset is accepted, it counts at the highest price that it may have. One that is owed counts at worst at its last
 * price raised by the scan range. If only the method has no rule for the asset, the price is sound and a debt counts at
 * it.
 */
export function knownOfBalance(
  market: Market,
  { asset, amount }: CollateralBalance,
  { code, kind }: Pick<HoldingFault, "code" | "kind">,
): Known {
  const range = findPriceRange(market, asset);
  const isMethodFault = kind === "method";
  if (amount > 0) {
    const mostUsd = range === null ? dearestOf(amount) : Math.min(amount * mostOf(range), MAGNITUDE_LIMIT);
    const bestUsd = code === "collateral_not_accepted" ? 0 : mostUsd;
    const price = range === null ? null : range.lastUsd;
    const held = { worstUsd: 0, bestUsd, isMethodFault, assumed: "counts_for_nothing", price } as const;
    return { underlying: asset, ...noRequirement, ...held };
  }
  if (range === null) return nothingKnown(asset);
  const scan = isMethodFault ? scanOfBalance(market, asset) : scanOf(market, asset);
  const worstUsd = amount * range.lastUsd * (isMethodFault ? 1 : 1 + scan.priceScanRange);
  if (!(worstUsd >= -MAGNITUDE_LIMIT)) return nothingKnown(asset);
  const owedUsd = 0 - amount * range.lastUsd;
  return {
    underlying: asset,
    worstUsd,
    hedgeUsd: 0,
    bestUsd: range.isBlocked ? 0 : amount * range.lowUsd,
    initialUsd: scan.staticInitialRate * owedUsd,
    maintenanceUsd: scan.staticMaintenanceRate * owedUsd,
    isMethodFault,
    assumed: isMethodFault ? "static_rates" : "last_good_price_widened",
    price: range.lastUsd,
  };
}

/** Returns the most that one unit of a currency may be worth, in US dollars. */
function mostOf({ lastUsd, highUsd, isBlocked }: NonNullable<ReturnType<typeof findPriceRange>>): number {
  return isBlocked ? REFUSED_MULTIPLE * lastUsd : highUsd;
}

interface LastQuote {
  readonly quoted: QuotedInstrument;
  /** The index price in US dollars: the present one, or without it the one of the quote. */
  readonly indexPrice: number;
  /** The marks that the instrument may have at worst, the last good one first. */
  readonly marks: readonly number[];
  /** The marks that it may have at best. If the present index price is known, only the mark moved with it counts. */
  readonly bestMarks: readonly number[];
  /** Whether the prices of its underlying are refused. */
  readonly isBlocked: boolean;
}

/**
 * Returns the last good quote of an instrument, in the snapshot or lapsed. It is null if the instrument's terms are
 * unknown or not usable.
 */
function findLastQuote(market: Market, instrumentId: string): LastQuote | null {
  const index = market.instrumentIndexes.get(instrumentId);
  const lapsed = market.lapsed.get(instrumentId);
  const quoted = index === undefined ? lapsed?.quoted : market.snapshot.instruments[index]!;
  if (quoted === undefined) return null;
  const { instrument, forwardPrice } = quoted;
  if (!isUsablePrice(instrument.contractSize)) return null;
  if (hasStrike(instrument) && !isUsablePrice(instrument.strike)) return null;
  const state = findUnderlying(market, instrument.underlying);
  const indexNow = state !== undefined && isUsablePrice(state.indexPrice) ? state.indexPrice : null;
  const indexThen = index === undefined ? lapsed!.indexPrice : (indexNow ?? forwardPrice);
  const multiple = indexNow === null || !isUsablePrice(indexThen) ? 1 : indexNow / indexThen;
  const isExpired = expiryMsOf(instrument) <= market.asOfMs;
  const moved = isExpired && hasStrike(instrument) ? quoted : moveQuotedInstrument(quoted, multiple, market.asOfMs);
  const candidates = [quoted.markPrice, moved.markPrice];
  if (isExpired && hasStrike(instrument)) {
    candidates.push(payoff(instrument, forwardPrice), payoff(instrument, forwardPrice * multiple));
  }
  const least = hasStrike(instrument) ? 0 : 1 / MAGNITUDE_LIMIT;
  const usable = (some: readonly number[]) => [
    ...new Set(some.filter((mark) => mark >= least && mark <= MAGNITUDE_LIMIT)),
  ];
  const isBlocked = state?.quality === "blocked";
  const marks = usable(candidates);
  const moves = usable([moved.markPrice]);
  const bestMarks = isExpired || isBlocked || indexNow === null || moves.length === 0 ? marks : moves;
  return { quoted, indexPrice: indexNow ?? indexThen, marks, bestMarks, isBlocked };
}

/**
 * Returns what fills of one instrument are worth at a mark, in settlement currency. A fill without a usable entry price
 * counts from its assumed entry price, or else from the quoted mark.
 */
export function gainAt(
  fills: readonly Position[],
  { instrument, markPrice, funding }: QuotedInstrument,
  mark: number,
): number {
  const { contractSize } = instrument;
  const traits = traitsOf(instrument);
  const isInverse = gainsByReciprocal(instrument);
  let gain = 0;
  for (const { quantity, entryPrice, assumedEntryPrice, fundingIndex } of fills) {
    const size = quantity * contractSize;
    if (traits.isPaidFor) {
      gain += size * mark;
      continue;
    }
    const entry = [entryPrice, assumedEntryPrice ?? markPrice].find((price) => isUsableEntry(traits, price)) ?? mark;
    gain += isInverse ? inversePnl(size, entry, mark) : linearPnl(size, entry, mark);
    const cumulative = funding?.cumulative ?? null;
    if (fundingIndex !== undefined && cumulative !== null) gain -= quantity * (cumulative - fundingIndex);
  }
  return gain;
}

/**
 * Returns the US dollars that one unit of contract size stands for, as `static` counts it. An option stands for its
 * underlying in full.
 */
function notionalOf(market: Market, instrument: Instrument, indexPrice: number, mark: number, settlementUsd: number) {
  if (hasStrike(instrument)) return indexPrice;
  if (gainsByReciprocal(instrument)) {
    return findPriceRange(market, priceCurrency(instrument))?.highUsd ?? 1;
  }
  return mark * settlementUsd;
}

/**
 * Returns the lowest and highest US dollars that one unit of a currency may be worth. Without a usable price they lie
 * around its last price, or around par if it is pegged. The result is null if neither is known.
 */
function findPriceRange(market: Market, currency: string) {
  const state = findUnderlying(market, currency);
  const price = priceAsset(market, currency);
  const isBlocked = state?.quality === "blocked";
  if (!isBlocked && !isAssetFault(price)) {
    return { lastUsd: price.owedUsd, lowUsd: price.heldUsd, highUsd: price.owedUsd, isBlocked };
  }
  const lastUsd = state?.indexPrice ?? (isPegged(market, currency) ? PAR : Number.NaN);
  if (!isUsablePrice(lastUsd)) return null;
  const { priceScanRange } = scanOf(market, currency);
  return { lastUsd, lowUsd: lastUsd * (1 - priceScanRange), highUsd: lastUsd * (1 + priceScanRange), isBlocked };
}

type Rates = Pick<ScanParameters, "priceScanRange" | "staticInitialRate" | "staticMaintenanceRate">;

/** Returns the range and rates of a contract. If its price is a ratio of two moving prices, those of both are added. */
function scanOfContract(market: Market, instrument: Instrument): Rates & { readonly isOfRatio: boolean } {
  const own = scanOf(market, instrument.underlying);
  const isOfRatio = findQuoteFault(instrument, market.collateral) !== null;
  if (!isOfRatio) return { ...own, isOfRatio };
  const quote = scanOf(market, priceCurrency(instrument));
  return {
    priceScanRange: Math.min(WIDEST_RANGE, own.priceScanRange + quote.priceScanRange),
    staticInitialRate: own.staticInitialRate + quote.staticInitialRate,
    staticMaintenanceRate: own.staticMaintenanceRate + quote.staticMaintenanceRate,
    isOfRatio,
  };
}

/**
 * Returns the rates that `static` asks of a debt in an asset, as its borrowing charge does. Each coin's rates count by
 * the power with which the asset moves with it.
 */
function scanOfBalance(market: Market, asset: string): Rates {
  const sum = { priceScanRange: 0, staticInitialRate: 0, staticMaintenanceRate: 0 };
  for (const { underlying, power } of movingCoins(market, asset)) {
    const own = scanOf(market, underlying);
    sum.staticInitialRate += power * own.staticInitialRate;
    sum.staticMaintenanceRate += power * own.staticMaintenanceRate;
  }
  return sum;
}

/** The greatest share by which a price is moved. */
const WIDEST_RANGE = 0.9;

/** Returns the range and rates of an underlying's scan. An underlying without a scan gets the greatest of all scans. */
function scanOf({ parameters }: Market, underlying: string): Rates {
  const own = findScanParameters(parameters, underlying);
  const rows: readonly Rates[] = own === null ? parameters.scan : [own];
  const widest = (of: (row: Rates) => number) => (rows.length === 0 ? 1 : Math.max(...rows.map(of)));
  return {
    priceScanRange: Math.min(
      WIDEST_RANGE,
      widest((row) => row.priceScanRange),
    ),
    staticInitialRate: widest((row) => row.staticInitialRate),
    staticMaintenanceRate: widest((row) => row.staticMaintenanceRate),
  };
}
