import type {
  Account,
  AccountResult,
  CallPrice,
  Greeks,
  MarginEngine,
  MarketSnapshot,
  MethodId,
  ParameterSet,
  Severity,
} from "@plimsoll/risk";
import { createMarginEngine, severityOf } from "@plimsoll/risk";
import {
  accountId,
  callPriceText,
  decimal,
  distancePercentText,
  ladderRung,
  marginRow,
  methodId,
  type PortfolioFile,
  priceQuality,
  priceText,
  ratioText,
  requirementText,
  severity,
  snapshotId,
  symbol,
  toNumber,
  utcTime,
  valueText,
} from "@plimsoll/schema";
import { z } from "zod";

const [, notMarginedRow] = marginRow.options;

const greeks = z.strictObject({
  /** Units of the underlying. */
  delta: z.number(),
  /** Units of the underlying per US dollar. */
  gamma: z.number(),
  /** US dollars per volatility point. */
  vega: z.number(),
  /** US dollars per day. */
  theta: z.number(),
});

const marginedMethod = z.strictObject({
  status: z.literal("margined"),
  method_id: methodId,
  severity,
  equity: decimal,
  margin_balance: decimal,
  initial_margin: decimal,
  maintenance_margin: decimal,
  available_funds: decimal,
  margin_ratio: decimal.nullable(),
  margin_headroom: decimal,
  net_option_value: decimal,
  components: z.array(z.strictObject({ name: z.string(), underlying: symbol, amount: decimal })),
  units: z.array(
    z.strictObject({
      underlying: symbol,
      quality: priceQuality,
      worst_scenario: z.strictObject({ scenario_id: z.string(), label: z.string(), loss: decimal }).nullable(),
      greeks,
    }),
  ),
  ladder: z.array(ladderRung),
});
export type MarginedMethod = z.infer<typeof marginedMethod>;

const notMarginedMethod = z.strictObject({
  status: z.literal("not_margined"),
  method_id: methodId,
  code: notMarginedRow.shape.code,
  field: z.string(),
  value: z.string(),
  remedy: z.string(),
});

/** What `plimsoll margin --json` prints: one portfolio against one market, by each method asked for. */
export const marginReport = z.strictObject({
  schema_version: z.literal(1),
  account_id: accountId,
  /** Currency of every amount, but for prices and Greeks. */
  pool_currency: symbol,
  positions: z.int().min(0),
  market: z.strictObject({
    source: z.string(),
    snapshot_id: snapshotId,
    as_of: utcTime,
    instruments: z.int().min(0),
    underlyings: z.array(
      z.strictObject({
        underlying: symbol,
        index_price: decimal,
        quality: priceQuality,
        quality_reason: z.string().nullable(),
      }),
    ),
  }),
  parameters_version: z.string(),
  methods: z.array(z.discriminatedUnion("status", [marginedMethod, notMarginedMethod])).min(1),
});
export type MarginReport = z.infer<typeof marginReport>;

export interface MarginQuestion {
  readonly portfolio: PortfolioFile;
  readonly methods: readonly MethodId[];
  readonly snapshot: MarketSnapshot;
  readonly source: string;
  readonly parameters: ParameterSet;
}

/** Margins a portfolio by each method. A position without an entry price counts as entered at its mark. */
export function reportMargin({ portfolio, methods, snapshot, source, parameters }: MarginQuestion): MarginReport {
  const engine = createMarginEngine(snapshot, parameters);
  return marginReport.parse({
    schema_version: 1,
    account_id: portfolio.account_id,
    pool_currency: portfolio.pool_currency,
    positions: portfolio.positions.length,
    market: {
      source,
      snapshot_id: snapshot.snapshotId,
      as_of: new Date(snapshot.asOfMs).toISOString(),
      instruments: snapshot.instruments.length,
      underlyings: snapshot.underlyings.map(({ underlying, indexPrice, quality, qualityReason }) => ({
        underlying,
        index_price: priceText(indexPrice),
        quality,
        quality_reason: qualityReason,
      })),
    },
    parameters_version: parameters.parametersVersion,
    methods: methods.map((method) => reportMethod(engine, accountOf(portfolio, method, snapshot), parameters)),
  } satisfies MarginReport);
}

function accountOf(portfolio: PortfolioFile, method: MethodId, snapshot: MarketSnapshot): Account {
  const marks = new Map(snapshot.instruments.map(({ instrument, markPrice }) => [instrument.instrumentId, markPrice]));
  return {
    accountId: portfolio.account_id,
    poolCurrency: portfolio.pool_currency,
    methodId: method,
    ledgerSequence: 1,
    collateral: portfolio.collateral.map(({ asset, amount }) => ({ asset, amount: toNumber(amount) })),
    positions: portfolio.positions.map(({ instrument_id, quantity, entry_price }) => ({
      instrumentId: instrument_id,
      quantity: toNumber(quantity),
      entryPrice: entry_price === undefined ? (marks.get(instrument_id) ?? Number.NaN) : toNumber(entry_price),
    })),
  };
}

function reportMethod(
  engine: MarginEngine,
  account: Account,
  parameters: ParameterSet,
): MarginReport["methods"][number] {
  const result: AccountResult = engine.margin(account);
  if (result.status === "not_margined") {
    const { code, field, value, remedy } = result;
    return { status: "not_margined", method_id: account.methodId, code, field, value, remedy };
  }
  const pool = result.poolCurrency;
  const owed = (amount: number) => requirementText(amount, pool);
  const owned = (amount: number) => valueText(amount, pool);
  return {
    status: "margined",
    method_id: result.methodId,
    severity: severityOf(result, parameters.severity),
    equity: owned(result.equity),
    margin_balance: owned(result.marginBalance),
    initial_margin: owed(result.initialMargin),
    maintenance_margin: owed(result.maintenanceMargin),
    available_funds: owned(result.availableFunds),
    margin_ratio: result.marginRatio === null ? null : ratioText(result.marginRatio),
    margin_headroom: owned(result.marginHeadroom),
    net_option_value: owned(result.netOptionValue),
    components: result.components.map(({ name, underlying, amount }) => ({ name, underlying, amount: owed(amount) })),
    units: result.units.map((unit) => ({
      underlying: unit.underlying,
      quality: unit.quality,
      worst_scenario: unit.worstScenario && {
        scenario_id: unit.worstScenario.scenarioId,
        label: unit.worstScenario.label,
        loss: owed(unit.worstScenario.loss),
      },
      greeks: wireGreeks(unit.greeks),
    })),
    ladder: engine.callPrices(account).map(rungOf),
  };
}

function wireGreeks({ delta, gamma, vega, theta }: Greeks) {
  return { delta, gamma, vega, theta };
}

function rungOf(rung: CallPrice): MarginedMethod["ladder"][number] {
  return {
    underlying: rung.underlying,
    direction: rung.direction,
    severity: rung.severity satisfies Severity,
    price: rung.price === null ? null : callPriceText(rung.price, rung.direction),
    distance_pct: rung.distance === null ? null : distancePercentText(rung.distance),
    reason: rung.reason,
  };
}
