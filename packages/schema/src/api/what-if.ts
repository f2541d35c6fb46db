import { defaultMethodId } from "@plimsoll/risk";
import * as z from "zod";
import { collateralBalance, methodId, openOrder, position } from "../account-events.ts";
import {
  accountId,
  decimal,
  instrumentId,
  limits,
  orderId,
  poolId,
  positivePrice,
  sequence,
  symbol,
} from "../primitives.ts";
import { callPriceAnswer, marginAnswer, poolHead, refusalAnswer, severityAnswer, statement } from "./statement.ts";

/** Most candidates of one batch. */
export const candidatesPerBatch = 1_000;

/** Most changes of one kind in one what-if. */
const changesPerKind = 100;

/** Most days that a what-if may move the market's time forward. */
const daysForwardLimit = 400;

const openOrderBody = openOrder.meta({ id: "OpenOrder" });

const nonZero = decimal.refine((text) => Number(text) !== 0, "a decimal other than zero");

const whatIfFill = z
  .strictObject({
    instrument_id: instrumentId,
    quantity: nonZero.meta({ description: "Signed number of contracts; positive buys." }),
    price: positivePrice
      .exactOptional()
      .meta({ description: "In the unit of the instrument's mark, which counts where no price is given." }),
  })
  .meta({ id: "WhatIfFill" });

const whatIfTransfer = z
  .strictObject({ asset: symbol, amount: nonZero.meta({ description: "A deposit, or a withdrawal if negative." }) })
  .meta({ id: "WhatIfTransfer" });

/** Changes of one pool, applied in the order of the members: transfers, fills, cancelled orders, placed orders. */
const changes = {
  transfers: z.array(whatIfTransfer).max(changesPerKind).default([]),
  fills: z.array(whatIfFill).max(changesPerKind).default([]),
  cancelled_order_ids: z.array(orderId).max(limits.openOrdersPerAccount).default([]),
  placed_orders: z.array(openOrderBody).max(changesPerKind).default([]),
};

const whatIfChanges = z.strictObject(changes).meta({ id: "WhatIfChanges", description: "Changes of one pool." });

/** A pool that belongs to no account. */
const freePortfolio = z
  .strictObject({
    pool_currency: symbol.default("USD"),
    method_id: methodId.default(defaultMethodId),
    collateral: z
      .array(collateralBalance.meta({ id: "CollateralBalance" }))
      .max(limits.collateralAssets)
      .default([]),
    positions: z
      .array(position.partial({ entry_price: true }).meta({ id: "PortfolioPosition" }))
      .max(limits.positionsPerAccount)
      .default([])
      .meta({ description: "A position without an entry price counts as entered at the mark." }),
    open_orders: z.array(openOrderBody).max(limits.openOrdersPerAccount).default([]),
  })
  .meta({ id: "FreePortfolio", description: "A portfolio that belongs to no account." });

export type FreePortfolio = z.infer<typeof freePortfolio>;

const priceMove = z
  .strictObject({
    underlying: symbol,
    price: positivePrice.exactOptional().meta({ description: "The new index price in US dollars." }),
    move_pct: decimal.exactOptional().meta({ description: "The move in percent: -12 is 12 % down." }),
  })
  .refine(
    ({ price, move_pct }) => (price === undefined) !== (move_pct === undefined),
    "either price or move_pct, and not both",
  )
  .refine(({ move_pct }) => move_pct === undefined || Number(move_pct) > -100, {
    path: ["move_pct"],
    error: "a move of more than -100 %",
  })
  .meta({ id: "PriceMove" });

const volatilityMove = z
  .strictObject({
    underlying: symbol,
    move_pct: decimal
      .refine((text) => Number(text) > -100, "a move of more than -100 %")
      .meta({ description: "How much all volatilities of the underlying move, in percent of themselves." }),
  })
  .meta({ id: "VolatilityMove" });

const marketMoves = z
  .strictObject({
    prices: z.array(priceMove).max(changesPerKind).default([]),
    volatilities: z.array(volatilityMove).max(changesPerKind).default([]),
    days_forward: z
      .number()
      .min(0)
      .max(daysForwardLimit)
      .default(0)
      .meta({ description: "What expires meanwhile pays what it is worth at the index price, moved as asked." }),
  })
  .refine(({ prices, volatilities }) => [prices, volatilities].every(isEachOnce), "each underlying at most once")
  .meta({ id: "MarketMoves", description: "How the market is moved before the portfolio is margined after it." });

function isEachOnce(moves: readonly { readonly underlying: string }[]): boolean {
  return new Set(moves.map(({ underlying }) => underlying)).size === moves.length;
}

/** Body of `POST /v1/margin/simulate`. */
export const whatIfRequest = z
  .strictObject({
    account_id: accountId.exactOptional(),
    pool_id: poolId.default("cross"),
    portfolio: freePortfolio.exactOptional(),
    changes: whatIfChanges.prefault({}),
    method_id: methodId.exactOptional().meta({ description: "Margin by this method after the change." }),
    parameters_version: z
      .string()
      .max(64)
      .exactOptional()
      .meta({ description: "A stored version to margin with after the change." }),
    parameters: z
      .record(z.string(), z.unknown())
      .exactOptional()
      .meta({
        description:
          "What is changed of the parameters, in the form of a parameter file that names only its changes. Rows of a list " +
          "that it does not name stay.",
      }),
    market: marketMoves.prefault({}),
    call_prices: z.boolean().default(true).meta({ description: "Whether the answer is to hold the call prices." }),
  })
  .refine(
    ({ account_id, portfolio }) => (account_id === undefined) !== (portfolio === undefined),
    "either account_id or portfolio, and not both",
  )
  .meta({ id: "WhatIfRequest" });
export type WhatIfRequest = z.infer<typeof whatIfRequest>;

const side = z
  .strictObject({
    status: z.enum(["margined", "not_margined"]),
    severity: severityAnswer.meta({
      description: "The severity that the next pass would give. That of a pool without figures stays.",
    }),
    settles_at: severityAnswer.exactOptional().meta({
      description:
        "The severity that the pool comes to if prices stay, once enough sweeps have confirmed the figures. It is absent " +
        "where the figures are those of the last pass.",
    }),
    margin: marginAnswer.exactOptional(),
    refusal: refusalAnswer.exactOptional(),
    call_prices: z.array(callPriceAnswer).exactOptional(),
  })
  .meta({ id: "WhatIfSide", description: "A pool before or after a change." });
export type WhatIfSide = z.infer<typeof side>;

const differenceFigures = {
  equity: decimal,
  margin_balance: decimal,
  initial_margin_balance: decimal,
  initial_margin: decimal,
  maintenance_margin: decimal,
  available_funds: decimal,
  margin_headroom: decimal,
};

const difference = z
  .strictObject({
    ...differenceFigures,
    components: z.array(
      z
        .strictObject({ name: z.string(), underlying: symbol, before: decimal, after: decimal, difference: decimal })
        .meta({ id: "ComponentDifference" }),
    ),
  })
  .meta({ id: "WhatIfDifference", description: "After less before, figure by figure and component by component." });
export type WhatIfDifference = z.infer<typeof difference>;

/** Answer of `POST /v1/margin/simulate`. */
export const whatIfAnswer = z
  .strictObject({
    account_id: accountId.nullable(),
    ...poolHead,
    ...statement,
    before: side,
    after: side,
    difference: difference.exactOptional().meta({ description: "Present if both sides are margined." }),
  })
  .meta({ id: "WhatIf" });

/** Body of `POST /v1/margin/simulate/batch`. */
export const batchRequest = z
  .strictObject({
    account_id: accountId,
    pool_id: poolId.default("cross"),
    candidates: z.array(whatIfChanges).min(1).max(candidatesPerBatch),
  })
  .meta({ id: "BatchRequest" });
export type BatchRequest = z.infer<typeof batchRequest>;

const batchResult = z
  .strictObject({
    index: z.int().min(0).meta({ description: "The candidate's place in the request." }),
    after: side.exactOptional().meta({ description: "Absent if the changes are rejected." }),
    difference: difference.exactOptional(),
    rejected: refusalAnswer
      .omit({ code: true })
      .meta({ id: "RejectedChange", description: "Why a candidate's changes cannot be applied." })
      .exactOptional(),
  })
  .meta({ id: "BatchResult" });

/** Answer of `POST /v1/margin/simulate/batch`. */
export const batchAnswer = z
  .strictObject({
    account_id: accountId,
    ...poolHead,
    ...statement,
    before: side,
    results: z.array(batchResult).meta({ description: "One result per candidate, in the order of the request." }),
    next_index: z.int().nullable().meta({
      description:
        "The first candidate that the time or the size of one answer did not suffice for: send those from it on. Null if none.",
    }),
  })
  .meta({ id: "BatchAnswer" });

/** Body of `POST /v1/orders/check`. */
export const orderCheckRequest = z
  .strictObject({
    account_id: accountId,
    pool_id: poolId.default("cross"),
    orders: z.array(openOrderBody).min(1).max(changesPerKind),
  })
  .meta({ id: "OrderCheckRequest" });
export type OrderCheckRequest = z.infer<typeof orderCheckRequest>;

/** The rules that decide on an order, in the order in which they are asked. */
export const orderRules = [
  "reduces_risk",
  "not_margined",
  "prices_blocked",
  "severity_allows_reducing_only",
  "orders_not_projected",
  "initial_margin_covered",
  "initial_margin_exceeded",
] as const;

/** Answer of `POST /v1/orders/check`. */
export const orderCheckAnswer = z
  .strictObject({
    account_id: accountId,
    ...poolHead,
    ...statement,
    accepted: z.boolean(),
    rule: z.enum(orderRules).meta({ description: "The rule that decided." }),
    reason: z.string().meta({ description: "The rule in words, with the numbers that decided." }),
    reduces_risk: z.boolean().meta({
      description:
        "Whether the orders, with those that are open, can only make positions smaller, and their fills raise no initial margin.",
    }),
    severity: severityAnswer,
    ledger_sequence: sequence,
    initial_margin: decimal.nullable(),
    initial_margin_balance: decimal.nullable(),
    projected_initial_margin: decimal
      .nullable()
      .meta({ description: "Initial margin if the worst subset of all orders fills, these among them." }),
    available_funds: decimal
      .nullable()
      .meta({ description: "initial_margin_balance less projected_initial_margin; negative if it is exceeded." }),
    worst_order_ids: z.array(orderId).meta({ description: "The orders whose fills would ask for most." }),
  })
  .meta({ id: "OrderCheck" });
