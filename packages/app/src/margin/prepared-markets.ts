import { createMarginEngine, type MarginEngine, type MarketSnapshot, type ParameterSet } from "@plimsoll/risk";
import { getParameters, getSnapshot, type Table } from "@plimsoll/store";

/** A snapshot and parameter set made ready to margin accounts. */
export interface PreparedMarket {
  readonly snapshot: MarketSnapshot;
  readonly parameters: ParameterSet;
  readonly engine: MarginEngine;
  /** Instruments the engine has been asked to price. */
  readonly priced: Set<string>;
}

/** Markets a warm process keeps: the sweep's, and the one before while late messages still ask for it. */
const marketsKept = 2;

/**
 * The markets that margins were computed with last. A process keeps them between its invocations. Snapshots and parameters never
 * change, so that what was made ready for one message serves every other of the sweep.
 */
export class PreparedMarkets {
  readonly #prepared = new Map<string, PreparedMarket>();
  /** The set that was used last: one serves many sweeps, and its name says what is in it. */
  #lastParameters: ParameterSet | null = null;

  /** The market of a sweep; it is read and made ready where it was not used before. */
  async prepare(market: Table, snapshotId: string, parametersVersion: string): Promise<PreparedMarket> {
    const name = `${snapshotId} ${parametersVersion}`;
    const known = this.#prepared.get(name);
    if (known !== undefined) return known;
    const [snapshot, parameters] = await Promise.all([
      getSnapshot(market, snapshotId),
      this.#parametersOf(market, parametersVersion),
    ]);
    const fresh = { snapshot, parameters, engine: createMarginEngine(snapshot, parameters), priced: new Set<string>() };
    this.#prepared.set(name, fresh);
    for (const [oldest, { engine }] of this.#prepared) {
      if (this.#prepared.size <= marketsKept) break;
      engine.release();
      this.#prepared.delete(oldest);
    }
    return fresh;
  }

  /** Forgets all of them and gives the memory of their engines back. */
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
