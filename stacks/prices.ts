import { defineFunction, onTable, send } from "./functions.ts";
import { rejects, rejectsLink } from "./queues.ts";
import { stageSettings } from "./settings.ts";
import { market, marketLink } from "./storage.ts";
import { sweepRequests, sweepRequestsLink } from "./sweep.ts";

export const ingestPrices = defineFunction("IngestPrices", {
  handler: "functions/ingest-prices.handler",
  timeoutSeconds: 10,
  memoryMb: 512,
  link: [marketLink, rejectsLink, sweepRequestsLink, stageSettings],
  permissions: [onTable(market, "PutItem", "UpdateItem", "GetItem", "Query"), send(rejects, sweepRequests.queue)],
  trigger: "request",
});
