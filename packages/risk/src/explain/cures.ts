import type { MarginEngine } from "../engine/index.ts";
import {
  type Account,
  type MarginedAccount,
  type MarketSnapshot,
  type ParameterSet,
  type QuotedInstrument,
  type Severity,
  severityRank,
  traitsOf,
} from "../model/index.ts";
import { blendInWindows } from "../settlement/index.ts";
import { keptSeverityOf } from "../severity/index.ts";
import { addBalance, closeShare } from "./close-position.ts";
import { faultyInstruments } from "./contributions.ts";

/** A change that brings an account back to a severity, found and verified by margining the account with it. */
export type Cure = DepositCure | ReductionCure;

interface CureBase {
  /** The account with the cure applied, and its result. */
  readonly account: Account;
  readonly result: MarginedAccount;
}

export interface DepositCure extends CureBase {
  readonly kind: "deposit";
  readonly asset: string;
  /** Units of the asset. */
  readonly amount: number;
}

export interface ReductionCure extends CureBase {
  readonly kind: "reduction";
  readonly instrumentId: string;
  /** Contracts to trade, signed: negative sells a long, positive buys a short back. */
  readonly quantity: number;
  /** What is left of the position is 1 - share of it. */
  readonly share: number;
  /** Size of the trade at the underlying's price, US dollars. */
  readonly notionalUsd: number;
}

/** Cures are searched to this part of their size; half of a cure does not restore the level. */
const CURE_TOLERANCE = 1e-9;

/** Shares of a position that are tried from nothing to all of it before the first that restores is narrowed down. */
const REDUCTION_STEPS = 32;
const BISECTIONS = 40;
/** Deposits are tried up to this many times what is held and required together. */
const DEPOSIT_LIMIT = 1e6;

/**
 * The least deposit of the pool's currency, and the least reduction of each single position, that bring an account to
 * `severity` or better and keep it there (below the leave levels of all graver ones), other things equal. The deposit first,
 * then reductions by notional, the smallest first. A position that restores nothing even when closed has no cure.
 * Reductions trade at the mark without fees. Empty when the account is there already or cannot be margined.
 */
export function findCures(
  engine: MarginEngine,
  snapshot: MarketSnapshot,
  parameters: ParameterSet,
  account: Account,
  severity: Severity,
): readonly Cure[] {
  const restored = restoredBy(engine, parameters, severity);
  const result = engine.margin(account);
  if (result.status !== "margined" || restored(account) !== null) return [];
  const deposit = findDeposit(account, result, restored);
  const indexPrices = new Map(snapshot.underlyings.map(({ underlying, indexPrice }) => [underlying, indexPrice]));
  const faulty = faultyInstruments(account, result);
  const held = new Set(account.positions.map(({ instrumentId }) => instrumentId).filter((id) => !faulty.has(id)));
  const reductions = blendInWindows(snapshot)
    .instruments.filter(({ instrument }) => held.has(instrument.instrumentId))
    .map((quoted) => findReduction(account, quoted, indexPrices, restored))
    .filter((cure) => cure !== null)
    .sort((a, b) => a.notionalUsd - b.notionalUsd || (a.instrumentId < b.instrumentId ? -1 : 1));
  return deposit === null ? reductions : [deposit, ...reductions];
}

type Restored = (changed: Account) => MarginedAccount | null;

/** The result of a changed account where it is at `severity` or better and stays there; null where it is not. */
export function restoredBy(engine: MarginEngine, parameters: ParameterSet, severity: Severity): Restored {
  return (changed) => {
    const result = engine.margin(changed);
    if (result.status !== "margined") return null;
    return severityRank(keptSeverityOf(result, parameters.severity)) <= severityRank(severity) ? result : null;
  };
}

function findDeposit(account: Account, result: MarginedAccount, restored: Restored): DepositCure | null {
  const asset = account.poolCurrency;
  const deposit = (amount: number) => ({ ...account, collateral: addBalance(account.collateral, asset, amount) });
  const scale =
    Math.abs(result.equity) + Math.abs(result.marginBalance) + result.initialMargin + result.maintenanceMargin;
  let enough = scale / 1024;
  while (restored(deposit(enough)) === null) {
    enough *= 2;
    if (!(enough < scale * DEPOSIT_LIMIT)) return null;
  }
  const amount = leastThat((tried) => restored(deposit(tried)) !== null, 0, enough);
  return { kind: "deposit", asset, amount, account: deposit(amount), result: restored(deposit(amount))! };
}

function findReduction(
  account: Account,
  quoted: QuotedInstrument,
  indexPrices: ReadonlyMap<string, number>,
  restored: Restored,
): ReductionCure | null {
  const { instrument } = quoted;
  const net = account.positions.reduce(
    (sum, { instrumentId, quantity }) => (instrumentId === instrument.instrumentId ? sum + quantity : sum),
    0,
  );
  if (net === 0) return null;
  const restores = (share: number) => restored(closeShare(account, quoted, share)) !== null;
  let share: number | null = null;
  for (let step = 1; step <= REDUCTION_STEPS && share === null; step += 1) {
    const from = (step - 1) / REDUCTION_STEPS;
    if (restores(step / REDUCTION_STEPS)) share = leastThat(restores, from, step / REDUCTION_STEPS);
  }
  if (share === null) return null;
  // Margins are not monotone in a position: what half of it restores as well was not the least.
  while (restores(share / 2)) share = leastThat(restores, 0, share / 2);
  const reduced = closeShare(account, quoted, share);
  const indexPrice = indexPrices.get(instrument.underlying) ?? Number.NaN;
  const isCoinSized = traitsOf(instrument).isPaidFor || instrument.settlement === "linear";
  const unitUsd = isCoinSized ? instrument.contractSize * indexPrice : instrument.contractSize;
  return {
    kind: "reduction",
    instrumentId: instrument.instrumentId,
    quantity: 0 - net * share,
    share,
    notionalUsd: Math.abs(net * share) * unitUsd,
    account: reduced,
    result: restored(reduced)!,
  };
}

/** The least number above `from` up to `to` that satisfies, within CURE_TOLERANCE of it; `to` does, `from` does not. */
function leastThat(satisfies: (tried: number) => boolean, from: number, to: number): number {
  let below = from;
  let enough = to;
  for (let step = 0; step < BISECTIONS && enough - below > CURE_TOLERANCE * enough; step += 1) {
    const middle = below + (enough - below) / 2;
    if (satisfies(middle)) enough = middle;
    else below = middle;
  }
  return enough;
}
