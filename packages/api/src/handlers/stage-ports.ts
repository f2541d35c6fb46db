import type { QuestionPorts, RowPlaces } from "@plimsoll/app";
import type { Table } from "@plimsoll/store";
import type { ServePorts } from "../serve/serve.ts";

/** What reading routes are answered from. */
export interface ReadPorts extends ServePorts {
  readonly ledger: Table;
  readonly market: Table;
  readonly margin: Table;
  readonly shardCount: number;
  readonly environment: string;
  readonly places: RowPlaces;
}

/** What routes that compute are answered from. */
export type AnswerPorts = ServePorts & QuestionPorts;
