import { defaultParameters, depegHaircut, type HaircutBand } from "@plimsoll/risk";
import { collateralSnapshot, engineFor, marginedIn, solPrice, valuationOf } from "./collateral.ts";
import { accountWith } from "./market.ts";

const usdcPrice = 0.985;

/** An account with one asset of each kind, a debt, and short puts on a coin that it also holds as collateral. */
const account = accountWith({
  collateral: [
    { asset: "USD", amount: 20_000 },
    { asset: "USDC", amount: 150_000 },
    { asset: "BTC", amount: 2 },
    { asset: "WSTETH", amount: 40 },
    { asset: "ETHUSDCLP", amount: 500 },
    { asset: "SDAI", amount: 10_000 },
    { asset: "SOL", amount: 1_000 },
    { asset: "DAI", amount: -2_000 },
  ],
  positions: [{ instrumentId: "SOL-100-put", quantity: -500, entryPrice: solPrice }],
});

const engine = engineFor(collateralSnapshot({ USDC: usdcPrice }));

function money(amount: number): string {
  const text = Math.abs(amount).toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  return amount < 0 ? `−${text}` : text;
}

function percent(fraction: number): string {
  return `${Number((fraction * 100).toFixed(2))} %`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const align = head.map((_name, column) => (column === 0 ? "---" : "---:"));
  return [head, align, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function balances(): string {
  const rows = engine
    .collateral(account)
    .map((row) => [
      row.asset,
      row.amount.toLocaleString("en-US"),
      String(Number(row.priceUsd.toFixed(4))),
      `${percent(row.maintenanceHaircut)} / ${percent(row.initialHaircut)}`,
      money(row.countedMaintenance),
      money(row.countedInitial),
      row.reasons.map((reason) => `\`${reason}\``).join(", "),
    ]);
  return table(
    ["asset", "amount", "price", "haircut, maintenance / initial", "counts", "for initial", "because"],
    rows,
  );
}

function totals(): string {
  const { equity, netOptionValue, marginBalance, initialMarginBalance } = marginedIn(engine, account);
  return table(
    ["figure", "US dollars"],
    [
      ["equity", money(equity)],
      ["of it the puts written", money(netOptionValue)],
      ["margin balance", money(marginBalance)],
      ["the same for initial margin", money(initialMarginBalance)],
    ],
  );
}

function depeg(): string {
  const { depegTiers } = valuationOf("USDC", "pegged");
  const rows = [1.01, 1, 0.99, 0.98, 0.95, 0.93, 0.901, 0.874].map((price) => {
    const alone = accountWith({ collateral: [{ asset: "USDC", amount: 1_000_000 }] });
    const { marginBalance } = marginedIn(engineFor(collateralSnapshot({ USDC: price })), alone);
    return [String(price), percent(depegHaircut(price, depegTiers)), money(marginBalance)];
  });
  return table(["price of USDC", "added haircut", "1,000,000 USDC count"], rows);
}

function bandsText(bands: readonly HaircutBand[]): string {
  return bands
    .map(({ upToUsd, haircut }) =>
      upToUsd === null || bands.length === 1 ? percent(haircut) : `${percent(haircut)} to ${upToUsd / 1e6} M`,
    )
    .join(", ");
}

function shipped(): string {
  const rows = defaultParameters.collateral.map((entry) => [
    entry.asset,
    `\`${entry.valuation.kind}\``,
    bandsText(entry.maintenanceBands),
    bandsText(entry.initialBands),
    entry.movesInScenarios ? "yes" : "no",
    [entry.wrongWay && "`wrong_way`", entry.concentration && "`concentration`"].filter((rule) => rule).join(", ") ||
      "none",
  ]);
  return table(["asset", "valuation", "maintenance haircut", "initial haircut", "moves", "rules"], rows);
}

/** Returns the tables of docs/methods/collateral.md, by name. */
export function collateralExamples(): Readonly<Record<string, string>> {
  return { shipped: shipped(), balances: balances(), totals: totals(), depeg: depeg() };
}
