import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ParseArgsConfig, parseArgs } from "node:util";
import { errorText } from "@plimsoll/schema";
import { type Command, CommanderError } from "commander";
import { createProgram } from "../../packages/cli/src/main.ts";
import { plainPaint } from "../../packages/cli/src/output/terminal.ts";
import vitestConfig from "../../vitest.config.ts";
import { root } from "./repository.ts";

/*
 * What the pages say to type, read as a shell, npm, vitest and the command line of Plimsoll would read it, without
 * anything being run.
 */

/** Programs that `npx` finds in the checkout and that have a parser of their own, which is not asked here. */
const otherPrograms = new Set(["sst", "biome", "tsc"]);

/** The commands that a page says to type, from its fenced blocks and its inline code, each on one line. */
export function typedCommands(page: string): string[] {
  const blocks = [...page.matchAll(/^```[a-z]*\n([\s\S]*?)^```/gm)].flatMap(([, block = ""]) =>
    block.replaceAll(/\\\n\s*/g, "").split("\n"),
  );
  const inline = [...page.replaceAll(/^```[\s\S]*?^```/gm, "").matchAll(/`([^`]+)`/g)].map(([, code = ""]) =>
    code.replaceAll(/\s+/g, " "),
  );
  return [...blocks, ...inline]
    .map((text) => text.replace(/ +#.*$/, "").trim())
    .flatMap((text) => text.split(/ && | \| /))
    .filter((text) => /^(npx|npm|node|plimsoll) /.test(text));
}

/** The words of a command as a shell splits them, without what is written to a file and what runs it beside others. */
export function wordsOf(command: string): string[] {
  const line = command.replace(/( >>? \S+)?( 2>&1)?( &)?$/, "");
  return [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? "",
  );
}

/** What is wrong with a command that a page says to type. A name without `npx` before it is a mention: see below. */
export async function faultsOfTyped(command: string): Promise<string[]> {
  try {
    return await faultsOfWords(wordsOf(command));
  } catch (error) {
    // What parseArgs says of an option that it does not know.
    if (error instanceof TypeError) return [errorText(error)];
    throw error;
  }
}

async function faultsOfWords([program = "", ...words]: readonly string[]): Promise<string[]> {
  switch (program) {
    case "npm":
      return faultsOfNpm(words);
    case "npx":
      return faultsOfNpx(words);
    case "plimsoll":
      return faultsOfPlimsoll(words, "mention");
    default:
      // A program that is given as a text is no file.
      return words[0] === "-p" || existsSync(join(root, words[0] ?? "")) ? [] : [`no file ${words[0]}`];
  }
}

async function faultsOfNpx([program = "", ...words]: readonly string[]): Promise<string[]> {
  if (program === "plimsoll") return faultsOfPlimsoll(words, "command");
  if (program === "vitest") return faultsOfVitest(words);
  return otherPrograms.has(program) ? [] : [`no program ${program}`];
}

/** npm's own commands that a page may name. */
const npmCommands = new Set(["ci", "ls", "install"]);

async function faultsOfNpm(words: readonly string[]): Promise<string[]> {
  const end = words.includes("--") ? words.indexOf("--") : words.length;
  const rest = words.slice(end + 1);
  const { values, positionals } = parseArgs({
    args: words.slice(0, end),
    options: { silent: { type: "boolean" }, workspace: { type: "string", short: "w", default: "." } },
    allowPositionals: true,
  });
  const [first = "", ...others] = positionals;
  if (npmCommands.has(first)) return [];
  const [script = "", ...stray] = first === "run" ? others : [first, ...others];
  if (first !== "run" && !["start", "test"].includes(first)) return [`npm has no command ${first}`];
  if (stray.length > 0) return [`${stray[0]} does not reach ${script}: it stands before --`];
  const manifest = join(root, values.workspace, "package.json");
  const body: unknown = existsSync(manifest) ? JSON.parse(readFileSync(manifest, "utf8")).scripts?.[script] : undefined;
  return typeof body === "string"
    ? faultsOfScript(wordsOf(body), rest)
    : [`no script ${script} in ${values.workspace}`];
}

/** What is wrong with the words given to a script of package.json that runs these. */
async function faultsOfScript([program = "", ...own]: readonly string[], given: readonly string[]): Promise<string[]> {
  if (program === "plimsoll") return faultsOfPlimsoll([...own, ...given], "command");
  if (program === "vitest") return faultsOfVitest([...own, ...given]);
  if (given.length === 0) return [];
  const { options } = program === "node" ? await import(join(root, own[0] ?? "")) : { options: undefined };
  if (options === undefined) return [`${program} ${own.join(" ")} takes no options`];
  parseArgs({ args: [...given], options: options as NonNullable<ParseArgsConfig["options"]> });
  return [];
}

const projects = (vitestConfig.test?.projects ?? []).flatMap((project) =>
  typeof project === "object" && "test" in project ? [String(project.test?.name)] : [],
);

/** What is wrong with a run of vitest: it names projects of vitest.config.ts and parts of the paths of their tests. */
function faultsOfVitest(words: readonly string[]): string[] {
  const { values, positionals } = parseArgs({
    args: [...words],
    options: { project: { type: "string", multiple: true, default: [] }, config: { type: "string" } },
    allowPositionals: true,
  });
  const [verb, ...filters] = positionals;
  if (verb !== "run" && verb !== "watch") return [`vitest ${verb} is neither run nor watch`];
  if (values.config !== undefined && !existsSync(join(root, values.config))) return [`no file ${values.config}`];
  const named = values.project;
  const strangers = named.filter((name) => !projects.includes(name));
  if (strangers.length > 0) return [`no project ${strangers.join(", ")}`];
  const tests = (named.length === 0 ? projects : named).flatMap((kind) =>
    readdirSync(join(root, "test", kind), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".test.ts"))
      .map((name) => `test/${kind}/${name}`),
  );
  return filters
    .filter((filter) => !tests.some((test) => test.includes(filter)))
    .map((filter) => `no test ${filter} in ${named.join(", ") || "any project"}`);
}

/** What a mention of a command may leave out: its arguments, required options, and the command below a group. */
const leftOut = /^error: (missing required argument|required option)/;

/**
 * What the parser of the command line says of these words. A `command` is typed as it stands; a `mention`, such as
 * `plimsoll margin` in a sentence, may leave out what the command cannot do without.
 */
async function faultsOfPlimsoll(words: readonly string[], kind: "command" | "mention"): Promise<string[]> {
  if (words[0]?.startsWith("<")) return [];
  let said = "";
  const hear = (text: string) => {
    said += text;
  };
  const terminal = { out: hear, err: hear, isTty: false, columns: 100, paint: plainPaint, directory: root };
  const program = await createProgram(words, terminal);
  doNothing(program);
  try {
    await program.parseAsync(words, { from: "user" });
    return [];
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const isForgiven = kind === "mention" && (error.code === "commander.help" || leftOut.test(error.message));
    return error.exitCode === 0 || isForgiven ? [] : [said.split("\n")[0] ?? error.message];
  }
}

/** Has the commands parsed and not run. */
function doNothing(command: Command): void {
  if (command.commands.length === 0) command.action(() => {});
  for (const inner of command.commands) doNothing(inner);
}
