import type { EventSourceNode, FunctionNode, StageGraph } from "@plimsoll/local";
import { evaluateStacks } from "@plimsoll/local";
import { inject } from "vitest";

const evaluations = new Map<string, Promise<StageGraph>>();

/**
 * Returns the evaluated stacks of a stage, without bundles. The stages in `stages` were evaluated for all test files
 * beforehand (see evaluate-stages.ts). Any other stage is evaluated once for each file.
 */
export function graphOf(stage: string): Promise<StageGraph> {
  const evaluated = inject("graphs")[stage];
  const evaluation =
    evaluated === undefined
      ? (evaluations.get(stage) ?? evaluateStacks({ stage, bundles: "skip" }))
      : Promise.resolve(evaluated);
  evaluations.set(stage, evaluation);
  return evaluation;
}

/** Returns the only node of this logical name. Throws if there is none or more than one. */
export function named<Node extends { readonly logicalName: string }>(
  nodes: readonly Node[],
  logicalName: string,
): Node {
  const found = nodes.filter((node) => node.logicalName === logicalName);
  const [node] = found;
  if (!node || found.length > 1) {
    throw new Error(`${found.length} nodes are named ${logicalName}; there are ${nodes.map((n) => n.logicalName)}`);
  }
  return node;
}

/** Returns the only event source that a function consumes. Throws if there is none or more than one. */
export function sourceOf(graph: StageGraph, functionName: string): EventSourceNode {
  const [source, ...more] = graph.eventSources.filter((candidate) => candidate.functionName === functionName);
  if (!source || more.length > 0) throw new Error(`${functionName} consumes ${source ? more.length + 1 : 0} sources`);
  return source;
}

/**
 * Returns what a function may do, as sorted lines of effect, resource and action. Resources have their names in the
 * stacks.
 */
export function grants(graph: StageGraph, { policies }: FunctionNode): string[] {
  const names = new Map<string, string>([
    ...[...graph.tables, ...graph.queues, ...graph.topics, ...graph.keys].map(
      ({ arn, logicalName }): [string, string] => [arn, logicalName],
    ),
    ...graph.tables.map(({ streamArn, logicalName }): [string, string] => [String(streamArn), `${logicalName} stream`]),
  ]);
  return policies
    .flatMap(({ effect, actions, resources }) =>
      resources.flatMap((arn) => actions.map((action) => `${effect} ${names.get(arn) ?? arn} ${action}`)),
    )
    .sort();
}
