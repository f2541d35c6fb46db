import { nearestWords } from "./nearest.ts";

/** Months as the names of dated instruments have them. */
export const monthNames = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

/** What to do about a position in what has expired. */
export const expiredRemedy = "settle the position, or use a snapshot from before its expiry";

/** The same about an open order. */
export const expiredOrderRemedy = "cancel the order, or use a snapshot from before its expiry";

const expiryHourUtc = 8;
const datePattern = /^[A-Z0-9_]+-(\d{1,2})([A-Z]{3})(\d{2})(?:-|$)/;

/** The expiry that a name such as `BTC-27MAR26-100000-C` states, 08:00 UTC of its day; undefined for names without a date. */
export function namedExpiryMs(name: string): number | undefined {
  const [, day = "", monthName = "", year = ""] = datePattern.exec(name) ?? [];
  const month = monthNames.indexOf(monthName);
  const expiryMs = Date.UTC(2000 + Number(year), month, Number(day), expiryHourUtc);
  return month >= 0 && new Date(expiryMs).getUTCDate() === Number(day) ? expiryMs : undefined;
}

/** Why an instrument is not known at a time, and what to do about it. */
export interface UnknownInstrument {
  readonly code: "instrument_expired" | "instrument_not_in_snapshot";
  /** `expired on 2026-01-30 08:00 UTC`, or that it is not there. */
  readonly problem: string;
  readonly remedy: string;
}

/**
 * What can be said of an id that a market does not have: it has expired by the date in its name, or these are the nearest of the
 * same underlying.
 */
export function describeUnknownInstrument(id: string, known: Iterable<string>, asOfMs: number): UnknownInstrument {
  const expiryMs = namedExpiryMs(id);
  if (expiryMs !== undefined && expiryMs <= asOfMs) {
    const problem = `expired on ${new Date(expiryMs).toISOString().slice(0, 16).replace("T", " ")} UTC`;
    return { code: "instrument_expired", problem, remedy: `it ${problem}: ${expiredRemedy}` };
  }
  const remedy = `use a snapshot that contains the instrument, or correct its id${nearestWords(id, ofUnderlying(id, known))}`;
  return { code: "instrument_not_in_snapshot", problem: "is not in the snapshot", remedy };
}

/** The names with the same first part, or all of them where none has it. */
function ofUnderlying(id: string, known: Iterable<string>): string[] {
  const names = [...known];
  const underlying = firstPart(id);
  const same = names.filter((name) => firstPart(name) === underlying);
  return same.length > 0 ? same : names;
}

function firstPart(name: string): string {
  return name.split(/[-_]/, 1)[0]!.toUpperCase();
}
