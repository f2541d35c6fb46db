import { accumulateLosses, createScratch, type RiskArrays } from "../../arrays/index.ts";
import { exp } from "../../numbers/index.ts";
import type { ScenarioSet } from "../../scenarios/index.ts";
import type { Book, BookUnit } from "../book/book.ts";
import { costOfLoss, isOffPar, isRevalued, powerOf } from "../book/currency-rates.ts";
import type { UnderlyingView } from "../market/market.ts";
import { type CurrencyValue, ledgerOf } from "../value/currency-value.ts";

const quantityScratch = createScratch();
const movesScratch = createScratch();

/** The summed risk arrays of a unit, in settlement currency. Those of its segment i start at start + i x stride. */
export interface SettledLosses {
  readonly sums: Float64Array;
  readonly start: number;
  readonly stride: number;
}

/**
 * Sums quantity x the `count` numbers at each position's offset. The sums are written to sums[0 ...], segment after
 * segment.
 */
export function sumSegments(
  sums: Float64Array,
  unit: BookUnit,
  arrays: RiskArrays,
  offsets: Int32Array,
  count: number,
): void {
  const quantities = quantityScratch(unit.quantities.length);
  for (let position = 0; position < unit.quantities.length; position += 1) {
    quantities[position] = unit.quantities[position]!;
  }
  for (const [index, { start, end }] of unit.segments.entries()) {
    const sum = index === 0 ? sums : sums.subarray(index * count);
    sum.fill(0, 0, count);
    accumulateLosses(sum, arrays, offsets, quantities, start, end, count);
  }
}

/**
 * Computes the loss of one risk unit in each scenario, in pool currency, and writes it to losses[0 ...]. The losses are
 * weighted but not yet dampened. Returns the size of the balances that were revalued, in units of the underlying, 0 or
 * more.
 *
 * X(c) is the price of currency c in US dollars, Q the pool's currency, U the underlying, and m the move of scenario s.
 * Only X(U) moves: X'(U) = X(U) (1 + m). L(c) is the sum of the risk arrays that settle in c. N(c) is the net balance
 * in c: collateral + unrealised profit + option value at marks. The pool's wealth is W = sum over c of N(c) X(c) /
 * X(Q). In the scenario it is W' = sum of (N(c) - L(c)) X'(c) / X'(Q). The loss on the main grid is W - W':
 *
 *   sum over c of L(c) X'(c) / X'(Q)  +  sum over c of N(c) (X(c) / X(Q) - X'(c) / X'(Q))
 *
 * So a US-dollar pool that holds one coin and is short one coin of an inverse perpetual loses nothing. A coin pool that
 * holds nothing else works in coin alone. A balance counts in the second sum if its price against the pool's currency
 * moves with U. That is the coin itself in any other pool, and every other currency in a pool of the coin. An asset
 * that is not to move in scenarios stands still, as its haircut covers the risk. It moves nevertheless if it is owed,
 * or if the pool's own coin is what moves. A holding moves by its moving share, so that it loses no more than it counts
 * for. A token that redeems into the coin moves by m, as the coin does. A token of which the coin is a part of weight w
 * moves by (1 + m) ^ w - 1.
 *
 * In an extended scenario both sums are valued at X' in US dollars and multiplied by the weight. They are converted at
 * the settlement move k of the scenario instead of m, as Deribit does (docs/sources.md, Deribit portfolio margin). The
 * loss is weight x (W - W') x X'(Q) / X(Q at k). In pools of another currency than the coin that is weight x (W - W').
 */
export function computePoolLosses(
  losses: Float64Array,
  book: Book,
  unit: BookUnit,
  { set, indexPrice }: Pick<UnderlyingView, "set" | "indexPrice">,
  settled: SettledLosses,
  values: readonly CurrencyValue[],
  poolPriceUsd: number,
): number {
  const count = set.scenarioCount;
  losses.fill(0, 0, count);
  const poolIsCoin = book.pool.poolCurrency === unit.underlying;
  for (const [segment, { currencyIndex }] of unit.segments.entries()) {
    const currency = book.currencies[currencyIndex]!;
    const value = values[currencyIndex]!;
    const conversion = conversionOf(set, currency.currency === unit.underlying, poolIsCoin);
    const rate = value.priceUsd / poolPriceUsd;
    const from = settled.start + segment * settled.stride;
    if (isOffPar(currency, value)) {
      const held = ledgerOf(currency.collateral, value);
      const costs = movesScratch(count);
      for (let s = 0; s < count; s += 1) costs[s] = costOfLoss(settled.sums[from + s]!, held, value);
      addScaled(losses, costs, 0, conversion, rate, count);
    } else {
      addScaled(losses, settled.sums, from, conversion, rate, count);
    }
  }
  let balanceExposure = 0;
  for (const [currencyIndex, currency] of book.currencies.entries()) {
    const power = powerOf(currency, unit.underlying);
    if (power === (poolIsCoin ? 1 : 0)) continue;
    const value = values[currencyIndex]!;
    const held = ledgerOf(currency.collateral, value);
    if (held === 0 || !isRevalued(currency, held, poolIsCoin)) continue;
    const balance = held * value.movingShare;
    // In the coin's own pool all other balances lose when the coin rises. In other pools the coin loses when it falls.
    const worth = (poolIsCoin ? balance : -balance) * (value.priceUsd / poolPriceUsd);
    const moves = power === 0 || power === 1 ? set.priceMove : relativeMoves(set, power, poolIsCoin);
    addScaled(losses, moves, 0, conversionOf(set, false, poolIsCoin), worth, count);
    balanceExposure += Math.abs((balance * value.priceUsd * (poolIsCoin ? 1 - power : power)) / indexPrice);
  }
  return balanceExposure;
}

/**
 * Returns the relative price move in each scenario of an asset that follows the coin by a power between 0 and 1. In the
 * coin's own pool it is the coin's price multiplier less that of the asset.
 */
function relativeMoves(
  { scenarioCount, logPriceMultiplier, priceMultiplier }: ScenarioSet,
  power: number,
  poolIsCoin: boolean,
) {
  const moves = movesScratch(scenarioCount);
  for (let s = 0; s < scenarioCount; s += 1) {
    const multiplier = exp(power * logPriceMultiplier[s]!);
    moves[s] = poolIsCoin ? priceMultiplier[s]! - multiplier : multiplier - 1;
  }
  return moves;
}

/** Computes losses[s] += addends[from + s] x (rate x conversion[s]) for each scenario s. */
function addScaled(
  losses: Float64Array,
  addends: Float64Array,
  from: number,
  conversion: Float64Array,
  rate: number,
  count: number,
): void {
  for (let s = 0; s < count; s += 1) losses[s] = losses[s]! + addends[from + s]! * (rate * conversion[s]!);
}

/**
 * Returns the column of a scenario set that weights losses in a currency and converts them to the currency of the pool.
 * `isCoin` and `poolIsCoin` tell whether each of these is the coin.
 */
function conversionOf(set: ScenarioSet, isCoin: boolean, poolIsCoin: boolean): Float64Array {
  if (poolIsCoin) return isCoin ? set.coinIntoCoin : set.cashIntoCoin;
  return isCoin ? set.coinIntoCash : set.weight;
}

/**
 * Pulls the extended losses and gains of a unit towards zero, in place, but not past zero. The pull is (|move| / range
 * - 1) x the dampener, at least 0 (docs/sources.md, Deribit portfolio margin). In the coin's own pool it is converted
 * at the settlement move.
 */
export function dampenExtendedLosses(
  losses: Float64Array,
  set: ScenarioSet,
  priceScanRange: number,
  dampenerUsd: number,
  poolPriceUsd: number,
  poolIsCoin: boolean,
): void {
  for (let s = set.mainCount; s < set.scenarioCount; s += 1) {
    const price = poolIsCoin ? poolPriceUsd * (1 + set.settlementMove[s]!) : poolPriceUsd;
    const pull = ((Math.max(Math.abs(set.priceMove[s]!) / priceScanRange, 1) - 1) * dampenerUsd) / price;
    const loss = losses[s]!;
    losses[s] = loss > 0 ? Math.max(0, loss - pull) : Math.min(0, loss + pull);
  }
}
