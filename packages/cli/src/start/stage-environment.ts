import { InputError } from "@plimsoll/files/input-error";
import type { LocalStage } from "@plimsoll/local";
import { stageVariables } from "../help/stage-variables.ts";

/** Environment variables by their names, in the order in which they are told. */
export type StageEnvironment = Readonly<Record<string, string>>;

/** Only the emulators know these keys. */
export const localCredentials = { accessKeyId: "local", secretAccessKey: "local" };

/** Returns the environment variables by which an exchange's own programs reach a local stage. */
export function stageEnvironment(local: LocalStage): StageEnvironment {
  const { endpoints, region, apiUrl } = local;
  return {
    [stageVariables.url]: apiUrl,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: localCredentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: localCredentials.secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
    AWS_ENDPOINT_URL_SQS: endpoints.sqs,
    AWS_ENDPOINT_URL_SNS: endpoints.sns,
    [stageVariables.marketTable]: local.resolve("Market").name,
    [stageVariables.marginTable]: local.resolve("Margin").name,
    [stageVariables.ledgerTable]: local.resolve("Ledger").name,
    [stageVariables.accountEventsQueue]: urlOf(local, "AccountEvents"),
    [stageVariables.callSinkQueue]: urlOf(local, "CallSink"),
    [stageVariables.rejectsQueue]: urlOf(local, "Rejects"),
    [stageVariables.operatorCallsTopic]: local.resolve("OperatorCalls").arn,
    [stageVariables.operatorAlarmsTopic]: local.resolve("OperatorAlarms").arn,
    [stageVariables.accountStateRequestsTopic]: local.resolve("AccountStateRequests").arn,
  };
}

/** Returns the address of a queue. Throws an `InputError` if it is none of the stage's. */
export function urlOf(local: LocalStage, logicalName: string): string {
  const { url } = local.resolve(logicalName);
  if (url === null) throw new InputError(`the stacks declare no queue ${logicalName}, which the demo needs`);
  return url;
}
