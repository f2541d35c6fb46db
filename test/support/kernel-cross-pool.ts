import type { LedgerAccount } from "@plimsoll/ledger";
import type { Pool } from "@plimsoll/risk";
import { kernelPools } from "@plimsoll/schema";

/** Converts the cross pool of an account for the kernel. */
export function kernelCrossPool(account: LedgerAccount): Pool {
  return kernelPools({ ...account, pools: [] })[0]!.pool;
}
