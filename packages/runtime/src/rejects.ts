import { type Refusal, type RejectedInput, rejectedBodyLimit, rejectedInput } from "@plimsoll/schema";
import type * as z from "zod";
import { getLink } from "./links.ts";
import { type SendOptions, sendMessages } from "./queues.ts";
import { logger, MetricUnit, metrics } from "./telemetry.ts";

/** Refusals of one message: a queue takes 256 kB, and a refusal is at most some kilobytes, each character escaped. */
const refusalsPerMessage = 50;

/** Characters of a refused value that are shown, or of its path: enough to recognise it. */
const shownLimit = 200;

/** Problems named of one input; of the rest only how many there are. */
const problemsPerInput = 20;

/** What kind of input was refused, when it came, and from whom. */
export type RejectionSource = Pick<RejectedInput, "origin" | "received_at" | "reference"> & {
  /** The whole text, where it is not one quote of many. */
  readonly body?: string;
};

/** Keeps what was refused, with its reasons, in the queue of rejects, or throws. */
export async function keepRejects(
  source: RejectionSource,
  refusals: readonly Refusal[],
  options?: SendOptions,
): Promise<void> {
  const messages: RejectedInput[] = [];
  for (let start = 0; start < refusals.length; start += refusalsPerMessage) {
    messages.push(
      rejectedInput.parse({
        schema_version: 1,
        ...source,
        refusals: refusals.slice(start, start + refusalsPerMessage),
        body: source.body?.slice(0, rejectedBodyLimit) ?? null,
      }),
    );
  }
  await sendMessages(getLink("RejectsQueue").url, messages, options);
}

/** Time that the queue of rejects has where somebody waits for an answer. */
const keepingTimeoutMs = 2_000;

/** Keeps refusals that their sender is told of anyway: where they cannot be kept they are in the log, and cost no answer. */
export async function tryToKeepRejects(source: RejectionSource, refusals: readonly Refusal[]): Promise<void> {
  try {
    await keepRejects(source, refusals, { timeoutMs: keepingTimeoutMs });
  } catch (error) {
    logger.error("rejects not kept", { ...source, refusals, error });
    metrics.addMetric("RejectsNotKept", MetricUnit.Count, refusals.length);
  }
}

/** Bytes of an answer that refusals may fill: Lambda gives back 6 MB, in which each quotation mark is two. */
const answerBytes = 2_500_000;

/** The refusals of one request that are told and kept; of the rest only how many there are. */
export function withinAnswer(refusals: readonly Refusal[]): Refusal[] {
  let room = answerBytes;
  const shown = refusals.findIndex((refusal) => {
    room -= Buffer.byteLength(JSON.stringify(refusal));
    return room < 0;
  });
  if (shown === -1) return [...refusals];
  const rest = `${refusals.length - shown} more refusals`;
  return [...refusals.slice(0, shown), { path: "$", value: rest, problem: "fewer in one batch" }];
}

/** A value as a refusal shows it. */
export function shownValue(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing");
  return text.length > shownLimit ? `${text.slice(0, shownLimit)}…` : text;
}

/** Issues of a parse as refusals, one for each JSON path, below a path. */
export function refusalsOf(error: z.ZodError, input: unknown, base = ""): Refusal[] {
  const refusals = new Map<string, Refusal>();
  const places = error.issues.flatMap(placesOf);
  for (const { place, problem } of places) {
    const path = shownValue(jsonPath(base, place));
    if (refusals.has(path)) continue;
    if (refusals.size === problemsPerInput) {
      const rest = `${places.length - problemsPerInput} more problems`;
      return [...refusals.values(), { path: base === "" ? "$" : base, value: rest, problem: "one without them" }];
    }
    refusals.set(path, { path, value: shownValue(valueAt(input, place)), problem: shownValue(problem) });
  }
  return [...refusals.values()];
}

function placesOf(issue: z.core.$ZodIssue): { readonly place: readonly PropertyKey[]; readonly problem: string }[] {
  if (issue.code !== "unrecognized_keys") return [{ place: issue.path, problem: issue.message }];
  const problem = "a field of the contract: this one is not";
  return issue.keys.map((key) => ({ place: [...issue.path, key], problem }));
}

function jsonPath(base: string, path: readonly PropertyKey[]): string {
  const text = path.reduce<string>(
    (text, key) => (typeof key === "number" ? `${text}[${key}]` : `${text}${text === "" ? "" : "."}${String(key)}`),
    base,
  );
  return text === "" ? "$" : text;
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined),
    input,
  );
}
