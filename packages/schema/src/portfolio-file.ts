import { z } from "zod";
import { collateralBalance, methodId, openOrder, position } from "./account-events.ts";
import { accountId, limits, symbol } from "./primitives.ts";

/** The file of `plimsoll margin portfolio.json`. */
export const portfolioFile = z.strictObject({
  account_id: accountId.default("portfolio"),
  pool_currency: symbol.default("USD"),
  method_id: methodId.default("portfolio"),
  collateral: z.array(collateralBalance).max(limits.collateralAssets).default([]),
  positions: z.array(position.partial({ entry_price: true })).max(limits.positionsPerAccount),
  open_orders: z.array(openOrder).max(limits.openOrdersPerAccount).default([]),
});
export type PortfolioFile = z.infer<typeof portfolioFile>;
