import { InputError } from "@plimsoll/files";
import {
  type CollateralBalance,
  createMarginEngine,
  createRandom,
  defaultMethodId,
  exp,
  type MarginEngine,
  type MarketSnapshot,
  type ParameterSet,
  type Pool,
  type Position,
  type Random,
  traitsOf,
} from "@plimsoll/risk";
import { limits } from "@plimsoll/schema";
import { type ChainView, chainViews } from "./chain-view.ts";
import { drawOrders, type SampleAccount } from "./orders.ts";
import { type Leg, singleOption, structures } from "./structures.ts";

export interface SampleAccountsOptions {
  readonly count: number;
  /** The number of positions of each account. Null draws 3 to 20, and then a few accounts hold collateral only. */
  readonly positions: number | null;
  readonly seed: number;
}

/** The most accounts that one command makes. A stage holds 1,024 shards of 5,000 accounts, and a laptop far fewer. */
export const sampleAccountsLimit = 200_000;

const fewestPositions = 3;
const mostPositions = 20;
const cashOnlyShare = 0.03;
const usdPoolShare = 0.45;

/** The share of accounts whose margin balance is drawn close to the initial margin, so that some are short of it. */
const stretchedShare = 0.06;
/**
 * The margin balance as a multiple of the initial margin. Most accounts draw it around the median with this deviation
 * and at least `leastRoom`; the stretched accounts draw it evenly from the range.
 */
const medianRoom = 3;
const roomDeviation = 0.5;
const leastRoom = 1.3;
const stretchedRoom = { from: 0.95, to: 1.4 };

/**
 * Draws accounts like those of an options venue, on whatever chain the snapshot holds. They hold strangles, spreads,
 * condors, covered calls, calendars, basis trades and plain leverage. Their pools are in US dollars or in what the
 * chain settles in. The collateral is the requirement that the engine finds times a random factor, so most accounts
 * have room to spare and a few do not. Some accounts have open orders. The same inputs give the same accounts, and
 * account n is the same however many there are.
 */
export function sampleAccounts(
  snapshot: MarketSnapshot,
  parameters: ParameterSet,
  options: SampleAccountsOptions,
): SampleAccount[] {
  if (options.positions !== null && options.positions > limits.positionsPerAccount) {
    throw new InputError(
      `--positions ${options.positions}: an account takes at most ${limits.positionsPerAccount} positions`,
    );
  }
  const chains = chainViews(snapshot, parameters).filter(
    (chain) => chain.expiries.length > 0 || chain.perpetual !== null,
  );
  if (chains.length === 0)
    throw new InputError(
      "the market has no perpetual and no chain of options that an account could hold and that settle in a coin, in US dollars " +
        "or in a stablecoin with a price: give another market, or the price with --price USDC=0.999",
    );
  const engine = createMarginEngine(snapshot, parameters);
  const quotes = new Map(snapshot.instruments.map((quoted) => [quoted.instrument.instrumentId, quoted]));
  const digits = String(Math.max(options.count, 99_999)).length;
  return Array.from({ length: options.count }, (_, index) => {
    const random = createRandom(options.seed, index + 1);
    const accountId = `acct-${String(index + 1).padStart(digits, "0")}`;
    const pool = drawAccount(accountId, random, chains, engine, options.positions);
    return { ...pool, openOrders: drawOrders(random, pool, quotes) };
  });
}

function drawAccount(
  accountId: string,
  random: Random,
  chains: readonly ChainView[],
  engine: MarginEngine,
  wantedPositions: number | null,
): Pool {
  const chain = random.pickWeighted(chains.map((view) => ({ view, weight: view.underlying === "BTC" ? 3 : 1 }))).view;
  const inUsd = random.chance(usdPoolShare);
  const cashOnly = wantedPositions === null && random.chance(cashOnlyShare);
  const count = cashOnly ? 0 : (wantedPositions ?? drawCount(random));
  const pool: Pool = {
    accountId,
    poolCurrency: inUsd ? "USD" : chain.settlesIn,
    methodId: defaultMethodId,
    ledgerSequence: 1,
    collateral: [],
    positions: drawPositions(
      random,
      inUsd ? chains : chains.filter(({ settlesIn }) => settlesIn === chain.settlesIn),
      count,
    ),
  };
  return { ...pool, collateral: sizeCollateral(random, pool, chain, engine) };
}

/** Draws a number of positions. Few positions are more common than many. */
function drawCount(random: Random): number {
  return fewestPositions + Math.floor((mostPositions - fewestPositions + 1) * random.uniform() * random.uniform());
}

/** The size of one trade of a typical account, in US dollars. Sizes spread over two orders of magnitude. */
const typicalTradeUsd = 150_000;
const tradeSizeDeviation = 1.2;
/**
 * The most trades tried per wanted position. An account on a small chain then holds fewer positions than were wanted.
 */
const triesPerPosition = 20;

function drawPositions(random: Random, chains: readonly ChainView[], count: number): Position[] {
  const positions = new Map<string, Position>();
  const accountSizeUsd = typicalTradeUsd * random.logNormal(0, tradeSizeDeviation);
  for (let tries = 0; positions.size < count && tries < count * triesPerPosition; tries += 1) {
    const chain = random.pick(chains);
    const units = (accountSizeUsd * (0.4 + random.uniform())) / chain.indexPrice;
    const legs = random.pickWeighted(structures).draw(random, chain, units);
    const fits = legs.length > 0 && positions.size + legs.length <= count;
    for (const leg of fits ? legs : singleOption(random, chain, units)) {
      const position = openPosition(random, leg);
      if (!positions.has(position.instrumentId)) positions.set(position.instrumentId, position);
    }
  }
  return [...positions.values()].sort((a, b) => (a.instrumentId < b.instrumentId ? -1 : 1));
}

const entryDeviation = 0.02;

/**
 * Opens a position. Options enter at their mark. Futures enter near their mark, so that some profit or loss is open.
 */
function openPosition(random: Random, { quoted, units }: Leg): Position {
  const { instrument, markPrice } = quoted;
  if (traitsOf(instrument).isPaidFor) {
    const lot = instrument.underlying === "BTC" ? 10 : 1;
    const contracts = Math.max(1, Math.floor(Math.abs(units) * lot)) / lot;
    return {
      instrumentId: instrument.instrumentId,
      quantity: units < 0 ? -contracts : contracts,
      entryPrice: markPrice,
    };
  }
  const contracts =
    instrument.settlement === "inverse"
      ? Math.max(1, Math.floor((Math.abs(units) * markPrice) / instrument.contractSize))
      : roundDown(Math.abs(units) / instrument.contractSize);
  const entryPrice = roundDown(markPrice * exp(entryDeviation * random.normal()));
  return { instrumentId: instrument.instrumentId, quantity: units < 0 ? -contracts : contracts, entryPrice };
}

/** Rounds a price or a size down to hundredths. Values below 1,000 keep six significant digits. */
function roundDown(value: number): number {
  const perUnit = 10 ** Math.max(2, 5 - Math.floor(Math.log10(value)));
  return Math.floor(value * perUnit) / perUnit;
}

/**
 * The number of times that the requirement is computed. Coin in a dollar pool is scanned itself, so the collateral
 * changes the requirement.
 */
const sizingPasses = 3;
/**
 * The median collateral of an account without positions, in US dollars. Accounts with positions start their sizing from
 * it.
 */
const idleCollateralUsd = 25_000;

function sizeCollateral(random: Random, pool: Pool, chain: ChainView, engine: MarginEngine): CollateralBalance[] {
  const room = random.chance(stretchedShare)
    ? stretchedRoom.from + (stretchedRoom.to - stretchedRoom.from) * random.uniform()
    : Math.max(leastRoom, medianRoom * random.logNormal(0, roomDeviation));
  const coinShare = pool.poolCurrency === "USD" && random.chance(0.5) ? 0.15 + 0.45 * random.uniform() : 0;
  const poolPriceUsd = pool.poolCurrency === "USD" ? 1 : chain.settlementPriceUsd;
  const split = (amount: number) => splitCollateral(pool.poolCurrency, amount, coinShare, chain);
  const idle = (idleCollateralUsd / poolPriceUsd) * random.logNormal(0, 1);
  let amount = idle;
  for (let pass = 0; pool.positions.length > 0 && pass < sizingPasses; pass += 1) {
    const result = engine.margin({ ...pool, collateral: split(amount) });
    if (result.status !== "margined") break;
    const short = room * result.initialMargin - result.initialMarginBalance;
    amount = Math.max(amount + short, 0.05 * result.initialMargin, idle / 100);
  }
  return split(amount);
}

function splitCollateral(pool: string, amount: number, coinShare: number, chain: ChainView): CollateralBalance[] {
  if (pool !== "USD") return [{ asset: pool, amount: roundUp(amount, 10_000) }];
  const usd = { asset: "USD", amount: roundUp(amount * (1 - coinShare), 1) };
  if (coinShare === 0) return [usd];
  return [usd, { asset: chain.settlesIn, amount: roundUp((amount * coinShare) / chain.settlementPriceUsd, 1_000) }];
}

function roundUp(amount: number, perUnit: number): number {
  return (Math.floor(amount * perUnit) + 1) / perUnit;
}
