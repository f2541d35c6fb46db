import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { InputError } from "@plimsoll/files/input-error";
import { Command, CommanderError, type Option } from "commander";
import { addAccountCommand } from "./help/account.ts";
import { addAccountsCommand } from "./help/accounts.ts";
import { addBacktestCommand } from "./help/backtest.ts";
import { addBenchCommand } from "./help/bench.ts";
import { addCallsCommand } from "./help/calls.ts";
import { addCompareCommand } from "./help/compare.ts";
import { addExplainCommand } from "./help/explain.ts";
import { addGapsCommand } from "./help/gaps.ts";
import { addImportCommand } from "./help/import.ts";
import { addMarginCommand } from "./help/margin.ts";
import { prepareOptions, TableOption } from "./help/options.ts";
import { addParametersCommand } from "./help/parameters.ts";
import { addScenariosCommand } from "./help/scenarios.ts";
import { addSpanCommand } from "./help/span.ts";
import { addStartCommand } from "./help/start.ts";
import { addStressCommand } from "./help/stress.ts";
import { addTokenCommand } from "./help/token.ts";
import { addValidateCommand } from "./help/validate.ts";
import { addVectorsCommand } from "./help/vectors.ts";
import { addWhatIfCommand } from "./help/whatif.ts";
import { ownLines, rendered, type ShownText, visible } from "./output/shown.ts";
import { guarded, processTerminal, type Terminal } from "./output/terminal.ts";

/** The exit codes of the command. */
const exitCodes = { ok: 0, failed: 1, usage: 2 } as const;

const exitCodeHelp = `
Exit codes: ${exitCodes.ok} done, ${exitCodes.failed} refused or failed, ${exitCodes.usage} wrong usage.
Set NO_COLOR=1 for output without colours.`;

/**
 * The functions that add the words of each command, in the order of the help: its name, description, options and
 * examples. None of them loads the command's own code, which its action imports when it is called.
 */
const additions = [
  addStartCommand,
  addMarginCommand,
  addExplainCommand,
  addGapsCommand,
  addCompareCommand,
  addStressCommand,
  addParametersCommand,
  addAccountCommand,
  addAccountsCommand,
  addCallsCommand,
  addWhatIfCommand,
  addTokenCommand,
  addScenariosCommand,
  addImportCommand,
  addBacktestCommand,
  addBenchCommand,
  addVectorsCommand,
  addSpanCommand,
  addValidateCommand,
];

/**
 * Returns the parser of the command line with all commands and their options. The words of the user, without the
 * command's own name, decide which choices of options are loaded.
 */
export async function createProgram(words: readonly string[], terminal: Terminal): Promise<Command> {
  const relay = (write: (text: ShownText) => void) => (text: string) =>
    write(ownLines(withVisible(words, text), false));
  const program = new Command("plimsoll")
    .description("Dynamic margining for derivatives exchanges that run no servers.")
    .version(ownVersion())
    .configureOutput({ writeOut: relay(terminal.out), writeErr: relay(terminal.err) })
    .showHelpAfterError("(add --help for what there is)")
    .exitOverride()
    .addHelpText("after", exitCodeHelp);
  for (const add of additions) add(program, terminal);
  await prepareOptions(program, words);
  program.hook("preAction", (_, command) => {
    for (const option of command.options) if (option instanceof TableOption) option.takeFrom(process.env, command);
  });
  checkRequiredLast(program);
  program.hook("preAction", (_, command) => refuseEmptyNames(command));
  return program;
}

/**
 * Runs the command from its words without its name, and returns the exit code. It throws nothing for a mistake of the
 * user's.
 */
export async function runCommand(words: readonly string[], given: Terminal): Promise<number> {
  const terminal = guarded(given);
  const program = await createProgram(words, terminal);
  try {
    await program.parseAsync(words, { from: "user" });
    return exitCodes.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    if (!(error instanceof InputError)) throw error;
    terminal.err(rendered(error.lines, (lines) => `${terminal.paint.red("plimsoll:")} ${lines.join("\n")}\n`));
    return error.mistakeIn === "request" ? exitCodes.usage : exitCodes.failed;
  }
}

/**
 * Moves the check of required options behind all other checks. The parser would check them before it looks for unknown
 * options, and would tell someone who has mistyped an option that it is missing.
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
      const remedy = option instanceof TableOption ? option.remedy : "";
      command.error(`error: required option '${option.flags}' not specified${remedy}`);
    }
  });
}

const unsetVariable = "as a shell makes of a variable that is not set: name one";

/** Refuses an option or argument that is an empty text. As the name of a folder, it would mean the working folder. */
function refuseEmptyNames(command: Command): void {
  const isEmpty = (value: unknown) => [value].flat().includes("");
  const option = command.options.find((one) => isEmpty(command.getOptionValue(one.attributeName())));
  if (option !== undefined) {
    command.error(`error: option '${option.flags}' is given an empty name, ${unsetVariable}`);
  }
  const argument = command.registeredArguments.find((_, index) => isEmpty(command.processedArgs[index]));
  if (argument !== undefined) command.error(`error: argument '${argument.name()}' is an empty name, ${unsetVariable}`);
}

/**
 * Returns the message of the option parser with the user's words in it made visible. An end of line in those words is
 * not one of the message.
 */
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
  // Something that an interruption has left behind must not keep the process alive.
  setTimeout(() => process.exit(), lingerMs).unref();
}

/**
 * Ends the process when the reader of its output has left. `plimsoll … | head` closes the pipe early, which is no
 * failure.
 */
function stopWhenReaderLeaves(error: NodeJS.ErrnoException) {
  if (error.code === "EPIPE") process.exit(exitCodes.ok);
  throw error;
}
