import { type Holding, MS_PER_DAY, type QuotedInstrument } from "@plimsoll/risk";
import * as z from "zod";

/** Cases have no date: their holdings are seen from time 0. */
export const casesAsOfMs = 0;

/** An option or future as case files write it: per unit of the underlying, under any of the names in use. */
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

/** What an option takes from its case when it does not say it itself. */
export interface HeldOptionDefaults {
  readonly forward: number;
  readonly settlement: "linear" | "inverse";
}

/** A holding of one option; the unit is the underlying, the mark 0 unless given (scans do not read it). */
export function readHeldOption(value: unknown, index: number, defaults: HeldOptionDefaults): Holding {
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

/** A holding of `sizeBase` units of a future or perpetual at a price; expiry in days makes it a future. */
export function heldFuture(
  id: string,
  sizeBase: number,
  markPrice: number,
  settlement: "linear" | "inverse",
  daysToExpiry: number | null = null,
): Holding {
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

/** Whether words name a coin-settled contract. */
export function isInverseKind(kind: string): boolean {
  return !/linear|usdc|usdt/i.test(kind);
}
