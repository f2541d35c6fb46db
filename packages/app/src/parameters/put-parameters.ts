import type { ParameterSet } from "@plimsoll/risk";
import { compactTime, type Proposal, peopleRequired } from "@plimsoll/schema";
import {
  type Activation,
  activateParameters,
  findControls,
  loadActivations,
  saveParameters,
  saveProposal,
  type Table,
} from "@plimsoll/store";
import { findOrActivateShipped } from "./shipped-parameters.ts";

/** The set that a person puts into a stage, and who puts it. */
export interface PutRequest {
  readonly parameters: ParameterSet;
  /** The activation that was in effect when the set was made. Null if there was none. */
  readonly basedOn: Activation | null;
  readonly by: string;
}

/**
 * The outcome of a put. `waiting`: another person has to approve the proposal. `overtaken`: other parameters came into
 * effect since the set was made, so nothing was stored.
 */
export type PutOutcome =
  | { readonly kind: "activated"; readonly activation: Activation; readonly proposal: Proposal }
  | { readonly kind: "waiting"; readonly proposal: Proposal }
  | { readonly kind: "overtaken" };

/**
 * Stores a set of a person's own and a proposal of it. Where one person is enough, it takes effect at once, and where
 * it takes two, it waits for the approval of another. A stage without parameters in effect first gets the shipped ones,
 * so that its first sweep finds parameters and leaves them.
 */
export async function putParameters(
  market: Table,
  { parameters, basedOn, by }: PutRequest,
  nowMs: number,
): Promise<PutOutcome> {
  const [newest] = await loadActivations(market);
  if ((newest?.sequence ?? 0) !== (basedOn?.sequence ?? 0)) return { kind: "overtaken" };
  const base = newest ?? (await findOrActivateShipped(market, nowMs));
  const people = peopleRequired((await findControls(market))?.controls);
  await saveParameters(market, parameters);
  const proposal: Proposal = {
    proposalId: compactTime(nowMs),
    proposedBy: by,
    basedOnVersion: base.version,
    basedOnSequence: base.sequence,
    parametersVersion: parameters.parametersVersion,
    moves: [],
    verdict: people === 1 ? "activate" : "ask",
    breaches: people === 1 ? [] : [`put by ${by}: another person has to approve it`],
  };
  const stored = await saveProposal(market, proposal, nowMs);
  // Someone else proposed at this very millisecond.
  if (stored.parametersVersion !== proposal.parametersVersion || stored.proposedBy !== by) return { kind: "overtaken" };
  if (people === 2) return { kind: "waiting", proposal };
  const activation: Activation = {
    sequence: base.sequence + 1,
    version: parameters.parametersVersion,
    effectiveFromMs: nowMs,
    activatedBy: by,
    proposalId: proposal.proposalId,
  };
  return (await activateParameters(market, activation))
    ? { kind: "activated", activation, proposal }
    : { kind: "overtaken" };
}
