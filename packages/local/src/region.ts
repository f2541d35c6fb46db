import type { StageGraph } from "./graph/stage-graph.ts";

/** Returns the region in the graph's ARNs. */
export function regionOf(graph: StageGraph): string {
  const arn = [...graph.functions, ...graph.tables, ...graph.queues, ...graph.topics][0]?.arn;
  const region = arn?.split(":")[3];
  if (region === undefined || region === "") {
    throw new Error(`The stage graph of ${graph.app}/${graph.stage} names no region: its first ARN is ${arn}`);
  }
  return region;
}
