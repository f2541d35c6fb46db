import { keys } from "./keys.ts";
import { findItem, putItem, type Table } from "./table.ts";

/** Topic of an account; undefined while nobody has subscribed to it. */
export async function findAccountTopic(notify: Table, accountId: string): Promise<string | undefined> {
  const item = await findItem(notify, keys.topic(accountId));
  return item?.topic_arn;
}

/** Records the topic made at an account's first subscription; the first one stays. */
export async function saveAccountTopic(notify: Table, accountId: string, topicArn: string): Promise<void> {
  const item = { ...keys.topic(accountId), topic_arn: topicArn };
  await putItem(notify, item, { expression: "attribute_not_exists(pk)" });
}
