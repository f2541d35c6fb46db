import type { DepegBracket, OkxDepegColumn } from "../portfolio-okx/parameters.ts";
import { type HeldInstrument, holdingDelta } from "./holding.ts";

/** The delta of a unit's holdings in each quote currency, in US dollars and signed. */
export type CashDeltas = Readonly<Record<"USDT" | "USDC" | "USD", number>>;

/**
 * Computes step 1 of OKX's MR9: the cash delta of the holdings by quote currency, in US dollars. Coin-settled contracts
 * count as USD, and contracts in other quote currencies are left out.
 */
export function quoteCashDeltas(holdings: readonly HeldInstrument[], indexPrice: number, asOfMs: number): CashDeltas {
  const deltas = { USDT: 0, USDC: 0, USD: 0 };
  for (const holding of holdings) {
    const { settlement, quoteCurrency } = holding.quoted.instrument;
    const quote = settlement === "inverse" ? "USD" : quoteCurrency;
    if (quote === "USDT" || quote === "USDC" || quote === "USD") {
      deltas[quote] += holdingDelta(holding, asOfMs) * indexPrice;
    }
  }
  return deltas;
}

/**
 * Returns the prices of the three quote currencies from a list of prices. A quote currency that is
 * missing has the price 1.
 */
export function stablecoinPrices(prices: readonly (readonly [string, number])[]): CashDeltas {
  const known = new Map(prices);
  return { USDT: known.get("USDT") ?? 1, USDC: known.get("USDC") ?? 1, USD: known.get("USD") ?? 1 };
}

/**
 * Computes step 2 of MR9: the US dollar amounts that are hedged between quote currencies. The pairs are taken in the
 * order USDT-USD, USDT-USDC, USDC-USD.
 */
export function hedgedBetweenQuotes(
  cashDeltas: CashDeltas,
): { readonly pair: readonly [keyof CashDeltas, keyof CashDeltas]; readonly amountUsd: number }[] {
  const left = { ...cashDeltas };
  const pairs = [
    ["USDT", "USD"],
    ["USDT", "USDC"],
    ["USDC", "USD"],
  ] as const;
  return pairs.map((pair) => {
    const [first, second] = pair;
    const opposite = left[first] * left[second] < 0;
    const amountUsd = opposite ? Math.min(Math.abs(left[first]), Math.abs(left[second])) : 0;
    left[first] -= Math.sign(left[first]) * amountUsd;
    left[second] -= Math.sign(left[second]) * amountUsd;
    return { pair, amountUsd };
  });
}

/**
 * Computes step 3 of MR9: the charge in US dollars, with each slice of the hedged amount at the rate of its own bracket
 * (checked; docs/sources.md, OKX portfolio margin). Throws a RangeError if the brackets end below the amount.
 */
export function depegCharge(amountUsd: number, brackets: readonly DepegBracket[]): number {
  let charge = 0;
  let from = 0;
  for (const { upToUsd, rate } of brackets) {
    const until = upToUsd === null ? amountUsd : Math.min(amountUsd, upToUsd);
    if (until > from) charge += (until - from) * rate;
    from = Math.max(from, until);
  }
  if (amountUsd > from)
    throw new RangeError(`Depeg brackets end at ${from} US dollars below ${amountUsd}; end with null`);
  return charge;
}

/**
 * Returns the column of brackets for the price of the weaker stablecoin. The last column also serves all prices below
 * its own. Throws a RangeError if there are no columns.
 */
function findDepegColumn(columns: readonly OkxDepegColumn[], indexPrice: number): OkxDepegColumn {
  const column = columns.find(({ fromIndexPrice }) => indexPrice >= fromIndexPrice) ?? columns[columns.length - 1];
  if (column === undefined) throw new RangeError("OKX depeg: no column of brackets; give at least one");
  return column;
}

/**
 * Computes MR9 of one unit in US dollars. Each hedged pair is charged by the column for the price of
 * its weaker stablecoin.
 */
export function okxStablecoinRisk(
  cashDeltas: CashDeltas,
  indexPrices: CashDeltas,
  columns: readonly OkxDepegColumn[],
): number {
  let charge = 0;
  for (const { pair, amountUsd } of hedgedBetweenQuotes(cashDeltas)) {
    if (amountUsd === 0) continue;
    const weaker = Math.min(indexPrices[pair[0]], indexPrices[pair[1]]);
    charge += depegCharge(amountUsd, findDepegColumn(columns, weaker).brackets);
  }
  return charge;
}
