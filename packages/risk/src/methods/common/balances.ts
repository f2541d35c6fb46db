import type { QuotedInstrument, Settlement } from "../../model/index.ts";
import type { ScenarioSet } from "../../scenarios/index.ts";
import { type MethodUnit, rememberByPrices } from "../margin-method.ts";
import type { HeldInstrument, NamedScenario, PoolView } from "./holding.ts";

/**
 * Returns the two delta-one contracts as which balances are scanned. `coin` stands for one coin, and `dollar` for one
 * US dollar against the coin.
 */
const balanceQuotes = rememberByPrices(({ underlying, indexPrice }: MethodUnit) => {
  const quote = (settlement: Settlement): QuotedInstrument => ({
    instrument: {
      kind: "perpetual",
      instrumentId: `balance of ${underlying}`,
      underlying,
      settlement,
      quoteCurrency: "USD",
      contractSize: 1,
    },
    forwardPrice: indexPrice,
    markPrice: indexPrice,
    markVolatility: null,
    volatilitySource: null,
  });
  return { coin: quote("linear"), dollar: quote("inverse") };
});

/**
 * Returns the moving balances of a unit as holdings of delta-one contracts, or none when the balance is 0. Dollars in
 * the coin's own pool lose when the coin rises, as a short inverse contract does.
 */
export function balancesOf(unit: MethodUnit): HeldInstrument[] {
  if (unit.balanceUsd === 0) return [];
  const { coin, dollar } = balanceQuotes(unit);
  return unit.poolIsCoin
    ? [{ quoted: dollar, quantity: 0 - unit.balanceUsd }]
    : [{ quoted: coin, quantity: unit.balanceUsd / unit.indexPrice }];
}

/** Returns the moving balances of a unit, together with the currency in which the pool's losses are counted. */
export function poolViewOf(unit: MethodUnit): PoolView {
  return { balances: balancesOf(unit), valuedIn: unit.poolIsCoin ? "coin" : "cash" };
}

/** Returns the scenario that has the given label, with the given loss. Returns null when the label is null. */
export function namedScenario({ ids, labels }: ScenarioSet, label: string | null, loss: number): NamedScenario | null {
  return label === null ? null : { scenarioId: ids[labels.indexOf(label)]!, label, loss };
}

/** Returns a fraction as a signed percentage, such as `−12.5 %`, in the notation of scenario sets. */
export function percentText(fraction: number): string {
  const text = `${Number(Math.abs(fraction * 100).toFixed(2))} %`;
  return fraction < 0 ? `−${text}` : fraction > 0 ? `+${text}` : text;
}
