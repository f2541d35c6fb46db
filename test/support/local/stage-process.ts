import { type LocalStage, type StageGraph, startLocalStage } from "@plimsoll/local";
import { only } from "./emulators.ts";

// A local stage in a process of its own, which a test can kill. It is sent its graph, data directory and emulator, and
// then ticks.

/** A message that the test sends to the process. */
export type StageCommand =
  | { readonly start: StageGraph; readonly dataDir: string; readonly emulator: "dynoxide" | "dynamodb-local" }
  | { readonly tick: string };

let stage: LocalStage | undefined;

process.on("message", (command: StageCommand) => {
  run(command).then(
    (done) => process.send?.(done),
    (error: unknown) => process.send?.(`failed: ${error}`),
  );
});

async function run(command: StageCommand): Promise<string> {
  if ("tick" in command) {
    const results = await stage?.tick(command.tick);
    return `ticked ${results?.every(({ result }) => result.ok)}`;
  }
  const { start: graph, dataDir, emulator } = command;
  stage = await startLocalStage({ graph, dataDir, schedules: "manual", concurrency: 1, installed: only(emulator) });
  return "started";
}
