import { consume, defineFunction, onTable, send } from "./functions.ts";
import { queueLink, rejects, rejectsLink, workQueue } from "./queues.ts";
import { stageSettings } from "./settings.ts";
import { ledger, ledgerLink, market, marketLink } from "./storage.ts";
import { shardWork, shardWorkLink } from "./sweep.ts";

const INGEST_ACCOUNTS_TIMEOUT_SECONDS = 30;

/** The exchange writes fills, deposits, withdrawals and transfers here. */
export const accountEvents = workQueue("AccountEvents", INGEST_ACCOUNTS_TIMEOUT_SECONDS);
export const accountEventsLink = queueLink("AccountEventsQueue", accountEvents.queue);

export const ingestAccounts = defineFunction("IngestAccounts", {
  handler: "functions/ingest-accounts.handler",
  timeoutSeconds: INGEST_ACCOUNTS_TIMEOUT_SECONDS,
  memoryMb: 512,
  link: [ledgerLink, marketLink, shardWorkLink, rejectsLink, stageSettings],
  permissions: [
    // A transaction needs the actions of its parts; DynamoDB has no action of its own for it.
    onTable(ledger, "GetItem", "PutItem", "UpdateItem", "ConditionCheckItem", "Query"),
    onTable(market, "GetItem", "Query"),
    send(shardWork.queue, rejects),
    consume(accountEvents.queue),
  ],
  trigger: "queue",
});

accountEvents.queue.subscribe(ingestAccounts.arn, { batch: { size: 10, partialResponses: true } });
