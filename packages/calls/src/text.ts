import { crossPoolId, severityRank } from "@plimsoll/risk";
import type { CallEventContent, StatedRung } from "./model.ts";
import {
  assumptionWords,
  durationWords,
  groupDigits,
  percentWords,
  priceWords,
  severityConsequences,
  severityNames,
  timeWords,
} from "./words.ts";

/** What is known of an event before its words are chosen. */
export type CallFacts = Omit<CallEventContent, "title" | "text" | "reasonText">;

/** Rungs of the ladder that a message names: the nearest of each direction says what matters, the event has them all. */
const RUNGS_TOLD = 2;

/** Why the severity is what it is, in one sentence. */
export function reasonText(event: CallFacts): string {
  switch (event.reasonCode) {
    case "restored":
    case "early_warning":
    case "initial_margin_breached":
      return levelSentence(event, "initial", event.initialMarginBalance, event.initialMargin, event.availableFunds);
    case "maintenance_margin_breached":
      return levelSentence(event, "maintenance", event.marginBalance, event.maintenanceMargin, event.marginHeadroom);
    case "equity_exhausted":
      return `The equity is used up: ${amount(event, event.equity)}.`;
  }
}

/** A severity may also start, or last, just before its requirement is reached: the sentence says on which side it is. */
function levelSentence(event: CallFacts, name: string, balance: string, required: string, left: string): string {
  const distance = `${groupDigits(left.replace("-", ""))} ${left.startsWith("-") ? "below" : "above"}`;
  return `The margin balance of ${amount(event, balance)} is ${distance} the ${name} margin of ${amount(event, required)}.`;
}

/** Headline: stage unless live, what, who. */
export function callTitle(event: CallFacts): string {
  const stage = event.environment === "live" ? "" : `[${event.environment}] `;
  const pool = isCross(event) ? "" : `, pool ${event.poolId}`;
  return `${stage}${happening(event)} — account ${event.accountId}${pool} (${event.collateralPool} pool)`;
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

/** The message: what, how much, by when, why, and what to do. `openMs` is how long the call has been open. */
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

/** The figures the reason does not name. */
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
  const cure = `Deposit ${amount(event, event.amountRequired)}${into} or reduce positions${by} to clear the call at these prices.`;
  return isCross(event) ? [cure] : [cure, "Collateral outside this pool does not count."];
}

function worstSentences({ worstScenario, currency }: CallFacts): string[] {
  if (worstScenario === null) return [];
  return [`Worst case: ${worstScenario.label}, a loss of ${groupDigits(worstScenario.loss)} ${currency}.`];
}

function ladderSentences(event: CallFacts): string[] {
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

/** Holdings that could not be priced and that a message names; the event has more. */
const REASONS_TOLD = 2;

function incompleteSentences({ incomplete }: CallFacts): string[] {
  if (incomplete === undefined) return [];
  const told = incomplete.reasons.slice(0, REASONS_TOLD);
  const named = told.map(({ value, assumed }) => `${value} ${assumptionWords[assumed]}`);
  const more = incomplete.holdings - told.length;
  return [`Not everything could be priced: ${[...named, ...(more > 0 ? [`${more} more`] : [])].join("; ")}.`];
}

/** Nothing forced follows from an early warning; beyond it the market may be faster than the message. */
function fastMarketSentences({ severity }: CallFacts): string[] {
  if (severity === "WARNING") return [];
  return ["In a fast market positions may already have been reduced when this arrives."];
}

function priceSentence(event: CallFacts): string {
  const quality = event.priceQuality === "good" ? "" : `, quality ${event.priceQuality}`;
  return `Prices of ${timeWords(event.asOf)}, ${durationWords(event.priceAgeMs)} old${quality}.`;
}
