import {
  answerBatch,
  answerCures,
  answerExplanation,
  answerLadder,
  answerMethods,
  answerOrderCheck,
  answerPositions,
  answerScenarios,
  answerSimulation,
} from "@plimsoll/api";
import { PreparedEngines } from "@plimsoll/app";
import { apiHandler, getLink, openTable, PartMemory, warm } from "@plimsoll/runtime";

/** A search goes on while the function has this many milliseconds left, so that what is found can still be sent. */
const reserveMs = 5_000;

/** Answers the routes of the API that compute what nobody has stored. */
export const handler = apiHandler(
  [
    answerSimulation,
    answerBatch,
    answerOrderCheck,
    answerScenarios,
    answerLadder,
    answerCures,
    answerExplanation,
    answerPositions,
    answerMethods,
  ],
  ({ context, meter, nowMs }) => {
    const { shardCount, environment } = getLink("StageSettings");
    return {
      ledger: openTable("LedgerTable", meter),
      market: openTable("MarketTable", meter),
      margin: openTable("MarginTable", meter),
      shardCount,
      environment,
      markets: warm(PreparedEngines),
      memory: warm(PartMemory),
      nowMs,
      mayGoOn: () => context.getRemainingTimeInMillis() > reserveMs,
    };
  },
);
