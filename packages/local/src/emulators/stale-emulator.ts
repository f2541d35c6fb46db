import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { removeFile, writeWhole } from "@plimsoll/files";
import { signalGroup } from "./process-guard.ts";

const noteIn = (directory: string) => join(directory, "emulator.pid");

/** Notes which process uses the files of `directory`. */
export function noteEmulator(directory: string, pid: number): void {
  writeWhole(noteIn(directory), String(pid));
}

/** Deletes the note after that process has ended. */
export function forgetEmulator(directory: string): void {
  removeFile(noteIn(directory));
}

/**
 * Kills the emulator left by an earlier run that was killed together with its guard. The process must have `directory`
 * in its command line, since its number may now belong to another program.
 */
export async function killStaleEmulator(directory: string): Promise<void> {
  const note = noteIn(directory);
  if (!existsSync(note)) return;
  const pid = Number(readFileSync(note, "utf8"));
  if (Number.isInteger(pid) && pid > 1) {
    while ((await commandOf(pid)).includes(directory)) {
      signalGroup(pid, "SIGKILL");
      await sleep(10);
    }
  }
  forgetEmulator(directory);
}

async function commandOf(pid: number): Promise<string> {
  try {
    return (await promisify(execFile)("ps", ["-o", "args=", "-ww", "-p", String(pid)])).stdout;
  } catch {
    // Without such a process, or without `ps`, nothing can be identified safely.
    return "";
  }
}
