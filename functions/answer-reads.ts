import {
  answerAccount,
  answerAccountCalls,
  answerAccounts,
  answerCall,
  answerCalls,
  answerHealth,
  answerHistory,
  answerLimits,
  answerMargin,
  answerMarket,
  answerParameterSet,
  answerParameters,
  answerSummary,
  answerSurface,
  answerTime,
} from "@plimsoll/api";
import { apiHandler, getLink, openTable, PartMemory, warm } from "@plimsoll/runtime";

/** Answers the routes of the API that read what is stored. */
export const handler = apiHandler(
  [
    answerMargin,
    answerAccount,
    answerHistory,
    answerAccounts,
    answerSummary,
    answerCalls,
    answerCall,
    answerAccountCalls,
    answerMarket,
    answerSurface,
    answerParameters,
    answerParameterSet,
    answerHealth,
    answerTime,
    answerLimits,
  ],
  ({ meter }) => {
    const { shardCount, environment } = getLink("StageSettings");
    return {
      ledger: openTable("LedgerTable", meter),
      market: openTable("MarketTable", meter),
      margin: openTable("MarginTable", meter),
      shardCount,
      environment,
      memory: warm(PartMemory),
    };
  },
);
