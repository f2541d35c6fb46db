import type { Command } from "commander";
import type { RepublishOptions, TableOptions } from "../commands/calls.ts";
import type { CallsOptions } from "../commands/stage-lists.ts";
import type { Terminal } from "../output/terminal.ts";
import type { StageOptions } from "../stage/open-stage.ts";
import { crossPool, onStage, stageHelp, tableOption, wholeNumber } from "./options.ts";

const help = `
Examples:
  $ plimsoll calls
  $ plimsoll calls show MC-ada-1
  $ plimsoll calls list --table plimsoll-production-MarginTable
  $ plimsoll calls republish --table plimsoll-production-MarginTable              shows what would be published
  $ plimsoll calls republish --table plimsoll-production-MarginTable --send
  $ plimsoll calls republish ada/3 ada/4 --table plimsoll-production-MarginTable --send
  $ plimsoll calls republish --account ada --table plimsoll-production-MarginTable --send
  $ plimsoll calls dismiss ada/3 --table plimsoll-production-MarginTable          it was told by hand

Without a command it lists the open calls of a running stage, and show prints one of them with its events: plimsoll calls
open --help shows how a stage is named. The other commands work on what is not published.

The table is the stage's Margin table; region and credentials are those of the environment. Nothing is sent from here: the
command marks events as unpublished, and the stage's function RepublishCalls publishes them at its next runs, with the same
event_id and in the order of their account.`;

export function addCallsCommand(program: Command, terminal: Terminal): void {
  const calls = program
    .command("calls")
    .summary("open margin calls of a running stage; call events that wait to be published")
    .description("Shows open margin calls, which call events wait to be published, and has events published again.")
    .addHelpText("after", help);
  onStage(calls.command("open", { isDefault: true }).description("The open margin calls of a running stage."))
    .option("--limit <number>", "most calls to list", wholeNumber("--limit", 1, 10_000), 50)
    .addHelpText("after", stageHelp)
    .action(async (options: CallsOptions) =>
      (await import("../commands/stage-lists.ts")).listOpenCalls(options, terminal),
    );
  onStage(calls.command("show").description("A margin call of a running stage with all its events."))
    .argument("<call>", "its id, such as MC-ada-1")
    .addHelpText("after", stageHelp)
    .action(async (id: string, options: StageOptions) =>
      (await import("../commands/stage-lists.ts")).showCall(id, options, terminal),
    );
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
