import type { ParameterSet } from "@plimsoll/risk";
import { compactTime, isOfPerson, isSamePerson, peopleRequired } from "@plimsoll/schema";
import {
  type Activation,
  activateParameters,
  findControls,
  findProposal,
  loadActivations,
  loadParameterVersions,
  loadProposals,
  type StoredProposal,
  saveParameters,
  saveProposal,
  type Table,
} from "@plimsoll/store";
import { type PreparedProposal, prepareProposal } from "./prepare-proposal.ts";

/** The status of a proposal. `interrupted` means that it was decided, but its tick was not repeated to carry it out. */
export type ProposalStatus = "activated" | "proposed" | "interrupted" | "superseded";

export interface StatedProposal extends StoredProposal {
  readonly status: ProposalStatus;
}

function statusOf(proposal: StoredProposal, activations: readonly Activation[]): ProposalStatus {
  if (activations.some(({ proposalId }) => proposalId === proposal.proposalId)) return "activated";
  const [newest] = activations;
  if (newest !== undefined && newest.sequence > proposal.basedOnSequence) return "superseded";
  return proposal.verdict === "ask" ? "proposed" : "interrupted";
}

/** Proposals that a list shows. */
const listedProposals = 20;

/** Lists the activations, current and past, and the newest proposals, newest first. */
export async function listParameters(
  market: Table,
): Promise<{ readonly activations: readonly Activation[]; readonly proposals: readonly StatedProposal[] }> {
  const [activations, proposals] = await Promise.all([loadActivations(market), loadProposals(market, listedProposals)]);
  return { activations, proposals: proposals.map((one) => ({ ...one, status: statusOf(one, activations) })) };
}

/** Finds a stored proposal and its status, or undefined if there is none with this id. */
export async function findStatedProposal(market: Table, proposalId: string): Promise<StatedProposal | undefined> {
  const proposal = await findProposal(market, proposalId);
  return proposal && { ...proposal, status: statusOf(proposal, await loadActivations(market)) };
}

export async function isStoredVersion(market: Table, version: string): Promise<boolean> {
  return (await loadParameterVersions(market)).includes(version);
}

/**
 * The outcome of an approval. `same_person`: it is a set of the approver's own, and the stage demands two people.
 * `in_effect`: it was already approved. `superseded`: other parameters took effect since it
 * was proposed, based on `basedOnVersion`.
 */
export type Approval =
  | { readonly kind: "activated"; readonly activation: Activation }
  | { readonly kind: "unknown" }
  | { readonly kind: "in_effect" }
  | { readonly kind: "same_person"; readonly proposedBy: string }
  | { readonly kind: "superseded"; readonly basedOnVersion: string };

/** Activates a proposal exactly as it was proposed. */
export async function approveProposal(
  market: Table,
  proposalId: string,
  activatedBy: string,
  nowMs: number,
): Promise<Approval> {
  const proposal = await findStatedProposal(market, proposalId);
  if (proposal === undefined) return { kind: "unknown" };
  if (proposal.status === "activated") return { kind: "in_effect" };
  const { proposedBy } = proposal;
  if (isOfPerson(proposal) && isSamePerson(proposedBy, activatedBy) && (await takesTwo(market))) {
    return { kind: "same_person", proposedBy };
  }
  const activation: Activation = {
    sequence: proposal.basedOnSequence + 1,
    version: proposal.parametersVersion,
    effectiveFromMs: nowMs,
    activatedBy,
    proposalId,
  };
  if (proposal.status !== "superseded" && (await activateParameters(market, activation))) {
    return { kind: "activated", activation };
  }
  return { kind: "superseded", basedOnVersion: proposal.basedOnVersion };
}

async function takesTwo(market: Table): Promise<boolean> {
  return peopleRequired((await findControls(market))?.controls) === 2;
}

/**
 * The outcome of an activation by hand. `same_person`: the set was never in effect, nobody else has proposed it, and the
 * stage demands two people. `overtaken`: other parameters were activated at the same moment.
 */
export type HandActivation =
  | { readonly kind: "activated"; readonly activation: Activation }
  | { readonly kind: "unknown" }
  | { readonly kind: "none_in_effect" }
  | { readonly kind: "same_person" }
  | { readonly kind: "overtaken" };

/** Activates a stored version, which also serves to return to an old set. */
export async function activateVersion(
  market: Table,
  version: string,
  activatedBy: string,
  nowMs: number,
): Promise<HandActivation> {
  if (!(await isStoredVersion(market, version))) return { kind: "unknown" };
  const activations = await loadActivations(market);
  const [newest] = activations;
  if (newest === undefined) return { kind: "none_in_effect" };
  const isOld = activations.some((activation) => activation.version === version);
  if (!isOld && !(await isOfOther(market, version, activatedBy)) && (await takesTwo(market))) {
    return { kind: "same_person" };
  }
  const sequence = newest.sequence + 1;
  const activation = { sequence, version, effectiveFromMs: nowMs, activatedBy, proposalId: null };
  return (await activateParameters(market, activation)) ? { kind: "activated", activation } : { kind: "overtaken" };
}

/** Whether the schedule or another person has proposed a version. Proposals that have expired are not known. */
async function isOfOther(market: Table, version: string, by: string): Promise<boolean> {
  const proposals = await loadProposals(market);
  return proposals.some(
    (proposal) =>
      proposal.parametersVersion === version && !(isOfPerson(proposal) && isSamePerson(proposal.proposedBy, by)),
  );
}

/**
 * Proposes the parameters that current volatility implies. If any number moves, the proposal is stored and waits for
 * approval, as the limits for automatic activation apply to the schedule only. Returns undefined if no parameters are
 * in effect.
 */
export async function proposeNow(
  market: Table,
  nowMs: number,
): Promise<{ readonly moves: PreparedProposal["proposal"]["moves"]; readonly set: ParameterSet } | undefined> {
  const naming = { proposalId: compactTime(nowMs), proposedBy: "operator" };
  const prepared = await prepareProposal(market, nowMs, naming);
  if (prepared === undefined) return undefined;
  const { proposal, parameters, moved } = prepared;
  if (moved) {
    await saveParameters(market, parameters);
    await saveProposal(market, { ...proposal, verdict: "ask" }, nowMs);
  }
  return { moves: proposal.moves, set: parameters };
}
