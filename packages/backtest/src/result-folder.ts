import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { InputError, makeFolder, writeWhole } from "@plimsoll/files";
import { errorText } from "@plimsoll/schema";
import { type PortfolioResult, portfolioResult } from "./report-schema.ts";

/** A folder that keeps the results of a backtest, so that a backtest killed at any moment can go on. */
export interface ResultFolder {
  readonly find: (portfolioId: string) => PortfolioResult | null;
  readonly keep: (result: PortfolioResult) => void;
  readonly write: (name: string, text: string) => void;
}

/**
 * Opens the folder for a plan, and makes it if needed. Throws an `InputError` if it holds the results of another plan.
 */
export function openResultFolder(directory: string, planId: string, planText: string): ResultFolder {
  const portfolios = join(directory, "portfolios");
  const planPath = join(directory, "plan.json");
  for (const folder of [directory, portfolios]) makeFolder(folder);
  const known = existsSync(planPath) ? readFileSync(planPath, "utf8") : null;
  if (known !== null && known !== planText) {
    const differs = differences(known, planText).join(", ");
    throw new InputError(`--out ${directory} holds another backtest (${differs} differ): name another folder`);
  }
  if (known === null) writeWhole(planPath, planText);
  const pathOf = (portfolioId: string) => join(portfolios, `${portfolioId}.json`);
  return {
    find: (portfolioId) => {
      const path = pathOf(portfolioId);
      if (!existsSync(path)) return null;
      try {
        const { plan_id, ...result } = JSON.parse(readFileSync(path, "utf8"));
        return plan_id === planId ? portfolioResult.parse(result) : null;
      } catch (cause) {
        throw new InputError(`${path} cannot be read (${errorText(cause)}): delete it, it is computed again`, {
          cause,
        });
      }
    },
    keep: (result) => {
      const checked = portfolioResult.parse(result);
      writeWhole(pathOf(result.portfolio_id), `${JSON.stringify({ plan_id: planId, ...checked })}\n`);
    },
    write: (name, text) => writeWhole(join(directory, name), text),
  };
}

/** Returns the names of the parts in which two plans differ. */
function differences(known: string, wanted: string): string[] {
  const [a, b] = [parsed(known), parsed(wanted)];
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return names.filter((name) => JSON.stringify(a[name]) !== JSON.stringify(b[name]));
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
