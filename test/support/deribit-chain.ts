import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { fixturePath } from "./fixtures.ts";

/** One option of a recorded Deribit chain. Prices are in coin, and forward and strike in US dollars. */
export interface ChainRow {
  readonly instrumentName: string;
  readonly currency: string;
  readonly sign: 1 | -1;
  readonly strike: number;
  readonly expiry: string;
  readonly years: number;
  readonly forward: number;
  readonly markPrice: number;
  readonly markVolatility: number;
  readonly delta: number;
  /** In US dollars per volatility point. */
  readonly vega: number;
}

/**
 * Returns the rows of options/deribit_chain_<time>.csv.gz in test/fixtures/data. Throws on a missing column or an empty
 * number.
 */
export function readDeribitChain(time: string): ChainRow[] {
  const text = gunzipSync(readFileSync(fixturePath(`data/options/deribit_chain_${time}.csv.gz`))).toString("utf8");
  const [header, ...lines] = text.trimEnd().split("\n");
  const names = (header ?? "").split(",");
  return lines.map((line) => {
    const cells = line.split(",");
    const cell = (name: string): string => {
      const value = cells[names.indexOf(name)];
      if (value === undefined || value === "") throw new Error(`no ${name} in "${line}" of chain ${time}`);
      return value;
    };
    return {
      instrumentName: cell("instrument_name"),
      currency: cell("currency"),
      sign: cell("option_type") === "call" ? 1 : -1,
      strike: Number(cell("strike")),
      expiry: cell("expiry_utc"),
      years: Number(cell("ttm_years")),
      forward: Number(cell("underlying_price")),
      markPrice: Number(cell("mark_price")),
      markVolatility: Number(cell("mark_iv")),
      delta: Number(cell("delta")),
      vega: Number(cell("vega")),
    };
  });
}
