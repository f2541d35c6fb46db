import { writeWhole } from "@plimsoll/files";
import { InputError } from "@plimsoll/files/input-error";
import { loadMarket, plainTerms } from "@plimsoll/markets";
import { reportMarket } from "../output/report-market.ts";
import { jsonLine, line } from "../output/shown.ts";
import type { Terminal } from "../output/terminal.ts";
import type { StatedPrices } from "./stated-prices.ts";

export interface ImportOptions {
  readonly out?: string;
  readonly post?: string;
  readonly price?: StatedPrices;
}

export async function importQuotes(source: string, options: ImportOptions, terminal: Terminal): Promise<void> {
  const market = await loadMarket(source, { ...plainTerms, ...(options.price && { prices: options.price }) });
  reportMarket(market, terminal);
  const { batch, rejects } = market;
  const json = JSON.stringify(batch);
  if (options.out !== undefined) writeWhole(options.out, `${json}\n`);
  if (options.post !== undefined) terminal.err(line`${await post(options.post, json)}`);
  if (options.out === undefined && options.post === undefined) terminal.out(jsonLine(batch));
  terminal.err(line`${batch.quotes.length} quotes of ${batch.observed_at}, ${rejects.list.length} refused`);
}

async function post(url: string, body: string): Promise<string> {
  try {
    const response = await fetch(new URL("/v1/quotes", url), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    const answer = await response.text();
    if (!response.ok) throw new Error(`HTTP ${response.status}: ${answer}`);
    return answer;
  } catch (cause) {
    throw new InputError(
      `--post ${url}: ${String(cause)}: is a stage running there? "plimsoll start" prints its address`,
      {
        cause,
      },
    );
  }
}
