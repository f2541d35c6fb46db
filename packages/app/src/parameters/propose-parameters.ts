import { findImpliedVolatility } from "@plimsoll/risk";
import {
  compactTime,
  type ParameterNotice,
  type Proposal,
  parameterNotice,
  snapshotTimeMs,
  utcDateOf,
} from "@plimsoll/schema";
import {
  activateParameters,
  findNewestSnapshot,
  findProposal,
  getSnapshot,
  loadProposals,
  markAnnounced,
  type StoredProposal,
  saveImplied,
  saveParameters,
  saveProposal,
  type Table,
} from "@plimsoll/store";
import { prepareProposal } from "./prepare-proposal.ts";

export interface ProposePorts {
  readonly market: Table;
  readonly stage: string;
  readonly environment: string;
  /** Sends the notice to the operators; throws if that fails. */
  readonly announce: (notice: ParameterNotice) => Promise<void>;
  /** Wall clock, for expiry dates. */
  readonly nowMs: () => number;
}

/**
 * `no_parameters`: none are in effect yet. `unchanged`: no number would move. `waiting`: the same proposal already
 * waits for approval. `superseded`: other parameters were activated since this was decided.
 */
export type ProposeOutcome = "no_parameters" | "unchanged" | "waiting" | "proposed" | "activated" | "superseded";

export interface ProposeSummary {
  readonly outcome: ProposeOutcome;
  readonly proposal: Proposal | null;
}

/** Number of the newest proposals with which a new one is compared. */
const comparedProposals = 1;

/**
 * Proposes parameters at a tick, and activates them if the operators' limits allow it. The decision is stored under the
 * tick before it is carried out, so that a repeat continues from there and each tick activates at most once.
 */
export async function proposeAtTick(tickMs: number, ports: ProposePorts): Promise<ProposeSummary> {
  const { market } = ports;
  const proposalId = compactTime(tickMs);
  const known = await findProposal(market, proposalId);
  if (known !== undefined) return settle(known, tickMs, ports);
  await recordImplied(market, tickMs);
  const prepared = await prepareProposal(market, tickMs, { proposalId, proposedBy: "schedule" });
  if (prepared === undefined) return { outcome: "no_parameters", proposal: null };
  const { proposal, parameters, moved } = prepared;
  if (!moved) return { outcome: "unchanged", proposal };
  const [newest] = await loadProposals(market, comparedProposals);
  if (proposal.verdict === "ask" && newest !== undefined && asksForTheSame(newest, proposal)) {
    return { outcome: "waiting", proposal: newest };
  }
  await saveParameters(market, parameters);
  return settle(await saveProposal(market, proposal, ports.nowMs()), tickMs, ports);
}

/** Carries out the decision of a stored proposal. Any step of it may have been done before. */
async function settle(proposal: StoredProposal, tickMs: number, ports: ProposePorts): Promise<ProposeSummary> {
  const { market } = ports;
  if (proposal.verdict === "activate") {
    const activated = await activateParameters(market, {
      sequence: proposal.basedOnSequence + 1,
      version: proposal.parametersVersion,
      effectiveFromMs: tickMs,
      activatedBy: "schedule",
      proposalId: proposal.proposalId,
    });
    if (!activated) return { outcome: "superseded", proposal };
  }
  if (!proposal.isAnnounced) {
    await ports.announce(noticeOf(proposal, tickMs, ports));
    await markAnnounced(market, proposal.proposalId, ports.nowMs());
  }
  return { outcome: proposal.verdict === "activate" ? "activated" : "proposed", proposal };
}

/** Records the implied volatilities of the newest snapshot, if it is from the day of the tick. */
async function recordImplied(market: Table, tickMs: number): Promise<void> {
  const head = await findNewestSnapshot(market, tickMs + 1);
  if (head === undefined || utcDateOf(snapshotTimeMs(head.snapshotId)) !== utcDateOf(tickMs)) return;
  const snapshot = await getSnapshot(market, head.snapshotId);
  for (const { underlying, quality } of snapshot.underlyings) {
    const volatility = quality === "blocked" ? null : findImpliedVolatility(snapshot, underlying);
    if (volatility !== null) await saveImplied(market, underlying, volatility, snapshot.asOfMs);
  }
}

/** Largest relative difference of each number within which the operators are not asked again. */
const sameWithin = 0.02;

function asksForTheSame(open: Proposal, proposal: Proposal): boolean {
  if (open.verdict !== "ask" || open.basedOnSequence !== proposal.basedOnSequence) return false;
  return proposal.moves.every(({ subject, field, to }) => {
    const asked = open.moves.find((move) => move.subject === subject && move.field === field);
    return asked !== undefined && Math.abs(to - asked.to) <= sameWithin * asked.to;
  });
}

function noticeOf(proposal: Proposal, tickMs: number, { stage, environment }: ProposePorts): ParameterNotice {
  const { proposalId, parametersVersion, basedOnVersion, verdict, breaches } = proposal;
  const moved = proposal.moves.filter(({ from, to }) => from !== to);
  const lines = moved.map(
    ({ subject, field, from, to, reason }) => `${subject} ${field}: ${from} to ${to} (${reason})`,
  );
  const ask = `Approve with: plimsoll parameters approve ${proposalId}`;
  return parameterNotice.parse({
    schema_version: 1,
    event_id: `parameters:${proposalId}`,
    kind: verdict === "activate" ? "parameters_activated" : "parameters_proposed",
    stage,
    environment,
    occurred_at: new Date(tickMs).toISOString(),
    proposal_id: proposalId,
    parameters_version: parametersVersion,
    based_on_version: basedOnVersion,
    breaches,
    title:
      verdict === "activate"
        ? `[${environment}] Parameters ${parametersVersion} are in effect`
        : `[${environment}] Parameters ${parametersVersion} wait for approval`,
    text: [...lines, ...breaches, ...(verdict === "ask" ? [ask] : [])].join("\n"),
  });
}
