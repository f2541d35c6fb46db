import { InputError } from "@plimsoll/files/input-error";
import { fileKinds, type GivenKind } from "../help/file-kinds.ts";
import type { Paint, Terminal } from "../output/terminal.ts";
import { printFound } from "../output/terminal.ts";
import { type FileVerdict, validateFile } from "../validate/validate-file.ts";

export interface ValidateOptions {
  readonly kind?: GivenKind;
  readonly json?: true;
}

/** Prints of each file whether it is right. Throws an `InputError` if one is not. */
export async function validate(paths: readonly string[], options: ValidateOptions, terminal: Terminal): Promise<void> {
  const files: FileVerdict[] = [];
  for (const path of paths) files.push(await validateFile(path, options.kind));
  printFound(terminal, { ...options, wire: { schema_version: 1, files } }, files, verdictsText);
  const wrong = files.filter(({ faults }) => faults.length > 0).length;
  if (wrong === 0) return;
  const [noun, verb] = [files.length === 1 ? "file" : "files", wrong === 1 ? "is" : "are"];
  throw new InputError(`${wrong} of ${files.length} ${noun} ${verb} wrong`);
}

/** How many faults of a file are printed for people. `--json` has all. */
const shownFaults = 20;

function verdictsText(files: readonly FileVerdict[], paint: Paint): string {
  const blocks = files.map(({ file, kind, faults, use, notes }) => {
    const called = kind === null ? "of no kind that is known" : fileKinds[kind];
    const left = faults.length - shownFaults;
    const lines =
      faults.length === 0
        ? [use, ...notes]
        : [...faults.slice(0, shownFaults), ...(left > 0 ? [`… and ${left} more, which --json lists`] : [])];
    const verdict = faults.length === 0 ? paint.green("right") : paint.red("wrong");
    return [`${verdict} ${paint.bold(file)}, ${called}`, ...lines.map((line) => `  ${line}`)].join("\n");
  });
  return `${blocks.join("\n")}\n`;
}
