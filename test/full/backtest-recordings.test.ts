import { defaultSurfaceModel } from "@plimsoll/backtest";
import { describe, expect, it } from "vitest";
import { readPriceSeries } from "../../packages/backtest/src/candles.ts";
import { buildHistory } from "../../packages/backtest/src/history.ts";
import { type HistoryNote, NoteList } from "../../packages/backtest/src/notes.ts";
import { sharedPath } from "./shared.ts";

const hourMs = 3_600_000;
const noteOf = (notes: readonly HistoryNote[], code: string) => notes.find((note) => note.code === code);

describe("price files", () => {
  it("reads every hourly file of the recorded data without refusing a row, plain and gzip", () => {
    const notes = new NoteList();
    const names = [
      "binance_spot_btcusdt_1h.csv.gz",
      "binance_perp_ethusdt_1h.csv.gz",
      "bitstamp_ethusd_1h_2018_2022.csv.gz",
    ];
    for (const name of names) {
      const { series, rejects } = readPriceSeries(sharedPath(`data/ohlc/${name}`), notes);
      expect(rejects.list).toEqual([]);
      expect(series.barMs).toBe(hourMs);
      expect(series.closes.length).toBeGreaterThan(30_000);
    }
    // The data's README: 11 bars without volume at Bitstamp, 629 without a mark at the perpetual.
    expect(
      notes.list().find(({ code, subject }) => code === "no_trades" && subject.startsWith("bitstamp"))?.count,
    ).toBe(11);
    expect(noteOf(notes.list(), "mark_missing")?.count).toBe(629);
  });

  it("takes the mark of a perpetual for its close: a wild last trade is not a price", () => {
    const { series } = readPriceSeries(sharedPath("data/ohlc/binance_perp_ethusdt_1h.csv.gz"), new NoteList());
    const closed = Date.parse("2021-05-19T14:00:00Z");
    const at = series.closedAtMs.indexOf(closed);
    // The last trade fell to 1,400.73 in that hour; the mark never was below 1,764.
    expect(series.closes[at]).toBeGreaterThan(1764);
  });
});

describe("the surface model", () => {
  it("is near Deribit's own volatility where it was not fitted: BTC, 30 days, 5 February 2026", () => {
    const notes = new NoteList();
    const { series } = readPriceSeries(sharedPath("data/ohlc/binance_spot_btcusdt_1h.csv.gz"), notes);
    const history = buildHistory([series], defaultSurfaceModel, notes);
    const at = (Date.parse("2026-02-05T16:00:00Z") - history.startMs) / hourMs;
    // The chain of 15:51 has 0.67 at 22 days and 0.59 at 50; a fifth of it is what a rule without quotes can miss by.
    expect(Math.abs(history.underlyings[0]!.level[at]! / 0.64 - 1)).toBeLessThan(0.2);
  });
});
