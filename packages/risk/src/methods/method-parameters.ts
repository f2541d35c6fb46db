import type { AccountRatioMethodParameters } from "./account-ratio/parameters.ts";
import type { Pmrm1MethodParameters, Pmrm2MethodParameters, SrmMethodParameters } from "./derive/parameters.ts";
import type { PortfolioMethodParameters, StaticMethodParameters } from "./portfolio/parameters.ts";
import type { BybitMethodParameters } from "./portfolio-bybit/parameters.ts";
import type { DeribitMethodParameters } from "./portfolio-deribit/parameters.ts";
import type { OkxMethodParameters } from "./portfolio-okx/parameters.ts";
import type { ParadexMethodParameters } from "./portfolio-paradex/parameters.ts";
import type { SpanMethodParameters } from "./span/parameters.ts";
import type { StandardMethodParameters } from "./standard/parameters.ts";
import type { TimsMethodParameters } from "./tims/parameters.ts";
import type { VarMethodParameters } from "./var/parameters.ts";

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
