import { accountPools, type LedgerAccount, type LedgerPosition } from "@plimsoll/ledger";
import type { OpenOrder, Pool, Position } from "@plimsoll/risk";
import * as z from "zod";
import { accountPool, poolContents } from "./account-events.ts";
import { toNumber } from "./amounts.ts";
import { accountId, limits, sequence } from "./primitives.ts";
import { fromWire, toWire } from "./wire.ts";

/** An account as the ledger table stores it. Numbers are exact decimals. */
const accountRecord = z.strictObject({
  schema_version: z.literal(1),
  account_id: accountId,
  ledger_sequence: sequence,
  ...poolContents,
  pools: z.array(accountPool).max(limits.poolsPerAccount).default([]),
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

/** One collateral pool of an account as the kernel takes it. */
export interface PoolWithOrders {
  readonly poolId: string;
  readonly pool: Pool;
  readonly openOrders: readonly OpenOrder[];
}

const kernelPositions = new WeakMap<LedgerPosition, Position>();

/** Converts a position once, so that an account after an event has the same objects for what the event left alone. */
function kernelPosition(position: LedgerPosition): Position {
  const known = kernelPositions.get(position);
  if (known !== undefined) return known;
  const { instrumentId, quantity, entryPrice, fundingIndex } = position;
  const converted = {
    instrumentId,
    quantity: toNumber(quantity),
    entryPrice: toNumber(entryPrice),
    ...(fundingIndex !== undefined && { fundingIndex: toNumber(fundingIndex) }),
  };
  kernelPositions.set(position, converted);
  return converted;
}

/** Converts the pools of an account for the kernel, the cross pool first. Each decimal becomes the nearest double. */
export function kernelPools(account: LedgerAccount): PoolWithOrders[] {
  return accountPools(account).map((pool) => ({
    poolId: pool.poolId,
    pool: {
      accountId: account.accountId,
      poolCurrency: pool.poolCurrency,
      methodId: pool.methodId,
      ledgerSequence: account.ledgerSequence,
      collateral: pool.collateral.map(({ asset, amount }) => ({ asset, amount: toNumber(amount) })),
      positions: pool.positions.map(kernelPosition),
    },
    openOrders: pool.openOrders.map(({ orderId, instrumentId, quantity, price }) => ({
      orderId,
      instrumentId,
      quantity: toNumber(quantity),
      price: toNumber(price),
    })),
  }));
}
