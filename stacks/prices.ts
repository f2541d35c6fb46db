import { defineFunction, onTable, send } from "./functions.ts";
import { rejects, rejectsLink } from "./queues.ts";
import { stageSettings } from "./settings.ts";
import { market, marketLink } from "./storage.ts";
import { sweepRequests, sweepRequestsLink } from "./sweep.ts";

export const ingestPrices = defineFunction("IngestPrices", {
  handler: "functions/ingest-prices.handler",
  // The function answers before the gateway's limit of 30 s, with what it has saved by then.
  timeoutSeconds: 25,
  memoryMb: 1_024,
  link: [marketLink, rejectsLink, sweepRequestsLink, stageSettings],
  permissions: [onTable(market, "PutItem", "GetItem", "Query"), send(rejects, sweepRequests.queue)],
  trigger: "request",
});
