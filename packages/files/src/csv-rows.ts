import { parse } from "csv-parse/sync";
import { InputError } from "./input-error.ts";
import type { Rejects } from "./rejects.ts";

/** One row of a CSV: its values by column name, and its line in the file. */
export interface CsvRow {
  readonly line: number;
  readonly values: ReadonlyMap<string, string>;
}

interface CsvRecord {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/** Returns the column names in the first line of a CSV. */
export function csvHeader(text: string): string[] {
  return (text.split("\n", 1)[0] ?? "").split(",").map(unquoted);
}

/**
 * Returns the rows of a CSV. Every line is one record, so that a stray quote costs only its own line. A row with too
 * few or too many fields is added to `rejects`. Throws an `InputError` if the header lacks one of `columns`.
 */
export function csvRows(text: string, columns: readonly string[], rejects: Rejects): CsvRow[] {
  const records = parse(text, {
    info: true,
    quote: null,
    record_delimiter: ["\r\n", "\n"],
    bom: true,
    relax_column_count: true,
    skip_empty_lines: true,
  }) as unknown as CsvRecord[];
  const header = records[0]?.record.map(unquoted) ?? [];
  const missing = columns.filter((column) => !header.includes(column));
  if (missing.length > 0) {
    throw new InputError(
      `${rejects.file}, line 1: no column ${missing.join(", ")}; the header needs ${columns.join(",")}`,
    );
  }
  const rows: CsvRow[] = [];
  for (const { record, info } of records.slice(1)) {
    if (record.length !== header.length) {
      rejects.add({ line: info.lines }, record.join(","), `${header.length} fields, as the header has`);
      continue;
    }
    rows.push({ line: info.lines, values: new Map(header.map((name, at) => [name, unquoted(record[at]!)])) });
  }
  return rows;
}

function unquoted(field: string): string {
  return field.trim().replace(/^"(.*)"$/, "$1");
}
