import type { StatedMargin } from "@plimsoll/calls";
import type { MarginedPool, NotMarginedPool, Pool } from "@plimsoll/risk";
import { AmountError, type AssumedEntry, errorText, stateMargin } from "@plimsoll/schema";
import type { PreparedEngine } from "./prepared-engines.ts";
import type { StoredPool } from "./stored-pools.ts";

/** The figures of a pool as the kernel computed them, and as they are stored and published. */
export type Margined = {
  readonly status: "margined";
  readonly figures: MarginedPool;
  readonly margin: StatedMargin;
  /** Marks that count from now on as the entry prices of positions without a usable one. */
  readonly assumedEntries: readonly AssumedEntry[];
};
/** Why a pool has no figures. */
export type Refused = Pick<NotMarginedPool, "status" | "code" | "field" | "value" | "remedy">;

/**
 * Margins a pool, or returns why it cannot be. Open orders are projected later; see `projectOrders`. Throws if its
 * numbers are too large for the kernel; see `refusalOf`.
 */
export function marginPool(pool: StoredPool, { engine }: PreparedEngine): Margined | Refused {
  const { contents, ledgerSequence, stateProblem } = pool;
  // Without the committed severity nothing could be decided from the margin.
  if (stateProblem !== null) {
    const remedy = `restore the item STATE of ${pool.poolKey} in the Margin table, from its last event`;
    return { status: "not_margined", code: "state_unreadable", field: "severity", value: stateProblem, remedy };
  }
  if (contents === null || ledgerSequence === null) {
    return unreadable(pool.problem ?? "no sequence", "send an account_state with a higher ledger_sequence");
  }
  const figures = engine.margin(contents.pool);
  if (figures.status === "not_margined") return figures;
  const margin = stateMargin(figures, ledgerSequence);
  const notProjected = contents.openOrders.length === 0 ? null : orderless(contents.openOrders.length);
  return {
    status: "margined",
    figures,
    margin: { ...margin, notProjected },
    assumedEntries: entriesAssumed(contents.pool, figures),
  };
}

/**
 * Lists the marks that count as entry prices of positions without a usable one. A mark stays from the first sweep on.
 */
function entriesAssumed({ positions }: Pool, { incomplete = [] }: MarginedPool): AssumedEntry[] {
  const before = positions.flatMap(({ instrumentId, entryPrice, assumedEntryPrice }): [string, number][] =>
    assumedEntryPrice === undefined || entryPrice > 0 ? [] : [[instrumentId, assumedEntryPrice]],
  );
  const found = incomplete.flatMap(({ field, assumed, price }): [string, number][] => {
    const position = positions[Number(/^positions\[(\d+)\]/.exec(field)?.[1])];
    return assumed === "entered_at_mark" && price !== null && position ? [[position.instrumentId, price]] : [];
  });
  return [...new Map([...found, ...before])].map(([instrumentId, price]) => ({ instrumentId, price }));
}

/** The reason stated for orders that there has been no time to project. */
function orderless(count: number): NonNullable<StatedMargin["notProjected"]> {
  const value = `${count} orders that this pass had no time for`;
  return { code: "out_of_time", field: "open_orders", value, remedy: "wait for the next pass; it goes on with them" };
}

/** Converts an error of one pool to a reason, so that it does not stop the others (I9). */
export function refusalOf(error: unknown): Refused {
  if (!(error instanceof AmountError)) return unreadable(errorText(error), "report this account to the operator");
  const remedy = "reduce the quantities and balances of the account to what a venue can hold";
  return { status: "not_margined", code: "limit_exceeded", field: "positions", value: error.message, remedy };
}

function unreadable(value: string, remedy: string): Refused {
  return { status: "not_margined", code: "ledger_unreadable", field: "data", value, remedy };
}
