import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** A `--data` directory that cannot be used; the message says why and what to do. */
export class DataDirectoryError extends Error {
  override readonly name = "DataDirectoryError";
}

/** Where a local stage keeps its state between runs, held by one process at a time. */
export interface DataDirectory {
  readonly path: string;
  /** Directory of the DynamoDB emulator's files. */
  readonly database: string;
  /** Directory of the queues' and topics' database. */
  readonly messaging: string;
  /** File of the streams' positions. */
  readonly checkpoints: string;
  /** Lets another process have it. */
  release(): void;
}

/**
 * Opens a data directory for this process. The lock is the operating system's, on an SQLite file, so it ends with the
 * process however that ends. A directory written with one DynamoDB emulator is refused for another, which could not
 * read its files and would start empty.
 */
export function openDataDirectory(directory: string, emulator: string): DataDirectory {
  const path = resolve(directory);
  const database = join(path, "dynamodb");
  const messaging = join(path, "messaging");
  for (const folder of [database, messaging]) mkdirSync(folder, { recursive: true });
  const lock = lockOrThrow(path);
  const note = join(path, "emulator");
  const writtenBy = existsSync(note) ? readFileSync(note, "utf8") : emulator;
  if (writtenBy !== emulator) {
    lock.close();
    throw new DataDirectoryError(
      `--data ${path} was written with ${writtenBy}, but this machine now offers ${emulator}; install ${writtenBy} again or choose another directory`,
    );
  }
  writeFileSync(note, emulator);
  return { path, database, messaging, checkpoints: join(path, "streams.json"), release: () => lock.close() };
}

function lockOrThrow(path: string): DatabaseSync {
  const lock = new DatabaseSync(join(path, "lock.sqlite"));
  try {
    lock.exec("BEGIN EXCLUSIVE");
    return lock;
  } catch (cause) {
    lock.close();
    throw new DataDirectoryError(
      `--data ${path} is in use by another local stage; stop that one or choose another directory`,
      { cause },
    );
  }
}
