import type { GapReason } from "@plimsoll/schema";
import type { Gap, StoredAccount } from "@plimsoll/store";

/**
 * States the reason of an account's gap as it is now, and in words what would close it. `waiting` is the first waiting
 * sequence, by default the one that the gap was opened for.
 */
export function describeGap(
  accountId: string,
  gap: Gap,
  stored: StoredAccount | undefined,
  waiting = gap.needsSequence,
): { readonly reason: GapReason; readonly message: string } {
  const held = stored?.ledgerSequence ?? 0;
  const isRefused = gap.refused !== null && held < gap.refused.sequence;
  if (stored === undefined) {
    const why = isRefused ? ` (${gap.refused?.problem})` : "";
    return { reason: "unknown_account", message: `${accountId} is unknown: send account_state first${why}` };
  }
  if (stored.problem !== null) {
    const message = `${accountId} cannot be read (${stored.problem}): only account_state can replace it`;
    return { reason: "unreadable_account", message };
  }
  if (isRefused) {
    const message = `${accountId} holds sequence ${held}; ${gap.refused?.problem}: send it corrected, or account_state`;
    return { reason: "refused_event", message };
  }
  const [first, last] = [held + 1, waiting - 1];
  const missing =
    first < last ? `sequences ${first} to ${last} are missing; send them` : `sequence ${first} is missing; send it`;
  const message = `${accountId} holds sequence ${held} and ${waiting} waits: ${missing}, or account_state`;
  return { reason: "missing_events", message };
}
