import { setTimeout as sleep } from "node:timers/promises";
import type { InvocationError } from "../sandbox/protocol.ts";
import type { StreamRecord } from "./stream-record.ts";

/** The result of one delivery of a batch: success, or the first record to be tried again and the reason. */
export type Delivery =
  | { readonly kind: "succeeded" }
  | { readonly kind: "failed"; readonly firstFailed: number; readonly cause: InvocationError };

/** How failing batches are treated, from the event source. */
export interface RetryPolicy {
  readonly bisectBatchOnFunctionError: boolean;
  /** Null means until it succeeds. */
  readonly maximumRetryAttempts: number | null;
}

/** Callbacks of the delivery of a batch. */
export interface BatchHandlers {
  deliver(records: readonly StreamRecord[]): Promise<Delivery>;
  /** Notes that all records up to this one are settled. */
  settle(record: StreamRecord): void;
  /** Gives up records. It must have stored a trace of them before it resolves. */
  giveUp(records: readonly StreamRecord[], cause: InvocationError, deliveries: number): Promise<void>;
  readonly signal: AbortSignal;
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Delivers a batch in order until each record is settled, as Lambda does for a stream. Records before the first failed
 * one are done. The rest is tried again, in halves if the event source says so (which counts as no attempt), and given
 * up after the allowed attempts. Returns false if the signal aborts before all records are settled.
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
    // A sandbox that was stopped with the stage did not fail because of the record.
    if (handlers.signal.aborted) return false;
    const rest = part.records.slice(firstFailed);
    const deliveries = part.deliveries + 1;
    if (policy.bisectBatchOnFunctionError && part.records.length > 1) {
      // The batch is cut at the reported record if there is one, otherwise in the middle. The first half is processed
      // first.
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
