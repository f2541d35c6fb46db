import type { Instrument } from "@plimsoll/risk";
import { findCurrentSnapshot, getSnapshot, type Table } from "@plimsoll/store";

/**
 * The definitions of instruments in the newest snapshot that was read. A process keeps them between invocations, so
 * that it reads each snapshot once.
 */
export class KnownInstruments {
  #newest: { readonly snapshotId: string; readonly byId: ReadonlyMap<string, Instrument> } | undefined;

  /** Loads the definitions by id, of quoted and of lapsed instruments. There are none before the first snapshot. */
  async load(market: Table, nowMs: number): Promise<ReadonlyMap<string, Instrument>> {
    const current = await findCurrentSnapshot(market, nowMs);
    if (current === undefined) return new Map();
    if (this.#newest?.snapshotId !== current.snapshotId) {
      const { instruments, lapsed = [] } = await getSnapshot(market, current.snapshotId);
      const known = [...instruments, ...lapsed.map(({ quoted }) => quoted)];
      const byId = new Map(known.map(({ instrument }) => [instrument.instrumentId, instrument]));
      this.#newest = { snapshotId: current.snapshotId, byId };
    }
    return this.#newest.byId;
  }

  clear(): void {
    this.#newest = undefined;
  }
}
