import type { AccountRatioMethodParameters } from "./account-ratio.ts";
import type { BybitMethodParameters } from "./bybit.ts";
import type { DeribitMethodParameters } from "./deribit.ts";
import type { Pmrm1MethodParameters, Pmrm2MethodParameters, SrmMethodParameters } from "./derive.ts";
import type { OkxMethodParameters } from "./okx.ts";
import type { ParadexMethodParameters } from "./paradex.ts";
import type { PortfolioMethodParameters, StaticMethodParameters } from "./portfolio.ts";
import type { SpanMethodParameters } from "./span.ts";
import type { StandardMethodParameters } from "./standard.ts";
import type { TimsMethodParameters } from "./tims.ts";
import type { VarMethodParameters } from "./var.ts";

export type * from "./account-ratio.ts";
export type * from "./bybit.ts";
export type * from "./deribit.ts";
export type * from "./derive.ts";
export type * from "./okx.ts";
export type * from "./paradex.ts";
export type * from "./portfolio.ts";
export type * from "./size.ts";
export type * from "./span.ts";
export type * from "./standard.ts";
export type * from "./tims.ts";
export * from "./var.ts";

/** One object per margin method, under its id in camel case. */
export interface MethodParameters {
  readonly static: StaticMethodParameters;
  readonly isolated: StandardMethodParameters;
  readonly standard: StandardMethodParameters;
  readonly span: SpanMethodParameters;
  readonly tims: TimsMethodParameters;
  readonly portfolio: PortfolioMethodParameters;
  readonly portfolioDeribit: DeribitMethodParameters;
  readonly portfolioOkx: OkxMethodParameters;
  readonly portfolioParadex: ParadexMethodParameters;
  readonly portfolioBybit: BybitMethodParameters;
  readonly derivePmrm2: Pmrm2MethodParameters;
  readonly derivePmrm1: Pmrm1MethodParameters;
  readonly deriveSrm: SrmMethodParameters;
  readonly accountRatio: AccountRatioMethodParameters;
  readonly var: VarMethodParameters;
}
