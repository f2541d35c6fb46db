import { PublishCommand } from "@aws-sdk/client-sns";
import type { ParameterNotice } from "@plimsoll/schema";
import { snsClient } from "./clients.ts";
import { getLink } from "./links.ts";

/** SNS takes subjects of up to 100 ASCII characters. */
const subjectLength = 100;

/** Tells the operators that parameters moved, or ask to. */
export async function announceParameters(notice: ParameterNotice): Promise<void> {
  const attribute = (StringValue: string) => ({ DataType: "String", StringValue });
  await snsClient().send(
    new PublishCommand({
      TopicArn: getLink("OperatorAlarmsTopic").arn,
      Subject: notice.title.slice(0, subjectLength),
      Message: JSON.stringify(notice),
      MessageAttributes: { kind: attribute(notice.kind), environment: attribute(notice.environment) },
    }),
  );
}
