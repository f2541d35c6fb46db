import { buildDocument } from "@plimsoll/api/document";
import { callEvent, explanation, marginRow } from "@plimsoll/schema";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { marginReport } from "../../packages/cli/src/margin/margin-report.ts";

/** The names of all members anywhere in a JSON schema. */
function namesIn(schema: unknown, names = new Set<string>()): Set<string> {
  if (typeof schema !== "object" || schema === null) return names;
  for (const [key, inner] of Object.entries(schema)) {
    if (key === "properties") for (const name of Object.keys(inner)) names.add(name);
    namesIn(inner, names);
  }
  return names;
}

const answered = namesIn(buildDocument([]).components?.schemas);

/** What surrounds figures in a message or a report, and is another route or another member in the API. */
const surroundings: Readonly<Record<string, string>> = {
  call: "call_id and call_opened_at",
  clean_sweeps: "settles_at of a what-if",
  history_ratio: "points of GET /v1/accounts/{id}/history",
  extras_turn: "the order of work within a pass",
  assumed_entries: "entry_price of GET /v1/accounts/{id}/positions",
  opened_at_ms: "call_opened_at",
};

const shownBy = (schema: z.ZodType) => namesIn(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }));

const messages: readonly (readonly [string, z.ZodType])[] = [
  ["a margin call", callEvent],
  ["a stored result", marginRow],
  ["plimsoll explain", explanation],
  ["plimsoll margin", marginReport],
];

describe("every figure that is shown is in an answer of the API, by the same name", () => {
  it.each(messages)("of %s", (_, schema) => {
    const shown = shownBy(schema);
    const missing = [...shown].filter((name) => !answered.has(name) && !(name in surroundings));
    expect(shown.size).toBeGreaterThan(20);
    expect(missing).toEqual([]);
  });

  it("lists nothing as another member that is none", () => {
    const shown = new Set(messages.flatMap(([, schema]) => [...shownBy(schema)]));
    expect(Object.keys(surroundings).filter((name) => !shown.has(name) || answered.has(name))).toEqual([]);
  });
});
