import { join } from "node:path";
import type { Terminal } from "../output/terminal.ts";
import { sampleMarket } from "../sample/market.ts";
import { addPrices, type ImportedMarket, importMarket, plainTerms } from "./market-file.ts";
import { describeReject, keepRejects, Rejects } from "./rejects.ts";

/** The sample market's own time, so that it is the same market on every day. */
const sampleTimeMs = Date.UTC(2026, 2, 2, 12);

export const defaultSeed = 1;

/** The market that `--market` names: `sample`, a file, or `deribit:BTC,ETH`. */
export async function loadMarket(
  source: string,
  terms = plainTerms,
  seed = defaultSeed,
  sampleAtMs = sampleTimeMs,
): Promise<ImportedMarket> {
  if (source !== "sample") return importMarket(source, terms);
  return { source, batch: addPrices(sampleMarket(seed, sampleAtMs), terms), rejects: new Rejects("sample"), terms };
}

/** Says what of a market was refused, and which stablecoins it takes at par for want of a price. */
export function reportMarket({ batch, rejects }: ImportedMarket, { directory, err }: Terminal): void {
  reportRejects(rejects, directory, err);
  const atPar = new Set(batch.quotes.flatMap((quote) => (quote.kind === "index" ? (quote.at_par ?? []) : [])));
  for (const coin of atPar) {
    err(`${coin} is taken at par, for the market does not price it: state its price with --price ${coin}=0.999\n`);
  }
}

const describedRejects = 3;

/** Keeps the refused rows of an input under `.plimsoll/rejects/` and says so: how many, the first few, and where they are. */
export function reportRejects(rejects: Rejects, directory: string, write: (text: string) => void): void {
  const path = keepRejects(rejects, join(directory, ".plimsoll", "rejects"));
  if (path === null) return;
  const { list } = rejects;
  for (const reject of list.slice(0, describedRejects)) write(`${describeReject(reject)}\n`);
  const more = list.length > describedRejects ? `, ${list.length - describedRejects} of them not shown` : "";
  write(`${list.length} refused${more}; each with its reason in ${path}\n`);
}
