import { setTimeout as sleep } from "node:timers/promises";
import type { InvocationError } from "../sandbox/protocol.ts";
import type { StreamRecord } from "./stream-record.ts";

/** What one delivery of a batch came to: the first record to be tried again, and why. */
export type Delivery =
  | { readonly kind: "succeeded" }
  | { readonly kind: "failed"; readonly firstFailed: number; readonly cause: InvocationError };

/** How failing batches are treated, from the event source. */
export interface RetryPolicy {
  readonly bisectBatchOnFunctionError: boolean;
  /** Null means until it succeeds. */
  readonly maximumRetryAttempts: number | null;
}

/** What the delivery of a batch calls back. */
export interface BatchHandlers {
  deliver(records: readonly StreamRecord[]): Promise<Delivery>;
  /** Everything up to and with this record is settled. */
  settle(record: StreamRecord): void;
  /** The records are given up; must keep a trace of them before it resolves. */
  giveUp(records: readonly StreamRecord[], cause: InvocationError, deliveries: number): Promise<void>;
  readonly signal: AbortSignal;
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Delivers a batch until each record is settled, in order, as Lambda does for a stream: what comes before the first
 * failed record is done; the rest is tried again, in halves when the event source says so (which costs no attempt),
 * and given up after its attempts. Says whether all is settled: when the signal aborts, the rest is left as it is.
 */
export async function deliverInOrder(
  batch: readonly StreamRecord[],
  policy: RetryPolicy,
  handlers: BatchHandlers,
): Promise<boolean> {
  const parts: { records: readonly StreamRecord[]; deliveries: number }[] = [{ records: batch, deliveries: 0 }];
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    if (handlers.signal.aborted) return false;
    const delivery = await handlers.deliver(part.records);
    if (delivery.kind === "succeeded") {
      settleLast(part.records, handlers);
      continue;
    }
    const { firstFailed, cause } = delivery;
    settleLast(part.records.slice(0, firstFailed), handlers);
    // A sandbox that was stopped with the stage has failed for no fault of the record.
    if (handlers.signal.aborted) return false;
    const rest = part.records.slice(firstFailed);
    const deliveries = part.deliveries + 1;
    if (policy.bisectBatchOnFunctionError && part.records.length > 1) {
      // A reported place is where the batch is cut; otherwise it is cut in the middle. The first half is on top.
      const middle = firstFailed > 0 ? 0 : Math.ceil(rest.length / 2);
      for (const records of [rest.slice(middle), rest.slice(0, middle)]) {
        if (records.length > 0) parts.push({ records, deliveries: part.deliveries });
      }
    } else if (policy.maximumRetryAttempts !== null && deliveries > policy.maximumRetryAttempts) {
      await handlers.giveUp(rest, cause, deliveries);
      settleLast(rest, handlers);
    } else {
      parts.push({ records: rest, deliveries });
      await pause(deliveries, handlers.signal);
    }
  }
  return true;
}

function settleLast(records: readonly StreamRecord[], handlers: BatchHandlers): void {
  const last = records.at(-1);
  if (last !== undefined) handlers.settle(last);
}

async function pause(deliveries: number, signal: AbortSignal): Promise<void> {
  const lengthMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (deliveries - 1));
  await sleep(lengthMs, undefined, { signal }).catch(() => {});
}
