import { createMarginEngine, type MarginEngine, type MarketSnapshot, type ParameterSet } from "@plimsoll/risk";
import { getParameters, getSnapshot, type Table } from "@plimsoll/store";
import { forgetOnStart } from "../warm.ts";

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

const prepared = new Map<string, PreparedMarket>();
forgetOnStart(() => {
  for (const { engine } of prepared.values()) engine.release();
  prepared.clear();
});

/** The set that was used last: one serves many sweeps, and its name says what is in it. */
let lastParameters: ParameterSet | null = null;

async function parametersOf(market: Table, version: string): Promise<ParameterSet> {
  if (lastParameters?.parametersVersion !== version) lastParameters = await getParameters(market, version);
  return lastParameters;
}

/** The market of a sweep, from the warm process where it was used before. Snapshots and parameters never change. */
export async function prepareMarket(
  market: Table,
  snapshotId: string,
  parametersVersion: string,
): Promise<PreparedMarket> {
  const name = `${snapshotId} ${parametersVersion}`;
  const known = prepared.get(name);
  if (known !== undefined) return known;
  const [snapshot, parameters] = await Promise.all([
    getSnapshot(market, snapshotId),
    parametersOf(market, parametersVersion),
  ]);
  const fresh = { snapshot, parameters, engine: createMarginEngine(snapshot, parameters), priced: new Set<string>() };
  prepared.set(name, fresh);
  for (const [oldest, { engine }] of prepared) {
    if (prepared.size <= marketsKept) break;
    engine.release();
    prepared.delete(oldest);
  }
  return fresh;
}
