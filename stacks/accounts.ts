import { consume, defineFunction, onTable, send } from "./functions.ts";
import { queueLink, rejects, rejectsLink, workQueue } from "./queues.ts";
import { stageSettings } from "./settings.ts";
import { planStage } from "./stage.ts";
import { ledger, ledgerLink, market, marketLink } from "./storage.ts";
import { shardWork, shardWorkLink } from "./sweep.ts";

const plan = planStage($app.stage);

const INGEST_ACCOUNTS_TIMEOUT_SECONDS = 30;
const REQUEST_STATES_TIMEOUT_SECONDS = 60;

/**
 * The exchange writes fills, deposits, withdrawals and transfers to this queue, each in the group of its account, as
 * order matters only within an account. A missing event never blocks the queue: the events after it wait in the Ledger
 * table.
 */
export const accountEvents = workQueue("AccountEvents", INGEST_ACCOUNTS_TIMEOUT_SECONDS, "group");
export const accountEventsLink = queueLink("AccountEventsQueue", accountEvents.queue);

/** Accounts with a gap, to be checked some seconds later. */
export const accountGaps = workQueue("AccountGaps", REQUEST_STATES_TIMEOUT_SECONDS);
const accountGapsLink = queueLink("AccountGapsQueue", accountGaps.queue);

/** The exchange subscribes to this topic and answers each request with the account's `account_state`. */
export const accountStateRequests = new sst.aws.SnsTopic("AccountStateRequests");
const accountStateRequestsLink = new sst.Linkable("AccountStateRequestsTopic", {
  properties: { arn: accountStateRequests.arn },
});

export const ingestAccounts = defineFunction("IngestAccounts", {
  handler: "functions/ingest-accounts.handler",
  timeoutSeconds: INGEST_ACCOUNTS_TIMEOUT_SECONDS,
  memoryMb: 512,
  link: [ledgerLink, marketLink, shardWorkLink, accountGapsLink, rejectsLink, stageSettings],
  permissions: [
    // A transaction needs the permissions of its parts, and parked events are deleted in batches.
    onTable(ledger, "GetItem", "PutItem", "UpdateItem", "BatchWriteItem", "Query"),
    onTable(market, "GetItem", "Query"),
    send(shardWork.queue, accountGaps.queue, rejects),
    consume(accountEvents.queue),
  ],
  trigger: "queue",
});

accountEvents.queue.subscribe(ingestAccounts.arn, { batch: { size: 10, partialResponses: true } });

const requestStates = {
  timeoutSeconds: REQUEST_STATES_TIMEOUT_SECONDS,
  memoryMb: 512,
  link: [ledgerLink, accountStateRequestsLink, stageSettings],
};
const requestStatesPermissions = [
  // This function writes requests and gaps only. Accounts themselves are written by IngestAccounts alone.
  onTable(ledger, "GetItem", "PutItem", "UpdateItem", "BatchWriteItem", "Query"),
  { actions: ["sns:Publish"], resources: [accountStateRequests.arn] },
];

export const requestAccountStatesOnGap = defineFunction("RequestAccountStatesOnGap", {
  ...requestStates,
  handler: "functions/request-account-states.onGap",
  permissions: [...requestStatesPermissions, consume(accountGaps.queue)],
  trigger: "queue",
});

accountGaps.queue.subscribe(requestAccountStatesOnGap.arn, { batch: { size: 10, partialResponses: true } });

export const requestAccountStatesOnSchedule = defineFunction("RequestAccountStatesOnSchedule", {
  ...requestStates,
  handler: "functions/request-account-states.onSchedule",
  permissions: requestStatesPermissions,
  trigger: "schedule",
});

new sst.aws.CronV2("AccountGapSchedule", {
  function: requestAccountStatesOnSchedule.arn,
  schedule: "rate(1 minute)",
  enabled: plan.schedulesEnabled,
  event: { scheduled_time: "<aws.scheduler.scheduled-time>" },
  retries: 3,
});
