import type { crossPoolId } from "@plimsoll/risk";
import { type Command, InvalidArgumentError, Option } from "commander";
import { stageVariables } from "./stage-variables.ts";

/** Returns a parser for commander of an option that is a whole number within bounds. */
export function wholeNumber(name: string, low: number, high: number) {
  return (text: string): number => {
    const value = Number(text);
    if (/^\d{1,15}$/.test(text) && value >= low && value <= high) return value;
    throw new InvalidArgumentError(`${name} must be a whole number from ${low} to ${high}.`);
  };
}

/**
 * An option whose choices or check live in the packages that the command works with. `prepareOptions` loads them, so
 * that the words of a command can be told without its code.
 */
export class LateOption extends Option {
  readonly #neededWhen: "named" | "given";
  readonly #prepare: (option: Option) => Promise<unknown>;

  /**
   * Makes an option that is prepared when its command is `named`, as the help lists its choices, or only when the
   * option itself is `given`.
   */
  constructor(
    flags: string,
    description: string,
    neededWhen: "named" | "given",
    prepare: (option: Option) => Promise<unknown>,
  ) {
    super(flags, description);
    this.#neededWhen = neededWhen;
    this.#prepare = prepare;
  }

  /** Loads what the option needs if it is to be parsed or told among these words of the user. */
  async prepareFor(words: readonly string[]): Promise<void> {
    const isGiven = words.some((word) => word === this.long || word.startsWith(`${this.long}=`));
    if (this.#neededWhen === "named" || isGiven) await this.#prepare(this);
  }
}

/**
 * An option that names tables of a stage. Where it is left out, the names come from the environment variables that
 * `plimsoll start --empty` prints, if all of them are set. Options that say the same in another way, such as a file,
 * keep the variables from being read.
 */
export class TableOption extends Option {
  readonly #variables: readonly string[];
  readonly #insteadOf: readonly string[];

  constructor(flags: string, description: string, variables: readonly string[], insteadOf: readonly string[] = []) {
    super(flags, `${description}; ${variables.join(", ")} where left out`);
    this.#variables = variables;
    this.#insteadOf = insteadOf;
  }

  /** What a message adds where the option is missing. */
  get remedy(): string {
    return `, nor ${this.#variables.join(", ")} set`;
  }

  /** Takes the names from the environment if the command was given none. */
  takeFrom(environment: Readonly<Record<string, string | undefined>>, command: Command): void {
    if (command.getOptionValue(this.attributeName()) !== undefined) return;
    if (this.#insteadOf.some((name) => [command.getOptionValue(name) ?? []].flat().length > 0)) return;
    const names = this.#variables.map((variable) => environment[variable] ?? "");
    if (names.includes("")) return;
    command.setOptionValueWithSource(this.attributeName(), names.join(","), "env");
  }
}

/** Makes the option `--table` of the commands that work on one table of a stage. */
export function tableOption(
  table: "Market" | "Margin" | "Ledger",
  flags = "--table <name>",
  description = `the stage's ${table} table`,
  insteadOf: readonly string[] = [],
): TableOption {
  const variables = {
    Market: stageVariables.marketTable,
    Margin: stageVariables.marginTable,
    Ledger: stageVariables.ledgerTable,
  } as const;
  return new TableOption(flags, description, [variables[table]], insteadOf);
}

/** Prepares the late options of the commands that the words of the user name. */
export async function prepareOptions(program: Command, words: readonly string[]): Promise<void> {
  const prepare = async (command: Command): Promise<void> => {
    for (const option of command.options) if (option instanceof LateOption) await option.prepareFor(words);
    for (const inner of command.commands) await prepare(inner);
  };
  for (const command of program.commands) if (words.includes(command.name())) await prepare(command);
}

/** Makes the option `--price USDT=0.999`, the one way to state a price that the market does not have. */
export function priceOption(): Option {
  return new LateOption(
    "--price <prices>",
    "US dollars per unit of what the market does not price, such as USDT=0.999 (stablecoins are at par without; may be repeated)",
    "given",
    async (option) => option.argParser((await import("../commands/stated-prices.ts")).addPrices),
  );
}

/**
 * The pool that an option means when it is left out. The compiler checks that it equals the name that the accounts
 * have.
 */
export const crossPool: typeof crossPoolId = "cross";

/** Adds one value of an option that is given several times. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

export function tokenOption(): Option {
  const description = "who is asking; without it, keys of AWS sign the requests";
  return new Option("--token <token>", description).env(stageVariables.token);
}

/** Adds the options of a command that asks a stage by its API. */
export function onStage(command: Command): Command {
  return command
    .addOption(new Option("--url <address>", "the address of the stage's API").env(stageVariables.url))
    .addOption(tokenOption())
    .option("--json", "print the answer of the API as it is");
}

/** How to name a stage and oneself, for the end of a command's help. */
export const stageHelp = `
The stage is named by --url or PLIMSOLL_URL; plimsoll start prints that of the local stage. A token comes from --token or
PLIMSOLL_TOKEN. Without one, requests are signed with the keys of AWS of the environment; for a stage on this machine, with
those in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY only.`;

/** Makes the option `--severity` or `--restore`, whose choices are the severities. */
export function severityOption(flags: string, description: string): LateOption {
  return new LateOption(flags, description, "named", async (option) =>
    option.choices((await import("@plimsoll/risk")).severities),
  );
}

/** Makes the option `--method`, whose choices are the margin methods. */
export function methodOption(description: string): LateOption {
  return new LateOption("--method <method>", description, "named", async (option) =>
    option.choices((await import("@plimsoll/risk")).methodIds),
  );
}
