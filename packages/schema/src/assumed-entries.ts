import type { Pool } from "@plimsoll/risk";
import * as z from "zod";
import { instrumentId } from "./primitives.ts";

/**
 * Marks at which positions without a usable entry price were first seen. They are doubles, so that a result recomputes
 * to the bit.
 */
export const assumedEntries = z.array(z.strictObject({ instrument_id: instrumentId, price: z.number() }));

export interface AssumedEntry {
  readonly instrumentId: string;
  readonly price: number;
}

/** Gives positions without a usable entry price the mark at which they were first seen as their entry. */
export function assumeEntries(pool: Pool, assumed: readonly AssumedEntry[]): Pool {
  if (assumed.length === 0) return pool;
  const prices = new Map(assumed.map(({ instrumentId, price }) => [instrumentId, price]));
  const positions = pool.positions.map((position) => {
    const assumedEntryPrice = prices.get(position.instrumentId);
    return assumedEntryPrice === undefined ? position : { ...position, assumedEntryPrice };
  });
  return { ...pool, positions };
}
