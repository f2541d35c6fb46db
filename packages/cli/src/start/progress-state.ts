import { SECONDS_PER_DAY } from "@plimsoll/risk";
import type { CallEvent } from "@plimsoll/schema";
import { addUsage, costOf, noUsage } from "../cost/cost-of.ts";
import type { Usage } from "../cost/price-list.ts";
import type { PricesPosted, SessionEvent, SweepReport } from "./session-events.ts";

/** What is known of a session at a moment, summed up from its events so far. */
export interface ProgressState {
  readonly step: string;
  readonly loading: { readonly done: number; readonly total: number } | null;
  readonly sweeping: { readonly done: number; readonly total: number } | null;
  readonly prices: PricesPosted | null;
  readonly report: SweepReport | null;
  readonly sweeps: number;
  /** The usage of all sweeps so far. */
  readonly usage: Usage;
  readonly calls: Readonly<Record<CallChange, number>>;
  readonly apiUrl: string | null;
  readonly environmentFile: string | null;
  readonly scheduleSeconds: number;
}

export type CallChange = "opened" | "escalated" | "eased" | "cured";

export const initialState: ProgressState = {
  step: "starting",
  loading: null,
  sweeping: null,
  prices: null,
  report: null,
  sweeps: 0,
  usage: noUsage,
  calls: { opened: 0, escalated: 0, eased: 0, cured: 0 },
  apiUrl: null,
  environmentFile: null,
  scheduleSeconds: 60,
};

/** Returns the state after one more event. */
export function advance(state: ProgressState, event: SessionEvent): ProgressState {
  switch (event.kind) {
    case "step":
      return { ...state, step: event.text, loading: null };
    case "loading":
      return { ...state, loading: event.done < event.total ? { done: event.done, total: event.total } : null };
    case "ready":
      return {
        ...state,
        apiUrl: event.apiUrl,
        environmentFile: event.environmentFile,
        scheduleSeconds: event.scheduleSeconds,
      };
    case "prices":
      return { ...state, prices: event.prices };
    case "sweeping":
      return { ...state, loading: null, sweeping: { done: event.done, total: event.total } };
    case "swept":
      return {
        ...state,
        step: "all through",
        sweeping: null,
        report: event.report,
        sweeps: state.sweeps + 1,
        usage: addUsage(state.usage, event.report.usage),
      };
    case "calls":
      return { ...state, calls: countCalls(state.calls, event.events) };
    case "done":
    case "note":
    case "settled":
      return state;
  }
}

function countCalls(before: ProgressState["calls"], events: readonly CallEvent[]): ProgressState["calls"] {
  const counts = { ...before };
  for (const { event_type } of events) counts[changeOf(event_type)] += 1;
  return counts;
}

function changeOf(type: CallEvent["event_type"]): CallChange {
  switch (type) {
    case "margin.call.opened":
      return "opened";
    case "margin.call.escalated":
      return "escalated";
    case "margin.call.eased":
      return "eased";
    case "margin.call.cured":
      return "cured";
  }
}

/** The average number of days in a month. */
const daysPerMonth = 30.4;

export interface CostView {
  readonly perSweepUsd: number;
  readonly perMonthUsd: number;
  readonly perMillionAccountsUsd: number;
}

/**
 * Computes what the work of a sweep would cost on AWS at list prices: once, in a month of its schedule, and for a
 * million accounts.
 */
export function costView(usage: Usage, accounts: number, scheduleSeconds: number): CostView {
  const perSweepUsd = costOf(usage).totalUsd;
  return {
    perSweepUsd,
    perMonthUsd: (perSweepUsd * daysPerMonth * SECONDS_PER_DAY) / scheduleSeconds,
    perMillionAccountsUsd: accounts === 0 ? 0 : (perSweepUsd / accounts) * 1_000_000,
  };
}
