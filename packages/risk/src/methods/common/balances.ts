import type { QuotedInstrument, Settlement } from "../../model/index.ts";
import type { ScenarioSet } from "../../scenarios/index.ts";
import { type MethodUnit, rememberByPrices } from "../margin-method.ts";
import type { Holding, NamedScenario, PoolView } from "./holding.ts";

/** Delta-one contracts that balances are scanned as: the coin itself, and a dollar against the coin. */
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

/** The moving balances of a unit; dollars in the coin's pool lose when the coin rises, as a short inverse contract does. */
export function balancesOf(unit: MethodUnit): Holding[] {
  if (unit.balanceUsd === 0) return [];
  const { coin, dollar } = balanceQuotes(unit);
  return unit.poolIsCoin
    ? [{ quoted: dollar, quantity: 0 - unit.balanceUsd }]
    : [{ quoted: coin, quantity: unit.balanceUsd / unit.indexPrice }];
}

/** The balances with what the pool's losses are counted in. */
export function poolViewOf(unit: MethodUnit): PoolView {
  return { balances: balancesOf(unit), valuedIn: unit.poolIsCoin ? "coin" : "cash" };
}

/** A scenario by its label; null when there is none. */
export function namedScenario({ ids, labels }: ScenarioSet, label: string | null, loss: number): NamedScenario | null {
  return label === null ? null : { scenarioId: ids[labels.indexOf(label)]!, label, loss };
}

/** `−12.5 %`, as scenario sets write it. */
export function percentText(fraction: number): string {
  const text = `${Number(Math.abs(fraction * 100).toFixed(2))} %`;
  return fraction < 0 ? `−${text}` : fraction > 0 ? `+${text}` : text;
}
