import type { Gap, StoredAccount } from "@plimsoll/store";

/** What an account lacks, and what would mend it, in words. */
export function gapText(
  accountId: string,
  { reason, needsSequence, problem }: Gap,
  held: number,
  stored: StoredAccount | undefined,
): string {
  switch (reason) {
    case "unknown_account":
      return `${accountId} is unknown: send account_state first${problem === null ? "" : ` (${problem})`}`;
    case "unreadable_account":
      return `${accountId} cannot be read (${stored?.problem ?? "its item"}): only account_state can replace it`;
    case "refused_event":
      return `${accountId} holds sequence ${held}; ${problem}: send it corrected, or account_state`;
    case "missing_events": {
      const [first, last] = [held + 1, needsSequence - 1];
      const missing = first < last ? `sequences ${first} to ${last} are` : `sequence ${first} is`;
      return `${accountId} holds sequence ${held} and ${needsSequence} waits: ${missing} missing; send them, or account_state`;
    }
  }
}
