import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";

/** How far one shard of a stream has been handled. */
export interface ShardPosition {
  /** The newest sequence number whose record and all before it are settled; null before the first. */
  readonly after: string | null;
  /** Whether the shard is closed and handled to its end. */
  readonly finished: boolean;
}

/** How far a function has come in a table's stream. */
export interface StreamPosition {
  /** A table made anew has a new stream, to which an old position means nothing. */
  readonly streamArn: string;
  readonly shards: Readonly<Record<string, ShardPosition>>;
}

/** The positions of all streams of a stage, kept in a file or, without one, for the life of the process. */
export class Checkpoints {
  readonly #file: string | undefined;
  readonly #positions: Record<string, StreamPosition>;

  constructor(file: string | undefined) {
    this.#file = file;
    this.#positions = file !== undefined && existsSync(file) ? readPositions(file) : {};
  }

  /** The position under a name, unless it belongs to another stream. */
  find(name: string, streamArn: string): StreamPosition | undefined {
    const position = this.#positions[name];
    return position?.streamArn === streamArn ? position : undefined;
  }

  /** Replaces the position under a name. A killed process leaves the old file or the new one, never a part. */
  save(name: string, position: StreamPosition): void {
    this.#positions[name] = position;
    if (this.#file === undefined) return;
    const draft = `${this.#file}.new`;
    writeFileSync(draft, JSON.stringify(this.#positions));
    renameSync(draft, this.#file);
  }
}

function readPositions(file: string): Record<string, StreamPosition> {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new Error(
      `${file}, the streams' positions, is not JSON; delete it, and all that the streams hold is delivered again`,
      { cause },
    );
  }
}
