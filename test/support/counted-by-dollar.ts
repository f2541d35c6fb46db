import {
  black76Price,
  type CollateralParameters,
  type HaircutBand,
  type Instrument,
  type MarketSnapshot,
  type ParameterSet,
  type Pool,
  type QuotedInstrument,
} from "@plimsoll/risk";
import { asOfMs } from "./market.ts";

/** What a pool's balances count for, in pool currency, by the rules of docs/methods/collateral.md alone. */
export interface CountedPool {
  readonly equity: number;
  readonly initial: number;
  readonly maintenance: number;
  /**
   * The value of each asset with collateral parameters, and what that value counts for, in US dollars. A debt is
   * negative.
   */
  readonly byAsset: ReadonlyMap<
    string,
    { readonly valueUsd: number; readonly initialUsd: number; readonly maintenanceUsd: number }
  >;
}

/**
 * Counts collateral a second time, in a deliberately plain way. Every rule is written as the document has it, and a
 * value is counted one US dollar after the other. It serves pools of up to some ten thousand dollars with instruments
 * of `collateralSnapshot`.
 */
export function countByDollar(account: Pool, snapshot: MarketSnapshot, parameters: ParameterSet): CountedPool {
  const priceOf = (currency: string) => snapshot.currencies.find((entry) => entry.currency === currency)!.priceUsd;
  const rulesOf = (asset: string) => parameters.collateral.find((entry) => entry.asset === asset)!;
  const poolPriceUsd = priceOf(account.poolCurrency);
  const ledgers = ledgersOf(account, snapshot);
  const worthOf = (asset: string, units: number) => {
    if (asset === account.poolCurrency) return units * poolPriceUsd;
    const { held, owed } = unitPrices(rulesOf(asset), snapshot, parameters);
    return units * (units < 0 ? owed : held);
  };
  let netUsd = 0;
  for (const [asset, units] of ledgers) netUsd += worthOf(asset, units);
  let equityUsd = 0;
  let initialUsd = 0;
  let maintenanceUsd = 0;
  const byAsset = new Map<string, { valueUsd: number; initialUsd: number; maintenanceUsd: number }>();
  for (const [asset, units] of ledgers) {
    const valueUsd = worthOf(asset, units);
    // Equity is at market prices. A token counts in it at the price at which its balance counts.
    const isToken = !["market", "pegged"].includes(rulesOf(asset).valuation.kind);
    equityUsd += isToken ? valueUsd : units * priceOf(asset);
    if (asset === account.poolCurrency || valueUsd < 0) {
      // The pool's own currency is not cut, and a debt counts in full.
      initialUsd += valueUsd;
      maintenanceUsd += valueUsd;
      if (asset !== account.poolCurrency) {
        byAsset.set(asset, { valueUsd, initialUsd: valueUsd, maintenanceUsd: valueUsd });
      }
      continue;
    }
    const cuts = cutsOf(rulesOf(asset), account, snapshot, parameters, netUsd);
    const counted = {
      valueUsd,
      initialUsd: countDollars(valueUsd, cuts, "initial"),
      maintenanceUsd: countDollars(valueUsd, cuts, "maintenance"),
    };
    byAsset.set(asset, counted);
    initialUsd += counted.initialUsd;
    maintenanceUsd += counted.maintenanceUsd;
  }
  return {
    equity: equityUsd / poolPriceUsd,
    initial: initialUsd / poolPriceUsd,
    maintenance: maintenanceUsd / poolPriceUsd,
    byAsset,
  };
}

/** Returns the units of each currency: the sum of balances, gains since entry and option values. */
function ledgersOf({ collateral, positions }: Pool, { instruments }: MarketSnapshot): Map<string, number> {
  const ledgers = new Map<string, number>();
  const add = (currency: string, units: number) => ledgers.set(currency, (ledgers.get(currency) ?? 0) + units);
  for (const { asset, amount } of collateral) add(asset, amount);
  for (const { instrumentId, quantity, entryPrice } of positions) {
    const { instrument, markPrice } = instruments.find((quoted) => quoted.instrument.instrumentId === instrumentId)!;
    const size = quantity * instrument.contractSize;
    if (instrument.kind === "option") add(instrument.quoteCurrency, size * markPrice);
    else if (instrument.settlement === "linear") add(instrument.quoteCurrency, size * (markPrice - entryPrice));
    else add(instrument.underlying, size * (1 / entryPrice - 1 / markPrice));
  }
  return ledgers;
}

/** The haircuts that apply to the dollars of one asset. */
interface Cuts {
  readonly rules: CollateralParameters;
  readonly depeg: number;
  /** The number of first dollars to which the wrong-way haircut applies. */
  readonly wrongWayUsd: number;
  /** The dollar from which on the concentration haircut applies. */
  readonly concentratedFromUsd: number;
}

function cutsOf(
  rules: CollateralParameters,
  account: Pool,
  snapshot: MarketSnapshot,
  parameters: ParameterSet,
  netUsd: number,
): Cuts {
  const { wrongWay, concentration } = rules;
  const exposureUsd = wrongWay === null ? 0 : fallExposureUsd(account, snapshot, wrongWay.underlyings);
  const limits = [Number.POSITIVE_INFINITY];
  if (concentration !== null) {
    const { poolShare, dailyVolumeUsd, volumeShare } = concentration;
    // A share of 1 is no limit. The pool's limit is measured against what is held less what is owed.
    if (poolShare < 1) limits.push(poolShare * Math.max(0, netUsd));
    // The limit by daily volume does not depend on the pool.
    if (dailyVolumeUsd !== null) limits.push(volumeShare * dailyVolumeUsd);
  }
  return {
    rules,
    depeg: unitPrices(rules, snapshot, parameters).depeg,
    wrongWayUsd: exposureUsd,
    concentratedFromUsd: Math.min(...limits),
  };
}

/** Returns the share of one dollar that is cut, by the dollar's place among the dollars of its asset. */
function cutAt({ rules, depeg, wrongWayUsd, concentratedFromUsd }: Cuts, at: number, kind: "initial" | "maintenance") {
  const bands: readonly HaircutBand[] = kind === "initial" ? rules.initialBands : rules.maintenanceBands;
  const band = bands.find(({ upToUsd }) => upToUsd === null || at < upToUsd);
  // Nothing counts beyond a last band that has an upper bound.
  let cut = band === undefined ? 1 : band.haircut;
  cut += depeg;
  if (at < wrongWayUsd) cut += kind === "initial" ? rules.wrongWay!.initialHaircut : rules.wrongWay!.maintenanceHaircut;
  if (at > concentratedFromUsd) {
    cut += kind === "initial" ? rules.concentration!.initialHaircut : rules.concentration!.maintenanceHaircut;
  }
  return Math.min(1, cut);
}

/** The number of parts into which a dollar is split if a cut begins or ends within it. */
const PARTS = 1_000;

/** Counts a value dollar by dollar. Each dollar is cut at the rate that holds at its middle. */
function countDollars(valueUsd: number, cuts: Cuts, kind: "initial" | "maintenance"): number {
  const edges = [cuts.wrongWayUsd, cuts.concentratedFromUsd];
  let counted = 0;
  for (let from = 0; from < valueUsd; from += 1) {
    const upTo = Math.min(from + 1, valueUsd);
    const parts = edges.some((edge) => edge > from && edge < upTo) ? PARTS : 1;
    const width = (upTo - from) / parts;
    for (let part = 0; part < parts; part += 1) {
      counted += width * (1 - cutAt(cuts, from + (part + 0.5) * width, kind));
    }
  }
  return counted;
}

/**
 * Returns the price per unit in US dollars when held and when owed. `depeg` is the haircut for a stablecoin behind the
 * asset that is below its peg.
 */
function unitPrices(
  { asset, valuation }: CollateralParameters,
  snapshot: MarketSnapshot,
  parameters: ParameterSet,
): { readonly held: number; readonly owed: number; readonly depeg: number } {
  const marketOf = (currency: string) => snapshot.currencies.find((entry) => entry.currency === currency)!.priceUsd;
  const behind = (name: string) =>
    unitPrices(parameters.collateral.find((entry) => entry.asset === name)!, snapshot, parameters);
  const token = snapshot.tokens?.find((entry) => entry.asset === asset);
  switch (valuation.kind) {
    case "market":
      return { held: marketOf(asset), owed: marketOf(asset), depeg: 0 };
    case "pegged": {
      const price = marketOf(asset);
      const depeg = valuation.depegTiers.reduce(
        (sum, tier) => sum + tier.factor * Math.max(0, tier.belowPrice - price),
        0,
      );
      return { held: Math.min(1, price), owed: Math.max(1, price), depeg: Math.min(1, depeg) };
    }
    case "redeemable": {
      const { rate } = token as Extract<typeof token, { kind: "redeemable" }>;
      const days = Math.max(0, snapshot.asOfMs - valuation.anchorAtMs) / 86_400_000;
      const cap = valuation.anchorRate * (1 + valuation.maximumGrowthPerDay * days);
      const target = behind(valuation.redeemsInto);
      const redeemed = Math.min(rate, cap) * target.held;
      const market = valuation.isTraded ? marketOf(asset) : null;
      return {
        held: market === null ? redeemed : Math.min(market, redeemed),
        owed: Math.max(market ?? 0, rate * target.owed),
        depeg: target.depeg,
      };
    }
    case "pool_token": {
      const { reserves, totalSupply } = token as Extract<typeof token, { kind: "pool_token" }>;
      const fair = (side: "held" | "owed") =>
        valuation.parts.reduce((product, part) => {
          const reserve = reserves.find((entry) => entry.asset === part.asset)!.amount;
          return product * ((reserve * behind(part.asset)[side]) / part.weight) ** part.weight;
        }, 1) / totalSupply;
      return {
        held: fair("held"),
        owed: fair("owed"),
        depeg: Math.max(...valuation.parts.map((part) => behind(part.asset).depeg)),
      };
    }
  }
}

/**
 * Returns the exposure of the positions to a fall of the named underlyings, in US dollars. For each underlying by
 * itself it is the highest net delta over many falls, at least 0, times the index price.
 */
function fallExposureUsd(
  { positions }: Pool,
  { instruments, underlyings }: MarketSnapshot,
  named: readonly string[],
): number {
  let exposure = 0;
  for (const { underlying, indexPrice } of underlyings) {
    if (!named.includes("*") && !named.includes(underlying)) continue;
    const held = positions.map(({ instrumentId, quantity }) => ({
      quantity,
      quoted: instruments.find(({ instrument }) => instrument.instrumentId === instrumentId)!,
    }));
    const own = held.filter(({ quoted }) => quoted.instrument.underlying === underlying);
    const netDelta = (deltaOf: (quoted: QuotedInstrument) => number) =>
      own.reduce((sum, { quantity, quoted }) => sum + quantity * quoted.instrument.contractSize * deltaOf(quoted), 0);
    let worst = Math.max(0, netDelta(presentDelta));
    for (let step = 1; step <= 1_000; step += 1) {
      const multiple = 1 - step / 1_000;
      worst = Math.max(
        worst,
        netDelta((quoted) => fallenDelta(quoted, multiple)),
      );
    }
    exposure += worst * indexPrice;
  }
  return exposure;
}

/** Returns the present delta per unit of size, from the prices at a slightly higher and a slightly lower forward. */
function presentDelta({ instrument, forwardPrice, markPrice, markVolatility }: QuotedInstrument): number {
  if (instrument.kind !== "option") return instrument.settlement === "inverse" ? 1 / markPrice : 1;
  const priceAt = (forward: number) => {
    const sign = instrument.optionType === "call" ? 1 : -1;
    return black76Price(sign, forward, instrument.strike, yearsOf(instrument), markVolatility!, 1);
  };
  const bump = 1e-5 * forwardPrice;
  return (priceAt(forwardPrice + bump) - priceAt(forwardPrice - bump)) / (2 * bump);
}

/**
 * Returns the delta per unit of size after a fall. An option counts fully if it is in the money and not at all if it is
 * out of it.
 */
function fallenDelta(quoted: QuotedInstrument, multiple: number): number {
  const { instrument, forwardPrice } = quoted;
  if (instrument.kind !== "option") return presentDelta(quoted);
  const price = forwardPrice * multiple;
  if (instrument.optionType === "call") return price > instrument.strike ? 1 : 0;
  return price < instrument.strike ? -1 : 0;
}

function yearsOf(instrument: Extract<Instrument, { kind: "option" }>): number {
  return (instrument.expiryMs - asOfMs) / (365 * 86_400_000);
}
