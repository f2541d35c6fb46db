import { crossPoolId, severityRank } from "@plimsoll/risk";
import { Decimal } from "decimal.js";
import type { CallEventContent, StatedRung } from "./model.ts";
import {
  accountWords,
  assumptionWords,
  clockWords,
  durationWords,
  groupDigits,
  percentWords,
  priceWords,
  severityConsequences,
  severityNames,
  shareWords,
  timeWords,
} from "./words.ts";

/** The fields of an event from which its texts are written. */
export type CallFacts = Omit<CallEventContent, "title" | "text" | "reasonText">;

/** Number of call prices that a message names, nearest first. The event carries all of them. */
const RUNGS_TOLD = 2;

/** Explains in one sentence why the pool has this severity. */
export function reasonText(event: CallFacts): string {
  switch (event.reasonCode) {
    case "restored":
    case "early_warning":
    case "initial_margin_breached":
      return levelSentence(event, "initial");
    case "maintenance_margin_breached":
      return levelSentence(event, "maintenance");
    case "equity_exhausted":
      return `The equity is used up: ${amount(event, event.equity)}.`;
  }
}

/**
 * Compares the balance with the named requirement, by the amounts that the severity was decided on. A severity may
 * start or last before the requirement itself is reached, so the sentence says on which side of it the balance is.
 */
function levelSentence(event: CallFacts, name: "initial" | "maintenance"): string {
  const { severityBasis } = event;
  const decimals = event.marginBalance.split(".")[1]?.length ?? 0;
  if (severityBasis?.greatestDebt != null && Number(severityBasis.greatestDebt) === 0) {
    return "Nothing can come to be owed, whatever the prices do.";
  }
  const basis = severityBasis ?? event;
  const [balance, required] =
    name === "initial"
      ? [basis.initialMarginBalance, basis.initialMargin]
      : [basis.marginBalance, basis.maintenanceMargin];
  const left = new Decimal(balance).minus(required);
  const distance = `${groupDigits(left.abs().toFixed(decimals))} ${left.isNegative() ? "below" : "above"}`;
  const what = severityBasis === undefined ? "The" : "Without what is paid for already, the";
  return `${what} margin balance of ${amount(event, balance)} is ${distance} the ${name} margin of ${amount(event, required)}.`;
}

/** Writes the headline: the stage unless it is live, the severity, and the account with its pool. */
export function callTitle(event: CallFacts): string {
  const stage = event.environment === "live" ? "" : `[${event.environment}] `;
  const account = accountWords(event.accountId, event.poolId);
  return `${stage}${happening(event)} — ${account} (${event.collateralPool} pool)`;
}

function isCross({ poolId }: CallFacts): boolean {
  return poolId === crossPoolId;
}

function happening({ eventType, severity, previousSeverity }: CallFacts): string {
  const name = severityNames[severity];
  switch (eventType) {
    case "margin.call.opened":
      return name;
    case "margin.call.escalated":
      return `${name} (was ${severityNames[previousSeverity].toLowerCase()})`;
    case "margin.call.eased":
      return `Eased to ${name.toLowerCase()}`;
    case "margin.call.cured":
      return `${severityNames[previousSeverity]} cured`;
  }
}

/**
 * Writes the message: what happened, the amount asked for and its deadline, the reason, and what follows. `openMs` is
 * the time since the call was opened, in milliseconds.
 */
export function callText(event: CallFacts & { readonly reasonText: string }, openMs: number): string {
  const sentences =
    event.eventType === "margin.call.cured"
      ? [event.reasonText, `The call was open for ${durationWords(openMs)}. Nothing more is asked.`]
      : [
          event.reasonText,
          figuresSentence(event),
          ...cureSentences(event),
          ...worstSentences(event),
          ...ladderSentences(event),
          ...fastMarketSentences(event),
        ];
  return [...sentences, ...incompleteSentences(event), priceSentence(event), `Ref ${event.callId}.`].join(" ");
}

function amount(event: CallFacts, decimal: string): string {
  return `${groupDigits(decimal)} ${event.currency}`;
}

/** States those of the main figures that the reason does not name. */
function figuresSentence(event: CallFacts): string {
  const equity = `Equity ${amount(event, event.equity)}`;
  const initial = `initial margin ${amount(event, event.initialMargin)}`;
  const maintenance = `maintenance margin ${amount(event, event.maintenanceMargin)}`;
  if (event.reasonCode === "maintenance_margin_breached") return `${equity}, ${initial}.`;
  if (event.reasonCode !== "equity_exhausted") return `${equity}, ${maintenance}.`;
  return `Margin balance ${amount(event, event.marginBalance)}, ${maintenance}.`;
}

function cureSentences(event: CallFacts): string[] {
  if (event.restoreTo === "none") return [];
  const by = event.respondBy === null ? "" : ` by ${timeWords(event.respondBy)}`;
  const into = isCross(event) ? "" : ` into pool ${event.poolId}`;
  const cure = `Deposit ${amount(event, event.amountRequired)}${into} or reduce positions${by} to end the call at these prices${restoredLevel(event)}.`;
  const inDoubt = event.incomplete !== undefined && event.incomplete.inDoubt > 0;
  return [
    cure,
    ...(isCross(event) ? [] : ["Collateral outside this pool does not count."]),
    ...(inDoubt ? ["The call stays open until all of the account can be priced."] : []),
  ];
}

/** Names the level that the deposit restores, so that the reader knows when the call ends. */
function restoredLevel({ restoreTo, restoreRatio, severityBasis }: CallFacts): string {
  if (restoreTo === "no_debt") return ": nothing can come to be owed then";
  if (restoreRatio === null) return "";
  const name = restoreTo === "initial_margin" ? "initial" : "maintenance";
  const basis = severityBasis === undefined ? "" : ", both without what is paid for already";
  return `: the ${name} margin is then less than ${shareWords(restoreRatio)} of the balance${basis}`;
}

function worstSentences({ worstScenario, currency }: CallFacts): string[] {
  if (worstScenario === null) return [];
  return [`Worst case: ${worstScenario.label}, a loss of ${groupDigits(worstScenario.loss)} ${currency}.`];
}

function ladderSentences(event: CallFacts): string[] {
  if (event.ladderMissing !== undefined) {
    return ["The prices at which more follows were not ready in time; the account's margin will show them."];
  }
  const ahead = event.ladder.filter(
    (rung) => rung.price !== null && severityRank(rung.severity) > severityRank(event.severity),
  );
  const nearest = ahead.toSorted((a, b) => distance(a) - distance(b)).slice(0, RUNGS_TOLD);
  return nearest.map(({ underlying, price, distancePct, severity }) => {
    const where = `${underlying} reaches ${priceWords(price ?? "")} (${percentWords(distancePct ?? "")})`;
    return `If ${where}, ${severityConsequences[severity]}.`;
  });
}

function distance(rung: StatedRung): number {
  return Math.abs(Number(rung.distancePct));
}

/** Number of holdings without a full price that a message names. The event carries more. */
const REASONS_TOLD = 2;

function incompleteSentences({ incomplete }: CallFacts): string[] {
  if (incomplete === undefined) return [];
  const told = incomplete.reasons.slice(0, REASONS_TOLD);
  const named = told.map(({ field, value, assumed }) => `${holdingWords(field, value)} ${assumptionWords[assumed]}`);
  const more = incomplete.holdings - told.length;
  return [`Not everything could be priced: ${[...named, ...(more > 0 ? [`${more} more`] : [])].join("; ")}.`];
}

/** Names a holding by its id, or by the member that cannot be used: "the entry price 0 of positions[3]". */
function holdingWords(field: string, value: string): string {
  const [, holding, member = ""] = /^(.*)\.(\w+)$/.exec(field) ?? [];
  const isName = holding === undefined || member === "instrument_id" || member === "asset";
  return isName ? value : `the ${member.replaceAll("_", " ")} ${value} of ${holding}`;
}

/**
 * Warns that positions may already have been reduced. An early warning needs no such sentence, as nothing forced
 * follows from it.
 */
function fastMarketSentences({ severity }: CallFacts): string[] {
  if (severity === "WARNING") return [];
  return ["In a fast market positions may already have been reduced when this arrives."];
}

/** Says when the oldest price used was observed, and how old it was when the severity was decided. */
function priceSentence({ asOf, priceAgeMs, occurredAt, priceQuality }: CallFacts): string {
  const observedAtMs = Date.parse(asOf) - priceAgeMs;
  const ageMs = Math.max(0, Date.parse(occurredAt) - observedAtMs);
  const observed = timeWords(new Date(observedAtMs).toISOString());
  const quality = priceQuality === "good" ? "" : `, quality ${priceQuality}`;
  return `Prices of ${observed}, ${durationWords(ageMs)} old when this was computed at ${clockWords(occurredAt)}${quality}.`;
}
