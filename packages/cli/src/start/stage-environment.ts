import { chmodSync, existsSync, readFileSync } from "node:fs";
import { removeFile, writeWhole } from "@plimsoll/files";
import { InputError } from "@plimsoll/files/input-error";
import type { LocalStage } from "@plimsoll/local";
import { stageVariables } from "../help/stage-variables.ts";

/** Environment variables by their names, in the order in which they are told. */
export type StageEnvironment = Readonly<Record<string, string>>;

/** Only the emulators know these keys. */
export const localCredentials = { accessKeyId: "local", secretAccessKey: "local" };

/** Returns the environment variables by which an exchange's own programs reach a local stage. */
export function stageEnvironment(local: LocalStage): StageEnvironment {
  const { endpoints, region, apiUrl, tokens } = local;
  return {
    [stageVariables.url]: apiUrl,
    // The process that a shell ends to end the stage, which npx starts behind processes of its own.
    [stageVariables.pid]: String(process.pid),
    [stageVariables.token]: tokens.backend,
    [stageVariables.viewerToken]: tokens.viewer,
    [stageVariables.riskToken]: tokens.risk,
    [stageVariables.adminToken]: tokens.admin,
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

/** The file that a shell reads to reach the stage that was started last. */
const environmentFile = ".plimsoll/stage.env";

/** Returns the lines that a shell takes as they are. */
export function exportLines(environment: StageEnvironment): string[] {
  return Object.entries(environment).map(([name, value]) => `export ${name}=${value}`);
}

/** Writes the variables to a file that only its owner may read, as some are tokens, and returns its path. */
export function writeEnvironment(environment: StageEnvironment): string {
  writeWhole(environmentFile, `${exportLines(environment).join("\n")}\n`);
  chmodSync(environmentFile, 0o600);
  return environmentFile;
}

/** Removes the file once its stage has ended, unless another stage has written it since. */
export function forgetEnvironment(): void {
  if (!existsSync(environmentFile)) return;
  const isOwn = readFileSync(environmentFile, "utf8").includes(`${stageVariables.pid}=${process.pid}\n`);
  if (isOwn) removeFile(environmentFile);
}

/** Returns the address of a queue. Throws an `InputError` if it is none of the stage's. */
export function urlOf(local: LocalStage, logicalName: string): string {
  const { url } = local.resolve(logicalName);
  if (url === null) throw new InputError(`the stacks declare no queue ${logicalName}, which the demo needs`);
  return url;
}
