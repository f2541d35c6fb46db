import * as z from "zod";

/** One case file: figures that the production code must compute from the inputs and parameters beside them. */
export interface VectorCase {
  /** The file name, for messages. */
  readonly file: string;
  readonly name: string;
  readonly source: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly params: Readonly<Record<string, unknown>>;
  readonly expected: Readonly<Record<string, unknown>>;
  readonly tolerance: Readonly<Record<string, unknown>>;
}

/**
 * Computes the figures of one kind of case with production code. A family recognises a case by its shape, with the name
 * as a hint at most. Further cases of the same kind then need no new code.
 */
export interface VectorFamily {
  /** The name in the report, in snake_case. */
  readonly family: string;
  /** Tells whether a case is of this family, however faulty its figures may be. */
  handles(caseFile: VectorCase): boolean;
  /**
   * Returns the computed figures in the structure of `expected`. It may return more figures than are expected. A figure
   * may be `notApplicable` or `tied`. Throws a `VectorInputError`, or a RangeError of the kernel, if the case cannot be
   * computed.
   */
  evaluate(caseFile: VectorCase): Record<string, unknown> | NotApplicable;
}

/** A case, or a figure of a case, that is deliberately not computed. */
export class NotApplicable {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** Marks a case or a figure as not computed, with the reason. */
export function notApplicable(reason: string): NotApplicable {
  return new NotApplicable(reason);
}

/**
 * The index of the greatest value, with the indices of values that equal it up to rounding. A case may expect any of
 * them.
 */
export class Tied {
  readonly index: number;
  readonly tied: readonly number[];

  constructor(index: number, tied: readonly number[]) {
    this.index = index;
    this.tied = tied;
  }
}

/** Returns `index`, which production code names, with the indices of all values within `margin` of the value there. */
export function tiedIndex(index: number, values: readonly number[], margin: number): Tied {
  const greatest = values[index] ?? Number.NaN;
  return new Tied(
    index,
    [...values.keys()].filter((other) => greatest - (values[other] ?? Number.NaN) <= margin),
  );
}

/** Says that a case file cannot be read. The message names the file and the JSON path. */
export class VectorInputError extends Error {
  constructor(file: string, issues: readonly string[]) {
    super(`${file}: ${issues.join("; ")}`);
    this.name = "VectorInputError";
  }
}

const record = z.record(z.string(), z.unknown());

const caseSchema = z.object({
  name: z.string().min(1),
  source: z.string().default(""),
  inputs: record,
  params: record.default({}),
  expected: record,
  tolerance: record.default({}),
});

/** Returns the case in a parsed JSON file. Throws a `VectorInputError` if the JSON is no case. */
export function parseCase(file: string, json: unknown): VectorCase {
  return { file, ...parseWith(file, caseSchema, json) };
}

/**
 * Returns the inputs and parameters of a case as a family needs them. Throws a `VectorInputError` with the JSON path of
 * what is wrong.
 */
export function readCase<Inputs extends z.ZodType, Params extends z.ZodType>(
  caseFile: VectorCase,
  inputs: Inputs,
  params: Params,
): { readonly inputs: z.infer<Inputs>; readonly params: z.infer<Params> } {
  return {
    inputs: parseWith(caseFile.file, inputs, caseFile.inputs, "inputs"),
    params: parseWith(caseFile.file, params, caseFile.params, "params"),
  };
}

function parseWith<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
  value: unknown,
  root?: string,
): z.infer<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => {
    const at = jsonPath(root === undefined ? path : [root, ...path]);
    return `${at === "" ? "the file" : at}: ${message}`;
  });
  throw new VectorInputError(file, faults);
}

/** Formats a path as JavaScript writes it: `inputs.expiries[0].rate`. */
export function jsonPath(path: readonly PropertyKey[]): string {
  let text = "";
  for (const step of path) {
    const key = String(step);
    if (typeof step === "number") text += `[${key}]`;
    else if (/^[A-Za-z_$][\w$]*$/.test(key)) text += text === "" ? key : `.${key}`;
    else text += `[${JSON.stringify(key)}]`;
  }
  return text;
}
