import type { Instrument } from "@plimsoll/risk";
import type { FillEvent, LedgerAccount, LedgerEvent, StateEvent, TransferEvent } from "./account.ts";
import { Exact, LedgerRangeError } from "./exact.ts";
import { creditBalance, fillEffect, sortBalances, sortPositions } from "./fill.ts";

/** Most positions and assets of one account; beyond them an event is refused as a whole. */
export interface LedgerLimits {
  readonly positionsPerAccount: number;
  readonly collateralAssets: number;
}

/** What an event does to an account, or why it does nothing. */
export type LedgerOutcome =
  | { readonly kind: "applied"; readonly account: LedgerAccount }
  /** Already part of the account: repeated, or late. */
  | { readonly kind: "duplicate" }
  /** Events before it are missing; it may be tried again once they have come. */
  | { readonly kind: "gap"; readonly expectedSequence: number }
  | { readonly kind: "refused"; readonly field: string; readonly value: string; readonly problem: string };

/**
 * Applies one event of an account, exactly. A state replaces what is older; fills and transfers apply only to the
 * sequence just before them, so that none is lost, applied twice or out of order.
 */
export function applyEvent(
  account: LedgerAccount | null,
  event: LedgerEvent,
  findInstrument: (instrumentId: string) => Instrument | undefined,
  limits: LedgerLimits,
): LedgerOutcome {
  const held = account?.ledgerSequence ?? 0;
  if (event.ledgerSequence <= held) return { kind: "duplicate" };
  if (event.kind === "account_state") return applyState(event);
  if (account === null || event.ledgerSequence !== held + 1) return { kind: "gap", expectedSequence: held + 1 };
  try {
    const outcome = event.kind === "fill" ? applyFill(account, event, findInstrument) : applyTransfer(account, event);
    return outcome.kind === "applied" ? (findExcess(outcome.account, limits) ?? outcome) : outcome;
  } catch (error) {
    if (!(error instanceof LedgerRangeError)) throw error;
    return { kind: "refused", field: "quantity", value: event.kind, problem: error.message };
  }
}

function applyState(event: StateEvent): LedgerOutcome {
  const { kind: _, ...account } = event;
  const repeated = findRepeated(event.positions.map((position) => position.instrumentId));
  if (repeated !== null) {
    const [index, value] = repeated;
    return { kind: "refused", field: `positions[${index}].instrument_id`, value, problem: "each instrument once" };
  }
  const repeatedAsset = findRepeated(event.collateral.map((balance) => balance.asset));
  if (repeatedAsset !== null) {
    const [index, value] = repeatedAsset;
    return { kind: "refused", field: `collateral[${index}].asset`, value, problem: "each asset once" };
  }
  return {
    kind: "applied",
    account: {
      ...account,
      collateral: sortBalances(event.collateral.filter((balance) => !new Exact(balance.amount).isZero())),
      positions: sortPositions(event.positions.filter((position) => !new Exact(position.quantity).isZero())),
    },
  };
}

function applyFill(
  account: LedgerAccount,
  event: FillEvent,
  findInstrument: (instrumentId: string) => Instrument | undefined,
): LedgerOutcome {
  const instrument = findInstrument(event.instrumentId);
  if (instrument === undefined) {
    const problem = "an instrument of the latest snapshot, or an account_state that includes the trade";
    return { kind: "refused", field: "instrument_id", value: event.instrumentId, problem };
  }
  const held = account.positions.find((position) => position.instrumentId === event.instrumentId) ?? null;
  const effect = fillEffect(held, event, instrument);
  const others = account.positions.filter((position) => position !== held);
  return {
    kind: "applied",
    account: {
      ...account,
      ledgerSequence: event.ledgerSequence,
      collateral: creditBalance(account.collateral, effect.asset, effect.cash),
      positions: sortPositions(effect.position === null ? others : [...others, effect.position]),
    },
  };
}

function applyTransfer(account: LedgerAccount, event: TransferEvent): LedgerOutcome {
  const collateral = creditBalance(account.collateral, event.asset, event.amount);
  return { kind: "applied", account: { ...account, ledgerSequence: event.ledgerSequence, collateral } };
}

function findExcess(account: LedgerAccount, limits: LedgerLimits): LedgerOutcome | null {
  const { positions, collateral } = account;
  if (positions.length > limits.positionsPerAccount) {
    const problem = `at most ${limits.positionsPerAccount} positions`;
    return { kind: "refused", field: "positions", value: String(positions.length), problem };
  }
  if (collateral.length > limits.collateralAssets) {
    const problem = `at most ${limits.collateralAssets} assets`;
    return { kind: "refused", field: "collateral", value: String(collateral.length), problem };
  }
  return null;
}

/** Index and value of the first name that stood before it. */
function findRepeated(names: readonly string[]): [number, string] | null {
  const seen = new Set<string>();
  for (const [index, name] of names.entries()) {
    if (seen.has(name)) return [index, name];
    seen.add(name);
  }
  return null;
}
