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

/** Days of the window that a card looks at. */
const windowDays = 365;

/**
 * Measures what the reference portfolios take on the newest snapshot up to a tick, under the parameters in effect, keeps it as
 * that day's, and makes the card of the year up to it. Null while there is no snapshot or no parameters. A repeat changes nothing.
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
