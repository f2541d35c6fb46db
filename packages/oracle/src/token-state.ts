import type { TokenState } from "@plimsoll/risk";
import { ageOf } from "./consensus.ts";
import type { OracleParameters, SourceToken } from "./model.ts";

/**
 * The state of one token from its sources: of the fresh ones the lowest redemption rate, as a doubt counts against the holder, or the
 * newest reserves, whose product trades do not change. Null when no fresh source read it: what rests on it is then refused.
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
