import { collateralReasons } from "@plimsoll/risk";
import * as z from "zod";
import { collateralBalance, methodId, openOrder, poolKind, position } from "../account-events.ts";
import { contribution, cured, explanation, marginChange } from "../explanation.ts";
import { accountId, decimal, poolId, priceDecimal, sequence, symbol, utcTime } from "../primitives.ts";
import { priceQuality, snapshotId } from "../snapshot.ts";
import {
  callPriceAnswer,
  incompleteAnswer,
  marginAnswer,
  poolHead,
  refusalAnswer,
  severityAnswer,
  statement,
} from "./statement.ts";

/** `GET /v1/accounts/{id}`: what the ledger holds of an account, and what it waits for. */
export const accountAnswer = z
  .strictObject({
    account_id: accountId,
    ledger_sequence: sequence.meta({ description: "The last event of the account that is applied." }),
    waiting_sequences: z
      .array(sequence)
      .meta({ description: "Events that arrived too early and wait for those before them." }),
    needs_sequence: sequence
      .nullable()
      .meta({ description: "The lowest sequence of an account_state that closes the gap; null without a gap." }),
    refused_sequence: sequence.nullable().meta({ description: "The last event that was refused and is not mended." }),
    refused_because: z.string().nullable(),
    pools: z.array(
      z
        .strictObject({
          pool_id: poolId,
          pool_kind: poolKind,
          pool_currency: symbol,
          method_id: methodId,
          collateral: z.array(collateralBalance),
          positions: z.array(position),
          open_orders: z.array(openOrder),
        })
        .meta({ id: "LedgerPool" }),
    ),
  })
  .meta({ id: "Account", description: "An account as the ledger holds it, and the events that it waits for." });

export const poolMargin = z
  .strictObject({
    pool_id: poolId,
    status: z.enum(["margined", "not_margined"]),
    severity: severityAnswer,
    sequence: sequence.meta({ description: "Number of the pool's last call event; 0 if there was none." }),
    call_id: z.string().nullable().meta({ description: "The open call; null while the severity is NORMAL." }),
    call_opened_at: utcTime.nullable(),
    price_quality: priceQuality.nullable(),
    margin: marginAnswer.exactOptional().meta({ description: "Present if the pool is margined." }),
    refusal: refusalAnswer.exactOptional().meta({ description: "Why the pool has no figures." }),
    last_good: marginAnswer.exactOptional().meta({ description: "The last good figures of a pool without any." }),
    late_ladder: z.array(callPriceAnswer).exactOptional(),
  })
  .meta({ id: "PoolMargin", description: "The latest result of one pool of an account." });
export type PoolMarginAnswer = z.infer<typeof poolMargin>;

/** `GET /v1/accounts/{id}/margin`. */
export const accountMarginAnswer = z
  .strictObject({ account_id: accountId, environment: z.string(), ...statement, pools: z.array(poolMargin).min(1) })
  .meta({ id: "AccountMargin", description: "The latest results of an account, one per pool, the cross pool first." });

/** `GET /v1/accounts/{id}/history`. */
export const historyAnswer = z
  .strictObject({
    account_id: accountId,
    pool_id: poolId,
    points: z.array(
      z
        .strictObject({
          as_of: utcTime,
          snapshot_id: snapshotId,
          currency: symbol,
          margin_balance: decimal,
          initial_margin: decimal,
          maintenance_margin: decimal,
          margin_ratio: decimal.nullable(),
        })
        .meta({ id: "HistoryPoint" }),
    ),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: "MarginHistory", description: "Points at which the margin ratio moved by more than the tolerance." });

/** What is missing in figures that are computed for a question. */
const inFull = {
  incomplete: incompleteAnswer.exactOptional().meta({
    description: "Holdings that could not be margined in full, and how they count. Absent if there are none.",
  }),
};

const poolStatement = { account_id: accountId, ...poolHead, ...statement };

/** `GET /v1/accounts/{id}/scenarios`. */
export const scenariosAnswer = z
  .strictObject({
    ...poolStatement,
    units: z.array(
      z
        .strictObject({
          underlying: symbol,
          scenarios: z.array(
            z
              .strictObject({ scenario_id: z.string(), label: z.string(), loss: decimal })
              .meta({ id: "ScenarioLoss", description: "The loss of the pool in one scenario; a gain is negative." }),
          ),
        })
        .meta({ id: "ScenarioUnit" }),
    ),
  })
  .meta({ id: "Scenarios", description: "The whole loss vector of a pool, per underlying, in the pool's currency." });

/** `GET /v1/accounts/{id}/ladder`. */
export const ladderAnswer = z
  .strictObject({ ...poolStatement, severity: severityAnswer, ...inFull, ladder: z.array(callPriceAnswer) })
  .meta({ id: "Ladder", description: "At which price of each underlying the next severities begin." });

const cure = z
  .strictObject({
    kind: z.enum(["deposit", "reduction"]),
    asset: symbol.exactOptional().meta({ description: "What to deposit." }),
    amount: decimal.exactOptional(),
    instrument_id: z.string().exactOptional().meta({ description: "What to trade." }),
    quantity: decimal.exactOptional().meta({ description: "The contracts to trade; negative is a sale." }),
    share: z.number().gt(0).max(1).exactOptional().meta({ description: "The part of the position that is closed." }),
    notional_usd: decimal.exactOptional(),
    ...cured,
  })
  .meta({ id: "Cure", description: "One way to restore a severity, verified by margining the pool with it." });

const cures = z
  .strictObject({
    restores: severityAnswer.meta({ description: "The severity that the cures restore." }),
    list: z.array(cure),
  })
  .meta({ id: "Cures" });

/** `GET /v1/accounts/{id}/cures`. */
export const curesAnswer = z
  .strictObject({ ...poolStatement, severity: severityAnswer, ...inFull, cures })
  .meta({ id: "CuresAnswer" });

const greeks = { delta: decimal, gamma: decimal, vega: decimal, theta: decimal };

/** `GET /v1/accounts/{id}/positions`. */
export const positionsAnswer = z
  .strictObject({
    ...poolStatement,
    positions: z.array(
      z
        .strictObject({
          instrument_id: z.string(),
          underlying: symbol.nullable(),
          quantity: decimal,
          entry_price: priceDecimal.nullable(),
          mark_price: priceDecimal.nullable(),
          delta: decimal.nullable(),
          gamma: decimal.nullable(),
          vega: decimal.nullable(),
          theta: decimal.nullable(),
          ...contribution,
        })
        .meta({ id: "PositionRisk", description: "One position with its Greeks and its part of the requirement." }),
    ),
    balances: z.array(
      z
        .strictObject({
          asset: symbol,
          amount: decimal,
          price_usd: priceDecimal.nullable(),
          quality: priceQuality.nullable(),
          initial_haircut: decimal.nullable(),
          maintenance_haircut: decimal.nullable(),
          counted_initial: decimal.nullable(),
          counted_maintenance: decimal.nullable(),
          reasons: z.array(z.enum(collateralReasons)).meta({ description: "Why it counts for less than it is worth." }),
          ...contribution,
        })
        .meta({ id: "BalanceRisk", description: "One balance with its haircuts and its part of the requirement." }),
    ),
    greeks: z.array(z.strictObject({ underlying: symbol, ...greeks }).meta({ id: "UnitGreeks" })),
  })
  .meta({ id: "Positions" });

/** `GET /v1/accounts/{id}/explain`. */
export const explanationAnswer = z
  .strictObject({
    ...statement,
    ...explanation.shape,
    ...poolHead,
    margin: marginAnswer,
    change: marginChange
      .exactOptional()
      .meta({ description: "Present if there is an earlier result to compare with." }),
  })
  .meta({ id: "Explanation", description: "Why a pool has its severity, and what would restore a better one." });

const listedPool = z
  .strictObject({
    account_id: accountId,
    pool_id: poolId,
    status: z.enum(["margined", "not_margined"]),
    severity: severityAnswer,
    call_id: z.string().nullable(),
    method_id: methodId.nullable(),
    pool_currency: symbol.nullable(),
    equity: decimal.nullable(),
    margin_balance: decimal.nullable(),
    initial_margin: decimal.nullable(),
    maintenance_margin: decimal.nullable(),
    available_funds: decimal.nullable(),
    margin_ratio: decimal.nullable(),
    margin_headroom: decimal.nullable(),
    underlyings: z.array(symbol),
    snapshot_id: snapshotId,
    ledger_sequence: sequence.nullable(),
  })
  .meta({ id: "ListedPool", description: "One pool of an account in a list. Figures of a pool without any are null." });
export type ListedPool = z.infer<typeof listedPool>;

/** `GET /v1/accounts`. */
export const accountsAnswer = z
  .strictObject({ pools: z.array(listedPool), next_cursor: z.string().nullable() })
  .meta({ id: "AccountsPage" });

/** `GET /v1/summary`. */
export const summaryAnswer = z
  .strictObject({
    environment: z.string(),
    accounts: z.int().min(0),
    pools: z.int().min(0),
    not_margined: z.int().min(0),
    incomplete: z.int().min(0),
    open_calls: z.int().min(0),
    severities: z.array(
      z.strictObject({ severity: severityAnswer, pools: z.int().min(0) }).meta({ id: "SeverityCount" }),
    ),
    money: z
      .array(
        z
          .strictObject({
            currency: symbol,
            equity: decimal,
            margin_balance: decimal,
            initial_margin: decimal,
            maintenance_margin: decimal,
            shortfall: decimal.meta({ description: "The sum of what the pools in a margin call lack." }),
          })
          .meta({ id: "MoneyTotal" }),
      )
      .meta({ description: "Sums over the margined pools, one per currency." }),
    oldest_result_at: utcTime.nullable(),
    newest_sweep_id: snapshotId.nullable(),
    newest_sweep_age_ms: z.int().min(0).nullable(),
    price_qualities: z.array(
      z.strictObject({ quality: priceQuality, underlyings: z.array(symbol) }).meta({ id: "QualityCount" }),
    ),
    unreadable: z.array(z.string()).meta({ description: "One sentence for each shard that cannot be read." }),
  })
  .meta({ id: "Summary" });
