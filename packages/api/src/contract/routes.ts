import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE, methodIds, severities } from "@plimsoll/risk";
import {
  acceptedAnswer,
  accountAnswer,
  accountId,
  accountMarginAnswer,
  accountState,
  accountsAnswer,
  batchAnswer,
  batchRequest,
  callAnswer,
  callsAnswer,
  curesAnswer,
  eventsRequest,
  explanationAnswer,
  healthAnswer,
  historyAnswer,
  ladderAnswer,
  limitsAnswer,
  marketAnswer,
  methodsAnswer,
  orderCheckAnswer,
  orderCheckRequest,
  parameterSetAnswer,
  parametersAnswer,
  poolId,
  positionsAnswer,
  quoteBatch,
  quoteBatchAnswer,
  scenariosAnswer,
  snapshotId,
  summaryAnswer,
  surfaceAnswer,
  symbol,
  timeAnswer,
  tokenAnswer,
  tokenRequest,
  utcTime,
  whatIfAnswer,
  whatIfRequest,
} from "@plimsoll/schema";
import * as z from "zod";
import type { Role } from "./caller.ts";
import { defineRoute, type Route } from "./route.ts";

/** Entries of a page, where the caller names no number. */
const pageSize = 100;

/** Most entries of a page. */
export const pageSizeLimit = 500;

const everyone: readonly Role[] = ["backend", "viewer", "risk", "admin", "trader"];
const operators: readonly Role[] = ["backend", "viewer", "risk", "admin"];
const backend: readonly Role[] = ["backend"];

const ofAccount = z.strictObject({ id: accountId.meta({ description: "The account." }) });
const inPool = z.strictObject({ pool_id: poolId.default("cross").meta({ description: "The collateral pool." }) });
const own = ({ params }: { params: { id: string } }) => params.id;

/** A whole number as a query spells it: digits alone, so that no reader takes another number. */
const pageLimit = z.preprocess(
  (text) => (typeof text === "string" && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : text),
  z.int(`a whole number from 1 to ${pageSizeLimit}`).min(1).max(pageSizeLimit),
);

const page = {
  limit: pageLimit.default(pageSize),
  cursor: z.string().max(1_024).exactOptional().meta({ description: "`next_cursor` of the page before." }),
};

/** Spans that points of the history are thinned out to, the last point of each span. */
export const resolutions = { all: 0, minute: MS_PER_MINUTE, hour: MS_PER_HOUR, day: MS_PER_DAY } as const;

const resolutionNames = Object.keys(resolutions) as [keyof typeof resolutions, ...(keyof typeof resolutions)[]];

export const putAccount = defineRoute({
  id: "putAccount",
  method: "PUT",
  path: "/v1/accounts/{id}",
  tag: "Accounts",
  summary: "Replace the whole account",
  description: "Takes an `account_state`, as the queue of account events does. It replaces the account once applied.",
  allowed: backend,
  servedBy: "take-accounts",
  params: ofAccount,
  body: accountState.meta({ id: "AccountState" }),
  status: 202,
  answer: acceptedAnswer,
  isIdempotent: true,
  accountOf: own,
});

export const postEvents = defineRoute({
  id: "postEvents",
  method: "POST",
  path: "/v1/accounts/{id}/events",
  tag: "Accounts",
  summary: "Apply fills, transfers, orders and pools",
  description: "Takes events of one account in the order of their sequences, as the queue of account events does.",
  allowed: backend,
  servedBy: "take-accounts",
  params: ofAccount,
  body: eventsRequest,
  status: 202,
  answer: acceptedAnswer,
  units: 5,
  isIdempotent: true,
  accountOf: own,
});

export const getAccount = defineRoute({
  id: "getAccount",
  method: "GET",
  path: "/v1/accounts/{id}",
  tag: "Accounts",
  summary: "What the ledger holds of an account",
  allowed: everyone,
  servedBy: "answer-reads",
  params: ofAccount,
  answer: accountAnswer,
  hasTag: true,
  accountOf: own,
});

export const getMargin = defineRoute({
  id: "getMargin",
  method: "GET",
  path: "/v1/accounts/{id}/margin",
  tag: "Margin",
  summary: "The latest margin of an account, all pools",
  allowed: everyone,
  servedBy: "answer-reads",
  params: ofAccount,
  answer: accountMarginAnswer,
  hasTag: true,
  accountOf: own,
});

export const getHistory = defineRoute({
  id: "getHistory",
  method: "GET",
  path: "/v1/accounts/{id}/history",
  tag: "Margin",
  summary: "How the margin of a pool moved",
  allowed: everyone,
  servedBy: "answer-reads",
  params: ofAccount,
  query: inPool.extend({
    from: utcTime.exactOptional(),
    to: utcTime.exactOptional(),
    resolution: z.enum(resolutionNames).default("all"),
    ...page,
  }),
  answer: historyAnswer,
  accountOf: own,
});

export const getScenarios = defineRoute({
  id: "getScenarios",
  method: "GET",
  path: "/v1/accounts/{id}/scenarios",
  tag: "Margin",
  summary: "The loss of a pool in every scenario",
  allowed: everyone,
  servedBy: "answer-questions",
  params: ofAccount,
  query: inPool,
  answer: scenariosAnswer,
  units: 5,
  accountOf: own,
});

export const explainMargin = defineRoute({
  id: "explainMargin",
  method: "GET",
  path: "/v1/accounts/{id}/explain",
  tag: "Margin",
  summary: "Why a pool has its severity, and what changed",
  allowed: everyone,
  servedBy: "answer-questions",
  params: ofAccount,
  query: inPool.extend({
    against: snapshotId
      .exactOptional()
      .meta({ description: "The snapshot to compare with; that of the last call event where none is named." }),
    restore: z.enum(severities).default("NORMAL"),
  }),
  answer: explanationAnswer,
  units: 20,
  accountOf: own,
});

export const getLadder = defineRoute({
  id: "getLadder",
  method: "GET",
  path: "/v1/accounts/{id}/ladder",
  tag: "Margin",
  summary: "At which prices the next severities begin",
  allowed: everyone,
  servedBy: "answer-questions",
  params: ofAccount,
  query: inPool,
  answer: ladderAnswer,
  units: 10,
  accountOf: own,
});

export const getCures = defineRoute({
  id: "getCures",
  method: "GET",
  path: "/v1/accounts/{id}/cures",
  tag: "Margin",
  summary: "What would restore a severity",
  allowed: everyone,
  servedBy: "answer-questions",
  params: ofAccount,
  query: inPool.extend({ restore: z.enum(severities).default("NORMAL") }),
  answer: curesAnswer,
  units: 20,
  accountOf: own,
});

export const getPositions = defineRoute({
  id: "getPositions",
  method: "GET",
  path: "/v1/accounts/{id}/positions",
  tag: "Margin",
  summary: "Positions and balances with Greeks and contributions",
  allowed: everyone,
  servedBy: "answer-questions",
  params: ofAccount,
  query: inPool,
  answer: positionsAnswer,
  units: 20,
  accountOf: own,
});

export const listAccounts = defineRoute({
  id: "listAccounts",
  method: "GET",
  path: "/v1/accounts",
  tag: "All accounts",
  summary: "The pools of all accounts, by risk",
  description:
    "Each page is of the results at its time. A pool whose ratio or headroom changes between two pages may be on both or " +
    "on neither; by order=account each is listed once.",
  allowed: operators,
  servedBy: "answer-reads",
  query: z.strictObject({
    severity: z.enum(severities).exactOptional(),
    method_id: z.enum(methodIds).exactOptional(),
    underlying: symbol.exactOptional(),
    order: z.enum(["ratio", "headroom", "account"]).default("ratio").meta({
      description: "By margin ratio, highest first; by headroom, least first; or by account id.",
    }),
    ...page,
  }),
  answer: accountsAnswer,
  units: 10,
});

export const getSummary = defineRoute({
  id: "getSummary",
  method: "GET",
  path: "/v1/summary",
  tag: "All accounts",
  summary: "Counts, money and ages of the whole stage",
  allowed: operators,
  servedBy: "answer-reads",
  answer: summaryAnswer,
  units: 10,
});

export const listCalls = defineRoute({
  id: "listCalls",
  method: "GET",
  path: "/v1/calls",
  tag: "Calls",
  summary: "The open margin calls of all accounts",
  allowed: operators,
  servedBy: "answer-reads",
  query: z.strictObject(page),
  answer: callsAnswer,
  units: 10,
});

/** The longest id of a call: `MC-`, an account, a pool and a number. */
const callIdLength = 160;

export const getCall = defineRoute({
  id: "getCall",
  method: "GET",
  path: "/v1/calls/{id}",
  takesRest: true,
  tag: "Calls",
  summary: "A margin call with all its events",
  allowed: everyone,
  servedBy: "answer-reads",
  params: z.strictObject({ id: z.string().max(callIdLength) }),
  answer: callAnswer,
});

export const listAccountCalls = defineRoute({
  id: "listAccountCalls",
  method: "GET",
  path: "/v1/accounts/{id}/calls",
  tag: "Calls",
  summary: "The margin calls of an account, open and cured, newest first",
  allowed: everyone,
  servedBy: "answer-reads",
  params: ofAccount,
  query: z.strictObject(page),
  answer: callsAnswer,
  accountOf: own,
});

export const simulateMargin = defineRoute({
  id: "simulateMargin",
  method: "POST",
  path: "/v1/margin/simulate",
  tag: "What if",
  summary: "Margin before and after a change",
  description:
    "Margins a free portfolio, or an account with changes, in the market as it is or moved. Nothing is stored. " +
    "For an account the figures are those that the next pass over the same snapshot gives once the change is made.",
  allowed: everyone,
  servedBy: "answer-questions",
  body: whatIfRequest,
  answer: whatIfAnswer,
  units: 5,
  accountOf: ({ body }) => body.account_id ?? null,
});

export const simulateBatch = defineRoute({
  id: "simulateBatch",
  method: "POST",
  path: "/v1/margin/simulate/batch",
  tag: "What if",
  summary: "Many candidate changes of one account",
  allowed: everyone,
  servedBy: "answer-questions",
  body: batchRequest,
  answer: batchAnswer,
  units: 50,
  accountOf: ({ body }) => body.account_id,
});

export const checkOrders = defineRoute({
  id: "checkOrders",
  method: "POST",
  path: "/v1/orders/check",
  tag: "What if",
  summary: "Whether orders may be accepted",
  allowed: everyone,
  servedBy: "answer-questions",
  body: orderCheckRequest,
  answer: orderCheckAnswer,
  units: 2,
  accountOf: ({ body }) => body.account_id,
});

export const postQuotes = defineRoute({
  id: "postQuotes",
  method: "POST",
  path: "/v1/quotes",
  tag: "Market",
  summary: "Send prices of one source",
  description:
    "Each quote is taken or refused by itself. 400: the batch cannot be read. 422: every quote is refused. " +
    "503: time ran out; send the batch again.",
  allowed: backend,
  servedBy: "ingest-prices",
  body: quoteBatch.meta({ id: "QuoteBatch" }),
  answer: quoteBatchAnswer.meta({ id: "QuoteBatchAnswer" }),
  failuresWithAnswer: [400, 422, 503],
});

export const getMarket = defineRoute({
  id: "getMarket",
  method: "GET",
  path: "/v1/market",
  tag: "Market",
  summary: "Prices, their quality and their sources",
  allowed: everyone,
  servedBy: "answer-reads",
  answer: marketAnswer,
  units: 5,
});

export const getSurface = defineRoute({
  id: "getSurface",
  method: "GET",
  path: "/v1/market/{underlying}/surface",
  tag: "Market",
  summary: "Forwards, marks and volatilities of an underlying",
  allowed: everyone,
  servedBy: "answer-reads",
  params: z.strictObject({ underlying: symbol }),
  answer: surfaceAnswer,
  units: 5,
});

export const listParameters = defineRoute({
  id: "listParameters",
  method: "GET",
  path: "/v1/parameters",
  tag: "Market",
  summary: "Which parameters took effect when",
  allowed: everyone,
  servedBy: "answer-reads",
  answer: parametersAnswer,
});

export const getParameterSet = defineRoute({
  id: "getParameters",
  method: "GET",
  path: "/v1/parameters/{version}",
  tag: "Market",
  summary: "A parameter set",
  allowed: everyone,
  servedBy: "answer-reads",
  params: z.strictObject({ version: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,63}$/) }),
  answer: parameterSetAnswer,
  units: 5,
});

export const listMethods = defineRoute({
  id: "listMethods",
  method: "GET",
  path: "/v1/methods",
  tag: "Market",
  summary: "Margin methods and their versions",
  allowed: everyone,
  servedBy: "answer-questions",
  answer: methodsAnswer,
});

export const getHealth = defineRoute({
  id: "getHealth",
  method: "GET",
  path: "/v1/health",
  tag: "Stage",
  summary: "Whether the stage is up",
  allowed: [],
  servedBy: "answer-reads",
  answer: healthAnswer,
});

export const getDocument = defineRoute({
  id: "getDocument",
  method: "GET",
  path: "/v1/openapi.json",
  tag: "Stage",
  summary: "This document",
  allowed: [],
  servedBy: "describe-api",
  answer: z.record(z.string(), z.unknown()),
});

export const getTime = defineRoute({
  id: "getTime",
  method: "GET",
  path: "/v1/time",
  tag: "Stage",
  summary: "The stage's clock",
  allowed: everyone,
  servedBy: "answer-reads",
  answer: timeAnswer,
});

export const getLimits = defineRoute({
  id: "getLimits",
  method: "GET",
  path: "/v1/limits",
  tag: "Stage",
  summary: "What a caller may ask for",
  allowed: everyone,
  servedBy: "answer-reads",
  answer: limitsAnswer,
});

export const postToken = defineRoute({
  id: "postToken",
  method: "POST",
  path: "/v1/tokens",
  tag: "Stage",
  summary: "Make a short-lived token for a trader's account",
  allowed: backend,
  servedBy: "issue-tokens",
  body: tokenRequest,
  status: 201,
  answer: tokenAnswer,
});

/** All routes, in the order of the document. */
export const routes = [
  putAccount,
  postEvents,
  getAccount,
  getMargin,
  getHistory,
  getScenarios,
  explainMargin,
  getLadder,
  getCures,
  getPositions,
  listAccounts,
  getSummary,
  listCalls,
  getCall,
  listAccountCalls,
  simulateMargin,
  simulateBatch,
  checkOrders,
  postQuotes,
  getMarket,
  getSurface,
  listParameters,
  getParameterSet,
  listMethods,
  getHealth,
  getDocument,
  getTime,
  getLimits,
  postToken,
] as unknown as readonly Route[];
