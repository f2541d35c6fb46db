import { accountRatioParameterRules } from "./account-ratio/shipped.ts";
import type { ParameterRules } from "./bounds.ts";
import { pmrm1ParameterRules, pmrm2ParameterRules, srmParameterRules } from "./derive/shipped.ts";
import type { MethodId, MethodKey, MethodParameters, ParametersById } from "./method-parameters.ts";
import { portfolioParameterRules } from "./portfolio/shipped.ts";
import { bybitParameterRules } from "./portfolio-bybit/shipped.ts";
import { deribitParameterRules } from "./portfolio-deribit/shipped.ts";
import { okxParameterRules } from "./portfolio-okx/shipped.ts";
import { paradexParameterRules } from "./portfolio-paradex/shipped.ts";
import { spanParameterRules } from "./span/shipped.ts";
import { standardParameterRules } from "./standard/shipped.ts";
import { staticParameterRules } from "./static/shipped.ts";
import { timsParameterRules } from "./tims/shipped.ts";
import { varParameterRules } from "./var/shipped.ts";

/**
 * The parameter rules of every method by its id, in the order in which methods are listed. They are kept apart from the
 * registry, because a function that only reads parameters does not need the formulas.
 */
export const parameterRules: { readonly [Id in MethodId]: ParameterRules<ParametersById[Id]> } = {
  static: staticParameterRules,
  isolated: standardParameterRules,
  standard: standardParameterRules,
  span: spanParameterRules,
  tims: timsParameterRules,
  portfolio: portfolioParameterRules,
  var: varParameterRules,
  portfolio_deribit: deribitParameterRules,
  portfolio_okx: okxParameterRules,
  portfolio_paradex: paradexParameterRules,
  portfolio_bybit: bybitParameterRules,
  derive_pmrm_2: pmrm2ParameterRules,
  derive_pmrm_1: pmrm1ParameterRules,
  derive_srm: srmParameterRules,
  account_ratio: accountRatioParameterRules,
};

/** The ids of all methods, in the order in which methods are listed. */
export const methodIds = Object.keys(parameterRules) as readonly MethodId[];

/**
 * The order of the methods in a parameter set. The method `var` stands last because it was added last, and a printed
 * set keeps its order.
 */
export const methodIdsInSets: readonly MethodId[] = [...methodIds.filter((methodId) => methodId !== "var"), "var"];

/** The method of pools for which no method is stated. It can scan whatever a pool holds. */
export const defaultMethodId: MethodId = "portfolio";

/** The method with which other methods are compared: it requires fixed shares of the notional. */
export const baselineMethodId: MethodId = "static";

/** Returns the key of a method's parameters in a set, such as `portfolioOkx` for `portfolio_okx`. */
export function methodKeyOf<Id extends MethodId>(methodId: Id): MethodKey<Id> {
  return methodId.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase()) as MethodKey<Id>;
}

/** The shipped parameters of every method. The source of each figure is named in the file that states the figure. */
export const defaultMethodParameters = Object.fromEntries(
  methodIdsInSets.map((methodId) => [methodKeyOf(methodId), parameterRules[methodId].shipped]),
) as unknown as MethodParameters;
