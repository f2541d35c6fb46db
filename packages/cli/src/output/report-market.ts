import { join } from "node:path";
import { describeReject, FileError, keepRejects, type Rejects } from "@plimsoll/files";
import { coinsAtPar, type ImportedQuotes, unusedPrices } from "@plimsoll/markets";
import { line } from "./shown.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Prints what of a market was refused, which stated prices change nothing, and which stablecoins are taken at par for
 * want of a price.
 */
export function reportMarket(market: ImportedQuotes, terminal: Terminal): void {
  reportRejects(market.rejects, terminal);
  for (const [coin, price] of unusedPrices(market)) {
    const why = line`--price ${coin}=${price} changes nothing: no instrument of the market and no balance given is in ${coin}`;
    terminal.err(why);
  }
  for (const coin of coinsAtPar(market.batch)) {
    const remedy = line`${coin} is taken at par, for the market does not price it: state its price with --price ${coin}=0.999`;
    terminal.err(remedy);
  }
}

const describedRejects = 3;

/**
 * Keeps the refused rows of an input under `.plimsoll/rejects/` of the working folder. It prints how many there are,
 * the first few, and where they are. If that folder cannot be written, it prints that they are not kept.
 */
export function reportRejects(rejects: Rejects, { directory, err }: Terminal): void {
  const kept = keptWords(rejects, join(directory, ".plimsoll", "rejects"));
  if (kept === null) return;
  const { list } = rejects;
  for (const reject of list.slice(0, describedRejects)) err(line`${describeReject(reject)}`);
  const more = list.length > describedRejects ? `, ${list.length - describedRejects} of them not shown` : "";
  err(line`${list.length} refused${more}; ${kept}`);
}

function keptWords(rejects: Rejects, directory: string): string | null {
  try {
    const path = keepRejects(rejects, directory);
    return path === null ? null : `each with its reason in ${path}`;
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return rejects.list.length === 0 ? null : `their reasons are not kept: ${error.message}`;
  }
}
