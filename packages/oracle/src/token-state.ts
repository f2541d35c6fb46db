import type { TokenState } from "@plimsoll/risk";
import { ageOf } from "./consensus.ts";
import type { OracleParameters, SourceToken } from "./model.ts";

/**
 * Finds the state of one token from its fresh sources: the lowest redemption rate, so that a doubt counts against the
 * holder, or the newest reserves, as trades do not change their product. The result is null if no source is fresh;
 * whatever depends on the token is then refused.
 */
export function findTokenState(
  tokens: readonly SourceToken[],
  asOfMs: number,
  { tokensMaxAgeMs }: OracleParameters,
): TokenState | null {
  const fresh = tokens
    .filter((token) => ageOf(token, asOfMs) <= tokensMaxAgeMs)
    .toSorted((a, b) => b.observedAtMs - a.observedAtMs);
  const [newest] = fresh;
  if (newest === undefined) return null;
  return fresh.reduce((lowest, { state }) => {
    const isLower = state.kind === "redeemable" && lowest.kind === "redeemable" && state.rate < lowest.rate;
    return isLower ? state : lowest;
  }, newest.state);
}
