/** The codes of what may be wrong or missing in the data. Each case is counted, and none stops a backtest. */
export const noteCodes = [
  "duplicate_row",
  "conflicting_rows",
  "no_trades",
  "missing_bars",
  "mark_missing",
  "quote_off_peg",
  "quote_taken_at_par",
  "sources_disagree",
  "price_degraded",
  "price_blocked",
  "volatility_realised",
  "volatility_missing",
] as const;
export type NoteCode = (typeof noteCodes)[number];

/** What each note means and what the backtest does about it, in words for people. */
export const noteWords: Readonly<Record<NoteCode, string>> = {
  duplicate_row: "the same bar twice with the same prices: counted once",
  conflicting_rows: "the same bar twice with different prices: neither is believed, the bar is missing",
  no_trades: "a bar without volume: its price is old, the bar is missing",
  missing_bars: "no bar where one was due: nothing is filled in",
  mark_missing: "no mark price: the last trade stands in",
  quote_off_peg: "the quote currency stood 1 % or more from a dollar: prices are converted at its own price",
  quote_taken_at_par: "no price of the quote currency: it is taken for a dollar",
  sources_disagree: "sources of the index differ: the median, with the confidence charge of the oracle",
  price_degraded: "the oracle does not believe the price yet: margined, but no observation and no escalation",
  price_blocked: "no usable price: nothing is margined, no loss is observed that starts or ends there",
  volatility_realised: "no implied-volatility index: the level comes from realised volatility",
  volatility_missing: "too little history for a volatility: options are not built yet",
};

export interface HistoryNote {
  readonly code: NoteCode;
  /** The name of a file, or the symbol of an underlying or a quote currency. */
  readonly subject: string;
  readonly count: number;
  /** The times of the first and the last case, in Unix milliseconds. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** The greatest deviation, as a share of the price. It is null for notes without a measure. */
  readonly worst: number | null;
}

/** Counts notes by code and subject. */
export class NoteList {
  readonly #notes = new Map<string, HistoryNote>();

  add(code: NoteCode, subject: string, atMs: number, measure: number | null = null): void {
    const key = `${code} ${subject}`;
    const known = this.#notes.get(key);
    const worst = known?.worst ?? null;
    this.#notes.set(key, {
      code,
      subject,
      count: (known?.count ?? 0) + 1,
      firstMs: Math.min(atMs, known?.firstMs ?? atMs),
      lastMs: Math.max(atMs, known?.lastMs ?? atMs),
      worst: measure === null ? worst : Math.max(measure, worst ?? 0),
    });
  }

  /** Returns the notes in the order of their codes, then of their subjects. */
  list(): HistoryNote[] {
    return [...this.#notes.values()].sort(
      (a, b) => noteCodes.indexOf(a.code) - noteCodes.indexOf(b.code) || (a.subject < b.subject ? -1 : 1),
    );
  }
}
