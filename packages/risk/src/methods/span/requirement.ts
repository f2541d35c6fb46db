import { checkSpanParameters } from "./check-parameters.ts";
import { combineSpanRisk, type SpanRequirement, shortOptionMinimum, spanDeliveryCharge } from "./combined-risk.ts";
import type {
  SpanCommodityParameters,
  SpanInterSpread,
  SpanParameters,
  SpanPosition,
  SpanSpreadLeg,
  SpanTier,
} from "./model.ts";
import { combineScannedLosses, computeSpanScan, type SpanScan, sumSpanLosses, weightedPriceRisk } from "./scan-risk.ts";
import { createDeltaLedger, type DeltaLedger, formSpreads } from "./spread-formation.ts";

/** The scan and the requirement of one combined commodity, in its currency. */
export interface SpanCommodityResult extends SpanScan, SpanRequirement {
  readonly combinedCommodity: string;
  readonly currency: string;
  readonly netDelta: number;
  readonly weightedPriceRisk: number;
  readonly intraCharge: number;
  readonly deliveryCharge: number;
  readonly interCredit: number;
  readonly shortOptionMinimum: number;
  readonly netOptionValue: number;
}

/** The sums over all combined commodities of one currency. */
export type SpanCurrencyTotal = Pick<
  SpanRequirement,
  "riskMaintenance" | "riskInitial" | "totalMaintenance" | "totalInitial"
> & { readonly currency: string; readonly netOptionValue: number };

export interface SpanResult {
  /** The results of the combined commodities, sorted by name. */
  readonly commodities: readonly SpanCommodityResult[];
  /** The totals per currency, sorted by currency. */
  readonly currencies: readonly SpanCurrencyTotal[];
}

/** A combined commodity while its requirement is computed. */
interface Working {
  readonly parameters: SpanCommodityParameters;
  readonly positions: readonly SpanPosition[];
  readonly scan: SpanScan;
  readonly netDelta: number;
  readonly weightedPriceRisk: number;
  /** The deltas that calendar spreads can still use. */
  readonly intraLedger: DeltaLedger;
  /** The deltas that spreads with other commodities can still use. Calendar spreads do not reduce them. */
  readonly interLedger: DeltaLedger;
  readonly originalDeltas: ReadonlyMap<string, number>;
  interCredit: number;
  intraCharge: number;
}

/**
 * Computes the SPAN requirement of a set of positions (docs/sources.md, SPAN: requirement). It scans each combined
 * commodity, then forms super spreads, calendar spreads and the other spreads between commodities, each by priority. It
 * adds the delivery charge, applies the short option minimum as a floor, and sets off option value. It adds up per
 * currency without converting.
 *
 * Where the sources are silent, the choices are these. Calendar spreads do not use up the deltas that spreads with
 * other commodities may use (docs/sources.md, SPAN: calendar and delivery charges). The delivery charge
 * sees the deltas used by super and calendar spreads. A commodity in a scanning spread takes no part in later credits, and
 * one that a credit has counted before takes no part in a scanning spread. Scanning tiers are not split, so each
 * commodity has one scan. Contracts are netted by id first, in
 * sorted order, so that the order of positions cannot matter.
 */
export function computeSpanRequirement(positions: readonly SpanPosition[], parameters: SpanParameters): SpanResult {
  checkSpanParameters(parameters);
  const working = startCommodities(netPositions(positions), parameters);
  const inter = [...parameters.interSpreads].sort((a, b) => a.priority - b.priority);
  for (const spread of inter) if (spread.isSuper) applyInterSpread(spread, working);
  for (const commodity of working.values()) commodity.intraCharge = chargeIntraSpreads(commodity);
  for (const spread of inter) if (!spread.isSuper) applyInterSpread(spread, working);
  const commodities = [...working.values()].map(finishCommodity);
  return { commodities, currencies: sumByCurrency(commodities) };
}

/**
 * Returns one total in `currency` from totals in several. Conversion comes after each currency's requirement is known
 * (docs/sources.md, SPAN: requirement). `pricesInCurrency` gives the price of one unit of each other currency. Throws a
 * RangeError if a price is missing or not above 0.
 */
export function convertSpanTotals(
  totals: readonly SpanCurrencyTotal[],
  currency: string,
  pricesInCurrency: ReadonlyMap<string, number>,
): SpanCurrencyTotal {
  const sum = { riskMaintenance: 0, riskInitial: 0, totalMaintenance: 0, totalInitial: 0, netOptionValue: 0 };
  for (const total of totals) {
    const price = total.currency === currency ? 1 : pricesInCurrency.get(total.currency);
    if (price === undefined || !(price > 0)) {
      throw new RangeError(`SPAN: no price of ${total.currency} in ${currency}; add one above 0`);
    }
    for (const key of totalKeys) sum[key] += price * total[key];
  }
  return { currency, ...sum };
}

const totalKeys = ["riskMaintenance", "riskInitial", "totalMaintenance", "totalInitial", "netOptionValue"] as const;

function netPositions(positions: readonly SpanPosition[]): SpanPosition[] {
  const netted = new Map<string, SpanPosition>();
  for (const { contract, quantity } of positions) {
    if (!Number.isFinite(quantity)) {
      throw new RangeError(`SPAN: quantity of ${contract.contractId} is ${quantity}; give a finite number`);
    }
    const held = netted.get(contract.contractId)?.quantity ?? 0;
    netted.set(contract.contractId, { contract, quantity: held + quantity });
  }
  return [...netted.values()].sort((a, b) => (a.contract.contractId < b.contract.contractId ? -1 : 1));
}

function startCommodities(positions: readonly SpanPosition[], parameters: SpanParameters): Map<string, Working> {
  const byName = new Map<string, SpanPosition[]>();
  for (const position of positions) {
    const name = position.contract.combinedCommodity;
    const list = byName.get(name) ?? [];
    list.push(position);
    byName.set(name, list);
  }
  const working = new Map<string, Working>();
  for (const name of [...byName.keys()].sort()) {
    const held = byName.get(name)!;
    const commodity = parameters.commodities.find(({ combinedCommodity }) => combinedCommodity === name);
    if (commodity === undefined) {
      throw new RangeError(`SPAN: no parameters for combined commodity ${name} of ${held[0]!.contract.contractId}`);
    }
    const stranger = held.find(({ contract }) => contract.currency !== commodity.currency);
    if (stranger !== undefined) {
      throw new RangeError(
        `SPAN: ${stranger.contract.contractId} is in ${stranger.contract.currency}, its combined commodity ${name} in ${commodity.currency}`,
      );
    }
    working.set(name, startCommodity(commodity, held, parameters));
  }
  return working;
}

function startCommodity(
  commodity: SpanCommodityParameters,
  positions: readonly SpanPosition[],
  parameters: SpanParameters,
): Working {
  const scan = computeSpanScan(sumSpanLosses(positions, parameters.grid), parameters.grid);
  const deltas = new Map<string, number>();
  let netDelta = 0;
  for (const { contract, quantity } of positions) {
    const delta = quantity * contract.compositeDelta * contract.deltaScale;
    deltas.set(contract.period, (deltas.get(contract.period) ?? 0) + delta);
    netDelta += delta;
  }
  return {
    parameters: commodity,
    positions,
    scan,
    netDelta,
    weightedPriceRisk: weightedPriceRisk(
      scan.priceRisk,
      netDelta,
      commodity.priceScanRange,
      commodity.weightedPriceRiskMethod,
    ),
    intraLedger: createDeltaLedger(deltas, "gross"),
    interLedger: createDeltaLedger(deltas, "net"),
    originalDeltas: deltas,
    interCredit: 0,
    intraCharge: 0,
  };
}

function chargeIntraSpreads(commodity: Working): number {
  const { parameters, intraLedger } = commodity;
  let charge = 0;
  for (const spread of [...parameters.intraSpreads].sort((a, b) => a.priority - b.priority)) {
    const legs = spread.legs.map((leg) => formationLeg(leg, intraLedger, parameters.intraTiers));
    const count = formSpreads(legs);
    const deltas = spread.legs.reduce((sum, leg) => sum + leg.deltaPerSpread, 0);
    const perSpread =
      spread.chargeMethod === "flat" ? spread.charge : spread.charge * deltas * commodity.weightedPriceRisk;
    charge += count * perSpread;
  }
  return charge;
}

function applyInterSpread(spread: SpanInterSpread, working: ReadonlyMap<string, Working>): void {
  const names = [...new Set(spread.legs.map(({ combinedCommodity }) => combinedCommodity))];
  const held = names.map((name) => working.get(name));
  if (held.some((commodity) => commodity === undefined)) return;
  const commodities = held as readonly Working[];
  if (spread.method === "scanning") {
    applyScanningSpread(spread.creditRate, commodities);
    return;
  }
  const legs = spread.legs.map((leg) => {
    const { interLedger, parameters } = working.get(leg.combinedCommodity)!;
    return formationLeg(leg, interLedger, parameters.interTiers);
  });
  const count = formSpreads(legs);
  if (count === 0) return;
  for (const leg of spread.legs) {
    const commodity = working.get(leg.combinedCommodity)!;
    commodity.interCredit +=
      spread.method === "flat"
        ? (count * spread.creditRate) / spread.legs.length
        : count * leg.deltaPerSpread * commodity.weightedPriceRisk * spread.creditRate;
    if (spread.isSuper) copyUse(commodity);
  }
}

/**
 * Copies the deltas left after a super spread to the calendar ledger, because super spreads use up those deltas too.
 */
function copyUse(commodity: Working): void {
  commodity.intraLedger.remaining.set(commodity.interLedger.remaining);
}

/**
 * Credits what scanning the legs as one saves, shared in proportion to their scan risks. Their deltas are then used up
 * for later delta and flat spreads. A scan counts the whole position, so a leg with an earlier credit would offset the
 * same contracts twice; such a spread gives nothing.
 */
function applyScanningSpread(gainAllowance: number, commodities: readonly Working[]): void {
  if (commodities.some(({ interCredit }) => interCredit > 0)) return;
  const combined = combineScannedLosses(
    commodities.map(({ scan }) => scan.losses),
    gainAllowance,
  );
  const together = Math.max(0, ...combined);
  const apart = commodities.reduce((sum, { scan }) => sum + scan.scanRisk, 0);
  const saved = Math.max(0, apart - together);
  for (const commodity of commodities) {
    commodity.interCredit += apart === 0 ? 0 : saved * (commodity.scan.scanRisk / apart);
    commodity.interLedger.remaining.fill(0);
  }
}

function finishCommodity(commodity: Working): SpanCommodityResult {
  const { parameters, positions, originalDeltas, intraLedger } = commodity;
  let deliveryCharge = 0;
  for (const rates of parameters.deliveryRates) {
    const index = intraLedger.periods.indexOf(rates.period);
    if (index < 0) continue;
    const outright = Math.abs(intraLedger.remaining[index]!);
    deliveryCharge += spanDeliveryCharge(Math.abs(originalDeltas.get(rates.period)!) - outright, outright, rates);
  }
  let shortCalls = 0;
  let shortPuts = 0;
  let netOptionValue = 0;
  for (const { contract, quantity } of positions) {
    netOptionValue += quantity * contract.optionValue;
    if (quantity >= 0 || contract.kind !== "option") continue;
    if (contract.optionType === "call") shortCalls -= quantity;
    else shortPuts -= quantity;
  }
  const parts = {
    scanRisk: commodity.scan.scanRisk,
    intraCharge: commodity.intraCharge,
    deliveryCharge,
    interCredit: commodity.interCredit,
    shortOptionMinimum: shortOptionMinimum(
      shortCalls,
      shortPuts,
      parameters.shortOptionMinimumRate,
      parameters.shortOptionMinimumMethod,
    ),
    netOptionValue,
  };
  return {
    combinedCommodity: parameters.combinedCommodity,
    currency: parameters.currency,
    ...commodity.scan,
    netDelta: commodity.netDelta,
    weightedPriceRisk: commodity.weightedPriceRisk,
    ...parts,
    ...combineSpanRisk(parts, parameters),
  };
}

function formationLeg(leg: SpanSpreadLeg, ledger: DeltaLedger, tiers: readonly SpanTier[]) {
  const { deltaPerSpread, side } = leg;
  if (leg.period !== null) {
    const wanted = leg.period;
    return { ledger, part: `period ${wanted}`, includes: (period: string) => period === wanted, deltaPerSpread, side };
  }
  const tier = leg.tier === 0 ? undefined : tiers.find((entry) => entry.tier === leg.tier);
  const includes = (period: string) => tier === undefined || isInTier(period, tier);
  return { ledger, part: `tier ${leg.tier}`, includes, deltaPerSpread, side };
}

/**
 * Returns whether a period lies in a tier. Periods of different precision are compared on the digits that both state:
 * 20260630 lies in a tier that ends in 202606.
 */
function isInTier(period: string, { firstPeriod, lastPeriod }: SpanTier): boolean {
  return period.slice(0, firstPeriod.length) >= firstPeriod && period.slice(0, lastPeriod.length) <= lastPeriod;
}

function sumByCurrency(commodities: readonly SpanCommodityResult[]): SpanCurrencyTotal[] {
  const currencies = [...new Set(commodities.map(({ currency }) => currency))].sort();
  return currencies.map((currency) =>
    convertSpanTotals(
      commodities.filter((commodity) => commodity.currency === currency),
      currency,
      new Map(),
    ),
  );
}
