import { type CallChoice, chooseCalls, dismissCalls, listUnpublished, parseEventId } from "@plimsoll/app";
import { bookIdOf, crossPoolId } from "@plimsoll/risk";
import type { EventName, Table } from "@plimsoll/store";
import type { Command } from "commander";
import { callsText } from "../calls/calls-text.ts";
import { CommandError, exitCodes } from "../errors.ts";
import { printFound } from "../output/shown.ts";
import type { Terminal } from "../output/terminal.ts";
import { openTable } from "../parameters/operator.ts";

interface TableOptions {
  readonly table: string;
  readonly json?: true;
}

interface RepublishOptions extends TableOptions {
  readonly account?: string;
  readonly pool?: string;
  readonly send?: true;
}

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
      .requiredOption("--table <name>", "the stage's Margin table")
      .option("--json", "print one JSON object");
  onTable("list", "Events that are not published: those that wait, and those set aside with the reason.").action(
    async (options: TableOptions) => {
      const listed = await listUnpublished(openTable(options.table, "Margin"));
      printFound(terminal, { ...options, wire: { calls: listed } }, listed, (calls, paint) =>
        callsText(calls, Date.now(), paint),
      );
    },
  );

  onTable("republish", "Has events published again: those named, those of an account, or all that are not published.")
    .argument("[event_id...]", "ids of events, such as ada/3")
    .option("--account <id>", "all events of this account")
    .option("--pool <id>", "of this collateral pool of the account", crossPoolId)
    .option("--send", "do it; without this it is only shown")
    .action(async (eventIds: string[], options: RepublishOptions) => {
      const margin = openTable(options.table, "Margin");
      const { calls: listed, send } = await choose(eventIds, options, margin);
      if (options.send) await send(Date.now());
      const wire = { sent: options.send === true, calls: listed };
      printFound(terminal, { ...options, wire }, listed, (calls, paint) => {
        const outcome = options.send
          ? "marked: RepublishCalls publishes them within two minutes"
          : "not sent: add --send to have them published";
        return `${callsText(calls, Date.now(), paint)}  ${outcome}\n`;
      });
    });

  onTable("dismiss", "Forgets that events are to be published: they were told by hand.")
    .argument("<event_id...>", "ids of events of the list")
    .action(async (eventIds: string[], options: TableOptions) => {
      const margin = openTable(options.table, "Margin");
      const outcome = await dismissCalls(margin, eventIds.map(nameOf));
      if ("unknown" in outcome) {
        throw new CommandError(
          `${outcome.unknown.join(", ")}: not among the unpublished events of ${options.table}; plimsoll calls list names them`,
        );
      }
      printFound(terminal, { ...options, wire: outcome }, outcome.dismissed, (ids) => {
        return `${ids.join(", ")}: no longer to be published\n`;
      });
    });
}

async function choose(eventIds: readonly string[], { account, pool, table }: RepublishOptions, margin: Table) {
  if (eventIds.length > 0 && account !== undefined) {
    throw new CommandError("give event ids or --account, not both", { exitCode: exitCodes.usage });
  }
  const choice: CallChoice =
    account !== undefined
      ? { bookId: bookIdOf(account, pool ?? crossPoolId) }
      : eventIds.length === 0
        ? "unpublished"
        : [...new Set(eventIds)].map(nameOf);
  const chosen = await chooseCalls(margin, choice);
  if ("missing" in chosen) {
    throw new CommandError(`${chosen.missing.join(", ")}: no such event in ${table}; its form is <account>/<sequence>`);
  }
  if (account !== undefined && chosen.calls.length === 0) {
    throw new CommandError(`account ${account} has no event in its pool ${pool} in ${table}: check both ids`);
  }
  return chosen;
}

function nameOf(eventId: string): EventName {
  const name = parseEventId(eventId);
  if (name !== undefined) return name;
  throw new CommandError(`"${eventId}" is no event id; write <account>/<sequence>, such as ada/3`, {
    exitCode: exitCodes.usage,
  });
}
