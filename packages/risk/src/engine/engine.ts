import { type MethodRegistry, methodRegistry } from "../methods/registry.ts";
import type {
  CallPrice,
  CollateralResult,
  Greeks,
  MarginComponent,
  MarginedPool,
  MarketSnapshot,
  NotMarginedPool,
  ParameterSet,
  Pool,
  PoolResult,
  RiskUnitResult,
} from "../model/index.ts";
import { isInDoubt, severityOf } from "../severity/index.ts";
import type { Book, BookUnit } from "./book/book.ts";
import { createBaseBook, createChangedBook } from "./book/changed-book.ts";
import { createBook } from "./book/create-book.ts";
import { isSilent, proveFigures } from "./book/keep-known.ts";
import { noLossBounds } from "./book/loss-bounds.ts";
import { refuse } from "./book/pool-faults.ts";
import { settledNotes } from "./book/settled-positions.ts";
import { oldestPriceAgeMs, parNotes } from "./book/used-prices.ts";
import { findCallPrices, withoutPrices } from "./call-prices/call-prices.ts";
import { explainVar, type VarExplanation } from "./joint/explain-var.ts";
import { keepJointSums } from "./joint/joint-losses.ts";
import { compareText } from "./market/instrument-facts.ts";
import { createMarket, getRow, type Market } from "./market/market.ts";
import type { UnitScenarioLosses } from "./measure/evaluate.ts";
import { addCharges, type Evaluation, evaluate, measureBook, scanUnit, valueCurrencies } from "./measure/evaluate.ts";
import { type NodePrices, releaseArrays, releaseNodePrices } from "./measure/node-prices.ts";
import { findProjectedMargin, type ProjectedMargin } from "./orders/open-orders.ts";
import type { OpenOrder } from "./orders/order-sides.ts";
import { poolPriceIn } from "./value/currency-value.ts";
import { collateralQualityOf, explainCollateral } from "./value/explain-collateral.ts";
import { asLongAsItTakes, type MayGoOn, type Stoppable, type Stopped, unlessStopped } from "./work.ts";

/**
 * Margins pools against one snapshot and one parameter set. It keeps the risk arrays of the instruments that it has
 * priced.
 */
export interface MarginEngine {
  /**
   * Margins a pool: its equity and balances, initial and maintenance margin in the pool's currency, with components, and
   * the worst scenario of each unit. A pool that cannot be margined gets the reason, the field and the value at fault.
   */
  readonly margin: (pool: Pool) => PoolResult;
  /**
   * Prepares many answers to "what if" about one pool. The function returned margins pools that differ from it in few
   * positions and in any balances. Its results are those of `margin` to the bit, for any pool. It is many times faster
   * than `margin`, as it sorts, nets, prices and measures again only what has changed. It finds the changes by
   * comparing the pools, which is fastest if unchanged positions are the same objects in the same order.
   */
  readonly marginChanges: (base: Pool) => (changed: Pool) => PoolResult;
  /**
   * Returns the losses of each unit by scenario. The list is empty if the pool's currency has no price, or
   * if its method takes no such pool.
   */
  readonly scenarioLosses: (pool: Pool) => readonly UnitScenarioLosses[];
  /**
   * Returns the call prices, sorted by underlying, then up and down, then from WARNING to BANKRUPT. A call
   * price is the index price of one underlying at which that severity begins, all else equal, or the reason for none.
   */
  readonly callPrices: Stoppable<[pool: Pool], readonly CallPrice[]>;
  /** Returns what each balance counts for and why. The list is empty if the pool cannot be margined. */
  readonly collateral: (pool: Pool) => readonly CollateralResult[];
  /**
   * Explains the tail loss of the pool in joint scenarios, whatever its method. It is null if the pool cannot be
   * margined, if nothing in it moves, or if the parameters have no scenarios for it.
   */
  readonly explainVar: (pool: Pool) => VarExplanation | null;
  /**
   * Returns the age in milliseconds, at the snapshot's time, of the oldest price behind the pool's figures.
   */
  readonly oldestPriceAgeMs: (pool: Pool) => number;
  /** Returns the initial margin with open orders, counted by the subset of fills that asks for most. */
  readonly projectMargin: Stoppable<[pool: Pool, orders: readonly OpenOrder[]], ProjectedMargin | NotMarginedPool>;
  /**
   * Returns what `projectMargin` returns, but counts the fills of orders that only reduce as well. What they leave of a
   * hedge may need more than the pool does now.
   */
  readonly projectReducing: MarginEngine["projectMargin"];
  /**
   * Frees the memory of the risk arrays. Later calls price the instruments anew. It serves programs that use many
   * engines one after another.
   */
  readonly release: () => void;
}

/**
 * Prepares a snapshot and a parameter set for any number of pools. The same inputs give bit-identical results,
 * whatever the order in which pools are asked for. `methods` are the shipped ones unless another is to be tried.
 * Throws only if the snapshot or the parameters break their contract.
 */
export function createMarginEngine(
  snapshot: MarketSnapshot,
  parameters: ParameterSet,
  methods: MethodRegistry = methodRegistry,
): MarginEngine {
  const market = createMarket(snapshot, parameters, methods);
  const nodePrices: NodePrices = new Map();
  const margin = (pool: Pool): PoolResult => {
    const book = createBook(market, pool);
    if (isRefusal(book)) return book;
    const result = buildResult(market, book, evaluate(market, book));
    return saysNothing(book, result, parameters) ? refuseFor(market, pool, result) : result;
  };
  /** Returns the book of a pool, or the refusal if the pool has no figures. */
  const findBook = (pool: Pool): Book | NotMarginedPool => {
    const book = createBook(market, pool);
    if (isRefusal(book) || book.setAside === null) return book;
    const result = margin(pool);
    return result.status === "margined" ? book : result;
  };
  const marginUnbounded = (pool: Pool): PoolResult => {
    const book = createBook(market, pool);
    if (isRefusal(book)) return book;
    const unbounded = { ...book, lossBounds: noLossBounds(book.units) };
    return buildResult(market, unbounded, evaluate(market, unbounded));
  };
  const scenarioLosses = (pool: Pool): UnitScenarioLosses[] => {
    const book = createBook(market, pool);
    if (isRefusal(book)) return [];
    return book.units.map((unit) => ({
      underlying: unit.underlying,
      set: market.views[unit.underlyingIndex]!.set,
      losses: scanUnit(market, book, unit),
    }));
  };
  function callPrices(pool: Pool): readonly CallPrice[];
  function callPrices(pool: Pool, mayGoOn: MayGoOn): readonly CallPrice[] | Stopped;
  function callPrices(pool: Pool, mayGoOn = asLongAsItTakes): readonly CallPrice[] | Stopped {
    const book = findBook(pool);
    if (!isRefusal(book)) return unlessStopped(() => findCallPrices(market, book, nodePrices, mayGoOn));
    return heldUnderlyings(market, pool).flatMap((underlying) => withoutPrices(underlying, "not_margined"));
  }
  type Projected = ProjectedMargin | NotMarginedPool;
  const projecting = (countsReducing: boolean): MarginEngine["projectMargin"] => {
    function project(pool: Pool, orders: readonly OpenOrder[]): Projected;
    function project(pool: Pool, orders: readonly OpenOrder[], mayGoOn: MayGoOn): Projected | Stopped;
    function project(pool: Pool, orders: readonly OpenOrder[], mayGoOn = asLongAsItTakes): Projected | Stopped {
      const engine = { margin, marginUnbounded, scenarioLosses, mayGoOn };
      return unlessStopped(() => findProjectedMargin(market, pool, orders, engine, countsReducing));
    }
    return project;
  };
  return {
    margin,
    marginChanges: (base) => prepareChanges(market, base, margin),
    scenarioLosses,
    projectMargin: projecting(false),
    projectReducing: projecting(true),
    collateral: (pool) => {
      const book = findBook(pool);
      return isRefusal(book) ? [] : explainCollateral(market, book, valueCurrencies(market, book));
    },
    explainVar: (pool) => {
      const book = findBook(pool);
      if (isRefusal(book)) return null;
      return explainVar(market, book, valueCurrencies(market, book), poolPriceIn(market, book));
    },
    oldestPriceAgeMs: (pool) => oldestPriceAgeMs(market, pool),
    callPrices,
    release: () => {
      releaseNodePrices(nodePrices);
      for (const view of market.views) {
        if (view !== null) releaseArrays(view);
      }
    },
  };
}

/** Returns the function that `marginChanges` gives for a pool. `margin` serves the pools that must be margined anew. */
function prepareChanges(
  market: Market,
  pool: Pool,
  margin: MarginEngine["margin"],
): ReturnType<MarginEngine["marginChanges"]> {
  const book = createBook(market, pool);
  const base = isRefusal(book) ? null : createBaseBook(market, book);
  if (base === null) return margin;
  const measured = measureBook(market, base.book);
  const sums = keepJointSums(market, base.book);
  const greeks = new Map(base.book.units.map((unit) => [unit, sumGreeks(market, unit)]));
  return (changed) => {
    const own = createChangedBook(market, base, changed);
    if (own === null) return margin(changed);
    return buildResult(market, own, addCharges(market, measureBook(market, own, measured), sums), greeks);
  };
}

/** Returns the underlyings of the positions whose instrument the market knows, sorted and each once. */
function heldUnderlyings(market: Market, pool: Pool): string[] {
  const indexes = pool.positions.map(({ instrumentId }) => market.instrumentIndexes.get(instrumentId));
  const known = indexes.filter((index) => index !== undefined);
  const names = known.map((index) => market.snapshot.instruments[index]!.instrument.underlying);
  return [...new Set(names)].sort(compareText);
}

function isRefusal(book: Book | NotMarginedPool): book is NotMarginedPool {
  return "status" in book;
}

/** Builds the result of a book. `knownGreeks` has the summed Greeks of units that are known already. */
function buildResult(
  market: Market,
  book: Book,
  evaluation: Evaluation,
  knownGreeks: ReadonlyMap<BookUnit, Greeks> = new Map(),
): MarginedPool {
  const { pool, units } = book;
  const { equity, marginBalance, initialMarginBalance, initialMargin, maintenanceMargin, netOptionValue } = evaluation;
  const { severityBasis } = evaluation;
  const components: MarginComponent[] = [];
  const unitResults = units.map((unit, index): RiskUnitResult => {
    const { state, set } = market.views[unit.underlyingIndex]!;
    const { requirement, componentNames, amounts, worstScenario, worstLoss, scenarios } = evaluation.units[index]!;
    const { ids, labels } = scenarios ?? set;
    for (const [component, name] of componentNames.entries()) {
      const amount = amounts[component]!;
      if (amount !== 0) components.push({ name, underlying: unit.underlying, amount });
    }
    return {
      underlying: unit.underlying,
      quality: state.quality,
      worstScenario:
        worstScenario < 0 ? null : { scenarioId: ids[worstScenario]!, label: labels[worstScenario]!, loss: worstLoss },
      greeks: knownGreeks.get(unit) ?? sumGreeks(market, unit),
      requirement,
    };
  });
  for (const { name, underlying, initial } of evaluation.charges) {
    if (initial !== 0) components.push({ name, underlying, amount: initial });
  }
  const notes = [...evaluation.notes, ...settledNotes(book.settled), ...parNotes(market, pool)];
  const { setAside } = book;
  const poolPriceUsd = poolPriceIn(market, book);
  return {
    status: "margined",
    accountId: pool.accountId,
    snapshotId: market.snapshot.snapshotId,
    parametersVersion: market.parameters.parametersVersion,
    methodId: pool.methodId,
    methodVersion: book.method.version,
    poolCurrency: pool.poolCurrency,
    equity,
    marginBalance,
    initialMarginBalance,
    initialMargin,
    maintenanceMargin,
    availableFunds: initialMarginBalance - initialMargin,
    marginRatio: ratioOf(evaluation),
    marginHeadroom: marginBalance - maintenanceMargin,
    netOptionValue,
    ...(isBasisOfItsOwn(evaluation) && { severityBasis }),
    components,
    units: unitResults,
    collateralQuality: collateralQualityOf(market, book),
    ...(notes.length > 0 && { notes }),
    ...(setAside !== null && {
      incomplete: setAside.holdings.map(({ reason, worstUsd }) => ({ ...reason, worth: worstUsd / poolPriceUsd })),
      proven: proveFigures(evaluation, setAside, book.lossBounds.greatestDebt, poolPriceUsd),
    }),
  };
}

/**
 * Returns maintenance margin ÷ margin balance of the severity basis, or null if that balance is not positive. It is 0
 * if both are 0 while the pool's own margin balance is positive, as nothing can then come to be owed.
 */
function ratioOf({ marginBalance, severityBasis: basis }: Evaluation): number | null {
  if (basis.marginBalance > 0) return basis.maintenanceMargin / basis.marginBalance;
  return marginBalance > 0 && basis.marginBalance === 0 && basis.maintenanceMargin === 0 ? 0 : null;
}

/** Returns whether the severity rests on amounts other than the margins and balances of the result. */
function isBasisOfItsOwn({ severityBasis: basis, ...figures }: Evaluation): boolean {
  return (
    basis.greatestDebt !== null ||
    basis.initialMargin !== figures.initialMargin ||
    basis.initialMarginBalance !== figures.initialMarginBalance ||
    basis.maintenanceMargin !== figures.maintenanceMargin ||
    basis.marginBalance !== figures.marginBalance
  );
}

/**
 * Returns whether a pool must be refused because its figures would look sound although almost nothing was margined.
 * That is so if no position, or nothing that moves, could be margined, and the proven figures are still NORMAL. A book
 * without units whose faults are all of its method is refused whatever it is worth.
 */
function saysNothing({ pool, units, setAside }: Book, { proven }: MarginedPool, parameters: ParameterSet): boolean {
  const inDoubt = setAside?.holdings.filter(({ reason }) => isInDoubt(reason)) ?? [];
  if (proven === undefined || inDoubt.length === 0) return false;
  const isBare = units.length === 0;
  const hasNoPosition =
    pool.positions.length === 0 && inDoubt.some(({ reason }) => reason.field.startsWith("positions"));
  const isOtherMethods = hasNoPosition && inDoubt.every(({ isMethodFault }) => isMethodFault);
  if (isOtherMethods && isBare) return true;
  const isSilentAll = (isBare || hasNoPosition) && inDoubt.every(({ reason }) => isSilent(reason));
  return (isOtherMethods || isSilentAll) && severityOf(proven, parameters.severity) === "NORMAL";
}

function refuseFor(market: Market, pool: Pool, { incomplete = [] }: MarginedPool): NotMarginedPool {
  return refuse(market, pool, incomplete.find(isInDoubt)!);
}

/** Returns the summed Greeks of the unit's positions. Coin balances are not among them. */
function sumGreeks(market: Market, unit: BookUnit): Greeks {
  const view = market.views[unit.underlyingIndex]!;
  let delta = 0;
  let gamma = 0;
  let vega = 0;
  let theta = 0;
  for (let position = 0; position < unit.quantities.length; position += 1) {
    const row = getRow(market, view, unit.instrumentIndexes[position]!);
    const quantity = unit.quantities[position]!;
    delta += quantity * row.delta;
    gamma += quantity * row.gamma;
    vega += quantity * row.vega;
    theta += quantity * row.theta;
  }
  return { delta, gamma, vega, theta };
}
