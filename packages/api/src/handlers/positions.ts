import {
  type CollateralResult,
  contributionsOf,
  type Greeks,
  type HoldingContribution,
  type MarginEngine,
  marksByInstrument,
  type Pool,
} from "@plimsoll/risk";
import { digitsText, priceText, quantityText, ratioText, requirementText, valueText } from "@plimsoll/schema";
import { getPositions } from "../contract/routes.ts";
import { answering } from "../serve/serve.ts";
import { findAsked, headOf } from "./questions.ts";
import type { AnswerPorts } from "./stage-ports.ts";

/** Digits of Greeks, of which further ones mean nothing. */
const greekDigits = 10;

/** Answers positions and balances with Greeks and their parts of the requirement. */
export const answerPositions = answering(getPositions, async ({ params, query }, ports: AnswerPorts) => {
  const asked = await findAsked(ports, params.id, query.pool_id);
  const { pool, result, prepared } = asked;
  const { engine, snapshot } = prepared;
  const parts = contributionsOf(engine, snapshot, pool, result).holdings;
  const marks = marksByInstrument(snapshot);
  const collateral = new Map(engine.collateral(pool).map((counted) => [counted.asset, counted]));
  return {
    ...headOf(asked, query.pool_id, ports),
    positions: parts
      .filter(({ kind }) => kind === "position")
      .map((part) => positionOf(part, pool, engine, marks.get(part.id) ?? null)),
    balances: parts
      .filter(({ kind }) => kind === "balance")
      .map((part) => balanceOf(part, collateral.get(part.id), pool.poolCurrency)),
    greeks: result.units.map(({ underlying, greeks }) => ({ underlying, ...greekTexts(greeks) })),
  };
});

const noGreeks = { delta: null, gamma: null, vega: null, theta: null } as const;

function positionOf(part: HoldingContribution, pool: Pool, engine: MarginEngine, mark: number | null) {
  const own = pool.positions.filter(({ instrumentId }) => instrumentId === part.id);
  const alone = engine.margin({ ...pool, collateral: [], positions: own });
  const unit =
    alone.status === "margined" ? alone.units.find(({ underlying }) => underlying === part.underlying) : null;
  const [first] = own;
  return {
    instrument_id: part.id,
    underlying: part.underlying,
    quantity: quantityText(part.quantity),
    entry_price: first === undefined || own.length > 1 ? null : priceText(first.entryPrice),
    mark_price: mark === null ? null : priceText(mark),
    ...(unit ? greekTexts(unit.greeks) : noGreeks),
    ...partTexts(part, pool.poolCurrency),
  };
}

function balanceOf(part: HoldingContribution, counted: CollateralResult | undefined, currency: string) {
  return {
    asset: part.id,
    amount: priceText(part.quantity),
    price_usd: counted === undefined ? null : digitsText(counted.priceUsd, greekDigits),
    quality: counted?.quality ?? null,
    initial_haircut: counted === undefined ? null : ratioText(counted.initialHaircut),
    maintenance_haircut: counted === undefined ? null : ratioText(counted.maintenanceHaircut),
    counted_initial: counted === undefined ? null : valueText(counted.countedInitial, currency),
    counted_maintenance: counted === undefined ? null : valueText(counted.countedMaintenance, currency),
    reasons: [...(counted?.reasons ?? [])],
    ...partTexts(part, currency),
  };
}

function partTexts({ scenarioLoss, initialMargin, maintenanceMargin }: HoldingContribution, currency: string) {
  return {
    scenario_loss: scenarioLoss === null ? null : requirementText(scenarioLoss, currency),
    initial_margin: requirementText(initialMargin, currency),
    maintenance_margin: requirementText(maintenanceMargin, currency),
  };
}

function greekTexts({ delta, gamma, vega, theta }: Greeks) {
  return {
    delta: digitsText(delta, greekDigits),
    gamma: digitsText(gamma, greekDigits),
    vega: digitsText(vega, greekDigits),
    theta: digitsText(theta, greekDigits),
  };
}
