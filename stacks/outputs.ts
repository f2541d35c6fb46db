import { accountEvents, accountStateRequests } from "./accounts.ts";
import { apis } from "./api.ts";
import { operatorCalls } from "./calls.ts";
import { operatorAlarms } from "./operators.ts";
import { rejects } from "./queues.ts";
import { ledger, margin, market } from "./storage.ts";

/** What a deployment prints: all that those who use the stage must know of it. */
export const outputs = {
  region: aws.getRegionOutput().region,
  api: apis.Api?.url,
  ...(apis.OperatorApi && { operatorApi: apis.OperatorApi.url }),
  traderApi: apis.TraderApi?.url,
  accountEventsQueue: accountEvents.queue.url,
  rejectsQueue: rejects.url,
  operatorCallsTopic: operatorCalls.arn,
  accountStateRequestsTopic: accountStateRequests.arn,
  operatorAlarmsTopic: operatorAlarms.arn,
  ledgerTable: ledger.name,
  marketTable: market.name,
  marginTable: margin.name,
};
