import type { StatedProposal } from "@plimsoll/app";
import type { NumberMove } from "@plimsoll/risk";
import { isOfPerson } from "@plimsoll/schema";
import type { Activation } from "@plimsoll/store";
import { table } from "../output/table.ts";
import type { Paint } from "../output/terminal.ts";
import type { ParameterDifference } from "./diff.ts";

export interface ParameterList {
  readonly activations: readonly Activation[];
  readonly proposals: readonly StatedProposal[];
}

/** Renders the activations and the proposals, newest first. */
export function listText({ activations, proposals }: ParameterList, paint: Paint): string {
  const holds = table(
    [{ head: "In effect from" }, { head: "version" }, { head: "by" }, { head: "proposal" }],
    activations.map(({ effectiveFromMs, version, activatedBy, proposalId }, index) => [
      timeText(effectiveFromMs),
      index === 0 ? paint.bold(version) : version,
      activatedBy,
      proposalId ?? "",
    ]),
    paint,
  );
  const asked = proposals.map((proposal) => {
    const moved = proposal.moves.filter(({ from, to }) => from !== to).length;
    const { status } = proposal;
    return [
      proposal.proposalId,
      status === "proposed" ? paint.yellow(status) : status,
      isOfPerson(proposal)
        ? `put by ${proposal.proposedBy}`
        : `${moved} ${moved === 1 ? "number moves" : "numbers move"}`,
      proposal.breaches[0] ?? "",
    ];
  });
  const proposed = table(
    [{ head: "Proposal" }, { head: "status" }, { head: "" }, { head: "why it asks" }],
    asked,
    paint,
  );
  return `${[holds, ...(asked.length === 0 ? [] : [proposed])].join("\n\n")}\n`;
}

/** Renders what moved and why, number by number, with every stage from the volatility to the number. */
export function movesText(moves: readonly NumberMove[], paint: Paint): string {
  const rows = moves.map(({ subject, field, from, to, target, reason, note }) => [
    subject,
    field.replaceAll("_", " "),
    percent(from),
    from === to ? paint.dim(percent(to)) : paint.bold(percent(to)),
    target === null ? "" : percent(target),
    `${reason.replaceAll("_", " ")}${note === null ? "" : `: ${note}`}`,
  ]);
  const columns = [
    { head: "On" },
    { head: "number" },
    { head: "from", align: "right" },
    { head: "to", align: "right" },
    { head: "target", align: "right" },
    { head: "why" },
  ] as const;
  const ways = moves.flatMap(({ subject, field, estimates, longRunVolatility, steps }) => {
    if (steps.length === 0) return [];
    const known = estimates.map(({ estimator, volatility }) => `${words(estimator)} ${percent(volatility)}`);
    const longRun = longRunVolatility === null ? "" : `, long run ${percent(longRunVolatility)}`;
    const way = steps.map(({ step, value }) => `${words(step)} ${percent(value)}`).join(", ");
    return [`  ${subject} ${words(field)}: a day's volatility by ${known.join(", ")}${longRun}; ${way}`];
  });
  return [table(columns, rows, paint), ...(ways.length === 0 ? [] : [ways.map(paint.dim).join("\n")])].join("\n\n");
}

/** Renders the figures in which two sets differ. */
export function differencesText(differences: readonly ParameterDifference[], paint: Paint): string {
  if (differences.length === 0) return "  The two sets say the same.\n";
  const shown = (value: unknown) => (value === null ? "none" : JSON.stringify(value));
  const rows = differences.map(({ path, before, after }) => [path, shown(before), shown(after)]);
  const columns = [{ head: "Figure" }, { head: "before", align: "right" }, { head: "after", align: "right" }] as const;
  return `${table(columns, rows, paint)}\n`;
}

function timeText(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(2))} %`;
}

function words(code: string): string {
  return code.replaceAll("_", " ");
}
