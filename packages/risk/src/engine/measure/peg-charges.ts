import { depegShockOf } from "../../collateral/index.ts";
import type { AccountCharge } from "../../methods/margin-method.ts";
import type { DepegShock, ParameterSet, PegOffset } from "../../model/index.ts";
import type { Book, BookCurrency } from "../book/book.ts";
import { borrowedOf, type CurrencyValue, ledgerOf } from "../value/currency-value.ts";

/** A stablecoin of a pool, US dollars, each at least 0. */
interface PegExposure {
  readonly asset: string;
  readonly shock: DepegShock;
  heldUsd: number;
  owedUsd: number;
}

/**
 * What leverage on a peg must hold, pool currency. What is borrowed in a stablecoin is asked for its depeg shock, as its price can
 * rise against all that is held; and so is what is held in stablecoins, up to the sum of all loans of the pool, as its price can
 * fall while they stand. What is held beyond the loans loses no more than itself, and its haircut speaks for that. One stablecoin
 * pays for another only by the offsets stated. OKX charges the amount hedged between stablecoins in the same way (its MR9).
 */
export function chargePegs(
  parameters: ParameterSet,
  book: Book,
  values: readonly CurrencyValue[],
  poolPriceUsd: number,
): readonly AccountCharge[] {
  const { collateral, pegOffsets } = parameters;
  let loansUsd = 0;
  for (const [index, currency] of book.currencies.entries()) loansUsd += loanUsd(currency, values[index]!);
  if (loansUsd === 0) return [];
  const { chargesLoans } = book.method;
  const exposures: PegExposure[] = [];
  for (const [index, currency] of book.currencies.entries()) {
    const value = values[index]!;
    const price = currency.parameters === null ? value.priceUsd : value.heldUsd;
    // No dollar of it is asked for more than it counts for.
    const heldUsd = Math.max(0, ledgerOf(currency.collateral, value)) * price * value.movingShare;
    const owedUsd = loanUsd(currency, value);
    // A token is as much of the stablecoins behind it as its price moves with them.
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
  const charges: AccountCharge[] = [];
  const charge = (name: AccountCharge["name"], { asset, shock }: PegExposure, usd: number) => {
    if (!(usd * shock.initial > 0)) return;
    const amount = usd / poolPriceUsd;
    charges.push({
      name,
      underlying: asset,
      initial: shock.initial * amount,
      maintenance: shock.maintenance * amount,
    });
  };
  // The loans stand against what is charged most first: which of the coins pays for them is not known.
  for (const exposure of exposures.toSorted((a, b) => b.shock.initial - a.shock.initial)) {
    const held = Math.max(0, Math.min(exposure.heldUsd, against));
    against -= held;
    charge("depeg_charge", exposure, held);
    if (!chargesLoans) charge("borrowing_charge", exposure, exposure.owedUsd);
  }
  return charges;
}

/** US dollars borrowed in a currency, at least 0. */
function loanUsd({ collateral, parameters }: BookCurrency, value: CurrencyValue): number {
  return borrowedOf(collateral, value) * (parameters === null ? value.priceUsd : value.owedUsd);
}

/** Takes what a pair of stablecoins pays for each other off both; returns the loan that is gone with it. */
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
