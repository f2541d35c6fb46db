import { findMarginedPool, type StageTables } from "@plimsoll/app";
import { accountWords } from "@plimsoll/calls";
import { InputError } from "@plimsoll/files/input-error";
import type { MarginState } from "@plimsoll/risk";
import { portfolioFile, toWire } from "@plimsoll/schema";
import { inputsOf, type MarginInputs } from "./margin-inputs.ts";

/** What a pool's latest result rests on, and the market that its last call event rested on. */
export interface StoredAccount {
  readonly state: MarginState;
  readonly wire: MarginInputs;
  /** It is null if no call event rested on another snapshot. */
  readonly earlier: MarginState | null;
}

/**
 * Loads one pool of an account as its latest result has it. The earlier state is the market of the pool's last call
 * event with the present holdings. Throws an `InputError` that says what is missing.
 */
export async function loadStoredAccount(
  tables: StageTables,
  accountId: string,
  poolId: string,
  nowMs: number,
): Promise<StoredAccount> {
  const found = await findMarginedPool(tables, accountId, poolId, nowMs);
  const words = accountWords(accountId, poolId);
  switch (found.kind) {
    case "no_sweep":
      throw new InputError(`${tables.margin.name} has no completed sweep: explain a file, or wait for the first sweep`);
    case "no_result": {
      const problem = found.problem ?? "no such pool with a result";
      throw new InputError(`${words}: ${problem}; check the id, and --pool`);
    }
    case "not_margined": {
      const { field, value, remedy } = found.row;
      throw new InputError(`${words} is not margined: ${field} is ${value}: ${remedy}`);
    }
    case "margined": {
      const { row, pool, ledgerSequence, snapshot, parameters, earlierSnapshot } = found;
      const { poolCurrency, methodId, collateral, positions } = pool;
      const portfolio = portfolioFile.parse(toWire({ accountId, poolCurrency, methodId, collateral, positions }));
      const inputs = inputsOf(portfolio, methodId, snapshot, parameters, null, ledgerSequence, row.assumedEntries);
      const earlier = earlierSnapshot === null ? null : { ...inputs.state, snapshot: earlierSnapshot };
      return { ...inputs, earlier };
    }
  }
}
