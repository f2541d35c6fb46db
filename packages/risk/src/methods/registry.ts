import type { ParameterSet } from "../model/index.ts";
import { canonicalJson, sha256Hex } from "../numbers/index.ts";
import { accountRatioMethod } from "./account-ratio/method.ts";
import { pmrm1Method, pmrm2Method, srmMethod } from "./derive/method.ts";
import { isolatedMethod } from "./isolated/method.ts";
import type { MarginMethod, MethodRegistration } from "./margin-method.ts";
import type { MethodId, ParametersById } from "./method-parameters.ts";
import { methodKeyOf } from "./parameter-rules.ts";
import { portfolioMethod } from "./portfolio/method.ts";
import { bybitMethod } from "./portfolio-bybit/method.ts";
import { deribitMethod } from "./portfolio-deribit/method.ts";
import { okxMethod } from "./portfolio-okx/method.ts";
import { paradexMethod } from "./portfolio-paradex/method.ts";
import type { SizedParameters, SizeParameters } from "./size/parameters.ts";
import { spanMethod } from "./span/method.ts";
import { standardMethod } from "./standard/method.ts";
import { staticMethod } from "./static/method.ts";
import { timsMethod } from "./tims/method.ts";
import { varMethod } from "./var/method.ts";

/** All margin methods by their ids, in the order in which methods are listed. */
export const methodRegistry: { readonly [Id in MethodId]: MethodRegistration<ParametersById[Id]> } = {
  static: staticMethod,
  isolated: isolatedMethod,
  standard: standardMethod,
  span: spanMethod,
  tims: timsMethod,
  portfolio: portfolioMethod,
  var: varMethod,
  portfolio_deribit: deribitMethod,
  portfolio_okx: okxMethod,
  portfolio_paradex: paradexMethod,
  portfolio_bybit: bybitMethod,
  derive_pmrm_2: pmrm2Method,
  derive_pmrm_1: pmrm1Method,
  derive_srm: srmMethod,
  account_ratio: accountRatioMethod,
};

/** Registrations by method id: the methods that ship, or these and another one that is tried out. */
export type MethodRegistry = Readonly<Record<string, MethodRegistration>>;

/** Returns the parameters that a set has for one method. */
function ownParametersOf({ methods }: Pick<ParameterSet, "methods">, methodId: MethodId): SizedParameters {
  return methods[methodKeyOf(methodId)];
}

/** A method built with the parameters of one set, ready to margin pools. */
export interface BuiltMethod extends MarginMethod {
  readonly methodId: MethodId;
  /** The text that identifies the method, its formulas and the content of its parameters. */
  readonly version: string;
  /** The charges for size under this method, one row per underlying. */
  readonly size: readonly SizeParameters[];
}

const builtBy = new WeakMap<MethodRegistry, WeakMap<ParameterSet, Map<MethodId, BuiltMethod>>>();

/**
 * Returns the method with this id, built once per parameter set. Throws a RangeError when the registry
 * has no such method.
 */
export function getMarginMethod(
  parameters: ParameterSet,
  methodId: MethodId,
  registry: MethodRegistry = methodRegistry,
): BuiltMethod {
  const bySet = builtBy.get(registry) ?? new WeakMap<ParameterSet, Map<MethodId, BuiltMethod>>();
  builtBy.set(registry, bySet);
  const built = bySet.get(parameters) ?? new Map<MethodId, BuiltMethod>();
  bySet.set(parameters, built);
  let method = built.get(methodId);
  if (method === undefined) {
    const own = ownParametersOf(parameters, methodId);
    const registration = registry[methodId];
    if (registration === undefined)
      throw new RangeError(`${methodId} is no margin method: the registry has none of that id`);
    const version = nameVersion(methodId, registration, own, parameters);
    method = { ...registration.build(own, parameters), methodId, version, size: own.size };
    built.set(methodId, method);
  }
  return method;
}

/** Returns the version of a method under a parameter set, as results name it. */
export function methodVersion(parameters: ParameterSet, methodId: MethodId): string {
  return getMarginMethod(parameters, methodId).version;
}

/** The number of hexadecimal digits of the hash that a version carries. */
const HASH_DIGITS = 12;

/**
 * Returns the version of a method, such as `portfolio_okx-2-0123456789ab`. It has the method's id, the number of its
 * formulas and the first digits of a SHA-256 over its parameters. What the method reads of the set besides its own
 * parameters is hashed with them.
 */
function nameVersion(
  methodId: string,
  { formulas, restsOn }: MethodRegistration,
  own: SizedParameters,
  set: ParameterSet,
): string {
  const hash = sha256Hex(canonicalJson(restsOn === undefined ? own : { own, ...restsOn(own, set) }));
  return `${methodId}-${formulas}-${hash.slice(0, HASH_DIGITS)}`;
}
