import type { SourceToken } from "@plimsoll/oracle";
import * as z from "zod";
import { toNumber } from "./amounts.ts";
import type { TokenQuote } from "./quotes.ts";
import { tokenState } from "./snapshot.ts";
import { fromWire, toWire } from "./wire.ts";

/** `QUOTE#<token>` / `<source>#TOKEN`: a source's last reading of a token. */
const sourceToken = z.strictObject({
  schema_version: z.literal(1),
  source: z.string(),
  observed_at_ms: z.int(),
  state: tokenState,
});

export function encodeToken(token: SourceToken): z.infer<typeof sourceToken> {
  return sourceToken.parse(toWire({ schemaVersion: 1, ...token }));
}

/** Parses a stored token; throws a ZodError when it is not one. */
export function decodeToken(wire: unknown): SourceToken {
  const { schemaVersion: _, ...token } = fromWire(sourceToken.parse(wire));
  return token;
}

/** Converts a source's quote of a token for the oracle. */
export function sourceTokenOf(observed: Pick<SourceToken, "source" | "observedAtMs">, quote: TokenQuote): SourceToken {
  const { token: asset } = quote;
  if (quote.kind === "redemption_rate") {
    return { ...observed, state: { kind: "redeemable", asset, rate: toNumber(quote.rate) } };
  }
  const reserves = quote.reserves.map(({ asset: part, amount }) => ({ asset: part, amount: toNumber(amount) }));
  const totalSupply = toNumber(quote.total_supply);
  return { ...observed, state: { kind: "pool_token", asset, reserves, totalSupply } };
}

/** Whether a quote is about a token rather than a market. */
export function isTokenQuote(quote: { readonly kind: string }): quote is TokenQuote {
  return quote.kind === "redemption_rate" || quote.kind === "pool_reserves";
}
