import {
  type AccountEvent,
  accountEvent,
  type EventClaim,
  eventClaim,
  type Refusal,
  readJson,
  refusalsOf,
} from "@plimsoll/schema";
import { findAccount, saveAccount } from "@plimsoll/store";
import { type AccountPorts, type RefusedEvent, tryEvent } from "./account-effect.ts";
import { describeGap } from "./describe-gap.ts";
import { AccountContendedError, attempts, noteRefused, park, type Released, releaseParked } from "./parked-events.ts";

/** The outcome of an event: a `duplicate` is already part of the account, a `parked` one waits for earlier events. */
export type AccountOutcome = { readonly kind: "applied" | "duplicate" | "parked" } | RefusedEvent;

/** A message from the exchange. */
export interface AccountMessage {
  readonly messageId: string;
  readonly body: string;
  /** Time of sending by the queue's clock. */
  readonly sentAtMs: number;
}

/** The outcome of a message. */
export interface MessageResult {
  readonly kind: AccountOutcome["kind"];
  /** The event if the ledger has it, now or from before; otherwise null. */
  readonly held: AccountEvent | null;
  /** Number of parked events that could be applied after it. */
  readonly released: number;
  /** The account that has had a gap since this message, if the exchange has not been asked about it yet. */
  readonly lacking: string | null;
}

/** Processes one message of the exchange. A refused message is stored with its reasons. */
export async function ingestAccountMessage(message: AccountMessage, ports: AccountPorts): Promise<MessageResult> {
  const parsed = parseAccountEvent(message.body);
  if (parsed.event === null) {
    await keepRefused(message, parsed.refusals, ports);
    const { claim } = parsed;
    const opened = claim && (await noteRefused(claim, parsed.refusals, ports));
    return { kind: "refused", held: null, released: 0, lacking: opened && claim ? claim.account_id : null };
  }
  const { event } = parsed;
  const { outcome, released, opened } = await ingestAccountEvent(event, ports);
  if (outcome.kind === "refused") await keepRefused(message, outcome.refusals, ports);
  // A duplicate counts as held, since it may repeat a message whose request for its shard was lost.
  const held = outcome.kind === "applied" || outcome.kind === "duplicate" ? event : null;
  return { kind: outcome.kind, held, released, lacking: opened && event.account_id };
}

async function keepRefused(
  { messageId, body, sentAtMs }: AccountMessage,
  refusals: readonly Refusal[],
  { keepRejects }: AccountPorts,
): Promise<void> {
  await keepRejects({ receivedAtMs: sentAtMs, reference: messageId, body }, refusals);
}

/** The outcome of an event and its consequences. */
export interface IngestResult extends Released {
  readonly outcome: AccountOutcome;
}

/**
 * Parses the event of a message, or returns refusals. `claim` is the account and sequence that a refused text states.
 */
function parseAccountEvent(
  body: string,
): { readonly event: AccountEvent } | (RefusedEvent & { readonly event: null; readonly claim: EventClaim | null }) {
  const json = readJson(body);
  if ("refusals" in json) return { event: null, claim: null, kind: "refused", refusals: json.refusals };
  const parsed = accountEvent.safeParse(json.value);
  if (parsed.success) return { event: parsed.data };
  const claim = eventClaim.safeParse(json.value).data ?? null;
  return { event: null, claim, kind: "refused", refusals: refusalsOf(parsed.error, json.value) };
}

/**
 * Applies one event of the exchange to the ledger, if the account is still the one that it was computed from (I1), and
 * then the events that waited for it. An event that comes too early is parked in the ledger, so that no message waits
 * unseen in the queue. It is applied, or recognised as a duplicate, once the missing events or an account_state have
 * arrived.
 */
export async function ingestAccountEvent(event: AccountEvent, ports: AccountPorts): Promise<IngestResult> {
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const stored = await findAccount(ports.ledger, event.account_id, ports.shardCount);
    const held = stored === undefined ? 0 : stored.ledgerSequence;
    const outcome = await tryEvent(stored, event, ports);
    switch (outcome.kind) {
      case "duplicate":
        return { outcome, ...(await releaseParked(event, ports)) };
      case "refused":
        return { outcome, released: 0, opened: await noteRefused(event, outcome.refusals, ports) };
      case "gap": {
        const opened = await park(event, held ?? 0, ports);
        // Another writer of the account may have looked for parked events just before this one was parked.
        const again = await findAccount(ports.ledger, event.account_id, ports.shardCount);
        if ((again === undefined ? 0 : again.ledgerSequence) !== held) continue;
        if ("kind" in opened) {
          const lacking = await noteRefused(event, opened.refusals, ports);
          ports.log.warn("too many events wait; send account_state", { account_id: event.account_id });
          return { outcome: opened, released: 0, opened: lacking };
        }
        ports.log.warn(describeGap(event.account_id, opened, stored).message, { account_id: event.account_id });
        return { outcome: { kind: "parked" }, released: 0, opened: opened.requests === 0 ? opened : null };
      }
      case "applied":
        if (!(await saveAccount(ports.ledger, outcome.account, held, ports.shardCount))) continue;
        return { outcome, ...(await releaseParked(event, ports)) };
    }
  }
  throw new AccountContendedError(`${event.account_id} was written by others ${attempts} times`);
}
