import {
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { InputError } from "./input-error.ts";

/**
 * Says that a file or folder cannot be used as it was named. The message is one sentence with the path, the reason and
 * the remedy.
 */
export class FileError extends InputError {
  override readonly name = "FileError";
}

/**
 * A file while it is written. It takes the place of an earlier one when it is kept, and until then the earlier one
 * stays.
 */
export interface Draft {
  readonly write: (text: string | Uint8Array) => void;
  readonly keep: () => void;
  /** Removes what was written. It does nothing once the draft is kept or dropped. */
  readonly drop: () => void;
}

/**
 * Begins a file beside the place it is for, and makes the folders above it. `keep` renames it into its place, so that a
 * killed process or a full disk leaves the old file or the new one, never a part. Nothing is written through a symbolic
 * link to a file. A device or a pipe, such as /dev/null, is written to directly. Throws a `FileError`.
 */
export function openDraft(path: string): Draft {
  const existing = explained(path, () => writable(path));
  const isDevice = existing !== undefined && !existing.isFile();
  const partial = `${path}.${process.pid}.partial`;
  const descriptor = explained(path, () => {
    if (isDevice) return openSync(path, "w");
    makeFolders(dirname(path));
    // A killed process with the same id may have left a file here. A link in this place is removed and not followed.
    rmSync(partial, { force: true });
    return openSync(partial, "wx", existing === undefined ? 0o666 : existing.mode & 0o777);
  });
  let isOpen = true;
  const close = () => {
    isOpen = false;
    closeSync(descriptor);
  };
  const drop = () => {
    if (!isOpen) return;
    close();
    if (!isDevice) rmSync(partial, { force: true });
  };
  const orDrop = (action: () => void) => {
    try {
      explained(path, action);
    } catch (error) {
      drop();
      throw error;
    }
  };
  return {
    write: (text) => orDrop(() => writeFileSync(descriptor, text)),
    keep: () =>
      orDrop(() => {
        if (!isDevice) renameSync(partial, path);
        close();
      }),
    drop,
  };
}

/** Writes a file as a whole; see `openDraft`. */
export function writeWhole(path: string, text: string | Uint8Array): void {
  const draft = openDraft(path);
  draft.write(text);
  draft.keep();
}

/** Removes a file, or the link that stands in its place. It does nothing where there is none. Throws a `FileError`. */
export function removeFile(path: string): void {
  explained(path, () => rmSync(path, { force: true }));
}

/**
 * Makes a folder and those above it, unless they exist. Throws a `FileError`, also for a symbolic link in its place.
 */
export function makeFolder(path: string): void {
  explained(path, () => {
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) throw isLink(path, "folder");
    makeFolders(path);
  });
}

/**
 * Makes folders one after the other. The recursive form of Node 24 never ends where a file system takes no folders,
 * such as /proc.
 */
function makeFolders(path: string): void {
  if (statOf(path)?.isDirectory()) return;
  if (dirname(path) !== path) makeFolders(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Another process may have made the folder at this moment.
    if (!statOf(path)?.isDirectory()) throw error;
  }
}

/**
 * Returns the status of what stands where a file is to be written, or undefined if nothing does. Throws a `FileError`
 * for a folder or a link, which must not be replaced.
 */
function writable(path: string): Stats | undefined {
  const own = lstatSync(path, { throwIfNoEntry: false });
  const target = own?.isSymbolicLink() ? statSync(path, { throwIfNoEntry: false }) : own;
  if (own?.isSymbolicLink() && (target === undefined || target.isFile())) throw isLink(path, "file");
  if (target?.isDirectory()) throw new FileError(`${path} is a folder: name a file`);
  return target;
}

function isLink(path: string, kind: "file" | "folder"): FileError {
  return new FileError(
    `${path} is a symbolic link, and nothing is written through one: name the ${kind} itself, or remove the link`,
  );
}

const remedies: Readonly<Record<string, string>> = {
  ENOSPC: "no room is left on its disk: make room, or name a place on another disk",
  EDQUOT: "your share of its disk is used up: make room, or name a place on another disk",
  EFBIG: "it is larger than this process may write: raise the limit (ulimit -f)",
  EROFS: "its disk is read-only: name a place that can be written",
  ENOENT: "no folder can be made there: name another place",
  EACCES: "you may not write there: change the rights, or name another place",
  EPERM: "you may not write there: change the rights, or name another place",
  ENAMETOOLONG: "the name is too long: name a shorter one",
  ELOOP: "its links lead round in a circle: name another place",
  EBUSY: "another program holds it: end that one, or name another place",
};

/**
 * Runs a file operation and turns its error into a `FileError`. An error that does not come from the file system is
 * thrown as it is.
 */
function explained<Result>(path: string, action: () => Result): Result {
  try {
    return action();
  } catch (cause) {
    if (!(cause instanceof Error) || !("code" in cause) || !("syscall" in cause)) throw cause;
    const obstacle = cause.code === "ENOTDIR" || cause.code === "EEXIST" ? fileAbove(path) : undefined;
    const why =
      obstacle === undefined
        ? (remedies[String(cause.code)] ?? `${cause.message}: name another place`)
        : `${obstacle} is a file, and a folder must be there: move it away, or name another place`;
    throw new FileError(`${path} cannot be written: ${why}`, { cause });
  }
}

/** Returns the part of a path that exists and is no folder, or undefined if there is none. */
function fileAbove(path: string): string | undefined {
  for (let part = path; ; part = dirname(part)) {
    const found = statOf(part);
    if (found !== undefined) return found.isDirectory() ? undefined : part;
    if (part === dirname(part)) return undefined;
  }
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
