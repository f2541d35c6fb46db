import type { LedgerAccount } from "@plimsoll/ledger";
import type { Account } from "@plimsoll/risk";
import { z } from "zod";
import { collateralBalance, methodId, position } from "./account-events.ts";
import { toNumber } from "./amounts.ts";
import { accountId, limits, sequence, symbol } from "./primitives.ts";
import { fromWire, toWire } from "./wire.ts";

/** An account as the ledger table keeps it: exact decimals. */
export const accountRecord = z.strictObject({
  schema_version: z.literal(1),
  account_id: accountId,
  pool_currency: symbol,
  method_id: methodId,
  ledger_sequence: sequence,
  collateral: z.array(collateralBalance).max(limits.collateralAssets),
  positions: z.array(position).max(limits.positionsPerAccount),
});
export type AccountRecord = z.infer<typeof accountRecord>;

export function encodeAccount(account: LedgerAccount): AccountRecord {
  return accountRecord.parse(toWire({ schemaVersion: 1, ...account }));
}

/** Parses a stored account; throws a ZodError when it is not one. */
export function decodeAccount(wire: unknown): LedgerAccount {
  const { schemaVersion: _, ...account } = fromWire(accountRecord.parse(wire));
  return account;
}

/** The account as the kernel sees it: each decimal as the double nearest to it. */
export function kernelAccount(account: LedgerAccount): Account {
  return {
    ...account,
    collateral: account.collateral.map(({ asset, amount }) => ({ asset, amount: toNumber(amount) })),
    positions: account.positions.map(({ instrumentId, quantity, entryPrice }) => ({
      instrumentId,
      quantity: toNumber(quantity),
      entryPrice: toNumber(entryPrice),
    })),
  };
}
