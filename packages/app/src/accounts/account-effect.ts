import { applyEvent, findRunaway, type LedgerAccount, type LedgerEvent, type LedgerRefusal } from "@plimsoll/ledger";
import { describeUnknownInstrument, type Instrument, nearestWords } from "@plimsoll/risk";
import { type AccountEvent, fromWire, limits, type Refusal } from "@plimsoll/schema";
import type { StoredAccount, Table } from "@plimsoll/store";
import type { Log } from "../log.ts";
import { lapsedKeptDays } from "../quotes/oracle-parameters.ts";
import type { KnownInstruments } from "./known-instruments.ts";

export interface AccountPorts {
  readonly ledger: Table;
  readonly market: Table;
  readonly shardCount: number;
  /** The definitions of instruments that events are applied with. */
  readonly instruments: KnownInstruments;
  /** Wall clock in milliseconds, for the age of what waits. */
  readonly nowMs: () => number;
  /** Stores what was refused where people find it; throws if that fails. */
  readonly keepRejects: (source: RejectedText, refusals: readonly Refusal[]) => Promise<void>;
  readonly log: Log;
}

/** A refused text, with its time of receipt and a reference to it. */
export interface RejectedText {
  readonly receivedAtMs: number;
  readonly reference: string;
  readonly body: string;
}

export interface RefusedEvent {
  readonly kind: "refused";
  readonly refusals: readonly Refusal[];
}

/** The result of applying an event to an account. */
export type EventEffect =
  | { readonly kind: "applied"; readonly account: LedgerAccount }
  | { readonly kind: "duplicate" }
  | { readonly kind: "gap" }
  | RefusedEvent;

/**
 * Computes the result of an event for a stored account. If the stored account cannot be read, anything but a newer
 * state leaves a gap.
 */
export async function tryEvent(
  stored: StoredAccount | undefined,
  event: AccountEvent,
  ports: AccountPorts,
): Promise<EventEffect> {
  const { schemaVersion: _, occurredAt: __, ...applied } = fromWire(event);
  const held = stored?.ledgerSequence ?? 0;
  if (stored?.problem) {
    if (event.ledger_sequence <= held) return { kind: "duplicate" };
    const runaway = findRunaway(applied, held, limits);
    if (runaway !== null) return refusedEvent(runaway);
    if (event.kind !== "account_state") return { kind: "gap" };
  }
  const instruments = ["fill", "funding", "settlement"].includes(event.kind)
    ? await ports.instruments.load(ports.market, ports.nowMs())
    : new Map<string, Instrument>();
  const outcome = applyEvent(
    stored?.account ?? null,
    applied satisfies LedgerEvent,
    (id) => instruments.get(id),
    limits,
  );
  if (outcome.kind !== "refused") return outcome;
  const more = outcome.field === "instrument_id" ? unknownWords(event, instruments) : "";
  return refusedEvent({ ...outcome, problem: `${outcome.problem}${more}` });
}

function refusedEvent({ field: path, value, problem }: LedgerRefusal): RefusedEvent {
  return { kind: "refused", refusals: [{ path, value, problem }] };
}

/**
 * Adds words on an instrument that the newest snapshot does not know: when it expired and until when it was known, or
 * which ids are similar.
 */
function unknownWords(event: AccountEvent, instruments: ReadonlyMap<string, Instrument>): string {
  if (!("instrument_id" in event) || instruments.has(event.instrument_id)) return "";
  const occurredAtMs = Date.parse(event.occurred_at);
  const { code, problem } = describeUnknownInstrument(event.instrument_id, [], occurredAtMs);
  const kept = `; an instrument is known for ${lapsedKeptDays} days after it has expired or was last quoted`;
  if (code === "instrument_expired") return `; ${event.instrument_id} ${problem}${kept}`;
  return `${kept}${nearestWords(event.instrument_id, instruments.keys())}`;
}
