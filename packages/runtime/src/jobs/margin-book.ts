import type { StatedMargin } from "@plimsoll/calls";
import type { Account, MarginEngine, MarginedAccount, NotMarginedAccount, ProjectedMargin } from "@plimsoll/risk";
import { AmountError, type AssumedEntry, assumeEntries, type KernelPool, stateMargin } from "@plimsoll/schema";
import { errorText } from "../telemetry.ts";
import type { StoredBook } from "./books.ts";
import type { PreparedMarket } from "./engine-cache.ts";

/** A pool's figures as the kernel has them, and as they are stored and told. */
export type Margined = {
  readonly status: "margined";
  readonly figures: MarginedAccount;
  readonly margin: StatedMargin;
  /** Marks that positions without a usable entry price count as entered at from now on. */
  readonly assumedEntries: readonly AssumedEntry[];
};
/** Why a pool has no figures. */
export type Refused = Pick<NotMarginedAccount, "status" | "code" | "field" | "value" | "remedy">;

/**
 * Books margined for open orders in one pass over a shard, some seconds' worth. Makers who quote everything take up to two
 * thousand each; what is ordered beyond this has no projected margin, rather than hold up what is held.
 */
export const orderTriesPerPass = 50_000;

/** Margins a pool, with its open orders beside, or says what of it cannot be. Throws where its numbers are beyond the kernel; see `refusalOf`. */
export function marginBook(
  book: StoredBook,
  { engine }: PreparedMarket,
  orderTriesLeft: { count: number },
  assumedEntries: readonly AssumedEntry[] = [],
): Margined | Refused {
  const { pool, ledgerSequence } = book;
  if (pool === null || ledgerSequence === null) {
    return unreadable(book.problem ?? "no sequence", "send an account_state with a higher ledger_sequence");
  }
  const account = assumeEntries(pool.account, assumedEntries);
  const { openOrders } = pool;
  const figures = engine.margin(account);
  if (figures.status === "not_margined") return figures;
  const projected =
    openOrders.length === 0 ? null : projectOrders({ ...pool, account }, figures, engine, orderTriesLeft);
  const margin = stateMargin(figures, ledgerSequence, projected);
  return { status: "margined", figures, margin, assumedEntries: entriesAssumed(account, figures) };
}

/** What is lost from the mark at which a faulty entry price is first seen counts, whatever the price does afterwards. */
function entriesAssumed({ positions }: Account, { incomplete = [] }: MarginedAccount): AssumedEntry[] {
  const entries = incomplete.flatMap(({ field, assumed, price }): [string, number][] => {
    const position = positions[Number(/^positions\[(\d+)\]/.exec(field)?.[1])];
    return assumed === "entered_at_mark" && price !== null && position ? [[position.instrumentId, price]] : [];
  });
  return [...new Map(entries)].map(([instrumentId, price]) => ({ instrumentId, price }));
}

function projectOrders(
  { account, openOrders }: KernelPool,
  { accountId, snapshotId, parametersVersion }: MarginedAccount,
  engine: MarginEngine,
  orderTriesLeft: { count: number },
): ProjectedMargin | NotMarginedAccount {
  if (orderTriesLeft.count <= 0) {
    const value = `${openOrders.length} orders after ${orderTriesPerPass} books were margined for those of others`;
    const remedy = "spread the accounts over more shards";
    const refusal = { code: "limit_exceeded", field: "open_orders", value, remedy } as const;
    return { status: "not_margined", accountId, snapshotId, parametersVersion, ...refusal };
  }
  const projected = engine.projectMargin(account, openOrders);
  orderTriesLeft.count -= projected.status === "projected" ? projected.tries : openOrders.length;
  return projected;
}

/** What went wrong with one pool as a reason, so that it does not stop the others (I9). */
export function refusalOf(error: unknown): Refused {
  if (!(error instanceof AmountError)) return unreadable(errorText(error), "report this account to the operator");
  const remedy = "reduce the quantities and balances of the account to what a venue can hold";
  return { status: "not_margined", code: "limit_exceeded", field: "positions", value: error.message, remedy };
}

function unreadable(value: string, remedy: string): Refused {
  return { status: "not_margined", code: "ledger_unreadable", field: "data", value, remedy };
}
