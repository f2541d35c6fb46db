import { z } from "zod";
import { collateralBalance, methodId, position } from "./account-events.ts";
import { accountId, decimal, instrumentId, limits, positiveDecimal, symbol } from "./primitives.ts";

/** What is left of an order; price in the unit of the instrument's mark. */
const openOrder = z.strictObject({
  order_id: z.string().min(1).max(64),
  instrument_id: instrumentId,
  /** Signed contracts: positive buys. */
  quantity: decimal.refine((text) => Number(text) !== 0, "a quantity other than zero"),
  price: positiveDecimal,
});

/** The file of `plimsoll margin portfolio.json`. */
export const portfolioFile = z.strictObject({
  account_id: accountId.default("portfolio"),
  pool_currency: symbol.default("USD"),
  method_id: methodId.default("portfolio"),
  collateral: z.array(collateralBalance).max(limits.collateralAssets).default([]),
  positions: z.array(position.partial({ entry_price: true })).max(limits.positionsPerAccount),
  open_orders: z.array(openOrder).max(limits.positionsPerAccount).default([]),
});
export type PortfolioFile = z.infer<typeof portfolioFile>;
