import { addIssues, checkKind, parseJson, parseNaming, type Rejects, readText } from "@plimsoll/files";
import { InputError } from "@plimsoll/files/input-error";
import { limits, type PortfolioFile, portfolioFile } from "@plimsoll/schema";

/**
 * Reads a portfolio file. Unlike a chain, it is refused as a whole: half a portfolio must never be margined as if it
 * were all of it. Returns undefined if it is refused, with every problem in `rejects`. Throws an `InputError` if it
 * has too many positions.
 */
export function readPortfolio(path: string, rejects: Rejects): PortfolioFile | undefined {
  const value = parseJson(path, readText(path));
  checkKind(path, value, "portfolio");
  const positions = positionsOf(value);
  if (Array.isArray(positions) && positions.length > limits.positionsPerAccount) {
    throw new InputError(
      `${path}, $.positions: ${positions.length} entries; an account takes at most ${limits.positionsPerAccount} ` +
        "positions: split it into several accounts",
    );
  }
  const parsed = parseNaming(portfolioFile, value);
  if (parsed.success) return parsed.data;
  addIssues(rejects, parsed.error, value);
  return undefined;
}

function positionsOf(value: unknown): unknown {
  return typeof value === "object" && value !== null && "positions" in value ? value.positions : undefined;
}
