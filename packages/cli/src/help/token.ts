import type { Command } from "commander";
import type { TokenOptions } from "../commands/token.ts";
import type { Terminal } from "../output/terminal.ts";
import { onStage, stageHelp, wholeNumber } from "./options.ts";

const help = `
Examples:
  $ plimsoll token ada
  $ export PLIMSOLL_TOKEN=$(plimsoll token ada)

Only the exchange's back end makes tokens: with its keys of AWS, or on the local stage with the token of its start screen.
${stageHelp}`;

export function addTokenCommand(program: Command, terminal: Terminal): void {
  onStage(
    program
      .command("token")
      .summary("a short-lived token with which a trader reads his account and asks what if")
      .description("Makes a token for one account and prints it alone.")
      .argument("<account>", "its id")
      .option("--seconds <number>", "how long it is valid", wholeNumber("--seconds", 1, 999_999), 900),
  )
    .addHelpText("after", help)
    .action(async (account: string, options: TokenOptions) =>
      (await import("../commands/token.ts")).token(account, options, terminal),
    );
}
