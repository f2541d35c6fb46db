import { accountEvents, accountEventsLink } from "./accounts.ts";
import { defineFunction, onTable, send } from "./functions.ts";
import { stageSettings } from "./settings.ts";
import { ledger, ledgerLink, margin, marginLink, market, marketLink, requests, requestsLink } from "./storage.ts";

/** What an answer is made of: accounts, prices with parameters, and results. Nothing here writes to them. */
const reading = {
  link: [ledgerLink, marketLink, marginLink, stageSettings],
  permissions: [ledger, market, margin].map((table) => onTable(table, "GetItem", "BatchGetItem", "Query")),
};

/** Answers from what is stored. */
export const answerReads = defineFunction("AnswerReads", {
  ...reading,
  handler: "functions/answer-reads.handler",
  timeoutSeconds: 15,
  memoryMb: 1_024,
  trigger: "request",
});

/** Answers what takes a computation. */
export const answerQuestions = defineFunction("AnswerQuestions", {
  ...reading,
  handler: "functions/answer-questions.handler",
  // It answers before the gateway's limit of 30 s. One full vCPU, as the work is arithmetic on one thread.
  timeoutSeconds: 25,
  memoryMb: 1_769,
  trigger: "request",
});

/** Hands accounts and their events to the queue that the exchange itself may send to. */
export const takeAccounts = defineFunction("TakeAccounts", {
  handler: "functions/take-accounts.handler",
  timeoutSeconds: 15,
  memoryMb: 512,
  link: [accountEventsLink, requestsLink, stageSettings],
  permissions: [onTable(requests, "GetItem", "PutItem", "UpdateItem", "DeleteItem"), send(accountEvents.queue)],
  trigger: "request",
});

/** Answers with the document of the API. It may do nothing, as everybody may ask it. */
export const describeApi = defineFunction("DescribeApi", {
  handler: "functions/describe-api.handler",
  timeoutSeconds: 5,
  memoryMb: 512,
  link: [stageSettings],
  permissions: [],
  trigger: "request",
});
