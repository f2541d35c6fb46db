import { dailyBarsOf, readCandles } from "@plimsoll/markets";
import {
  type DynamicsPolicy,
  defaultDynamicsPolicy,
  defaultParameters,
  followNumber,
  measureProcyclicality,
  viewPrices,
} from "@plimsoll/risk";
import { sharedPath } from "./shared.ts";

/** First day that is followed: a year of history, and some, lies before it. */
const firstDay = 400;

const noTools = { buffer: null, stressedWeight: null, longRunFloor: false };
const policies: readonly (readonly [string, Partial<DynamicsPolicy>])[] = [
  ["no tool", noTools],
  ["(a) buffer", { ...noTools, buffer: { fraction: 0.25, releaseAbove: 1 } }],
  ["(b) stressed weight", { ...noTools, stressedWeight: 0.25 }],
  ["(c) long-run floor", { ...noTools, longRunFloor: true }],
  ["(a) and (c), as shipped", {}],
];

/**
 * How the price scan range of a coin would have followed a day at a time, by the tools in use, without its absolute floor: average, how
 * many days moved further, peak to trough and greatest increases over 1, 5 and 20 days. A table in Markdown.
 */
export function dynamicsTable(coin: "BTC" | "ETH"): string {
  const bars = dailyBarsOf(readCandles(sharedPath(`data/ohlc/binance_spot_${coin.toLowerCase()}usdt_1h.csv.gz`)));
  const rule = defaultDynamicsPolicy.underlyings.find(({ underlying }) => underlying === coin)?.priceScanRange;
  const shipped = defaultParameters.scan.find(({ underlying }) => underlying === coin)?.priceScanRange;
  if (rule === undefined || shipped === undefined) throw new Error(`no rule or range of ${coin}`);
  const ranges = policies.map(() => [shipped]);
  const exceeded = policies.map(() => 0);
  for (let day = firstDay; day < bars.length; day += 1) {
    const { date, close } = bars[day]!;
    const histories = [{ underlying: coin, bars: bars.slice(0, day), implied: [] }];
    const inputs = {
      current: defaultParameters,
      dayAgo: defaultParameters,
      date,
      histories,
      policy: defaultDynamicsPolicy,
    };
    // What the history says is the same for all: the tools differ in what follows from it.
    const view = viewPrices(coin, null, inputs);
    for (const [index, [, changed]] of policies.entries()) {
      const value = ranges[index]!.at(-1)!;
      const now = { subject: coin, field: "price_scan_range", value, dayAgo: value } as const;
      const { to } = followNumber(now, { ...rule, floor: 0.05 }, view, { ...defaultDynamicsPolicy, ...changed });
      ranges[index]!.push(to);
      if (Math.abs(close / bars[day - 1]!.close - 1) > to) exceeded[index]! += 1;
    }
  }
  const rows = policies.map(([name], index) => {
    const followed = ranges[index]!.slice(1);
    const { peakToTrough, greatestIncreases } = measureProcyclicality(followed, null, [1, 5, 20]);
    const average = followed.reduce((sum, range) => sum + range, 0) / followed.length;
    const percent = (share: number | null | undefined, decimals: number) =>
      `${(100 * (share ?? 0)).toFixed(decimals)} %`;
    return [
      name,
      percent(average, 1),
      percent(exceeded[index]! / followed.length, 2),
      peakToTrough?.toFixed(2),
      ...greatestIncreases.map((increase) => percent(increase, 0)),
    ].join(" | ");
  });
  const heads = `${coin} | average range | days beyond it | peak to trough | +1 day | +5 days | +20 days`;
  return [heads, "--- | ---: | ---: | ---: | ---: | ---: | ---:", ...rows].map((row) => `| ${row} |`).join("\n");
}
