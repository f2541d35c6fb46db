import { nearestWords } from "./nearest.ts";

/** The months as the names of dated instruments spell them. */
export const monthNames = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

/** The remedy for a position in an expired instrument. */
export const expiredRemedy = "settle the position, or use a snapshot from before its expiry";

/** The remedy for an open order in an expired instrument. */
export const expiredOrderRemedy = "cancel the order, or use a snapshot from before its expiry";

const expiryHourUtc = 8;
const datePattern = /^[A-Z0-9_]+-(\d{1,2})([A-Z]{3})(\d{2})(?:-|$)/;

/**
 * Returns the expiry that a name such as `BTC-27MAR26-100000-C` states, at 08:00 UTC of its day. It is undefined for
 * names without a date.
 */
export function namedExpiryMs(name: string): number | undefined {
  const [, day = "", monthName = "", year = ""] = datePattern.exec(name) ?? [];
  const month = monthNames.indexOf(monthName);
  const expiryMs = Date.UTC(2000 + Number(year), month, Number(day), expiryHourUtc);
  return month >= 0 && new Date(expiryMs).getUTCDate() === Number(day) ? expiryMs : undefined;
}

/** The reason why an instrument is not known at a time, and the remedy. */
export interface UnknownInstrument {
  readonly code: "instrument_expired" | "instrument_not_in_snapshot";
  /** The problem in words: `expired on 2026-01-30 08:00 UTC`, or that the snapshot lacks the instrument. */
  readonly problem: string;
  readonly remedy: string;
}

/**
 * Describes an instrument id that a market does not contain. Either the instrument has expired by the date in its name,
 * or the text offers the nearest names of the same underlying.
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

/** Returns the names with the same first part, or all names where none has it. */
function ofUnderlying(id: string, known: Iterable<string>): string[] {
  const names = [...known];
  const underlying = firstPart(id);
  const same = names.filter((name) => firstPart(name) === underlying);
  return same.length > 0 ? same : names;
}

function firstPart(name: string): string {
  return name.split(/[-_]/, 1)[0]!.toUpperCase();
}
