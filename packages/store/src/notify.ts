import { keys } from "./keys.ts";
import { findItems, putItem, type Table } from "./table.ts";

/** Finds the topics of accounts. An account without subscribers has none. */
export async function findAccountTopics(
  notify: Table,
  accountIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const items = await findItems(notify, accountIds.map(keys.topic));
  return new Map(items.map(({ pk, topic_arn }) => [String(pk).slice(keys.account("").length), String(topic_arn)]));
}

/** Records the topic made at an account's first subscription. A recorded topic is not replaced. */
export async function saveAccountTopic(notify: Table, accountId: string, topicArn: string): Promise<void> {
  const item = { ...keys.topic(accountId), topic_arn: topicArn };
  await putItem(notify, item, { expression: "attribute_not_exists(pk)" });
}
