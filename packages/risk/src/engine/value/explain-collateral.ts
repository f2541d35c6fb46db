import { priceAsset, pricedThrough } from "../../collateral/index.ts";
import type { CollateralReason, CollateralResult, PriceQuality, UnderlyingState } from "../../model/index.ts";
import { worstQuality } from "../../severity/index.ts";
import type { Book, BookCurrency } from "../book/book.ts";
import { rateCurrency } from "../book/currency-rates.ts";
import type { SetAsideBalance } from "../book/keep-known.ts";
import { findUnderlying, type Market } from "../market/market.ts";
import { type CurrencyValue, ledgerOf, poolPriceIn } from "./currency-value.ts";
import { countCurrency, type PoolSums, sumPool } from "./value-pool.ts";

/**
 * Explains what each balance of a book counts for and why. Balances are sorted by asset; those that are set aside come
 * last.
 */
export function explainCollateral(market: Market, book: Book, values: readonly CurrencyValue[]): CollateralResult[] {
  const pool = sumPool(book, values);
  const poolPriceUsd = poolPriceIn(market, book);
  const counted = book.currencies.flatMap((currency, index) =>
    currency.collateral === 0 ? [] : [explainBalance(market, currency, values[index]!, pool, poolPriceUsd)],
  );
  const apart = book.setAside?.balances.map((balance) => explainSetAside(market, balance, poolPriceUsd));
  return apart === undefined ? counted : [...counted, ...apart];
}

/**
 * Explains a balance that is set aside. It counts for nothing, or as a debt at its last price, raised if that price may
 * be wrong.
 */
function explainSetAside(
  market: Market,
  { holding, ...balance }: SetAsideBalance,
  poolPriceUsd: number,
): CollateralResult {
  const counted = holding.worstUsd / poolPriceUsd;
  const isHeld = balance.amount > 0;
  return {
    ...balance,
    priceUsd: holding.reason.price ?? 0,
    quality: qualityOf(market, balance.asset, balance.amount),
    countedInitial: counted,
    countedMaintenance: counted,
    initialHaircut: isHeld ? 1 : 0,
    maintenanceHaircut: isHeld ? 1 : 0,
    reasons: [
      holding.isMethodFault
        ? "no_rule"
        : holding.reason.code === "collateral_not_accepted"
          ? "not_accepted"
          : "not_priced",
    ],
  };
}

function explainBalance(
  market: Market,
  currency: BookCurrency,
  value: CurrencyValue,
  pool: PoolSums,
  poolPriceUsd: number,
): CollateralResult {
  const { collateral, parameters } = currency;
  const balance = {
    asset: currency.currency,
    amount: collateral,
    quality: qualityOf(market, currency.currency, collateral),
  };
  if (parameters === null) {
    const counted = (collateral * value.priceUsd) / poolPriceUsd;
    const counts = { countedInitial: counted, countedMaintenance: counted, initialHaircut: 0, maintenanceHaircut: 0 };
    return { ...balance, priceUsd: value.priceUsd, ...counts, reasons: ["pool_currency"] };
  }
  const counted = countCurrency(collateral, parameters, value, pool);
  const { wrongWayUsd, concentratedUsd } = counted;
  const net = ledgerOf(collateral, value);
  // A ledger that gains have raised is shared with them. A balance gets its part of it, or all that is owed.
  const share = net > collateral ? (net > 0 ? Math.max(0, collateral) / net : 1) : 1;
  const heldUsd = counted.heldUsd * share;
  const initialUsd = counted.initialUsd * share;
  const maintenanceUsd = counted.maintenanceUsd * share;
  const haircutOf = (countedUsd: number) => (heldUsd > 0 ? Math.max(0, 1 - countedUsd / heldUsd) : 0);
  const reasons: CollateralReason[] = [];
  const price = priceAsset(market, currency.currency);
  const isAtPar = statesBehind(market, currency.currency).some(({ atPar }) => atPar !== undefined);
  if (collateral < 0) {
    reasons.push("debt");
    if ("reasons" in price && price.rateReason !== null) reasons.push(price.rateReason);
    if (isAtPar) reasons.push("at_par");
  } else {
    if (net < collateral) reasons.push("own_losses");
    // A stablecoin at par has no market price to name.
    if ("reasons" in price) reasons.push(...price.reasons.filter((reason) => !isAtPar || reason !== "market_price"));
    if (isAtPar) reasons.push("at_par");
    if (parameters.initialBands.some(({ haircut }) => haircut > 0)) reasons.push("band");
    if (value.depegHaircut > 0) reasons.push("depeg");
    if (wrongWayUsd > 0) reasons.push("wrong_way");
    if (concentratedUsd > 0) reasons.push("concentration");
  }
  return {
    ...balance,
    priceUsd: collateral < 0 ? value.owedUsd : value.heldUsd,
    initialHaircut: haircutOf(initialUsd),
    maintenanceHaircut: haircutOf(maintenanceUsd),
    countedInitial: initialUsd / poolPriceUsd,
    countedMaintenance: maintenanceUsd / poolPriceUsd,
    reasons,
  };
}

/**
 * Returns the worst quality of the prices that a balance is priced through. Assets that are no underlying do not lower
 * it. A balance held at a redemption rate that fell too far to be believed is degraded, so that a collapsed feed may
 * warn but not escalate.
 */
function qualityOf(market: Market, asset: string, amount: number): PriceQuality {
  const behind: Pick<UnderlyingState, "quality">[] = statesBehind(market, asset);
  return worstQuality(amount > 0 && isCollapsed(market, asset) ? [...behind, { quality: "degraded" }] : behind);
}

/** Returns the underlyings known to the snapshot that a balance is priced through. */
function statesBehind(market: Market, asset: string): UnderlyingState[] {
  return pricedThrough(asset, market.collateral.get(asset)).flatMap((name) => findUnderlying(market, name) ?? []);
}

/** Returns whether a held asset is valued at a redemption rate below those that are believed. */
function isCollapsed(market: Market, asset: string): boolean {
  if (!market.tokens.has(asset)) return false;
  const price = priceAsset(market, asset);
  return "reasons" in price && price.reasons.includes("rate_collapsed");
}

/**
 * The share of all balances below which a balance is too small for doubts about its price to matter. It is our choice.
 */
const MATERIAL_SHARE = 0.01;

/**
 * Returns the worst quality among the balances that are at least a hundredth of all that is held or owed. A doubtful
 * price of a large balance holds an escalation back, but dust in a doubtful token does not.
 */
export function collateralQualityOf(market: Market, { currencies }: Book): PriceQuality {
  const { tokens } = market;
  const onRates =
    tokens.size > 0 && currencies.some(({ currency, collateral }) => collateral > 0 && tokens.has(currency));
  if (!onRates && market.underlyings.every(({ quality }) => quality === "good")) return "good";
  const held = currencies.filter(({ collateral }) => collateral !== 0);
  const doubtful = held.filter(({ currency, collateral }) => qualityOf(market, currency, collateral) !== "good");
  if (doubtful.length === 0) return "good";
  const sizeOf = (currency: BookCurrency) => Math.abs(currency.collateral) * rateCurrency(market, currency).priceUsd;
  const least = MATERIAL_SHARE * held.reduce((sum, currency) => sum + sizeOf(currency), 0);
  const material = doubtful.filter((currency) => sizeOf(currency) >= least);
  return worstQuality(
    material.map(({ currency, collateral }) => ({ quality: qualityOf(market, currency, collateral) })),
  );
}
