import { csvHeader, describeReject, findKind, parseJson, Rejects, readText } from "@plimsoll/files";
import { InputError } from "@plimsoll/files/input-error";
import { accountEvent, parameterControls, parameterSet } from "@plimsoll/schema";
import { fileKinds, type GivenKind } from "../help/file-kinds.ts";
import { checks } from "./checks.ts";

/** Whether a file is right, by the parser that reads it. */
export interface FileVerdict {
  readonly file: string;
  /** Null if it cannot be told. */
  readonly kind: GivenKind | null;
  /** What would be done with the file. */
  readonly use: string;
  /** What to know of a file that is right, such as what a parameter file changes. */
  readonly notes: readonly string[];
  /** Each with its place, value and remedy. There are none if the file is right. */
  readonly faults: readonly string[];
}

/** Checks one file, of a kind or of the kind that it looks like. Nothing is sent or stored. */
export async function validateFile(file: string, given?: GivenKind): Promise<FileVerdict> {
  const rejects = new Rejects(file);
  let kind = given ?? null;
  const wrong = (faults: readonly string[]) => ({ file, kind, use: "", notes: [], faults });
  try {
    const text = readText(file);
    kind ??= kindOf(file, text);
    if (kind === null) {
      return wrong([
        `${file}: its kind cannot be told by its first fields: say it with --kind ${Object.keys(fileKinds).join("|")}`,
      ]);
    }
    const { use, notes = [] } = await checks[kind](file, text, rejects);
    return { file, kind, use, notes, faults: rejects.list.map(describeReject) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return wrong([...rejects.list.map(describeReject), ...error.lines]);
  }
}

/** Returns the kind that a file looks like, or null. */
function kindOf(file: string, text: string): GivenKind | null {
  const start = /\S/.exec(text)?.[0];
  if (start === "<") return "span-file";
  if (start !== "{" && start !== "[") return kindOfTable(csvHeader(text));
  return kindOfJson(firstValue(file, text));
}

function kindOfTable(columns: readonly string[]): GivenKind | null {
  if (columns.includes("instrument_name") || columns.includes("mark_price")) return "chain";
  return columns.includes("open") && columns.includes("close") ? "candles" : null;
}

/** Returns the value of a JSON file, or the first of its lines. */
function firstValue(file: string, text: string): unknown {
  const [line = "", ...more] = text.trim().split("\n");
  if (more.length > 0 && /^\{.*\}\s*$/.test(line)) return parseJson(`${file}, line 1`, line);
  return parseJson(file, text);
}

const eventKinds: ReadonlySet<string> = new Set(
  accountEvent.options.flatMap((option) => [...option.shape.kind.values]),
);

function kindOfJson(value: unknown): GivenKind | null {
  const first = Array.isArray(value) ? value[0] : value;
  if (typeof first !== "object" || first === null) return null;
  const has = (name: string) => Object.hasOwn(first, name);
  const sharesWith = (shape: object) => Object.keys(shape).some(has);
  if (has("ledger_sequence") || ("kind" in first && eventKinds.has(String(first.kind)))) return "events";
  if (has("scenario_ids") || has("set")) return "scenarios";
  if (has("limits") || has("people_required")) return "controls";
  if (has("schema_version")) return "result";
  if (has("quotes")) return "quotes";
  const known = findKind(value);
  if (known === "market") return "chain";
  if (known === "spanPositions") return "span-positions";
  if (known !== undefined) return known;
  if (sharesWith(parameterSet.shape)) return "parameters";
  return sharesWith(parameterControls.shape) ? "controls" : null;
}
