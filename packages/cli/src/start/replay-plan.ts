import { readdirSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "@plimsoll/files/input-error";
import { type ImportedQuotes, importMarketFile } from "@plimsoll/markets";
import { MS_PER_DAY } from "@plimsoll/risk";
import { errorText } from "@plimsoll/schema";

/** Recordings farther apart than this are not played together, and the earlier ones are left out. */
const longestGapMs = 7 * MS_PER_DAY;

export interface ReplayPlan {
  /** The markets in the order of their time. */
  readonly markets: readonly ImportedQuotes[];
  /** The names of the files that are not played, each with the reason. */
  readonly leftOut: readonly { readonly file: string; readonly why: string }[];
}

/**
 * Reads the chains of a folder in the order of their time. It plays the last run of chains without a gap of more than a
 * week. In the recordings of February 2026, that leaves out the calm day three weeks before.
 */
export function planReplay(directory: string): ReplayPlan {
  const files = chainFiles(directory);
  const leftOut: { file: string; why: string }[] = [];
  const markets: ImportedQuotes[] = [];
  for (const file of files) {
    try {
      markets.push(importMarketFile(join(directory, file)));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      leftOut.push({ file, why: errorText(error) });
    }
  }
  markets.sort((a, b) => timeOf(a) - timeOf(b));
  const start = markets.findLastIndex((market, index) => {
    const before = markets[index - 1];
    return before === undefined || timeOf(market) - timeOf(before) > longestGapMs;
  });
  for (const market of markets.slice(0, start)) {
    leftOut.push({
      file: market.source,
      why: `recorded on ${market.batch.observed_at.slice(0, 10)}, more than a week before`,
    });
  }
  if (markets.length === 0) {
    throw new InputError(
      `--replay ${directory}: no chain in it could be read; it needs files such as deribit_chain_….csv.gz`,
    );
  }
  return { markets: markets.slice(start), leftOut };
}

function chainFiles(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => /\.(csv|json)(\.gz)?$/.test(name))
      .sort();
  } catch (cause) {
    throw new InputError(`--replay ${directory} cannot be read (${errorText(cause)}): give a folder of chain files`, {
      cause,
    });
  }
}

function timeOf(market: ImportedQuotes): number {
  return Date.parse(market.batch.observed_at);
}
