import { existsSync, readFileSync } from "node:fs";
import { writeWhole } from "@plimsoll/files";
import { DataDirectoryError } from "../data-directory.ts";

/** The progress in one shard of a stream. */
export interface ShardPosition {
  /** The newest sequence number up to which all records are settled. It is null before the first. */
  readonly after: string | null;
  /** True if the shard is closed and all its records are handled. */
  readonly finished: boolean;
}

/** The progress of a function in a table's stream. */
export interface StreamPosition {
  /** The stream of the position. A recreated table has a new stream, for which an old position means nothing. */
  readonly streamArn: string;
  readonly shards: Readonly<Record<string, ShardPosition>>;
}

/** The positions in all streams of a stage. They are kept in a file, or in memory without one. */
export class Checkpoints {
  readonly #file: string | undefined;
  readonly #positions: Record<string, StreamPosition>;

  constructor(file: string | undefined) {
    this.#file = file;
    this.#positions = file !== undefined && existsSync(file) ? readPositions(file) : {};
  }

  /** Finds the position under a name, unless it belongs to another stream. */
  find(name: string, streamArn: string): StreamPosition | undefined {
    const position = this.#positions[name];
    return position?.streamArn === streamArn ? position : undefined;
  }

  /** Replaces the position under a name. If the process is killed, the file is the old or the new one, never a part. */
  save(name: string, position: StreamPosition): void {
    this.#positions[name] = position;
    if (this.#file === undefined) return;
    writeWhole(this.#file, JSON.stringify(this.#positions));
  }
}

function readPositions(file: string): Record<string, StreamPosition> {
  const value = parseJson(readFileSync(file, "utf8"));
  if (isObject(value) && Object.values(value).every(isPosition)) return value as Record<string, StreamPosition>;
  throw new DataDirectoryError(
    `${file}, the streams' positions, is empty or damaged; delete it, and all that the streams hold is delivered again`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isPosition(value: unknown): boolean {
  if (!isObject(value) || typeof value.streamArn !== "string" || !isObject(value.shards)) return false;
  return Object.values(value.shards).every((shard) => {
    const { after, finished } = isObject(shard) ? shard : {};
    return (after === null || typeof after === "string") && typeof finished === "boolean";
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
