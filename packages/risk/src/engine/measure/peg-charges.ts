import { depegShockOf } from "../../collateral/index.ts";
import type { PoolCharge } from "../../methods/margin-method.ts";
import type { DepegShock, ParameterSet, PegOffset } from "../../model/index.ts";
import type { Book, BookCurrency } from "../book/book.ts";
import { borrowedOf, type CurrencyValue, ledgerOf } from "../value/currency-value.ts";

/** The amounts that a pool holds and owes in a stablecoin, in US dollars, each at least 0. */
interface PegExposure {
  readonly asset: string;
  readonly shock: DepegShock;
  heldUsd: number;
  owedUsd: number;
}

/**
 * Computes the charges for leverage on pegs, in pool currency. A loan in a stablecoin is charged its depeg shock, as
 * its price can rise against all that is held. Held stablecoins are charged as well, up to the sum of all loans of the
 * pool, as their price can fall while the loans stand. A holding beyond the loans loses no more than itself, and its
 * haircut covers that. One stablecoin pays for another only by the offsets stated. OKX charges the amount hedged
 * between stablecoins in the same way (its MR9).
 */
export function chargePegs(
  parameters: ParameterSet,
  book: Book,
  values: readonly CurrencyValue[],
  poolPriceUsd: number,
): readonly PoolCharge[] {
  const { collateral, pegOffsets } = parameters;
  let loansUsd = 0;
  for (const [index, currency] of book.currencies.entries()) loansUsd += loanUsd(currency, values[index]!);
  if (loansUsd === 0) return [];
  const { chargesLoans } = book.method;
  const exposures: PegExposure[] = [];
  for (const [index, currency] of book.currencies.entries()) {
    const value = values[index]!;
    const price = currency.parameters === null ? value.priceUsd : value.heldUsd;
    // The moving share keeps the charge for a dollar within what the dollar counts for.
    const heldUsd = Math.max(0, ledgerOf(currency.collateral, value)) * price * value.movingShare;
    const owedUsd = loanUsd(currency, value);
    // A token counts as each stablecoin behind it by the power with which its price moves with that coin.
    for (const { underlying: asset, power } of currency.powers) {
      const shock = depegShockOf(collateral.find((entry) => entry.asset === asset));
      if (shock === null) continue;
      let exposure = exposures.find((own) => own.asset === asset);
      if (exposure === undefined) {
        exposure = { asset, shock, heldUsd: 0, owedUsd: 0 };
        exposures.push(exposure);
      }
      exposure.heldUsd += power * heldUsd;
      exposure.owedUsd += power * owedUsd;
    }
  }
  let against = loansUsd - pegOffsets.reduce((sum, offset) => sum + net(exposures, offset), 0);
  const charges: PoolCharge[] = [];
  const charge = (name: PoolCharge["name"], { asset, shock }: PegExposure, usd: number) => {
    if (!(usd * shock.initial > 0)) return;
    const amount = usd / poolPriceUsd;
    charges.push({
      name,
      underlying: asset,
      initial: shock.initial * amount,
      maintenance: shock.maintenance * amount,
    });
  };
  // It is not known which coin pays for the loans, so they stand first against the coin that is charged most.
  for (const exposure of exposures.toSorted((a, b) => b.shock.initial - a.shock.initial)) {
    const held = Math.max(0, Math.min(exposure.heldUsd, against));
    against -= held;
    charge("depeg_charge", exposure, held);
    if (!chargesLoans) charge("borrowing_charge", exposure, exposure.owedUsd);
  }
  return charges;
}

/** Returns the US dollars borrowed in a currency, at least 0. */
function loanUsd({ collateral, parameters }: BookCurrency, value: CurrencyValue): number {
  return borrowedOf(collateral, value) * (parameters === null ? value.priceUsd : value.owedUsd);
}

/**
 * Nets the holdings and loans of two stablecoins that offset each other, in place. Returns the US dollars of loans that
 * this removes.
 */
function net(exposures: PegExposure[], { first, second, share }: PegOffset): number {
  const exposureIn = (asset: string) => exposures.find((exposure) => exposure.asset === asset);
  const pair = [exposureIn(first), exposureIn(second)];
  let gone = 0;
  for (const [held, owed] of [pair, pair.toReversed()]) {
    if (held === undefined || owed === undefined) continue;
    const netted = share * Math.min(held.heldUsd, owed.owedUsd);
    held.heldUsd -= netted;
    owed.owedUsd -= netted;
    gone += netted;
  }
  return gone;
}
