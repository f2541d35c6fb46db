import { type Assumption, crossPoolId, SECONDS_PER_DAY, SECONDS_PER_HOUR, type Severity } from "@plimsoll/risk";
import { Decimal } from "decimal.js";

/** The name of each severity in a title. */
export const severityNames: Record<Severity, string> = {
  NORMAL: "Normal",
  WARNING: "Early warning",
  MARGIN_CALL: "Margin call",
  REDUCE_ONLY: "Reduce only",
  LIQUIDATION: "Liquidation",
  BANKRUPT: "Equity exhausted",
};

/** The consequence of each severity, as the end of the sentence "If BTC reaches 61,300, ...". */
export const severityConsequences: Record<Severity, string> = {
  NORMAL: "nothing more is asked",
  WARNING: "an early warning is due",
  MARGIN_CALL: "a margin call is due",
  REDUCE_ONLY: "only orders that reduce risk are taken",
  LIQUIDATION: "positions may be closed by the venue",
  BANKRUPT: "the equity is gone",
};

/** Names the account, and the pool unless it is the cross pool. */
export function accountWords(accountId: string, poolId: string): string {
  return `account ${accountId}${poolId === crossPoolId ? "" : `, pool ${poolId}`}`;
}

/** How a holding counts that cannot be margined in full. The words follow its name: "ETH-27MAR26 counts ...". */
export const assumptionWords: Record<Assumption, string> = {
  counts_for_nothing: "counts for nothing",
  last_good_mark_widened: "counts at its last good mark, moved against the account",
  last_good_price_widened: "counts as owed at its last good price, raised",
  static_rates: "counts at its mark, with the requirement of static",
  entered_at_mark: "counts as entered at a mark, without a gain before it",
  funding_not_counted: "counts without its unpaid funding, at a mark moved against the account",
  nothing_known: "is left out, as nothing is known of it",
};

const MINUS = "−";

/** Groups the digits of a decimal: `"-1234567.50"` becomes `−1,234,567.50`. It keeps every digit. */
export function groupDigits(decimal: string): string {
  const [whole = "", fraction] = decimal.replace("-", "").split(".");
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, ",");
  return `${decimal.startsWith("-") ? MINUS : ""}${grouped}${fraction === undefined ? "" : `.${fraction}`}`;
}

/** Formats a price, without its decimals if they are all zero: `61300.00` becomes `61,300`. */
export function priceWords(decimal: string): string {
  return groupDigits(decimal.replace(/\.0+$/, ""));
}

/** Formats a percentage with its sign and without trailing zeros: `−4.1 %`, `+12.5 %`. */
export function percentWords(decimal: string): string {
  const words = groupDigits(decimal.includes(".") ? decimal.replace(/\.?0+$/, "") : decimal);
  return `${words.startsWith(MINUS) ? "" : "+"}${words} %`;
}

/** Formats a fraction of 1 as a percentage: `0.8` becomes `80 %`. */
export function shareWords(share: string): string {
  return `${new Decimal(share).times(100)} %`;
}

/** Formats a duration in its two largest units: `3 s`, `2 h 13 min`, `4 d 1 h`. */
export function durationWords(durationMs: number): string {
  const seconds = Math.trunc(durationMs / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const units = [
    ["d", SECONDS_PER_DAY],
    ["h", SECONDS_PER_HOUR],
    ["min", 60],
    ["s", 1],
  ] as const;
  const first = units.findIndex(([, size]) => seconds >= size);
  const parts = units.slice(first, first + 2).map(([name, size], index) => {
    const rest = index === 0 ? seconds : seconds % (units[first]?.[1] ?? 1);
    return [Math.trunc(rest / size), name] as const;
  });
  return parts
    .filter(([count]) => count > 0)
    .map(([count, name]) => `${count} ${name}`)
    .join(" ");
}

/** Formats the time of day: `15:51:32`. */
export function clockWords(iso: string): string {
  return iso.slice(11, 19);
}

/** Formats date and time: `2026-02-05 15:51:32 UTC`. */
export function timeWords(iso: string): string {
  return `${iso.slice(0, 10)} ${clockWords(iso)} UTC`;
}
