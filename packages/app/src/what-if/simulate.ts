import type { LedgerAccount } from "@plimsoll/ledger";
import {
  ageMarket,
  createMarginEngine,
  getMarginMethod,
  type MarketMove,
  type MarketSnapshot,
  type MethodId,
  MS_PER_DAY,
  marksByInstrument,
  moveMarket,
  type ParameterSet,
  settleExpired,
} from "@plimsoll/risk";
import {
  decodeParameters,
  encodeParameters,
  type FreePortfolio,
  type MarginRow,
  mergeParameters,
  nameParameters,
  parameterSet,
  priceText,
  refusalsOf,
  toNumber,
  type WhatIfRequest,
} from "@plimsoll/schema";
import { findParameters } from "@plimsoll/store";
import type { DecisionContext } from "../margin/decide.ts";
import type { PreparedEngine } from "../margin/prepared-engines.ts";
import { findCompletedSweep } from "../sweeps/find-sweep.ts";
import { applyChanges, listingOf, type RejectedChange } from "./apply-changes.ts";
import { contextOf, findLivePool, type QuestionPorts } from "./live-pool.ts";
import { differenceOf, nextState, type PoolState, type StateDifference } from "./states.ts";

/** The answer to a what-if. */
export interface Simulated {
  readonly kind: "simulated";
  readonly accountId: string | null;
  readonly poolId: string;
  readonly methodId: MethodId;
  readonly methodVersion: string;
  readonly poolCurrency: string;
  readonly snapshot: MarketSnapshot;
  /** The version that the pool is margined with after the change. */
  readonly parametersVersion: string;
  readonly before: PoolState;
  readonly after: PoolState;
  /** Null if one side has no figures. */
  readonly difference: StateDifference | null;
}

/** Why a what-if has no answer, beside a change that the ledger would refuse. */
export type NotSimulated =
  | { readonly kind: "unknown" }
  | { readonly kind: "no_result" }
  | { readonly kind: "unknown_parameters"; readonly version: string }
  | RejectedChange;

/**
 * Margins a pool as it is, and after changes of its contents, its method, its parameters and the market. Nothing is
 * stored. Without a move of the market and with the method and parameters as they are, the figures after are to the bit
 * those of the next pass over the same snapshot once the changes have been made.
 */
export async function simulate(request: WhatIfRequest, ports: QuestionPorts): Promise<Simulated | NotSimulated> {
  const subject = await findSubject(request, ports);
  if ("kind" in subject) return subject;
  const { account, row, prepared, poolId } = subject;
  const { snapshot } = prepared;
  const applied = applyChanges(account, poolId, request.changes, listingOf(snapshot));
  if (applied.kind === "rejected") return { ...applied, field: `changes.${applied.field}` };
  const changed =
    request.method_id === undefined ? applied.account : withMethod(applied.account, poolId, request.method_id);
  const extras = { wantsCallPrices: request.call_prices, mayGoOn: ports.mayGoOn };
  const before = nextState(account, poolId, row, contextOf(ports, prepared), extras);
  const moved = await movedMarket(request, prepared, ports);
  if ("kind" in moved) return moved;
  try {
    const context: DecisionContext = contextOf(ports, moved.prepared);
    const next = nextState(moved.isMoved ? oneLater(changed) : changed, poolId, row, context, extras);
    // A move of the market is no event of the account.
    const after = { ...next, margin: next.margin && { ...next.margin, ledgerSequence: changed.ledgerSequence } };
    const { methodId, poolCurrency } = poolOf(changed, poolId);
    return {
      kind: "simulated",
      accountId: request.account_id ?? null,
      poolId,
      methodId,
      methodVersion: getMarginMethod(moved.prepared.parameters, methodId).version,
      poolCurrency,
      snapshot,
      parametersVersion: moved.prepared.parameters.parametersVersion,
      before,
      after,
      difference: before.margin && after.margin && differenceOf(before.margin, after.margin),
    };
  } finally {
    moved.release();
  }
}

interface Subject {
  readonly account: LedgerAccount;
  readonly poolId: string;
  readonly row: MarginRow | undefined;
  readonly prepared: PreparedEngine;
}

async function findSubject(request: WhatIfRequest, ports: QuestionPorts): Promise<Subject | NotSimulated> {
  const { account_id, pool_id, portfolio } = request;
  if (account_id !== undefined) {
    const found = await findLivePool(ports, account_id, pool_id);
    return "kind" in found ? found : { ...found, poolId: pool_id };
  }
  const sweep = await findCompletedSweep(ports.margin);
  if (portfolio === undefined || sweep === undefined) return { kind: "no_result" };
  const prepared = await ports.markets.prepareSnapshot(ports.market, sweep.snapshotId);
  if (prepared === undefined) return { kind: "no_result" };
  const account = freeAccount(portfolio, marksByInstrument(prepared.snapshot));
  return { account, poolId: account.poolId, row: undefined, prepared };
}

/** The account that a free portfolio is taken for. No account of a stage has this id, as ids begin with a letter. */
const freeAccountId = "-";

function freeAccount(
  given: FreePortfolio,
  marks: ReadonlyMap<string, number>,
): LedgerAccount & { readonly poolId: string } {
  return {
    accountId: freeAccountId,
    poolId: "cross",
    ledgerSequence: 1,
    poolCurrency: given.pool_currency,
    methodId: given.method_id,
    collateral: given.collateral,
    positions: given.positions.map(({ instrument_id, quantity, entry_price, funding_index }) => {
      const mark = marks.get(instrument_id);
      return {
        instrumentId: instrument_id,
        quantity,
        entryPrice: entry_price ?? (mark === undefined ? "0" : priceText(mark)),
        ...(funding_index !== undefined && { fundingIndex: funding_index }),
      };
    }),
    openOrders: given.open_orders.map(({ order_id, instrument_id, quantity, price }) => {
      return { orderId: order_id, instrumentId: instrument_id, quantity, price };
    }),
    pools: [],
  };
}

function withMethod(account: LedgerAccount, poolId: string, methodId: MethodId | undefined): LedgerAccount {
  if (methodId === undefined) return account;
  if (poolId === "cross") return oneLater({ ...account, methodId });
  const pools = account.pools.map((pool) => (pool.poolId === poolId ? { ...pool, methodId } : pool));
  return oneLater({ ...account, pools });
}

/** Gives an account the next sequence, since a result of the same sequence on the same snapshot counts as known. */
function oneLater(account: LedgerAccount): LedgerAccount {
  return { ...account, ledgerSequence: account.ledgerSequence + 1 };
}

function poolOf(account: LedgerAccount, poolId: string): Pick<LedgerAccount, "methodId" | "poolCurrency"> {
  return poolId === "cross" ? account : (account.pools.find((pool) => pool.poolId === poolId) ?? account);
}

interface PreparedAfter {
  readonly prepared: PreparedEngine;
  /** Whether prices, volatilities or the time differ from the snapshot's. */
  readonly isMoved: boolean;
  readonly release: () => void;
}

/** Finds the parameters to margin with after the change: the stored version that is named, with what is changed of it. */
async function parametersAfter(
  { parameters_version: version, parameters: changes }: WhatIfRequest,
  current: ParameterSet,
  { market }: QuestionPorts,
): Promise<ParameterSet | NotSimulated> {
  const isStored = version !== undefined && version !== current.parametersVersion;
  const base = isStored ? await findParameters(market, version) : current;
  if (base === undefined) return { kind: "unknown_parameters", version: version ?? "" };
  if (changes === undefined || Object.keys(changes).length === 0) return base;
  const merged = mergeParameters(encodeParameters(base), changes, "kept");
  const parsed = parameterSet.safeParse(merged);
  if (!parsed.success) {
    const [{ path, value, problem } = { path: "", value: "", problem: "a parameter set" }] = refusalsOf(
      parsed.error,
      merged,
    );
    return { kind: "rejected", field: `parameters.${path}`, value, remedy: problem };
  }
  const { parametersVersion: _, ...content } = decodeParameters(merged);
  return nameParameters("what-if", content);
}

/** Prepares the market that the pool is margined in after the change: the same one, if nothing of it changes. */
async function movedMarket(
  request: WhatIfRequest,
  prepared: PreparedEngine,
  ports: QuestionPorts,
): Promise<PreparedAfter | NotSimulated> {
  const { market } = request;
  const isMoved = market.prices.length + market.volatilities.length > 0 || market.days_forward > 0;
  const parameters = await parametersAfter(request, prepared.parameters, ports);
  if ("kind" in parameters) return parameters;
  const isOtherSet = parameters.parametersVersion !== prepared.parameters.parametersVersion;
  if (!isMoved && !isOtherSet) return { prepared, isMoved: false, release: () => {} };
  const moves = movesOf(market, prepared.snapshot);
  if ("kind" in moves) return moves;
  const { snapshot } = prepared;
  const days = market.days_forward;
  const aged = days > 0 ? ageMarket(snapshot, snapshot.asOfMs + days * MS_PER_DAY) : snapshot;
  const priced = moves.size > 0 ? moveMarket(aged, moves, parameters) : aged;
  const moved = days > 0 ? settleExpired(priced) : priced;
  const engine = createMarginEngine(moved, parameters);
  return {
    prepared: { snapshot: moved, parameters, engine, priced: new Set() },
    isMoved,
    release: () => engine.release(),
  };
}

function movesOf(
  { prices, volatilities }: WhatIfRequest["market"],
  snapshot: MarketSnapshot,
): ReadonlyMap<string, MarketMove> | RejectedChange {
  const known = new Map(snapshot.underlyings.map(({ underlying, indexPrice }) => [underlying, indexPrice]));
  const moves = new Map<string, MarketMove>();
  for (const [list, given] of [
    ["prices", prices],
    ["volatilities", volatilities],
  ] as const) {
    for (const [index, move] of given.entries()) {
      const { underlying } = move;
      const indexPrice = known.get(underlying);
      if (indexPrice === undefined) {
        const remedy = `an underlying of the snapshot: ${[...known.keys()].join(", ")}`;
        return { kind: "rejected", field: `market.${list}[${index}].underlying`, value: underlying, remedy };
      }
      const before = moves.get(underlying) ?? { price: 1, volatility: 1 };
      const times =
        "price" in move && move.price !== undefined
          ? toNumber(move.price) / indexPrice
          : 1 + toNumber(move.move_pct ?? "0") / 100;
      moves.set(underlying, list === "prices" ? { ...before, price: times } : { ...before, volatility: times });
    }
  }
  return moves;
}
