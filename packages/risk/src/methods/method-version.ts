import type { ParameterSet } from "../model/index.ts";
import { canonicalJson, sha256Hex } from "../numbers/index.ts";
import type { MethodRegistration } from "./margin-method.ts";
import type { SizedParameters } from "./size/parameters.ts";

/** The number of hexadecimal digits of the hash that a version carries. */
const HASH_DIGITS = 12;

/**
 * Returns the version of a method, such as `portfolio_okx-2-0123456789ab`. It has the method's id, the number of its
 * formulas and the first digits of a SHA-256 over its parameters. What the method reads of the set besides its own
 * parameters is hashed with them.
 */
export function nameVersion(
  methodId: string,
  { formulas, restsOn }: MethodRegistration,
  own: SizedParameters,
  set: ParameterSet,
): string {
  const hash = sha256Hex(canonicalJson(restsOn === undefined ? own : { own, ...restsOn(own, set) }));
  return `${methodId}-${formulas}-${hash.slice(0, HASH_DIGITS)}`;
}
