import { depegShockOf, greatestHaircuts, movingShare } from "../../collateral/index.ts";
import { type HoldingsRule, isMeasuredJointly, type UnitRule } from "../../methods/margin-method.ts";
import { type BothMargins, scanFactors } from "../../methods/unit-measure.ts";
import type { ParameterSet, UnderlyingState } from "../../model/index.ts";
import type { Book, BookUnit } from "../book/book.ts";
import { powerOf } from "../book/currency-rates.ts";
import { greatestLossShare } from "../joint/joint-losses.ts";
import { findJointMarket, isJointFault } from "../market/joint-market.ts";
import type { Market, UnderlyingView } from "../market/market.ts";
import { type CurrencyValue, ledgerOf } from "../value/currency-value.ts";
import { schedulesOf, sumPool } from "../value/value-pool.ts";

/** The US dollars of both margins that a method may ask for one US dollar of a balance that moves. */
type Asked = BothMargins;

const nothing: Asked = { initial: 0, maintenance: 0 };

/**
 * Sets the share of each currency that moves in the scenarios. Otherwise haircuts and scenarios could add up to more
 * than a balance counts for. Paying in could then make a pool worse, as value that counts for nothing would still
 * be charged its price risk.
 */
export function setMovingShares(market: Market, book: Book, values: readonly CurrencyValue[]): void {
  let pool: ReturnType<typeof sumPool> | null = null;
  for (const [index, currency] of book.currencies.entries()) {
    const value = values[index]!;
    value.movingShare = 1;
    const { parameters, collateral } = currency;
    const heldUsd = ledgerOf(collateral, value) * value.heldUsd;
    if (parameters === null || !(heldUsd > 0)) continue;
    const asked = askedOf(market, book, index, value);
    const room = roomBelowRungs(market.parameters);
    const cut = greatestHaircuts(parameters);
    const isCovered = (share: number, haircut: number) => share <= 1 - haircut - value.depegHaircut;
    const limits: Asked = { initial: asked.initial / room.initial, maintenance: asked.maintenance / room.maintenance };
    if (isCovered(limits.initial, cut.initial) && isCovered(limits.maintenance, cut.maintenance)) continue;
    pool ??= sumPool(book, values);
    const [initial, maintenance] = schedulesOf(parameters, value, pool, heldUsd);
    value.movingShare = movingShare(heldUsd, [
      { schedule: initial, asked: limits.initial },
      { schedule: maintenance, asked: limits.maintenance },
    ]);
  }
}

const rooms = new WeakMap<ParameterSet, Asked>();

/**
 * Returns the share of a balance that a requirement may use before the first rung of the ladder, at most 1. A dollar
 * that is asked for no more than that share of what it counts for brings no pool nearer to a rung.
 */
function roomBelowRungs(parameters: ParameterSet): Asked {
  const known = rooms.get(parameters);
  if (known !== undefined) return known;
  const least = (kind: keyof Asked) =>
    parameters.severity.rungs.reduce(
      (share, { requirement, enterRatio }) => (requirement === kind ? Math.min(share, enterRatio) : share),
      1,
    );
  const room = { initial: least("initial"), maintenance: least("maintenance") };
  rooms.set(parameters, room);
  return room;
}

/** Returns the most that is asked for a US dollar of a currency, over all units that it moves with. */
function askedOf(market: Market, book: Book, index: number, value: CurrencyValue): Asked {
  const currency = book.currencies[index]!;
  const { poolCurrency } = book.pool;
  let [initial, maintenance] = [0, 0];
  // Holdings that stand against loans are also charged for the pegs behind them.
  for (const { underlying, power } of currency.powers) {
    const shock = depegShockOf(market.collateral.get(underlying));
    if (shock === null) continue;
    initial += power * shock.initial;
    maintenance += power * shock.maintenance;
  }
  for (const unit of book.units) {
    const poolIsCoin = poolCurrency === unit.underlying;
    if (powerOf(currency, unit.underlying) === (poolIsCoin ? 1 : 0)) continue;
    if (!poolIsCoin && currency.parameters?.movesInScenarios !== true) continue;
    const asked = askedByUnit(market, book, unit, poolIsCoin);
    initial += asked.initial;
    maintenance += asked.maintenance;
  }
  if (!isMeasuredJointly(book.method)) return { initial, maintenance };
  const joint = findJointMarket(market);
  if (isJointFault(joint)) return { initial, maintenance };
  const { initial: initialFactor, maintenance: maintenanceFactor } = scanFactors(market.parameters);
  const share = greatestLossShare(joint, book, currency, value);
  const beside = book.method.unit.reads === "joint_scenarios" ? { initial, maintenance } : nothing;
  return {
    initial: Math.max(initial, share * initialFactor + beside.initial),
    maintenance: Math.max(maintenance, share * maintenanceFactor + beside.maintenance),
  };
}

function askedByUnit(market: Market, { method }: Book, unit: BookUnit, poolIsCoin: boolean): Asked {
  const view = market.views[unit.underlyingIndex]!;
  const { quality, confidenceWidth } = view.state;
  const confidence = quality === "good" ? 0 : confidenceWidth;
  const { initial, maintenance } = askedByRule(method.unit, view, poolIsCoin);
  return { initial: initial + confidence, maintenance };
}

function askedByRule(rule: UnitRule, view: UnderlyingView, poolIsCoin: boolean): Asked {
  switch (rule.reads) {
    case "risk_arrays":
      return rule.askedForBalance(view.set, poolIsCoin);
    case "holdings":
      return askedByHoldings(rule, view, poolIsCoin);
    case "joint_scenarios":
      return nothing;
  }
}

const askedByRules = new WeakMap<HoldingsRule, WeakMap<UnderlyingState, Map<boolean, Asked>>>();

/**
 * The US dollars of a balance that stands alone. It is so large that fixed amounts and first tiers vanish in the share.
 */
const LARGE_BALANCE_USD = 1e12;

/** Returns what a method asks for one US dollar of a balance alone, at the unmoved price of the underlying. */
function askedByHoldings(rule: HoldingsRule, { state }: UnderlyingView, poolIsCoin: boolean): Asked {
  const ofStates = askedByRules.get(rule) ?? new WeakMap<UnderlyingState, Map<boolean, Asked>>();
  askedByRules.set(rule, ofStates);
  const known = ofStates.get(state) ?? new Map<boolean, Asked>();
  ofStates.set(state, known);
  let asked = known.get(poolIsCoin);
  if (asked === undefined) {
    const { initial, maintenance } = rule.measure({
      underlying: state.underlying,
      indexPrice: state.indexPrice,
      asOfMs: 0,
      holdings: [],
      poolIsCoin,
      balanceUsd: LARGE_BALANCE_USD,
      balanceWithoutOptionsUsd: LARGE_BALANCE_USD,
      prices: state,
    });
    asked = { initial: initial / LARGE_BALANCE_USD, maintenance: maintenance / LARGE_BALANCE_USD };
    known.set(poolIsCoin, asked);
  }
  return asked;
}
