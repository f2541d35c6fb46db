import { monthNames, namedExpiryMs } from "@plimsoll/risk";

/** What a Deribit instrument name says. Times are Unix milliseconds, and expiries are at 08:00 UTC. */
export type NamedInstrument =
  | {
      readonly kind: "option";
      readonly underlying: string;
      readonly linearIn: string | null;
      readonly expiryMs: number;
      /** Decimal text, in the quote currency per unit. */
      readonly strike: string;
      readonly optionType: "call" | "put";
    }
  | {
      readonly kind: "future";
      readonly underlying: string;
      readonly linearIn: string | null;
      readonly expiryMs: number;
    }
  | { readonly kind: "perpetual"; readonly underlying: string; readonly linearIn: string | null };

const pairPattern = "([A-Z0-9]{1,16})(?:_([A-Z0-9]{1,16}))?";
const perpetualPattern = new RegExp(`^${pairPattern}-PERPETUAL$`);
const datedPattern = new RegExp(`^${pairPattern}-\\d{1,2}[A-Z]{3}\\d{2}(?:-(\\d{1,24})(?:d(\\d{1,12}))?-([CP]))?$`);

/**
 * Reads names such as `BTC-27MAR26-100000-C`, `XRP_USDC-27MAR26-0d625-P`, `BTC-27MAR26`, `BTC-PERPETUAL` and
 * `BTC_USDC-PERPETUAL`. An underscore and a currency mark a linear instrument that settles in that currency. Without
 * them `linearIn` is null and the instrument is inverse: it settles in the coin. A `d` in a strike is its decimal
 * point. Returns undefined for any other name, such as combos, spot pairs and impossible dates.
 */
export function parseInstrumentName(name: string): NamedInstrument | undefined {
  const perpetual = perpetualPattern.exec(name);
  if (perpetual) return { kind: "perpetual", underlying: perpetual[1]!, linearIn: perpetual[2] ?? null };
  const dated = datedPattern.exec(name);
  if (!dated) return undefined;
  const [, underlying = "", linearIn = null, whole, decimals, side] = dated;
  const expiryMs = namedExpiryMs(name);
  if (expiryMs === undefined) return undefined;
  if (whole === undefined) return { kind: "future", underlying, linearIn, expiryMs };
  const strike = decimals === undefined ? whole : `${whole}.${decimals}`;
  return { kind: "option", underlying, linearIn, expiryMs, strike, optionType: side === "C" ? "call" : "put" };
}

/** Returns the date part of a dated instrument's name, such as `27MAR26`. */
export function expiryText(expiryMs: number): string {
  const expiry = new Date(expiryMs);
  const year = String(expiry.getUTCFullYear() % 100).padStart(2, "0");
  return `${expiry.getUTCDate()}${monthNames[expiry.getUTCMonth()]}${year}`;
}
