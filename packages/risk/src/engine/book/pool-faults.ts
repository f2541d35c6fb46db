import { findQuoteFault, isAssetFault, priceAsset, pricedThrough, pricePowers } from "../../collateral/index.ts";
import type { MarginMethod } from "../../methods/margin-method.ts";
import { defaultMethodId } from "../../methods/parameter-rules.ts";
import {
  type CollateralBalance,
  expiryMsOf,
  type Instrument,
  type NotMarginedCode,
  type NotMarginedPool,
  type Pool,
  type Position,
  type ProductTraits,
} from "../../model/index.ts";
import { describeUnknownInstrument, expiredRemedy } from "../../names/instrument-names.ts";
import { isBlocked, MAGNITUDE_LIMIT } from "../market/instrument-facts.ts";
import { isPegged, isToken, type Market } from "../market/market.ts";
import { netAmount } from "./net.ts";
import { coinsScannedWith, movingCoins } from "./scanned-coins.ts";

/** Returns whether all of a pool can be margined as it is. If not, `keepKnown` finds the holdings at fault. */
export function isMarginable(market: Market, pool: Pool): boolean {
  const method = market.methodOf(pool.methodId);
  return (
    pool.positions.every((position) => findPositionFault(market, pool, method, position) === null) &&
    pool.collateral.every((balance) => findBalanceFault(market, pool, method, balance) === null)
  );
}

/**
 * Returns the refusal of a pool in which nothing can be counted, or null. Its currency may be a token or have no price.
 * Or its method may take no pool of any coin, or not of this coin.
 */
export function findPoolFault(market: Market, pool: Pool): NotMarginedPool | null {
  const { poolCurrency } = pool;
  if (isToken(market, poolCurrency)) {
    const remedy = "count the pool in a currency at its market price or pegged; tokens are collateral in it";
    return refuse(market, pool, {
      code: "collateral_not_accepted",
      field: "pool_currency",
      value: poolCurrency,
      remedy,
    });
  }
  const fault = findCurrencyFault(market, poolCurrency);
  if (fault !== null) return refuse(market, pool, { ...fault, field: "pool_currency" });
  const method = market.methodOf(pool.methodId);
  if (movingCoins(market, poolCurrency).length === 0) return null;
  const isMixed =
    pool.positions.length > 0 || pool.collateral.some(({ asset, amount }) => asset !== poolCurrency && amount !== 0);
  const reason = method.coinPoolFault ?? (isMixed ? method.findMissingTerms(poolCurrency) : null);
  if (reason === null) return null;
  return refuse(market, pool, {
    code: "unsupported_instrument",
    field: "pool_currency",
    value: `${poolCurrency}: ${reason}`,
    remedy: methodRemedy(pool),
  });
}

/** A fault of a holding. `member` is the member of the holding that is at fault. */
export interface HoldingFault extends Fault {
  readonly member: string;
  /**
   * The kind of fault:
   * - `instrument`: the instrument cannot be valued in the scenarios.
   * - `method`: the price is sound, and only the pool's method, or any method, has no rule for the holding.
   * - `entry`, `funding`: only the gain of the position is not known.
   * - `amount`: nothing can be computed with the amount.
   * - `balance`: the asset is not accepted, or cannot be valued in the scenarios.
   */
  readonly kind: "instrument" | "method" | "entry" | "funding" | "amount" | "balance";
}

/** Returns the gravest reason why a position cannot be margined as it is, or null if it can. */
export function findPositionFault(
  market: Market,
  pool: Pool,
  method: MarginMethod,
  position: Position,
): HoldingFault | null {
  const { instrumentId, quantity, entryPrice, fundingIndex } = position;
  if (!isUsableAmount(quantity)) {
    return {
      kind: "amount",
      code: "limit_exceeded",
      member: "quantity",
      value: String(quantity),
      remedy: amountRemedy,
    };
  }
  const instrumentIndex = market.instrumentIndexes.get(instrumentId);
  if (instrumentIndex === undefined) return findUnlistedFault(market, instrumentId);
  const { fault, traits } = market.facts[instrumentIndex]!;
  if (fault !== null) {
    return { kind: "instrument", ...fault, member: "instrument_id", remedy: instrumentRemedies[fault.code] };
  }
  const { instrument, funding } = market.snapshot.instruments[instrumentIndex]!;
  const quoteReason = findQuoteFault(instrument, market.collateral);
  const reason = quoteReason ?? findUnsupported(pool, method, instrument, traits);
  if (reason !== null) {
    const value = `${instrumentId}: ${reason}`;
    const remedy = quoteReason === null ? methodRemedy(pool) : quoteRemedy;
    return { kind: "method", code: "unsupported_instrument", member: "instrument_id", value, remedy };
  }
  if (!isUsableEntry(traits, entryPrice)) {
    const remedy = "give the average price the position was entered at, above 0";
    return { kind: "entry", code: "limit_exceeded", member: "entry_price", value: String(entryPrice), remedy };
  }
  if (fundingIndex === undefined) return null;
  if ((funding?.cumulative ?? null) === null) {
    const remedy =
      "add the instrument's cumulative funding to the snapshot, or leave the position's funding to the venue";
    return { kind: "funding", code: "funding_missing", member: "funding_index", value: String(fundingIndex), remedy };
  }
  if (isUsableAmount(fundingIndex)) return null;
  const value = String(fundingIndex);
  return { kind: "funding", code: "limit_exceeded", member: "funding_index", value, remedy: amountRemedy };
}

/**
 * Returns the fault of an instrument that is not quoted. It has expired, by its last quote or by the date in its id, or
 * it is not known.
 */
function findUnlistedFault(market: Market, instrumentId: string): HoldingFault {
  const lapsed = market.lapsed.get(instrumentId);
  const { code, remedy } = describeUnknownInstrument(instrumentId, [], market.asOfMs);
  const isExpired = lapsed !== undefined && expiryMsOf(lapsed.quoted.instrument) <= market.asOfMs;
  const expired = { code: "instrument_expired", remedy: expiredRemedy } as const;
  const fault = isExpired && code !== "instrument_expired" ? expired : { code, remedy };
  return { kind: "instrument", ...fault, member: "instrument_id", value: instrumentId };
}

/**
 * Returns the remedy for an id that no snapshot has had, with the nearest ids of this snapshot. It is found once and
 * kept, as the search takes a while.
 */
export function remedyOfUnknown(market: Market, instrumentId: string): string {
  const known = market.remediesOfUnknown.get(instrumentId);
  if (known !== undefined) return known;
  const { remedy } = describeUnknownInstrument(instrumentId, market.instrumentIndexes.keys(), market.asOfMs);
  market.remediesOfUnknown.set(instrumentId, remedy);
  return remedy;
}

/**
 * Returns whether an entry price can be used. An instrument that is paid for is worth its mark, whatever its entry
 * price. Any other is worth its distance from the entry price.
 */
export function isUsableEntry({ isPaidFor, hasStrike }: ProductTraits, entryPrice: number): boolean {
  const least = hasStrike ? 0 : 1 / MAGNITUDE_LIMIT;
  return isPaidFor || (entryPrice >= least && entryPrice <= MAGNITUDE_LIMIT);
}

/**
 * Returns the reason why the pool's method has no rule for an instrument, or null. Without a rule there is no
 * result, rather than a requirement of 0.
 */
function findUnsupported(
  { methodId }: Pool,
  method: MarginMethod,
  instrument: Instrument,
  { valuation, name }: ProductTraits,
): string | null {
  if (method.findUnsupported === null) return null;
  if (valuation === "perpetual_model") return `${methodId} has no rule for a ${name}`;
  return method.findUnsupported(instrument);
}

/** Returns the gravest reason why a balance cannot be counted as it is, or null if it can. */
export function findBalanceFault(
  market: Market,
  pool: Pool,
  method: MarginMethod,
  { asset, amount }: CollateralBalance,
): HoldingFault | null {
  if (!isUsableAmount(amount)) {
    return { kind: "amount", code: "limit_exceeded", member: "amount", value: String(amount), remedy: amountRemedy };
  }
  if (amount === 0 || asset === pool.poolCurrency) return null;
  if (!market.collateral.has(asset)) {
    const remedy = `use one of ${[...market.collateral.keys()].join(", ")}, or add ${asset} to the collateral parameters`;
    return { kind: "balance", code: "collateral_not_accepted", member: "asset", value: asset, remedy };
  }
  const fault = findCurrencyFault(market, asset);
  if (fault !== null) return { kind: "balance", ...fault, member: "asset" };
  const reason = findMissingRow(market, pool, method, asset);
  if (reason === null) return null;
  const value = `${asset}: ${reason}`;
  const remedy = methodRemedy(pool);
  return { kind: "method", code: "unsupported_instrument", member: "asset", value, remedy };
}

/**
 * Returns the reason why a method has no rule for a coin that is scanned with an asset's balance, or null. The balance
 * is the net of all entries of the asset in the pool.
 */
function findMissingRow(market: Market, pool: Pool, method: MarginMethod, asset: string): string | null {
  const missing = movingCoins(market, asset).some(({ underlying }) => method.findMissingTerms(underlying) !== null);
  if (!missing) return null;
  for (const { underlying } of coinsScannedWith(market, asset, netBalance(pool, asset))) {
    const reason = method.findMissingTerms(underlying);
    if (reason !== null) return reason;
  }
  return null;
}

/**
 * Returns what a pool holds of an asset, less what it owes. Entries that are no usable number are left out, as they
 * are faults of their own.
 */
export function netBalance({ collateral }: Pool, asset: string): number {
  const own = collateral.filter((balance) => balance.asset === asset && isUsableAmount(balance.amount));
  return netAmount(own.map(({ amount }) => amount));
}

interface Fault {
  readonly code: NotMarginedCode;
  readonly value: string;
  readonly remedy: string;
}

function methodRemedy({ methodId }: Pool): string {
  return `margin the account by another method than ${methodId}, for example ${defaultMethodId}`;
}

const quoteRemedy =
  "list the contract quoted in US dollars or in a stablecoin that the collateral parameters have as `pegged`";
const amountRemedy = `give a finite number of at most ${MAGNITUDE_LIMIT} in size`;
const blockedRemedy = "wait for usable prices; the last good result stands until then";

const instrumentRemedies = {
  instrument_expired: expiredRemedy,
  volatility_missing: "add the mark's volatility, or one from the surface of its underlying, to the snapshot",
  unsupported_instrument: "correct the instrument's terms at the venue's import",
  settlement_average_missing: "add the average so far of its expiry to the snapshot's settlement averages",
  prices_blocked: blockedRemedy,
  currency_not_priced: "add its price in US dollars to the snapshot",
  parameters_missing: "add a scan for this underlying, or for *, to the parameter set",
} as const;

/**
 * Returns the fault of a currency, or null. The currency, and every asset that it stands for as a token, must have a
 * price that is not blocked. If it moves in the scenarios, it must also be an underlying with a scan.
 */
function findCurrencyFault(market: Market, currency: string): Fault | null {
  const parameters = market.collateral.get(currency);
  const named = (name: string) => (name === currency ? name : `${name}, behind ${currency}`);
  for (const name of pricedThrough(currency, parameters)) {
    const underlyingIndex = market.underlyingIndexes.get(name);
    if (underlyingIndex !== undefined && isBlocked(market.underlyings[underlyingIndex]!)) {
      return { code: "prices_blocked", value: named(name), remedy: blockedRemedy };
    }
    if (market.currencyPrices.has(name)) continue;
    return { code: "currency_not_priced", value: named(name), remedy: instrumentRemedies.currency_not_priced };
  }
  const price = priceAsset(market, currency);
  if (isAssetFault(price)) {
    const remedy = `add the present state of ${currency} to the tokens of the snapshot`;
    return { code: price.code, value: price.value, remedy };
  }
  for (const { underlying } of pricePowers(currency, parameters)) {
    if (isPegged(market, underlying)) continue;
    const underlyingIndex = market.underlyingIndexes.get(underlying);
    if (underlyingIndex === undefined) {
      if (parameters?.movesInScenarios !== true) continue;
      const remedy = `add ${underlying} to the underlyings of the snapshot: balances of ${currency} move in the scenarios`;
      return { code: "currency_not_priced", value: named(underlying), remedy };
    }
    if (market.views[underlyingIndex] !== null) continue;
    return { code: "parameters_missing", value: named(underlying), remedy: instrumentRemedies.parameters_missing };
  }
  return null;
}

export function isUsableAmount(amount: number): boolean {
  return Math.abs(amount) <= MAGNITUDE_LIMIT;
}

/** Returns the result of a pool that cannot be margined. */
export function refuse(
  market: Market,
  pool: Pool,
  { code, field, value, remedy }: Pick<NotMarginedPool, "code" | "field" | "value" | "remedy">,
): NotMarginedPool {
  return {
    status: "not_margined",
    accountId: pool.accountId,
    snapshotId: market.snapshot.snapshotId,
    parametersVersion: market.parameters.parametersVersion,
    code,
    field,
    value,
    remedy,
  };
}
