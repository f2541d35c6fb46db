export type {
  FillEvent,
  FundingEvent,
  LedgerAccount,
  LedgerBalance,
  LedgerEvent,
  LedgerOrder,
  LedgerPool,
  LedgerPosition,
  LedgerRefusal,
  OrdersEvent,
  PoolClosedEvent,
  PoolContents,
  PoolHoldings,
  PoolOpenedEvent,
  PoolTransferEvent,
  SettlementEvent,
  StateEvent,
  TransferEvent,
} from "./account.ts";
export { applyEvent, type LedgerOutcome } from "./apply.ts";
export { type InterestRates, interestTransfer } from "./interest.ts";
export { findRunaway, type LedgerLimits } from "./limits.ts";
export { accountPools } from "./pools.ts";
