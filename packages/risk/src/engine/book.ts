import {
  type Account,
  type CollateralParameters,
  type NotMarginedAccount,
  type NotMarginedCode,
  type Position,
  settlementCurrency,
} from "../model/index.ts";
import { compareText, findInstrumentFault, isBlocked, MAGNITUDE_LIMIT, type Market } from "./market.ts";
import { netAmount } from "./net.ts";

/** An account made ready to be valued at any price: netted, sorted, and every name looked up. */
export interface Book {
  readonly account: Account;
  /** Sorted by underlying. */
  readonly units: readonly BookUnit[];
  /** Each currency that is held, owed or settled in, and the pool's own; sorted. */
  readonly currencies: readonly BookCurrency[];
}

/** Everything an account holds on one underlying, in columns by position. */
export interface BookUnit {
  readonly underlying: string;
  readonly underlyingIndex: number;
  /** Sorted by settlement currency, then by instrument id. */
  readonly instrumentIndexes: Int32Array;
  /** Net contracts. */
  readonly quantities: Float64Array;
  /** Where each risk array starts; filled when the book is valued. */
  readonly offsets: Int32Array;
  /** Runs of positions that settle in one currency. */
  readonly segments: readonly { readonly currencyIndex: number; readonly start: number; readonly end: number }[];
  /** Fills of position p, netted per entry price: fillStarts[p] to fillStarts[p + 1] - 1. */
  readonly fillStarts: Int32Array;
  readonly fillQuantities: Float64Array;
  readonly fillEntryPrices: Float64Array;
  /** Which expiry each position belongs to, counted from 0; all perpetuals are one. */
  readonly expiryBuckets: Int32Array;
  readonly expiryBucketCount: number;
  /** Which strike, expiry and settlement currency an option belongs to; -1 for other instruments. */
  readonly strikeBuckets: Int32Array;
  readonly strikeBucketCount: number;
}

export interface BookCurrency {
  readonly currency: string;
  /** Net units held as collateral; negative is owed. */
  readonly collateral: number;
  /** Null when nothing of it is held as collateral, or it is the pool's own. */
  readonly parameters: CollateralParameters | null;
}

interface NettedPosition {
  readonly instrumentIndex: number;
  readonly quantity: number;
  readonly fills: readonly { readonly quantity: number; readonly entryPrice: number }[];
}

/** Nets and checks an account against a market; a refusal names what cannot be margined. */
export function createBook(market: Market, account: Account): Book | NotMarginedAccount {
  const fault = findAccountFault(market, account);
  if (fault !== null) return fault;
  const positions = netPositions(market, account.positions);
  const currencies = collectCurrencies(market, account, positions);
  const held = new Map<string, NettedPosition[]>();
  for (const coin of scannedCoins(market, account, currencies)) held.set(coin, []);
  for (const position of positions) {
    const { underlying } = market.snapshot.instruments[position.instrumentIndex]!.instrument;
    const others = held.get(underlying);
    if (others === undefined) held.set(underlying, [position]);
    else others.push(position);
  }
  const units = [...held]
    .sort(([a], [b]) => compareText(a, b))
    .map(([underlying, unitPositions]) => buildUnit(market, underlying, unitPositions, currencies));
  return { account, units, currencies };
}

/** Fills of one instrument become one position; fills at one entry price become one fill. Sorted by instrument id. */
function netPositions(market: Market, positions: readonly Position[]): NettedPosition[] {
  const byInstrument = new Map<number, Position[]>();
  for (const position of positions) {
    const index = market.instrumentIndexes.get(position.instrumentId)!;
    const fills = byInstrument.get(index);
    if (fills === undefined) byInstrument.set(index, [position]);
    else fills.push(position);
  }
  return [...byInstrument]
    .sort(([a], [b]) => a - b)
    .map(([instrumentIndex, fills]) => ({
      instrumentIndex,
      quantity: netAmount(fills.map((fill) => fill.quantity)),
      fills: fills.length === 1 ? fills : netFills(fills),
    }));
}

function netFills(fills: readonly Position[]): { quantity: number; entryPrice: number }[] {
  const byEntryPrice = new Map<number, number[]>();
  for (const { entryPrice, quantity } of fills) {
    const quantities = byEntryPrice.get(entryPrice);
    if (quantities === undefined) byEntryPrice.set(entryPrice, [quantity]);
    else quantities.push(quantity);
  }
  return [...byEntryPrice]
    .sort(([a], [b]) => a - b)
    .map(([entryPrice, quantities]) => ({ entryPrice, quantity: netAmount(quantities) }));
}

function collectCurrencies(market: Market, account: Account, positions: readonly NettedPosition[]): BookCurrency[] {
  const amounts = new Map<string, number[]>([[account.poolCurrency, [0]]]);
  for (const { instrumentIndex } of positions) {
    amounts.set(settlementCurrency(market.snapshot.instruments[instrumentIndex]!.instrument), [0]);
  }
  for (const { asset, amount } of account.collateral) {
    if (amount === 0) continue;
    const others = amounts.get(asset);
    if (others === undefined) amounts.set(asset, [amount]);
    else others.push(amount);
  }
  return [...amounts]
    .sort(([a], [b]) => compareText(a, b))
    .map(([currency, held]) => ({
      currency,
      collateral: netAmount(held),
      parameters: currency === account.poolCurrency ? null : (market.collateral.get(currency) ?? null),
    }));
}

/**
 * Coins whose price moves this pool even without a position on them: balances that move in the scenarios, and the pool's
 * own coin as soon as anything else is held against it.
 */
function scannedCoins(market: Market, account: Account, currencies: readonly BookCurrency[]): string[] {
  return currencies
    .filter(({ currency, collateral, parameters }) => {
      if (!market.underlyingIndexes.has(currency)) return false;
      if (currency === account.poolCurrency) return currencies.length > 1;
      return collateral < 0 || (collateral > 0 && parameters?.movesInScenarios === true);
    })
    .map(({ currency }) => currency);
}

function buildUnit(
  market: Market,
  underlying: string,
  held: readonly NettedPosition[],
  currencies: readonly BookCurrency[],
): BookUnit {
  const count = held.length;
  const fillCount = held.reduce((sum, position) => sum + position.fills.length, 0);
  const unit = {
    underlying,
    underlyingIndex: market.underlyingIndexes.get(underlying)!,
    instrumentIndexes: new Int32Array(count),
    quantities: new Float64Array(count),
    offsets: new Int32Array(count),
    segments: [] as { currencyIndex: number; start: number; end: number }[],
    fillStarts: new Int32Array(count + 1),
    fillQuantities: new Float64Array(fillCount),
    fillEntryPrices: new Float64Array(fillCount),
    expiryBuckets: new Int32Array(count),
    strikeBuckets: new Int32Array(count),
  };
  const expiries = new Map<number, number>();
  const strikes = new Map<string, number>();
  let position = 0;
  let fill = 0;
  for (const [currencyIndex, { currency }] of currencies.entries()) {
    const start = position;
    for (const { instrumentIndex, quantity, fills } of held) {
      const { instrument } = market.snapshot.instruments[instrumentIndex]!;
      if (settlementCurrency(instrument) !== currency) continue;
      unit.instrumentIndexes[position] = instrumentIndex;
      unit.quantities[position] = quantity;
      unit.fillStarts[position] = fill;
      for (const { quantity: fillQuantity, entryPrice } of fills) {
        unit.fillQuantities[fill] = fillQuantity;
        unit.fillEntryPrices[fill] = entryPrice;
        fill += 1;
      }
      const expiryMs = instrument.kind === "perpetual" ? Number.POSITIVE_INFINITY : instrument.expiryMs;
      unit.expiryBuckets[position] = bucketOf(expiries, expiryMs);
      unit.strikeBuckets[position] =
        instrument.kind === "option" ? bucketOf(strikes, `${currency} ${expiryMs} ${instrument.strike}`) : -1;
      position += 1;
    }
    if (position > start) unit.segments.push({ currencyIndex, start, end: position });
  }
  unit.fillStarts[count] = fill;
  return { ...unit, expiryBucketCount: expiries.size, strikeBucketCount: strikes.size };
}

function bucketOf<Key>(buckets: Map<Key, number>, key: Key): number {
  const known = buckets.get(key);
  if (known !== undefined) return known;
  buckets.set(key, buckets.size);
  return buckets.size - 1;
}

function findAccountFault(market: Market, account: Account): NotMarginedAccount | null {
  for (const [index, position] of account.positions.entries()) {
    const fault = findPositionFault(market, position);
    if (fault === null) continue;
    const { member, code, value, remedy } = fault;
    return refuse(market, account, code, `positions[${index}].${member}`, value, remedy);
  }
  const pool = account.poolCurrency;
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

interface Fault {
  readonly code: NotMarginedCode;
  readonly value: string;
  readonly remedy: string;
}

const amountRemedy = `give a finite number of at most ${MAGNITUDE_LIMIT} in size`;
const blockedRemedy = "wait for usable prices; the last good result stands until then";

const instrumentRemedies = {
  instrument_expired: "settle the position, or use a snapshot from before its expiry",
  volatility_missing: "add the mark's volatility, or one from the surface of its underlying, to the snapshot",
  unsupported_instrument: "correct the instrument's terms at the venue's import",
  prices_blocked: blockedRemedy,
  currency_not_priced: "add its price in US dollars to the snapshot",
  parameters_missing: "add a scan for this underlying, or for *, to the parameter set",
} as const;

function findPositionFault(market: Market, position: Position): (Fault & { readonly member: string }) | null {
  const instrumentIndex = market.instrumentIndexes.get(position.instrumentId);
  if (instrumentIndex === undefined) {
    const remedy = "use a snapshot that contains the instrument, or correct its id";
    return { code: "instrument_not_in_snapshot", member: "instrument_id", value: position.instrumentId, remedy };
  }
  if (!isUsableAmount(position.quantity)) {
    return { code: "limit_exceeded", member: "quantity", value: String(position.quantity), remedy: amountRemedy };
  }
  const quoted = market.snapshot.instruments[instrumentIndex]!;
  // An option is worth its mark whatever was paid for it; anything else is worth its distance from the entry price.
  const entryCounts = quoted.instrument.kind !== "option";
  const { entryPrice } = position;
  if (entryCounts && !(entryPrice >= 1 / MAGNITUDE_LIMIT && entryPrice <= MAGNITUDE_LIMIT)) {
    const remedy = "give the average price the position was entered at, above 0";
    return { code: "limit_exceeded", member: "entry_price", value: String(entryPrice), remedy };
  }
  const fault = findInstrumentFault(market, quoted);
  if (fault === null) return null;
  return { ...fault, member: "instrument_id", remedy: instrumentRemedies[fault.code] };
}

/** A currency must have a price that is not blocked; one that moves in the scenarios must be an underlying as well. */
function findCurrencyFault(market: Market, currency: string): Fault | null {
  if (!market.currencyPrices.has(currency)) {
    return { code: "currency_not_priced", value: currency, remedy: instrumentRemedies.currency_not_priced };
  }
  const underlyingIndex = market.underlyingIndexes.get(currency);
  if (underlyingIndex === undefined) {
    if (market.collateral.get(currency)?.movesInScenarios !== true) return null;
    const remedy = `add ${currency} to the underlyings of the snapshot: its balances move in the scenarios`;
    return { code: "currency_not_priced", value: currency, remedy };
  }
  if (isBlocked(market.underlyings[underlyingIndex]!)) {
    return { code: "prices_blocked", value: currency, remedy: blockedRemedy };
  }
  if (market.views[underlyingIndex] !== null) return null;
  return { code: "parameters_missing", value: currency, remedy: instrumentRemedies.parameters_missing };
}

function isUsableAmount(amount: number): boolean {
  return Math.abs(amount) <= MAGNITUDE_LIMIT;
}

function refuse(
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
