import {
  type CollateralResult,
  collateralReasons,
  createMarginEngine,
  defaultMethodId,
  type MarginEngine,
  type MarketSnapshot,
  type MethodId,
  marksByInstrument,
  type NotMarginedPool,
  type OpenOrder,
  type ParameterSet,
  type Pool,
  severityOfResult,
} from "@plimsoll/risk";
import {
  accountId,
  decimal,
  digitsText,
  ladderRung,
  marginRow,
  methodId,
  otherPoolId,
  type PortfolioContents,
  poolKind,
  priceDecimal,
  priceQuality,
  priceText,
  ratioText,
  severity,
  snapshotId,
  statedMargin,
  stateLadder,
  stateMargin,
  symbol,
  toNumber,
  toWire,
  utcTime,
  valueText,
} from "@plimsoll/schema";
import * as z from "zod";
import type { PortfolioQuestion } from "./portfolio-question.ts";

const greeks = z.strictObject({
  /** The delta in units of the underlying. */
  delta: z.number(),
  /** The gamma in units of the underlying per US dollar. */
  gamma: z.number(),
  /** The vega in US dollars per volatility point. */
  vega: z.number(),
  /** The theta in US dollars per day. */
  theta: z.number(),
});

/** The fields that the report states once for all its methods. */
const saidOnce = { snapshot_id: true, parameters_version: true, pool_currency: true, ledger_sequence: true } as const;

const marginedMethod = statedMargin.omit(saidOnce).extend({
  status: z.literal("margined"),
  severity,
  units: z.array(statedMargin.shape.units.element.extend({ greeks })),
  ladder: z.array(ladderRung),
});
export type MarginedMethod = z.infer<typeof marginedMethod>;

/** One balance, and what it counts for; see `CollateralResult`. */
const collateralRow = z.strictObject({
  asset: symbol,
  amount: decimal,
  /** The price in US dollars per unit, before haircuts. */
  price_usd: priceDecimal,
  quality: priceQuality,
  initial_haircut: decimal,
  maintenance_haircut: decimal,
  counted_initial: decimal,
  counted_maintenance: decimal,
  reasons: z.array(z.enum(collateralReasons)),
});

const [, notMarginedRow] = marginRow.options;
const notMarginedMethod = notMarginedRow
  .pick({ status: true, code: true, field: true, value: true, remedy: true })
  .extend({ method_id: methodId });

/** One pool, margined by each method asked for. */
const poolReport = {
  /** The currency of every amount, except for prices and Greeks. */
  pool_currency: symbol,
  positions: z.int().min(0),
  /** The balances, which are the same for every method. The list is empty when the portfolio cannot be margined. */
  collateral: z.array(collateralRow),
  methods: z.array(z.discriminatedUnion("status", [marginedMethod, notMarginedMethod])).min(1),
};

/** The JSON object that `plimsoll margin --json` prints: one portfolio against one market, by each method asked for. */
export const marginReport = z.strictObject({
  schema_version: z.literal(1),
  account_id: accountId,
  market: z.strictObject({
    source: z.string(),
    snapshot_id: snapshotId,
    as_of: utcTime,
    instruments: z.int().min(0),
    underlyings: z.array(
      z.strictObject({
        underlying: symbol,
        index_price: priceDecimal,
        quality: priceQuality,
        quality_reason: z.string().nullable(),
      }),
    ),
  }),
  parameters_version: z.string(),
  ...poolReport,
  /** The pools of the portfolio beside its cross pool. */
  pools: z.array(z.strictObject({ pool_id: otherPoolId, pool_kind: poolKind, ...poolReport })),
});
export type MarginReport = z.infer<typeof marginReport>;
export type PoolReport = Omit<MarginReport["pools"][number], "pool_id" | "pool_kind">;

export interface MarginQuestion extends PortfolioQuestion {
  readonly methods: readonly MethodId[];
}

/**
 * Margins each pool of a portfolio by itself, by each method. A position without an entry price counts as entered at
 * its mark.
 */
export function reportMargin({ portfolio, methods, snapshot, source, parameters }: MarginQuestion): MarginReport {
  const engine = createMarginEngine(snapshot, parameters);
  return marginReport.parse({
    schema_version: 1,
    account_id: portfolio.account_id,
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
    ...reportOf(portfolio),
    pools: portfolio.pools.map(({ pool_id, pool_kind, ...pool }) => ({ pool_id, pool_kind, ...reportOf(pool) })),
  });

  function reportOf(pool: PortfolioContents) {
    return {
      pool_currency: pool.pool_currency,
      positions: pool.positions.length,
      collateral: engine
        .collateral(accountOf(pool, portfolio.account_id, defaultMethodId, snapshot))
        .map((balance) => rowOf(balance, pool.pool_currency)),
      methods: methods.map((method) =>
        reportMethod(engine, accountOf(pool, portfolio.account_id, method, snapshot), ordersOf(pool), parameters),
      ),
    };
  }
}

/** A fair price is a root of many digits, and those beyond these mean nothing. */
const shownPriceDigits = 10;

function rowOf(balance: CollateralResult, poolCurrency: string) {
  return {
    asset: balance.asset,
    amount: priceText(balance.amount),
    price_usd: digitsText(balance.priceUsd, shownPriceDigits),
    quality: balance.quality,
    initial_haircut: ratioText(balance.initialHaircut),
    maintenance_haircut: ratioText(balance.maintenanceHaircut),
    counted_initial: valueText(balance.countedInitial, poolCurrency),
    counted_maintenance: valueText(balance.countedMaintenance, poolCurrency),
    reasons: balance.reasons,
  };
}

/** Returns a pool of an account as the kernel takes it, under one method. */
export function accountOf(
  portfolio: PortfolioContents,
  accountId: string,
  method: MethodId,
  snapshot: MarketSnapshot,
): Pool {
  const marks = marksByInstrument(snapshot);
  return {
    accountId,
    poolCurrency: portfolio.pool_currency,
    methodId: method,
    ledgerSequence: 1,
    collateral: portfolio.collateral.map(({ asset, amount }) => ({ asset, amount: toNumber(amount) })),
    positions: portfolio.positions.map(({ instrument_id, quantity, entry_price, funding_index }) => ({
      instrumentId: instrument_id,
      quantity: toNumber(quantity),
      entryPrice: entry_price === undefined ? (marks.get(instrument_id) ?? Number.NaN) : toNumber(entry_price),
      ...(funding_index !== undefined && { fundingIndex: toNumber(funding_index) }),
    })),
  };
}

function ordersOf({ open_orders }: PortfolioContents): OpenOrder[] {
  return open_orders.map(({ order_id, instrument_id, quantity, price }) => ({
    orderId: order_id,
    instrumentId: instrument_id,
    quantity: toNumber(quantity),
    price: toNumber(price),
  }));
}

function refusalOf({ status, code, field, value, remedy }: NotMarginedPool, { methodId: method_id }: Pool) {
  return { status, method_id, code, field, value, remedy };
}

function reportMethod(engine: MarginEngine, pool: Pool, orders: readonly OpenOrder[], parameters: ParameterSet) {
  const result = engine.margin(pool);
  if (result.status === "not_margined") return refusalOf(result, pool);
  const projected = orders.length === 0 ? null : engine.projectMargin(pool, orders);
  const {
    snapshotId: _,
    parametersVersion: _v,
    poolCurrency: _c,
    ledgerSequence: _s,
    ...stated
  } = stateMargin(result, 1, projected);
  const { units, ...figures } = toWire(stated);
  return {
    status: result.status,
    ...figures,
    severity: severityOfResult(result, parameters.severity),
    units: units.map((unit, index) => ({ ...unit, greeks: result.units[index]!.greeks })),
    ladder: toWire(stateLadder(engine.callPrices(pool))),
  };
}
