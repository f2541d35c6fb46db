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
 * The rules of every method, by its id, in the order in which methods are listed. They stand apart from the registry, because a
 * function that only reads parameters has no use for the formulas.
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

export const methodIds = Object.keys(parameterRules) as readonly MethodId[];

/** The order of the methods in a parameter set: joint scenarios came last to sets, and what is printed of a set keeps its order. */
export const methodIdsInSets: readonly MethodId[] = [...methodIds.filter((methodId) => methodId !== "var"), "var"];

/** The method of accounts of which nothing else is said: it scans whatever an account holds. */
export const defaultMethodId: MethodId = "portfolio";

/** What other methods are compared with: fixed shares of the notional. */
export const baselineMethodId: MethodId = "static";

/** Where the parameters of a method stand in a set: `portfolioOkx` for `portfolio_okx`. */
export function methodKeyOf<Id extends MethodId>(methodId: Id): MethodKey<Id> {
  return methodId.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase()) as MethodKey<Id>;
}

/** What ships for every method; each figure's source stands where it is written. */
export const defaultMethodParameters = Object.fromEntries(
  methodIdsInSets.map((methodId) => [methodKeyOf(methodId), parameterRules[methodId].shipped]),
) as unknown as MethodParameters;
