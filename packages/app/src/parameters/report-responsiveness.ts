import {
  defaultResponsivenessLimits,
  measureReferencePortfolios,
  measureResponsiveness,
  type ResponsivenessCard,
} from "@plimsoll/risk";
import { utcDateOf } from "@plimsoll/schema";
import {
  findActivation,
  findNewestSnapshot,
  getParameters,
  getSnapshot,
  loadReferenceDays,
  saveCard,
  saveReferenceDay,
  type Table,
} from "@plimsoll/store";

export interface ReportPorts {
  readonly market: Table;
  readonly margin: Table;
  /** Wall clock, for expiry dates. */
  readonly nowMs: () => number;
}

/** Number of days that a card covers. */
const windowDays = 365;

/**
 * Measures the requirements of the reference portfolios on the newest snapshot up to a tick with the parameters in
 * effect, stores them for that day, and builds the card of the year up to it. Returns null if there is no snapshot or
 * no parameters. A repeat changes nothing.
 */
export async function reportResponsiveness(tickMs: number, ports: ReportPorts): Promise<ResponsivenessCard | null> {
  const { market, margin, nowMs } = ports;
  const head = await findNewestSnapshot(market, tickMs + 1);
  const activation = await findActivation(market, tickMs);
  if (head === undefined || activation === undefined) return null;
  const [snapshot, parameters] = await Promise.all([
    getSnapshot(market, head.snapshotId),
    getParameters(market, activation.version),
  ]);
  const date = utcDateOf(tickMs);
  const requirements = measureReferencePortfolios(snapshot, parameters);
  await saveReferenceDay(margin, { date, parametersVersion: activation.version, requirements }, nowMs());
  const days = await loadReferenceDays(margin, date, windowDays);
  const card = measureResponsiveness(days, defaultResponsivenessLimits);
  if (card !== null) await saveCard(margin, card);
  return card;
}
