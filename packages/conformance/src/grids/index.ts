import * as z from "zod";
import type { GridReport } from "../report.ts";
import { checkBlack76Table, isBlack76Table } from "./black76.ts";
import { checkImpliedVolatilityTable, isImpliedVolatilityTable } from "./implied-volatility.ts";
import { checkPortfolioGrids, isPortfolioGrids } from "./portfolios.ts";
import { gridReport } from "./table.ts";

const tableSchema = z.object({ columns: z.array(z.string()), rows: z.array(z.array(z.unknown())) });

/** Tells whether a parsed JSON file is a table of reference numbers rather than a case. */
export function isGrid(json: unknown): json is object {
  if (typeof json !== "object" || json === null) return false;
  return ("columns" in json && "rows" in json) || isPortfolioGrids(json);
}

/** Checks a table against production code. The result is not applicable if no check knows the table. */
export function checkGrid(file: string, json: object): GridReport {
  if (isPortfolioGrids(json)) return checkPortfolioGrids(file, json);
  const table = tableSchema.parse(json);
  if (isImpliedVolatilityTable(table)) return checkImpliedVolatilityTable(file, table);
  if (isBlack76Table(table)) return checkBlack76Table(file, table);
  const reason = `no check knows a table with the columns ${table.columns.join(", ")}`;
  return { ...gridReport(file, "", [], 0, 0), family: null, status: "not_applicable", reason };
}
