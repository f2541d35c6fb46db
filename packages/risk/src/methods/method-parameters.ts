import type { AccountRatioMethodParameters } from "./account-ratio/parameters.ts";
import type { Pmrm1MethodParameters, Pmrm2MethodParameters, SrmMethodParameters } from "./derive/parameters.ts";
import type { PortfolioMethodParameters } from "./portfolio/parameters.ts";
import type { BybitMethodParameters } from "./portfolio-bybit/parameters.ts";
import type { DeribitMethodParameters } from "./portfolio-deribit/parameters.ts";
import type { OkxMethodParameters } from "./portfolio-okx/parameters.ts";
import type { ParadexMethodParameters } from "./portfolio-paradex/parameters.ts";
import type { SpanMethodParameters } from "./span/parameters.ts";
import type { StandardMethodParameters } from "./standard/parameters.ts";
import type { StaticMethodParameters } from "./static/parameters.ts";
import type { TimsMethodParameters } from "./tims/parameters.ts";
import type { VarMethodParameters } from "./var/parameters.ts";

/**
 * The parameters of each margin method by its id. The methods `portfolio_<venue>` follow the published rules of that
 * venue and do not give the venue's own number.
 */
export interface ParametersById {
  readonly static: StaticMethodParameters;
  readonly isolated: StandardMethodParameters;
  readonly standard: StandardMethodParameters;
  readonly span: SpanMethodParameters;
  readonly tims: TimsMethodParameters;
  readonly portfolio: PortfolioMethodParameters;
  readonly var: VarMethodParameters;
  readonly portfolio_deribit: DeribitMethodParameters;
  readonly portfolio_okx: OkxMethodParameters;
  readonly portfolio_paradex: ParadexMethodParameters;
  readonly portfolio_bybit: BybitMethodParameters;
  readonly derive_pmrm_2: Pmrm2MethodParameters;
  readonly derive_pmrm_1: Pmrm1MethodParameters;
  readonly derive_srm: SrmMethodParameters;
  readonly account_ratio: AccountRatioMethodParameters;
}

/** The ids of the margin methods that a pool can have. Each method has its own figures in the parameter set. */
export type MethodId = keyof ParametersById;

/** The key under which a parameter set holds the parameters of a method: the method's id in camel case. */
export type MethodKey<Id extends string> = Id extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<MethodKey<Tail>>}`
  : Id;

/** The parameters of all margin methods, one object per method under its id in camel case. */
export type MethodParameters = { readonly [Id in MethodId as MethodKey<Id>]: ParametersById[Id] };
