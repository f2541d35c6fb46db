import type { StatedMargin, StatedRung } from "@plimsoll/calls";
import type { LedgerAccount } from "@plimsoll/ledger";
import { assessResult, type MayGoOn, type Severity, severities } from "@plimsoll/risk";
import { type MarginRow, stateLadder, subtractAmounts } from "@plimsoll/schema";
import { type Decision, type DecisionContext, decidePool } from "../margin/decide.ts";
import { missingExtras, projectOrders } from "../margin/extras.ts";
import type { Refused } from "../margin/margin-pool.ts";
import type { StoredPool } from "../margin/stored-pools.ts";
import { storedPoolOf } from "./live-pool.ts";

/** A pool with its figures as the next pass would have them, or the reason for none. */
export interface PoolState {
  /** The severity that the next pass gives. */
  readonly severity: Severity;
  /**
   * The severity that the pool comes to if prices stay, once enough sweeps have confirmed its figures. Null where the
   * figures are those of the last pass already.
   */
  readonly settlesAt: Severity | null;
  readonly margin: StatedMargin | null;
  readonly refusal: Omit<Refused, "status"> | null;
  /** Null where they were not asked for, or where the time did not suffice. */
  readonly callPrices: readonly StatedRung[] | null;
}

/** What is computed beside the margin, and how long the searches for it may take. */
export interface Extras {
  readonly wantsCallPrices: boolean;
  readonly mayGoOn: MayGoOn;
}

/**
 * Computes what the next pass over the same snapshot would say of one pool of an account. `row` is the pool's latest
 * result, from which its severity goes on; undefined for a portfolio that has none.
 */
export function nextState(
  account: LedgerAccount,
  poolId: string,
  row: MarginRow | undefined,
  context: DecisionContext,
  extras: Extras,
): PoolState {
  return decidedState(storedPoolOf(account, poolId, row), row, context, extras);
}

export function decidedState(
  pool: StoredPool,
  row: MarginRow | undefined,
  context: DecisionContext,
  extras: Extras,
): PoolState {
  const decision = decidePool(pool, { row, state: undefined }, context);
  const severity = decision.change?.severity ?? decision.row.severity;
  const { wantsCallPrices, mayGoOn } = extras;
  const callPrices = wantsCallPrices ? callPricesOf(pool, context, mayGoOn) : null;
  // A row of a change is the one before it until the change is committed, so the figures are those of the change.
  const settled: MarginRow =
    decision.change === null ? decision.row : { ...decision.row, status: "margined", margin: decision.change.margin };
  if (settled.status === "not_margined") {
    const { code, field, value, remedy } = settled;
    // Without figures a severity stays.
    return { severity, settlesAt: severity, margin: null, refusal: { code, field, value, remedy }, callPrices };
  }
  const projected = missingExtras(settled).projection ? projectOrders(settled, pool, context.market, mayGoOn) : settled;
  return {
    severity,
    settlesAt: decision.basis && settledSeverity(severity, decision.basis, context),
    margin: projected.status === "margined" ? projected.margin : null,
    refusal: null,
    callPrices,
  };
}

/** Lets sweeps confirm figures that stay as they are, until the severity does not change any more. */
function settledSeverity(
  severity: Severity,
  { figures, quality }: NonNullable<Decision["basis"]>,
  { market }: DecisionContext,
): Severity {
  // A sweep that confirms at once stands for as many as are asked for.
  const parameters = { ...market.parameters.severity, cleanSweepsToLeave: 1 };
  let settled = { severity, cleanSweeps: 0 };
  for (const _ of severities) settled = assessResult(settled, figures, parameters, quality);
  return settled.severity;
}

function callPricesOf({ contents }: StoredPool, { market }: DecisionContext, mayGoOn: MayGoOn): StatedRung[] | null {
  if (contents === null) return [];
  const prices = market.engine.callPrices(contents.pool, mayGoOn);
  return "status" in prices ? null : stateLadder(prices);
}

const figureNames = [
  "equity",
  "marginBalance",
  "initialMarginBalance",
  "initialMargin",
  "maintenanceMargin",
  "availableFunds",
  "marginHeadroom",
] as const;

/** What a change makes of a pool's figures: after less before, exactly as both are stated. */
export type StateDifference = Record<(typeof figureNames)[number], string> & {
  readonly components: readonly {
    readonly name: string;
    readonly underlying: string;
    readonly before: string;
    readonly after: string;
    readonly difference: string;
  }[];
};

/** Compares two states figure by figure and component by component. A component that one side lacks counts as zero. */
export function differenceOf(before: StatedMargin, after: StatedMargin): StateDifference {
  const figures = figureNames.map((name) => [name, subtractAmounts(after[name], before[name])] as const);
  const nameOf = ({ name, underlying }: { readonly name: string; readonly underlying: string }) =>
    `${underlying} ${name}`;
  const had = new Map(before.components.map((component) => [nameOf(component), component]));
  const has = new Map(after.components.map((component) => [nameOf(component), component]));
  const components = [...new Map([...had, ...has])].map(([key, { name, underlying, amount }]) => {
    const zero = subtractAmounts(amount, amount);
    const [was, is] = [had.get(key)?.amount ?? zero, has.get(key)?.amount ?? zero];
    return { name, underlying, before: was, after: is, difference: subtractAmounts(is, was) };
  });
  return { ...(Object.fromEntries(figures) as Record<(typeof figureNames)[number], string>), components };
}
