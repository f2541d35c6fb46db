import { defaultMethodId } from "@plimsoll/risk";
import * as z from "zod";
import { collateralBalance, methodId, openOrder, poolKind, position } from "./account-events.ts";
import { accountId, limits, otherPoolId, symbol } from "./primitives.ts";

const contents = {
  pool_currency: symbol.default("USD"),
  collateral: z.array(collateralBalance).max(limits.collateralAssets).default([]),
  positions: z.array(position.partial({ entry_price: true })).max(limits.positionsPerAccount),
  open_orders: z.array(openOrder).max(limits.openOrdersPerAccount).default([]),
};

/** A pool beside the portfolio's own pool. It is margined separately. */
const portfolioPool = z
  .strictObject({ pool_id: otherPoolId, pool_kind: poolKind.default("isolated"), ...contents })
  .refine(
    ({ pool_kind, positions, open_orders }) =>
      pool_kind === "cross" || new Set([...positions, ...open_orders].map((held) => held.instrument_id)).size <= 1,
    "one instrument in an isolated pool: name another pool for the next",
  );

/** The file of `plimsoll margin portfolio.json`. */
export const portfolioFile = z.strictObject({
  account_id: accountId.default("portfolio"),
  method_id: methodId.default(defaultMethodId),
  ...contents,
  pools: z.array(portfolioPool).max(limits.poolsPerAccount).default([]),
});
export type PortfolioFile = z.infer<typeof portfolioFile>;
/** The contents of one pool of the file, the portfolio's own or another. */
export type PortfolioContents = Pick<PortfolioFile, keyof typeof contents>;
