import { PublishCommand } from "@aws-sdk/client-sns";
import type { AccountStateRequest, ParameterNotice } from "@plimsoll/schema";
import { snsClient } from "./clients.ts";
import { getLink } from "./links.ts";

/** SNS accepts subjects of up to 100 ASCII characters. */
const subjectLength = 100;

const attribute = (StringValue: string) => ({ DataType: "String", StringValue });

/** Tells the operators that parameters were activated or wait for approval. */
export async function announceParameters(notice: ParameterNotice): Promise<void> {
  await snsClient().send(
    new PublishCommand({
      TopicArn: getLink("OperatorAlarmsTopic").arn,
      Subject: notice.title.slice(0, subjectLength),
      Message: JSON.stringify(notice),
      MessageAttributes: { kind: attribute(notice.kind), environment: attribute(notice.environment) },
    }),
  );
}

/** Asks the exchange for the state of an account. */
export async function publishStateRequest(request: AccountStateRequest): Promise<void> {
  await snsClient().send(
    new PublishCommand({
      TopicArn: getLink("AccountStateRequestsTopic").arn,
      Message: JSON.stringify(request),
      MessageAttributes: { kind: attribute(request.kind), environment: attribute(request.environment) },
    }),
  );
}
