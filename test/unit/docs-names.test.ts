import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));

const filesOf = (folder: string, ending: RegExp) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => ending.test(file) && !/node_modules|fixtures|docs-names/.test(file))
    .map((file) => join(folder, file));

/** All words of the code, in the spelling of the code and in that of the wire. */
const words = new Set(
  ["packages", "functions", "stacks", "test"]
    .flatMap((folder) => filesOf(folder, /\.(ts|js|json)$/))
    .flatMap((file) => readFileSync(join(root, file), "utf8").match(/\w+/g) ?? [])
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

const pages = ["README.md", "CONTRIBUTING.md", ...filesOf("docs", /\.md$/), ...filesOf("packages", /\.md$/)];

describe("the names in the documents", () => {
  it.each(pages)("are names of the code: %s", (page) => {
    const spans = readFileSync(join(root, page), "utf8").match(/`[^`\n]+`/g) ?? [];
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
