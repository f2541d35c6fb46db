import { describe, expect, it } from "vitest";
import { filesMatching, readPages, textOf } from "../support/repository.ts";

/** All words of the code, in the spelling of the code and in that of the wire. */
const words = new Set(
  ["packages", "functions", "stacks", "test"]
    .flatMap((folder) => filesMatching(folder, /\.(ts|js|json)$/))
    .filter((file) => !/fixtures|docs-names/.test(file))
    .flatMap((file) => textOf(file).match(/\w+/g) ?? [])
    .flatMap((word) => [word, word.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`)]),
);

/** Names that are of others, or that are put together from parts, or that are an example. */
const foreign: Readonly<Record<string, string>> = {
  priceMoveBps: "an example of a name with its unit",
  oneOffCLBalanceDecreaseBPLimit: "a field of a token's contract",
  max_offsetable_pnl: "a field of the venue's API",
  UniswapV2Oracle: "a contract of Uniswap",
  PerpAsset: "a contract of Derive",
  GetResources: "an action of AWS",
  binance_perp_btcusdt_15m_crash_windows: "a file of prices that a reader brings",
  bitstamp_btcusd_1h_2018_2022: "a file of prices that a reader brings",
};

// The page of the fixtures has the names of those from whom they come.
const ownPages = readPages().filter((page) => page !== "test/fixtures/README.md");

describe("the names in the documents", () => {
  it.each(ownPages)("are names of the code: %s", (page) => {
    const spans = textOf(page).match(/`[^`\n]+`/g) ?? [];
    const names = spans.flatMap(
      (span) =>
        span.match(/\b[a-z]+([A-Z][a-z0-9]*)+\b|\b[A-Z][a-z]+([A-Z][a-z0-9]+)+\b|\b[a-z]+(_[a-z0-9]+)+\b/g) ?? [],
    );
    // An alarm is named after what it watches.
    const known = (name: string) =>
      words.has(name) || name in foreign || words.has(name.replace(/(DeadLetters)?Depth$/, ""));
    expect(names.filter((name) => !known(name))).toEqual([]);
  });
});
