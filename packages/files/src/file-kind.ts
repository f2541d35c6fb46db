import { InputError } from "./input-error.ts";

/** The kinds of JSON file, each with the command or option that reads it. */
const kinds = {
  portfolio: "a portfolio, which plimsoll margin <portfolio> reads",
  spanPositions: "positions on a risk parameter file, which plimsoll span margin <file> <positions> reads",
  market: "a market, which --market reads",
  parameters: "a parameter set, which --parameters reads",
} as const;
export type FileKind = keyof typeof kinds;

/**
 * Throws an `InputError` of one line if a file is plainly of another kind than `wanted`. A file that is plainly of no
 * kind is left to its parser.
 */
export function checkKind(path: string, value: unknown, wanted: FileKind): void {
  const kind = findKind(value);
  if (kind === undefined || kind === wanted) return;
  const [name] = kinds[wanted].split(", ");
  throw new InputError(`${path} looks like ${kinds[kind]}; give ${name} here`);
}

/** Returns the kind by the fields that no other kind has, or undefined if there are none. */
export function findKind(value: unknown): FileKind | undefined {
  const first = firstOf(value);
  if (has(first, "instrument_name") || has(first, "jsonrpc")) return "market";
  if (Array.isArray(value)) return undefined;
  if (has(value, "quotes") || has(value, "jsonrpc") || has(value, "result")) return "market";
  if (has(value, "methods") || has(value, "scan")) return "parameters";
  const position = has(value, "positions") ? firstOf(value.positions) : undefined;
  if (has(position, "contract_id")) return "spanPositions";
  const isPortfolio =
    has(value, "account_id") ||
    has(value, "pool_currency") ||
    (has(value, "collateral") && has(firstOf(value.collateral), "amount"));
  return isPortfolio || has(position, "instrument_id") ? "portfolio" : undefined;
}

function firstOf(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : undefined;
}

function has<Field extends string>(value: unknown, field: Field): value is Record<Field, unknown> {
  return typeof value === "object" && value !== null && field in value;
}
