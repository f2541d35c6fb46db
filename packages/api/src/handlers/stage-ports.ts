import type { QuestionPorts } from "@plimsoll/app";
import type { PartMemory, Table } from "@plimsoll/store";
import type { ServePorts } from "../serve/serve.ts";

/** What reading routes are answered from. */
export interface ReadPorts extends ServePorts {
  readonly ledger: Table;
  readonly market: Table;
  readonly margin: Table;
  readonly shardCount: number;
  readonly environment: string;
  /** What the process knows of where the results of shards are. */
  readonly memory: PartMemory;
}

/** What routes that compute are answered from. */
export type AnswerPorts = ServePorts & QuestionPorts;
