import type { MethodId, MethodParameters, ParameterSet } from "../../model/index.ts";
import { buildAccountRatioMethod } from "./account-ratio.ts";
import { buildBybitMethod } from "./bybit.ts";
import { buildDeribitMethod } from "./deribit.ts";
import { buildPmrm1Method, buildPmrm2Method, buildSrmMethod } from "./derive.ts";
import { jointMethod } from "./joint.ts";
import type { AccountRule, MarginMethod } from "./margin-method.ts";
import { offsetRule } from "./offsets.ts";
import { buildOkxMethod } from "./okx.ts";
import { buildParadexMethod } from "./paradex.ts";
import { buildSpanMethod } from "./span.ts";
import { buildIsolatedMethod, buildStandardMethod } from "./standard.ts";
import { buildTimsMethod } from "./tims.ts";

export type {
  AccountCharge,
  AccountRule,
  Debt,
  MarginMethod,
  MeasuredUnit,
  MethodHolding,
  MethodMeasure,
  MethodUnit,
  UnitNetting,
} from "./margin-method.ts";
export { methodKeys, methodVersion } from "./method-version.ts";
export { findOffsetGroup } from "./offsets.ts";

/** The methods that margin holdings; `portfolio` and `static` work on the shared risk arrays and the scans of the set. */
export type HoldingsMethodId = Exclude<MethodId, "portfolio" | "static">;

const builders: Readonly<Record<HoldingsMethodId, (parameters: MethodParameters) => MarginMethod>> = {
  isolated: ({ isolated }) => buildIsolatedMethod(isolated),
  standard: ({ standard }) => buildStandardMethod(standard),
  span: ({ span }) => buildSpanMethod(span),
  tims: ({ tims }) => buildTimsMethod(tims),
  var: () => jointMethod,
  portfolio_deribit: ({ portfolioDeribit }) => buildDeribitMethod(portfolioDeribit),
  portfolio_okx: ({ portfolioOkx }) => buildOkxMethod(portfolioOkx),
  portfolio_paradex: ({ portfolioParadex }) => buildParadexMethod(portfolioParadex),
  portfolio_bybit: ({ portfolioBybit }) => buildBybitMethod(portfolioBybit),
  derive_pmrm_2: ({ derivePmrm2 }) => buildPmrm2Method(derivePmrm2),
  derive_pmrm_1: ({ derivePmrm1 }) => buildPmrm1Method(derivePmrm1),
  derive_srm: ({ deriveSrm }) => buildSrmMethod(deriveSrm),
  account_ratio: ({ accountRatio }) => buildAccountRatioMethod(accountRatio),
};

const built = new WeakMap<MethodParameters, Map<MethodId, MarginMethod>>();

/** The method behind an id, built once for a parameter set; null for those that work on the shared risk arrays. */
export function findMarginMethod({ methods }: ParameterSet, methodId: MethodId): MarginMethod | null {
  if (methodId === "portfolio" || methodId === "static") return null;
  let own = built.get(methods);
  if (own === undefined) {
    own = new Map();
    built.set(methods, own);
  }
  const known = own.get(methodId);
  if (known !== undefined) return known;
  const method = builders[methodId](methods);
  own.set(methodId, method);
  return method;
}

/** What a method asks of an account beyond its units; null for nothing. */
export function findAccountRule(parameters: ParameterSet, methodId: MethodId): AccountRule | null {
  if (methodId === "portfolio") return offsetRule(parameters.methods.portfolio.offsets);
  return findMarginMethod(parameters, methodId)?.measureAccount ?? null;
}
