import { type HeldInstrument, MS_PER_DAY, type QuotedInstrument } from "@plimsoll/risk";
import * as z from "zod";

/** The time, as Unix milliseconds, at which the holdings of cases are valued. Cases have no date. */
export const casesAsOfMs = 0;

/** An option as case files write it, per unit of the underlying. Each figure may have any of the names in use. */
const heldOption = z.object({
  strike: z.number(),
  isCall: z.boolean().optional(),
  type: z.string().optional(),
  optionType: z.string().optional(),
  kind: z.string().optional(),
  daysToExpiry: z.number().optional(),
  dte: z.number().optional(),
  timeToExpiryYears: z.number().optional(),
  markIv: z.number().optional(),
  iv: z.number().optional(),
  vol: z.number().optional(),
  volatility: z.number().optional(),
  amount: z.number().optional(),
  sizeBase: z.number().optional(),
  quantity: z.number().optional(),
  forward: z.number().optional(),
  markPrice: z.number().nullable().optional(),
});

/** The figures that an option takes from its case if it does not state them itself. */
export interface HeldOptionDefaults {
  readonly forward: number;
  readonly settlement: "linear" | "inverse";
}

/**
 * Returns a holding of one option per unit of the underlying. The mark is 0 unless given, since scans do not read it.
 */
export function readHeldOption(value: unknown, index: number, defaults: HeldOptionDefaults): HeldInstrument {
  const option = heldOption.parse(value);
  const words = `${option.kind ?? ""} ${option.type ?? ""} ${option.optionType ?? ""}`.toLowerCase();
  const isCall = option.isCall ?? /\bcall\b|\bc\b/.test(words);
  const days = option.daysToExpiry ?? option.dte ?? (option.timeToExpiryYears ?? 0) * 365;
  const quoted: QuotedInstrument = {
    instrument: {
      kind: "option",
      instrumentId: `option-${index}`,
      underlying: "X",
      settlement: words.includes("linear") ? "linear" : words.includes("inverse") ? "inverse" : defaults.settlement,
      quoteCurrency: "USD",
      contractSize: 1,
      optionType: isCall ? "call" : "put",
      strike: option.strike,
      expiryMs: casesAsOfMs + days * MS_PER_DAY,
    },
    forwardPrice: option.forward ?? defaults.forward,
    markPrice: option.markPrice ?? 0,
    markVolatility: option.markIv ?? option.iv ?? option.vol ?? option.volatility ?? null,
    volatilitySource: "mark",
  };
  return { quoted, quantity: option.amount ?? option.sizeBase ?? option.quantity ?? 1 };
}

/**
 * Returns a holding of `sizeBase` units of a future or perpetual at a price. It is a future if it has an expiry in
 * days.
 */
export function heldFuture(
  id: string,
  sizeBase: number,
  markPrice: number,
  settlement: "linear" | "inverse",
  daysToExpiry: number | null = null,
): HeldInstrument {
  const base = {
    instrumentId: id,
    underlying: "X",
    settlement,
    quoteCurrency: "USD",
    contractSize: 1,
  } as const;
  const instrument =
    daysToExpiry === null
      ? ({ ...base, kind: "perpetual" } as const)
      : ({ ...base, kind: "future", expiryMs: casesAsOfMs + daysToExpiry * MS_PER_DAY } as const);
  const quoted = { instrument, forwardPrice: markPrice, markPrice, markVolatility: null, volatilitySource: null };
  return { quoted, quantity: settlement === "inverse" ? sizeBase * markPrice : sizeBase };
}

/** Tells whether the words for a kind of instrument name a coin-settled contract. */
export function isInverseKind(kind: string): boolean {
  return !/linear|usdc|usdt/i.test(kind);
}
