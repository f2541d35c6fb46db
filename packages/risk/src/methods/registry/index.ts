import type { MethodId } from "../../model/index.ts";
import { pmrm1Method, pmrm2Method, srmMethod } from "./derive.ts";
import type { MarginMethod } from "./margin-method.ts";
import { accountRatioMethod, isolatedMethod, standardMethod } from "./rules.ts";
import { bybitMethod, deribitMethod, okxMethod, paradexMethod, timsMethod } from "./scans.ts";
import { spanMethod } from "./span.ts";

export type { MarginMethod, MethodHolding, MethodMeasure, MethodUnit } from "./margin-method.ts";

/** The methods that margin holdings; `portfolio` and `static` work on the shared risk arrays and the parameter set. */
export type HoldingsMethodId = Exclude<MethodId, "portfolio" | "static">;

const methods: Readonly<Record<HoldingsMethodId, MarginMethod>> = {
  isolated: isolatedMethod,
  standard: standardMethod,
  span: spanMethod,
  tims: timsMethod,
  portfolio_deribit: deribitMethod,
  portfolio_okx: okxMethod,
  portfolio_paradex: paradexMethod,
  portfolio_bybit: bybitMethod,
  derive_pmrm_2: pmrm2Method,
  derive_pmrm_1: pmrm1Method,
  derive_srm: srmMethod,
  account_ratio: accountRatioMethod,
};

/** The method behind an id; null for those that work on the shared risk arrays. */
export function findMarginMethod(methodId: MethodId): MarginMethod | null {
  return methodId === "portfolio" || methodId === "static" ? null : methods[methodId];
}

/** Version of the shipped parameters of each method that does not take its figures from the parameter set. */
export const methodVersions: Readonly<Record<HoldingsMethodId, string>> = {
  isolated: isolatedMethod.version,
  standard: standardMethod.version,
  span: spanMethod.version,
  tims: timsMethod.version,
  portfolio_deribit: deribitMethod.version,
  portfolio_okx: okxMethod.version,
  portfolio_paradex: paradexMethod.version,
  portfolio_bybit: bybitMethod.version,
  derive_pmrm_2: pmrm2Method.version,
  derive_pmrm_1: pmrm1Method.version,
  derive_srm: srmMethod.version,
  account_ratio: accountRatioMethod.version,
};
