import { createMarginEngine, type MarginEngine, type MarketSnapshot, type ParameterSet } from "@plimsoll/risk";
import { findSnapshot, getParameters, getSnapshot, type Table } from "@plimsoll/store";

/** A snapshot and a parameter set, prepared for margining accounts. */
export interface PreparedEngine {
  readonly snapshot: MarketSnapshot;
  readonly parameters: ParameterSet;
  readonly engine: MarginEngine;
  /** Instruments that the engine has already been asked to price. */
  readonly priced: Set<string>;
}

/**
 * Markets that a warm process keeps: that of the current sweep, and the previous one while late messages still need it.
 */
const marketsKept = 2;

/**
 * The markets used most recently. A process keeps them between invocations. Snapshots and parameters never change, so
 * what was prepared for one message serves all others of the sweep.
 */
export class PreparedEngines {
  readonly #prepared = new Map<string, PreparedEngine>();
  /** The parameter set used last. It serves many sweeps, as its version determines its content. */
  #lastParameters: ParameterSet | null = null;

  /** Returns the market of a sweep, and loads and prepares it if it is not kept. */
  async prepare(market: Table, snapshotId: string, parametersVersion: string): Promise<PreparedEngine> {
    const known = this.#prepared.get(nameOf(snapshotId, parametersVersion));
    if (known !== undefined) return known;
    const [snapshot, parameters] = await Promise.all([
      getSnapshot(market, snapshotId),
      this.#parametersOf(market, parametersVersion),
    ]);
    return this.#keep(snapshot, parameters);
  }

  /** Prepares a market and keeps it, and releases the one that was kept longest. */
  #keep(snapshot: MarketSnapshot, parameters: ParameterSet): PreparedEngine {
    const fresh = { snapshot, parameters, engine: createMarginEngine(snapshot, parameters), priced: new Set<string>() };
    this.#prepared.set(nameOf(snapshot.snapshotId, parameters.parametersVersion), fresh);
    for (const [oldest, { engine }] of this.#prepared) {
      if (this.#prepared.size <= marketsKept) break;
      engine.release();
      this.#prepared.delete(oldest);
    }
    return fresh;
  }

  /**
   * Returns the market of a snapshot with the parameters of its own sweep, or undefined if there is no such snapshot.
   */
  async prepareSnapshot(market: Table, snapshotId: string): Promise<PreparedEngine | undefined> {
    const known = [...this.#prepared.values()].findLast(({ snapshot }) => snapshot.snapshotId === snapshotId);
    if (known !== undefined) return known;
    const found = await findSnapshot(market, snapshotId);
    if (found === undefined) return undefined;
    return this.#keep(found.snapshot, await this.#parametersOf(market, found.parametersVersion));
  }

  /** Drops all markets and releases the memory of their engines. */
  clear(): void {
    for (const { engine } of this.#prepared.values()) engine.release();
    this.#prepared.clear();
    this.#lastParameters = null;
  }

  async #parametersOf(market: Table, version: string): Promise<ParameterSet> {
    if (this.#lastParameters?.parametersVersion !== version) {
      this.#lastParameters = await getParameters(market, version);
    }
    return this.#lastParameters;
  }
}

function nameOf(snapshotId: string, parametersVersion: string): string {
  return `${snapshotId} ${parametersVersion}`;
}
