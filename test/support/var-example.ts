import {
  createMarginEngine,
  defaultParameters,
  type HeldInstrument,
  type MarginedPool,
  type ParameterSet,
  type VarExplanation,
  type VarSimulation,
  varSimulations,
} from "@plimsoll/risk";
import { accountWith, marketSnapshot, quotedPerpetual, underlyingState } from "./market.ts";

type Table = (head: readonly string[], rows: readonly (readonly string[])[]) => string;

const ethPerpetual: HeldInstrument = {
  quoted: quotedPerpetual({ instrumentId: "ETH-PERPETUAL", underlying: "ETH" }, 2_000),
  quantity: -40,
};

const names: Readonly<Record<VarSimulation, string>> = {
  historical: "as it was",
  filtered: "filtered, the default",
  delta_gamma: "delta-gamma",
  monte_carlo: "Monte Carlo",
};

function money(amount: number): string {
  const text = Math.abs(amount).toFixed(2);
  return amount < 0 && Number(text) !== 0 ? `−${text}` : text;
}

function withSimulation(simulation: VarSimulation, measure: "value_at_risk" | "expected_shortfall"): ParameterSet {
  const { methods } = defaultParameters;
  return {
    ...defaultParameters,
    methods: { ...methods, var: { ...methods.var, simulation, measure, stressSetId: null } },
  };
}

/** Returns tables for the book of the worked examples with 40 ETH perpetuals sold short, under the shipped history. */
export function varTables(table: Table, book: readonly HeldInstrument[], indexPrice: number): Record<string, string> {
  const holdings = [...book, ethPerpetual];
  const snapshot = marketSnapshot(
    [underlyingState("BTC", indexPrice), underlyingState("ETH", 2_000)],
    holdings.map(({ quoted }) => quoted),
  );
  const account = accountWith({
    methodId: "var",
    positions: holdings.map(({ quoted, quantity }) => ({
      instrumentId: quoted.instrument.instrumentId,
      quantity,
      entryPrice: quoted.markPrice,
    })),
  });
  const marginBy = (parameters: ParameterSet): MarginedPool => {
    const result = createMarginEngine(snapshot, parameters).margin(account);
    if (result.status === "not_margined") throw new Error(result.remedy);
    return result;
  };
  const simulations = varSimulations.map((simulation) => {
    const shortfall = marginBy(withSimulation(simulation, "expected_shortfall"));
    const quantile = marginBy(withSimulation(simulation, "value_at_risk"));
    // The page already says, beside the parameters, that the days of the shipped history are not real.
    const notes = shortfall.notes?.flatMap(({ code, text }) => (code === "history_age" ? [] : text)).join("; ") ?? "";
    return [names[simulation], money(quantile.initialMargin), money(shortfall.initialMargin), notes];
  });
  const explained = createMarginEngine(snapshot, defaultParameters).explainVar(account);
  if (explained === null) throw new Error("the example has scenarios");
  const whole = marginBy(defaultParameters);
  return {
    "var-simulations": table(["scenarios", "99 % value at risk", "99 % expected shortfall", "note"], simulations),
    "var-parts": partsTable(table, explained),
    "var-tail": table(
      ["scenario", "loss"],
      [...explained.tail.slice(0, 3), ...explained.stresses.slice(0, 2)].map(({ label, loss }) => [label, money(loss)]),
    ),
    "var-requirement": table(
      ["component", "underlying", "amount"],
      [
        ...whole.components.map(({ name, underlying, amount }) => [`\`${name}\``, underlying, money(amount)]),
        ["initial margin", "", money(whole.initialMargin)],
        ["maintenance margin", "", money(whole.maintenanceMargin)],
      ],
    ),
  };
}

function partsTable(table: Table, { parts, figure }: VarExplanation): string {
  return table(
    ["position", "contracts", "component", "marginal", "incremental"],
    [
      ...parts.map(({ partId, quantity, component, marginal, incremental }) => [
        partId,
        money(quantity),
        money(component),
        marginal === null ? "" : money(marginal),
        money(incremental),
      ]),
      ["all", "", money(figure), "", ""],
    ],
  );
}
