import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { CommandError, exitCodes, messageOf } from "./errors.ts";
import { processTerminal, type Terminal } from "./output/terminal.ts";

const exitCodeHelp = `
Exit codes: ${exitCodes.ok} done, ${exitCodes.failed} refused or failed, ${exitCodes.usage} wrong usage.
Set NO_COLOR=1 for output without colours.`;

/**
 * What adds each command, in the order of the help. A command loads its own code alone: all of them together take three times
 * the memory and twice the start.
 */
const commands = new Map<string, () => Promise<(program: Command, terminal: Terminal) => void>>([
  ["start", async () => (await import("./commands/start.ts")).addStartCommand],
  ["margin", async () => (await import("./commands/margin.ts")).addMarginCommand],
  ["explain", async () => (await import("./commands/explain.ts")).addExplainCommand],
  ["gaps", async () => (await import("./commands/gaps.ts")).addGapsCommand],
  ["compare", async () => (await import("./commands/compare.ts")).addCompareCommand],
  ["stress", async () => (await import("./commands/stress.ts")).addStressCommand],
  ["parameters", async () => (await import("./commands/parameters.ts")).addParametersCommand],
  ["accounts", async () => (await import("./commands/accounts.ts")).addAccountsCommand],
  ["calls", async () => (await import("./commands/calls.ts")).addCallsCommand],
  ["scenarios", async () => (await import("./commands/scenarios.ts")).addScenariosCommand],
  ["import", async () => (await import("./commands/import.ts")).addImportCommand],
  ["backtest", async () => (await import("./commands/backtest.ts")).addBacktestCommand],
  ["bench", async () => (await import("./commands/bench.ts")).addBenchCommand],
  ["vectors", async () => (await import("./commands/vectors.ts")).addVectorsCommand],
  ["span", async () => (await import("./commands/span.ts")).addSpanCommand],
]);

/** The command as it is typed, without its name; answers the exit code. Nothing is thrown for a mistake of the user's. */
export async function runCommand(words: readonly string[], terminal: Terminal): Promise<number> {
  const program = new Command("plimsoll")
    .description("Dynamic margining for derivatives exchanges that run no servers.")
    .version(ownVersion())
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err })
    .showHelpAfterError("(add --help for what there is)")
    .exitOverride()
    .addHelpText("after", exitCodeHelp);
  const named = commands.get(words[0] ?? "");
  for (const load of named === undefined ? commands.values() : [named]) (await load())(program, terminal);
  try {
    await program.parseAsync(words, { from: "user" });
    return exitCodes.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    if (!(error instanceof CommandError)) throw error;
    terminal.err(`${terminal.paint.red("plimsoll:")} ${messageOf(error)}\n`);
    return error.exitCode;
  }
}

function ownVersion(): string {
  return JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).version;
}

const lingerMs = 200;

/** Runs the command of this process. */
export async function runProcess(): Promise<void> {
  process.stdout.on("error", stopWhenReaderLeaves);
  process.exitCode = await runCommand(process.argv.slice(2), processTerminal());
  // What an interruption left behind must not hold the process.
  setTimeout(() => process.exit(), lingerMs).unref();
}

/** `plimsoll … | head` closes the pipe early; that is no failure. */
function stopWhenReaderLeaves(error: NodeJS.ErrnoException) {
  if (error.code === "EPIPE") process.exit(exitCodes.ok);
  throw error;
}
