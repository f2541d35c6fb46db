import { type ParseArgsConfig, parseArgs } from "node:util";
import { errorText } from "@plimsoll/schema";

/** The options that a script takes on its command line. */
export type ScriptOptions = NonNullable<ParseArgsConfig["options"]>;

/**
 * Runs a script of `npm run` and sets the exit code that its `main` returns. `--help` prints the usage. Any error
 * prints its message and sets exit code 2; a wrong option also prints the usage.
 */
export async function runScript<Options extends ScriptOptions>(
  usage: string,
  options: Options,
  main: (values: ReturnType<typeof parseArgs<{ options: Options }>>["values"]) => Promise<number>,
): Promise<void> {
  if (process.argv.includes("--help")) {
    console.log(usage);
    return;
  }
  try {
    process.exitCode = await main(parseArgs({ options }).values);
  } catch (error) {
    const isOption =
      error instanceof TypeError && String((error as NodeJS.ErrnoException).code).startsWith("ERR_PARSE");
    console.error(errorText(error));
    if (isOption) console.error(`\n${usage}`);
    process.exitCode = 2;
  }
}
