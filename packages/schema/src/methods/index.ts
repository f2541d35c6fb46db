import { defaultMethodParameters as shipped } from "@plimsoll/risk";
import * as z from "zod";
import { accountRatioMethod } from "./account-ratio.ts";
import { withShipped } from "./bounds.ts";
import { pmrm1Method, pmrm2Method, srmMethod } from "./derive.ts";
import { portfolioMethod, staticMethod } from "./portfolio.ts";
import { bybitMethod, deribitMethod, okxMethod, paradexMethod } from "./presets.ts";
import { spanMethod } from "./span.ts";
import { standardMethod } from "./standard.ts";
import { timsMethod } from "./tims.ts";
import { varMethod } from "./var.ts";

const methods = z.strictObject({
  static: withShipped(staticMethod, shipped.static),
  isolated: withShipped(standardMethod, shipped.isolated),
  standard: withShipped(standardMethod, shipped.standard),
  span: withShipped(spanMethod, shipped.span),
  tims: withShipped(timsMethod, shipped.tims),
  portfolio: withShipped(portfolioMethod, shipped.portfolio),
  portfolio_deribit: withShipped(deribitMethod, shipped.portfolioDeribit),
  portfolio_okx: withShipped(okxMethod, shipped.portfolioOkx),
  portfolio_paradex: withShipped(paradexMethod, shipped.portfolioParadex),
  portfolio_bybit: withShipped(bybitMethod, shipped.portfolioBybit),
  derive_pmrm_2: withShipped(pmrm2Method, shipped.derivePmrm2),
  derive_pmrm_1: withShipped(pmrm1Method, shipped.derivePmrm1),
  derive_srm: withShipped(srmMethod, shipped.deriveSrm),
  account_ratio: withShipped(accountRatioMethod, shipped.accountRatio),
  var: withShipped(varMethod, shipped.var),
});

/** Parameters of every margin method; a file names what it changes, a stored set has them all. */
export const methodParameters = z.preprocess((given) => given ?? {}, methods);
