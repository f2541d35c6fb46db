import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, realpathSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { makeFolder, writeWhole } from "@plimsoll/files";

/** Thrown if a `--data` directory cannot be used. The message says why and what to do. */
export class DataDirectoryError extends Error {
  override readonly name = "DataDirectoryError";
}

/** The directory in which a local stage keeps its state between runs. Only one process at a time may hold it. */
export interface DataDirectory {
  readonly path: string;
  /** Directory of the DynamoDB emulator's files. */
  readonly database: string;
  /** Directory of the queues' and topics' database. */
  readonly messaging: string;
  /** File with the positions in the streams. */
  readonly checkpoints: string;
  /** File with the private keys that sign tokens. */
  readonly keys: string;
  /** Releases the directory, so that another process may open it. */
  release(): void;
}

/** The emulators that may have written a data directory, by the names in its note. */
const emulators = ["dynoxide", "dynamodb-local", "endpoint"];

/**
 * Opens a data directory for this process. The lock is one of the operating system on an SQLite file, so it ends with
 * the process in every case. A directory written with another DynamoDB emulator is refused, since this one could not
 * read its files and would start empty. A directory with an empty or truncated file is refused too, since it would be
 * taken for a new one. Throws a `DataDirectoryError`, or a `FileError` if it cannot be written.
 */
export function openDataDirectory(directory: string, emulator: string): DataDirectory {
  // The directory itself may be a link to another disk, but its contents may not be links.
  const path = existsSync(directory) ? realpathSync(directory) : resolve(directory);
  const database = join(path, "dynamodb");
  const messaging = join(path, "messaging");
  for (const folder of [path, database, messaging]) makeFolder(folder);
  for (const file of filesIn(path, [database, messaging])) refuseFolder(file);
  const lock = lockOrThrow(path);
  try {
    checkNote(path, database, emulator);
    for (const folder of [database, messaging]) {
      for (const name of readdirSync(folder).filter((one) => /\.(sqlite|db)$/.test(one)))
        checkDatabase(join(folder, name));
    }
  } catch (error) {
    lock.close();
    throw error;
  }
  return {
    path,
    database,
    messaging,
    checkpoints: join(path, "streams.json"),
    keys: join(path, "keys.json"),
    release: () => lock.close(),
  };
}

/**
 * Lists the paths in a data directory that must be files if they exist: our own, and the databases in the emulators'
 * folders.
 */
function filesIn(path: string, folders: readonly string[]): string[] {
  const own = ["lock.sqlite", "emulator", "streams.json", "keys.json"].map((name) => join(path, name));
  const theirs = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => /\.(sqlite|db)(-wal|-shm|-journal)?$|\.pid$/.test(name))
      .map((name) => join(folder, name)),
  );
  return [...own, ...theirs];
}

function refuseFolder(path: string): void {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  throw new DataDirectoryError(
    `${path} is a folder, and a file must be there: move it away, or choose another directory`,
  );
}

/** Refuses a directory that another emulator wrote, and notes the emulator that writes now. */
function checkNote(path: string, database: string, emulator: string): void {
  const note = join(path, "emulator");
  const writtenBy = existsSync(note) ? readFileSync(note, "utf8").trim() : emulator;
  if (writtenBy === emulator && existsSync(note)) return;
  if (writtenBy !== emulator && emulators.includes(writtenBy)) {
    throw new DataDirectoryError(
      `--data ${path} was written with ${writtenBy}, but this machine now offers ${emulator}; install ${writtenBy} again or choose another directory`,
    );
  }
  if (writtenBy !== emulator && readdirSync(database).length > 0) {
    throw new DataDirectoryError(
      `${note} is empty or damaged and does not say which emulator wrote --data ${path}; write ${emulators.slice(0, 2).join(" or ")} into it, whichever it was, or choose another directory`,
    );
  }
  writeWhole(note, emulator);
}

const header = { bytes: 100, magic: "SQLite format 3\0", pageSize: 16, changes: 24, pages: 28, changesOfPages: 92 };

/**
 * Refuses an SQLite file that is empty or shorter than its header says. The format is described at
 * https://www.sqlite.org/fileformat2.html#the_database_header.
 */
function checkDatabase(path: string): void {
  const { size } = statSync(path);
  // What the file lacks may be in the log beside it, from which SQLite completes it.
  const hasLog = (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
  if (size === 0 && hasLog) return;
  const first = Buffer.alloc(header.bytes);
  const file = openSync(path, "r");
  try {
    readSync(file, first, 0, header.bytes, 0);
  } finally {
    closeSync(file);
  }
  const isDatabase = size >= header.bytes && first.toString("latin1", 0, header.magic.length) === header.magic;
  // A page size of 1 stands for 65,536. The count of pages is valid if it is from the newest change.
  const pageBytes = first.readUInt16BE(header.pageSize) === 1 ? 65_536 : first.readUInt16BE(header.pageSize);
  const isCounted = first.readUInt32BE(header.changes) === first.readUInt32BE(header.changesOfPages);
  const isShort = !hasLog && isCounted && size < pageBytes * first.readUInt32BE(header.pages);
  if (isDatabase && !isShort) return;
  throw new DataDirectoryError(
    `${path} is ${size === 0 ? "empty" : "cut off or damaged"} (${size} bytes); put a copy of the directory back, or delete the directory to begin anew`,
  );
}

/** Error codes of SQLite, https://www.sqlite.org/rescode.html. */
const sqlite = { busy: 5, readOnly: 8, full: 13, cannotOpen: 14, noDatabase: 26 };

function lockOrThrow(path: string): DatabaseSync {
  const file = join(path, "lock.sqlite");
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(file);
    lock.exec("BEGIN EXCLUSIVE");
    return lock;
  } catch (cause) {
    lock?.close();
    throw new DataDirectoryError(lockWords(path, file, cause), { cause });
  }
}

function lockWords(path: string, file: string, cause: unknown): string {
  const { errcode, message } = {
    errcode: 0,
    message: "",
    ...(cause instanceof Error && { ...cause, message: cause.message }),
  };
  switch (errcode) {
    case sqlite.busy:
      return `--data ${path} is in use by another local stage; stop that one or choose another directory`;
    case sqlite.readOnly:
    case sqlite.cannotOpen:
      return `--data ${path} cannot be written; change its rights, or choose another directory`;
    case sqlite.full:
      return `--data ${path} is on a disk without room; make room, or choose a directory on another disk`;
    case sqlite.noDatabase:
      return `${file} is damaged; delete it, for it holds nothing`;
    default:
      return `--data ${path} cannot be locked (${message}); choose another directory`;
  }
}
