import { type Refusal, type RejectedInput, rejectedBodyLimit, rejectedInput } from "@plimsoll/schema";
import type { z } from "zod";
import { getLink } from "./links.ts";
import { sendMessages } from "./queues.ts";

/** Refusals of one message: a queue takes 256 kB, and a refusal is at most about a kilobyte. */
const refusalsPerMessage = 100;

/** Characters of a refused value that are shown: enough to recognise it. */
const valueLimit = 200;

/** What kind of input was refused, when it came, and from whom. */
export type RejectionSource = Pick<RejectedInput, "origin" | "received_at" | "reference"> & {
  /** The whole text, where it is not one quote of many. */
  readonly body?: string;
};

/** Keeps what was refused, with its reasons, in the queue of rejects. */
export async function keepRejects(source: RejectionSource, refusals: readonly Refusal[]): Promise<void> {
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
  await sendMessages(getLink("RejectsQueue").url, messages);
}

/** A value as a refusal shows it. */
export function shownValue(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing");
  return text.length > valueLimit ? `${text.slice(0, valueLimit)}…` : text;
}

/** Issues of a parse as refusals, one for each JSON path, below a path. */
export function refusalsOf(error: z.ZodError, input: unknown, base = ""): Refusal[] {
  const refusals = new Map<string, Refusal>();
  for (const issue of error.issues) {
    const isUnknown = issue.code === "unrecognized_keys";
    const places = isUnknown ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
    for (const place of places) {
      const path = jsonPath(base, place);
      const problem = isUnknown ? "a field of the contract: this one is not" : issue.message;
      if (!refusals.has(path)) refusals.set(path, { path, value: shownValue(valueAt(input, place)), problem });
    }
  }
  return [...refusals.values()];
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
