import type { Command } from "commander";
import type { RepublishOptions, TableOptions } from "../commands/calls.ts";
import type { Terminal } from "../output/terminal.ts";
import { crossPool, tableOption } from "./options.ts";

const help = `
Examples:
  $ plimsoll calls list --table plimsoll-production-MarginTable
  $ plimsoll calls republish --table plimsoll-production-MarginTable              shows what would be published
  $ plimsoll calls republish --table plimsoll-production-MarginTable --send
  $ plimsoll calls republish ada/3 ada/4 --table plimsoll-production-MarginTable --send
  $ plimsoll calls republish --account ada --table plimsoll-production-MarginTable --send
  $ plimsoll calls dismiss ada/3 --table plimsoll-production-MarginTable          it was told by hand

The table is the stage's Margin table; region and credentials are those of the environment. Nothing is sent from here: the
command marks events as unpublished, and the stage's function RepublishCalls publishes them at its next runs, with the same
event_id and in the order of their account.`;

export function addCallsCommand(program: Command, terminal: Terminal): void {
  const calls = program
    .command("calls")
    .summary("calls that were committed and not published: list them, have them published again")
    .description("Shows which call events wait to be published, and has events published again.")
    .addHelpText("after", help);
  const onTable = (name: string, description: string) =>
    calls
      .command(name)
      .description(description)
      .addOption(tableOption("Margin").makeOptionMandatory())
      .option("--json", "print one JSON object");
  onTable("list", "Events that are not published: those that wait, and those set aside with the reason.").action(
    async (options: TableOptions) => (await import("../commands/calls.ts")).listCalls(options, terminal),
  );

  onTable("republish", "Has events published again: those named, those of an account, or all that are not published.")
    .argument("[event_id...]", "ids of events, such as ada/3")
    .option("--account <id>", "all events of this account")
    .option("--pool <id>", "of this collateral pool of the account", crossPool)
    .option("--send", "do it; without this it is only shown")
    .action(async (eventIds: string[], options: RepublishOptions) =>
      (await import("../commands/calls.ts")).republish(eventIds, options, terminal),
    );

  onTable("dismiss", "Forgets that events are to be published: they were told by hand.")
    .argument("<event_id...>", "ids of events of the list")
    .action(async (eventIds: string[], options: TableOptions) =>
      (await import("../commands/calls.ts")).dismiss(eventIds, options, terminal),
    );
}
