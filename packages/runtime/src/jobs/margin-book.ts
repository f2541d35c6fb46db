import type { StatedMargin } from "@plimsoll/calls";
import type { MarginedAccount, NotMarginedAccount } from "@plimsoll/risk";
import { AmountError, stateMargin } from "@plimsoll/schema";
import { errorText } from "../telemetry.ts";
import type { StoredBook } from "./books.ts";
import type { PreparedMarket } from "./engine-cache.ts";

/** A pool's figures as the kernel has them, and as they are stored and told. */
export type Margined = {
  readonly status: "margined";
  readonly figures: MarginedAccount;
  readonly margin: StatedMargin;
};
/** Why a pool has no figures. */
export type Refused = Pick<NotMarginedAccount, "status" | "code" | "field" | "value" | "remedy">;

/** Margins a pool, with its open orders beside, or says what of it cannot be. Throws where its numbers are beyond the kernel; see `refusalOf`. */
export function marginBook(book: StoredBook, { engine }: PreparedMarket): Margined | Refused {
  const { pool, ledgerSequence } = book;
  if (pool === null || ledgerSequence === null) {
    return unreadable(book.problem ?? "no sequence", "send an account_state with a higher ledger_sequence");
  }
  const { account, openOrders } = pool;
  const figures = engine.margin(account);
  if (figures.status === "not_margined") return figures;
  const projected = openOrders.length === 0 ? null : engine.projectMargin(account, openOrders);
  return { status: "margined", figures, margin: stateMargin(figures, ledgerSequence, projected) };
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
