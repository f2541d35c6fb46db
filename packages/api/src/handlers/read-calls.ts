import { loadResults } from "@plimsoll/app";
import { crossPoolId, poolKeyOf, type Severity, severityRank } from "@plimsoll/risk";
import { type CallEvent, type CallSummary, callEventAnswerOf } from "@plimsoll/schema";
import { findAccount, loadEvents, loadEventsOf, type StoredEvent } from "@plimsoll/store";
import { getCall, listAccountCalls, listCalls } from "../contract/routes.ts";
import { ApiProblem, notFound } from "../serve/api-problem.ts";
import { compareKeys, pageOf, type SortKey } from "../serve/cursor.ts";
import { answering } from "../serve/serve.ts";
import type { ReadPorts } from "./stage-ports.ts";

/** Newest first, and by id among calls of the same time. */
const keyOf = ({ opened_at, call_id }: CallSummary): SortKey => [-Date.parse(opened_at), call_id];

/** Answers the open calls of all accounts, newest first. */
export const answerCalls = answering(listCalls, async ({ query }, { margin, shardCount }: ReadPorts) => {
  const { rows, unreadable } = await loadResults(margin, shardCount);
  if (unreadable.length > 0) throw new ApiProblem("unavailable", unreadable.join("; "), { retryAfterSeconds: 60 });
  const open = rows.flatMap(({ accountId, poolId, call, sequence, severity }) =>
    call === null ? [] : [{ poolKey: poolKeyOf(accountId, poolId), call, sequence, severity }],
  );
  const sorted = open
    .map((entry) => ({ ...entry, key: [-entry.call.openedAtMs, entry.call.callId] as SortKey }))
    .sort((a, b) => compareKeys(a.key, b.key));
  const { limit, cursor } = query;
  const page = pageOf(
    sorted,
    { list: "calls", limit, ...(cursor !== undefined && { cursor }) },
    ({ key }) => key,
    compareKeys,
  );
  const events = await loadEvents(margin, page.entries.flatMap(eventsOfCall));
  const byCall = Map.groupBy(events.map(read), ({ call_id }) => call_id);
  const calls = page.entries.map(({ call, severity }) => ({ ...summaryOf(byCall.get(call.callId) ?? []), severity }));
  return { calls, next_cursor: page.next_cursor };
});

/** Names the events of an open call, whose id ends in the number of the first. */
function eventsOfCall({ poolKey, call, sequence }: { poolKey: string; call: { callId: string }; sequence: number }) {
  const first = Number(/-(\d+)$/.exec(call.callId)?.[1]);
  return Array.from({ length: sequence - first + 1 }, (_, index) => ({ poolKey, sequence: first + index }));
}

/** Answers the calls of an account in all its pools, newest first. */
export const answerAccountCalls = answering(listAccountCalls, async ({ params: { id }, query }, ports: ReadPorts) => {
  const stored = await findAccount(ports.ledger, id, ports.shardCount);
  if (stored === undefined) throw notFound();
  const poolIds = new Set([crossPoolId, ...(stored.account?.pools.map(({ poolId }) => poolId) ?? [])]);
  const events = await Promise.all([...poolIds].map((poolId) => loadEventsOf(ports.margin, poolKeyOf(id, poolId))));
  const byCall = Map.groupBy(events.flat().map(read), ({ call_id }) => call_id);
  const calls = [...byCall.values()].map(summaryOf).sort((a, b) => compareKeys(keyOf(a), keyOf(b)));
  const { limit, cursor } = query;
  const page = pageOf(
    calls,
    { list: "account calls", limit, ...(cursor !== undefined && { cursor }) },
    keyOf,
    compareKeys,
  );
  return { calls: [...page.entries], next_cursor: page.next_cursor };
});

/** Answers one call with all its events. */
export const answerCall = answering(getCall, async ({ params: { id }, caller }, { margin }: ReadPorts) => {
  const poolKey = /^MC-(.+)-\d{1,10}$/.exec(id)?.[1];
  if (poolKey === undefined) throw notFound();
  const stored = (await loadEventsOf(margin, poolKey)).filter(({ event }) => event?.call_id === id);
  const events = stored.map(read);
  const [first] = events;
  if (first === undefined) throw notFound();
  if (caller.accountId !== null && caller.accountId !== first.account_id) throw notFound();
  return { ...summaryOf(events), events: events.map(callEventAnswerOf) };
});

function read({ event, poolKey, sequence, problem }: StoredEvent): CallEvent {
  if (event === null) throw new Error(`event ${sequence} of ${poolKey}: ${problem}`);
  return event;
}

/** Sums up a call by its events, in their order. */
function summaryOf(events: readonly CallEvent[]): CallSummary {
  const [first, last] = [events[0]!, events.at(-1)!];
  const gravest = events.map(({ severity }) => severity).reduce<Severity>(worse, last.severity);
  return {
    call_id: last.call_id,
    account_id: last.account_id,
    pool_id: last.pool_id,
    status: last.severity === "NORMAL" ? "cured" : "open",
    severity: last.severity,
    worst_severity: gravest,
    opened_at: first.occurred_at,
    changed_at: last.occurred_at,
    last_sequence: last.sequence,
    currency: last.currency,
    amount_required: last.amount_required,
    restore_to: last.restore_to,
    title: last.title,
  };
}

function worse(a: Severity, b: Severity): Severity {
  return severityRank(b) > severityRank(a) ? b : a;
}
