import { isAssetFault, priceAsset, pricedThrough, pricePowers } from "../collateral/index.ts";
import { findMarginMethod } from "../methods/registry/index.ts";
import {
  type Account,
  type NotMarginedAccount,
  type NotMarginedCode,
  type Position,
  settlementCurrency,
} from "../model/index.ts";
import { describeUnknownInstrument, expiredRemedy } from "../names/index.ts";
import { isCurvedPerpetual } from "../perpetuals/index.ts";
import { isPegged, isToken, type Market } from "./market.ts";
import { isBlocked, MAGNITUDE_LIMIT } from "./usable-price.ts";

/** What stops an account from being margined, with its field, value and remedy; null when nothing does. */
export function findAccountFault(market: Market, account: Account): NotMarginedAccount | null {
  for (const [index, position] of account.positions.entries()) {
    const fault = findPositionFault(market, position);
    if (fault === null) continue;
    const { member, code, value, remedy } = fault;
    return refuse(market, account, code, `positions[${index}].${member}`, value, remedy);
  }
  const methodFault = findMethodFault(market, account);
  if (methodFault !== null) return methodFault;
  const pool = account.poolCurrency;
  if (isToken(market, pool)) {
    const remedy = "count the pool in a currency at its market price or pegged; tokens are collateral in it";
    return refuse(market, account, "collateral_not_accepted", "pool_currency", pool, remedy);
  }
  const poolFault = findCurrencyFault(market, pool);
  if (poolFault !== null) {
    return refuse(market, account, poolFault.code, "pool_currency", poolFault.value, poolFault.remedy);
  }
  for (const [index, { asset, amount }] of account.collateral.entries()) {
    const field = `collateral[${index}]`;
    if (!isUsableAmount(amount)) {
      return refuse(market, account, "limit_exceeded", `${field}.amount`, String(amount), amountRemedy);
    }
    if (amount === 0) continue;
    if (asset !== pool && !market.collateral.has(asset)) {
      const remedy = `use one of ${[...market.collateral.keys()].join(", ")}, or add ${asset} to the collateral parameters`;
      return refuse(market, account, "collateral_not_accepted", `${field}.asset`, asset, remedy);
    }
    const fault = findCurrencyFault(market, asset);
    if (fault !== null) return refuse(market, account, fault.code, `${field}.asset`, fault.value, fault.remedy);
  }
  return null;
}

/** What the account's method cannot margin, of an account that is sound otherwise; never a requirement of nothing. */
function findMethodFault(market: Market, account: Account): NotMarginedAccount | null {
  const { methodId, poolCurrency } = account;
  const method = findMarginMethod(market.parameters, methodId);
  // Joint scenarios move whatever there is, and revalue it in full.
  if (method === null || methodId === "var") return null;
  const remedy = `margin the account by another method than ${methodId}, for example portfolio`;
  for (const [index, { instrumentId }] of account.positions.entries()) {
    const { instrument } = market.snapshot.instruments[market.instrumentIndexes.get(instrumentId)!]!;
    const currency = settlementCurrency(instrument);
    const settlesInOtherCoin =
      currency !== instrument.underlying && market.underlyingIndexes.has(currency) && !isPegged(market, currency);
    const reason = settlesInOtherCoin
      ? `it settles in ${currency}, whose price moves`
      : isCurvedPerpetual(instrument)
        ? `${methodId} has no rule for a ${instrument.kind.replace("_", " ")}`
        : method.findUnsupported(instrument);
    if (reason === null) continue;
    const field = `positions[${index}].instrument_id`;
    return refuse(market, account, "unsupported_instrument", field, `${instrumentId}: ${reason}`, remedy);
  }
  const { coinPoolFault } = method;
  if (coinPoolFault === null || !market.underlyingIndexes.has(poolCurrency)) return null;
  const value = `${poolCurrency}: ${coinPoolFault}`;
  return refuse(market, account, "unsupported_instrument", "pool_currency", value, remedy);
}

interface Fault {
  readonly code: NotMarginedCode;
  readonly value: string;
  readonly remedy: string;
}

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

function findPositionFault(market: Market, position: Position): (Fault & { readonly member: string }) | null {
  const instrumentIndex = market.instrumentIndexes.get(position.instrumentId);
  if (instrumentIndex === undefined) {
    const { instrumentId } = position;
    const { code, remedy } = describeUnknownInstrument(instrumentId, market.instrumentIndexes.keys(), market.asOfMs);
    return { code, member: "instrument_id", value: instrumentId, remedy };
  }
  if (!isUsableAmount(position.quantity)) {
    return { code: "limit_exceeded", member: "quantity", value: String(position.quantity), remedy: amountRemedy };
  }
  // An option is worth its mark whatever was paid for it; anything else is worth its distance from the entry price.
  const { fault } = market.facts[instrumentIndex]!;
  const { instrument, funding } = market.snapshot.instruments[instrumentIndex]!;
  const { entryPrice, fundingIndex } = position;
  const leastEntry = instrument.kind === "perpetual_option" ? 0 : 1 / MAGNITUDE_LIMIT;
  if (instrument.kind !== "option" && !(entryPrice >= leastEntry && entryPrice <= MAGNITUDE_LIMIT)) {
    const remedy = "give the average price the position was entered at, above 0";
    return { code: "limit_exceeded", member: "entry_price", value: String(entryPrice), remedy };
  }
  if (fundingIndex !== undefined && funding === undefined) {
    const remedy =
      "add the instrument's cumulative funding to the snapshot, or leave the position's funding to the venue";
    return { code: "funding_missing", member: "funding_index", value: String(fundingIndex), remedy };
  }
  if (fundingIndex !== undefined && !isUsableAmount(fundingIndex)) {
    return { code: "limit_exceeded", member: "funding_index", value: String(fundingIndex), remedy: amountRemedy };
  }
  if (fault === null) return null;
  return { ...fault, member: "instrument_id", remedy: instrumentRemedies[fault.code] };
}

/**
 * A currency, and all that a token of it stands for, must have a price that is not blocked; what moves in the scenarios must be an
 * underlying with a scan as well.
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

function isUsableAmount(amount: number): boolean {
  return Math.abs(amount) <= MAGNITUDE_LIMIT;
}

/** The result of an account that cannot be margined. */
export function refuse(
  market: Market,
  account: Account,
  code: NotMarginedCode,
  field: string,
  value: string,
  remedy: string,
): NotMarginedAccount {
  return {
    status: "not_margined",
    accountId: account.accountId,
    snapshotId: market.snapshot.snapshotId,
    parametersVersion: market.parameters.parametersVersion,
    code,
    field,
    value,
    remedy,
  };
}
