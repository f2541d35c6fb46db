import { defaultParameters } from "@plimsoll/risk";
import { nameParameters } from "@plimsoll/schema";
import { type Activation, activateParameters, findActivation, saveParameters, type Table } from "@plimsoll/store";

/** The shipped set under the name that stages store it by, which ends in its content hash. */
export function shippedParameters() {
  const { parametersVersion: name, ...content } = defaultParameters;
  return nameParameters(name, content);
}

/**
 * Finds the activation in effect. If there is none, it stores the shipped set and puts it into effect, so that results
 * always name a stored version.
 */
export async function findOrActivateShipped(market: Table, asOfMs: number): Promise<Activation> {
  const activation = await findActivation(market, asOfMs);
  if (activation !== undefined) return activation;
  const shipped = shippedParameters();
  await saveParameters(market, shipped);
  const first: Activation = {
    sequence: 1,
    version: shipped.parametersVersion,
    effectiveFromMs: asOfMs,
    activatedBy: "shipped",
    proposalId: null,
  };
  await activateParameters(market, first);
  return first;
}
