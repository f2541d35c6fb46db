import type { StatedMargin } from "@plimsoll/calls";
import type { MarginedAccount, NotMarginedAccount } from "@plimsoll/risk";
import { AmountError, kernelAccount, stateMargin } from "@plimsoll/schema";
import type { StoredAccount } from "@plimsoll/store";
import { errorText } from "../telemetry.ts";
import type { PreparedMarket } from "./engine-cache.ts";

/** An account's figures as the kernel has them, and as they are stored and told. */
export type Margined = {
  readonly status: "margined";
  readonly figures: MarginedAccount;
  readonly margin: StatedMargin;
};
/** Why an account has no figures. */
export type Refused = Pick<NotMarginedAccount, "status" | "code" | "field" | "value" | "remedy">;

/** Margins an account, or says what of it cannot be. Throws where its numbers are beyond the kernel; see `refusalOf`. */
export function marginAccount(stored: StoredAccount, { engine }: PreparedMarket): Margined | Refused {
  const { account, ledgerSequence } = stored;
  if (account === null || ledgerSequence === null) {
    return unreadable(stored.problem ?? "no sequence", "send an account_state with a higher ledger_sequence");
  }
  const figures = engine.margin(kernelAccount(account));
  if (figures.status === "not_margined") return figures;
  return { status: "margined", figures, margin: stateMargin(figures, ledgerSequence) };
}

/** What went wrong with one account as a reason, so that it does not stop the others (I9). */
export function refusalOf(error: unknown): Refused {
  if (!(error instanceof AmountError)) return unreadable(errorText(error), "report this account to the operator");
  const remedy = "reduce the quantities and balances of the account to what a venue can hold";
  return { status: "not_margined", code: "limit_exceeded", field: "positions", value: error.message, remedy };
}

function unreadable(value: string, remedy: string): Refused {
  return { status: "not_margined", code: "ledger_unreadable", field: "data", value, remedy };
}
