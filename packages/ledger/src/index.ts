export type {
  FillEvent,
  LedgerAccount,
  LedgerBalance,
  LedgerEvent,
  LedgerPosition,
  StateEvent,
  TransferEvent,
} from "./account.ts";
export { applyEvent, type LedgerLimits, type LedgerOutcome } from "./apply.ts";
