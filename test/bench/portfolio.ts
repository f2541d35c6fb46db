import {
  accumulateLosses,
  buildScenarioSet,
  createRiskArrays,
  defaultParameters,
  type QuotedInstrument,
  type RiskArrays,
  releaseRiskArrays,
  reserveRiskArray,
  type ScanParameters,
  type ScenarioSet,
  scanBooks,
  worstIndex,
  writeRiskArray,
} from "@plimsoll/risk";
import cdf from "@stdlib/stats-base-dists-normal-cdf";
import { asOfMs, expiryInDays, quotedOption, quotedPerpetual } from "../support/market.ts";
import { seeded } from "../support/seeded.ts";

const INSTRUMENTS = 1_000;
const ACCOUNTS = 10_000;
const POSITIONS_PER_ACCOUNT = 20;
const FORWARD = 60_000;

/** Result of one comparison, best round of each side; `unit` says what one of the nanoseconds is spent on. */
export interface PortfolioBench {
  name: string;
  unit: string;
  scenarios: number;
  baselineNs: number;
  oursNs: number;
  ratio: number;
}

interface BaselinePosition {
  instrumentId: string;
  quantity: number;
}

interface BaselineScenario {
  priceMove: number;
  volatilityState: number;
}

/** The same portfolios both ways: as objects, and as columns over risk arrays in one buffer. */
interface Setting {
  scan: ScanParameters;
  set: ScenarioSet;
  instruments: QuotedInstrument[];
  scenarios: BaselineScenario[];
  accounts: { positions: BaselinePosition[] }[];
  indexes: Int32Array;
  quantities: Float64Array;
}

/** The BTC scan with as many price moves as make the number of scenarios: 41 as shipped, or 1,000. */
function scanOf(scenarios: 41 | 1_000): ScanParameters {
  const btc = defaultParameters.scan.find(({ underlying }) => underlying === "BTC");
  if (btc === undefined) throw new Error("the default parameters have no scan for BTC");
  return scenarios === 41 ? btc : { ...btc, priceStepsPerSide: 165, extendedMoves: btc.extendedMoves.slice(0, 7) };
}

function createSetting(scenarioCount: 41 | 1_000, accountCount: number): Setting {
  const scan = scanOf(scenarioCount);
  const set = buildScenarioSet(scan);
  if (set.scenarioCount !== scenarioCount)
    throw new Error(`${set.scenarioCount} scenarios instead of ${scenarioCount}`);
  const random = seeded(41);
  const instruments = Array.from({ length: INSTRUMENTS }, (_, index): QuotedInstrument => {
    const instrumentId = `BTC-${index}`;
    if (index % 100 === 0) return quotedPerpetual({ instrumentId, underlying: "BTC" }, FORWARD);
    const optionType = index % 2 === 0 ? "call" : "put";
    const strike = Math.round(FORWARD * (0.5 + random()));
    const terms = { instrumentId, underlying: "BTC", optionType, strike, expiryMs: expiryInDays(1 + (index % 9) * 20) };
    return quotedOption({ ...terms, optionType }, FORWARD, 0.4 + 0.5 * random());
  });
  const accounts = Array.from({ length: accountCount }, () => ({
    positions: Array.from({ length: POSITIONS_PER_ACCOUNT }, () => ({
      instrumentId: `BTC-${Math.floor(random() * INSTRUMENTS)}`,
      quantity: Math.round(200 * (random() - 0.5)) / 10,
    })),
  }));
  const positions = accounts.flatMap((account) => account.positions);
  return {
    scan,
    set,
    instruments,
    scenarios: Array.from({ length: scenarioCount }, (_, s) => ({
      priceMove: set.priceMove[s]!,
      volatilityState: set.volatilityState[s]!,
    })),
    accounts,
    indexes: Int32Array.from(positions, ({ instrumentId }) => Number(instrumentId.slice(4))),
    quantities: Float64Array.from(positions, ({ quantity }) => quantity),
  };
}

/** The plain way: a scenario and an instrument are objects, an option is Black-76 by the textbook. */
function baselineValue(
  { instrument, forwardPrice, markVolatility }: QuotedInstrument,
  scenario: BaselineScenario,
  scan: ScanParameters,
) {
  const price = forwardPrice * (1 + scenario.priceMove);
  if (instrument.kind !== "option" || markVolatility === null) return price;
  const days = (instrument.expiryMs - asOfMs) / 86_400_000;
  const scale =
    (30 / Math.max(days, scan.minimumDaysToExpiry)) ** (days < 30 ? scan.shortTermPower : scan.longTermPower);
  let volatility = markVolatility;
  if (scenario.volatilityState > 0) {
    volatility = Math.max(markVolatility * (1 + scan.volatilityUp * scale), scan.minimumVolatilityUp);
  } else if (scenario.volatilityState < 0) {
    volatility = markVolatility * Math.max(0, 1 - scan.volatilityDown * scale);
  }
  const deviation = volatility * Math.sqrt(days / 365);
  const d1 = Math.log(price / instrument.strike) / deviation + deviation / 2;
  const d2 = d1 - deviation;
  return instrument.optionType === "call"
    ? price * cdf(d1, 0, 1) - instrument.strike * cdf(d2, 0, 1)
    : instrument.strike * cdf(-d2, 0, 1) - price * cdf(-d1, 0, 1);
}

function baselineArrays({ instruments, scenarios, scan }: Setting): Map<string, number[]> {
  const unmoved = { priceMove: 0, volatilityState: 0 };
  return new Map(
    instruments.map((quoted) => {
      const value = baselineValue(quoted, unmoved, scan);
      const losses = scenarios.map((scenario) => value - baselineValue(quoted, scenario, scan));
      return [quoted.instrument.instrumentId, losses];
    }),
  );
}

/** Sum over the accounts of the worst loss of each: in each scenario a sum over the positions, with their arrays at hand. */
function baselineWorst({ accounts, scenarios }: Setting, arrays: Map<string, number[]>): number {
  let sum = 0;
  for (const account of accounts) {
    const positions = account.positions.map(({ instrumentId, quantity }) => ({
      quantity,
      array: arrays.get(instrumentId)!,
    }));
    const losses = scenarios.map((_, s) =>
      positions.reduce((loss, { quantity, array }) => loss + quantity * array[s]!, 0),
    );
    sum += Math.max(...losses);
  }
  return sum;
}

/** Arrays one after another, so that the array of instrument i starts at i x the number of scenarios. */
function ourArrays({ instruments, set, scan }: Setting): RiskArrays {
  const arrays = createRiskArrays(instruments.length * set.scenarioCount);
  for (const quoted of instruments) {
    const offset = reserveRiskArray(arrays, set.scenarioCount);
    writeRiskArray(arrays.buffer, offset, quoted, set, scan, asOfMs);
  }
  return arrays;
}

/** The way of the engine: account by account. */
function ourWorst({ accounts, indexes, quantities, set }: Setting, arrays: RiskArrays): number {
  const { scenarioCount } = set;
  const losses = new Float64Array(scenarioCount);
  const offsets = indexes.map((index) => index * scenarioCount);
  let sum = 0;
  for (let account = 0; account < accounts.length; account += 1) {
    losses.fill(0);
    const start = account * POSITIONS_PER_ACCOUNT;
    accumulateLosses(losses, arrays, offsets, quantities, start, start + POSITIONS_PER_ACCOUNT, scenarioCount);
    sum += losses[worstIndex(losses, 0, scenarioCount)]!;
  }
  return sum;
}

/** The way of a bulk scan: all accounts at once. */
function ourScan({ accounts, indexes, quantities, set }: Setting, arrays: RiskArrays): number {
  const starts = Int32Array.from({ length: accounts.length + 1 }, (_, account) => account * POSITIONS_PER_ACCOUNT);
  const offsets = indexes.map((index) => index * set.scenarioCount);
  const { losses } = scanBooks(arrays, { starts, offsets, quantities }, set.scenarioCount);
  return losses.reduce((sum, loss) => sum + loss, 0);
}

/** Interleaves rounds of both sides, compares what they computed, and keeps the best time of each. */
function compare(rounds: number, operations: number, baseline: () => number, ours: () => number) {
  let baselineNs = Number.POSITIVE_INFINITY;
  let oursNs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    const baselineSum = baseline();
    const middle = performance.now();
    const oursSum = ours();
    const end = performance.now();
    if (!(Math.abs(oursSum - baselineSum) <= 1e-9 * Math.abs(baselineSum))) {
      throw new Error(`the two sides disagree: sum of worst losses ${oursSum} against ${baselineSum}`);
    }
    baselineNs = Math.min(baselineNs, ((middle - start) * 1e6) / operations);
    oursNs = Math.min(oursNs, ((end - middle) * 1e6) / operations);
  }
  return { baselineNs, oursNs, ratio: oursNs / baselineNs };
}

/** Losses by scenario and the worst of them, per position and scenario, over risk arrays that are there already. */
export function benchAccumulation(scenarios: 41 | 1_000): PortfolioBench {
  const setting = createSetting(scenarios, scenarios === 41 ? 5_000 : 500);
  const [plain, flat] = [baselineArrays(setting), ourArrays(setting)];
  const operations = setting.quantities.length * scenarios;
  const times = compare(
    15,
    operations,
    () => baselineWorst(setting, plain),
    () => ourWorst(setting, flat),
  );
  return { name: "position x scenario", unit: "position x scenario", scenarios, ...times };
}

/** Risk arrays of 1,000 instruments, then losses and worst scenario of 10,000 accounts of 20 positions. */
export function benchSweep(scenarios: 41 | 1_000): PortfolioBench {
  const setting = createSetting(scenarios, ACCOUNTS);
  const times = compare(
    15,
    1,
    () => baselineWorst(setting, baselineArrays(setting)),
    () => {
      const arrays = ourArrays(setting);
      const worst = ourScan(setting, arrays);
      releaseRiskArrays(arrays);
      return worst;
    },
  );
  return { name: "arrays + losses + worst, 10,000 accounts x 20 positions", unit: "sweep", scenarios, ...times };
}

export function benchPortfolio(): PortfolioBench[] {
  return [benchAccumulation(41), benchAccumulation(1_000), benchSweep(41), benchSweep(1_000)];
}

if (import.meta.main) console.log(JSON.stringify(benchPortfolio(), null, 1));
