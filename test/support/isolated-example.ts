import { createMarginEngine, defaultParameters, type MarketSnapshot, type MethodId, type Pool } from "@plimsoll/risk";

type Table = (head: readonly string[], rows: readonly (readonly string[])[]) => string;

/**
 * Returns the worked example of `isolated`: the same account under it and under `standard`, with a large gain in one
 * position.
 */
export function isolatedTables(
  table: Table,
  snapshot: MarketSnapshot,
  accountOf: (methodId: MethodId) => Pool,
): Record<string, string> {
  const engine = createMarginEngine(snapshot, defaultParameters);
  const rows = (["standard", "isolated"] as const).map((methodId) => {
    const account = accountOf(methodId);
    const result = engine.margin({
      ...account,
      collateral: [{ asset: "USD", amount: 20_000 }],
      positions: account.positions.map((held) =>
        held.instrumentId === "BTC-PERPETUAL" ? { ...held, entryPrice: 55_000 } : held,
      ),
    });
    if (result.status === "not_margined") throw new Error(`${result.field} is ${result.value}`);
    const locked = result.components.find(({ name }) => name === "locked_profit")?.amount ?? 0;
    const { initialMargin, maintenanceMargin, marginBalance, marginHeadroom } = result;
    const amounts = [locked, initialMargin, maintenanceMargin, marginBalance, marginHeadroom];
    return [`\`${methodId}\``, ...amounts.map((amount) => amount.toFixed(2))];
  });
  return {
    "standard-isolated": table(
      ["method", "`locked_profit`", "initial", "maintenance", "margin balance", "headroom"],
      rows,
    ),
  };
}
