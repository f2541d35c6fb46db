import { applyEvent, type LedgerAccount } from "@plimsoll/ledger";
import type { Instrument } from "@plimsoll/risk";
import { type AccountEvent, accountEvent, fromWire, limits } from "@plimsoll/schema";

/**
 * The exchange's own record of one account. It holds the events and the account after each, applied exactly once and in
 * order.
 */
export class ExchangeBook {
  readonly accountId: string;
  readonly events: AccountEvent[] = [];
  /** The ledger sequence of the last event. */
  sequence: number;
  readonly #accounts = new Map<number, LedgerAccount>();
  readonly #instruments: ReadonlyMap<string, Instrument>;

  constructor(accountId: string, before = 0, instruments: ReadonlyMap<string, Instrument> = new Map()) {
    this.accountId = accountId;
    this.sequence = before;
    this.#instruments = instruments;
  }

  /** Returns the account as of a sequence. */
  at(sequence: number): LedgerAccount | undefined {
    return this.#accounts.get(sequence);
  }

  get now(): LedgerAccount | undefined {
    return this.at(this.sequence);
  }

  /**
   * Numbers an event and applies it. Returns undefined for an event that the account does not accept; such an event is
   * not recorded.
   */
  add(event: Record<string, unknown>): AccountEvent | undefined {
    const sequence = this.sequence + 1;
    const parsed = accountEvent.parse({
      schema_version: 1,
      account_id: this.accountId,
      ...event,
      ledger_sequence: sequence,
    });
    const { schemaVersion: _, occurredAt: __, ...applied } = fromWire(parsed);
    const outcome = applyEvent(this.now ?? null, applied, (id) => this.#instruments.get(id), limits);
    if (outcome.kind !== "applied") return undefined;
    this.sequence = sequence;
    this.#accounts.set(sequence, outcome.account);
    this.events.push(parsed);
    return parsed;
  }
}
