import type { MethodId, ParameterSet } from "../model/index.ts";
import { buildAccountRatioMethod } from "./account-ratio/method.ts";
import { offsetRule } from "./common/offsets.ts";
import { buildPmrm1Method, buildPmrm2Method, buildSrmMethod } from "./derive/method.ts";
import type { AccountRule, MarginMethod } from "./margin-method.ts";
import type { MethodParameters } from "./method-parameters.ts";
import { buildBybitMethod } from "./portfolio-bybit/method.ts";
import { buildDeribitMethod } from "./portfolio-deribit/method.ts";
import { buildOkxMethod } from "./portfolio-okx/method.ts";
import { buildParadexMethod } from "./portfolio-paradex/method.ts";
import { buildSpanMethod } from "./span/method.ts";
import { buildIsolatedMethod, buildStandardMethod } from "./standard/method.ts";
import { buildTimsMethod } from "./tims/method.ts";
import { jointMethod } from "./var/method.ts";

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
