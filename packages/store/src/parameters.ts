import type { ParameterSet } from "@plimsoll/risk";
import { activationItem, decodeParameters, encodeParameters } from "@plimsoll/schema";
import { keys } from "./keys.ts";
import { packChunked, unpackChunked } from "./packed.ts";
import { findItem, type Item, putItem, queryItems, StoreError, type Table } from "./table.ts";

/** Stores a parameter set under its version without activating it. A stored set is not replaced. */
export async function saveParameters(market: Table, parameters: ParameterSet): Promise<void> {
  const { parametersVersion } = parameters;
  const packed = await packChunked(market, encodeParameters(parameters), keys.parameterChunks(parametersVersion));
  await putItem(
    market,
    { ...keys.parameters(parametersVersion), ...packed },
    { expression: "attribute_not_exists(pk)" },
  );
}

/** Finds a stored set, or undefined if there is none of this version. */
export async function findParameters(market: Table, version: string): Promise<ParameterSet | undefined> {
  const item = await findItem(market, keys.parameters(version));
  return item && decodeParameters(await unpackChunked(market, item));
}

/** Loads a stored set; throws a StoreError if it is missing. */
export async function getParameters(market: Table, version: string): Promise<ParameterSet> {
  const found = await findParameters(market, version);
  if (found === undefined) throw new StoreError(`Parameters ${version} are not in ${market.name}`);
  return found;
}

/** Loads the versions of all stored sets, sorted. */
export async function loadParameterVersions(market: Table): Promise<readonly string[]> {
  return (await queryItems(market, { pk: keys.parameters("").pk })).map(({ sk }) => String(sk));
}

/**
 * One entry of the log that says which version takes effect when. The newest entry whose time has come is in effect.
 */
export interface Activation {
  /** Numbered from 1 without gaps. */
  readonly sequence: number;
  readonly version: string;
  readonly effectiveFromMs: number;
  /** `schedule`, `shipped`, or the person who activated it. */
  readonly activatedBy: string;
  readonly proposalId: string | null;
}

/**
 * Activates a stored version directly after the activation on which it was decided. Returns false if another activation
 * came first.
 */
export async function activateParameters(market: Table, activation: Activation): Promise<boolean> {
  const { sequence, version, effectiveFromMs, activatedBy, proposalId } = activation;
  const outcome = await putItem(
    market,
    {
      ...keys.activation(sequence),
      version,
      effective_from_ms: effectiveFromMs,
      activated_by: activatedBy,
      proposal_id: proposalId,
    },
    { expression: "attribute_not_exists(pk)" },
  );
  if (outcome.written) return true;
  // A repeat of the same decision counts as a success.
  return proposalId !== null && outcome.existing?.proposal_id === proposalId;
}

/** Loads all activations, newest first. */
export async function loadActivations(market: Table): Promise<readonly Activation[]> {
  const items = await queryItems(market, { pk: keys.activation(0).pk, newestFirst: true });
  return items.map(readActivation);
}

/** Finds the activation in effect at a time, or undefined before the first. */
export async function findActivation(market: Table, asOfMs: number): Promise<Activation | undefined> {
  const [newest] = await queryItems(market, { pk: keys.activation(0).pk, newestFirst: true, limit: 1 });
  if (newest === undefined) return undefined;
  const activation = readActivation(newest);
  if (activation.effectiveFromMs <= asOfMs) return activation;
  return (await loadActivations(market)).find(({ effectiveFromMs }) => effectiveFromMs <= asOfMs);
}

function readActivation(item: Item): Activation {
  const { version, effective_from_ms, activated_by, proposal_id } = activationItem.parse(item);
  return {
    sequence: Number(item.sk),
    version,
    effectiveFromMs: effective_from_ms,
    activatedBy: activated_by,
    proposalId: proposal_id,
  };
}
