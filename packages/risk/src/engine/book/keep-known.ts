import { pricePowers } from "../../collateral/index.ts";
import type { JointFault } from "../../methods/var/prepare-scenarios.ts";
import {
  type CollateralBalance,
  type DecidingFigures,
  type IncompleteReason,
  type Pool,
  type Position,
  type SeverityBasis,
  settlementCurrency,
  traitsOf,
} from "../../model/index.ts";
import type { Market } from "../market/market.ts";
import {
  findBalanceFault,
  findPositionFault,
  type HoldingFault,
  isUsableEntry,
  netBalance,
  remedyOfUnknown,
} from "./pool-faults.ts";
import { knownOfBalance, knownOfFunding, knownOfPositions, nothingKnown, type SetAsideHolding } from "./set-aside.ts";
import { type SettledPosition, settleBalances, settlePosition } from "./settled-positions.ts";

/** The holdings of a pool that its book cannot hold in full. Positions stand before balances. */
export interface SetAside {
  readonly holdings: readonly SetAsideHolding[];
  /** The balances among the holdings. */
  readonly balances: readonly SetAsideBalance[];
  readonly worstUsd: number;
}

export interface SetAsideBalance extends CollateralBalance {
  readonly holding: SetAsideHolding;
}

/**
 * A pool, split into the part that can be margined in full and the rest. `setAside` is null if there is no rest.
 */
export interface KnownPart {
  readonly pool: Pool;
  readonly setAside: SetAside | null;
  /** The expired positions whose payment stands among the balances of `pool` instead. */
  readonly settled: readonly SettledPosition[];
}

/** The greatest number of unknown instruments of a pool for which the nearest known ids are looked for. */
const unknownExplained = 3;

/**
 * Splits a pool that cannot be margined as a whole. `unmoved` names the underlyings that joint scenarios have no
 * moves of. A fill of which only the gain is unknown stays, as if entered at its mark or without its funding. All other
 * fills of a faulty instrument are set aside together, so that they still offset each other. An instrument that has
 * expired at a known price counts as cash.
 */
export function keepKnown(market: Market, pool: Pool, unmoved: Unmoved): KnownPart {
  const method = market.methodOf(pool.methodId);
  const findFault = (position: Position) =>
    findPositionFault(market, pool, method, position) ?? findUnmovedPosition(market, position, unmoved);
  const kept: Position[] = [];
  const settled: SettledPosition[] = [];
  const holdings: SetAsideHolding[] = [];
  const apart = new Map<string, { fault: HoldingFault; field: string; fills: Position[] }>();
  for (const [index, position] of pool.positions.entries()) {
    const paid = settlePosition(market, position, index);
    if (paid !== null) {
      if (paid.quantity !== 0) settled.push(paid);
      continue;
    }
    let known = position;
    let fault = findFault(known);
    while (fault?.kind === "entry" || fault?.kind === "funding") {
      const { repaired, holding } = repair(market, known, fault, `positions[${index}]`);
      holdings.push(holding);
      known = repaired;
      fault = findFault(known);
    }
    if (fault === null) {
      kept.push(known);
      continue;
    }
    const field = `positions[${index}].${fault.member}`;
    const { instrumentId } = position;
    if (fault.kind === "amount") holdings.push(withReason(nothingKnown(instrumentId), fault, field));
    else {
      const others = apart.get(instrumentId);
      if (others === undefined) apart.set(instrumentId, { fault, field, fills: [position] });
      else others.fills.push(position);
    }
  }
  let unknown = 0;
  for (const [instrumentId, { fault, field, fills }] of apart) {
    if (fills.every(({ quantity }) => quantity === 0)) continue;
    const isUnknown = fault.code === "instrument_not_in_snapshot" && !market.lapsed.has(instrumentId);
    if (isUnknown) unknown += 1;
    const isExplained = isUnknown && unknown <= unknownExplained;
    const told = isExplained ? { ...fault, remedy: remedyOfUnknown(market, instrumentId) } : fault;
    holdings.push(withReason(knownOfPositions(market, fills, fault.kind === "method"), told, field));
  }
  const collateral: CollateralBalance[] = [];
  const balances: SetAsideBalance[] = [];
  const netted = new Set<string>();
  const paid = { ...pool, collateral: settleBalances(pool.collateral, settled) };
  for (const [index, balance] of paid.collateral.entries()) {
    const { asset } = balance;
    const fault = findBalanceFault(market, paid, method, balance) ?? findUnmovedBalance(market, paid, balance, unmoved);
    if (fault === null) {
      collateral.push(balance);
      continue;
    }
    // All entries of an asset that the method has no rule for are set aside as one balance.
    if (fault.kind === "method" && netted.has(asset)) continue;
    const apart = fault.kind === "method" ? { asset, amount: netBalance(paid, asset) } : balance;
    if (fault.kind === "method") netted.add(asset);
    const known = fault.kind === "amount" ? nothingKnown(asset) : knownOfBalance(market, apart, fault);
    const payer = index < pool.collateral.length ? undefined : settled.find((own) => own.asset === asset);
    const field = payer ? `positions[${payer.index}].instrument_id` : `collateral[${index}].${fault.member}`;
    const holding = withReason(known, fault, field);
    holdings.push(holding);
    balances.push({ ...apart, holding });
  }
  const worstUsd = holdings.reduce((sum, holding) => sum + holding.worstUsd, 0);
  const setAside = holdings.length === 0 ? null : { holdings, balances, worstUsd };
  return { pool: { ...pool, positions: kept, collateral }, setAside, settled };
}

/** Returns a position whose instrument is sound in a form that the book can hold, without the figure at fault. */
function repair(market: Market, position: Position, fault: HoldingFault, field: string) {
  const quoted = market.snapshot.instruments[market.instrumentIndexes.get(position.instrumentId)!]!;
  const { assumedEntryPrice, fundingIndex: _, ...unfunded } = position;
  const named = `${field}.${fault.member}`;
  if (fault.kind === "funding") {
    return { repaired: unfunded, holding: withReason(knownOfFunding(market, position, quoted), fault, named) };
  }
  const isAssumable = assumedEntryPrice !== undefined && isUsableEntry(traitsOf(quoted.instrument), assumedEntryPrice);
  const entryPrice = isAssumable ? assumedEntryPrice : quoted.markPrice;
  const known = { ...nothingKnown(quoted.instrument.underlying, "entered_at_mark"), price: entryPrice };
  return { repaired: { ...position, entryPrice }, holding: withReason(known, fault, named) };
}

function withReason(
  { assumed, price, ...known }: ReturnType<typeof nothingKnown>,
  { code, value, remedy }: HoldingFault,
  field: string,
): SetAsideHolding {
  return { ...known, reason: { code, field, value, remedy, assumed, price } };
}

type Unmoved = ReadonlyMap<string, JointFault>;

function findUnmovedPosition(market: Market, { instrumentId }: Position, unmoved: Unmoved): HoldingFault | null {
  if (unmoved.size === 0) return null;
  const { instrument } = market.snapshot.instruments[market.instrumentIndexes.get(instrumentId)!]!;
  const fault = unmoved.get(instrument.underlying) ?? unmoved.get(settlementCurrency(instrument));
  return fault === undefined ? null : unmovedFault("method", "instrument_id", fault);
}

function findUnmovedBalance(
  market: Market,
  { poolCurrency }: Pool,
  { asset, amount }: CollateralBalance,
  unmoved: Unmoved,
): HoldingFault | null {
  if (unmoved.size === 0 || amount === 0 || asset === poolCurrency) return null;
  for (const { underlying } of pricePowers(asset, market.collateral.get(asset))) {
    const fault = unmoved.get(underlying);
    if (fault !== undefined) return unmovedFault("balance", "asset", fault);
  }
  return null;
}

function unmovedFault(kind: HoldingFault["kind"], member: string, { value, remedy }: JointFault): HoldingFault {
  return { kind, code: "parameters_missing", member, value, remedy };
}

/**
 * Returns whether nothing is known of a holding that could be held against the pool, as it has no present price or
 * no rule.
 */
export function isSilent({ code, assumed }: Pick<IncompleteReason, "code" | "assumed">): boolean {
  if (code === "prices_blocked" || assumed === "nothing_known" || assumed === "static_rates") return true;
  return assumed === "counts_for_nothing" && code !== "collateral_not_accepted";
}

/**
 * Returns whether a holding that is set aside, or not known in full, may come to be owed beyond what it counts for. An
 * option that was bought, and a balance that counts for nothing, cannot.
 */
export function mayComeToOwe({ holdings }: SetAside): boolean {
  return holdings.some(({ reason }) => reason.assumed !== "counts_for_nothing");
}

/**
 * Returns the figures with each set-aside holding at the best that may be true of it. It has its best worth, and is the
 * best hedge that its size allows. Only requirements that rules ask for it stay. `knownDebt` is the most that can come
 * to be owed without these holdings, in pool currency.
 */
export function proveFigures(
  figures: DecidingFigures & { readonly severityBasis: SeverityBasis },
  { holdings }: SetAside,
  knownDebt: number,
  poolPriceUsd: number,
): DecidingFigures {
  let worth = 0;
  let bestUsd = 0;
  let initial = 0;
  let maintenance = 0;
  for (const holding of holdings) {
    worth += (holding.bestUsd - holding.worstUsd) / poolPriceUsd;
    bestUsd += holding.bestUsd;
    initial += holding.hedgeUsd / poolPriceUsd;
    maintenance += holding.hedgeUsd / poolPriceUsd;
    if (holding.isMethodFault) continue;
    initial += holding.initialUsd / poolPriceUsd;
    maintenance += holding.maintenanceUsd / poolPriceUsd;
  }
  const prove = ({ marginBalance, initialMarginBalance, initialMargin, maintenanceMargin }: Requirements) => ({
    marginBalance: marginBalance + worth,
    initialMarginBalance: initialMarginBalance + worth,
    initialMargin: Math.max(0, initialMargin - initial),
    maintenanceMargin: Math.max(0, maintenanceMargin - maintenance),
  });
  const isBounded = bestUsd >= 0 && knownDebt !== Number.POSITIVE_INFINITY;
  return {
    equity: figures.equity + worth,
    ...prove(figures),
    severityBasis: { ...prove(figures.severityBasis), greatestDebt: isBounded ? knownDebt : null },
  };
}

type Requirements = Omit<SeverityBasis, "greatestDebt">;
