import { buildStressHistory } from "./build-stress-history.ts";

const usage =
  "node packages/markets/src/stress-history/print-stress-history.ts <folder of market data> > packages/risk/src/stress/history.ts";

const header = `import type { StressHistory } from "./build-stress-set.ts";

/**
 * Printed by packages/markets/src/stress-history/print-stress-history.ts from hourly candles of Binance (spot, and the mark price of the
 * perpetual) and Kraken (stablecoins), Deribit's DVOL, and Deribit's option chains of 4 and 5 February 2026; a test builds
 * it again. From a close to the lowest price of the named hour that both venues saw, the same hours for all; stablecoins that
 * did not break: the close. DVOL moves are those of the UTC day.
 */
export const stressHistory: StressHistory = `;

const [dataFolder] = process.argv.slice(2);
if (dataFolder === undefined) {
  console.error(usage);
  process.exitCode = 2;
} else {
  console.log(`${header}${JSON.stringify(buildStressHistory(dataFolder), null, 2)};`);
}
