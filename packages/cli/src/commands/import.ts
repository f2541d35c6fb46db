import type { Schemas } from "@plimsoll/client";
import { writeWhole } from "@plimsoll/files";
import { loadMarket, plainTerms } from "@plimsoll/markets";
import { reportMarket } from "../output/report-market.ts";
import { jsonLine, line } from "../output/shown.ts";
import type { Terminal } from "../output/terminal.ts";
import { openStage } from "../stage/open-stage.ts";
import type { StatedPrices } from "./stated-prices.ts";

export interface ImportOptions {
  readonly out?: string;
  readonly post?: string;
  readonly token?: string;
  readonly price?: StatedPrices;
}

export async function importQuotes(source: string, options: ImportOptions, terminal: Terminal): Promise<void> {
  const market = await loadMarket(source, { ...plainTerms, ...(options.price && { prices: options.price }) });
  reportMarket(market, terminal);
  const { batch, rejects } = market;
  const json = JSON.stringify(batch);
  if (options.out !== undefined) writeWhole(options.out, `${json}\n`);
  if (options.post !== undefined)
    terminal.err(line`${await post(options.post, options.token, { ...batch, quotes: [...batch.quotes] })}`);
  if (options.out === undefined && options.post === undefined) terminal.out(jsonLine(batch));
  terminal.err(line`${batch.quotes.length} quotes of ${batch.observed_at}, ${rejects.list.length} refused`);
}

async function post(url: string, token: string | undefined, batch: Schemas["QuoteBatch"]): Promise<string> {
  const stage = await openStage({ url, ...(token !== undefined && { token }) });
  const answer = await stage.ask("quotes", (client) => client.POST("/v1/quotes", { body: batch }));
  return JSON.stringify(answer);
}
