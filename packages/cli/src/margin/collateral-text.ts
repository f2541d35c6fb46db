import { groupDigits, priceWords } from "@plimsoll/calls";
import { table } from "../output/table.ts";
import type { Paint } from "../output/terminal.ts";
import type { PoolReport } from "./margin-report.ts";

type CollateralRow = PoolReport["collateral"][number];

const reasonWords: Readonly<Record<CollateralRow["reasons"][number], string>> = {
  pool_currency: "the pool's own",
  debt: "owed in full",
  own_losses: "pays its own losses first",
  market_price: "market price",
  par: "no more than par",
  at_par: "at par, not priced",
  redemption_rate: "redemption rate",
  rate_cap: "rate capped",
  rate_collapsed: "rate fell too far to be believed",
  pool_fair_price: "fair price of the pool",
  band: "haircut by size",
  depeg: "below its peg",
  wrong_way: "falls with the positions",
  concentration: "too much of one",
  not_accepted: "not accepted: counts for nothing",
  not_priced: "without a usable price",
  no_rule: "its method has no rule for its coin",
};

/**
 * Renders a table of the balances: the amount, the price, the haircut, what it counts for, and why. It is empty without
 * balances.
 */
export function collateralText({ collateral, pool_currency }: PoolReport, paint: Paint): string {
  if (collateral.length === 0) return "";
  return table(
    [
      { head: "Collateral" },
      { head: "amount", align: "right" },
      { head: "price $", align: "right" },
      { head: "haircut", align: "right" },
      { head: `counts (${pool_currency})`, align: "right" },
      { head: "for initial", align: "right" },
      { head: "because" },
    ],
    collateral.map((row) => [
      row.asset,
      groupDigits(row.amount),
      priceWords(row.price_usd),
      haircutWords(row),
      groupDigits(row.counted_maintenance),
      groupDigits(row.counted_initial),
      doubted(row, paint),
    ]),
    paint,
  );
}

function haircutWords({ initial_haircut, maintenance_haircut }: CollateralRow): string {
  const percent = (haircut: string) => String(Number((Number(haircut) * 100).toFixed(2)));
  const [maintenance, initial] = [percent(maintenance_haircut), percent(initial_haircut)];
  return maintenance === initial ? `${maintenance} %` : `${maintenance} / ${initial} %`;
}

function doubted({ reasons, quality }: CollateralRow, paint: Paint): string {
  const words = reasons.map((reason) => reasonWords[reason]).join(", ");
  return quality === "good" ? paint.dim(words) : `${paint.dim(words)} ${paint.yellow(quality)}`;
}
