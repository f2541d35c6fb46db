import type { ParameterSet } from "@plimsoll/risk";
import { activationItem, decodeParameters, encodeParameters } from "@plimsoll/schema";
import { keys } from "./keys.ts";
import { packChunked, unpackChunked } from "./packed.ts";
import { findItem, type Item, putItem, queryItems, StoreError, type Table } from "./table.ts";

/** Stores a parameter set under its version, without putting it into effect; one that is there already stays as it is. */
export async function saveParameters(market: Table, parameters: ParameterSet): Promise<void> {
  const { parametersVersion } = parameters;
  const packed = await packChunked(market, encodeParameters(parameters), keys.parameterChunks(parametersVersion));
  await putItem(
    market,
    { ...keys.parameters(parametersVersion), ...packed },
    { expression: "attribute_not_exists(pk)" },
  );
}

/** A stored parameter set; throws when it is not there. */
export async function getParameters(market: Table, version: string): Promise<ParameterSet> {
  const item = await findItem(market, keys.parameters(version));
  if (item === undefined) throw new StoreError(`Parameters ${version} are not in ${market.name}`);
  return decodeParameters(await unpackChunked(market, item));
}

/** Versions of all stored sets, sorted. */
export async function loadParameterVersions(market: Table): Promise<readonly string[]> {
  return (await queryItems(market, { pk: keys.parameters("").pk })).map(({ sk }) => String(sk));
}

/** An entry of the log that says which version holds from when; the newest that has begun is in effect. */
export interface Activation {
  /** Gapless from 1 on. */
  readonly sequence: number;
  readonly version: string;
  readonly effectiveFromMs: number;
  /** `schedule`, `shipped`, or who did it by hand. */
  readonly activatedBy: string;
  readonly proposalId: string | null;
}

/**
 * Puts a stored version into effect after the activation it was decided from. False when another came after that one first:
 * of two that race, one holds.
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
  // A repeat of the same decision is no other's.
  return proposalId !== null && outcome.existing?.proposal_id === proposalId;
}

/** All activations, newest first. */
export async function loadActivations(market: Table): Promise<readonly Activation[]> {
  const items = await queryItems(market, { pk: keys.activation(0).pk, newestFirst: true });
  return items.map(readActivation);
}

/** The activation in effect at a time; undefined before the first. */
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
