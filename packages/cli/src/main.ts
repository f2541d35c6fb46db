import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { InputError } from "@plimsoll/files/input-error";
import { Command, CommanderError, type Option } from "commander";
import { CommandError, exitCodes } from "./errors.ts";
import { ownLines, rendered, type ShownText, visible } from "./output/shown.ts";
import { guarded, processTerminal, type Terminal } from "./output/terminal.ts";

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
export async function runCommand(words: readonly string[], given: Terminal): Promise<number> {
  const terminal = guarded(given);
  const relay = (write: (text: ShownText) => void) => (text: string) =>
    write(ownLines(withVisible(words, text), false));
  const program = new Command("plimsoll")
    .description("Dynamic margining for derivatives exchanges that run no servers.")
    .version(ownVersion())
    .configureOutput({ writeOut: relay(terminal.out), writeErr: relay(terminal.err) })
    .showHelpAfterError("(add --help for what there is)")
    .exitOverride()
    .addHelpText("after", exitCodeHelp);
  const named = commands.get(words[0] ?? "");
  for (const load of named === undefined ? commands.values() : [named]) (await load())(program, terminal);
  checkRequiredLast(program);
  program.hook("preAction", (_, command) => refuseEmptyNames(command));
  try {
    await program.parseAsync(words, { from: "user" });
    return exitCodes.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    const refusal = error instanceof InputError ? refusalOf(error) : error;
    if (!(refusal instanceof CommandError)) throw error;
    terminal.err(rendered(refusal.lines, (lines) => `${terminal.paint.red("plimsoll:")} ${lines.join("\n")}\n`));
    return refusal.exitCode;
  }
}

/** What a package below refuses, as the command shows it. */
function refusalOf(cause: InputError): CommandError {
  const exitCode = cause.mistakeIn === "request" ? exitCodes.usage : exitCodes.failed;
  return new CommandError(cause.lines, { exitCode, cause });
}

/**
 * Has required options checked after all else: the parser asks for them before it looks for options that it does not know, and who
 * has mistyped one would be told that it is missing.
 */
function checkRequiredLast(program: Command): void {
  const required = new Set<Option>();
  const collect = (command: Command) => {
    for (const option of command.options.filter(({ mandatory }) => mandatory)) {
      required.add(option.makeOptionMandatory(false));
    }
    for (const inner of command.commands) collect(inner);
  };
  collect(program);
  program.hook("preAction", (_, command) => {
    for (const option of command.options) {
      if (!required.has(option) || command.getOptionValue(option.attributeName()) !== undefined) continue;
      command.error(`error: required option '${option.flags}' not specified`);
    }
  });
}

const unsetVariable = "as a shell makes of a variable that is not set: name one";

/** Refuses an option or argument that is an empty text: as the name of a folder it would be the working folder. */
function refuseEmptyNames(command: Command): void {
  const isEmpty = (value: unknown) => [value].flat().includes("");
  const option = command.options.find((one) => isEmpty(command.getOptionValue(one.attributeName())));
  if (option !== undefined) {
    command.error(`error: option '${option.flags}' is given an empty name, ${unsetVariable}`);
  }
  const argument = command.registeredArguments.find((_, index) => isEmpty(command.processedArgs[index]));
  if (argument !== undefined) command.error(`error: argument '${argument.name()}' is an empty name, ${unsetVariable}`);
}

/** What the option parser says, with the words that it repeats made visible: their ends of line are not its own. */
function withVisible(words: readonly string[], text: string): string {
  const parts = words.flatMap((word) => [word, ...word.split("=")]).filter((part) => visible(part) !== part);
  return parts.reduce((said, part) => said.replaceAll(part, visible(part)), text);
}

function ownVersion(): string {
  return JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).version;
}

const lingerMs = 200;

/** Runs the command of this process. A mistake of ours ends it with its trace. */
export async function runProcess(): Promise<void> {
  process.stdout.on("error", stopWhenReaderLeaves);
  const terminal = processTerminal();
  try {
    process.exitCode = await runCommand(process.argv.slice(2), terminal);
  } catch (error) {
    terminal.err(ownLines(`${inspect(error)}\n`, false));
    process.exitCode = exitCodes.failed;
  }
  // What an interruption left behind must not hold the process.
  setTimeout(() => process.exit(), lingerMs).unref();
}

/** `plimsoll … | head` closes the pipe early; that is no failure. */
function stopWhenReaderLeaves(error: NodeJS.ErrnoException) {
  if (error.code === "EPIPE") process.exit(exitCodes.ok);
  throw error;
}
