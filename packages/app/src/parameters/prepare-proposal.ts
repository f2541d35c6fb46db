import {
  checkActivation,
  defaultDynamicsPolicy,
  MS_PER_DAY,
  type ParameterSet,
  proposeParameters,
} from "@plimsoll/risk";
import { nameParameters, type Proposal, utcDateOf } from "@plimsoll/schema";
import {
  findActivation,
  findControls,
  getParameters,
  loadHistory,
  loadUnderlyings,
  marketsAtOnce,
  type Table,
} from "@plimsoll/store";
import { mapAsync } from "es-toolkit/array";

/** A proposal that is not stored yet, with the set that it proposes. `moved` is false if no number would change. */
export interface PreparedProposal {
  readonly proposal: Proposal;
  readonly parameters: ParameterSet;
  readonly moved: boolean;
}

/**
 * Computes the parameters that the market's history up to a time implies, and whether the operators' limits allow them
 * to be activated. Returns undefined if no parameters are in effect. The same stored items give the same proposal.
 */
export async function prepareProposal(
  market: Table,
  asOfMs: number,
  naming: { readonly proposalId: string; readonly proposedBy: string },
): Promise<PreparedProposal | undefined> {
  const activation = await findActivation(market, asOfMs);
  if (activation === undefined) return undefined;
  const before = await findActivation(market, asOfMs - MS_PER_DAY);
  const current = await getParameters(market, activation.version);
  const dayAgo = before === undefined ? current : await getParameters(market, before.version);
  const known = [...(await loadUnderlyings(market)).keys()];
  const histories = await mapAsync(known, (underlying) => loadHistory(market, underlying), {
    concurrency: marketsAtOnce,
  });
  const controls = (await findControls(market))?.controls;
  const date = utcDateOf(asOfMs);
  const policy = controls?.policy ?? defaultDynamicsPolicy;
  const { content, moves } = proposeParameters({ current, dayAgo, date, histories, policy });
  const parameters = nameParameters("dynamic", content);
  const breaches = checkActivation(moves, controls?.limits ?? null);
  return {
    parameters,
    moved: moves.some(({ from, to }) => from !== to),
    proposal: {
      ...naming,
      basedOnVersion: activation.version,
      basedOnSequence: activation.sequence,
      parametersVersion: parameters.parametersVersion,
      moves,
      verdict: breaches.length === 0 ? "activate" : "ask",
      breaches,
    },
  };
}
