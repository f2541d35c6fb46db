import type { Clients } from "./clients.ts";
import type { MessagingEmulator } from "./emulators/messaging.ts";
import { textReplacer } from "./environment.ts";
import type { StageGraph } from "./graph/stage-graph.ts";
import { ensureQueues, ensureTopics } from "./resources/messaging.ts";
import type { EmulatedResource } from "./resources/resource.ts";
import { ensureTable } from "./resources/table.ts";

/** All resources of a stage, by their names in `stacks/` and by the graph's ARNs. */
export interface Resources {
  /** Returns a resource; throws if the stacks declare no such table, queue or topic. */
  resolve(logicalName: string): EmulatedResource;
  /** Returns the queue or topic with this ARN in the graph, or the table whose stream has it. */
  byGraphArn(arn: string): EmulatedResource;
  /** Replaces the graph's ARNs and URLs in a text by those of the emulators. */
  toEmulator(text: string): string;
  readonly all: readonly EmulatedResource[];
}

/** Creates the resources of the graph, or finds those of an earlier run. */
export async function createResources(
  graph: StageGraph,
  clients: Clients,
  messaging: MessagingEmulator,
): Promise<Resources> {
  const [tables, queues] = await Promise.all([
    Promise.all(graph.tables.map((table) => ensureTable(table, clients.dynamodb))),
    ensureQueues(graph.queues, clients.sqs, messaging),
  ]);
  const topics = await ensureTopics(graph, queues, clients.sns);
  const all = [...tables, ...queues, ...topics];
  const byLogicalName = new Map(all.map((resource) => [resource.logicalName, resource]));
  const { byArn, replacements } = indexByGraph(graph, byLogicalName);
  return {
    all,
    resolve(logicalName) {
      const resource = byLogicalName.get(logicalName);
      if (resource === undefined) {
        throw new Error(
          `The stacks declare no table, queue or topic ${logicalName}; there are ${[...byLogicalName.keys()].join(", ")}`,
        );
      }
      return resource;
    },
    byGraphArn(arn) {
      const resource = byArn.get(arn);
      if (resource === undefined) throw new Error(`The stage graph refers to ${arn}, which it does not declare`);
      return resource;
    },
    toEmulator: textReplacer(replacements),
  };
}

function indexByGraph(graph: StageGraph, byLogicalName: ReadonlyMap<string, EmulatedResource>) {
  const byArn = new Map<string, EmulatedResource>();
  const replacements = new Map<string, string>();
  const index = (node: { readonly logicalName: string; readonly arn: string }) => {
    const resource = byLogicalName.get(node.logicalName);
    if (resource !== undefined) {
      byArn.set(node.arn, resource);
      replacements.set(node.arn, resource.arn);
    }
    return resource;
  };
  for (const topic of graph.topics) index(topic);
  for (const queue of graph.queues) {
    const url = index(queue)?.url ?? null;
    if (url !== null) replacements.set(queue.url, url);
  }
  for (const table of graph.tables) {
    const resource = index(table);
    if (resource === undefined || resource.streamArn === null || table.streamArn === null) continue;
    byArn.set(table.streamArn, resource);
    replacements.set(table.streamArn, resource.streamArn);
  }
  return { byArn, replacements };
}
